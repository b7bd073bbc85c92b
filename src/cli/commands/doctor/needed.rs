//! What the tasks of an environment ask for: a refusal of anything else fails no run.

use std::collections::BTreeSet;

use crate::cli::args::{GlobalArgs, IndexArgs, PlaceArgs};
use crate::cli::project;
use crate::cli::session::{self, Choice};
use crate::model::ErrorCode;
use crate::report::{Finding, FindingStatus};
use crate::step::Registry;

use super::super::iam_policy::policies_of;

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
    let (registry, mut actions) = (Registry::built_in(), BTreeSet::new());
    let Ok(given) = place.variables.given(None) else { return actions };
    let Ok(config) = project::load_with(args, &registry, &given) else { return actions };
    // Another region than the declared one was said already.
    let place = PlaceArgs { force: true, ..place.clone() };
    let nothing = IndexArgs::default();
    for task in &config.tasks {
        let choice = Choice::new(&task.name.value, &place, &nothing);
        // Those that this environment does not allow have no plan.
        if let Ok(planned) = session::plan_of(&config, &registry, &given, choice).await {
            let policy = policies_of(&planned, None, false).run;
            actions.extend(policy.statement.into_iter().flat_map(|statement| statement.action));
        }
    }
    actions
}
