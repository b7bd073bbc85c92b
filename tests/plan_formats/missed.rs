//! What is certain to fail, what is not reached because of that, and what stands once.

use serde_json::Value;

use crate::harness::{Project, Simulator};
use crate::settings::{osem, setup};

use super::step;

/// Two tables with this task; steps of a project that goes on after failures where it is said.
fn project(task: &str) -> Project {
    Project::of(format!(
        "osem 1\nproject shop {{ table-name \"shop-{{env}}-{{table}}\"; }}\n\
         environment dev default=#true {{ region us-east-1; allow-destroy; }}\n\
         table Orders hash=id {{ ttl expiresAt; tag owner me; }}\n\
         table Lines hash=id {{ ttl expiresAt; tag owner me; }}\n\
         task setup {{ for-each table {{ step create-table; step wait-active; step update-table; }}; }}\n\
         task t {{ allow-in dev\n{task} }}\n"
    ))
}

fn calls(document: &Value) -> Vec<String> {
    let changes = document["data"]["changes"].as_array().unwrap_or_else(|| panic!("{document:#}"));
    let one = |change: &Value| {
        let word = |field: &str| change[field].as_str().unwrap().to_owned();
        format!("{} {}", word("call"), word("tableName"))
    };
    changes.iter().map(one).collect()
}

#[test]
fn a_table_that_nobody_makes_is_missed_in_the_plan_as_in_the_run() {
    let simulator = Simulator::start("--time-scale 500");
    for kind in ["update-table", "verify", "wait-active", "tag"] {
        let project = project(&format!("step {kind} table=Orders"));
        let plan = osem(&project, "plan t --exit-code", &simulator).json(1);
        let problem = &step(&plan, kind)["problem"];
        let run = osem(&project, "run t --confirm dev", &simulator).json(1);
        for field in ["code", "message", "remediation"] {
            assert_eq!(problem[field], run["error"][field], "{kind}: {plan:#}\n{run:#}");
        }
        assert_eq!(problem["code"], "TABLE_NOT_FOUND");
        assert_eq!(calls(&plan), Vec::<String>::new(), "{kind}");
        assert_eq!(plan["data"]["plan"]["summary"]["hasChanges"], false);
    }
    assert_eq!(simulator.statistics()["applied"]["UpdateTimeToLive"], Value::Null);
}

#[test]
fn a_chain_without_its_table_has_one_problem() {
    let simulator = Simulator::start("--time-scale 500");
    let project =
        project("step update-table table=Orders\nstep verify table=Orders\nstep tag table=Orders");
    let text = osem(&project, "plan t", &simulator).status(1).stdout();
    assert_eq!(text.matches("would fail:").count(), 1, "{text}");
    assert!(text.contains("\n      not reached then: verify, tag\n"), "{text}");
    assert!(text.contains("\n1 certain to fail, 2 not reached for 2 tables\n"), "{text}");
    // Whatever the names of its steps are.
    let project =
        project.edit("step update-table table=Orders\n", "step wait-active table=Orders\n");
    let text = osem(&project, "plan t", &simulator).status(1).stdout();
    assert!(text.contains("\n      not reached then: verify, tag\n"), "{text}");
}

#[test]
fn a_table_that_is_on_its_way_out_is_waited_for_where_it_is_made_anew_and_else_missed() {
    // A deletion lasts forty seconds and more.
    let simulator = Simulator::start("--time-scale 0.1");
    let chain = "step create-table; step wait-active; step update-table; step verify; step tag";
    let project = project(&format!("for-each table {{ {chain}; }}"));
    simulator.dynamo().create("shop-dev-Orders", "id");
    let name = serde_json::json!({ "TableName": "shop-dev-Orders" });
    simulator.advance("10m");
    simulator.dynamo().call("DeleteTable", &name);
    let document = osem(&project, "plan t --table Orders", &simulator).json(0);
    assert_eq!(
        calls(&document),
        ["CreateTable shop-dev-Orders", "UpdateTimeToLive shop-dev-Orders"]
    );
    assert_eq!(document["data"]["plan"]["unmanaged"], Value::Array(Vec::new()));
    for (kind, code) in [
        ("update-table", "SCHEMA_VALIDATION_FAILED"),
        ("wait-active", "SCHEMA_VALIDATION_FAILED"),
        ("verify", "SCHEMA_VALIDATION_FAILED"),
        ("tag", "TABLE_NOT_FOUND"),
    ] {
        let line = format!("plan t --only {kind}[Orders]");
        let document = osem(&project, &line, &simulator).json(1);
        let problem = &step(&document, &format!("{kind}[Orders]"))["problem"];
        assert_eq!(problem["code"], code, "{document:#}");
    }
}

#[test]
fn a_table_that_nobody_deletes_is_waited_for_in_vain() {
    let simulator = Simulator::start("--time-scale 500");
    let waits = project("for-each table { step wait-deleted; }");
    osem(&waits, "plan t --exit-code", &simulator).status(0);
    setup(&waits, &simulator, 0);
    let plan = osem(&waits, "plan t", &simulator).json(1);
    let run = osem(&waits, "run t --table Orders", &simulator).json(1);
    let problem = &step(&plan, "wait-deleted[Orders]")["problem"];
    for field in ["code", "message", "remediation"] {
        assert_eq!(problem[field], run["error"][field], "{plan:#}\n{run:#}");
    }
    let deletes = project("for-each table { step delete-table; step wait-deleted; }");
    osem(&deletes, "plan t --exit-code", &simulator).status(4);
}

#[test]
fn a_table_that_is_still_being_made_can_be_deleted_once_it_is() {
    let simulator = Simulator::start("--time-scale 0.1");
    let project = project("for-each table { step delete-table missing=ok; step wait-deleted; }");
    simulator.dynamo().create("shop-dev-Orders", "id");
    let document = osem(&project, "plan t", &simulator).json(0);
    assert_eq!(calls(&document), ["DeleteTable shop-dev-Orders"]);
    let note = "shop-dev-Orders is being made: its tags are compared then";
    assert_eq!(step(&document, "delete-table[Orders]")["notes"][0], note);
}

#[test]
fn a_table_that_an_earlier_step_makes_is_not_missed() {
    let simulator = Simulator::start("--time-scale 500");
    let chain = "step create-table; step wait-active; step update-table; step verify; step tag";
    let all = project(&format!("for-each table {{ {chain}; }}"));
    osem(&all, "plan t --exit-code", &simulator).status(4);
    // Nor where the step that makes it stands in a task that is needed.
    let needed = project("needs setup\nfor-each table { step verify; }");
    osem(&needed, "plan t --exit-code", &simulator).status(4);
    // But where the step that makes it is left out.
    let document = osem(&all, "plan t --from update-table", &simulator).json(1);
    assert_eq!(step(&document, "update-table[Lines]")["problem"]["code"], "TABLE_NOT_FOUND");
}

#[test]
fn whether_a_command_makes_the_table_is_said_not_to_be_known() {
    let simulator = Simulator::start("--time-scale 500");
    let task =
        "step exec \"true\" id=make\nstep update-table table=Orders\nstep verify table=Orders";
    let document = osem(&project(task), "plan t --exit-code", &simulator).json(4);
    let update = step(&document, "update-table");
    assert_eq!(update["problem"], Value::Null);
    let note = "shop-dev-Orders is not there; whether make changes that before is not known";
    assert_eq!(update["notes"][0], note);
    let reads = task.replace("id=make", "id=make effect=read");
    osem(&project(&reads), "plan t --exit-code", &simulator).status(1);
}

#[test]
fn a_table_that_the_task_itself_deletes_is_missed_after_that_and_nothing_is_deleted() {
    let simulator = Simulator::start("--time-scale 500");
    let chain = "for-each table { step delete-table; step wait-deleted; step verify; }";
    let project = project(chain);
    setup(&project, &simulator, 0);
    let document = osem(&project, "plan t", &simulator).json(1);
    assert_eq!(step(&document, "verify[Orders]")["problem"]["code"], "TABLE_NOT_FOUND");
    assert_eq!(document["data"]["plan"]["refused"], true);
    let text = osem(&project, "plan t", &simulator).status(1).stdout();
    let last = "the run would stop before its first write: nothing would be changed\n";
    assert!(text.ends_with(last), "{text}");
    let run = osem(&project, "run t --confirm dev", &simulator).json(1);
    assert_eq!(run["error"]["code"], "TABLE_NOT_FOUND");
    assert_eq!(simulator.statistics()["applied"]["DeleteTable"], Value::Null);
}

#[test]
fn what_is_not_reached_is_no_call_and_the_other_chain_goes_on() {
    let simulator = Simulator::start("--time-scale 500");
    simulator.dynamo().create("shop-dev-Orders", "other");
    let task = "on-failure keep-going\nfor-each table {\n\
        step create-table; step wait-active; step update-table; step tag; step verify\n }";
    let project = project(task);
    let document = osem(&project, "plan t", &simulator).json(1);
    let planned = ["CreateTable shop-dev-Lines", "UpdateTimeToLive shop-dev-Lines"];
    assert_eq!(calls(&document), planned);
    let summary = &document["data"]["plan"]["summary"];
    assert_eq!((&summary["create"], &summary["change"]), (&1.into(), &1.into()));
    assert_eq!((&summary["problems"], &summary["notReached"]), (&1.into(), &4.into()));
    let tag = step(&document, "tag[Orders]");
    assert_eq!(tag["notReached"], "create-table[Orders]");
    assert_eq!((&tag["acts"], &tag["changes"]), (&false.into(), &Value::Array(Vec::new())));
    assert_eq!(tag["expectedMs"], Value::Null);
    assert_eq!(step(&document, "tag[Lines]")["notReached"], Value::Null);

    let text = osem(&project, "plan t", &simulator).status(1).stdout();
    let line = "      not reached then: wait-active[Orders], update-table[Orders], tag[Orders], \
                verify[Orders]\n";
    assert!(text.contains(line), "{text}");
    let total =
        "\n1 CreateTable, 1 UpdateTimeToLive, 1 certain to fail, 4 not reached for 2 tables\n";
    assert!(text.contains(total), "{text}");
    let page = osem(&project, "plan t --format markdown", &simulator).status(1).stdout();
    let list = "### Not reached\n\n- because of `create-table[Orders]`: `wait-active[Orders]`, \
                `update-table[Orders]`, `tag[Orders]`, `verify[Orders]`\n";
    assert!(page.contains(list), "{page}");
    assert!(page.contains("4 steps not reached**"), "{page}");

    // And that is what the run does.
    osem(&project, "run t --yes", &simulator).status(2);
    let applied = &simulator.statistics()["applied"];
    assert_eq!((&applied["CreateTable"], &applied["UpdateTimeToLive"]), (&2.into(), &1.into()));
    assert_eq!(applied["TagResource"], Value::Null);
}

#[test]
fn a_change_that_takes_two_calls_stands_once_under_what_lasts() {
    let simulator = Simulator::start("--time-scale 500");
    let before = project("");
    setup(&before, &simulator, 0);
    simulator.advance("1h");
    let after = before.edit("ttl expiresAt; tag owner me; }\ntable L", "ttl other; }\ntable L");
    let text = osem(&after, "plan setup", &simulator).success().stdout();
    assert!(text.contains("\n2 UpdateTimeToLive for 2 tables\n"), "{text}");
    assert_eq!(
        text.matches("shop-dev-Orders: UpdateTimeToLive ttl: cooldown").count(),
        1,
        "{text}"
    );
    let page = osem(&after, "plan setup --format markdown", &simulator).success().stdout();
    assert_eq!(page.matches("- `shop-dev-Orders`: `UpdateTimeToLive ttl`").count(), 1, "{page}");
}
