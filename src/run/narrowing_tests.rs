use std::collections::HashMap;
use std::sync::Arc;

use super::*;
use crate::journal::{RunId, StepRecord, StepState};
use crate::model::When;
use crate::plan::{Aftermath, PlanNode};
use crate::run::testing::{Script, Scripted, planned};
use crate::step::StepOutputs;

fn run() -> RunId {
    RunId::parse("20261122T104107Z-k3f9").unwrap()
}

fn id(name: &str) -> StepId {
    StepId::new(name, None)
}

/// `a`, then `b`, then `c`; beside them `d`, which runs only after a failure of `a`.
fn plan() -> Plan {
    let node = |name| {
        let mut step = planned(name, Arc::new(Script::new(|_| Scripted::Succeed)));
        step.aftermath = (name == "d").then_some(Aftermath::Failed);
        PlanNode::Step(Box::new(step))
    };
    let edges = [(0, 1, When::Succeeded), (1, 2, When::Succeeded), (0, 3, When::Failed)];
    Plan::for_tests(["a", "b", "c", "d"].map(node).into(), &edges)
}

fn selection(outstanding: bool, flag: LeftOut) -> SkipReason {
    SkipReason::Selection { flag: flag.flag().to_owned(), outstanding }
}

fn why(narrowing: &Narrowing) -> [Option<SkipReason>; 4] {
    ["a", "b", "c", "d"].map(|name| narrowing.why(&id(name)).map(|(reason, _)| reason))
}

#[test]
fn of_what_a_fresh_run_leaves_out_what_is_needed_is_taken_for_done() {
    let only = |runs: usize| {
        let mut left = [Some(LeftOut::Only); 4];
        left[runs] = None;
        Narrowing::of_selection(&plan(), &left)
    };
    let work = Some(selection(true, LeftOut::Only));
    let taken = Some(selection(false, LeftOut::Only));
    assert_eq!(why(&only(1)), [taken.clone(), None, work, taken.clone()]);
    assert!(only(1).leaves_work());
    assert_eq!(why(&only(2)), [taken.clone(), taken.clone(), None, taken]);
    assert!(!only(2).leaves_work(), "what runs only after a failure is no work");
    let everything = Narrowing::of_selection(&plan(), &[None; 4]);
    assert_eq!(why(&everything), [None, None, None, None]);
    assert!(!everything.leaves_work());
}

#[test]
fn who_leaves_a_step_out_by_name_answers_for_it() {
    let narrowing = Narrowing::of_selection(&plan(), &[None, None, Some(LeftOut::Skip), None]);
    assert_eq!(why(&narrowing)[2], Some(selection(false, LeftOut::Skip)));
    assert!(!narrowing.leaves_work());
}

#[test]
fn a_resume_leaves_out_what_is_done_and_remembers_what_changed() {
    let record = |changed| {
        let (state, definition) = (StepState::Done, String::new());
        let outputs = StepOutputs::new();
        StepRecord { state, run: run(), definition, changed, outputs, done_with: None }
    };
    let steps: HashMap<_, _> = [(id("a"), record(true)), (id("b"), record(false))].into();
    let chain = Chain::for_tests(run(), steps);
    let outstanding = || Some(Standing::Outstanding(crate::run::Why::NotRun));
    let standings =
        [Some(Standing::Done(run())), outstanding(), outstanding(), Some(Standing::LeftOut(run()))];
    let left = [None, Some(LeftOut::Table), None, None];
    let of = |named: &[&str]| {
        let named = named.iter().map(|name| id(name)).collect();
        Narrowing::of_resume(&plan(), &left, &named, &standings, &chain)
    };
    let narrowing = of(&[]);
    let done = Some(SkipReason::AlreadyDone { run: run() });
    let by_name = Some(selection(false, LeftOut::Skip));
    let work = Some(selection(true, LeftOut::Table));
    assert_eq!(why(&narrowing), [done, work, None, by_name]);
    assert!(narrowing.leaves_work(), "what the step needs is known not to be done");
    assert!(narrowing.changed_before(&id("a")) && !narrowing.changed_before(&id("b")));
    // What is named is no longer left out, but what is done is done.
    let named = of(&["a", "d"]);
    assert_eq!((why(&named)[0].is_some(), &why(&named)[3]), (true, &None));
}
