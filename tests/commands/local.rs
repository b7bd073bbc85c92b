//! `osem local`, and several processes on one database.

use std::net::{Ipv4Addr, TcpListener};

use crate::harness::{Dynamo, Project, full_names, serve};

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
    export AWS_ACCESS_KEY_ID=osem
    export AWS_SECRET_ACCESS_KEY=osem
    ");
    insta::assert_snapshot!(outcome.stderr(), @"
    serves the embedded emulator (.osem/local.db) until Ctrl-C
    stopped
    ");
}

#[test]
fn it_takes_the_port_that_is_named() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
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
    let runs = [(); 2].map(|()| project.osem("run setup").start());
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
    let runs = [(); 2].map(|()| project.osem("run setup").start());
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
    ✗ failed to open [DIR]/.osem/local.db.lock: File exists (os error 17)
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
