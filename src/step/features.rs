//! Reads of settings that have calls of their own.

use crate::aws::{Busy, ErrorKind};
use crate::model::{Failure, Features, Setting, TableState};

use super::{CallError, StepContext};

/// What was read, and what could not be.
#[derive(Debug, Default)]
pub(super) struct ReadFeatures {
    pub(super) features: Features,
    /// Settings that the endpoint does not have, or that may not be read.
    pub(super) unread: Vec<(Setting, CallError)>,
}

/// Reads the declared settings that `DescribeTable` does not show.
///
/// # Errors
/// What is no answer about a single setting.
pub(super) async fn read_features(
    cx: &StepContext,
    state: &TableState,
) -> Result<ReadFeatures, Failure> {
    let mut read = ReadFeatures::default();
    for setting in cx.spec().settings.iter().filter(|setting| setting.has_own_call()) {
        let answer = one(cx, state, setting, &mut read.features).await;
        match answer {
            Ok(()) => {}
            // A table that is still being made has none of them.
            Err(error) if is_not_ready(error.kind) && state.status == "CREATING" => {
                read.features = Features::of_new_table();
            }
            Err(error)
                if matches!(error.kind, Some(ErrorKind::Unsupported | ErrorKind::Denied)) =>
            {
                read.unread.push((setting.clone(), error));
            }
            Err(error) => return Err(error.failure),
        }
    }
    Ok(read)
}

async fn one(
    cx: &StepContext,
    state: &TableState,
    setting: &Setting,
    features: &mut Features,
) -> Result<(), CallError> {
    let name = &state.name;
    match setting {
        Setting::TimeToLive(_) => {
            let read = || cx.read(cx.tables.time_to_live(name));
            features.time_to_live = Some(cx.patiently(read).await?);
        }
        Setting::Recovery(_) => {
            let read = || cx.read(cx.tables.recovery(name));
            features.recovery = Some(cx.patiently(read).await?);
        }
        _ => {}
    }
    Ok(())
}

const fn is_not_ready(kind: Option<ErrorKind>) -> bool {
    matches!(kind, Some(ErrorKind::NotFound | ErrorKind::Busy(Busy::NotActive | Busy::Backups)))
}
