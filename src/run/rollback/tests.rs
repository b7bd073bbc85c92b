use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;

use super::super::testing::{Script, Scripted, context, planned};
use super::*;
use crate::journal::{FORMAT, Record, SkipReason};
use crate::model::When;
use crate::plan::{PlanNode, PlannedStep, Rollback, RollbackScope};
use crate::step::MutationOutcome;

/// What became of a step in a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Changed,
    Unchanged,
    Failed,
    FailedAfterChange,
    /// It had no turn, and no result.
    NoTurn,
    RunEnding,
}

fn name(node: usize) -> String {
    format!("s{node}")
}

fn step(node: usize, rollback: Rollback) -> PlannedStep {
    let script = Arc::new(Script::new(|_| Scripted::Succeed));
    PlannedStep { rollback, ..planned(&name(node), script) }
}

fn undo(node: usize) -> Undo {
    Undo::DeleteTable { table_name: format!("table-{node}"), identity: name(node) }
}

fn result(node: usize, end: End) -> Option<StepResult> {
    let changed = matches!(end, End::Changed | End::FailedAfterChange);
    let status = match end {
        End::NoTurn => return None,
        End::Changed | End::Unchanged => StepStatus::Succeeded,
        End::Failed | End::FailedAfterChange => StepStatus::Failed,
        End::RunEnding => StepStatus::Skipped,
    };
    Some(StepResult {
        status,
        changed,
        attempts: 1,
        duration_ms: 1,
        skipped: (end == End::RunEnding).then_some(SkipReason::RunEnding),
        undo: if changed { vec![undo(node)] } else { Vec::new() },
        ..StepResult::not_run(StepId::new(&name(node), None), "tag")
    })
}

/// A run: for each node what it inherits and how it ended; edges lead from lower to higher nodes.
#[derive(Debug, Clone)]
struct Case {
    steps: Vec<(Rollback, End)>,
    edges: Vec<(usize, usize)>,
}

impl Case {
    fn plan(&self) -> Plan {
        let node = |(node, (rollback, _)): (usize, &(Rollback, End))| {
            PlanNode::Step(Box::new(step(node, *rollback)))
        };
        let edges: Vec<_> =
            self.edges.iter().map(|(one, other)| (*one, *other, When::Succeeded)).collect();
        Plan::for_tests(self.steps.iter().enumerate().map(node).collect(), &edges)
    }

    fn results(&self) -> Vec<StepResult> {
        let ends = self.steps.iter().enumerate();
        ends.filter_map(|(node, (_, end))| result(node, *end)).collect()
    }

    fn selected(&self, interrupted: bool) -> BTreeSet<usize> {
        let nodes = selected(&self.plan(), &self.results(), interrupted);
        nodes
            .iter()
            .enumerate()
            .filter_map(|(node, undoing)| Some((node, undoing.as_ref()?).0))
            .collect()
    }

    fn changed(&self) -> BTreeSet<usize> {
        let changed = |end| matches!(end, End::Changed | End::FailedAfterChange);
        (0..self.steps.len()).filter(|node| changed(self.steps[*node].1)).collect()
    }

    /// Whether a step of this scope ended so.
    fn any(&self, scope: RollbackScope, chain: Option<usize>, ends: &[End]) -> bool {
        self.steps.iter().any(|(rollback, end)| {
            rollback.scope == Some(scope)
                && chain.is_none_or(|chain| rollback.chain == chain)
                && ends.contains(end)
        })
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let scope = prop_oneof![
        Just(None),
        Just(Some(RollbackScope::Chain)),
        Just(Some(RollbackScope::Chain)),
        Just(Some(RollbackScope::Run)),
    ];
    let end = prop_oneof![
        4 => Just(End::Changed),
        2 => Just(End::Unchanged),
        1 => Just(End::Failed),
        1 => Just(End::FailedAfterChange),
        1 => Just(End::NoTurn),
        1 => Just(End::RunEnding),
    ];
    let step =
        (0..4_usize, scope, end).prop_map(|(chain, scope, end)| (Rollback { chain, scope }, end));
    (prop::collection::vec(step, 1..16), prop::collection::vec((any::<u8>(), any::<u8>()), 0..30))
        .prop_map(|(steps, pairs)| {
            let size = steps.len();
            let pair = |(one, other): (u8, u8)| {
                let (one, other) = (usize::from(one) % size, usize::from(other) % size);
                (one.min(other), one.max(other))
            };
            let edges = pairs.into_iter().map(pair).filter(|(one, other)| one != other);
            Case { edges: edges.collect(), steps }
        })
}

const FAILED: [End; 2] = [End::Failed, End::FailedAfterChange];
const CUT_OFF: [End; 2] = [End::NoTurn, End::RunEnding];

proptest! {
    #[test]
    fn what_is_undone_follows_from_the_scopes_of_what_failed(
        case in cases(),
        interrupted in any::<bool>(),
    ) {
        let selected = case.selected(interrupted);
        let whole = case.any(RollbackScope::Run, None, &FAILED)
            || (interrupted && case.any(RollbackScope::Run, None, &CUT_OFF));
        for node in 0..case.steps.len() {
            let chain = case.steps[node].0.chain;
            let failed = case.any(RollbackScope::Chain, Some(chain), &FAILED)
                || case.any(RollbackScope::Chain, Some(chain), &CUT_OFF);
            let wanted = case.changed().contains(&node) && (whole || failed);
            prop_assert_eq!(selected.contains(&node), wanted, "node {}", node);
        }
    }

    #[test]
    fn a_run_without_a_scope_is_never_undone(case in cases(), interrupted in any::<bool>()) {
        let mut case = case;
        for (rollback, _) in &mut case.steps {
            rollback.scope = None;
        }
        prop_assert!(case.selected(interrupted).is_empty());
    }

    #[test]
    fn each_is_undone_once_and_after_all_that_came_from_it(case in cases(), at_once in 1..5_usize) {
        let plan = case.plan();
        let results = case.results();
        let nodes: Vec<Option<Undoing>> = (0..plan.len())
            .map(|node| {
                let id = StepId::new(&name(node), None);
                Undoing::of(results.iter().find(|result| result.step == id)?, None)
            })
            .collect();
        let (run, events) = context();
        let agenda = Agenda::of_plan(&plan, nodes);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let ended = runtime.block_on(agenda.carry_out(&run, at_once));
        let undone: BTreeSet<String> =
            ended.iter().map(|undone| undone.step.to_string()).collect();
        prop_assert_eq!(ended.len(), undone.len());
        let wanted: BTreeSet<String> = case.changed().into_iter().map(name).collect();
        prop_assert_eq!(undone, wanted);
        let events = events.lock().unwrap();
        let place = |node: usize, started: bool| {
            events.iter().position(|event| match event {
                RunEvent::UndoStarted { step } => started && step.as_str() == name(node),
                RunEvent::UndoFinished(undone) => !started && undone.step.as_str() == name(node),
                _ => false,
            })
        };
        for (before, after) in reachable(&case) {
            if let (Some(started), Some(finished)) = (place(before, true), place(after, false)) {
                prop_assert!(finished < started, "{} is undone after {}", before, after);
            }
        }
    }
}

/// All pairs of which the second comes from the first, through whatever stands between them.
fn reachable(case: &Case) -> Vec<(usize, usize)> {
    let size = case.steps.len();
    let mut reaches = vec![BTreeSet::new(); size];
    for node in (0..size).rev() {
        for (_, after) in case.edges.iter().filter(|(before, _)| *before == node) {
            let further = reaches[*after].clone();
            reaches[node].insert(*after);
            reaches[node].extend(further);
        }
    }
    let pairs = reaches.into_iter().enumerate();
    pairs.flat_map(|(node, all)| all.into_iter().map(move |after| (node, after))).collect()
}

fn records(events: Vec<RunEvent>) -> Vec<Record> {
    events.into_iter().map(|event| Record { v: FORMAT, at: 1, event }).collect()
}

fn finished(node: usize, end: End) -> RunEvent {
    RunEvent::StepFinished(Box::new(result(node, end).unwrap()))
}

fn intended(node: usize) -> RunEvent {
    RunEvent::MutationIntended {
        step: StepId::new(&name(node), None),
        operation: "CreateTable".to_owned(),
        resource: format!("table-{node}"),
    }
}

fn refused(node: usize) -> RunEvent {
    ended(node, MutationOutcome::Refused)
}

fn ended(node: usize, outcome: MutationOutcome) -> RunEvent {
    RunEvent::MutationEnded {
        step: StepId::new(&name(node), None),
        operation: "CreateTable".to_owned(),
        resource: format!("table-{node}"),
        outcome,
        error: None,
    }
}

fn undone(node: usize, outcome: UndoOutcome) -> RunEvent {
    let undoing = Undoing::of(&result(node, End::Changed).unwrap(), None).unwrap();
    RunEvent::UndoFinished(Box::new(undoing.ended(outcome, "")))
}

fn steps(undoings: &[Undoing]) -> Vec<&str> {
    undoings.iter().map(|undoing| undoing.step.as_str()).collect()
}

#[test]
fn what_was_undone_by_the_run_or_a_later_one_is_not_undone_again() {
    let changed = |node| finished(node, End::Changed);
    let run = records(vec![
        changed(0),
        changed(1),
        changed(2),
        finished(3, End::Unchanged),
        undone(2, UndoOutcome::RolledBack),
        undone(1, UndoOutcome::Failed),
    ]);
    assert_eq!(steps(&outstanding_undos(&run, &[])), ["s0", "s1"]);
    let later = records(vec![undone(1, UndoOutcome::RolledBack), undone(0, UndoOutcome::Stands)]);
    assert_eq!(steps(&outstanding_undos(&run, &[later])), ["s0"]);
}

#[test]
fn a_call_whose_fate_was_never_recorded_is_told_and_not_undone() {
    let run = records(vec![
        intended(0),
        finished(0, End::Changed),
        intended(1),
        refused(1),
        intended(2),
        refused(2),
        intended(2),
    ]);
    let found = outstanding_undos(&run, &[]);
    assert_eq!(steps(&found), ["s0", "s2"]);
    assert!(found[1].undo.is_empty() && found[1].creation_sent.is_some(), "{found:?}");
    assert!(found[1].stands.contains("CreateTable is not recorded"), "{found:?}");
}

#[test]
fn calls_of_a_killed_step_that_were_accepted_are_told_once_and_as_such() {
    let run = records(vec![
        intended(0),
        ended(0, MutationOutcome::Applied),
        intended(0),
        ended(0, MutationOutcome::Applied),
        intended(0),
    ]);
    let found = outstanding_undos(&run, &[]);
    let stands: Vec<&str> = found.iter().map(|undoing| undoing.stands.as_str()).collect();
    assert_eq!(
        stands,
        [
            "table-0: what takes its CreateTable back is not recorded",
            "table-0: what became of its CreateTable is not recorded",
        ]
    );
}

#[tokio::test]
async fn what_is_part_of_a_table_goes_with_it() {
    let table_name = Some("table-0".to_owned());
    let create = Undoing::of(&result(0, End::Changed).unwrap(), table_name.clone()).unwrap();
    let mut tag = Undoing::of(&result(1, End::Changed).unwrap(), table_name).unwrap();
    tag.undo.clear();
    let (run, _) = context();
    // The environment of the context does not allow to delete.
    let ended = undo_all(&run, vec![create, tag], 4).await;
    let told: Vec<(&str, UndoOutcome, &str)> = ended
        .iter()
        .map(|undone| (undone.step.as_str(), undone.outcome, undone.message.as_str()))
        .collect();
    let why = "table-0 was created, and environment `test` does not allow to delete";
    let stands = UndoOutcome::Stands;
    assert_eq!(told, [("s0", stands, why), ("s1", stands, "stands with its table")]);
}

#[tokio::test]
async fn nothing_is_begun_when_the_end_was_asked_for() {
    let (run, events) = context();
    run.cancel.cancel(crate::run::CancelReason::Terminate);
    let create = Undoing::of(&result(0, End::Changed).unwrap(), None).unwrap();
    let ended = undo_all(&run, vec![create], 1).await;
    assert_eq!(ended[0].outcome, UndoOutcome::Kept);
    assert_eq!(ended[0].message, "the run was ended by SIGTERM");
    let events = events.lock().unwrap();
    assert!(matches!(events[..], [RunEvent::UndoFinished(_)]), "{events:?}");
}
