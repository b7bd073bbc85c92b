use std::collections::HashMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::plan::{Aftermath, PlanNode};
use crate::run::testing::{Script, Scripted, planned};
use crate::step::StepOutputs;

const STATES: [StepState; 9] = [
    StepState::Done,
    StepState::Done,
    StepState::Done,
    StepState::LeftOut,
    StepState::NotRun,
    StepState::Interrupted,
    StepState::CallUnderWay,
    StepState::Ended(StepStatus::Failed),
    StepState::Ended(StepStatus::Unknown),
];

fn run() -> RunId {
    RunId::parse("20261122T104107Z-k3f9").unwrap()
}

fn name(node: usize) -> StepId {
    StepId::new(&format!("s{node}"), None)
}

/// What a plan and its record look like.
#[derive(Debug, Clone, Default)]
struct Case {
    /// Whether each node is a step, not a barrier.
    steps: Vec<bool>,
    edges: Vec<(usize, usize, When)>,
    /// For each node, how it is recorded; `None` when no run knew it.
    records: Vec<Option<StepState>>,
    changed: Vec<bool>,
    differs: Vec<bool>,
    aftermath: Vec<Option<Aftermath>>,
}

impl Case {
    /// Steps that were done, one after the other.
    fn in_a_row(steps: usize) -> Self {
        Self {
            steps: vec![true; steps],
            edges: (1..steps).map(|node| (node - 1, node, When::Succeeded)).collect(),
            records: vec![Some(StepState::Done); steps],
            changed: vec![false; steps],
            differs: vec![false; steps],
            aftermath: vec![None; steps],
        }
    }

    fn plan(&self) -> Plan {
        let node = |node: usize| {
            if !self.steps[node] {
                return PlanNode::Barrier;
            }
            let script = Arc::new(Script::new(|_| Scripted::Succeed));
            let mut step = planned(name(node).as_str(), script);
            step.aftermath = self.aftermath[node];
            PlanNode::Step(Box::new(step))
        };
        Plan::for_tests((0..self.steps.len()).map(node).collect(), &self.edges)
    }

    fn chain(&self) -> Chain {
        let record = |(node, state): (usize, &Option<StepState>)| {
            let (run, definition) = (run(), "then".to_owned());
            let (changed, done_with, outputs) = (false, None, StepOutputs::new());
            let state = (*state)?;
            let record = StepRecord { state, run, definition, changed, outputs, done_with };
            Some((name(node), record))
        };
        let steps: HashMap<_, _> = self.records.iter().enumerate().filter_map(record).collect();
        Chain::for_tests(run(), steps)
    }

    fn definitions(&self) -> Vec<String> {
        let nodes = (0..self.steps.len()).filter(|node| self.steps[*node]);
        nodes.map(|node| if self.changed[node] { "now" } else { "then" }.to_owned()).collect()
    }

    fn standings(&self) -> Vec<Option<Standing>> {
        let nodes = (0..self.steps.len()).filter(|node| self.differs[*node]);
        let differs = nodes.map(name).collect();
        outstanding(&self.plan(), &self.definitions(), &self.chain(), &differs)
    }

    /// The reason of each node in a word or two.
    fn shown(&self) -> Vec<String> {
        let word = |standing: &Option<Standing>| match standing {
            None => "|".to_owned(),
            Some(Standing::Done(_)) => "done".to_owned(),
            Some(Standing::LeftOut(_)) => "left out".to_owned(),
            Some(Standing::Outstanding(why)) => why.to_string(),
        };
        self.standings().iter().map(word).collect()
    }
}

fn is_outstanding(standing: Option<&Standing>) -> bool {
    matches!(standing, Some(Standing::Outstanding(_)))
}

#[test]
fn what_failed_is_outstanding_with_what_comes_after_it() {
    let mut case = Case::in_a_row(3);
    case.records[1] = Some(StepState::Ended(StepStatus::Failed));
    case.records[2] = Some(StepState::NotRun);
    assert_eq!(case.shown(), ["done", &format!("failed in run {}", run()), "not run yet"]);
    let mut case = Case::in_a_row(3);
    case.differs[0] = true;
    let holds = format!("what run {} did does not hold any more", run());
    assert_eq!(case.shown(), [&holds, "comes after s0", "comes after s0"]);
    let mut case = Case::in_a_row(2);
    case.changed[1] = true;
    assert_eq!(case.shown(), ["done", &format!("its definition changed since run {}", run())]);
    let mut case = Case::in_a_row(2);
    case.records[0] = None;
    assert_eq!(case.shown(), ["new in this task", "comes after s0"]);
}

#[test]
fn what_was_left_out_stays_so_and_lets_the_reason_through() {
    let mut case = Case::in_a_row(3);
    case.records[0] = Some(StepState::CallUnderWay);
    case.records[1] = Some(StepState::LeftOut);
    case.differs[1] = true;
    assert_eq!(case.shown()[1..], ["left out", "comes after s0"]);
}

#[test]
fn what_only_waits_for_an_end_does_not_come_after_it() {
    // A chain, the gate behind it, and the next chain of a `serial` block.
    let mut case = Case::in_a_row(3);
    case.steps[1] = false;
    case.edges = vec![(0, 1, When::Always), (1, 2, When::Succeeded)];
    case.records[0] = Some(StepState::Interrupted);
    assert_eq!(case.shown()[2], "done");
    // A step that says itself that it runs after the end, or the failure, of another.
    for (when, aftermath) in [(When::Always, Aftermath::Ended), (When::Failed, Aftermath::Failed)] {
        let mut case = Case::in_a_row(2);
        case.edges = vec![(0, 1, when)];
        case.aftermath[1] = Some(aftermath);
        case.records[0] = Some(StepState::NotRun);
        assert_eq!(case.shown()[1], "comes after s0", "{when:?}");
    }
}

#[test]
fn the_steps_of_finally_are_outstanding_when_anything_is() {
    let mut case = Case::in_a_row(3);
    case.edges.clear();
    case.aftermath[2] = Some(Aftermath::Finally);
    assert_eq!(case.shown(), ["done", "done", "done"]);
    case.records[1] = Some(StepState::NotRun);
    assert_eq!(case.shown(), ["done", "not run yet", "comes after s1"]);
}

#[test]
fn steps_that_the_environment_leaves_out_have_no_standing() {
    let script = Arc::new(Script::new(|_| Scripted::Succeed));
    let mut step = planned("s0", script);
    step.left_out = true;
    let plan = Plan::for_tests(vec![PlanNode::Step(Box::new(step))], &[]);
    let chain = Chain::for_tests(run(), HashMap::new());
    assert_eq!(outstanding(&plan, &["x".to_owned()], &chain, &BTreeSet::new()), [None]);
}

fn cases() -> impl Strategy<Value = Case> {
    (1..20_usize).prop_flat_map(|nodes| {
        let edge = (0..nodes, 0..nodes, 0..4_usize);
        let state = prop::option::weighted(0.9, prop::sample::select(STATES.to_vec()));
        (
            prop::collection::vec(prop::bool::weighted(0.8), nodes),
            prop::collection::vec(edge, 0..nodes * 2),
            prop::collection::vec(state, nodes),
            prop::collection::vec(prop::bool::weighted(0.05), nodes),
            prop::collection::vec(prop::bool::weighted(0.05), nodes),
        )
            .prop_map(|(steps, edges, records, changed, differs)| {
                let mut case = Case { steps, records, changed, differs, ..Case::default() };
                case.aftermath = vec![None; case.steps.len()];
                for (one, other, when) in edges.into_iter().filter(|(one, other, _)| one != other) {
                    let when = if when == 0 { When::Always } else { When::Succeeded };
                    case.edges.push((one.min(other), one.max(other), when));
                }
                case
            })
    })
}

proptest! {
    #[test]
    fn exactly_what_is_not_done_and_what_comes_after_it_is_outstanding(case in cases()) {
        let standings = case.standings();
        for (node, standing) in standings.iter().enumerate() {
            prop_assert_eq!(standing.is_some(), case.steps[node]);
            let done = case.records[node] == Some(StepState::Done);
            let holds = done && !case.changed[node] && !case.differs[node];
            match standing {
                None => {}
                Some(Standing::LeftOut(_)) => {
                    prop_assert_eq!(case.records[node], Some(StepState::LeftOut));
                }
                Some(Standing::Done(_)) => prop_assert!(holds),
                Some(Standing::Outstanding(Why::After(cause))) => {
                    prop_assert!(holds, "it has a reason of its own");
                    let cause = (0..standings.len()).find(|node| name(*node) == *cause).unwrap();
                    let own = !matches!(
                        standings[cause], Some(Standing::Outstanding(Why::After(_)))
                    );
                    prop_assert!(own && is_outstanding(standings[cause].as_ref()));
                }
                Some(Standing::Outstanding(_)) => prop_assert!(!holds),
            }
        }
        // Nothing that is done needs the success of something that is not, not even by way of
        // barriers and of what was left out.
        let mut reached: Vec<bool> =
            standings.iter().map(|standing| is_outstanding(standing.as_ref())).collect();
        for _ in 0..standings.len() {
            for (before, after, when) in &case.edges {
                reached[*after] |= reached[*before] && *when == When::Succeeded;
            }
        }
        for (node, standing) in standings.iter().enumerate() {
            prop_assert!(!(reached[node] && matches!(standing, Some(Standing::Done(_)))));
        }
    }

    #[test]
    fn when_all_that_is_outstanding_was_done_nothing_is(case in cases()) {
        let mut after = case.clone();
        for (node, standing) in case.standings().iter().enumerate() {
            if is_outstanding(standing.as_ref()) {
                after.records[node] = Some(StepState::Done);
            }
        }
        after.changed.fill(false);
        after.differs.fill(false);
        prop_assert!(!after.standings().iter().any(|it| is_outstanding(it.as_ref())));
    }
}
