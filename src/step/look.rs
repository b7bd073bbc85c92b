//! Looking at a live table that nothing declares: everything that the service tells of it.

use crate::aws::ErrorKind;
use crate::model::{
    AskedOfIndexes, Failure, Features, IndexKind, IndexSpec, IndexState, Setting, TableName,
    TableSpec, TableState, Tags,
};

use super::features::{ReadFeatures, read_features_of};
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
    /// What may not be read, with the service's words. What the endpoint does not have is not among
    /// it: no table there has that.
    pub denied: Vec<(String, String)>,
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
        SeenTable { features: Features::default(), tags: None, denied: Vec::new(), state };
    if !seen.is_there() {
        return Ok(Some(seen));
    }
    let ReadFeatures { features, unread } =
        read_features_of(cx, &everything(&seen.state), &seen.state).await?;
    seen.features = features;
    for (what, error) in unread {
        seen.note(what, error);
    }
    if let Some(arn) = seen.state.arn.clone() {
        match cx.tags(&arn).await {
            Ok(tags) => seen.tags = Some(tags),
            Err(error) if is_of_one_setting(&error) => seen.note("tags".to_owned(), error),
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
        if error.kind == Some(ErrorKind::Denied) {
            let Failure { said, message, .. } = error.failure;
            self.denied.push((what, said.unwrap_or(message)));
        }
    }
}

const fn is_of_one_setting(error: &CallError) -> bool {
    matches!(error.kind, Some(ErrorKind::Unsupported | ErrorKind::Denied))
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
