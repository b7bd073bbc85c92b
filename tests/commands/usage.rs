//! Command lines that cannot be used.

use crate::harness::Project;

#[test]
fn an_unknown_task_is_met_with_a_suggestion() {
    let project = Project::new();
    for (word, meant) in [("stup", "setup"), ("verfy", "verify"), ("comletions", "completions")] {
        let wanted =
            format!("✗ no command and no task `{word}`\n  fix:   did you mean `{meant}`?\n");
        project.osem(word).stdout("").stderr(wanted.clone()).status(64);
        project.osem("run").args([word]).stdout("").stderr(wanted).status(64);
    }
    let wanted = "✗ no command and no task `zzz`\n  fix:   tasks: seed, env-file, setup, verify, list-tables, \
                  delete-tables\n";
    project.osem("zzz").stdout("").stderr(wanted).status(64);
}

#[test]
fn a_file_without_tasks_is_told_one_that_can_be_copied() {
    let project = Project::emulated("bare", "");
    let outcome = project.osem("plan").stdout("").status(64);
    let text = outcome.stderr();
    let task = text.lines().find_map(|line| line.split_once("declare one: ")).unwrap().1.to_owned();
    let kdl = std::fs::read_to_string(project.path().join("osem.kdl")).unwrap();
    let project = project.file("osem.kdl", format!("{kdl}{task}\n"));
    project.osem("setup").success().expect_stderr("1 table created");
}

#[test]
fn an_unknown_environment_is_met_with_a_suggestion() {
    let project = Project::new();
    let wanted = "✗ no environment `prodd`\n  fix:   did you mean `prod`?\n";
    project.osem("run setup --env prodd").stdout("").stderr(wanted).status(64);
    let wanted = "✗ no environment `xyz`\n  fix:   known: local, dev, staging, prod\n";
    project.osem("run setup --env xyz").stdout("").stderr(wanted).status(64);
}

#[test]
fn flags_that_are_not_known_or_not_together_are_usage_errors() {
    let project = Project::new();
    for line in [
        "setup --nope",
        "setup extra",
        "setup -q -v",
        "setup -k --fail-fast",
        "setup -j 0",
        "setup -j many",
        "setup --retries -1",
        "setup --color sometimes",
        "run",
        "completions klingon",
        "local --port 65536",
        "check extra",
    ] {
        let outcome = project.osem(line).stdout("").status(64);
        outcome.expect_stderr("error: ");
        outcome.refuse_stderr("panicked");
    }
    assert!(!project.path().join(".osem").exists());
}

#[test]
fn no_command_at_all_shows_the_help() {
    let outcome = Project::empty().osem("").stdout("").status(64);
    outcome.expect_stderr("Usage: osem [OPTIONS] <COMMAND>");
}

#[test]
fn a_folder_without_a_configuration_is_a_configuration_error() {
    let outcome = Project::empty().osem("setup").stdout("").status(65);
    insta::assert_snapshot!(outcome.stderr(), @"
    osem::no-file

      × no osem.kdl here or in a folder above
      help: go to the project's folder, or name the file: osem -c path/to/osem.kdl
    1 error in the configuration
    ");
}

#[test]
fn variables_stand_for_flags() {
    let project = Project::new();
    let document = project.osem("setup").env("OSEM_JSON", "1").success().json();
    assert_eq!(document["command"], "setup");
    let quiet = project.osem("setup").env("OSEM_QUIET", "true").success();
    assert_eq!(quiet.stderr().lines().count(), 1, "{quiet}");
    let loud = project.osem("setup").env("OSEM_QUIET", "0").success();
    assert!(loud.stderr().lines().count() > 25, "{loud}");
    let folder = project.path();
    Project::empty().osem("verify").env("OSEM_DIRECTORY", &folder).success();
    Project::empty().osem("verify").env("OSEM_CONFIG", folder.join("osem.kdl")).success();
    project.osem("setup").env("OSEM_JOBS", "none").stdout("").status(64);
}

#[test]
fn an_empty_variable_counts_as_absent() {
    let project = Project::new();
    for name in [
        "OSEM_ENV",
        "OSEM_DB_PREFIX",
        "OSEM_YES",
        "OSEM_JOBS",
        "OSEM_ENDPOINT_URL",
        "OSEM_REGION",
        "OSEM_RETRIES",
        "OSEM_COLOR",
        "OSEM_CONFIG",
        "OSEM_DIRECTORY",
    ] {
        let outcome = project.osem("setup").env(name, "").output();
        assert_eq!(outcome.code(), Some(0), "{name}\n{outcome}");
    }
}

#[test]
fn a_task_after_two_dashes_is_a_usage_error() {
    let outcome = Project::new().osem("-- setup").stdout("").status(64);
    outcome.expect_stderr("a task is named without `--` before it");
}

#[test]
fn a_typed_flag_wins_over_a_variable_that_contradicts_it() {
    let project = Project::new();
    project.osem("-v check").env("OSEM_QUIET", "1").success();
    project.osem("setup --fail-fast -q").env("OSEM_KEEP_GOING", "1").success();
    project.osem("-q -v check").status(64).expect_stderr("--quiet and --verbose contradict");
}

#[test]
fn a_command_that_is_not_there_yet_says_so() {
    let outcome = Project::new().osem("graph").stdout("").status(64);
    outcome.expect_stderr("command `graph` is not supported yet");
}

#[test]
fn a_usage_error_is_a_document_too() {
    let document = Project::new().osem("setup --bogus --json").json(64);
    assert_eq!(document["success"], false);
    assert_eq!(document["error"]["code"], "USAGE_INVALID");
}

#[test]
fn a_result_that_cannot_be_written_is_a_failure() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let Ok(full) = full else { return };
    let project = Project::new();
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_osem"))
        .args(["list"])
        .current_dir(project.path())
        .stdout(full)
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(1));
}
