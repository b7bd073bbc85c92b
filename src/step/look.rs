//! Looking at a live table that nothing declares: everything that the service tells of it.

use crate::aws::ErrorKind;
use crate::model::{
    AskedOfIndexes, ErrorCode, Failure, Features, IndexKind, IndexSpec, IndexState, Setting,
    TableName, TableSpec, TableState, Tags,
};

use super::features::{ReadFeatures, is_of_one_setting, read_features_of};
use super::{CallError, StepContext};

/// A live table, as far as it could be read.
#[derive(Debug, Clone)]
pub struct SeenTable {
    /// Its description.
    pub state: TableState,
    /// Its settings that have calls of their own.
    pub features: Features,
    /// Its tags; `None` where they could not be read.
    pub tags: Option<Tags>,
    /// What could not be read, with the reason. What the endpoint does not have is not among it: no
    /// table there has that.
    pub unreadable: Vec<(String, String)>,
}

/// The names of all live tables, sorted.
///
/// # Errors
/// As [`StepContext::read`].
pub async fn live_names(cx: &StepContext) -> Result<Vec<String>, Failure> {
    Ok(cx.patiently(|| cx.read(cx.tables.list())).await?)
}

/// Everything of a table; `None` where there is none.
///
/// # Errors
/// What is no answer about a single setting.
pub async fn look_at(cx: &StepContext, name: &TableName) -> Result<Option<SeenTable>, Failure> {
    let Some(state) = cx.describe_named(name).await? else { return Ok(None) };
    let mut seen =
        SeenTable { features: Features::default(), tags: None, unreadable: Vec::new(), state };
    if !seen.is_there() {
        return Ok(Some(seen));
    }
    // Servers that others wrote fail where they lack something; the service does not.
    let is_service = cx.facts.is_service;
    let leaves_unread = |error: &CallError| {
        is_of_one_setting(error) || (!is_service && error.kind == Some(ErrorKind::Server))
    };
    let everything = everything(&seen.state);
    let read = read_features_of(cx, &everything, &seen.state, &leaves_unread).await;
    let ReadFeatures { features, unread } = match read {
        // It was deleted meanwhile.
        Err(failure) if failure.code == ErrorCode::TableNotFound => return Ok(None),
        read => read?,
    };
    seen.features = features;
    for (what, error) in unread {
        seen.note(what, error);
    }
    if let Some(arn) = seen.state.arn.clone() {
        match cx.tags(&arn).await {
            Ok(tags) => seen.tags = Some(tags),
            Err(error) if leaves_unread(&error) => seen.note("tags".to_owned(), error),
            Err(error) => return Err(error.failure),
        }
    }
    Ok(Some(seen))
}

impl SeenTable {
    /// Whether it is more than a table to come, or one that was.
    #[must_use]
    pub fn is_there(&self) -> bool {
        !matches!(self.state.status.as_str(), "CREATING" | "DELETING")
    }

    fn note(&mut self, what: String, error: CallError) {
        if error.kind != Some(ErrorKind::Unsupported) {
            let Failure { said, message, .. } = error.failure;
            let why = said.map_or_else(|| message.clone(), |said| format!("{message}: {said}"));
            self.unreadable.push((what, why));
        }
    }
}

/// A declaration of all that has a call of its own, so that all of it is read.
fn everything(state: &TableState) -> TableSpec {
    let insights = Setting::ContributorInsights(None);
    let index = |live: &IndexState| IndexSpec {
        kind: live.kind,
        name: live.name.clone(),
        keys: live.keys.clone(),
        projection: live.projection.clone(),
        throughput: None,
        settings: vec![insights.clone()],
    };
    let global = state.indexes.iter().filter(|live| live.kind == IndexKind::Global);
    TableSpec {
        declared: String::new(),
        name: state.name.clone(),
        keys: state.keys.clone(),
        indexes: global.map(index).collect(),
        vector_indexes: Vec::new(),
        billing: None,
        tags: Tags::new(),
        absent_tags: std::collections::BTreeSet::new(),
        settings: vec![
            Setting::TimeToLive(None),
            Setting::Recovery(None),
            insights.clone(),
            Setting::KinesisStream(None),
            Setting::ResourcePolicy(None),
        ],
        asked: AskedOfIndexes::default(),
    }
}
