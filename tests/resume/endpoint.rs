//! An endpoint that a variable named is an endpoint like any other: what was there is elsewhere
//! when the variable is not what it was.

use crate::harness::{Project, Run, Simulator};

use super::runs;

const VARIABLE: &str = "AWS_ENDPOINT_URL_DYNAMODB";

fn project() -> Project {
    Project::of(
        "osem 1\nproject p { table-name \"p-{table}\"; }\n\
         environment dev default=#true { region us-east-1; allow-destroy; }\n\
         table Users hash=id\ntable Teams hash=id\n\
         task setup { for-each table { on-failure keep-going; step create-table; }; }\n",
    )
}

fn keys(project: &Project, line: &str) -> Run {
    project.osem(line).keys("AKIAIOSFODNN7EXAMPLE", "secret")
}

#[test]
fn a_run_is_gone_on_with_and_taken_back_only_where_its_variable_led() {
    let project = project();
    let fault = "deny on=CreateTable table=\"*-Teams\" count=1";
    let here = Simulator::with_faults("--time-scale 100", &[fault]);
    let there = Simulator::start("--time-scale 100");
    keys(&project, "setup").env(VARIABLE, &here.url).status(2);
    for line in ["resume", "resume -n", "rollback last --confirm dev"] {
        let elsewhere = keys(&project, line).env(VARIABLE, &there.url).stdout("").status(65);
        elsewhere.expect_stderr("was bound to another endpoint");
        let said = format!("{} in that run, ", here.url);
        assert!(elsewhere.raw_stderr.contains(&said), "{elsewhere}");
        assert!(elsewhere.raw_stderr.contains(&there.url), "{elsewhere}");
        // Without the variable the way leads to AWS, which is not asked.
        let Some(nowhere) = keys(&project, line).without_network() else { return };
        nowhere.stdout("").status(65).expect_stderr("in that run, AWS now");
    }
    assert_eq!(there.dynamo().tables(), Vec::<String>::new());
    assert_eq!(runs(&project).len(), 1);
    keys(&project, "resume").env(VARIABLE, &here.url).success();
    assert_eq!(here.dynamo().tables(), ["p-Teams", "p-Users"]);
}

#[test]
fn an_endpoint_that_differs_is_refused_before_it_is_asked() {
    let (project, simulator) = (Project::new(), super::refuses_teams_once());
    super::at(&project, &simulator, "setup --env dev").status(2);
    for line in ["resume", "resume -n", "rollback last --confirm dev"] {
        let silent = project.osem(line).env("OSEM_ENDPOINT_URL", "http://127.0.0.1:1");
        silent.stdout("").status(65).expect_stderr("was bound to another endpoint");
    }
}
