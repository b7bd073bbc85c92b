//! A plan asks the service only for what it can read, and starts nothing that may write.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::harness::{Project, Relay, Simulator};

const TEXT: &str = "osem 1\n\
    project shop { table-name \"shop-{env}-{table}\"; }\n\
    environment dev default=#true { region us-east-1; allow-destroy; }\n\
    table Orders hash=id { ttl expiresAt; stream new-image; point-in-time-recovery days=7; tag a b; }\n\
    table Lines hash=id { gsi by-order hash=order; }\n\
    step-kind load { exec \"touch\" \"loaded\"; effect write; }\n\
    step-kind fill { plugin \"./fill\"; effect write; }\n\
    task setup {\n\
        for-each table {\n\
            step create-table; step wait-active; step update-table; step verify; step tag\n\
        }\n\
        step put-items table=Orders file=\"items.jsonl\"\n\
        step exec \"touch\" \"ran\"\n\
        step load\n\
        step fill\n\
    }\n\
    task delete-tables { allow-in dev; for-each table { step delete-table missing=ok; }; }\n";

#[test]
fn a_plan_only_reads() {
    let simulator = Simulator::start("--time-scale 1000");
    simulator.dynamo().create("shop-dev-Orders", "id");
    let relay = Relay::to(&simulator.url, |_, _| {});
    // It says what it is, and writes whenever else it is asked anything.
    let plugin = "#!/bin/sh\nif [ \"$1\" = describe ]; then\n    \
        echo '{\"protocol\":1,\"name\":\"fill\",\"effect\":\"write\"}'\n    exit\nfi\ntouch filled\n";
    let project = Project::of(TEXT).file("items.jsonl", "{\"id\":\"1\"}\n").file("fill", plugin);
    let program = project.path().join("fill");
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
    let applied = simulator.statistics()["applied"].clone();
    let wanted =
        ["DescribeTable", "ListTagsOfResource", "DescribeTimeToLive", "DescribeContinuousBackups"];
    for format in ["text", "json", "markdown"] {
        let line = format!("plan setup -v --format {format} --endpoint-url {}", relay.url());
        let said = project.osem(&line).success().stderr();
        let calls: Vec<&str> = said
            .lines()
            .filter_map(|line| line.split(" call: ").nth(1)?.split(' ').next())
            .collect();
        for call in wanted {
            assert!(calls.contains(&call), "{call} in {calls:?}");
        }
        let reads =
            |call: &str| ["Describe", "List", "Get"].iter().any(|verb| call.starts_with(verb));
        assert!(calls.iter().all(|call| reads(call)), "{calls:?}");
    }
    project.osem("plan delete-tables --endpoint-url").args([relay.url()]).status(1);
    assert_eq!(relay.sent(), []);
    // The server's own account of what it did, by operation.
    let statistics = simulator.statistics();
    let now = statistics["applied"].as_object().unwrap();
    for (operation, count) in now {
        let reads = ["Describe", "List", "Get"].iter().any(|verb| operation.starts_with(verb));
        assert!(reads || applied[operation] == *count, "{operation}: {statistics:#}");
    }
    assert!(now["DescribeTable"].as_u64() > Some(0), "{statistics:#}");
    for file in ["ran", "loaded", "filled", ".osem"] {
        assert!(!project.path().join(file).exists(), "{file}");
    }
}
