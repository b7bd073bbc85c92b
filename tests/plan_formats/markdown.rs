//! `--format markdown`, and which format counts.

use serde_json::Value;

use crate::harness::Project;

/// The blocks of JSON of a page.
fn requests(page: &str) -> Vec<Value> {
    let blocks = page.split("```json\n").skip(1);
    blocks.map(|rest| serde_json::from_str(rest.split("\n```").next().unwrap()).unwrap()).collect()
}

#[test]
fn the_page_has_every_call_in_order_and_its_request() {
    let project = Project::new();
    let page = project.osem("plan --format markdown").stderr("").success().stdout();
    assert!(page.starts_with("## `setup` in `local`\n\n**6 tables to create**\n"), "{page}");
    assert!(page.contains("\n- takes less than a second\n"), "{page}");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), 2 + 6, "{page}");
    assert!(rows.iter().all(|row| row.matches('|').count() == 8), "{page}");
    assert!(
        rows[2].starts_with("| 1 | `osem-local-Users` | + `CreateTable` | `keys userId S`<br>")
    );
    let document = project.osem("plan").json(0);
    let changes = document["data"]["changes"].as_array().unwrap().iter();
    let sent: Vec<Value> = changes.map(|change| change["request"].clone()).collect();
    assert_eq!(requests(&page), sent);
}

#[test]
fn a_plan_without_changes_is_a_short_page() {
    let project = Project::new();
    project.osem("setup").success();
    let page = project.osem("plan --format markdown").success().stdout();
    let wanted = "## `setup` in `local`\n\n**Nothing to change in 6 tables**\n\n\
                  - where: `us-east-1, embedded emulator (.osem/local.db)`\n\n\
                  Not looked for where the file does not name it: contributor-insights, \
                  kinesis-stream, point-in-time-recovery, resource-policy, ttl. Where no file \
                  declares the table, osem import shows it.\n";
    assert_eq!(page, wanted);
}

#[test]
fn what_is_typed_counts_for_more_than_variables_and_two_that_disagree_are_refused() {
    let project = Project::new();
    let is_page = |text: String| text.starts_with("## `setup`");
    let plan = || project.osem("plan");
    assert!(is_page(plan().env("OSEM_FORMAT", "markdown").success().stdout()));
    assert!(is_page(
        project.osem("plan --format markdown").env("OSEM_JSON", "1").success().stdout()
    ));
    for line in ["plan --json", "plan --format json", "plan --json --format json"] {
        let document = project.osem(line).env("OSEM_FORMAT", "markdown").success().json();
        assert_eq!(document["data"]["plan"]["summary"]["create"], 6, "{line}");
    }
    let both = plan().env("OSEM_FORMAT", "text").env("OSEM_JSON", "1").success().json();
    assert_eq!(both["command"], "plan");
    for format in ["text", "markdown"] {
        let line = format!("plan --json --format {format}");
        let outcome = project.osem(&line).status(64);
        outcome.expect_stderr(&format!("--json and --format {format} contradict each other"));
    }
    project.osem("plan --format html").stdout("").status(64);
}

#[test]
fn a_secret_that_is_live_is_shown_in_no_form() {
    let text = "osem 1\n\
        project shop { table-name \"shop-{env}-{table}\"; }\n\
        var TOKEN env=SHOP_TOKEN secret=#true required=#true\n\
        environment local default=#true { region us-east-1; emulator; }\n\
        table Orders hash=id { TAGS; }\n\
        task setup { for-each table { step create-table; step wait-active; step tag; }\n\
            step exec \"true\" { env TOKEN \"{var.TOKEN}\"; }; }\n";
    let project = Project::of(text.replace("TAGS", "tag owner \"hunter_22\""));
    project.osem("setup").env("SHOP_TOKEN", "other-secret").success();
    let later = project.edit("tag owner \"hunter_22\"", "tag team a");
    for format in ["text", "json", "markdown"] {
        let shown = later.osem("plan --format").args([format]).env("SHOP_TOKEN", "hunter_22");
        let shown = shown.success().stdout();
        assert!(shown.contains("tag owner = ***"), "{shown}");
        assert!(!shown.contains("hunter"), "{shown}");
    }
}
