//! `data.plan` of the document.

use serde_json::{Value, json};

use crate::harness::{Project, Simulator};
use crate::settings::{osem, setup, tagged_project};

use super::step;

#[test]
fn every_call_has_its_reason_its_sides_its_time_and_what_it_costs() {
    let simulator = Simulator::start("--time-scale 500");
    setup(&tagged_project("stream new-image"), &simulator, 0);
    let arn = "arn:aws:dynamodb:us-east-1:000000000000:table/shop-dev-Orders";
    let tags = json!({ "ResourceArn": arn, "Tags": [{ "Key": "team", "Value": "@a" }] });
    simulator.dynamo().call("TagResource", &tags);
    simulator.advance("10s");
    let other = tagged_project("encryption aws-managed\nttl expiresAt\ntag owner me");
    let document = osem(&other, "plan", &simulator).json(0);
    let updates = step(&document, "update-table[Orders]");
    assert_eq!(
        (&updates["kind"], &updates["effect"], &updates["acts"]),
        (&"update-table".into(), &"write".into(), &true.into())
    );
    assert_eq!(updates["tableName"], "shop-dev-Orders");
    assert_eq!(updates["expectedMs"], Value::Null, "nobody knows how fast this server is");
    let encryption = &updates["changes"][0];
    for (field, wanted) in [
        ("number", json!(1)),
        ("call", json!("UpdateTable")),
        ("reason", json!("encryption differs")),
        ("before", json!("AWS owned key")),
        ("after", json!("AWS managed key")),
        ("usualMs", json!([21_000, 23_000])),
        ("expectedMs", Value::Null),
        ("reversibility", json!("reversible, within its budget")),
        ("undo", json!("reversible")),
        ("budget", json!("1 of 4 changes of encryption in 24 hours")),
        ("class", json!("lossy")),
    ] {
        assert_eq!(encryption[field], wanted, "{field}");
    }
    assert_eq!(encryption["request"]["SSESpecification"]["Enabled"], true);
    assert_eq!(updates["changes"][1]["undo"], "cooldown");
    assert_eq!(step(&document, "tag[Orders]")["changes"][0]["number"], 3);
    let plan = &document["data"]["plan"];
    assert_eq!(plan["confirmation"], "yes-no");
    assert_eq!(
        plan["summary"],
        json!({
            "hasChanges": true, "create": 0, "change": 3, "destroy": 0, "commands": 0,
            "irreversible": 0, "problems": 0, "notReached": 0,
        })
    );
    let unmanaged = |kind: &str, what: &str| json!({ "table": "Orders", "tableName": "shop-dev-Orders", "kind": kind, "what": what });
    assert_eq!(
        plan["unmanaged"],
        json!([unmanaged("setting", "stream NEW_IMAGE"), unmanaged("tag", "tag team = @a")])
    );
    assert_eq!(plan["estimate"]["unknown"], json!(["update-table[Orders]", "tag[Orders]"]));
    assert_eq!(document["data"]["changes"].as_array().unwrap().len(), 3);

    let page = osem(&other, "plan --format markdown", &simulator).success().stdout();
    let row = "| 2 | `shop-dev-Orders` | ~ `UpdateTimeToLive` | `ttl`: `off` → `expiresAt`<br>";
    assert!(page.contains(row), "{page}");
    let row = "- `shop-dev-Orders`: `UpdateTimeToLive ttl`: **cooldown: not again for";
    assert!(page.contains(row), "{page}");
    assert!(page.contains("- `shop-dev-Orders`: `tag team = @a`\n"), "{page}");
    let text = osem(&other, "plan", &simulator).success().stdout();
    let section = "Live, but not in the file (left as it is):\n\
                   \x20 shop-dev-Orders: stream NEW_IMAGE; tag team = @a\n";
    assert!(text.contains(section), "{text}");
}

fn estimate(project: &Project, line: &str) -> (u64, u64, Vec<Value>) {
    let document = project.osem(line).json(0);
    let estimate = &document["data"]["plan"]["estimate"];
    let [from, to] = [0, 1].map(|at| estimate["expectedMs"][at].as_u64().unwrap());
    (from, to, estimate["longestWay"].as_array().unwrap().clone())
}

#[test]
fn the_time_is_that_of_the_endpoint() {
    let project = Project::new();
    let (from, to, way) = estimate(&project, "plan --env prod --rehearse");
    assert!((14_000..16_000).contains(&from) && (22_000..26_000).contains(&to), "{from} {to}");
    let way: Vec<&str> = way.iter().filter_map(Value::as_str).collect();
    assert_eq!(way.len(), 2, "{way:?}");
    assert!(way[0].starts_with("create-table[") && way[1].starts_with("wait-active["), "{way:?}");
    let (from, to, _) = estimate(&project, "plan --env prod --rehearse --time-scale 100");
    assert!(from < 1_000 && to < 4_000, "{from} {to}");
    let (_, to, _) = estimate(&project, "plan");
    assert!(to < 1_000, "the emulator changes tables at once: {to}");
    // One after the other.
    let (from, _, _) = estimate(&project, "plan --env prod --rehearse -j 1");
    assert!(from > 5 * 14_000, "{from}");
}

#[test]
fn what_earlier_runs_took_counts_where_nothing_else_is_known() {
    let text = "osem 1\nproject kids\n\
        environment local default=#true { region us-east-1; emulator memory; }\n\
        environment disk { region us-east-1; emulator; }\n\
        task t { step exec \"sleep\" \"1.1\" id=nap; }";
    let project = Project::of(text);
    let before = project.osem("plan t --env disk").success().stdout();
    let unknown = "how long it takes is not known: nap\n";
    assert!(before.ends_with(unknown), "{before}");
    project.osem("t --env disk").success();
    let after = project.osem("plan t --env disk").success().stdout();
    // More, where the machine was busy.
    let seconds = after.split_once("\ntakes about ").unwrap().1.split_once('s').unwrap().0;
    assert!(seconds.parse::<u32>().unwrap() >= 2, "{after}");
    assert!(after.contains("(longest way: nap)\n"), "{after}");
}
