//! What plan and verify say of what is live beside the file, setting by setting.

use serde_json::{Value, json};

use crate::harness::{Project, Simulator};
use crate::settings::{osem, project, setup, tagged_project};

/// A setting that the file names no more, and what is then said of it: nothing where it takes a call
/// of its own to see it.
const UNDECLARED: [(&str, Option<(&str, &str)>); 11] = [
    ("tag team a", Some(("tag", "tag team = a"))),
    ("stream new-image", Some(("setting", "stream NEW_IMAGE"))),
    ("deletion-protection", Some(("setting", "deletion-protection on"))),
    ("on-demand-max read=100", Some(("setting", "on-demand-max read 100"))),
    (
        "warm-throughput read=20000",
        Some(("setting", "warm-throughput at least read 20000, write 4000")),
    ),
    (
        "billing provisioned read=5 write=6",
        Some(("billing", "billing PROVISIONED, read 5, write 6")),
    ),
    ("ttl expiresAt", None),
    ("point-in-time-recovery", None),
    ("contributor-insights", None),
    ("kinesis-stream \"arn:aws:kinesis:us-east-1:000000000000:stream/a\"", None),
    ("resource-policy file=\"one.json\"", None),
];

const POLICY: &str = r#"{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
    "Action": "dynamodb:GetItem", "Principal": "*", "Resource": "*" }] }"#;

const OWN_CALLS: &str =
    "contributor-insights, kinesis-stream, point-in-time-recovery, resource-policy, ttl";

fn told(document: &Value) -> (Vec<Value>, String) {
    let plan = &document["data"]["plan"];
    let found = plan["unmanaged"].as_array().unwrap().clone();
    let nodes = plan["notLookedFor"].as_array().unwrap().iter();
    let nodes: Vec<_> = nodes.map(|node| node.as_str().unwrap()).collect();
    (found, nodes.join(", "))
}

fn pair(found: &Value) -> (&str, &str) {
    (found["kind"].as_str().unwrap(), found["what"].as_str().unwrap())
}

#[test]
fn each_undeclared_setting_is_listed_or_said_not_to_be_looked_for() {
    let bare = tagged_project("");
    for (setting, wanted) in UNDECLARED {
        let simulator = Simulator::start("--time-scale 2000 --mutation-rate 1000");
        setup(&tagged_project(setting).file("one.json", POLICY), &simulator, 0);
        simulator.advance("1h");
        let document = osem(&bare, "plan", &simulator).json(0);
        assert_eq!(document["data"]["changes"], json!([]), "{setting}: {document:#}");
        let (found, nodes) = told(&document);
        assert_eq!(found.iter().map(pair).collect::<Vec<_>>(), Vec::from_iter(wanted), "{setting}");
        assert_eq!(nodes, OWN_CALLS, "{setting}");
        let verified = osem(&bare, "verify", &simulator).json(0);
        let said = verified["data"]["steps"][0]["message"].as_str().unwrap();
        let setting_shown = wanted.filter(|(kind, _)| *kind == "setting");
        let said_wanted = match setting_shown {
            Some((_, what)) => format!("as declared; not managed: {what}"),
            None => "as declared".to_owned(),
        };
        assert_eq!(said, said_wanted, "{setting}");
    }
}

#[test]
fn undeclared_settings_of_an_index_are_listed_too_and_an_undeclared_index_stops_the_update() {
    let simulator = Simulator::start("--time-scale 2000 --mutation-rate 1000");
    let index = |own: &str| project("hash=id", &format!("gsi by-team hash=team {{ {own} }}"));
    setup(&index("on-demand-max read=100; warm-throughput read=20000;"), &simulator, 0);
    simulator.advance("1h");
    let (found, _) = told(&osem(&index(""), "plan", &simulator).json(0));
    let wanted = [
        ("setting", "gsi by-team on-demand-max read 100"),
        ("setting", "gsi by-team warm-throughput at least read 20000, write 4000"),
    ];
    assert_eq!(found.iter().map(pair).collect::<Vec<_>>(), wanted);
    let (found, _) = told(&osem(&project("hash=id", ""), "plan", &simulator).json(1));
    let wanted = [("index", "index by-team: keys team S, projection ALL")];
    assert_eq!(found.iter().map(pair).collect::<Vec<_>>(), wanted);
}

#[test]
fn what_is_not_looked_for_is_one_line_where_tables_are_there_and_the_file_does_not_name_it() {
    let all = "ttl #false; point-in-time-recovery #false; contributor-insights #false; \
               kinesis-stream #false; resource-policy #false";
    let simulator = Simulator::start("--time-scale 2000 --mutation-rate 1000");
    let line = |nodes: &str| {
        format!(
            "Not looked for where the file does not name it: {nodes}. Where no file declares the \
             table, osem import shows it.\n"
        )
    };
    let shown = |project: &Project| {
        ["plan", "plan --format markdown"].map(|line| osem(project, line, &simulator).success())
    };
    let bare = project("hash=id", "");
    for plan in shown(&bare) {
        assert!(!plan.stdout().contains("Not looked for"), "a table that is made has none: {plan}");
    }
    assert_eq!(told(&osem(&bare, "plan", &simulator).json(0)).1, "");
    setup(&bare, &simulator, 0);
    let ttl = project("hash=id", "ttl #false");
    for (project, nodes) in [(&bare, OWN_CALLS), (&ttl, OWN_CALLS.strip_suffix(", ttl").unwrap())] {
        for plan in shown(project) {
            assert_eq!(plan.stdout().matches(&line(nodes)).count(), 1, "{plan}");
        }
        assert_eq!(told(&osem(project, "plan", &simulator).json(0)).1, nodes);
    }
    let named = project("hash=id", all);
    for plan in shown(&named) {
        assert!(!plan.stdout().contains("Not looked for"), "{plan}");
    }
    assert_eq!(told(&osem(&named, "plan", &simulator).json(0)).1, "");
}

#[test]
fn an_import_shows_what_a_plan_does_not_look_for() {
    let simulator = Simulator::start("--time-scale 2000 --mutation-rate 1000");
    setup(&project("hash=id", "ttl expiresAt; point-in-time-recovery days=14"), &simulator, 0);
    let text = "osem 1\n\
        project shop { table-name \"shop-{env}-{table}\"; }\n\
        environment dev default=#true { region us-east-1; }\n";
    let printed = osem(&Project::of(text), "import", &simulator).success().stdout();
    assert!(printed.contains("ttl expiresAt\n"), "{printed}");
    assert!(printed.contains("point-in-time-recovery days=14\n"), "{printed}");
}
