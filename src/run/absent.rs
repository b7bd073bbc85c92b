//! Steps of tables that are not there, or of no use: whether an earlier step of the plan makes them; and
//! steps that wait for the end of tables that are: whether one deletes them; pure.
//!
//! Only what is certain is a problem. A table that a `create-table` step may make before is none; a
//! command may make it too, and nobody can look into one: then it is said what depends on it.

use std::collections::{BTreeSet, HashMap};

use crate::model::{Effect, Failure, TableName};
use crate::plan::{Aftermath, Plan, PlannedStep, with_dependencies, with_dependents};

use super::StepPreview;
use super::reach::needing;

/// Decides for each step that would fail by how its table is whether it is certain to.
pub(super) fn decided(plan: &Plan, previews: Vec<StepPreview>) -> Vec<StepPreview> {
    if previews.iter().all(|preview| preview.unless_changed.is_none()) {
        return previews;
    }
    let makers = Makers::of(plan, &previews);
    let decide = |mut preview: StepPreview| {
        let Some(failure) = preview.unless_changed.take() else { return preview };
        let Some((node, step)) = makers.steps.get(preview.step.as_str()).copied() else {
            return preview;
        };
        match makers.fate(plan, node, step) {
            Fate::Made => {}
            Fate::MadeBy(command) => preview.notes.push(unknown(&failure, command)),
            Fate::Missing if may_be_passed_over(step) => {
                preview.notes.push(if_it_runs(&failure));
            }
            Fate::Missing if step.tolerate => {
                preview.changes.clear();
                preview.notes.push(tolerated(&failure));
            }
            Fate::Missing => {
                preview.unless_changed = Some(failure.clone());
                preview.problem = Some(failure);
                preview.stands = true;
            }
        }
        preview
    };
    previews.into_iter().map(decide).collect()
}

/// What becomes of a table before a step that needs it, or needs it to be gone.
enum Fate<'p> {
    /// A step makes it, or may; or it is not certain that it goes.
    Made,
    /// A command may make it, or delete it.
    MadeBy(&'p str),
    /// It is as it is.
    Missing,
}

/// The steps that make tables, or remove them.
struct Makers<'p> {
    steps: HashMap<&'p str, (usize, &'p PlannedStep)>,
    create: HashMap<&'p TableName, Vec<usize>>,
    /// That delete a table, or would if they could.
    end: HashMap<&'p TableName, Vec<usize>>,
    delete: HashMap<&'p TableName, usize>,
    /// Commands that may write, by node.
    commands: Vec<(usize, &'p PlannedStep)>,
}

impl<'p> Makers<'p> {
    fn of(plan: &'p Plan, previews: &[StepPreview]) -> Self {
        let mut found = Self {
            steps: plan
                .numbered_steps()
                .map(|(node, step)| (step.id.as_str(), (node, step)))
                .collect(),
            create: HashMap::new(),
            end: HashMap::new(),
            delete: HashMap::new(),
            commands: Vec::new(),
        };
        let mut acted = false;
        for preview in previews {
            let Some((node, step)) = found.steps.get(preview.step.as_str()).copied() else {
                continue;
            };
            if may_write(preview, acted) {
                found.commands.push((node, step));
                acted = true;
            }
            acted |= !preview.changes.is_empty();
            let Some(name) = step.table.as_ref().map(|table| &table.name) else { continue };
            if step.kind == "create-table" {
                found.create.entry(name).or_default().push(node);
            } else if step.kind == "delete-table" {
                found.end.entry(name).or_default().push(node);
                if preview.changes.iter().any(|change| change.call == "DeleteTable") {
                    found.delete.entry(name).or_insert(node);
                }
            }
        }
        found
    }

    fn fate(&self, plan: &Plan, node: usize, step: &PlannedStep) -> Fate<'p> {
        let Some(name) = step.table.as_ref().map(|table| &table.name) else { return Fate::Made };
        let mut too_late = if plan.finally().contains(&node) {
            // One after the other.
            (node..plan.len()).collect()
        } else {
            with_dependents(plan, &BTreeSet::from([node]))
        };
        let waits = step.kind == "wait-deleted";
        if let Some(deleter) = self.delete.get(name).copied().filter(|_| !waits) {
            let may_stay = |step: &PlannedStep| step.is_conditional() || step.tolerate;
            if plan.step(deleter).is_none_or(may_stay) || !needing(plan, [deleter]).contains(&node)
            {
                return Fate::Made;
            }
            // What comes before the deletion makes nothing that outlives it.
            too_late.extend(with_dependencies(plan, &BTreeSet::from([deleter])));
        }
        let in_time = |maker: &usize| !too_late.contains(maker);
        let makers = if waits { &self.end } else { &self.create };
        if makers.get(name).is_some_and(|makers| makers.iter().any(in_time)) {
            return Fate::Made;
        }
        let commands = || self.commands.iter().filter(|(node, _)| in_time(node));
        let of_table = |(_, command): &&(usize, &PlannedStep)| command.table == step.table;
        let likely = commands().find(of_table).or_else(|| commands().next());
        likely.map_or(Fate::Missing, |(_, command)| Fate::MadeBy(command.id.as_str()))
    }
}

fn may_be_passed_over(step: &PlannedStep) -> bool {
    step.aftermath == Some(Aftermath::Failed) || !step.only_if_changed.0.is_empty()
}

/// A command that says itself that it would change nothing makes no table; but it says so of what is
/// live, and something may be changed before it.
fn may_write(preview: &StepPreview, acted: bool) -> bool {
    preview.command.as_ref().is_some_and(|command| {
        let says_no = command.would.as_ref().is_some_and(|would| !would.changes);
        command.effect != Effect::Read && (acted || !says_no)
    })
}

fn unknown(failure: &Failure, command: &str) -> String {
    format!("{}; whether {command} changes that before is not known", failure.message)
}

fn tolerated(failure: &Failure) -> String {
    format!("{}: the step fails, which is tolerated", failure.message)
}

fn if_it_runs(failure: &Failure) -> String {
    format!("{}: the step fails if it runs", failure.message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ErrorCode;
    use crate::run::plan_testing::{creating, idle, plan_of};
    use crate::step::Would;

    /// What is decided of `verify` on a table that is not there, in a task of these steps.
    fn decided_of(steps: &str) -> (bool, Vec<String>) {
        let text = format!("table Users hash=id\ntask t {{ {steps} }}");
        let (plan, _) = plan_of(&text, "dev");
        let previews = plan.steps().map(|step| {
            let missing = || Failure::new(ErrorCode::TableNotFound, "it is not there");
            let unless_changed = (step.id.as_str() == "verify").then(missing);
            StepPreview { unless_changed, changes: creating(step), ..idle(step) }
        });
        let found = decided(&plan, previews.collect());
        let verify = found.into_iter().find(|preview| preview.step.as_str() == "verify").unwrap();
        assert_eq!(verify.problem.is_some(), verify.stands);
        (verify.problem.is_some(), verify.notes)
    }

    const VERIFY: &str = "step verify table=Users";
    const CREATE: &str = "step create-table table=Users";

    #[test]
    fn a_table_that_nobody_makes_is_missed_for_certain() {
        assert_eq!(decided_of(VERIFY), (true, Vec::new()));
        assert_eq!(decided_of(&format!("{VERIFY}; {CREATE}")), (true, Vec::new()));
        let last = format!("{VERIFY}; finally {{ {CREATE}; }}");
        assert_eq!(decided_of(&last), (true, Vec::new()));
    }

    #[test]
    fn a_table_that_may_be_made_before_is_not_missed_for_certain() {
        assert_eq!(decided_of(&format!("{CREATE}; {VERIFY}")), (false, Vec::new()));
        assert_eq!(decided_of(&format!("parallel {{ {VERIFY}; {CREATE}; }}")), (false, Vec::new()));
    }

    #[test]
    fn what_a_command_makes_is_not_known_unless_it_only_reads_or_comes_later() {
        let note = "it is not there; whether make changes that before is not known".to_owned();
        let make = "step exec \"true\" id=make";
        assert_eq!(decided_of(&format!("{make}; {VERIFY}")), (false, vec![note]));
        let reads = decided_of(&format!("{make} effect=read; {VERIFY}"));
        assert_eq!(reads, (true, Vec::new()));
        assert_eq!(decided_of(&format!("{VERIFY}; {make}")), (true, Vec::new()));
    }

    #[test]
    fn what_runs_only_after_a_failure_is_not_certain_to_fail() {
        let steps = "step tag table=Users; step verify table=Users { after tag when=failed; }";
        let note = "it is not there: the step fails if it runs".to_owned();
        assert_eq!(decided_of(steps), (false, vec![note]));
    }

    #[test]
    fn the_steps_of_finally_come_one_after_the_other() {
        let finally = |steps: &str| format!("step list-tables; finally {{ {steps}; }}");
        assert_eq!(decided_of(&finally(&format!("{CREATE}; {VERIFY}"))), (false, Vec::new()));
        assert_eq!(decided_of(&finally(&format!("{VERIFY}; {CREATE}"))), (true, Vec::new()));
    }

    #[test]
    fn what_a_command_says_that_it_would_not_do_holds_for_what_is_live_only() {
        let make = "step exec \"true\" id=make";
        let told = |steps: &str| {
            let (plan, _) = plan_of(&format!("table Users hash=id\ntask t {{ {steps}; }}"), "dev");
            let mut previews: Vec<StepPreview> = plan.steps().map(idle).collect();
            for preview in &mut previews {
                match preview.step.as_str() {
                    "verify" => {
                        let missing = Failure::new(ErrorCode::TableNotFound, "it is not there");
                        preview.unless_changed = Some(missing);
                    }
                    "make" => {
                        let would = Would { calls: Vec::new(), changes: false, message: None };
                        preview.command.as_mut().unwrap().would = Some(would);
                    }
                    _ => {}
                }
            }
            decided(&plan, previews).iter().any(|preview| preview.problem.is_some())
        };
        assert!(told(&format!("{make}; {VERIFY}")));
        assert!(!told(&format!("step exec \"true\" id=first; {make}; {VERIFY}")));
    }

    #[test]
    fn a_failure_that_is_tolerated_is_no_problem() {
        let note = "it is not there: the step fails, which is tolerated".to_owned();
        assert_eq!(decided_of(&format!("{VERIFY} {{ tolerate; }}")), (false, vec![note]));
    }
}
