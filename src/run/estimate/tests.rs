use std::sync::Arc;

use proptest::prelude::*;

use super::schedule::{Load, Schedule, simulate};
use super::*;
use crate::journal::StepTook;
use crate::model::{Features, TableState, When};
use crate::plan::{Aftermath, PlanNode, PlannedStep};
use crate::run::plan_testing::{creating, plan_of as plan_of_text, previews};
use crate::run::testing::{Script, Scripted, planned};
use crate::table::{TableChange, diff};

fn step(id: &str, kind: &str) -> PlannedStep {
    let idle = Arc::new(Script::new(|_| Scripted::Succeed));
    PlannedStep { kind: kind.to_owned(), ..planned(id, idle) }
}

fn plan_of(steps: Vec<PlannedStep>, edges: &[(usize, usize)]) -> Plan {
    let nodes = steps.into_iter().map(|step| PlanNode::Step(Box::new(step))).collect();
    let edges: Vec<_> = edges.iter().map(|(one, next)| (*one, *next, When::Succeeded)).collect();
    Plan::for_tests(nodes, &edges)
}

fn bare(count: usize, edges: &[(usize, usize)]) -> Plan {
    plan_of((0..count).map(|n| step(&format!("s{n}"), "scripted")).collect(), edges)
}

const fn waits(wait: u64) -> Load {
    Load { work: 1, wait }
}

const fn works(work: u64) -> Load {
    Load { work, wait: 0 }
}

#[test]
fn steps_that_wait_give_their_place_to_others_but_with_one_job() {
    let plan = bare(30, &[]);
    let loads = vec![waits(10_000); 30];
    assert_eq!(simulate(&plan, &loads, 2).end, 10_000 + 15);
    assert_eq!(simulate(&plan, &loads, 1).end, 30 * 10_001);
    let loads = vec![works(10_000); 30];
    assert_eq!(simulate(&plan, &loads, 2).end, 15 * 10_000);
}

#[test]
fn the_way_leads_through_what_held_the_last_step_up() {
    // 0 -> 1 and 2 -> 3: the first chain is longer.
    let plan = bare(4, &[(0, 1), (2, 3)]);
    let loads = [works(5), works(50), works(10), works(20)];
    assert_eq!(simulate(&plan, &loads, 4), Schedule { end: 55, way: vec![0, 1] });
    // With one place, in the order of the file, each waits for the one before.
    assert_eq!(simulate(&plan, &loads, 1), Schedule { end: 85, way: vec![0, 1, 2, 3] });
}

#[test]
fn a_pool_lets_in_no_more_than_it_has_room_for() {
    let in_pool =
        |n: usize| PlannedStep { pool: Some((0, 1)), ..step(&format!("s{n}"), "scripted") };
    let mut plan = plan_of((0..6).map(in_pool).collect(), &[]);
    plan.pools = vec![2];
    assert_eq!(simulate(&plan, &[waits(99); 6], 6).end, 3 * 100);
}

#[test]
fn what_stands_in_finally_comes_last_one_after_the_other() {
    let last = |id| PlannedStep { aftermath: Some(Aftermath::Finally), ..step(id, "scripted") };
    let plan = plan_of(vec![step("a", "scripted"), last("b"), last("c")], &[]);
    let played = simulate(&plan, &[works(10), works(20), works(30)], 8);
    assert_eq!(played, Schedule { end: 60, way: vec![0, 1, 2] });
}

proptest! {
    #[test]
    fn no_run_is_shorter_than_its_longest_chain_nor_longer_than_all_its_steps(
        loads in prop::collection::vec((1_u64..100, 0_u64..100), 1..25),
        edges in prop::collection::vec((0_usize..25, 0_usize..25), 0..40),
        jobs in 1_usize..6,
    ) {
        let count = loads.len();
        let forward = |(one, other): &(usize, usize)| {
            let (one, other) = (one % count, other % count);
            (one != other).then(|| (one.min(other), one.max(other)))
        };
        let edges: Vec<_> = edges.iter().filter_map(forward).collect();
        let plan = bare(count, &edges);
        let loads: Vec<Load> = loads.iter().map(|(work, wait)| Load { work: *work, wait: *wait }).collect();
        let mut chain = vec![0; count];
        for node in 0..count {
            let before = edges.iter().filter(|(_, to)| *to == node).map(|(from, _)| chain[*from]);
            chain[node] = before.max().unwrap_or(0) + loads[node].whole();
        }
        let all: u64 = loads.iter().map(|load| load.whole()).sum();
        let played = simulate(&plan, &loads, jobs);
        prop_assert!(played.end >= *chain.iter().max().unwrap());
        prop_assert!(played.end <= all);
        if jobs == 1 {
            prop_assert_eq!(played.end, all);
        }
        prop_assert!(!played.way.is_empty());
        prop_assert_eq!(&simulate(&plan, &loads, jobs), &played);
    }
}

fn expect(
    (plan, previews): &(Plan, Vec<StepPreview>),
    pace: Pace,
    recorded: &Durations,
) -> Estimate {
    let narrowing = Narrowing::default();
    let expecting = Expecting { pace, recorded, jobs: 8, narrowing: &narrowing };
    estimate(plan, previews, &Acts::of(plan, previews, &narrowing), expecting)
}

/// A table that is created, waited for, and found as declared.
fn creation(table: &str) -> (Plan, Vec<StepPreview>) {
    let text = format!(
        "table Users hash=id {{ {table}; }}\n\
         task t {{ for-each table {{ step create-table; step wait-active; step verify; }}; }}"
    );
    let (plan, _) = plan_of_text(&text, "dev");
    let previews = previews(&plan, creating);
    (plan, previews)
}

fn took(step: &str, kind: &str, duration_ms: u64) -> Durations {
    let step = StepId::new(step, None);
    Durations::new(vec![StepTook { step, kind: kind.to_owned(), duration_ms }])
}

const SERVICE: Pace = Pace::Service { faster: 1.0 };
const INDEXED: &str = "gsi by-team hash=team";
const PLAIN: &str = "class standard";

#[test]
fn whoever_waits_for_a_table_takes_the_time_of_what_was_set_off() {
    let none = Durations::default();
    let found = expect(&creation(INDEXED), SERVICE, &none);
    assert_eq!(found.expected_ms, (14_000 + 3 * 20, 22_000 + 3 * 250));
    let way: Vec<&str> = found.longest_way.iter().map(StepId::as_str).collect();
    assert_eq!(way, ["create-table[Users]", "wait-active[Users]"]);
    let waits = found.of_steps.iter().find(|(step, _)| step.as_str() == "wait-active[Users]");
    assert_eq!(waits.unwrap().1, (14_020, 22_250));
    assert_eq!(expect(&creation(PLAIN), SERVICE, &none).expected_ms.0, 1_000 + 3 * 20);
}

#[test]
fn times_are_those_of_the_endpoint() {
    let (creation, none) = (creation(INDEXED), Durations::default());
    let faster = expect(&creation, Pace::Service { faster: 100.0 }, &none);
    assert_eq!(faster.expected_ms, (140 + 3 * 20, 220 + 3 * 250));
    let instant = expect(&creation, Pace::Instant, &none);
    assert!(instant.expected_ms.1 < 200, "{instant:?}");
    let unknown = expect(&creation, Pace::Unknown, &none);
    assert_eq!(unknown.unknown, [StepId::new("wait-active", Some("Users"))]);
    assert!(unknown.expected_ms.1 < 200, "{unknown:?}");
    let recorded = took("wait-active[Users]", "wait-active", 3_000);
    let found = expect(&creation, Pace::Unknown, &recorded);
    assert_eq!(found, unknown, "that run may have found nothing to do");
}

#[test]
fn what_the_service_takes_counts_for_more_than_a_run_that_found_nothing_to_do() {
    let recorded = took("wait-active[Users]", "wait-active", 30);
    assert!(expect(&creation(INDEXED), SERVICE, &recorded).expected_ms.0 > 14_000);
}

#[test]
fn a_command_takes_what_it_took_or_is_named() {
    let (plan, _) = plan_of_text("task t { step exec \"true\" id=load; }", "dev");
    let previews = previews(&plan, creating);
    let command = (plan, previews);
    let found = expect(&command, SERVICE, &Durations::default());
    assert_eq!((found.expected_ms, found.unknown), ((0, 0), vec![StepId::new("load", None)]));
    let found = expect(&command, SERVICE, &took("load", "exec", 7_000));
    assert_eq!((found.expected_ms, found.unknown.len()), ((7_000, 7_000), 0));
}

#[test]
fn steps_that_are_not_called_for_take_no_time() {
    let text = "task t {\n\
        step exec \"true\" id=look effect=read\n\
        step exec \"true\" id=load { only-if-changed look; }\n\
        step exec \"true\" id=mourn { after look when=failed; }\n}";
    let (plan, _) = plan_of_text(text, "dev");
    let previews = previews(&plan, creating);
    let recorded = ["look", "load", "mourn"].map(|step| StepTook {
        step: StepId::new(step, None),
        kind: "exec".to_owned(),
        duration_ms: 5_000,
    });
    let found = expect(&(plan, previews), SERVICE, &Durations::new(recorded.into()));
    assert_eq!(found.expected_ms, (5_000, 5_000));
    assert_eq!(found.longest_way, [StepId::new("look", None)]);
}

#[test]
fn two_changes_of_time_to_live_take_the_hour_between_them_where_the_step_has_it() {
    let waits = |timeout: &str| {
        let text = format!(
            "table Users hash=id {{ ttl b; }}\n\
             task t {{ step update-table table=Users {{ timeout \"{timeout}\"; }}; }}"
        );
        let (plan, _) = plan_of_text(&text, "dev");
        let previews = previews(&plan, |step| {
            let spec = step.table.as_ref().unwrap();
            let live = TableState::created(spec);
            let mut features = Features::of_new_table(spec);
            features.time_to_live = Some(Some("a".to_owned()));
            diff(spec, &live, &features).changes
        });
        assert_eq!(previews[0].changes.len(), 2);
        let halts = [SERVICE, Pace::Service { faster: 600.0 }, Pace::Unknown, Pace::Instant]
            .map(|pace| pace.halts(plan.step(0).unwrap(), &previews[0].changes));
        (expect(&(plan, previews), SERVICE, &Durations::default()).expected_ms.1, halts)
    };
    assert_eq!(waits("30m"), (2 * 2_000 + 250, [true, false, true, false]));
    assert_eq!(waits("2h"), (2 * 2_000 + 250 + 3_600_000, [false; 4]));
}

/// An `update-table` that adds one vector index to a table that is there.
fn vector_index_added() -> (Plan, Vec<StepPreview>) {
    let text = "table Users hash=id { vector-index near attribute=v dimensions=3; }\n\
                task t { step update-table table=Users; }";
    let (plan, _) = plan_of_text(text, "dev");
    let previews = previews(&plan, |step| {
        let spec = step.table.as_ref().unwrap();
        let live = TableState { vector_indexes: Vec::new(), ..TableState::created(spec) };
        diff(spec, &live, &Features::of_new_table(spec)).changes
    });
    assert_eq!(previews[0].changes.len(), 1);
    (plan, previews)
}

#[test]
fn a_vector_index_takes_as_long_as_the_engine_needs_for_it() {
    let (added, none) = (vector_index_added(), Durations::default());
    let of = |pace| expect(&added, pace, &none).expected_ms;
    assert_eq!(of(SERVICE), (513_020, 1_020_250));
    assert_eq!(of(Pace::Service { faster: 600.0 }), (15_020, 16_750));
    assert_eq!(of(Pace::Instant), (15_002, 16_520));
    // With its table it is there as soon as the table.
    let table = creation("vector-index near attribute=v dimensions=3");
    assert_eq!(expect(&table, SERVICE, &none).expected_ms.0, 14_000 + 3 * 20);
    assert!(expect(&table, Pace::Instant, &none).expected_ms.1 < 200);
}

#[test]
fn a_backup_takes_what_it_took_or_is_named() {
    let (plan, _) =
        plan_of_text("table Users hash=id\ntask t { step backup-table table=Users; }", "dev");
    let previews = previews(&plan, |step| {
        vec![TableChange::backup(&TableState::created(step.table.as_ref().unwrap()))]
    });
    let backup = (plan, previews);
    let none = Durations::default();
    let unknown = vec![StepId::new("backup-table", None)];
    assert_eq!(expect(&backup, SERVICE, &none).unknown, unknown);
    let recorded = took("backup-table", "backup-table", 4_000);
    assert_eq!(expect(&backup, SERVICE, &recorded).expected_ms, (4_020, 4_250));
    assert_eq!(expect(&backup, Pace::Instant, &none).unknown, []);
}

#[test]
fn the_longest_way_names_no_step_that_counts_as_nothing() {
    let text = "table Users hash=id\n\
        task t { step create-table table=Users; step wait-active table=Users; step exec \"true\" id=load;\n\
        finally { step exec \"true\" id=last; }; }";
    let (plan, _) = plan_of_text(text, "dev");
    let previews = previews(&plan, creating);
    let found = expect(&(plan, previews), SERVICE, &Durations::default());
    let way: Vec<&str> = found.longest_way.iter().map(StepId::as_str).collect();
    assert_eq!(way, ["create-table", "wait-active"]);
}

#[test]
fn a_command_that_never_ran_does_not_take_what_another_one_took() {
    let (plan, _) = plan_of_text("task t { step exec \"true\" id=load; }", "dev");
    let previews = previews(&plan, creating);
    let found = expect(&(plan, previews), SERVICE, &took("other", "exec", 7));
    assert_eq!(found.unknown, [StepId::new("load", None)]);
}

#[test]
fn a_step_that_takes_the_terminal_runs_while_nothing_else_does() {
    let text = "task t { parallel { step exec \"true\" id=a; step exec \"true\" id=b { interactive; };\n\
                step exec \"true\" id=c; }; }";
    let (plan, _) = plan_of_text(text, "dev");
    let loads: Vec<Load> = (0..plan.len())
        .map(|node| plan.step(node).map_or_else(Load::default, |_| works(10)))
        .collect();
    // With b alone, the others can be at work at once, but before it or after it.
    assert!((20..=30).contains(&simulate(&plan, &loads, 8).end));
    let (calm, _) = plan_of_text(&text.replace(" { interactive; }", ""), "dev");
    assert_eq!(simulate(&calm, &loads, 8).end, 10);
}
