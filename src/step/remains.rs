//! What stays behind when a table is deleted.

use crate::aws::ErrorKind;
use crate::model::{Billing, Setting, TableSpec, TableState};

use super::{CallError, StepContext};

/// What stays behind, line by line, for people; empty where nothing does. Whether recovery is on has
/// a call of its own.
///
/// # Errors
/// That call's, but for an endpoint without recovery, which makes no backup by itself.
pub(super) async fn remains(
    cx: &StepContext,
    state: &TableState,
) -> Result<Vec<String>, CallError> {
    let read = || cx.read(cx.tables.recovery(&state.name));
    let recovery = match cx.patiently(read).await {
        Ok(days) => days.is_some(),
        Err(error) if error.kind == Some(ErrorKind::Unsupported) => false,
        Err(error) => return Err(error),
    };
    Ok(lines(cx.spec(), state, recovery))
}

/// The backup of 35 days is documented by the service (`DeleteTable`), as is that a stream can be read
/// for 24 hours more; targets of Application Auto Scaling are of another service, which is not told.
fn lines(spec: &TableSpec, state: &TableState, recovery: bool) -> Vec<String> {
    let name = &state.name;
    let mut lines = Vec::new();
    if recovery {
        lines.push(format!(
            "the backup {name}$DeletedTableBackup, for 35 days: point-in-time recovery is on"
        ));
    }
    if state.stream.is_some() {
        lines.push("its stream, which can be read for 24 hours more".to_owned());
    }
    let kinesis = spec.settings.iter().find_map(|setting| match setting {
        Setting::KinesisStream(Some(stream)) => Some(&stream.arn),
        _ => None,
    });
    lines.extend(kinesis.map(|arn| format!("the Kinesis stream {arn}")));
    if matches!(spec.billing, Some(Billing::Provisioned { autoscaled: true, .. })) {
        lines.push(format!(
            "its targets of Application Auto Scaling: they would scale another table {name}"
        ));
    }
    lines
}
