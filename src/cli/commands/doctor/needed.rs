//! What the tasks of an environment ask for: a refusal of anything else fails no run.

use std::collections::BTreeSet;

use crate::cli::args::{GlobalArgs, IndexArgs, PlaceArgs};
use crate::cli::project;
use crate::cli::session::{self, Choice, Planned};
use crate::model::ErrorCode;
use crate::plan::{PolicyPlace, policies};
use crate::report::{Finding, FindingStatus};
use crate::step::Registry;

/// Makes refusals of what no task here asks for doubtful.
pub(super) async fn weighed(
    args: &GlobalArgs,
    place: &PlaceArgs,
    findings: Vec<Finding>,
) -> Vec<Finding> {
    if !findings.iter().any(|finding| refused(finding).is_some()) {
        return findings;
    }
    let needed = actions(args, place).await;
    let weigh = |finding: Finding| match refused(&finding) {
        Some(action) if !needed.contains(action) => {
            let note = format!("no task asks for {action} here; osem import does");
            let failure = finding.failure.map(|failure| failure.cause(note));
            Finding { status: FindingStatus::Doubtful, failure, ..finding }
        }
        _ => finding,
    };
    findings.into_iter().map(weigh).collect()
}

/// The action that IAM refused.
fn refused(finding: &Finding) -> Option<&String> {
    let failure = finding.failure.as_ref().filter(|_| finding.status == FindingStatus::Bad)?;
    let is_denied = failure.code == ErrorCode::AwsPermissionsDenied;
    failure.details.get("action").filter(|_| is_denied)
}

/// The actions in the policies of all tasks that may run here.
async fn actions(args: &GlobalArgs, place: &PlaceArgs) -> BTreeSet<String> {
    let given = place.variables.given(None);
    let config =
        given.ok().and_then(|given| project::load_with(args, &Registry::built_in(), &given).ok());
    // Another region than the declared one was said already.
    let place = PlaceArgs { force: true, ..place.clone() };
    let mut actions = BTreeSet::new();
    for task in config.iter().flat_map(|config| &config.tasks) {
        let choice = Choice {
            task: &task.name.value,
            place: &place,
            indexes: &IndexArgs::default(),
            confirm: None,
            on_failure: None,
            retries: None,
            no_rollback: false,
            resumed: None,
            recorded: None,
        };
        // Those that this environment does not allow have no plan.
        if let Ok(planned) = session::plan(args, choice).await {
            actions.extend(of_plan(&planned));
        }
    }
    actions
}

fn of_plan(planned: &Planned) -> Vec<String> {
    let place = PolicyPlace {
        region: &planned.region,
        account: None,
        table_prefix: &planned.table_prefix,
        allow_destroy: planned.environment.allow_destroy,
        wildcard: false,
    };
    let policies = policies(&planned.plan, &planned.kinds, place);
    policies.run.statement.into_iter().flat_map(|statement| statement.action).collect()
}
