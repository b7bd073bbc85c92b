//! Plans of files, and previews of their steps, without a service; for tests.

use crate::diagnostic::RenderStyle;
use crate::model::{Effect, Environment};
use crate::plan::{self, Plan, PlanOptions, PlannedStep};
use crate::step::{CommandPreview, Registry};
use crate::table::TableChange;

use super::StepPreview;

/// The plan of task `t` in an environment: `local` is the emulator, `dev` an endpoint, `prod` is
/// protected. `rest` holds tables and the task.
pub(crate) fn plan_of(rest: &str, environment: &str) -> (Plan, Environment) {
    let text = format!(
        "osem 1\nproject p\n\
         environment local default=#true {{ emulator; allow-destroy; }}\n\
         environment dev {{ endpoint \"http://127.0.0.1:9\"; allow-destroy; }}\n\
         environment prod {{ account \"033333333333\"; protected; }}\n{rest}\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("osem.kdl");
    std::fs::write(&file, text).unwrap();
    let registry = Registry::built_in();
    let config = crate::config::load(&file, &registry.catalog());
    let config = config.unwrap_or_else(|found| panic!("{}", found.render(RenderStyle::default())));
    let environment = config.environment(environment).unwrap().clone();
    let options = PlanOptions { region: "us-east-1", ..PlanOptions::default() };
    let task = config.task("t").unwrap();
    let plan = plan::build(&config, &registry, task, &environment, options).unwrap();
    (plan, environment)
}

/// What a step would do that finds nothing to do; a command runs.
pub(crate) fn idle(step: &PlannedStep) -> StepPreview {
    let runs = |effect: Effect| CommandPreview {
        runs: step.kind.clone(),
        effect,
        rollback: Vec::new(),
        interactive: false,
        would: None,
    };
    StepPreview {
        step: step.id.clone(),
        table: step.table.as_ref().map(|table| table.declared.clone()),
        changes: Vec::new(),
        notes: Vec::new(),
        command: step.command.as_ref().map(|command| runs(command.effect)),
        done_with: None,
        problem: None,
        stands: false,
        unless_changed: None,
        not_reached: None,
    }
}

/// The previews of all steps, with these calls.
pub(crate) fn previews(
    plan: &Plan,
    changes: impl Fn(&PlannedStep) -> Vec<TableChange>,
) -> Vec<StepPreview> {
    plan.steps().map(|step| StepPreview { changes: changes(step), ..idle(step) }).collect()
}

/// The creation of every table in its `create-table` step.
pub(crate) fn creating(step: &PlannedStep) -> Vec<TableChange> {
    match &step.table {
        Some(spec) if step.kind == "create-table" => vec![TableChange::create(spec)],
        _ => Vec::new(),
    }
}
