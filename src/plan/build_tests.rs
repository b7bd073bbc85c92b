use OnFailure::{KeepGoing, Stop};

use super::*;
use crate::diagnostic::Diagnostics;
use crate::plan::RollbackScope;

/// Loads a project made of this task in front of two environments and three tables.
fn config(task: &str) -> Config {
    let text = format!(
        "osem 1\nproject p\n\
         environment local default=#true {{ emulator; allow-destroy; }}\n\
         environment prod {{ account \"033333333333\"; protected; }}\n\
         table Users hash=userId\ntable Teams hash=teamId\ntable Plans hash=planId\n\
         task t {{\n{task}\n}}\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("osem.kdl");
    std::fs::write(&file, text).unwrap();
    let loaded = crate::config::load(&file, &Registry::built_in().catalog());
    loaded.unwrap_or_else(|found: Diagnostics| {
        panic!("{}", found.render(crate::diagnostic::RenderStyle::default()))
    })
}

fn plan_in(task: &str, environment: &str, prefix: Option<&str>) -> Result<Plan, Vec<Diagnostic>> {
    let config = config(task);
    let options = PlanOptions { region: "us-east-1", prefix, ..PlanOptions::default() };
    let environment = config.environment(environment).unwrap();
    build(&config, &Registry::built_in(), config.task("t").unwrap(), environment, options)
}

fn plan(task: &str) -> Plan {
    plan_in(task, "local", None).unwrap()
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps().map(|step| step.id.as_str()).collect()
}

/// `before -> after` for every edge, barriers named `|`; `-!>` where `before` must fail, `-?>` where
/// it must end.
fn edges(plan: &Plan) -> Vec<String> {
    let name = |node| plan.step(node).map_or("|", |step| step.id.as_str());
    let of_node = |node| plan.dependents(node).into_iter().map(move |next| (node, next));
    let all = (0..plan.len()).flat_map(of_node);
    let arrow = |when| match when {
        When::Succeeded => "->",
        When::Failed => "-!>",
        When::Always => "-?>",
    };
    all.map(|(node, (next, when))| format!("{} {} {}", name(node), arrow(when), name(next)))
        .collect()
}

#[test]
fn steps_are_ordered_by_position_and_chains_are_independent() {
    let plan = plan(
        "step validate-credentials\n\
         for-each table Users Teams { step create-table; step wait-active; }\n\
         step list-tables",
    );
    assert_eq!(
        edges(&plan),
        [
            "validate-credentials -> create-table[Users]",
            "validate-credentials -> create-table[Teams]",
            "create-table[Users] -> wait-active[Users]",
            "wait-active[Users] -> list-tables",
            "create-table[Teams] -> wait-active[Teams]",
            "wait-active[Teams] -> list-tables",
        ]
    );
}

#[test]
fn a_barrier_stands_between_two_blocks() {
    let plan = plan("for-each table { step create-table; }\nfor-each table { step verify; }");
    assert_eq!(plan.len(), 7, "three steps, a barrier, three steps");
    assert_eq!(edges(&plan).len(), 6);
}

#[test]
fn reverse_order_turns_the_start_order_round() {
    let plan = plan("for-each table order=reverse { step verify; }");
    assert_eq!(ids(&plan), ["verify[Plans]", "verify[Teams]", "verify[Users]"]);
}

#[test]
fn after_replaces_the_step_before_and_the_next_block_waits_for_all_ends() {
    let plan = plan(
        "for-each table Users {\n\
           step create-table\n\
           step wait-active\n\
           step verify { after create-table; }\n\
         }\n\
         step list-tables",
    );
    assert_eq!(
        edges(&plan),
        [
            "create-table[Users] -> wait-active[Users]",
            "create-table[Users] -> verify[Users]",
            "wait-active[Users] -> list-tables",
            "verify[Users] -> list-tables",
        ]
    );
}

#[test]
fn a_bare_id_from_outside_means_all_instances() {
    let plan = plan(
        "for-each table { step create-table; step wait-active; }\n\
         step list-tables { after create-table; }",
    );
    let into_list = edges(&plan).into_iter().filter(|edge| edge.ends_with("-> list-tables"));
    assert_eq!(into_list.count(), 3);
}

/// The name of the step itself is checked when the file is read; which instances there are is known
/// only here.
#[test]
fn an_instance_that_is_not_planned_is_an_error() {
    let task =
        "for-each table Users { step verify; }\nstep list-tables { after \"verify[Plans]\"; }";
    let found = plan_in(task, "local", None).unwrap_err();
    assert_eq!(found[0].message, "no step `verify[Plans]` in this task");
}

#[test]
fn a_cycle_is_an_error_with_its_shortest_path() {
    let found = plan_in(
        "step validate-credentials { after c; }\n\
         step list-tables id=b { after validate-credentials; }\n\
         step list-tables id=c { after b; }\n\
         step list-tables id=d { after c b; }",
        "local",
        None,
    );
    let found = found.unwrap_err();
    assert_eq!(found.len(), 1);
    let path = "steps wait for each other: validate-credentials -> b -> c -> validate-credentials";
    let turned = ["b -> c -> validate-credentials -> b", "c -> validate-credentials -> b -> c"]
        .map(|path| format!("steps wait for each other: {path}"));
    assert!(found[0].message == path || turned.contains(&found[0].message), "{}", found[0].message);
    assert_eq!(found[0].labels.len(), 3);
}

#[test]
fn the_nearest_on_failure_decides_and_the_command_line_overrides() {
    let task = "on-failure keep-going\nstep list-tables\n\
                for-each table Users { on-failure stop; step create-table; step verify { on-failure keep-going; }; }";
    let of = |plan: &Plan| plan.steps().map(|step| step.on_failure).collect::<Vec<_>>();
    assert_eq!(of(&plan(task)), [KeepGoing, Stop, KeepGoing]);
    let config = config(task);
    let options = PlanOptions { region: "r", on_failure: Some(Stop), ..PlanOptions::default() };
    let environment = config.environment("local").unwrap();
    let overridden =
        build(&config, &Registry::built_in(), &config.tasks[0], environment, options).unwrap();
    assert_eq!(of(&overridden), [Stop, Stop, Stop]);
}

#[test]
fn each_step_knows_its_chain_and_what_is_undone_when_it_fails() {
    let task = "on-failure rollback\nstep list-tables\n\
                for-each table Users Teams { step create-table; step verify { on-failure stop; }; \
                step tag { on-failure rollback; }; }\n\
                for-each table Users { on-failure rollback; step wait-active; }\n\
                finally { step list-tables id=last; }";
    let plan = plan(task);
    let scopes: Vec<_> =
        plan.steps().map(|step| (step.rollback.chain, step.rollback.scope)).collect();
    let (run, chain) = (Some(RollbackScope::Run), Some(RollbackScope::Chain));
    let expected = [
        (0, run),
        (1, run),
        (1, None),
        (1, chain),
        (2, run),
        (2, None),
        (2, chain),
        (3, chain),
        (4, None),
    ];
    assert_eq!(scopes, expected);
}

#[test]
fn a_task_is_refused_where_it_is_not_allowed() {
    let found = plan_in("allow-in local\nstep list-tables", "prod", None).unwrap_err();
    assert_eq!(found[0].code, "osem::not-allowed-here");
}

#[test]
fn a_prefix_is_refused_for_protected_environments_and_for_deleting() {
    let deleting = "allow-in local\nfor-each table { step delete-table; }";
    assert!(plan_in("step list-tables", "local", Some("me-")).is_ok());
    assert_eq!(
        plan_in("step list-tables", "prod", Some("me-")).unwrap_err()[0].code,
        "osem::prefix"
    );
    assert_eq!(plan_in(deleting, "local", Some("me-")).unwrap_err()[0].code, "osem::prefix");
}

#[test]
fn a_thousand_tables_in_two_blocks_need_few_edges() {
    let tables: String =
        (0..1000).fold(String::new(), |text, n| text + &format!("table T{n} hash=id\n"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("osem.kdl");
    let text = format!(
        "osem 1\nproject p\nenvironment local {{ emulator; }}\n{tables}\
         task t {{ for-each table {{ step create-table; }}; for-each table {{ step verify; }}; }}\n"
    );
    std::fs::write(&file, text).unwrap();
    let config = crate::config::load(&file, &Registry::built_in().catalog()).unwrap();
    let options = PlanOptions { region: "us-east-1", ..PlanOptions::default() };
    let plan =
        build(&config, &Registry::built_in(), &config.tasks[0], &config.environments[0], options);
    assert_eq!(edges(&plan.unwrap()).len(), 2000);
}

#[test]
fn what_follows_a_parallel_block_waits_for_all_of_it() {
    let plan = plan(
        "for-each table Users {\n\
           step create-table\n\
           parallel { step verify; step tag; }\n\
           step wait-active\n\
         }",
    );
    assert_eq!(
        edges(&plan),
        [
            "create-table[Users] -> verify[Users]",
            "create-table[Users] -> tag[Users]",
            "verify[Users] -> wait-active[Users]",
            "tag[Users] -> wait-active[Users]",
        ]
    );
    assert!(plan.steps().next().unwrap().tags_follow);
}

#[test]
fn a_barrier_stands_between_two_parallel_blocks() {
    let plan = plan(
        "parallel { step list-tables; step validate-credentials; }\n\
         parallel { step list-tables id=b; step list-tables id=c; step list-tables id=d; }",
    );
    assert_eq!((plan.len(), edges(&plan).len()), (6, 5));
}

#[test]
fn serial_chains_wait_for_the_end_of_the_one_before() {
    let plan = plan(
        "step list-tables\n\
         for-each table Users Teams { serial; step create-table; step verify { after create-table; }; }\n\
         step list-tables id=z",
    );
    assert_eq!(
        edges(&plan),
        [
            "list-tables -> create-table[Users]",
            "list-tables -> create-table[Teams]",
            "create-table[Users] -> verify[Users]",
            "create-table[Users] -?> |",
            "verify[Users] -?> |",
            "verify[Users] -> z",
            "| -> create-table[Teams]",
            "| -> verify[Teams]",
            "create-table[Teams] -> verify[Teams]",
            "verify[Teams] -> z",
        ]
    );
}

#[test]
fn what_runs_after_a_failure_stands_beside_the_order() {
    let plan = plan(
        "for-each table Users {\n\
           step create-table\n\
           step tag { after create-table when=failed; }\n\
           step wait-active\n\
           step verify { after wait-active when=always; }\n\
         }\n\
         step list-tables",
    );
    assert_eq!(
        edges(&plan),
        [
            "create-table[Users] -!> tag[Users]",
            "create-table[Users] -> wait-active[Users]",
            "tag[Users] -?> wait-active[Users]",
            "wait-active[Users] -?> verify[Users]",
            "wait-active[Users] -> list-tables",
            "verify[Users] -?> list-tables",
        ]
    );
}

#[test]
fn finally_stands_last_and_waits_for_nothing_in_the_graph() {
    let plan = plan("finally { step verify table=Users; }\nstep list-tables");
    assert_eq!(ids(&plan), ["list-tables", "verify"]);
    assert_eq!((edges(&plan).len(), plan.finally()), (0, 1..2));
}

#[test]
fn only_if_changed_waits_for_the_steps_it_names() {
    let plan = plan(
        "for-each table Users Teams { step create-table; step verify; step tag { only-if-changed create-table; }; }\n\
         finally { step list-tables { only-if-changed create-table; }; }",
    );
    let users = edges(&plan).into_iter().filter(|edge| edge.ends_with("-> tag[Users]"));
    assert_eq!(
        users.collect::<Vec<_>>(),
        ["create-table[Users] -> tag[Users]", "verify[Users] -> tag[Users]"]
    );
    assert_eq!(plan.step(6).unwrap().only_if_changed.1, [0, 3], "of both, and after all of them");
}

/// `t` needs `a` and `b`, and both need `c`.
const NEEDS: &str = "needs a b\nstep list-tables\n\
    finally { step verify table=Users; }\n\
    }\n\
    task a { needs c; step list-tables; confirm yes-no; timeout \"5m\"; finally { step list-tables id=z; }; }\n\
    task b { needs c; confirm type-environment; for-each table Users { step create-table; step verify { after create-table; }; }; }\n\
    task c { allow-in local; step validate-credentials; on-failure keep-going";

#[test]
fn needed_tasks_run_first_and_once_and_their_steps_bear_their_names() {
    let plan = plan(NEEDS);
    assert_eq!(
        edges(&plan),
        [
            "c/validate-credentials -> a/list-tables",
            "a/list-tables -> b/create-table[Users]",
            "b/create-table[Users] -> b/verify[Users]",
            "b/verify[Users] -> list-tables",
        ]
    );
    assert_eq!(ids(&plan)[4..], ["list-tables", "a/z", "verify"]);
    assert_eq!(plan.confirm, Confirm::TypeEnvironment, "the strictest");
    let of = |id: &str| plan.steps().find(|step| step.id.as_str() == id).unwrap();
    assert_eq!(of("c/validate-credentials").on_failure, KeepGoing, "its own task's");
    assert_eq!(of("list-tables").on_failure, Stop);
    assert_eq!((plan.task_timeouts.len(), of("a/list-tables").clock), (1, Some(0)));
    assert_eq!((plan.timeout, of("list-tables").clock, of("a/z").clock), (None, None, None));
}

#[test]
fn a_task_is_refused_where_one_that_it_needs_is_not_allowed() {
    let found = plan_in(NEEDS, "prod", None).unwrap_err();
    let message = "task `t` is not allowed in environment `prod`: it needs `c`, which is not";
    assert_eq!(found[0].message, message);
}

#[test]
fn a_prefix_is_refused_when_a_needed_task_deletes() {
    let task = "needs d\nstep list-tables\n}\ntask d { allow-in local; for-each table { step delete-table; }";
    let found = plan_in(task, "local", Some("me-")).unwrap_err();
    assert_eq!(found[0].message, "OSEM_DB_PREFIX is `me-`, and task `d` deletes tables");
}
