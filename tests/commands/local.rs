//! `osem local`, and several processes on one database.

use std::net::{Ipv4Addr, TcpListener};

use crate::harness::{Dynamo, Project, full_names, serve, unused_port};

#[test]
fn it_says_how_to_reach_it_and_answers_there() {
    let project = Project::new();
    let (local, url) = serve(&project);
    assert_eq!(Dynamo::new(&url).tables(), Vec::<String>::new());
    local.signal("INT");
    let outcome = local.finish();
    outcome.expect_code(0);
    insta::assert_snapshot!(outcome.stdout(), @"
    export AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:[PORT]
    export AWS_REGION=us-east-1
    export AWS_DEFAULT_REGION=us-east-1
    export AWS_ACCESS_KEY_ID=osem
    export AWS_SECRET_ACCESS_KEY=osem
    ");
    insta::assert_snapshot!(outcome.stderr(), @"
    serves the embedded emulator (.osem/local.db) until Ctrl-C
    stopped
    ");
}

#[test]
fn with_a_realistic_control_plane_it_names_its_sts_and_its_settings() {
    let project = Project::new();
    let line = "local --port 0 --control-plane realistic --time-scale 2.5 --account 012345678901";
    let run =
        project.osem(line).args(["--fault", "throttle on=CreateTable rate=0.3", "--seed", "7"]);
    let mut local = run.args(["--fault", "reset"]).start();
    local.wait_for_stdout("AWS_SECRET_ACCESS_KEY");
    local.signal("INT");
    let outcome = local.finish();
    outcome.expect_code(0);
    insta::assert_snapshot!(outcome.stdout(), @"
    export AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:[PORT]
    export AWS_ENDPOINT_URL_STS=http://127.0.0.1:[PORT]
    export AWS_REGION=us-east-1
    export AWS_DEFAULT_REGION=us-east-1
    export AWS_ACCESS_KEY_ID=osem
    export AWS_SECRET_ACCESS_KEY=osem
    ");
    outcome.expect_stderr(
        "control plane: realistic, time-scale 2.5, account 012345678901, 2 faults, seed 7\n",
    );
}

/// What `osem local` says of its control plane, in a project that declares this.
#[track_caller]
fn described(declared: &str, flags: &str) -> String {
    let project =
        Project::new().edit("\n    emulator ", &format!("\n    emulator {{ {declared}; }} "));
    let mut local = project.osem("local --port 0").args(flags.split_whitespace()).start();
    local.wait_for_stdout("AWS_SECRET_ACCESS_KEY");
    local.signal("INT");
    let said = local.finish().stderr();
    said.lines().find(|line| line.starts_with("control plane")).unwrap_or_default().to_owned()
}

#[test]
fn flags_win_over_the_file() {
    let declared = "control-plane realistic; time-scale 5; seed 3; fault reset; fault hang";
    assert_eq!(
        described(declared, ""),
        "control plane: realistic, time-scale 5, account 000000000000, 2 faults, seed 3"
    );
    assert_eq!(
        described(declared, "--time-scale 7 --fault garbage"),
        "control plane: realistic, time-scale 7, account 000000000000, 1 fault, seed 3"
    );
    assert_eq!(described(declared, "--control-plane instant"), "");
    assert_eq!(
        described("control-plane instant", "--control-plane realistic"),
        "control plane: realistic, time-scale 1, account 000000000000, no faults, seed 0"
    );
}

#[test]
fn what_an_instant_control_plane_has_not_is_a_usage_error() {
    let project = Project::new();
    for (flag, text) in [
        ("--time-scale", "100"),
        ("--account", "012345678901"),
        ("--fault", "reset"),
        ("--seed", "1"),
        ("--mutation-rate", "5"),
    ] {
        let wanted = format!(
            "✗ {flag} needs a realistic control plane, and this one is instant\n  fix:   add \
             --control-plane realistic, or write that in the block of the emulator\n"
        );
        let run = project.osem("local --port 0").args([flag, text]);
        run.stdout("").stderr(wanted).status(64);
    }
    let run = project.osem("local --account 12345").stdout("");
    run.status(64).expect_stderr("an account has twelve digits");
    let run = project.osem("local --control-plane realistic --fault throtle").stdout("");
    run.status(64).expect_stderr("did you mean `throttle`?");
    assert!(!project.path().join(".osem").exists());
}

#[test]
fn variables_meant_for_rehearsals_do_not_keep_an_instant_one_from_starting() {
    let project = Project::new();
    let run = project.osem("local --port 0").env("OSEM_TIME_SCALE", "100");
    let run = run.env("OSEM_FAULT", "reset").env("OSEM_ACCOUNT", "012345678901");
    let mut local = run.start();
    local.wait_for_stdout("AWS_SECRET_ACCESS_KEY");
    local.signal("INT");
    let outcome = local.finish();
    outcome.expect_code(0);
    outcome.refuse_stderr("control plane");
    let run = project.osem("local --port 0 --seed 1").env("OSEM_ACCOUNT", "012345678901");
    run.stdout("").status(64).expect_stderr("--seed needs a realistic control plane");
}

#[test]
fn it_takes_the_port_that_is_named() {
    let port = unused_port();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    let port = port.to_string();
    let project = Project::new();
    let wanted = "\
✗ failed to listen on 127.0.0.1:[PORT]: Address already in use (os error 98)
  fix:   choose another one with --port
";
    project.osem("local --port").args([&port]).stdout("").stderr(wanted).status(1);
    drop(listener);
    let mut local = project.osem("local").env("OSEM_PORT", &port).start();
    let said = local.wait_for_stdout("AWS_SECRET_ACCESS_KEY");
    assert!(said.contains(&format!("=http://127.0.0.1:{port}\n")), "{said}");
}

#[test]
fn other_commands_use_it_while_it_runs() {
    let project = Project::new();
    let (_local, url) = serve(&project);
    let outcome = project.osem("setup").success();
    outcome.expect_stderr("emulator of `osem local` at http://127.0.0.1:[PORT] (.osem/local.db)");
    assert_eq!(Dynamo::new(&url).tables(), full_names("local"));
    project.osem("verify").success();
    // What `osem local` prints, pasted into the shell, is no contradiction.
    project.osem("verify").env("AWS_ENDPOINT_URL_DYNAMODB", &url).success();
}

#[test]
fn its_tables_outlive_it() {
    let project = Project::new();
    let (local, _) = serve(&project);
    project.osem("setup").success();
    local.signal("TERM");
    local.finish().expect_code(0);
    project.osem("verify").success();
}

#[test]
fn two_setups_at_once_both_end_well() {
    let project = Project::new();
    let runs = [(); 2].map(|()| project.osem("run setup --lock-wait 50s").start());
    let mut created = 0;
    for run in runs {
        let outcome = run.finish();
        outcome.expect_code(0);
        created += usize::from(outcome.stderr().contains("6 tables created"));
    }
    assert_eq!(created, 1);
    project.osem("verify").success();
}

#[test]
fn two_setups_at_once_on_osem_local_both_end_well() {
    let project = Project::new();
    let (_local, url) = serve(&project);
    // With one state directory the second one would have to wait for the first.
    let runs = ["one", "other"].map(|state| {
        let run = project.osem("run setup --state-dir").args([state]);
        run.start()
    });
    for run in runs {
        run.finish().expect_code(0);
    }
    assert_eq!(Dynamo::new(&url).tables(), full_names("local"));
    project.osem("verify").success();
}

#[test]
fn many_reads_at_once_all_end_well() {
    let project = Project::new();
    project.osem("setup").success();
    let runs = [(); 6].map(|()| project.osem("verify -q").start());
    for run in runs {
        run.finish().expect_code(0);
    }
}

#[test]
fn a_second_one_is_refused_and_told_who_holds_the_database() {
    let project = Project::new();
    let (_local, _) = serve(&project);
    let wanted = "\
✗ [DIR]/.osem/local.db is in use by `osem local`, process [PID]
  fix:   wait for it to end, or stop it
";
    project.osem("local --port 0").stdout("").stderr(wanted).status(75);
}

#[test]
fn after_it_was_killed_a_run_works() {
    let project = Project::new();
    let (local, _) = serve(&project);
    project.osem("setup").success();
    local.signal("KILL");
    assert_eq!(local.finish().code(), None);
    project.osem("verify").success();
    let (_local, url) = serve(&project);
    assert_eq!(Dynamo::new(&url).tables(), full_names("local"));
}

#[test]
fn a_database_that_is_none_is_refused() {
    let project = Project::new().file(".osem/local.db", "this is no database, but long enough");
    let outcome = project.osem("setup").stdout("").status(65);
    outcome.expect_stderr("failed to open the database");
    outcome.expect_stderr("fix:   move the file away");
}

#[test]
fn a_state_folder_that_cannot_be_made_is_refused() {
    let project = Project::new().file(".osem", "a file where the folder should be");
    let outcome = project.osem("setup").stdout("").status(73);
    insta::assert_snapshot!(outcome.stderr(), @"
    ✗ failed to make the folder [DIR]/.osem/runs: Not a directory (os error 20)
      fix:   [DIR]/.osem is a file where a folder is needed: move it away
    ");
}

#[test]
fn an_environment_without_an_emulator_cannot_be_served() {
    let wanted = "✗ environment `dev` has no emulator to serve\n  fix:   name one that has: osem \
                  local --env local\n";
    Project::new().osem("local --env dev").stdout("").stderr(wanted).status(64);
}

#[test]
fn an_emulator_in_memory_keeps_nothing() {
    let project = Project::new().edit("    emulator  ", "    emulator memory  ");
    project.osem("setup").success();
    project.osem("verify -q").status(1);
    assert!(!project.path().join(".osem").exists());
}
