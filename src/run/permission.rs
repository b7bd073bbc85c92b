//! Where the policy is to be had that a refused call lacked.

use crate::model::{ErrorCode, Failure};

use super::RunContext;

/// What was refused: a call of a step, or one that takes back what a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// When the task ran, or was previewed.
    Running,
    /// When it was undone.
    Undoing,
}

/// The failure with the command that prints what the task needs, where IAM refused something.
pub(super) fn with_policy(failure: Failure, run: &RunContext, refused: Refused) -> Failure {
    if failure.code != ErrorCode::AwsPermissionsDenied {
        return failure;
    }
    let (task, environment) = (&run.surroundings.task, &run.facts.environment);
    let task = if task.is_empty() { "TASK" } else { task };
    let (what, flag) = match refused {
        Refused::Running => ("the task", ""),
        Refused::Undoing => ("undoing it", " --rollback"),
    };
    let all = format!("all that {what} needs: osem iam-policy {task} --env {environment}{flag}");
    let fix =
        failure.remediation.as_ref().map_or_else(|| all.clone(), |fix| format!("{fix}; {all}"));
    failure.fix(fix)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::step::Surroundings;

    fn fix(code: ErrorCode, task: &str, refused: Refused) -> Option<String> {
        let surroundings = Surroundings { task: task.to_owned(), ..Surroundings::default() };
        let run = RunContext {
            surroundings: Arc::new(surroundings),
            ..RunContext::unconnected(Arc::new(|_| {}))
        };
        with_policy(Failure::new(code, "x").fix("allow it"), &run, refused).remediation
    }

    #[test]
    fn who_may_not_is_told_where_the_whole_policy_is() {
        let denied = ErrorCode::AwsPermissionsDenied;
        let running = "allow it; all that the task needs: osem iam-policy setup --env test";
        assert_eq!(fix(denied, "setup", Refused::Running).as_deref(), Some(running));
        let undoing =
            "allow it; all that undoing it needs: osem iam-policy setup --env test --rollback";
        assert_eq!(fix(denied, "setup", Refused::Undoing).as_deref(), Some(undoing));
        assert_eq!(fix(ErrorCode::Throttled, "setup", Refused::Running).unwrap(), "allow it");
    }
}
