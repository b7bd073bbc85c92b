//! The application's own plugins: one in Python, one in POSIX sh.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use super::written;
use crate::children::log;
use crate::harness::{DYNAMODB_LOCAL, MINISTACK, Project, Server, has_python, python, serve};

/// What leads the AWS SDKs of a shell to somebody else's account.
const ELSEWHERE: [(&str, &str); 3] = [
    ("AWS_PROFILE", "elsewhere"),
    ("AWS_ACCESS_KEY_ID", "elsewhere"),
    ("AWS_SECRET_ACCESS_KEY", "elsewhere"),
];

const PATTERNS: [&str; 8] = [
    "teams of a manager: 3 queries of managerId-index answered",
    "plans of a team: 3 queries of teamId-index answered",
    "plans by status: ",
    "a member's assessments in a plan: ",
    "all assessments of a member: ",
    "reports of a plan: ",
    "reports of a member: ",
    "the active configuration, newest first: 2 queries of isActive-index answered",
];

#[test]
fn every_access_pattern_answers_after_seeding_and_nothing_of_the_shell_leads_elsewhere() {
    if !has_python() {
        return;
    }
    let project = Project::new();
    let run =
        ELSEWHERE.iter().fold(project.osem("run seed"), |run, (name, value)| run.env(name, value));
    run.success().expect_stderr("query-check succeeded: 8 access patterns answered (27 queries)");
    let log = log(&project, "query-check");
    for pattern in PATTERNS {
        assert!(log.contains(pattern), "{log}");
    }
}

#[test]
fn a_pattern_that_lacks_an_item_is_told_by_its_index() {
    if !has_python() {
        return;
    }
    let project = Project::new();
    let (_local, url) = serve(&project);
    project.osem("run seed --skip query-check").success();
    let dynamo = crate::harness::Dynamo::new(&url);
    let team = fs::read_to_string(project.path().join("fixtures/Teams.jsonl")).unwrap();
    let team: serde_json::Value = serde_json::from_str(team.lines().next().unwrap()).unwrap();
    let key = json!({ "TableName": "osem-local-Teams", "Key": { "teamId": team["teamId"] } });
    dynamo.call("DeleteItem", &key);
    let project = project.file("tasks/again.kdl", "task again { step query-check; }");
    let outcome = project.osem("again --retries 0").status(1);
    outcome.expect_stderr("query-check: managerId-index of osem-local-Teams lacks 1 of 1 items");
}

#[test]
fn ministack_answers_every_access_pattern() {
    answers(&MINISTACK);
}

#[test]
fn dynamodb_local_answers_every_access_pattern() {
    answers(&DYNAMODB_LOCAL);
}

fn answers(server: &'static Server) {
    let Some(claim) = server.claim("osem-") else { return };
    if !has_python() {
        return;
    }
    let project = Project::new();
    let osem = |line: &str| {
        let run = project.osem(line).args(["--env", "dev", "--endpoint-url", &claim.url]);
        ELSEWHERE.iter().fold(run, |run, (name, value)| run.env(name, value))
    };
    let seeded = osem("run seed --yes").success();
    seeded.expect_stderr("query-check succeeded: 8 access patterns answered (27 queries)");
    let again = osem("run seed --yes").json(0);
    let steps = again["data"]["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["changed"] == false), "{again:#}");
    osem("run env-file --yes").success();
    assert!(written(&project, ".env.osem").contains("\nTABLE_USERS=osem-dev-Users\n"));
}

#[test]
fn the_names_of_the_tables_are_written_for_the_application_once() {
    let project = Project::new();
    let plan = project.osem("plan env-file").success().stdout();
    assert!(plan.contains("write (.env.osem)\n      it says: .env.osem will be written"), "{plan}");
    assert!(plan.contains("\n1 command\n"), "it is about no table: {plan}");
    let document = project.osem("env-file").json(0);
    assert_eq!(document["data"]["steps"][0]["changed"], true);
    assert_eq!(
        written(&project, ".env.osem"),
        "# Written by osem for local in us-east-1.\nAWS_REGION=us-east-1\n\
         TABLE_USERS=osem-local-Users\nTABLE_TEAMS=osem-local-Teams\n\
         TABLE_ASSESSMENTPLANS=osem-local-AssessmentPlans\nTABLE_ASSESSMENTS=osem-local-Assessments\n\
         TABLE_ASSESSMENTREPORTS=osem-local-AssessmentReports\n\
         TABLE_CONFIGVERSIONS=osem-local-ConfigVersions\n"
    );
    let again = project.osem("env-file").json(0);
    assert_eq!(again["data"]["steps"][0]["changed"], false);
    let plan = project.osem("plan env-file").success().stdout();
    assert!(plan.contains("it says: .env.osem is as it should be"), "{plan}");
}

#[test]
fn what_the_file_held_before_is_put_back_byte_by_byte() {
    let before = "A=\"b\\c\" 'd' $e %s \\n\n\n{\"undo\":1}\té no end";
    let project = Project::new().file(".env.osem", before);
    project.osem("env-file").success();
    assert_ne!(written(&project, ".env.osem"), before);
    let undone = project.osem("rollback last").success();
    undone.expect_stderr("env-file rolled back: put back .env.osem");
    assert_eq!(written(&project, ".env.osem"), before);

    let project = Project::new();
    project.osem("env-file").success();
    project.osem("rollback last").success();
    assert!(!project.path().join(".env.osem").exists());
}

#[test]
fn a_file_that_could_not_be_put_back_is_not_written_over() {
    let largest = "x".repeat(21_000);
    let project = Project::new().file(".env.osem", &largest);
    project.osem("env-file").success();
    project.osem("rollback last").success();
    assert_eq!(written(&project, ".env.osem"), largest);

    let larger = "x".repeat(21_001);
    let project = Project::new().file(".env.osem", &larger);
    let why = ".env.osem is larger than 21000 bytes, so it could not be put back";
    let plan = project.osem("plan env-file").success().stdout();
    assert!(plan.contains(&format!("it could not plan: {why}")), "{plan}");
    let outcome = project.osem("env-file").status(1);
    outcome.expect_stderr(&format!("✗ env-file: {why}: name another file, or move it away"));
    assert_eq!(written(&project, ".env.osem"), larger);
}

#[test]
fn what_somebody_wrote_into_the_file_since_is_left_by_a_rollback() {
    for before in [None, Some("OLD=1\n")] {
        let project = Project::new();
        let project = match before {
            Some(before) => project.file(".env.osem", before),
            None => project,
        };
        project.osem("env-file").success();
        let edited = format!("{}MY_OWN=1\n", written(&project, ".env.osem"));
        let project = project.file(".env.osem", &edited);
        let undone = project.osem("rollback last").output();
        undone.expect_stderr(".env.osem was changed since, and is left as it is");
        assert_eq!(written(&project, ".env.osem"), edited);
    }
}

#[test]
fn the_file_keeps_its_mode_when_it_is_written_and_put_back() {
    let project = Project::new().file(".env.osem", "SECRET=1\n");
    let file = project.path().join(".env.osem");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    project.osem("env-file").success();
    assert_eq!(mode(), 0o600);
    project.osem("rollback last").success();
    assert_eq!((mode(), written(&project, ".env.osem").as_str()), (0o600, "SECRET=1\n"));
}

#[test]
fn plan_and_run_agree_on_a_file_without_its_last_newline() {
    let project = Project::new();
    project.osem("env-file").success();
    let whole = written(&project, ".env.osem");
    let project = project.file(".env.osem", whole.trim_end());
    let plan = project.osem("plan env-file").success().stdout();
    assert!(plan.contains("it says: .env.osem will be written"), "{plan}");
    let document = project.osem("env-file").json(0);
    assert_eq!(document["data"]["steps"][0]["changed"], true);
    assert_eq!(written(&project, ".env.osem"), whole);
}

#[test]
fn the_application_s_plugins_are_what_their_kinds_say() {
    if has_python() {
        Project::new().osem("check --plugins").success();
    }
}

#[test]
fn the_signature_is_the_one_that_botocore_makes() {
    let snippet = r"
import importlib.machinery, importlib.util, json, os, sys
sys.dont_write_bytecode = True
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
loader = importlib.machinery.SourceFileLoader('query_check', sys.argv[1])
module = importlib.util.module_from_spec(importlib.util.spec_from_loader('query_check', loader))
loader.exec_module(module)
os.environ.update(AWS_ACCESS_KEY_ID='AK', AWS_SECRET_ACCESS_KEY='SK', AWS_SESSION_TOKEN='T')
ours = module.DynamoDB('eu-west-1').headers('Query', b'{}')
request = AWSRequest('POST', 'https://dynamodb.eu-west-1.amazonaws.com/', data=b'{}', headers={
    name: ours[name] for name in ('content-type', 'x-amz-target')})
class Frozen(SigV4Auth):
    def add_auth(self, request):
        request.context['timestamp'] = ours['x-amz-date']
        self._modify_request_before_signing(request)
        canonical = self.canonical_request(request)
        signature = self.signature(self.string_to_sign(request, canonical), request)
        self._inject_signature_to_request(request, signature)
Frozen(Credentials('AK', 'SK', 'T'), 'dynamodb', 'eu-west-1').add_auth(request)
print(json.dumps([ours['authorization'], request.headers['Authorization']]))
";
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tasks/query-check");
    let Some(both) = python(snippet, &[file]) else { return };
    assert_eq!(both[0], both[1]);
}
