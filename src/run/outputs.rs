//! Outputs that are read although the step that puts them out does not run.

use crate::journal::{Chain, StepState};
use crate::model::{ErrorCode, Failure};
use crate::plan::{Plan, PlannedStep};
use crate::step::Outputs;

use super::Narrowing;

/// Takes over what the runs put out that are gone on with, of the steps that do not run again.
pub fn recorded_outputs(plan: &Plan, narrowing: &Narrowing, chain: &Chain, outputs: &Outputs) {
    for step in plan.steps().filter(|step| narrowing.why(&step.id).is_some()) {
        let record = chain.step(&step.id).filter(|record| record.state == StepState::Done);
        if let Some(record) = record {
            outputs.keep(&step.id, record.outputs.clone());
        }
    }
}

/// Refuses a run in which a step reads an output that nobody put out or will.
///
/// # Errors
/// `USAGE_INVALID`, naming both steps.
pub fn refuse_missing_outputs(
    plan: &Plan,
    narrowing: &Narrowing,
    outputs: &Outputs,
) -> Result<(), Failure> {
    let runs = |step: &&PlannedStep| !step.left_out && narrowing.why(&step.id).is_none();
    for step in plan.steps().filter(runs) {
        let reads = step.command.iter().flat_map(|command| &command.reads);
        for (name, source) in reads {
            let Some((_, why)) = narrowing.why(source) else { continue };
            if outputs.of(source).contains_key(&name.key) {
                continue;
            }
            let message = format!("step {} reads `{{out.{source}.{}}}`", step.id, name.key);
            return Err(Failure::new(ErrorCode::UsageInvalid, message)
                .cause(format!("{source} does not run ({why}), and no record has this output"))
                .fix(format!("run it too, or leave {} out (--skip '{0}')", step.id)));
        }
    }
    Ok(())
}
