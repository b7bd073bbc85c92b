use std::sync::atomic::{AtomicU32, Ordering};

use super::super::testing::{Script, Scripted, context, planned};
use super::*;
use crate::aws::Lane;
use crate::model::{Backoff, Jitter, RetryPolicy};

fn failing(class: FailureClass) -> StepError {
    Failure::new(ErrorCode::NetworkError, "no answer").class(class).into()
}

/// Runs a step whose n-th attempt gives what `script` says.
async fn run(
    script: impl Fn(u32) -> Scripted + Send + Sync + 'static,
    change: impl Fn(&mut PlannedStep),
) -> StepResult {
    let mut step = planned("s", Arc::new(Script::new(script)));
    step.retry = RetryPolicy { retries: 3, jitter: Jitter::None, ..RetryPolicy::default() };
    change(&mut step);
    let (run, _) = context();
    run_step(&run, &step).await
}

#[tokio::test(start_paused = true)]
async fn a_transient_failure_is_tried_again_and_success_says_how_often() {
    let result = run(
        |n| {
            if n < 3 { Scripted::Fail(failing(FailureClass::Transient)) } else { Scripted::Succeed }
        },
        |_| {},
    )
    .await;
    assert_eq!((result.status, result.attempts), (StepStatus::Succeeded, 3));
    assert_eq!(result.duration_ms, 1500, "500 ms and 1 s of pauses");
}

#[tokio::test(start_paused = true)]
async fn retries_are_counted_and_permanent_failures_are_not_retried() {
    let always = |class| move |_| Scripted::Fail(failing(class));
    let result = run(always(FailureClass::Transient), |_| {}).await;
    assert_eq!((result.status, result.attempts), (StepStatus::Failed, 4));
    let result = run(always(FailureClass::Permanent), |_| {}).await;
    assert_eq!((result.status, result.attempts), (StepStatus::Failed, 1));
}

#[tokio::test(start_paused = true)]
async fn throttling_uses_no_retry_up_and_ends_with_the_timeout() {
    let patient = |step: &mut PlannedStep| {
        step.timeout = Duration::from_mins(1);
        step.retry.retries = 0;
        step.retry.backoff = Backoff::Fixed;
    };
    let result = run(
        |n| {
            if n < 20 {
                Scripted::Fail(failing(FailureClass::Throttled))
            } else {
                Scripted::Succeed
            }
        },
        patient,
    )
    .await;
    assert_eq!((result.status, result.attempts), (StepStatus::Succeeded, 20));
    let result = run(|_| Scripted::Fail(failing(FailureClass::Throttled)), patient).await;
    assert_eq!((result.status, result.duration_ms), (StepStatus::TimedOut, 60_000));
    assert_eq!(result.failure.unwrap().code, ErrorCode::NetworkError, "the reason is kept");
}

#[tokio::test(start_paused = true)]
async fn a_step_that_waits_too_long_times_out() {
    let result = run(
        |_| Scripted::Wait(Duration::from_hours(1)),
        |step| {
            step.timeout = Duration::from_secs(7);
        },
    )
    .await;
    assert_eq!((result.status, result.duration_ms), (StepStatus::TimedOut, 7_000));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_waits_too_long_is_tried_again() {
    let result = run(
        |n| if n == 1 { Scripted::Wait(Duration::from_hours(1)) } else { Scripted::Succeed },
        |step| step.attempt_timeout = Some(Duration::from_secs(2)),
    )
    .await;
    assert_eq!((result.status, result.attempts), (StepStatus::Succeeded, 2));
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_unknown_and_not_failed() {
    let lost = |_| {
        let error = failing(FailureClass::Ambiguous);
        Scripted::Fail(StepError { changed: true, ..error })
    };
    let result = run(lost, |_| {}).await;
    assert_eq!((result.status, result.changed), (StepStatus::Unknown, true));
}

#[tokio::test(start_paused = true)]
async fn what_a_lost_attempt_may_have_changed_is_remembered() {
    let result = run(
        |n| match n {
            1 => Scripted::Fail(StepError { changed: true, ..failing(FailureClass::Ambiguous) }),
            _ => Scripted::Succeed,
        },
        |_| {},
    )
    .await;
    assert_eq!((result.status, result.changed), (StepStatus::Succeeded, true));
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_failed_step_that_is_never_tolerated() {
    let result = run(|_| panic!("boom"), |step| step.tolerate = true).await;
    assert_eq!(result.status, StepStatus::Failed);
    let failure = result.failure.unwrap();
    assert_eq!((failure.code, failure.said.as_deref()), (ErrorCode::InternalError, Some("boom")));
}

#[tokio::test(start_paused = true)]
async fn a_tolerated_failure_is_only_reported() {
    let result =
        run(|_| Scripted::Fail(failing(FailureClass::Permanent)), |step| step.tolerate = true)
            .await;
    assert_eq!(result.status, StepStatus::Tolerated);
    assert!(result.status.is_satisfied());
}

#[tokio::test(start_paused = true)]
async fn cancelling_ends_a_wait_and_a_pause() {
    let attempts = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&attempts);
    let step = planned(
        "s",
        Arc::new(Script::new(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            Scripted::Wait(Duration::from_hours(1))
        })),
    );
    let (run, _) = context();
    run.cancel.cancel(crate::run::CancelReason::Interrupt);
    let result = run_step(&run, &step).await;
    assert_eq!((result.status, result.duration_ms), (StepStatus::Cancelled, 0));
    assert_eq!(attempts.load(Ordering::Relaxed), 1);
}

fn named(class: FailureClass, after: Duration) -> StepError {
    let not_before = Some(SystemTime::now() + after);
    let failure = Failure::new(ErrorCode::Throttled, "modified a moment ago").class(class);
    Failure { not_before, ..failure }.into()
}

#[tokio::test(start_paused = true)]
async fn a_time_that_the_service_names_is_waited_for_and_uses_no_retry_up() {
    let result = run(
        |n| match n {
            1 => Scripted::Fail(named(FailureClass::Wait, Duration::from_secs(15))),
            _ => Scripted::Succeed,
        },
        |step| step.retry.retries = 0,
    )
    .await;
    assert_eq!((result.status, result.attempts), (StepStatus::Succeeded, 2));
    assert!((14_900..=16_000).contains(&result.duration_ms), "{} ms", result.duration_ms);
}

#[tokio::test(start_paused = true)]
async fn a_time_beyond_the_steps_own_fails_at_once_and_says_when_to_come_back() {
    let result = run(
        |_| Scripted::Fail(named(FailureClass::Wait, Duration::from_hours(6))),
        |step| step.timeout = Duration::from_mins(1),
    )
    .await;
    assert_eq!((result.status, result.attempts), (StepStatus::Failed, 1));
    assert_eq!(result.duration_ms, 0);
    let failure = result.failure.unwrap();
    let time = &failure.details["notBefore"];
    assert!(time.ends_with('Z') && time.contains('T'), "{time}");
    assert_eq!(failure.message, format!("modified a moment ago; not before {time}"));
    assert_eq!(failure.remediation, Some(format!("run again after {time}")));
}

#[tokio::test(start_paused = true)]
async fn waiting_for_ones_turn_does_not_count_as_the_steps_time() {
    let mut step = planned("s", Arc::new(Script::new(|_| Scripted::Create { throttled: false })));
    step.timeout = Duration::from_secs(2);
    let (mut run, _) = context();
    run.tables = run.tables.paced();
    let call = || async { drop(run.tables.head(Lane::Mutations).await) };
    let ahead = futures::future::join_all((0..100).map(|_| call()));
    let (_, result) = tokio::join!(ahead, run_step(&run, &step));
    assert_eq!((result.status, result.attempts), (StepStatus::Succeeded, 1));
    assert!(result.duration_ms > 5_000, "{} ms", result.duration_ms);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_never_grants_anything_ends_the_step_when_its_time_is_over() {
    let mut step = planned("s", Arc::new(Script::new(|_| Scripted::Create { throttled: true })));
    (step.timeout, step.retry.retries) = (Duration::from_secs(30), 0);
    let (run, _) = context();
    let result = run_step(&run, &step).await;
    assert_eq!(result.status, StepStatus::TimedOut);
    assert_eq!(result.failure.unwrap().code, ErrorCode::Throttled);
    assert!(!result.changed);
    assert!((30_000..31_000).contains(&result.duration_ms), "{} ms", result.duration_ms);
}

#[tokio::test(start_paused = true)]
async fn cancelling_ends_the_wait_for_ones_turn_at_once() {
    let step = planned("s", Arc::new(Script::new(|_| Scripted::Create { throttled: true })));
    let (run, events) = context();
    let cancel = async {
        tokio::time::sleep(Duration::from_secs(58)).await;
        run.cancel.cancel(crate::run::CancelReason::Interrupt);
    };
    let (result, ()) = tokio::join!(run_step(&run, &step), cancel);
    assert_eq!((result.status, result.duration_ms), (StepStatus::Cancelled, 58_000));
    let told = |event: &RunEvent| {
        let turn = "waits for its turn: the account's rate of control-plane calls";
        matches!(event, RunEvent::StepProgress { message, .. } if message == turn)
    };
    assert!(events.lock().unwrap().iter().any(told));
}
