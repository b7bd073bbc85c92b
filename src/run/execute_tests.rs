use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::super::testing::{Script, Scripted, context, planned};
use super::*;
use crate::model::{Effect, ErrorCode, Failure};
use crate::plan::PlanNode;
use crate::run::CancelReason;
use crate::step::StepError;

fn broken() -> StepError {
    Failure::new(ErrorCode::StepFailed, "broken").into()
}

fn step(id: &str, script: impl Fn(u32) -> Scripted + Send + Sync + 'static) -> PlannedStep {
    planned(id, Arc::new(Script::new(script)))
}

fn plan(steps: Vec<PlannedStep>, edges: &[(usize, usize)]) -> Plan {
    let nodes = steps.into_iter().map(|step| PlanNode::Step(Box::new(step))).collect();
    Plan::for_tests(nodes, edges)
}

fn statuses(summary: &RunSummary) -> Vec<(String, StepStatus)> {
    let mut all: Vec<_> =
        summary.results.iter().map(|result| (result.step.to_string(), result.status)).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

#[tokio::test(start_paused = true)]
async fn at_most_so_many_steps_run_at_once() {
    let steps = (0..20).map(|n| step(&format!("s{n}"), |_| Scripted::Wait(Duration::from_secs(1))));
    let (run, events) = context();
    let summary = execute(&plan(steps.collect(), &[]), &run, 4).await;
    assert_eq!(summary.duration.as_secs(), 5, "twenty steps of a second, four at once");
    let (mut running, mut most) = (0, 0);
    for event in events.lock().unwrap().iter() {
        match event {
            RunEvent::StepStarted { .. } => running += 1,
            RunEvent::StepFinished(_) => running -= 1,
            _ => {}
        }
        most = most.max(running);
    }
    assert_eq!(most, 4);
}

#[tokio::test(start_paused = true)]
async fn a_quarter_of_the_slots_goes_to_steps_that_only_read() {
    let order = Arc::new(Mutex::new(Vec::new()));
    let step = |id: String, effect, usual| {
        let (order, name) = (Arc::clone(&order), id.clone());
        let mut step = step(&id, move |_| {
            order.lock().unwrap().push(name.clone());
            Scripted::Wait(Duration::from_secs(1))
        });
        (step.effect, step.usual) = (effect, Duration::from_secs(usual));
        step
    };
    let writes = (0..9).map(|n| step(format!("w{n}"), Effect::Write, 9));
    let reads = (0..3).map(|n| step(format!("r{n}"), Effect::Read, 1));
    let (run, _) = context();
    let summary = execute(&plan(writes.chain(reads).collect(), &[]), &run, 4).await;
    assert_eq!(summary.duration.as_secs(), 3, "all slots are used");
    let order = order.lock().unwrap().join(" ");
    assert_eq!(order, "r0 w0 w1 w2 r1 w3 w4 w5 r2 w6 w7 w8");
}

#[tokio::test(start_paused = true)]
async fn one_job_runs_steps_in_declaration_order() {
    let order = Arc::new(Mutex::new(Vec::new()));
    let steps = (0..6).map(|n| {
        let order = Arc::clone(&order);
        let mut step = step(&format!("s{n}"), move |_| {
            order.lock().unwrap().push(n);
            Scripted::Succeed
        });
        step.usual = Duration::from_secs(n);
        step
    });
    let (run, _) = context();
    execute(&plan(steps.collect(), &[]), &run, 1).await;
    assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4, 5]);
}

#[tokio::test(start_paused = true)]
async fn a_failure_stops_new_steps_and_lets_running_ones_end() {
    let slow = step("slow", |_| Scripted::Wait(Duration::from_secs(9)));
    let fails = step("fails", |_| Scripted::Fail(broken()));
    let later = step("later", |_| Scripted::Succeed);
    let dependent = step("dependent", |_| Scripted::Succeed);
    let (run, _) = context();
    let plan = plan(vec![slow, fails, later, dependent], &[(0, 2), (1, 3)]);
    let summary = execute(&plan, &run, 2).await;
    assert_eq!(
        statuses(&summary),
        [
            ("dependent".to_owned(), StepStatus::Skipped),
            ("fails".to_owned(), StepStatus::Failed),
            ("later".to_owned(), StepStatus::Skipped),
            ("slow".to_owned(), StepStatus::Succeeded),
        ]
    );
    assert_eq!(summary.exit_code(false), 1);
}

#[tokio::test(start_paused = true)]
async fn keep_going_skips_only_what_depends_on_the_failure() {
    let mut fails = step("fails", |_| Scripted::Fail(broken()));
    fails.on_failure = OnFailure::KeepGoing;
    let steps = vec![
        fails,
        step("child", |_| Scripted::Succeed),
        step("grandchild", |_| Scripted::Succeed),
        step("other", |_| Scripted::Change),
    ];
    let (run, _) = context();
    let summary = execute(&plan(steps, &[(0, 1), (1, 2)]), &run, 1).await;
    let skipped: Vec<_> =
        summary.results.iter().filter_map(|result| result.skipped.clone()).collect();
    let upstream = SkipReason::Upstream { step: StepId::new("fails", None) };
    assert_eq!(skipped, [upstream.clone(), upstream]);
    assert_eq!(summary.exit_code(false), 2, "what `other` changed stands");
}

#[tokio::test(start_paused = true)]
async fn a_step_left_out_here_satisfies_its_dependents() {
    let mut left_out = step("left-out", |_| Scripted::Fail(broken()));
    left_out.left_out = true;
    let (run, _) = context();
    let summary =
        execute(&plan(vec![left_out, step("next", |_| Scripted::Change)], &[(0, 1)]), &run, 8)
            .await;
    assert_eq!(summary.results[0].skipped, Some(SkipReason::Condition));
    assert_eq!(summary.results[1].status, StepStatus::Succeeded);
}

#[tokio::test(start_paused = true)]
async fn cancelling_starts_nothing_new_and_ends_waits() {
    let (run, events) = context();
    let cancel = run.cancel.clone();
    let first = step("first", move |_| {
        cancel.cancel(CancelReason::Interrupt);
        Scripted::Wait(Duration::from_hours(1))
    });
    let plan = plan(vec![first, step("second", |_| Scripted::Succeed)], &[(0, 1)]);
    let summary = execute(&plan, &run, 8).await;
    assert_eq!(summary.exit_code(false), 130);
    assert_eq!(summary.results[0].status, StepStatus::Cancelled);
    assert_eq!(summary.results[1].status, StepStatus::Skipped);
    let told = |event: &&RunEvent| matches!(event, RunEvent::Cancelling { .. });
    assert_eq!(events.lock().unwrap().iter().filter(told).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_empty_plan_ends_at_once() {
    let (run, _) = context();
    assert_eq!(execute(&plan(vec![], &[]), &run, 8).await.exit_code(true), 0);
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_its_step_and_nothing_else() {
    let mut panics = step("panics", |_| panic!("boom"));
    panics.on_failure = OnFailure::KeepGoing;
    let (run, _) = context();
    let summary =
        execute(&plan(vec![panics, step("other", |_| Scripted::Succeed)], &[]), &run, 1).await;
    let of = |id: &str| statuses(&summary).iter().find(|(step, _)| step == id).map(|(_, s)| *s);
    assert_eq!(of("panics"), Some(StepStatus::Failed));
    assert_eq!(of("other"), Some(StepStatus::Succeeded));
}
