//! What `on-failure` means for each step: what a failure does to the rest, and what is undone then.

use crate::model::OnFailure;

/// How much of what a run did is undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RollbackScope {
    /// All of it.
    Run,
    /// What it did in the chain of the step.
    Chain,
}

/// A step's part in undoing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rollback {
    /// The number of its chain: the steps of one table in one `for-each`, or one step alone.
    pub chain: usize,
    /// What is undone when it does not succeed; `None` for nothing.
    pub scope: Option<RollbackScope>,
}

/// What a failure of a step does to the rest, and what is undone after it.
///
/// `declared` is the nearest `on-failure` around the step and `place` the scope of where it stands.
/// A flag decides only whether anything new starts: the failing chain is rolled back all the same.
/// To go on, though, and to undo everything contradict each other, and there the flag wins.
pub(super) fn resolve(
    declared: Option<OnFailure>,
    place: RollbackScope,
    flag: Option<OnFailure>,
) -> (OnFailure, Option<RollbackScope>) {
    let scope = (declared == Some(OnFailure::Rollback)).then_some(place);
    let of_scope = match scope {
        Some(RollbackScope::Run) => OnFailure::Stop,
        Some(RollbackScope::Chain) => OnFailure::KeepGoing,
        None => declared.unwrap_or(OnFailure::Stop),
    };
    match flag {
        Some(OnFailure::KeepGoing) => {
            (OnFailure::KeepGoing, scope.filter(|scope| *scope == RollbackScope::Chain))
        }
        Some(flag) => (flag, scope),
        None => (of_scope, scope),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use OnFailure::{KeepGoing, Stop};
    use RollbackScope::{Chain, Run};

    const ROLLBACK: Option<OnFailure> = Some(OnFailure::Rollback);

    #[test]
    fn its_place_is_the_scope_of_a_rollback() {
        assert_eq!(resolve(ROLLBACK, Run, None), (Stop, Some(Run)));
        assert_eq!(resolve(ROLLBACK, Chain, None), (KeepGoing, Some(Chain)));
        assert_eq!(resolve(None, Run, None), (Stop, None));
        assert_eq!(resolve(Some(KeepGoing), Chain, None), (KeepGoing, None));
    }

    #[test]
    fn a_flag_decides_what_starts_and_only_keep_going_keeps_a_run_from_being_undone() {
        assert_eq!(resolve(ROLLBACK, Chain, Some(Stop)), (Stop, Some(Chain)));
        assert_eq!(resolve(ROLLBACK, Chain, Some(KeepGoing)), (KeepGoing, Some(Chain)));
        assert_eq!(resolve(ROLLBACK, Run, Some(Stop)), (Stop, Some(Run)));
        assert_eq!(resolve(ROLLBACK, Run, Some(KeepGoing)), (KeepGoing, None));
        assert_eq!(resolve(Some(KeepGoing), Run, Some(Stop)), (Stop, None));
    }
}
