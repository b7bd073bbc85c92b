//! The record of a run that ended, and the commands that show it.

use std::fs;

use crate::harness::Project;

use super::{records, runs, shown};

#[test]
fn the_journal_of_a_run_adds_up_to_the_document_that_it_printed() {
    let project = Project::new();
    let printed = project.osem("setup").json(0);
    let id = printed["runId"].as_str().unwrap();
    for show in ["runs show last --json", "runs show last --format json"] {
        assert_eq!(project.osem(show).success().json(), printed, "{show}");
    }
    assert_eq!(project.osem("runs show").args([&id[..18]]).json(0), printed);
    // A run that changes nothing and one that fails are told apart from it.
    project.osem("setup").success();
    let refused = project.edit("AssessmentPlans hash=planId", "AssessmentPlans hash=other");
    let failed = refused.osem("delete-tables --confirm local -k").json(2);
    assert_eq!(refused.osem("runs show last").json(0), failed);
    assert_eq!(runs(&refused).len(), 3);
}

#[test]
fn the_text_of_an_earlier_run_is_the_end_of_what_it_said() {
    let project = Project::new();
    let said = project.osem("setup").success().raw_stderr;
    let shown = project.osem("runs show last").success();
    let summary = said.split_once("\n\n").unwrap().1;
    assert!(shown.raw_stdout.ends_with(summary), "{shown}");
    insta::assert_snapshot!(shown.stdout().lines().take(5).collect::<Vec<_>>().join("\n"), @"
    run [RUN]: setup in local
    us-east-1, embedded emulator (.osem/local.db), osem 0.1.0
    started [TIME]

    ✓ osem-local-Users              created             [DURATION]
    ");
    let quiet = project.osem("runs show last -q").success();
    assert_eq!(quiet.stdout().lines().count(), 5, "{quiet}");
}

#[test]
fn the_list_has_the_newest_run_first() {
    let project = Project::new();
    project
        .osem("runs")
        .stdout("no runs are recorded; runs that may change something are\n")
        .success();
    project.osem("setup").success();
    project.osem("delete-tables --confirm local").success();
    let text = project.osem("runs list").success().stdout();
    let columns: Vec<String> =
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    insta::assert_snapshot!(columns.join("\n"), @"
    RUN TASK ENVIRONMENT STARTED ENDED DURATION STEPS
    [RUN] delete-tables local [TIME] succeeded [DURATION] 13/13
    [RUN] setup local [TIME] succeeded [DURATION] 31/31
    ");
    let document = project.osem("runs").json(0);
    assert_eq!(document["command"], "runs");
    let newest = &document["data"]["runs"][0];
    for (key, value) in
        [("task", "delete-tables"), ("environment", "local"), ("status", "succeeded")]
    {
        assert_eq!(newest[key], value);
    }
    assert_eq!(newest["exitCode"], 0);
    assert_eq!(newest["steps"]["total"], newest["steps"]["succeeded"]);
}

#[test]
fn every_mutating_call_is_written_down_before_and_after() {
    let project = Project::new();
    project.osem("setup -j 1").success();
    let records = records(&project);
    let shown = shown(&records);
    let users: Vec<&String> =
        shown.iter().filter(|line| line.contains("CreateTable osem-local-Users")).collect();
    assert_eq!(
        users,
        [
            "mutation-intended CreateTable osem-local-Users",
            "api-called CreateTable osem-local-Users",
            "mutation-ended CreateTable osem-local-Users applied",
        ]
    );
    assert_eq!(shown.iter().filter(|line| line.starts_with("mutation-intended ")).count(), 6);
    assert_eq!(shown.last().unwrap(), "run-finished");
    let header = records.iter().find(|record| record["event"]["type"] == "run-started").unwrap();
    let header = &header["event"];
    assert_eq!(
        header["pinned"],
        serde_json::json!({
            "osemVersion": env!("CARGO_PKG_VERSION"), "account": null, "endpoint": "emulator",
            "endpointUrl": null, "tablePrefix": "osem-local-", "dbPrefix": null, "rehearsal": false,
        })
    );
    let steps = header["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["definition"].as_str().unwrap().len() == 32));
}

#[cfg(unix)]
#[test]
fn what_is_recorded_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new();
    project.osem("setup").success();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let run = runs(&project).pop().unwrap();
    assert_eq!(mode(&run.join("events.ndjson")), 0o600);
    for folder in [&run, run.parent().unwrap(), &project.path().join(".osem")] {
        assert_eq!(mode(folder), 0o700, "{}", folder.display());
    }
}

#[test]
fn what_only_reads_and_what_is_not_confirmed_leaves_nothing() {
    let project = Project::new();
    project.osem("verify").status(1);
    for line in ["list-tables", "plan", "setup --dry-run", "check", "list", "runs", "runs prune"] {
        project.osem(line).success();
    }
    assert!(!project.path().join(".osem").exists());
    project.osem("setup").success();
    project.osem("delete-tables").status(77);
    project.osem("verify").success();
    assert_eq!(runs(&project).len(), 1);
}

#[test]
fn pruning_removes_the_oldest() {
    let project = Project::new();
    for day in ["01", "02", "03"] {
        project.osem("setup").success();
        let run = runs(&project).pop().unwrap();
        fs::rename(&run, run.with_file_name(format!("202611{day}T104107Z-k3f9"))).unwrap();
    }
    project.osem("runs prune").stdout("0 runs removed\n").success();
    project.osem("runs prune --older-than 1d").stdout("0 runs removed\n").success();
    let wanted = "2 runs removed\n  20261102T104107Z-k3f9\n  20261101T104107Z-k3f9\n";
    let outcome = project.osem("runs prune --keep 1").success();
    assert_eq!(outcome.raw_stdout, wanted);
    let document = project.osem("runs prune --older-than 0s").json(0);
    assert_eq!(document["data"]["removed"], serde_json::json!(["20261103T104107Z-k3f9"]));
    assert_eq!(runs(&project).len(), 0);
}

#[test]
fn a_run_keeps_the_newest_hundred_and_itself() {
    let mut project = Project::new();
    let ended = "{\"v\":1,\"at\":1,\"event\":{\"type\":\"run-finished\",\"durationMs\":1,\"exitCode\":0}}\n";
    for minute in 0..55 {
        for second in ["00", "30"] {
            let name = format!(".osem/runs/20250101T10{minute:02}{second}Z-k3f9/events.ndjson");
            project = project.file(&name, ended);
        }
    }
    project.osem("setup").success();
    let left = runs(&project);
    assert_eq!(left.len(), 100);
    assert!(left[0].ends_with("20250101T100530Z-k3f9"), "{:?}", left[0]);
    assert_eq!(project.osem("runs").json(0)["data"]["runs"][0]["status"], "succeeded");
}

#[test]
fn a_run_that_is_not_there_is_a_usage_error() {
    let project = Project::new();
    project.osem("setup").success();
    let id = runs(&project)[0].file_name().unwrap().to_str().unwrap().to_owned();
    let slip = format!("{}{}", &id[..id.len() - 1], if id.ends_with('a') { 'b' } else { 'a' });
    let wanted = "✗ no run `[RUN]`\n  fix:   did you mean `[RUN]`?\n";
    project.osem("runs show").args([&slip]).stdout("").stderr(wanted).status(64);
    let wanted = "✗ no run `yesterday`\n  fix:   see: osem runs list\n";
    project.osem("runs show yesterday").stdout("").stderr(wanted).status(64);
    project.osem("runs prune --older-than soon").stdout("").status(64);
}

#[test]
fn runs_are_shown_although_the_configuration_is_broken_or_elsewhere() {
    let project = Project::new();
    project.osem("setup").success();
    let broken = project.file("osem.kdl", "osem 1\nprojekt x\n");
    assert_eq!(broken.osem("runs").json(0)["data"]["runs"][0]["task"], "setup");
    let elsewhere = Project::empty();
    elsewhere.osem("runs").status(65).expect_stderr("no osem.kdl here");
    let state = broken.path().join(".osem");
    let run = elsewhere.osem("runs show last --state-dir").args([&state]);
    run.success();
    let document = elsewhere.osem("runs").env("OSEM_STATE_DIR", &state).json(0);
    assert_eq!(document["data"]["runs"][0]["task"], "setup");
}

#[test]
fn the_state_directory_can_be_elsewhere() {
    let project = Project::new();
    project.osem("setup --state-dir ../state").success();
    assert!(runs(&project).is_empty());
    let document = project.osem("runs --state-dir ../state").json(0);
    assert_eq!(document["data"]["runs"].as_array().unwrap().len(), 1);
}

#[test]
fn a_journal_that_was_cut_off_or_damaged_is_still_of_use() {
    let project = Project::new();
    project.osem("setup").success();
    let file = runs(&project)[0].join("events.ndjson");
    let whole = fs::read_to_string(&file).unwrap();
    fs::write(&file, &whole[..whole.len() - 20]).unwrap();
    let shown = project.osem("runs show last").success();
    assert!(
        shown.stdout().contains("✗ setup in local: did not end, 31 of 31 steps done"),
        "{shown}"
    );
    let later = r#"{"v":1,"at":1,"event":{"type":"table-moved"}}"#;
    fs::write(&file, format!("{later}\n{whole}")).unwrap();
    let outcome = project.osem("runs show last").success();
    outcome.expect_stderr("1 record of a later version of osem is left out");
    fs::write(&file, format!("{{\n{whole}")).unwrap();
    let outcome = project.osem("runs show last").stdout("").status(1);
    outcome.expect_stderr("/events.ndjson, line 1: ");
    let document = project.osem("runs").json(0);
    assert_eq!(document["data"]["runs"][0]["status"], "unreadable");
    let list = project.osem("runs").success();
    list.expect_stderr("[RUN]: failed to read ");
    list.expect_stderr("/events.ndjson, line 1: ");
    // What was discarded may have told anything.
    fs::write(&file, &whole[..20]).unwrap();
    let outcome = project.osem("runs show last").stdout("").status(1);
    outcome.expect_stderr("the journal of run [RUN] does not tell how it began");
}

#[test]
fn what_is_no_file_is_neither_waited_for_nor_followed() {
    let project = Project::new();
    project.osem("setup").success();
    let file = runs(&project)[0].join("events.ndjson");
    let elsewhere = project.path().join("elsewhere");
    fs::rename(&file, &elsewhere).unwrap();
    for put in [["ln", "-s"].as_slice(), &["mkfifo"]] {
        let mut command = std::process::Command::new(put[0]);
        command.args(&put[1..]).args((put[0] == "ln").then_some(&elsewhere)).arg(&file);
        assert!(command.status().unwrap().success());
        project.osem("runs").success().expect_stderr("it is not a regular file");
        let outcome = project.osem("runs show last").stdout("").status(1);
        outcome.expect_stderr("it is not a regular file");
        fs::remove_file(&file).unwrap();
    }
}
