use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;

use super::*;
use crate::aws::ErrorKind;

fn name(n: usize) -> TableName {
    TableName::parse(&format!("T{n:04}")).unwrap()
}

fn active(n: usize) -> TableState {
    TableState::bare(name(n).as_str(), "ACTIVE")
}

fn error(kind: ErrorKind) -> Result<(), ServiceError> {
    Err(ServiceError {
        operation: "CreateTable",
        resource: None,
        kind,
        code: None,
        message: String::new(),
        request_id: None,
    })
}

async fn turn(api: &TableApi, n: usize) -> Turn {
    api.head_of(Lane::Mutations, "CreateTable", &name(n), false).await.granted()
}

/// Calls that keep to so many operations at once.
fn bounded(all: usize) -> TableApi {
    let api = TableApi::unconnected().paced();
    *lock(&api.pacer.operations) = Operations::new(all, all);
    api
}

#[tokio::test(start_paused = true)]
async fn a_lane_is_first_come_first_served() {
    let api = TableApi::unconnected().paced();
    let order = Mutex::new(Vec::new());
    let started = Instant::now();
    let calls = (0..20).map(|n| {
        let (api, order) = (&api, &order);
        async move {
            drop(api.head(Lane::Tags).await);
            order.lock().unwrap().push(n);
        }
    });
    join_all(calls).await;
    assert_eq!(order.into_inner().unwrap(), (0..20).collect::<Vec<_>>());
    assert_eq!(started.elapsed().as_secs(), 3, "five at once, then five a second");
}

#[tokio::test(start_paused = true)]
async fn a_lane_does_not_wait_for_another_one() {
    let api = TableApi::unconnected().paced();
    for _ in 0..5 {
        drop(api.head(Lane::Tags).await);
    }
    let started = Instant::now();
    drop(api.head(Lane::ListTags).await);
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn eight_workers_create_a_thousand_tables_near_the_accounts_rate() {
    let api = TableApi::unconnected().paced();
    // Tokens of a bucket of 10 at 20 a second, and when it was filled last.
    let bucket = Mutex::new((10.0, Instant::now()));
    let admits = || {
        let mut bucket = bucket.lock().unwrap();
        let (tokens, at) = *bucket;
        let tokens: f64 = at.elapsed().as_secs_f64().mul_add(20.0, tokens).min(10.0);
        *bucket = (if tokens >= 1.0 { tokens - 1.0 } else { tokens }, Instant::now());
        tokens >= 1.0
    };
    let (next, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let worker = || async {
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= 1_000 {
                return;
            }
            loop {
                let turn = turn(&api, n).await;
                let admitted = admits();
                tokio::time::sleep(Duration::from_millis(50)).await;
                let answer = if admitted { Ok(()) } else { error(ErrorKind::RateLimited) };
                turn.answered(&answer);
                if admitted {
                    break;
                }
                refused.fetch_add(1, Ordering::Relaxed);
            }
            api.pacer.seen(&name(n), Some(&active(n)));
        }
    };
    let started = Instant::now();
    join_all((0..8).map(|_| worker())).await;
    let (took, least) = (started.elapsed().as_secs_f64(), 990.0 / 20.0);
    assert!((least..1.1 * least).contains(&took), "{took} of {least}");
    assert!(refused.into_inner() < 80);
    assert!(lock(&api.pacer.operations).is_empty());
}

#[tokio::test(start_paused = true)]
async fn at_the_bound_a_call_goes_as_soon_as_another_table_is_done() {
    let api = bounded(2);
    for n in 0..2 {
        turn(&api, n).await.answered(&Ok(()));
    }
    let done = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        api.pacer.seen(&name(1), Some(&active(1)));
    };
    let started = Instant::now();
    let (third, ()) = tokio::join!(turn(&api, 2), done);
    drop(third);
    assert_eq!(started.elapsed(), Duration::from_millis(20));
}

#[tokio::test(start_paused = true)]
async fn tables_that_nobody_can_see_do_not_hold_the_others_up_for_ever() {
    let api = bounded(1);
    turn(&api, 0).await.answered(&Ok(()));
    let started = Instant::now();
    drop(turn(&api, 1).await);
    assert!(started.elapsed() >= Duration::from_secs(9), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_refused_operation_leaves_its_place_and_lowers_the_bound() {
    let api = TableApi::unconnected();
    for n in 0..3 {
        turn(&api, n).await.answered(&Ok(()));
    }
    let busy = error(ErrorKind::Concurrency);
    turn(&api, 3).await.answered(&busy);
    assert!(lock(&api.pacer.operations).is_full());
    api.pacer.seen(&name(0), Some(&active(0)));
    assert!(!lock(&api.pacer.operations).is_full());
}

#[tokio::test(start_paused = true)]
async fn when_others_have_all_the_operations_the_account_is_asked_ever_more_rarely() {
    let api = TableApi::unconnected();
    let busy = error(ErrorKind::Concurrency);
    let started = Instant::now();
    for _ in 0..20 {
        turn(&api, 0).await.answered(&busy);
        // An answer takes some time.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(started.elapsed() > Duration::from_secs(30), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_keeps_its_table_under_way_until_it_is_seen() {
    let api = TableApi::unconnected();
    let lost = error(ErrorKind::Network).unwrap_err();
    turn(&api, 0).await.answered(&Err::<(), _>(lost));
    assert!(!lock(&api.pacer.operations).is_empty());
    api.pacer.seen(&name(0), Some(&active(0)));
    assert!(lock(&api.pacer.operations).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_is_given_back_is_the_next_ones() {
    let api = bounded(1);
    for n in 0..20 {
        turn(&api, n).await.given_back();
    }
    let started = Instant::now();
    for n in 0..5 {
        turn(&api, n).await.answered(&error(ErrorKind::Validation));
    }
    assert_eq!(started.elapsed(), Duration::ZERO, "the whole burst is there");
    turn(&api, 9).await.answered(&error(ErrorKind::Validation));
    assert!(started.elapsed() > Duration::ZERO, "and nothing more than that");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_counts_from_when_the_call_went_not_from_its_turn() {
    let api = TableApi::unconnected().paced();
    let (first, mut looking) = (turn(&api, 0).await, turn(&api, 1).await);
    tokio::time::sleep(Duration::from_millis(10)).await;
    first.answered(&error(ErrorKind::RateLimited));
    // It was looking at its table all that time, and goes only now.
    tokio::time::sleep(Duration::from_secs(1)).await;
    looking.used();
    tokio::time::sleep(Duration::from_millis(10)).await;
    looking.answered(&error(ErrorKind::RateLimited));
    let started = Instant::now();
    drop(turn(&api, 2).await);
    assert!(started.elapsed() > Duration::ZERO, "the second congestion emptied the bucket again");
}
