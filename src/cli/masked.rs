//! Events without secrets: the texts of osem's own, which name what programs and services said.

use crate::child::Mask;
use crate::journal::{RunEvent, StepResult, UndoResult};
use crate::model::Failure;

/// The event with every text for people masked. Names of steps and tables stay what they are.
pub(super) fn masked(event: RunEvent, mask: &Mask) -> RunEvent {
    if mask.is_empty() {
        return event;
    }
    match event {
        RunEvent::Warning { message } => RunEvent::Warning { message: mask.text(&message) },
        RunEvent::StepProgress { step, message } => {
            RunEvent::StepProgress { step, message: mask.text(&message) }
        }
        RunEvent::StepOutput { step, line } => {
            RunEvent::StepOutput { step, line: mask.text(&line) }
        }
        RunEvent::StepRetrying { step, attempt, delay_ms, failure } => {
            let failure = failure_without(failure, mask);
            RunEvent::StepRetrying { step, attempt, delay_ms, failure }
        }
        RunEvent::StepFinished(result) => {
            RunEvent::StepFinished(Box::new(result_without(*result, mask)))
        }
        RunEvent::UndoFinished(result) => {
            let message = mask.text(&result.message);
            let failure = result.failure.clone().map(|failure| failure_without(failure, mask));
            RunEvent::UndoFinished(Box::new(UndoResult { message, failure, ..*result }))
        }
        event => event,
    }
}

fn result_without(result: StepResult, mask: &Mask) -> StepResult {
    StepResult {
        message: mask.text(&result.message),
        failure: result.failure.map(|failure| failure_without(failure, mask)),
        warnings: result.warnings.iter().map(|warning| mask.text(warning)).collect(),
        ..result
    }
}

pub(super) fn failure_without(failure: Failure, mask: &Mask) -> Failure {
    let text = |text: Option<String>| text.map(|text| mask.text(&text));
    Failure {
        message: mask.text(&failure.message),
        said: text(failure.said),
        cause: text(failure.cause),
        remediation: text(failure.remediation),
        details: failure.details.into_iter().map(|(key, text)| (key, mask.text(&text))).collect(),
        ..failure
    }
}
