//! `import`: live tables come out as nodes of which a plan finds nothing to do.

mod application;
mod files;
mod names;
mod random;
mod reads;
mod servers;

use serde_json::Value;

use crate::harness::{Project, Run, Simulator};

/// A project with environments, a task and no table; `settings` are those of all tables, `of_dev`
/// those of `dev`.
pub(crate) fn empty_project(template: &str, settings: &str, of_dev: &str) -> Project {
    Project::of(format!(
        "osem 1\n\
         project shop {{ table-name \"{template}\"; }}\n\
         include \"imported/*.kdl\" optional=#true\n\
         defaults {{ table {{\n{settings}\n}}; }}\n\
         environment dev default=#true {{\n    region us-east-1\n    allow-destroy\n    \
             table {{\n{of_dev}\n    }}\n}}\n\
         environment prod {{ region us-east-1; account \"111111111111\"; }}\n\
         task setup {{ for-each table {{ step create-table; step wait-active; step update-table; \
             step verify; step tag; }}; }}\n\
         task verify {{ for-each table {{ step verify; }}; }}\n"
    ))
}

/// A call of osem that goes to this address. What is left out counts.
pub(crate) fn osem(project: &Project, line: &str, url: &str) -> Run {
    project.osem(line).args(["--endpoint-url", url])
}

/// The project takes what was imported, and neither a plan nor a verification finds a difference.
#[track_caller]
pub(crate) fn expect_nothing_to_do(project: &Project, url: &str, tables: usize) {
    project.osem("check").success();
    let plan = osem(project, "plan", url).json(0);
    assert_eq!(plan["data"]["totalTables"], tables);
    assert_eq!(plan["data"]["changes"], serde_json::json!([]), "{plan:#}");
    let problems: Vec<&Value> = plan["data"]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|s| s["problem"].is_object())
        .collect();
    assert!(problems.is_empty(), "{problems:#?}");
    let summary = osem(project, "verify", url).json(0)["data"]["summary"].take();
    assert_eq!(summary["tablesFound"], tables, "{summary:#}");
    assert_eq!(summary["tablesWithIssues"], 0, "{summary:#}");
}

/// How often the simulator carried out what changes something.
pub(crate) fn changes(simulator: &Simulator) -> u64 {
    let statistics = simulator.statistics();
    let applied = statistics["applied"].as_object().unwrap();
    let reads =
        |call: &str| ["Describe", "List", "Get"].iter().any(|start| call.starts_with(start));
    let changes = applied.iter().filter(|(call, _)| !reads(call));
    changes.filter_map(|(_, count)| count.as_u64()).sum()
}
