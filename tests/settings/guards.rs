//! What surrounds a change: questions, leave, faults, and endpoints that do not have it.

use serde_json::{Value, json};

use crate::harness::{Project, Simulator};

use super::{ORDERS, issues, osem, planned, project, setup};

/// `setup` without an answer to any question.
fn unanswered(project: &Project, simulator: &Simulator) -> Value {
    let code = osem(project, "setup", simulator).json(77);
    code["error"]["code"].clone()
}

#[test]
fn what_is_lossy_is_asked_for_and_what_is_not_is_not() {
    let simulator = Simulator::start("--time-scale 500");
    setup(&project("hash=id", "point-in-time-recovery days=7"), &simulator, 0);
    let longer = project("hash=id", "point-in-time-recovery days=9");
    osem(&longer, "setup", &simulator).success();
    let shorter = project("hash=id", "point-in-time-recovery days=3");
    assert_eq!(unanswered(&shorter, &simulator), "NOT_CONFIRMED");
    assert_eq!(issues(&shorter, &simulator, 1), ["POINT_IN_TIME_RECOVERY"]);
    osem(&shorter, "setup --yes", &simulator).success();
    let expiring = project("hash=id", "ttl expiresAt");
    assert_eq!(unanswered(&expiring, &simulator), "NOT_CONFIRMED");
}

#[test]
fn a_new_table_asks_nothing_whatever_its_settings() {
    let simulator = Simulator::start("--time-scale 500");
    let table = "ttl expiresAt; encryption aws-managed; class standard-infrequent-access";
    osem(&project("hash=id", table), "setup", &simulator).success();
}

#[test]
fn settings_merge_and_false_turns_off_what_was_inherited() {
    let text = "osem 1\n\
        project shop { table-name \"shop-{env}-{table}\"; }\n\
        defaults { table { stream new-image; ttl expiresAt; deletion-protection; }; }\n\
        environment dev default=#true { region us-east-1; table { deletion-protection #false; }; }\n\
        environment next { region us-east-1; }\n\
        table Orders hash=id { ttl #false; in dev { stream keys-only; }; }\n\
        task setup { for-each table { step create-table; step wait-active; step update-table; }; }\n";
    let simulator = Simulator::start("--time-scale 500");
    for (environment, view, protected) in [("dev", "KEYS_ONLY", false), ("next", "NEW_IMAGE", true)]
    {
        let project = Project::of(text);
        osem(&project, &format!("setup --env {environment}"), &simulator).success();
        let name = json!({ "TableName": format!("shop-{environment}-Orders") });
        let table = simulator.dynamo().call("DescribeTable", &name);
        assert_eq!(table["Table"]["StreamSpecification"]["StreamViewType"], view);
        let found = table["Table"]["DeletionProtectionEnabled"].as_bool().unwrap_or(false);
        assert_eq!(found, protected, "{environment}");
        let ttl = simulator.dynamo().call("DescribeTimeToLive", &name);
        assert_eq!(ttl["TimeToLiveDescription"]["TimeToLiveStatus"], "DISABLED");
    }
}

#[test]
fn settings_that_may_not_be_read_are_unchecked_and_never_changed_blindly() {
    let simulator = Simulator::with_faults("--time-scale 500", &["deny on=DescribeTimeToLive"]);
    let bare = project("hash=id", "");
    setup(&bare, &simulator, 0);
    let declared = project("hash=id", "ttl expiresAt");
    assert_eq!(issues(&declared, &simulator, 1), ["UNCHECKED"]);
    let document = setup(&declared, &simulator, 1);
    assert_eq!(document["error"]["code"], "AWS_PERMISSIONS_DENIED", "{document:#}");
    assert_eq!(simulator.statistics()["applied"]["UpdateTimeToLive"], Value::Null);
}

#[test]
fn changes_survive_throttling_failures_and_lost_answers() {
    let faults = [
        "throttle on=UpdateTable rate=0.4",
        "lose-response on=UpdateTable rate=0.3",
        "error on=UpdateContinuousBackups code=InternalServerError rate=0.5",
        "lose-response on=UpdateTimeToLive rate=0.5",
    ];
    let simulator = Simulator::with_faults("--time-scale 1000 --seed 11", &faults);
    let text = "stream new-image; class standard-infrequent-access; deletion-protection\n\
                on-demand-max read=100; ttl expiresAt; point-in-time-recovery\n\
                encryption aws-managed";
    setup(&project("hash=id", ""), &simulator, 0);
    let declared = project("hash=id", text);
    let outcome = osem(&declared, "setup --confirm dev --retries 12", &simulator).output();
    outcome.expect_code(0);
    let simulator = simulator.healed();
    assert_eq!(issues(&declared, &simulator, 0), Vec::<String>::new());
    assert_eq!(planned(&declared, &simulator), Vec::<String>::new());
}

#[test]
fn a_budget_that_is_spent_is_said_with_when_it_is_free_again() {
    let simulator = Simulator::start("--time-scale 500");
    setup(&project("hash=id", ""), &simulator, 0);
    let class = |own: &str| project("hash=id", &format!("class {own}"));
    setup(&class("standard-infrequent-access"), &simulator, 0);
    setup(&class("standard"), &simulator, 0);
    let document = setup(&class("standard-infrequent-access"), &simulator, 1);
    assert_eq!(document["error"]["code"], "TABLE_LIMIT_EXCEEDED");
    let said = document["error"]["remediation"].as_str().unwrap();
    assert!(said.contains("30 days"), "{document:#}");
}

#[test]
fn what_the_plain_emulator_does_not_have_is_left_out_with_a_warning_unless_strict() {
    let text = |setting: &str| {
        format!(
            "osem 1\n\
             project shop {{ table-name \"shop-{{env}}-{{table}}\"; }}\n\
             environment dev {{ emulator memory; }}\n\
             table Orders hash=id {{ {setting}; stream new-image; ttl expiresAt; }}\n\
             task setup {{\n\
                 for-each table {{\n\
                     step create-table; step wait-active; step update-table; step verify\n\
                 }}\n\
             }}\n"
        )
    };
    for setting in ["point-in-time-recovery", "contributor-insights", "warm-throughput read=20000"]
    {
        let node = setting.split(' ').next().unwrap();
        let lenient = Project::of(text(setting)).osem("setup --env dev").success();
        lenient.expect_stderr(&format!("{node} left out: not supported by embedded emulator"));
        let strict = Project::of(text(setting)).osem("setup --env dev --strict").json(2);
        assert_eq!(strict["error"]["code"], "UNSUPPORTED_BY_ENDPOINT", "{strict:#}");
    }
}

#[test]
fn verify_names_what_is_live_and_not_managed() {
    let simulator = Simulator::start("--time-scale 500");
    setup(&project("hash=id", "stream new-image; deletion-protection"), &simulator, 0);
    let document = osem(&project("hash=id", "deletion-protection"), "verify", &simulator).json(0);
    let said = document["data"]["steps"][0]["message"].as_str().unwrap();
    assert_eq!(said, "as declared; not managed: stream NEW_IMAGE");
}

#[test]
fn a_protected_environment_takes_only_the_changes_that_were_shown() {
    let text = "osem 1\n\
        project shop { table-name \"shop-{env}-{table}\"; }\n\
        environment prod { region us-east-1; account \"111111111111\"; protected; }\n\
        table Orders hash=id { SETTING }\n\
        task setup {\n\
            for-each table { step create-table; step wait-active; step update-table; step verify; }\n\
        }\n";
    let quick = ["--rehearse", "--time-scale", "1000", "--env", "prod"];
    let project = Project::of(text.replace("SETTING", ""));
    project.osem("setup --confirm prod").args(quick).success();
    let project = project.file("osem.kdl", text.replace("SETTING", "stream new-image"));
    project.osem("setup --yes").args(quick).status(77);
    let changed = project.osem("setup --confirm prod").args(quick).success();
    changed.expect_stderr("stream: off -> NEW_IMAGE");
    let unchanged = project.osem("setup --confirm prod").args(quick).success();
    unchanged.expect_stderr("nothing to do: 1 table as declared");
}

#[test]
fn a_policy_is_looked_for_beside_the_file_that_names_it() {
    let text = "osem 1\nproject p { table-name \"p-{table}\"; }\n\
        environment dev default=#true { region us-east-1; }\ninclude \"tables/*.kdl\"\n";
    let policy = "{ \"Version\": \"2012-10-17\", \"Statement\": [] }";
    let table = "table Orders hash=id { resource-policy file=\"orders.json\"; }";
    let project =
        |place: &str| Project::of(text).file("tables/orders.kdl", table).file(place, policy);
    project("tables/orders.json").osem("check").success();
    let refused = project("orders.json").osem("check").stdout("").status(65);
    refused.expect_stderr("the policy in orders.json cannot be used");
    refused.expect_stderr("relative to the folder of the file that it is written in");
}

#[test]
fn the_document_of_a_plan_tells_all_of_a_change() {
    let simulator = Simulator::start("--time-scale 500");
    setup(&project("hash=id", ""), &simulator, 0);
    let document =
        osem(&project("hash=id", "class standard-infrequent-access"), "plan", &simulator);
    let document = document.json(0);
    assert_eq!(
        document["data"]["changes"][0],
        json!({
            "call": "UpdateTable",
            "tableName": ORDERS,
            "reason": "class differs",
            "class": "lossy",
            "reversibility": "reversible, within its budget",
            "setting": "class",
            "before": "STANDARD",
            "after": "STANDARD_INFREQUENT_ACCESS",
            "usualMs": [3600, 6000],
            "budget": "1 of 2 changes of the class in 30 days",
            "details": [
                "class: STANDARD -> STANDARD_INFREQUENT_ACCESS",
                "spends 1 of 2 changes of the class in 30 days",
            ],
            "request": { "TableName": ORDERS, "TableClass": "STANDARD_INFREQUENT_ACCESS" },
        })
    );
}

#[test]
fn a_saved_plan_of_changes_is_carried_out_and_refused_once_the_table_is_another() {
    let simulator = Simulator::start("--time-scale 500");
    setup(&project("hash=id range=at", "gsi by-team hash=team"), &simulator, 0);
    let narrow = project("hash=id range=at", "stream new-image");
    let prune = "--prune Orders/by-team";
    osem(&narrow, &format!("plan --out saved.json {prune}"), &simulator).success();
    narrow.osem(&format!("rollback last {prune}")).status(64);
    let other = osem(&narrow, "run --plan saved.json --prune Orders/by-day", &simulator);
    other.status(64).expect_stderr("saved.json was not saved with --prune Orders/by-day");
    let unconfirmed = osem(&narrow, "run --plan saved.json --yes", &simulator).json(77);
    assert_eq!(unconfirmed["error"]["code"], "NOT_CONFIRMED", "{unconfirmed:#}");
    osem(&narrow, &format!("run --plan saved.json --confirm dev {prune}"), &simulator).success();
    assert_eq!(planned(&narrow, &simulator), Vec::<String>::new());
    let again = osem(&narrow, "run --plan saved.json --confirm dev", &simulator);
    assert_eq!(again.json(1)["error"]["code"], "PLAN_CHANGED");
}
