//! Steps that wait, beside others that work.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use proptest::prelude::*;

use crate::journal::{RunEvent, StepStatus};
use crate::model::{Failure, When};
use crate::plan::{Plan, PlanNode, PlannedStep};
use crate::run::testing::{Events, context, planned};
use crate::run::{Bounds, RunContext, RunSummary};
use crate::step::{Mutation, Preview, Step, StepContext, StepError, StepSuccess};
use crate::table::ChangeClass;

/// What a step does, one after the other.
#[derive(Debug, Clone, Copy)]
enum Part {
    Work(u64),
    Wait(u64),
    /// A mutating call, for which the step waits in a queue, and which is work.
    Call(u64),
}
use Part::{Call, Wait, Work};

/// Who is at work, and how many were at most.
#[derive(Default)]
struct Activity {
    now: usize,
    most: usize,
}

struct Parts {
    parts: Vec<Part>,
    activity: Arc<Mutex<Activity>>,
}

impl Parts {
    async fn work(&self, millis: u64) {
        {
            let mut activity = self.activity.lock().unwrap();
            activity.now += 1;
            activity.most = activity.most.max(activity.now);
        }
        tokio::time::sleep(Duration::from_millis(millis)).await;
        self.activity.lock().unwrap().now -= 1;
    }

    async fn call(&self, cx: &StepContext, millis: u64) -> Result<(), StepError> {
        let mutation = Mutation {
            call: "CreateTable",
            class: ChangeClass::Create,
            table_name: "Users",
            state: None,
        };
        let call = async {
            self.work(millis).await;
            Ok(())
        };
        Ok(cx.mutate(mutation, call).await?)
    }
}

impl Step for Parts {
    fn preview<'a>(&'a self, _: &'a StepContext) -> BoxFuture<'a, Result<Preview, Failure>> {
        async { Ok(Preview::default()) }.boxed()
    }

    fn execute<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<StepSuccess, StepError>> {
        async move {
            for part in &self.parts {
                match *part {
                    Work(millis) => self.work(millis).await,
                    Wait(millis) => cx.pause(Duration::from_millis(millis)).await?,
                    Call(millis) => self.call(cx, millis).await?,
                }
            }
            Ok(StepSuccess::unchanged("done"))
        }
        .boxed()
    }
}

/// Steps that share what they tell of their activity.
#[derive(Default)]
struct Cast {
    activity: Arc<Mutex<Activity>>,
    steps: Vec<PlannedStep>,
}

impl Cast {
    fn step(&mut self, kind: &str, usual: u64, parts: &[Part]) -> &mut PlannedStep {
        let parts = Parts { parts: parts.to_vec(), activity: Arc::clone(&self.activity) };
        let mut step = planned(&format!("{kind}{}", self.steps.len()), Arc::new(parts));
        (step.kind, step.usual) = (kind.to_owned(), Duration::from_secs(usual));
        self.steps.push(step);
        self.steps.last_mut().unwrap()
    }

    fn most(&self) -> usize {
        self.activity.lock().unwrap().most
    }

    fn plan(&mut self, edges: &[(usize, usize)]) -> Plan {
        let nodes = self.steps.drain(..).map(|step| PlanNode::Step(Box::new(step)));
        let edges: Vec<_> = edges.iter().map(|(a, b)| (*a, *b, When::Succeeded)).collect();
        Plan::for_tests(nodes.collect(), &edges)
    }
}

async fn execute(plan: &Plan, run: &RunContext, jobs: usize) -> RunSummary {
    crate::run::execute(plan, run, Bounds { jobs, max_fail: None, timeout: None }).await
}

/// The steps in the order in which they started.
fn started(events: &Events) -> Vec<String> {
    let events = events.lock().unwrap();
    let started = events.iter().filter_map(|event| match event {
        RunEvent::StepStarted { step } => Some(step.to_string()),
        _ => None,
    });
    started.collect()
}

fn paced() -> (RunContext, Events) {
    let (mut run, events) = context();
    run.tables = run.tables.paced();
    (run, events)
}

#[tokio::test(start_paused = true)]
async fn steps_that_wait_leave_their_slots_to_others() {
    let mut cast = Cast::default();
    for _ in 0..30 {
        cast.step("s", 1, &[Work(10), Wait(60_000), Work(10)]);
    }
    let plan = cast.plan(&[]);
    let (run, _) = context();
    let summary = execute(&plan, &run, 2).await;
    assert_eq!(cast.most(), 2);
    assert_eq!(summary.duration.as_millis(), 60_000 + 15 * 10 + 10, "all of them waited at once");
    assert!(summary.results.iter().all(|result| result.status == StepStatus::Succeeded));
}

#[tokio::test(start_paused = true)]
async fn with_one_job_a_step_keeps_its_slot_while_it_waits() {
    let mut cast = Cast::default();
    for usual in 0..3 {
        cast.step("s", usual, &[Work(10), Wait(1_000), Call(10)]);
    }
    let plan = cast.plan(&[]);
    let (run, events) = paced();
    let summary = execute(&plan, &run, 1).await;
    assert_eq!(summary.duration.as_millis(), 3 * 1_020);
    assert_eq!(started(&events), ["s0", "s1", "s2"], "in the order of declaration");
}

#[tokio::test(start_paused = true)]
async fn the_wait_for_a_slot_is_not_the_time_of_the_step() {
    let mut cast = Cast::default();
    for _ in 0..2 {
        cast.step("long", 9, &[Wait(1), Work(60_000)]);
    }
    cast.step("short", 1, &[Work(1), Wait(1_000), Work(500)]).timeout = Duration::from_secs(2);
    let plan = cast.plan(&[]);
    let (run, _) = context();
    let summary = execute(&plan, &run, 2).await;
    let short = summary.results.iter().find(|result| result.kind == "short").unwrap();
    assert_eq!(short.status, StepStatus::Succeeded, "{short:?}");
    assert!(short.duration_ms > 60_000, "it waited: {} ms", short.duration_ms);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_waits_past_its_time_ends_though_no_slot_is_free() {
    let mut cast = Cast::default();
    for _ in 0..2 {
        cast.step("long", 9, &[Wait(1), Work(60_000)]);
    }
    cast.step("short", 1, &[Wait(5_000)]).timeout = Duration::from_secs(2);
    let plan = cast.plan(&[]);
    let (run, _) = context();
    let summary = execute(&plan, &run, 2).await;
    let first = &summary.results[0];
    assert_eq!((first.kind.as_str(), first.status), ("short", StepStatus::TimedOut));
    assert_eq!(first.duration_ms, 2_000);
}

#[tokio::test(start_paused = true)]
async fn as_many_steps_of_a_kind_as_there_are_jobs_wait_for_their_turn_and_others_start() {
    let mut cast = Cast::default();
    for _ in 0..20 {
        cast.step("create", 9, &[Call(10)]);
    }
    for _ in 0..3 {
        cast.step("read", 1, &[Work(10)]);
    }
    let plan = cast.plan(&[]);
    let (run, events) = paced();
    execute(&plan, &run, 4).await;
    let order = started(&events);
    let first_read = order.iter().position(|step| step.starts_with("read")).unwrap();
    assert!((4..=10).contains(&first_read), "{order:?}");
    assert!(order[first_read + 1..].iter().any(|step| step.starts_with("create")), "{order:?}");
    assert_eq!(order.len(), 23);
}

#[tokio::test(start_paused = true)]
async fn no_more_than_a_thousand_steps_are_under_way() {
    let mut cast = Cast::default();
    for _ in 0..1_001 {
        cast.step("s", 1, &[Wait(1_000)]);
    }
    let plan = cast.plan(&[]);
    let (run, _) = context();
    let summary = execute(&plan, &run, 8).await;
    assert_eq!(summary.duration.as_millis(), 2_000, "the last one waits for another to end");
}

#[tokio::test(start_paused = true)]
async fn a_free_slot_goes_to_the_longest_way_ahead_then_to_who_waited() {
    for (usual, order) in [(2, ["s1", "f3", "s0", "s2"]), (5, ["s1", "f3", "s2", "s0"])] {
        let mut cast = Cast::default();
        cast.step("s", 2, &[Work(10), Wait(5), Work(10)]);
        cast.step("s", 0, &[Work(18)]);
        cast.step("s", usual, &[Work(10)]);
        cast.step("f", 1, &[Work(10)]);
        cast.step("long", 9, &[Work(100)]);
        // `f3` has the slot of `s0` when that asks for it again; `s2` is ready when `s1` ends.
        let plan = cast.plan(&[(1, 2)]);
        let (run, _) = context();
        let summary = execute(&plan, &run, 3).await;
        let ended: Vec<_> = summary.results.iter().map(|result| result.step.as_str()).collect();
        assert_eq!(ended[..4], order);
    }
}

/// A pool, and how much of it a step takes.
type Share = (usize, u32);

/// Steps with their parts, kinds, usual times and pools; edges go from lower to higher numbers.
#[derive(Debug, Clone)]
struct Random {
    steps: Vec<(Vec<Part>, usize, u64, Option<Share>)>,
    edges: Vec<(usize, usize)>,
    pools: Vec<u32>,
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        (0..200_u64).prop_map(Work),
        (0..2_000_u64).prop_map(Wait),
        (0..50_u64).prop_map(Call)
    ]
}

fn random() -> impl Strategy<Value = Random> {
    let pools = proptest::collection::vec(1..4_u32, 2);
    (1..24_usize, pools).prop_flat_map(|(nodes, pools)| {
        let sizes = pools.clone();
        let share = proptest::option::of((0..2_usize, 1..4_u32))
            .prop_map(move |share| share.map(|(pool, weight)| (pool, weight.min(sizes[pool]))));
        let parts = proptest::collection::vec(part(), 0..5);
        let steps = proptest::collection::vec((parts, 0..3_usize, 0..9_u64, share), nodes);
        let edges = proptest::collection::btree_set((0..nodes, 0..nodes), 0..nodes * 2);
        (steps, edges).prop_map(move |(steps, edges)| {
            let edges = edges.into_iter().filter(|(a, b)| a < b).collect();
            Random { steps, edges, pools: pools.clone() }
        })
    })
}

/// How much of each pool is taken at most, as events tell.
fn most_in_pools(events: &Events, shares: &HashMap<String, Share>) -> [u32; 2] {
    let (mut now, mut most) = ([0, 0], [0, 0]);
    for event in events.lock().unwrap().iter() {
        let (step, enters) = match event {
            RunEvent::StepStarted { step } => (step, true),
            RunEvent::StepFinished(result) => (&result.step, false),
            _ => continue,
        };
        if let Some((pool, weight)) = shares.get(step.as_str()) {
            now[*pool] = if enters { now[*pool] + weight } else { now[*pool] - weight };
            most[*pool] = most[*pool].max(now[*pool]);
        }
    }
    most
}

proptest! {
    /// Whatever waits for what: everything ends, each step ran once and after what it waits for, no
    /// more steps are at work than there are jobs, and no pool is over-full.
    #[test]
    fn steps_that_wait_keep_to_all_bounds(random in random(), jobs in 1..5_usize) {
        let mut cast = Cast::default();
        let mut shares = HashMap::new();
        for (parts, kind, usual, pool) in &random.steps {
            let step = cast.step(["a", "b", "c"][*kind], *usual, parts);
            step.pool = *pool;
            shares.extend(pool.map(|pool| (step.id.to_string(), pool)));
        }
        let ids: Vec<_> = cast.steps.iter().map(|step| step.id.to_string()).collect();
        let mut plan = cast.plan(&random.edges);
        plan.pools.clone_from(&random.pools);
        let (run, events) = paced();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let ended = runtime.block_on(async {
            let day = Duration::from_hours(24);
            tokio::time::timeout(day, execute(&plan, &run, jobs)).await
        });
        let summary = ended.expect("everything ends");
        prop_assert!(summary.results.iter().all(|result| result.status == StepStatus::Succeeded));
        prop_assert!(cast.most() <= jobs, "{} at work", cast.most());
        let order = started(&events);
        prop_assert_eq!(order.len(), ids.len(), "each step runs once");
        let ended: Vec<_> = summary.results.iter().map(|result| result.step.to_string()).collect();
        let position = |list: &[String], node: usize| list.iter().position(|id| *id == ids[node]);
        for node in 0..ids.len() {
            prop_assert!(position(&order, node).is_some() && position(&ended, node).is_some());
        }
        let moments: Vec<_> = events.lock().unwrap().iter().filter_map(|event| match event {
            RunEvent::StepStarted { step } => Some((step.to_string(), false)),
            RunEvent::StepFinished(result) => Some((result.step.to_string(), true)),
            _ => None,
        }).collect();
        let moment = |node: usize, end| moments.iter().position(|(id, is)| *id == ids[node] && *is == end);
        for (before, after) in &random.edges {
            prop_assert!(moment(*before, true) < moment(*after, false), "{before} before {after}");
        }
        let most = most_in_pools(&events, &shares);
        prop_assert!(most.iter().zip(&random.pools).all(|(most, size)| most <= size), "{most:?}");
    }
}
