//! Reads of settings that have calls of their own.

use crate::aws::{Busy, ErrorKind, NO_MESSAGE};
use crate::model::{ErrorCode, Failure, FailureClass, Features, Setting, TableSpec, TableState};

use super::{CallError, StepContext};

/// What was read, and what could not be.
#[derive(Debug, Default)]
pub(super) struct ReadFeatures {
    pub(super) features: Features,
    /// Settings that the endpoint does not have, or that may not be read.
    pub(super) unread: Vec<(String, CallError)>,
}

/// Reads the declared settings that `DescribeTable` does not show.
///
/// # Errors
/// What is no answer about a single setting.
pub(super) async fn read_features(
    cx: &StepContext,
    state: &TableState,
) -> Result<ReadFeatures, Failure> {
    read_features_of(cx, cx.spec(), state, is_of_one_setting).await
}

/// Whether an error says something of one setting alone.
pub(super) const fn is_of_one_setting(error: &CallError) -> bool {
    matches!(error.kind, Some(ErrorKind::Unsupported | ErrorKind::Denied))
}

/// As [`read_features`], of another declaration than the step's, where other errors may leave a
/// setting unread.
///
/// # Errors
/// As [`read_features`].
pub(super) async fn read_features_of(
    cx: &StepContext,
    spec: &TableSpec,
    state: &TableState,
    leaves_unread: impl Fn(&CallError) -> bool,
) -> Result<ReadFeatures, Failure> {
    let mut read = ReadFeatures::default();
    for (setting, index) in with_own_calls(spec) {
        let answer = one(cx, state, (setting, index)).await;
        match answer.map_err(|error| unless_unknown(cx, error)) {
            Ok(features) => read.features.add(features),
            // A table that is still being made has none of them.
            Err(error) if is_not_ready(error.kind) && state.status == "CREATING" => {
                read.features = Features::of_new_table(spec);
            }
            // An index that is not there yet has none either.
            Err(error) if error.kind == Some(ErrorKind::IndexNotFound) => {}
            Err(error) if leaves_unread(&error) => {
                read.unread.push((node_of(setting, index), error));
            }
            Err(error) => return Err(error.failure),
        }
    }
    Ok(read)
}

/// An emulator that does not know a call may break at it, without a word. The service always says a
/// code.
fn unless_unknown(cx: &StepContext, error: CallError) -> CallError {
    let speechless = error.failure.said.as_deref() == Some(NO_MESSAGE);
    if cx.facts.is_service || error.kind != Some(ErrorKind::Server) || !speechless {
        return error;
    }
    let mut failure = error
        .failure
        .cause("the endpoint breaks at this call without a word: it does not have it")
        .fix("leave the setting out here, or use another endpoint")
        .class(FailureClass::Permanent);
    failure.code = ErrorCode::UnsupportedByEndpoint;
    CallError { kind: Some(ErrorKind::Unsupported), ..failure.into() }
}

/// The declared settings that have a call of their own, with the index that each is about.
fn with_own_calls(spec: &TableSpec) -> Vec<(&Setting, Option<&str>)> {
    let of_table = spec.settings.iter().map(|setting| (setting, None));
    let of_indexes = spec.indexes.iter().flat_map(|index| {
        index.settings.iter().map(move |setting| (setting, Some(index.name.as_str())))
    });
    of_table.chain(of_indexes).filter(|(setting, _)| setting.has_own_call()).collect()
}

/// The nodes of the declared settings that a description says nothing of.
pub(super) fn nodes_with_own_calls(spec: &TableSpec) -> Vec<String> {
    with_own_calls(spec).into_iter().map(|(setting, index)| node_of(setting, index)).collect()
}

fn node_of(setting: &Setting, index: Option<&str>) -> String {
    index.map_or_else(|| setting.node().to_owned(), |index| setting.node_of_index(index))
}

/// How one setting is live; nothing of an index that is not there.
async fn one(
    cx: &StepContext,
    state: &TableState,
    (setting, index): (&Setting, Option<&str>),
) -> Result<Features, CallError> {
    let is_live = |index| state.indexes.iter().any(|live| live.name == index);
    if index.is_some_and(|index| !is_live(index)) {
        return Ok(Features::default());
    }
    cx.patiently(|| cx.read(cx.tables.feature(state, setting, index))).await
}

const fn is_not_ready(kind: Option<ErrorKind>) -> bool {
    matches!(kind, Some(ErrorKind::NotFound | ErrorKind::Busy(Busy::NotActive | Busy::Backups)))
}
