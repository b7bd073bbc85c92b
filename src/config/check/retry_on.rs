//! What `on` names can happen to the step that is to be tried again after it.

use crate::config::decode::Declared;
use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{KindCatalog, KindDecl, KindSpec, RetryCause, RetryClass, StepDecl, Task};

/// The kind that makes no call of its own: connecting did, before any step.
const WITHOUT_CALLS: &str = "validate-credentials";

/// What steps of a kind do that can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// They call the service.
    Calls,
    /// They run a program.
    Program,
    /// They ask a plugin.
    Plugin,
    /// Nothing.
    None,
}

pub(super) fn check(declared: &Declared, catalog: &KindCatalog, problems: &mut Vec<Diagnostic>) {
    let defaults = declared.defaults.step.attempt_timeout.is_some();
    for kind in &declared.kinds {
        let work = Work::of_declared(kind);
        // Each of its steps may give an attempt a time of its own.
        let found = kind.retry_on.iter().filter_map(|cause| impossible(work, true, cause));
        problems.extend(found);
    }
    for step in declared.tasks.iter().flat_map(Task::steps).flat_map(StepDecl::with_rollback) {
        let Some(kind) = catalog.get(&step.kind.value) else { continue };
        let has_time = has_attempt_time(step, kind, defaults);
        let found = step.policy.retry_on.iter();
        problems.extend(found.filter_map(|cause| impossible(Work::of(kind), has_time, cause)));
    }
}

impl Work {
    fn of(kind: &KindSpec) -> Self {
        match &kind.declared {
            Some(declared) => Self::of_declared(declared),
            None if kind.command.is_some() => Self::Program,
            None if kind.name == WITHOUT_CALLS => Self::None,
            None => Self::Calls,
        }
    }

    const fn of_declared(kind: &KindDecl) -> Self {
        if kind.is_plugin() { Self::Plugin } else { Self::Program }
    }

    const fn phrase(self) -> &'static str {
        match self {
            Self::Calls => "calls the service and runs no program",
            Self::Program => "runs a program and calls nothing itself",
            Self::Plugin => "asks a plugin, which says itself what may pass (`retry`)",
            Self::None => "reports what was found out before and does not fail",
        }
    }
}

fn has_attempt_time(step: &StepDecl, kind: &KindSpec, defaults: bool) -> bool {
    let of_kind = kind.declared.as_ref().and_then(|kind| kind.attempt_timeout);
    defaults || step.policy.attempt_timeout.is_some() || of_kind.is_some()
}

/// The error for a cause that never comes up.
fn impossible(work: Work, has_time: bool, cause: &Spanned<RetryCause>) -> Option<Diagnostic> {
    let problem = |message: String| Diagnostic::error("osem::retry", message).label(cause.span, "");
    let possible = match cause.value {
        RetryCause::ExitCode(_) => work == Work::Program,
        RetryCause::Class(class) => comes_up(work, class),
    };
    if !possible {
        let message = format!("`{}` never happens here: the step {}", cause.value, work.phrase());
        let known = known(work);
        let help =
            if known.is_empty() { "remove it".to_owned() } else { format!("known here: {known}") };
        return Some(problem(message).help(help));
    }
    if cause.value == RetryCause::Class(RetryClass::Timeout) && !has_time {
        let message = "`timeout` never happens here: an attempt has no time of its own";
        return Some(problem(message.to_owned()).help("example: timeout \"5m\" attempt=\"30s\""));
    }
    None
}

const fn comes_up(work: Work, class: RetryClass) -> bool {
    match work {
        Work::Calls => true,
        Work::Program | Work::Plugin => {
            matches!(class, RetryClass::Timeout | RetryClass::Transient)
        }
        Work::None => false,
    }
}

fn known(work: Work) -> String {
    let classes = RetryClass::ALL.into_iter().filter(|class| comes_up(work, *class));
    let codes = (work == Work::Program).then_some("exit-code=N");
    classes.map(RetryClass::word).chain(codes).collect::<Vec<_>>().join(", ")
}
