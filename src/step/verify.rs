//! `verify`: compares the live table with its declaration and changes nothing.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::aws::ErrorKind;
use crate::model::{
    Effect, ErrorCode, Failure, Inputs, KindScope, KindSpec, TableSpec, TableState,
};
use crate::table::{Issue, IssueType, compare, compare_features, compare_tags, undeclared};

use super::features::read_features;
use super::permissions::{on_table, reads};
use super::unfit::not_created;
use super::{
    CallError, Fact, PermissionScope, Permissions, Preview, Step, StepContext, StepError, StepKind,
    StepSuccess, kind,
};

pub(super) struct Verify;

impl StepKind for Verify {
    fn spec(&self) -> KindSpec {
        kind::spec(
            "verify",
            "Compare the live table with the file, setting by setting; change nothing",
            Effect::Read,
            KindScope::Table,
            (60, 100),
        )
    }

    fn prepare(&self, _: &Inputs) -> Arc<dyn Step> {
        Arc::new(Self)
    }
}

impl Step for Verify {
    fn preview<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<Preview, Failure>> {
        let fails = |state: Option<&TableState>| {
            let issues = match state {
                None => vec![not_found(cx)],
                Some(state) if state.status == "DELETING" => shown_issues(cx.spec(), state),
                // What earlier steps make of it is not known.
                Some(_) => return None,
            };
            Some(differs(cx, &issues))
        };
        Preview::of_reading(cx, fails).boxed()
    }

    fn execute<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<StepSuccess, StepError>> {
        async move {
            let state = cx.describe().await?;
            let (issues, warnings) = match &state {
                None => (vec![not_found(cx)], Vec::new()),
                Some(state) => issues(cx, state).await?,
            };
            let status = state.as_ref().map(|state| state.status.clone());
            let fact = Fact::TableVerified {
                table_name: cx.spec().name.to_string(),
                status,
                issues: issues.clone(),
            };
            if issues.is_empty() {
                let success = StepSuccess::unchanged(as_declared(cx, state.as_ref())).fact(fact);
                return Ok(StepSuccess { warnings, ..success });
            }
            Err(StepError { facts: vec![fact], ..differs(cx, &issues).into() })
        }
        .boxed()
    }

    fn permissions(&self, scope: &PermissionScope<'_>) -> Option<Permissions> {
        let spec = scope.spec();
        let mut run = on_table(spec, &["dynamodb:DescribeTable"]);
        run.extend(reads(spec));
        if spec.declares_tags() && !scope.tags_follow {
            run.extend(on_table(spec, &["dynamodb:ListTagsOfResource"]));
        }
        Some(Permissions::of_run(run))
    }
}

/// All differences, and what could not be compared here.
async fn issues(
    cx: &StepContext,
    state: &TableState,
) -> Result<(Vec<Issue>, Vec<String>), Failure> {
    // Without what an earlier step of this run found that the endpoint does not keep.
    let spec = &cx.left_out.kept(cx.spec());
    let mut issues = shown_issues(spec, state);
    let mut warnings = Vec::new();
    let read = read_features(cx, state).await?;
    issues.extend(compare_features(spec, state, &read.features));
    for (setting, error) in read.unread {
        unread(cx, &setting, error, (&mut issues, &mut warnings))?;
    }
    // Tags belong to `tag` where that step follows: it may still have to write them. Of a table that is
    // being created the service says that it is not there, when it is asked for tags.
    let asked = spec.declares_tags() && !cx.tags_follow && state.status != "CREATING";
    if let Some(arn) = state.arn.as_deref().filter(|_| asked) {
        match cx.tags(arn).await {
            Ok(live) => issues.extend(compare_tags(spec, &live)),
            Err(error) => unread(cx, "tags", error, (&mut issues, &mut warnings))?,
        }
    }
    Ok((issues, warnings))
}

/// The differences that a description shows.
fn shown_issues(spec: &TableSpec, state: &TableState) -> Vec<Issue> {
    let mut issues = Vec::new();
    if state.status != "ACTIVE" {
        issues.push(Issue {
            ty: IssueType::TableNotActive,
            message: "the table is not ready".to_owned(),
            expected: "ACTIVE".to_owned(),
            found: state.status.clone(),
        });
    }
    issues.extend(compare(spec, state));
    issues
}

/// What is live and not declared is nobody's difference, but a person may want to know of it.
fn as_declared(cx: &StepContext, state: Option<&TableState>) -> String {
    let notices = state.map(|state| undeclared(cx.spec(), state)).unwrap_or_default();
    match notices.as_slice() {
        [] => "as declared".to_owned(),
        notices => format!("as declared; not managed: {}", notices.join(", ")),
    }
}

/// What could not be read: left out where the endpoint does not have it, an issue where it may not be
/// read.
fn unread(
    cx: &StepContext,
    what: &str,
    error: CallError,
    (issues, warnings): (&mut Vec<Issue>, &mut Vec<String>),
) -> Result<(), Failure> {
    match error.kind {
        Some(ErrorKind::Unsupported) => warnings.push(cx.unsupported(error, what)?),
        Some(ErrorKind::Denied) => issues.push(Issue {
            ty: IssueType::Unchecked,
            message: format!("{what} could not be read"),
            expected: format!("{what} as declared"),
            found: error.failure.said.unwrap_or(error.failure.message),
        }),
        _ => return Err(error.failure),
    }
    Ok(())
}

fn not_found(cx: &StepContext) -> Issue {
    Issue {
        ty: IssueType::TableNotFound,
        message: "the table is not there".to_owned(),
        expected: format!("table {}", cx.spec().name),
        found: "no such table".to_owned(),
    }
}

fn differs(cx: &StepContext, issues: &[Issue]) -> Failure {
    let name = &cx.spec().name;
    if issues.iter().any(|issue| issue.ty == IssueType::TableNotFound) {
        return not_created(cx);
    }
    if issues.iter().all(|issue| issue.ty == IssueType::Unchecked) {
        let message = format!("{name} could not be compared completely");
        return Failure::new(ErrorCode::AwsPermissionsDenied, message)
            .cause("what could be read is as declared; the rest may not be read")
            .fix("allow the action that the service names, then run again");
    }
    let count = issues.len();
    let noun = if count == 1 { "issue" } else { "issues" };
    Failure::new(ErrorCode::SchemaValidationFailed, format!("{name} has {count} {noun}"))
        .fix("change the file to what is live, or the table to what the file says")
}
