//! What stays behind when a table is deleted.

use crate::aws::ErrorKind;
use crate::model::{Billing, Setting, TableSpec, TableState};

use super::StepContext;

/// What stays behind, line by line, for people; empty where nothing does. Whether recovery is on has
/// a call of its own; where it may not be made, that is a line too.
pub(super) async fn remains(cx: &StepContext, state: &TableState) -> Vec<String> {
    let read = || cx.read(cx.tables.recovery(&state.name));
    let recovery = match cx.patiently(read).await {
        Ok(days) => Some(days.is_some()),
        // An endpoint without recovery makes no backup by itself.
        Err(error) if error.kind == Some(ErrorKind::Unsupported) => Some(false),
        Err(_) => None,
    };
    lines(cx.spec(), state, recovery)
}

/// The same, where it is known whether point-in-time recovery is on.
///
/// The backup of 35 days is documented by the service (`DeleteTable`), as is that a stream can be read
/// for 24 hours more; targets of Application Auto Scaling are of another service, which is not told.
fn lines(spec: &TableSpec, state: &TableState, recovery: Option<bool>) -> Vec<String> {
    let name = &state.name;
    let mut lines = Vec::new();
    match recovery {
        Some(true) => lines.push(format!(
            "the backup {name}$DeletedTableBackup, for 35 days: point-in-time recovery is on"
        )),
        Some(false) => {}
        None => lines.push(format!(
            "the backup {name}$DeletedTableBackup, for 35 days, if point-in-time recovery was on: \
             that could not be read"
        )),
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
