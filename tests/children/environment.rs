//! What a command is given of AWS: the environment's, or nothing.

use crate::harness::{Project, dynamo_with, serve};

use super::{log, project};

/// Settings of a shell that lead to somebody else's account.
const AMBIENT: [(&str, &str); 9] = [
    ("AWS_ACCESS_KEY_ID", "AMBIENT"),
    ("AWS_SECRET_ACCESS_KEY", "AMBIENT"),
    ("AWS_SESSION_TOKEN", "AMBIENT"),
    ("AWS_DEFAULT_PROFILE", "ambient"),
    ("AWS_ROLE_ARN", "arn:aws:iam::999999999999:role/ambient"),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", "/ambient"),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/ambient"),
    ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9/ambient"),
    ("AWS_PAGER", "kept"),
];

const SHOW: &str = "env | grep ^AWS_ | grep -v ^AWS_EC2 | sort";

/// The AWS settings that a command printed.
fn settings(project: &Project, step: &str) -> Vec<String> {
    log(project, step).lines().map(str::to_owned).collect()
}

#[test]
fn with_the_emulator_every_command_reaches_it_and_no_account() {
    let project = project(&format!("task t {{ step shell \"{SHOW}\"; }}"));
    let run = AMBIENT.iter().fold(project.osem("t"), |run, (name, value)| run.env(name, value));
    run.success();
    let found = settings(&project, "shell");
    assert!(!found.iter().any(|line| line.to_lowercase().contains("ambient")), "{found:?}");
    for wanted in ["AWS_ACCESS_KEY_ID=osem", "AWS_REGION=us-east-1", "AWS_PAGER=kept"] {
        assert!(found.contains(&wanted.to_owned()), "{found:?}");
    }
    let reached = "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:";
    assert!(found.iter().any(|line| line.starts_with(reached)), "{found:?}");
}

#[test]
fn a_command_reads_the_tables_that_the_steps_before_it_made() {
    let osem = env!("CARGO_BIN_EXE_osem");
    let project = project(&format!(
        "task t {{ for-each table {{ step create-table; }}\n\
         step shell \"{osem} -c other.kdl list-tables --endpoint-url $AWS_ENDPOINT_URL_DYNAMODB\"; }}"
    ));
    // Another name, and another table: what it lists comes from the server.
    let project = project.file(
        "other.kdl",
        "osem 1\nproject other { table-name \"kids-{env}-{table}\"; }\nenvironment local default=#true \
         { region us-east-1; }\ntable Teams hash=id\ntask list-tables { step list-tables; }",
    );
    project.osem("t").success();
    let log = log(&project, "shell");
    assert!(log.contains("kids-local-Users"), "{log}");
}

#[test]
fn credentials_are_given_to_those_who_ask_for_them() {
    let server = dynamo_with(|_, _| None);
    let project = Project::of(format!(
        "osem 1\nproject kids\n\
         environment dev default=#true {{ region eu-west-1; endpoint \"{}\"; }}\n\
         task t {{\n step shell \"{SHOW} > without\" id=without\n\
         step shell \"{SHOW} > with\" id=with {{ credentials aws; }}\n }}",
        server.url()
    ));
    // The environment's own are those of the shell here.
    let run =
        AMBIENT.iter().fold(project.osem("t --yes"), |run, (name, value)| run.env(name, value));
    run.success();
    let found = |file: &str| std::fs::read_to_string(project.path().join(file)).unwrap();
    assert_eq!(found("without"), "AWS_PAGER=kept\n");
    let given = [
        "AWS_ACCESS_KEY_ID=AMBIENT".to_owned(),
        "AWS_DEFAULT_REGION=eu-west-1".to_owned(),
        format!("AWS_ENDPOINT_URL_DYNAMODB={}", server.url()),
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=false".to_owned(),
        "AWS_PAGER=kept".to_owned(),
        "AWS_REGION=eu-west-1".to_owned(),
        "AWS_SECRET_ACCESS_KEY=AMBIENT".to_owned(),
        "AWS_SESSION_TOKEN=AMBIENT".to_owned(),
    ];
    assert_eq!(found("with").lines().collect::<Vec<_>>(), given);
}

#[test]
fn the_credentials_of_a_command_are_shown_nowhere() {
    let server = dynamo_with(|_, _| None);
    let project = Project::of(format!(
        "osem 1\nproject kids\n\
         environment dev default=#true {{ region eu-west-1; endpoint \"{}\"; }}\n\
         task t {{ step shell \"{SHOW}; printf wJalr; sleep 0.1; echo /Xutn; exit 1\" {{ credentials aws; }}; }}",
        server.url()
    ));
    let run = project.osem("t --yes -v").keys("AKIDEXAMPLE", "wJalr/Xutn");
    let outcome = run.env("AWS_SESSION_TOKEN", "token+of/it==").status(2);
    let log = log(&project, "shell");
    assert!(log.contains("AWS_ACCESS_KEY_ID=AKIDEXAMPLE\n"), "{log}");
    assert!(log.contains("AWS_SECRET_ACCESS_KEY=***\nAWS_SESSION_TOKEN=***\n***\n"), "{log}");
    outcome.expect_stderr("AWS_SESSION_TOKEN=***");
    let run = std::fs::read_dir(project.path().join(".osem/runs")).unwrap();
    let folders = run.map(|entry| entry.unwrap().path().join("events.ndjson"));
    let journal: String = folders.filter_map(|path| std::fs::read_to_string(path).ok()).collect();
    for text in [log, journal, outcome.raw_stderr, outcome.raw_stdout] {
        assert!(!text.contains("wJalr/Xutn") && !text.contains("token+"), "{text}");
    }
}

#[test]
fn a_command_of_a_rehearsal_reaches_the_simulator_alone() {
    let project = Project::of(format!(
        "osem 1\nproject kids\n\
         environment prod {{ region us-east-1; account \"111111111111\"; profile p; protected; }}\n\
         task t {{ step shell \"{SHOW}\" {{ credentials aws; }}; }}"
    ));
    let run = project.osem("t --env prod --rehearse --confirm prod");
    let run = AMBIENT.iter().fold(run, |run, (name, value)| run.env(name, value));
    run.success();
    let found = settings(&project, "shell");
    assert!(!found.iter().any(|line| line.to_lowercase().contains("ambient")), "{found:?}");
    for service in ["DYNAMODB", "STS"] {
        let start = format!("AWS_ENDPOINT_URL_{service}=http://127.0.0.1:");
        assert!(found.iter().any(|line| line.starts_with(&start)), "{found:?}");
    }
}

#[test]
fn a_variable_of_the_file_wins_over_what_is_given() {
    let project = project(r#"task t { step shell "echo $AWS_REGION" { env AWS_REGION mine; }; }"#);
    let (_local, _) = serve(&project);
    project.osem("t").success();
    assert_eq!(log(&project, "shell"), "mine\n");
}
