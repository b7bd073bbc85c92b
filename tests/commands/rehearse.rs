//! `--rehearse`: any task of any environment against a simulator, with every guard on.

use crate::harness::{Project, Run, full_names};

/// A rehearsal in which states end soon and nothing is throttled.
fn rehearse(project: &Project, line: &str) -> Run {
    let quick = ["--rehearse", "--time-scale", "1000", "--mutation-rate", "1000 burst=1000"];
    project.osem(line).args(quick)
}

#[test]
fn a_rehearsal_of_prod_asks_for_its_name() {
    let project = Project::new();
    let outcome = rehearse(&project, "run setup --env prod").stdout("").status(77);
    outcome.expect_stderr(
        "setup in prod (us-east-1, rehearsal in .osem/rehearsal-prod.db, account 033333333333)",
    );
    outcome.expect_stderr("6 CreateTable for 6 tables");
    outcome.expect_stderr("run again with --confirm prod");
    rehearse(&project, "run setup --env prod --yes").stdout("").status(77);
}

#[test]
fn a_confirmed_rehearsal_creates_every_table_in_a_file_of_its_own() {
    let project = Project::new();
    let outcome = rehearse(&project, "run setup --env prod --confirm prod").success();
    outcome.expect_stderr("✓ setup in prod: 6 tables created, 8 indexes");
    assert_eq!(
        outcome.conclusion(),
        "a rehearsal: nothing in account 033333333333 was touched; its tables are kept in \
         .osem/rehearsal-prod.db, to start anew: rm .osem/rehearsal-prod.db"
    );
    assert!(project.path().join(".osem/rehearsal-prod.db").exists());
    assert!(!project.path().join(".osem/local.db").exists());
    let again = rehearse(&project, "run setup --env prod --confirm prod").success();
    again.expect_stderr("nothing to do: 6 tables as declared");
    rehearse(&project, "verify --env prod").success();
}

#[test]
fn tags_that_may_not_be_read_are_no_difference() {
    let project = Project::new();
    rehearse(&project, "run setup --env dev").success();
    let verify = rehearse(&project, "verify --env dev");
    let document = verify.args(["--fault", "deny on=ListTagsOfResource"]).json(1);
    assert_eq!(document["error"]["code"], "AWS_PERMISSIONS_DENIED", "{document:#}");
    let checks = document["data"]["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 6);
    for check in checks {
        assert_eq!(check["issues"][0]["type"], "UNCHECKED", "{check:#}");
        assert_eq!(check["passed"], false);
    }
}

#[test]
fn rehearsals_in_two_regions_share_no_tables() {
    let project = Project::new();
    rehearse(&project, "run setup --env dev").success();
    let elsewhere = rehearse(&project, "run setup --env dev --region eu-west-1 --force").success();
    elsewhere.expect_stderr("6 tables created");
    elsewhere.expect_stderr(".osem/rehearsal-dev-eu-west-1.db");
}

#[test]
fn who_may_not_tag_may_not_create_with_tags() {
    let project = Project::new();
    let setup = rehearse(&project, "run setup --env dev").args(["--fault", "deny on=TagResource"]);
    setup.status(1).expect_stderr("dynamodb:TagResource");
}

#[test]
fn the_document_says_that_it_was_a_rehearsal() {
    let project = Project::new();
    let document = rehearse(&project, "setup --env prod --confirm prod").json(0);
    assert_eq!(document["rehearsal"], true);
    assert_eq!(document["environment"], "prod");
    let created = document["data"]["tablesCreated"].as_array().unwrap();
    let mut names: Vec<&str> =
        created.iter().map(|table| table["tableName"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, full_names("prod"));
    let identity = document["data"]["steps"][0]["message"].as_str().unwrap();
    assert!(identity.contains("033333333333"), "{identity}");
    let plan = rehearse(&project, "plan --env prod").json(0);
    assert_eq!(plan["rehearsal"], true);
    assert_eq!(project.osem("setup").json(0).get("rehearsal"), None);
}

#[test]
fn a_plan_of_a_rehearsal_shows_the_plan_and_makes_no_file() {
    let project = Project::new();
    let outcome = rehearse(&project, "plan --env prod").success();
    let place = "(us-east-1, rehearsal in .osem/rehearsal-prod.db, account 033333333333)\n";
    assert!(outcome.stdout().starts_with(&format!("setup in prod {place}")), "{outcome}");
    assert!(!project.path().join(".osem").exists());
}

#[test]
fn nothing_of_the_shell_is_read() {
    let project = Project::new();
    let run = rehearse(&project, "setup --env prod --confirm prod")
        .keys("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        .env("AWS_PROFILE", "nobody")
        .env("AWS_CONFIG_FILE", "/nowhere")
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        .env("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
        .env("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9");
    run.success();
}

#[test]
fn no_network_is_needed() {
    let project = Project::new();
    let run = rehearse(&project, "setup --env prod --confirm prod");
    let Some(run) = run.without_network() else { return };
    run.success().expect_stderr("✓ setup in prod: 6 tables created, 8 indexes");
}

#[test]
fn an_environment_without_an_account_is_rehearsed_too() {
    let project = Project::new();
    let document = rehearse(&project, "setup").json(0);
    assert_eq!(document["rehearsal"], true);
    assert!(project.path().join(".osem/rehearsal-local.db").exists());
    assert!(!project.path().join(".osem/local.db").exists());
}

#[test]
fn the_region_is_the_one_that_the_run_itself_would_take() {
    let text = "osem 1\nproject p { table-name \"p-{table}\"; }\n\
                environment dev default=#true { profile osem-dev; }\ntable T hash=id\n\
                task setup { for-each table { step create-table; }; }\n";
    let config = "[profile osem-dev]\nregion = eu-west-1\n";
    let project = Project::of(text).home_file(".aws/config", config);
    let outcome = rehearse(&project, "plan").success();
    assert!(outcome.stdout().starts_with("setup in dev (eu-west-1, rehearsal in"), "{outcome}");
    // An emulator has nothing to do with profiles.
    let config = "[default]\nregion = eu-west-1\n";
    let project = Project::of(text.replace("profile osem-dev", "emulator"));
    let outcome = rehearse(&project.home_file(".aws/config", config), "plan").success();
    assert!(outcome.stdout().starts_with("setup in dev (us-east-1, rehearsal in"), "{outcome}");
}

#[test]
fn a_denied_call_is_told_as_a_denied_call() {
    let project = Project::new();
    let run = rehearse(&project, "setup --env prod --confirm prod");
    let document = run.args(["--fault", "deny on=CreateTable"]).json(1);
    assert_eq!(document["error"]["code"], "AWS_PERMISSIONS_DENIED");
    assert_eq!(document["error"]["details"]["action"], "dynamodb:CreateTable");
}

#[test]
fn what_the_service_must_support_is_not_left_out() {
    let project = Project::new();
    let run = rehearse(&project, "setup --env prod --confirm prod");
    let fault = "error on=ListTagsOfResource code=UnknownOperationException";
    let document = run.args(["--fault", fault]).json(2);
    assert_eq!(document["error"]["code"], "UNSUPPORTED_BY_ENDPOINT");
}

#[test]
fn a_table_is_deleted_only_where_that_is_allowed_and_confirmed() {
    let project = Project::new();
    rehearse(&project, "setup --env dev").success();
    rehearse(&project, "delete-tables --env dev").stdout("").status(77);
    rehearse(&project, "delete-tables --env dev --confirm dev").success();
    let outcome = rehearse(&project, "delete-tables --env prod --confirm prod").status(65);
    outcome.expect_stderr("task `delete-tables` is not allowed in environment `prod`");
}

#[test]
fn the_account_is_checked_by_the_simulators_own_answer() {
    let project =
        Project::new().edit("\n    emulator ", "\n    emulator data=\".osem/rehearsal-prod.db\" ");
    let local = "local --port 0 --control-plane realistic --account 999999999999";
    let mut local = project.osem(local).start();
    local.wait_for_stdout("AWS_SECRET_ACCESS_KEY");
    let document = rehearse(&project, "setup --env prod --confirm prod").json(1);
    assert_eq!(document["error"]["code"], "AWS_ACCOUNT_MISMATCH");
    assert_eq!(document["error"]["details"]["found"], "999999999999");
}

#[test]
fn every_guard_stays_on() {
    let project = Project::new();
    let region = rehearse(&project, "setup --env prod").env("AWS_REGION", "eu-west-1").status(1);
    region.expect_stderr("variable AWS_REGION says eu-west-1");
    rehearse(&project, "setup --env prod --region eu-west-1").status(1);
    let prefix = rehearse(&project, "setup --env prod").env("OSEM_DB_PREFIX", "try-").status(65);
    prefix.expect_stderr("OSEM_DB_PREFIX is `try-`, and environment `prod` is protected");
    let named = rehearse(&project, "setup --env prod --confirm dev").status(64);
    named.expect_stderr("--confirm dev, but the environment is `prod`");
    let variable = rehearse(&project, "setup").env("OSEM_ENV", "prod").status(64);
    variable.expect_stderr("environment `prod` is protected, and OSEM_ENV names it");
    assert!(!project.path().join(".osem").exists());
}

#[test]
fn a_rehearsal_goes_to_no_other_endpoint() {
    let project = Project::new();
    let url = "http://127.0.0.1:9";
    let run = project.osem("setup --env dev --rehearse --endpoint-url").args([url]);
    run.stdout("").status(64).expect_stderr("--rehearse and --endpoint-url contradict each other");
    let run = project.osem("setup --env dev --endpoint-url").args([url]);
    let outcome = run.env("OSEM_REHEARSE", "1").stdout("").status(64);
    outcome.expect_stderr("OSEM_REHEARSE and --endpoint-url contradict each other");
    let run = project.osem("setup --env dev").env("OSEM_ENDPOINT_URL", url);
    let outcome = run.env("OSEM_REHEARSE", "1").stdout("").status(64);
    outcome.expect_stderr("OSEM_REHEARSE and OSEM_ENDPOINT_URL contradict each other");
}

#[test]
fn a_typed_rehearsal_wins_over_an_endpoint_from_a_variable() {
    let run = rehearse(&Project::new(), "plan --env dev");
    run.env("OSEM_ENDPOINT_URL", "http://127.0.0.1:9").success();
}

#[test]
fn the_flags_of_the_simulator_go_with_no_other_run() {
    let project = Project::new();
    for (flag, text) in [
        ("--time-scale", "100"),
        ("--fault", "reset"),
        ("--seed", "1"),
        ("--mutation-rate", "5 burst=6"),
    ] {
        let outcome = project.osem("setup").args([flag, text]).stdout("").status(64);
        outcome.expect_stderr(&format!("{flag} goes only with --rehearse"));
    }
    assert!(!project.path().join(".osem").exists());
    // A variable that was set for other commands is no reason to refuse this one.
    project.osem("setup").env("OSEM_FAULT", "reset").success();
}

#[test]
fn every_flag_that_cannot_be_read_is_a_usage_error_with_its_place() {
    let flags = ["--time-scale", "0", "--fault", "throttle on=CreatTable", "--fault", "delay"];
    let run = Project::new().osem("plan --env prod --rehearse").args(flags);
    let outcome = run.stdout("").status(64);
    insta::assert_snapshot!(outcome.stderr(), @r#"
    osem::type

      × `time-scale` must be a number from 0.001 to 100000
       ╭─[--time-scale:1:12]
     1 │ time-scale 0
       ·            ─
       ╰────
    osem::unknown-name

      × no operation of DynamoDB or STS is called `CreatTable`
       ╭─[--fault:1:19]
     1 │ fault throttle on=CreatTable
       ·                   ──────────
       ╰────
      help: did you mean `CreateTable`?
    osem::missing

      × `fault delay` needs the property `by`
       ╭─[--fault:1:1]
     1 │ fault delay
       · ───────────
       ╰────
      help: write: fault delay by="[DURATION]"
    3 errors on the command line
    "#);
    let run = Project::new().osem("plan --env prod").env("OSEM_REHEARSE", "1");
    let outcome = run.env("OSEM_FAULT", "reset\nthrotle\n").stdout("").status(64);
    outcome.expect_stderr("[OSEM_FAULT:1:7]");
    let run = Project::new().osem("plan --env prod --rehearse --seed x");
    let document = run.json(64);
    assert_eq!(document["error"]["code"], "USAGE_INVALID");
    assert_eq!(document["rehearsal"], true);
    assert_eq!(document["data"]["diagnostics"][0]["labels"][0]["file"], "--seed");
}
