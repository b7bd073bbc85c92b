//! A run goes on where it was, or not at all.

use crate::harness::{Project, Simulator};

use super::{at, ran, refuses_teams_once, runs};

/// A run in dev that failed, and its simulator.
fn failed() -> (Project, Simulator) {
    let (project, simulator) = (Project::new(), refuses_teams_once());
    at(&project, &simulator, "setup --env dev").status(2);
    (project, simulator)
}

#[test]
fn what_the_command_line_says_otherwise_is_refused_with_both_values() {
    let (project, simulator) = failed();
    let other = Simulator::start("--time-scale 100");
    let id = runs(&project)[0].clone();
    let in_that_run =
        |what: &str, then: &str, now: &str| format!("{what}: {then} in that run, {now} now");
    let then = format!("--endpoint-url {}", simulator.url);
    let now = format!("--endpoint-url {}", other.url);
    for (flags, said) in [
        ("--env staging".to_owned(), in_that_run("environment", "dev", "staging")),
        ("--region eu-west-1".to_owned(), in_that_run("region", "us-east-1", "eu-west-1")),
        ("--rehearse".to_owned(), in_that_run("endpoint", "no rehearsal", "--rehearse")),
        (now.clone(), in_that_run("endpoint", &then, &now)),
    ] {
        let outcome = project.osem(&format!("resume {id} {flags}")).stdout("").status(65);
        outcome.expect_stderr("run [RUN] was bound to another ");
        assert!(outcome.raw_stderr.contains(&said), "{said}\n{outcome}");
    }
    project.osem("resume --seed 3").stdout("").status(64).expect_stderr("--seed goes only with");
    assert_eq!(runs(&project).len(), 1);
    assert_eq!(other.dynamo().tables(), Vec::<String>::new());
    // What says the same is welcome.
    let same = format!("resume --env dev --region us-east-1 --endpoint-url {}", simulator.url);
    project.osem(&same).success();
}

#[test]
fn what_a_variable_says_otherwise_is_refused() {
    let (project, _simulator) = failed();
    let id = runs(&project)[0].clone();
    for (name, value, said) in [
        ("OSEM_ENV", "staging", "environment: dev in that run, staging now"),
        ("OSEM_REGION", "eu-west-1", "region: us-east-1 in that run, eu-west-1 now"),
        ("OSEM_DB_PREFIX", "try-", "prefix of table names: osem-dev- in that run, try- now"),
    ] {
        let outcome = project.osem(&format!("resume {id}")).env(name, value).status(65);
        outcome.expect_stderr(said);
    }
    assert_eq!(runs(&project).len(), 1);
}

#[test]
fn what_the_file_says_otherwise_by_now_is_refused() {
    let (project, _simulator) = failed();
    let project = project.edit("osem-{env}-{table}", "new-{env}-{table}");
    let outcome = project.osem("resume").stdout("").status(65);
    outcome.expect_stderr("prefix of table names: osem-dev- in that run, new-dev- now");
    let project = project.edit("new-{env}-{table}", "osem-{env}-{table}");
    let project = project
        .edit("environment dev {\n    region us-east-1", "environment dev {\n    region us-west-2");
    let outcome = project.osem("resume").stdout("").status(65);
    outcome.expect_stderr("region: us-east-1 in that run, us-west-2 now");
    let tasks = std::fs::read_to_string(project.path().join("tasks/tables.kdl")).unwrap();
    let project = project.file("tasks/tables.kdl", tasks.replace("local dev", "local"));
    let project = project.file("tasks/seed.kdl", "");
    let project = project.edit("environment dev {", "environment other {");
    let outcome = project.osem("resume").stdout("").status(64);
    outcome.expect_stderr("no environment `dev`");
}

#[test]
fn a_prefix_and_a_region_that_were_given_need_not_be_given_again() {
    let project = Project::of(
        "osem 1\nproject p { table-name \"p-{table}\"; }\nenvironment dev default=#true\n\
         table Users hash=id\ntable Teams hash=id\n\
         task setup { for-each table { on-failure keep-going; step create-table; }; }\n",
    );
    let simulator = refuses_teams_once();
    let run = at(&project, &simulator, "setup --region eu-north-1");
    run.env("OSEM_DB_PREFIX", "mine-").status(2);
    let (steps, _) = ran(project.osem("resume"), 0);
    assert_eq!(steps, ["create-table[Teams]"]);
    let wrong = project.osem("resume last").env("OSEM_DB_PREFIX", "yours-").status(65);
    wrong.expect_stderr("prefix of table names: mine- in that run, yours- now");
}

#[test]
fn an_account_that_changed_is_refused() {
    let declared = "\
        osem 1\nproject p { table-name \"p-{table}\"; }\n\
        environment dev default=#true { region us-east-1; endpoint URL; }\n\
        table Users hash=id\ntable Teams hash=id\n\
        task setup { for-each table { on-failure keep-going; step create-table; }; }\n";
    let first = Simulator::with_faults(
        "--time-scale 100 --account 111111111111",
        &["deny on=CreateTable table=\"*-Teams\" count=1"],
    );
    let sts = format!("\"{}\" sts=\"{}\"", first.url, first.url);
    let project = Project::of(declared.replace("URL", &sts));
    let keys = |line: &str| project.osem(line).keys("AKIAIOSFODNN7EXAMPLE", "secret");
    keys("setup").status(2);
    let port = first.url.rsplit(':').next().unwrap().to_owned();
    drop(first);
    let second = Project::new();
    let line = format!("local --port {port} --control-plane realistic --account 222222222222");
    let mut local = second.osem(&line).start();
    local.wait_for_stdout("AWS_SECRET_ACCESS_KEY");
    let outcome = keys("resume").stdout("").status(65);
    outcome.expect_stderr("account: 111111111111 in that run, 222222222222 now");
}
