//! `osem doctor`: every check, good and bad.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::{Value, json};

use crate::harness::{Answer, Fake, Project, Run, Simulator};

/// A project with one table in one environment.
fn project(environment: &str, table: &str) -> Project {
    Project::of(format!(
        "osem 1\n\
         project tiny {{ table-name \"tiny-{{env}}-{{table}}\"; }}\n\
         environment dev default=#true {{ region us-east-1; {environment}\n}}\n\
         table Users hash=userId {{ {table}\n}}\n\
         task setup {{ for-each table {{ step create-table; step wait-active; step update-table; }}; }}\n"
    ))
}

/// The status of every check, in order.
#[track_caller]
fn statuses(document: &Value) -> Vec<String> {
    let findings = document["data"]["findings"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let one = |own: &Value| format!("{} {}", text(&own["check"]), text(&own["status"]));
    findings.iter().map(one).collect()
}

/// What was found of a check.
#[track_caller]
fn finding<'d>(document: &'d Value, check: &str) -> &'d Value {
    let findings = document["data"]["findings"].as_array().unwrap();
    findings.iter().find(|own| own["check"] == check).unwrap_or_else(|| panic!("{document:#}"))
}

fn with_keys(project: &Project, line: &str) -> Run {
    project.osem(line).keys("AKIDEXAMPLE", "secret")
}

#[test]
fn on_the_emulator_everything_is_there() {
    let project = project("emulator", "");
    let document = project.osem("doctor").json(0);
    let wanted = ["configuration", "region", "endpoint", "state", "credentials", "permissions"]
        .map(|check| {
            format!("{check} {}", if check == "credentials" { "skipped" } else { "good" })
        });
    assert_eq!(statuses(&document), wanted);
    project.osem("setup").success();
    let outcome = project.osem("doctor").success();
    let text = outcome.stdout();
    assert!(text.contains("✓ permissions    1 table can be read, 1 of them there;"), "{text}");
    assert!(!project.path().join(".osem/runs").join("doctor").exists());
}

#[test]
fn a_declared_account_is_asked_for_and_confirmed() {
    let simulator = Simulator::start("--time-scale 1000 --account 111111111111");
    let url = &simulator.url;
    let place = format!("account \"111111111111\"; endpoint \"{url}\" sts=\"{url}\"");
    let document = with_keys(&project(&place, ""), "doctor").json(0);
    let wanted = [
        "configuration good",
        "region good",
        "endpoint good",
        "clock good",
        "state good",
        "credentials good",
        "account good",
        "permissions good",
    ];
    assert_eq!(statuses(&document), wanted);
    let account = finding(&document, "account");
    assert_eq!(account["message"], "111111111111, as declared");

    let other = place.replace("\"111111111111\"", "\"222222222222\"");
    let document = with_keys(&project(&other, ""), "doctor").json(1);
    assert_eq!(document["error"]["code"], "AWS_ACCOUNT_MISMATCH");
    let found = statuses(&document);
    assert_eq!(found[5..], ["account bad", "permissions skipped"]);

    let none = place.replace("account \"111111111111\"; ", "");
    let document = with_keys(&project(&none, ""), "doctor").json(0);
    let account = finding(&document, "account");
    assert_eq!(account["status"], "doubtful");
    let fix = &account["failure"]["remediation"];
    assert_eq!(fix, "write in environment `dev`: account \"111111111111\"");
    with_keys(&project(&none, ""), "doctor --strict").status(1);
}

#[test]
fn another_region_is_told_and_the_rest_is_looked_at_all_the_same() {
    let simulator = Simulator::start("--time-scale 1000");
    let place = format!("endpoint \"{}\"", simulator.url);
    let document = with_keys(&project(&place, ""), "doctor --region eu-west-1").json(1);
    assert_eq!(document["error"]["code"], "AWS_REGION_MISMATCH");
    assert_eq!(statuses(&document)[1], "region bad");
    assert_eq!(finding(&document, "endpoint")["status"], "good");
    assert_eq!(finding(&document, "permissions")["status"], "good");
}

/// A server whose clock is wrong by so many seconds.
fn at(skew: i64) -> Fake {
    Fake::start(move |request| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let there = i64::try_from(now.as_secs()).unwrap() + skew;
        let date = DateTime::from_secs(there).fmt(Format::HttpDate).unwrap();
        let body = match request.operation.as_str() {
            "ListTables" => json!({ "TableNames": [] }),
            _ => json!({ "__type": "x#ResourceNotFoundException", "message": "not found" }),
        };
        let status = if request.operation == "ListTables" { 200 } else { 400 };
        Answer::Dated(status, date, body.to_string())
    })
}

#[test]
fn a_clock_that_is_wrong_is_told_before_the_service_refuses_signatures() {
    for (skew, status, code) in [(0, "good", 0), (120, "doubtful", 0), (-900, "bad", 1)] {
        let fake = at(skew);
        let place = format!("endpoint \"{}\"", fake.url());
        let document = with_keys(&project(&place, ""), "doctor").json(code);
        let clock = finding(&document, "clock");
        assert_eq!(clock["status"], status, "{clock:#}");
        if skew == -900 {
            let message = clock["message"].as_str().unwrap();
            assert!(message.contains("ahead of the endpoint's"), "{message}");
            assert!(message.contains("15m") || message.contains("14m"), "{message}");
        }
    }
}

#[test]
fn an_endpoint_that_is_not_there_is_told_with_what_does_not_depend_on_it() {
    let place = "endpoint \"http://127.0.0.1:9\"";
    let document = with_keys(&project(place, ""), "doctor").json(1);
    assert_eq!(document["error"]["code"], "NETWORK_ERROR");
    assert_eq!(finding(&document, "endpoint")["status"], "bad");
    assert_eq!(finding(&document, "clock")["status"], "skipped");
    assert_eq!(finding(&document, "state")["status"], "good");
    assert_eq!(finding(&document, "permissions")["status"], "skipped");
}

#[test]
fn without_credentials_it_says_where_they_were_looked_for() {
    let simulator = Simulator::start("--time-scale 1000");
    let url = &simulator.url;
    let place = format!("account \"111111111111\"; endpoint \"{url}\" sts=\"{url}\"");
    let outcome = project(&place, "").osem("doctor").env("AWS_EC2_METADATA_DISABLED", "true");
    let text = outcome.patience(Duration::from_mins(1)).status(1).stdout();
    assert!(text.contains("✓ endpoint "), "{text}");
    assert!(text.contains("✗ credentials    no credentials for environment `dev`"), "{text}");
    assert!(text.contains("  fix:   "), "{text}");
}

#[test]
fn what_may_not_be_read_is_named_with_its_action() {
    let faults = ["deny on=DescribeTimeToLive", "deny on=ListTagsOfResource"];
    let simulator = Simulator::with_faults("--time-scale 1000", &faults);
    let place = format!("endpoint \"{}\"", simulator.url);
    let project = project(&place, "ttl expiresAt; tag Owner one");
    let bare = project.osem("setup --yes").keys("AKIDEXAMPLE", "secret");
    bare.output();
    let document = with_keys(&project, "doctor").json(1);
    assert_eq!(document["error"]["code"], "AWS_PERMISSIONS_DENIED");
    let refused: Vec<&Value> = document["data"]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|own| own["check"] == "permissions")
        .collect();
    let actions: Vec<&Value> =
        refused.iter().map(|own| &own["failure"]["details"]["action"]).collect();
    assert_eq!(actions, ["dynamodb:DescribeTimeToLive", "dynamodb:ListTagsOfResource"]);
}

#[test]
fn on_the_service_the_quotas_are_compared_with_what_is_declared() {
    let small = project("account \"111111111111\"", "billing provisioned read=5 write=5");
    let document = small.osem("doctor --rehearse").json(0);
    assert_eq!(finding(&document, "tables")["message"], "0 tables in the region, 1 to come");
    assert_eq!(finding(&document, "capacity")["status"], "good");
    let large = project("account \"111111111111\"", "billing provisioned read=90000 write=5");
    let document = large.osem("doctor --rehearse").json(1);
    assert_eq!(document["error"]["code"], "TABLE_LIMIT_EXCEEDED");
    assert_eq!(finding(&document, "capacity")["status"], "bad");
}

#[test]
fn a_state_directory_that_cannot_be_written_is_told() {
    let project = project("emulator", "");
    let document = project.osem("doctor --state-dir /proc/nowhere").json(1);
    assert_eq!(document["error"]["code"], "STATE_UNWRITABLE");
    assert_eq!(finding(&document, "state")["status"], "bad");
}

#[test]
fn what_no_task_asks_for_is_only_doubtful_when_it_is_refused() {
    let faults = ["deny on=ListTagsOfResource", "deny on=DescribeLimits", "deny on=ListTables"];
    let simulator = Simulator::with_faults("--time-scale 1000", &faults[..1]);
    let place = format!("endpoint \"{}\"", simulator.url);
    // Its only task does not look at tags.
    let project = project(&place, "ttl expiresAt; tag Owner one");
    with_keys(&project, "setup --yes").success();
    let document = with_keys(&project, "doctor").json(0);
    let permissions = finding(&document, "permissions");
    assert_eq!(permissions["status"], "doubtful", "{document:#}");
    assert_eq!(permissions["failure"]["details"]["action"], "dynamodb:ListTagsOfResource");
    with_keys(&project, "doctor --strict").status(1);
    let project = project.edit("step update-table;", "step update-table; step verify;");
    let document = with_keys(&project, "doctor").json(1);
    assert_eq!(finding(&document, "permissions")["status"], "bad");

    let rehearsed = self::project("account \"111111111111\"", "").osem("doctor --rehearse");
    let document = rehearsed.args(["--fault", faults[1], "--fault", faults[2]]).json(0);
    for check in ["tables", "capacity"] {
        assert_eq!(finding(&document, check)["status"], "doubtful", "{document:#}");
    }
}

#[test]
fn what_does_not_answer_is_not_asked_for_each_table() {
    let document =
        with_keys(&project("", ""), "doctor").env("HTTPS_PROXY", "http://127.0.0.1:9").json(1);
    assert_eq!(document["error"]["code"], "NETWORK_ERROR");
    assert_eq!(finding(&document, "permissions")["status"], "skipped");
    let said = finding(&document, "permissions")["message"].as_str().unwrap();
    assert_eq!(said, "the endpoint does not answer");
}

#[test]
fn many_tables_that_take_long_are_counted_meanwhile() {
    let missing = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}"#;
    let described = AtomicUsize::new(0);
    let slow = Fake::start(move |request| match request.operation.as_str() {
        "DescribeTable" => {
            // Eight are asked for at once: the others come when nothing was said yet, and take so long
            // that something is.
            if described.fetch_add(1, Ordering::Relaxed) >= 8 {
                thread::sleep(Duration::from_secs(5));
            }
            Answer::Json(400, missing.to_owned())
        }
        _ => Answer::Json(200, r#"{"TableNames":[]}"#.to_owned()),
    });
    let tables: Vec<String> = (0..15).map(|n| format!("table T{n} hash=id\n")).collect();
    let project = project(&format!("endpoint \"{}\"", slow.url()), "")
        .edit("task setup", &format!("{}task setup", tables.concat()));
    let outcome = with_keys(&project, "doctor").success();
    outcome.expect_stderr("reads tables: 8 of 16");
    assert!(outcome.stdout().contains("16 tables can be read, 0 of them there"), "{outcome}");
}
