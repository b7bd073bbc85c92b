//! What a run goes on with, and how one that did not come to a good end is gone on with.

use crate::journal::{OutstandingStep, RunHeader};
use crate::model::StepId;

use super::RunFold;
use super::text::count;

/// `resumes 20261122T…: 3 of 25 steps outstanding`, and a line for each reason; nothing for a run
/// that starts afresh.
pub(super) fn lines(header: &RunHeader) -> Vec<String> {
    let Some(run) = &header.resumes else { return Vec::new() };
    let total = count(header.steps.len(), "step");
    let left = match header.outstanding.len() {
        0 => "nothing is outstanding".to_owned(),
        left => format!("{left} of {total} outstanding"),
    };
    let mut lines = vec![format!("resumes {run}: {left}")];
    lines.extend(reasons(&header.outstanding).into_iter().map(|(step, more, why)| match more {
        0 => format!("outstanding: {step}: {why}"),
        more => format!("outstanding: {step} and {more} more: {why}"),
    }));
    lines
}

/// The first step of each reason, and how many more have it. What comes after the same step is one
/// reason, however it is told.
fn reasons(outstanding: &[OutstandingStep]) -> Vec<(&StepId, usize, &str)> {
    let mut reasons: Vec<(&StepId, usize, &str)> = Vec::new();
    for OutstandingStep { step, why } in outstanding {
        match reasons.iter_mut().find(|(.., known)| known == why) {
            Some((_, more, _)) => *more += 1,
            None => reasons.push((step, 0, why)),
        }
    }
    reasons
}

/// The one command to go on with: a line that fits below a failure. Where undoing has a part in
/// that, what says what was undone says how to go on, too.
pub(super) fn then(run: &RunFold) -> Option<String> {
    let failed = run.end().is_some_and(|end| end.exit_code != 0);
    let header = run.header().filter(|header| header.recorded && header.undoes.is_none())?;
    // By its id: other runs may be unfinished, too.
    (failed && run.undone().is_empty()).then(|| format!("  then:  osem resume {}\n", header.run_id))
}

/// How a run without an end is gone on with.
pub(super) fn go_on_with(run: &RunFold) -> String {
    match run.header().map(|header| (&header.undoes, &header.run_id)) {
        Some((Some(undone), _)) => format!("osem rollback {undone}"),
        Some((None, run)) => format!("osem resume {run}: what is done is not done twice"),
        None => "see: osem runs list".to_owned(),
    }
}
