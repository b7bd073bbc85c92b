use std::sync::{Arc, Mutex};

use super::super::testing::{Script, Scripted, context, planned};
use super::*;
use crate::model::{ErrorCode, Failure, When};
use crate::plan::{Aftermath, PlanNode};
use crate::run::CancelReason;
use crate::step::StepError;

fn broken() -> StepError {
    Failure::new(ErrorCode::StepFailed, "broken").into()
}

fn step(id: &str, script: impl Fn(u32) -> Scripted + Send + Sync + 'static) -> PlannedStep {
    planned(id, Arc::new(Script::new(script)))
}

/// A plan whose edges ask for success.
fn plan(steps: Vec<PlannedStep>, edges: &[(usize, usize)]) -> Plan {
    let edges: Vec<_> = edges.iter().map(|(a, b)| (*a, *b, When::Succeeded)).collect();
    plan_with(steps, &edges)
}

fn plan_with(steps: Vec<PlannedStep>, edges: &[(usize, usize, When)]) -> Plan {
    let nodes = steps.into_iter().map(|step| PlanNode::Step(Box::new(step))).collect();
    Plan::for_tests(nodes, edges)
}

async fn execute(plan: &Plan, run: &RunContext, jobs: usize) -> RunSummary {
    super::execute(plan, run, Bounds { jobs, max_fail: None, timeout: None }).await
}

fn statuses(summary: &RunSummary) -> Vec<(String, StepStatus)> {
    let mut all: Vec<_> =
        summary.results.iter().map(|result| (result.step.to_string(), result.status)).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

#[tokio::test(start_paused = true)]
async fn at_most_so_many_steps_are_at_work_at_once() {
    let steps = (0..20).map(|n| step(&format!("s{n}"), |_| Scripted::Work(Duration::from_secs(1))));
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
    assert_eq!(summary.exit_code(false), 70);
}

#[tokio::test(start_paused = true)]
async fn nothing_starts_after_the_failure_that_stopped_the_run() {
    // Both come to their end in the same moment; `next` takes the place of the first one.
    let second = || Scripted::Wait(Duration::from_secs(1));
    let steps = vec![
        step("ends", move |_| second()),
        PlannedStep { timeout: Duration::from_secs(1), ..step("fails", |_| hour()) },
        step("next", |_| Scripted::Create { throttled: false }),
        aftermath("clean", "next", Aftermath::Ended),
    ];
    let edges = [(0, 2, When::Succeeded), (1, 3, When::Always), (2, 3, When::Always)];
    let (run, events) = context();
    let summary = execute(&plan_with(steps, &edges), &run, 2).await;
    assert_eq!(of(&summary, "ends"), StepStatus::Succeeded);
    assert_eq!(of(&summary, "fails"), StepStatus::TimedOut);
    let next = summary.results.iter().find(|result| result.step.as_str() == "next").unwrap();
    assert_eq!(next.skipped, Some(SkipReason::RunEnding));
    assert_eq!(of(&summary, "clean"), StepStatus::Succeeded, "it does not wait for `next`");
    let started = |event: &RunEvent| matches!(event, RunEvent::StepStarted { step } if step.as_str() == "next");
    assert!(!events.lock().unwrap().iter().any(started));
}

#[tokio::test(start_paused = true)]
async fn finally_runs_even_when_the_loop_panics() {
    let (mut run, events) = context();
    let emit = Arc::clone(&run.emit);
    run.emit = Arc::new(move |event| {
        let first = |result: &StepResult| result.step.as_str() == "first";
        assert!(!matches!(&event, RunEvent::StepFinished(result) if first(result)), "boom");
        emit(event);
    });
    let steps = vec![step("first", |_| Scripted::Succeed), last("last", |_| Scripted::Change)];
    let ended = AssertUnwindSafe(execute(&plan(steps, &[]), &run, 8)).catch_unwind().await;
    assert!(ended.is_err(), "the panic goes on after that");
    let events = events.lock().unwrap();
    let [RunEvent::StepStarted { .. }, RunEvent::StepStarted { .. }, RunEvent::StepFinished(last)] =
        &events[..]
    else {
        panic!("{events:?}");
    };
    assert_eq!((last.step.as_str(), last.status), ("last", StepStatus::Succeeded));
}

fn hour() -> Scripted {
    Scripted::Wait(Duration::from_hours(1))
}

fn keeps_going(id: &str) -> PlannedStep {
    PlannedStep { on_failure: OnFailure::KeepGoing, ..step(id, |_| Scripted::Fail(broken())) }
}

fn aftermath(id: &str, of: &str, when: Aftermath) -> PlannedStep {
    let (aftermath, after) = (Some(when), vec![of.to_owned()]);
    PlannedStep { aftermath, after, ..step(id, |_| Scripted::Succeed) }
}

fn of(summary: &RunSummary, id: &str) -> StepStatus {
    statuses(summary).into_iter().find(|(step, _)| step == id).unwrap().1
}

#[tokio::test(start_paused = true)]
async fn the_aftermath_of_a_failure_runs_though_the_run_stops() {
    let steps = vec![
        step("fails", |_| Scripted::Fail(broken())),
        step("next", |_| Scripted::Succeed),
        aftermath("notify", "fails", Aftermath::Failed),
        aftermath("clean", "next", Aftermath::Ended),
    ];
    let edges = [(0, 1, When::Succeeded), (0, 2, When::Failed), (1, 3, When::Always)];
    let (run, _) = context();
    let summary = execute(&plan_with(steps, &edges), &run, 1).await;
    assert_eq!(of(&summary, "notify"), StepStatus::Succeeded);
    assert_eq!(of(&summary, "clean"), StepStatus::Succeeded, "what it waits for did not run");
    assert_eq!(summary.exit_code(false), 1, "no better for it");
}

#[tokio::test(start_paused = true)]
async fn the_aftermath_of_a_failure_that_did_not_come_is_left_out() {
    let steps = vec![
        step("fine", |_| Scripted::Succeed),
        aftermath("notify", "fine", Aftermath::Failed),
        step("next", |_| Scripted::Succeed),
    ];
    let edges = [(0, 1, When::Failed), (0, 2, When::Succeeded), (1, 2, When::Always)];
    let (run, _) = context();
    let summary = execute(&plan_with(steps, &edges), &run, 8).await;
    let notify = summary.results.iter().find(|result| result.step.as_str() == "notify").unwrap();
    let reason = SkipReason::NothingFailed { steps: vec!["fine".to_owned()] };
    assert_eq!(notify.skipped, Some(reason));
    assert_eq!(notify.message, "fine did not fail");
    assert_eq!(of(&summary, "next"), StepStatus::Succeeded);
    assert_eq!(summary.exit_code(true), 0);
}

#[tokio::test(start_paused = true)]
async fn a_step_runs_only_where_something_changed() {
    let only = |id: &str, node: usize| PlannedStep {
        only_if_changed: (vec!["before".to_owned()], vec![node]),
        ..step(id, |_| Scripted::Succeed)
    };
    let steps = vec![
        step("changes", |_| Scripted::Change),
        step("does-not", |_| Scripted::Succeed),
        only("after-change", 0),
        only("after-none", 1),
        step("last", |_| Scripted::Succeed),
    ];
    let (run, _) = context();
    let summary = execute(&plan(steps, &[(0, 2), (1, 3), (3, 4)]), &run, 8).await;
    assert_eq!(of(&summary, "after-change"), StepStatus::Succeeded);
    let left_out = summary.results.iter().find(|result| result.step.as_str() == "after-none");
    let reason = SkipReason::NothingChanged { steps: vec!["before".to_owned()] };
    assert_eq!(left_out.unwrap().skipped, Some(reason));
    assert_eq!(of(&summary, "last"), StepStatus::Succeeded, "it is satisfied by that");
}

fn last(id: &str, script: impl Fn(u32) -> Scripted + Send + Sync + 'static) -> PlannedStep {
    PlannedStep { aftermath: Some(Aftermath::Finally), ..step(id, script) }
}

#[tokio::test(start_paused = true)]
async fn finally_runs_last_in_its_order_after_a_failure() {
    let steps = vec![
        step("fails", |_| Scripted::Fail(broken())),
        step("next", |_| Scripted::Succeed),
        last("one", |_| Scripted::Fail(broken())),
        last("two", |_| Scripted::Change),
    ];
    let (run, _) = context();
    let summary = execute(&plan(steps, &[(0, 1)]), &run, 8).await;
    let order: Vec<_> =
        summary.results.iter().map(|result| (result.step.as_str(), result.status)).collect();
    let expected = [
        ("fails", StepStatus::Failed),
        ("next", StepStatus::Skipped),
        ("one", StepStatus::Failed),
        ("two", StepStatus::Succeeded),
    ];
    assert_eq!(order, expected);
    assert_eq!(summary.exit_code(false), 2, "what `two` changed stands");
}

#[tokio::test(start_paused = true)]
async fn finally_runs_after_a_signal_and_is_not_ended_by_it() {
    let (run, _) = context();
    let cancel = run.cancel.clone();
    let first = step("first", move |_| {
        cancel.cancel(CancelReason::Interrupt);
        Scripted::Wait(Duration::from_hours(1))
    });
    let steps = vec![first, last("last", |_| Scripted::Wait(Duration::from_secs(5)))];
    let summary = execute(&plan(steps, &[]), &run, 8).await;
    assert_eq!(of(&summary, "first"), StepStatus::Cancelled);
    assert_eq!(of(&summary, "last"), StepStatus::Succeeded);
    assert_eq!(summary.exit_code(false), 130);
}

#[tokio::test(start_paused = true)]
async fn a_failure_in_finally_fails_a_run_that_went_well() {
    let steps =
        vec![step("fine", |_| Scripted::Succeed), last("last", |_| Scripted::Fail(broken()))];
    let (run, _) = context();
    assert_eq!(execute(&plan(steps, &[]), &run, 8).await.exit_code(false), 1);
}

#[tokio::test(start_paused = true)]
async fn so_many_failures_stop_a_run_that_keeps_going() {
    let steps = (0..6).map(|n| keeps_going(&format!("s{n}"))).collect();
    let (run, _) = context();
    let bounds = Bounds { jobs: 1, max_fail: Some(3), timeout: None };
    let summary = super::execute(&plan(steps, &[]), &run, bounds).await;
    let failed = summary.results.iter().filter(|result| result.status == StepStatus::Failed);
    assert_eq!(failed.count(), 3);
    assert_eq!(summary.results[5].skipped, Some(SkipReason::RunEnding));
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_time_is_over_starts_nothing_new_and_ends_with_124() {
    let steps = vec![
        step("slow", |_| Scripted::Wait(Duration::from_hours(1))),
        step("next", |_| Scripted::Succeed),
        last("last", |_| Scripted::Wait(Duration::from_secs(5))),
    ];
    let (run, events) = context();
    let bounds = Bounds { jobs: 8, max_fail: None, timeout: Some(Duration::from_secs(30)) };
    let summary = super::execute(&plan(steps, &[(0, 1)]), &run, bounds).await;
    assert_eq!(of(&summary, "slow"), StepStatus::Cancelled);
    assert_eq!(of(&summary, "next"), StepStatus::Skipped);
    assert_eq!(of(&summary, "last"), StepStatus::Succeeded);
    assert_eq!((summary.duration.as_secs(), summary.exit_code(false)), (35, 124));
    let told =
        |event: &RunEvent| matches!(event, RunEvent::Cancelling { reason } if reason == "timeout");
    assert!(events.lock().unwrap().iter().any(told));
}

#[tokio::test(start_paused = true)]
async fn the_shorter_of_two_times_counts() {
    let slow = step("slow", |_| Scripted::Wait(Duration::from_hours(1)));
    let mut plan = plan(vec![slow], &[]);
    plan.timeout = Some(Duration::from_secs(10));
    let (run, _) = context();
    let bounds = Bounds { jobs: 8, max_fail: None, timeout: Some(Duration::from_secs(30)) };
    assert_eq!(super::execute(&plan, &run, bounds).await.duration.as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn the_time_of_a_needed_task_runs_from_its_first_step_to_its_last() {
    let steps = |of_task: u64| {
        let wait = |id: &str, seconds, clock| PlannedStep {
            clock,
            ..step(id, move |_| Scripted::Wait(Duration::from_secs(seconds)))
        };
        vec![wait("before", 60, None), wait("in-it", of_task, Some(0)), wait("after", 60, None)]
    };
    for (of_task, code) in [(20, 0), (40, 124)] {
        let mut plan = plan(steps(of_task), &[(0, 1), (1, 2)]);
        plan.task_timeouts = vec![Duration::from_secs(30)];
        let (run, _) = context();
        assert_eq!(execute(&plan, &run, 8).await.exit_code(false), code);
    }
}
