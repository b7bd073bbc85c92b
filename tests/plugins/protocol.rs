//! Plugins that speak the protocol.

use serde_json::{Value, json};

use super::{plugin, program, project, written};
use crate::harness::{Project, living};

const KIND: &str = "step-kind k {\n plugin \"tasks/p\"\n param note default=\"in {env}\"\n \
    param count type=int default=3\n param wait type=duration default=\"2s\"\n param dry type=bool\n \
    env OWN value\n}\n";

/// A project with this kind, and with a plugin whose `execute` runs this text for `sh`.
fn with(kind: &str, execute: &str) -> Project {
    plugin(&format!("{kind}\ntask t {{ on-failure rollback; step k table=Users; }}"), execute)
}

const CHANGED: &str = r#"echo '{"type":"result","status":"changed","message":"did it"}'"#;

#[test]
fn a_plugin_gets_one_object_and_its_result_is_that_of_the_step() {
    let project =
        with(KIND, &format!("cat > asked; echo \"$1 $OWN $OSEM_PARAM_NOTE\" > args; {CHANGED}"));
    let document = project.osem("t").json(0);
    let step = &document["data"]["steps"][0];
    assert_eq!((&step["changed"], &step["message"]), (&true.into(), &"did it".into()));
    assert_eq!(written(&project, "args"), "execute value in local\n");
    let text = written(&project, "asked");
    assert_eq!(text.lines().count(), 1);
    let asked: Value = serde_json::from_str(&text).unwrap();
    let runs = project.osem("runs").json(0);
    assert_eq!(asked["run"]["id"], runs["data"]["runs"][0]["runId"]);
    let table = json!({
        "declared": "Users", "name": "plug-local-Users", "hash": ["userId"], "range": [], "indexes": [],
        "vector-indexes": [],
    });
    assert_eq!(asked["table"], table);
    assert_eq!(asked["tables"].as_array().unwrap().len(), 2);
    assert_eq!(asked["params"], json!({"note": "in local", "count": 3, "wait": 2000}));
    assert_eq!((&asked["protocol"], &asked["verb"]), (&1.into(), &"execute".into()));
    assert_eq!((&asked["attempt"], asked.get("undo")), (&1.into(), None));
    assert_eq!(
        asked["environment"],
        json!({"name": "local", "region": "us-east-1", "is-service": false, "allow-destroy": true})
    );
}

#[test]
fn a_plugin_is_told_what_earlier_steps_put_out() {
    let task = "step-kind k { plugin \"tasks/p\"; }\n\
                task t { for-each table Users { step create-table; step k; }; }";
    let project = plugin(task, &format!("cat > asked; {CHANGED}"));
    let document = project.osem("t").json(0);
    let asked: Value = serde_json::from_str(&written(&project, "asked")).unwrap();
    let created = &asked["outputs"]["create-table[Users]"];
    assert_eq!(created["id"], document["data"]["steps"][0]["outputs"]["id"], "{asked:#}");
    assert!(created["arn"].as_str().unwrap().ends_with("table/plug-local-Users"), "{asked:#}");
}

#[test]
fn what_a_plugin_says_while_it_works_is_shown_and_kept() {
    let project = with(
        "step-kind k { plugin \"tasks/p\"; }",
        r#"echo '{"type":"progress","message":"half","fraction":0.5}'
        echo '{"type":"log","message":"from stdout"}'; echo "from stderr" >&2
        echo '{"type":"output","key":"count","value":7}'
        echo '{"type":"result","status":"unchanged"}'"#,
    );
    let outcome = project.osem("t -v").success();
    for text in
        ["k running: half (50 %)", "k | from stdout", "k | from stderr", "k succeeded: unchanged"]
    {
        outcome.expect_stderr(text);
    }
    let log = crate::children::log(&project, "k");
    assert!(log.contains("from stdout\n") && log.contains("from stderr\n"), "{log}");
    let journal = journal(&project);
    assert!(journal.contains(r#""outputs":{"count":"7"}"#), "{journal}");
}

#[test]
fn a_failure_and_a_retry_are_those_of_the_step() {
    let failed = r#"echo tail >&2; echo '{"type":"result","status":"failed","message":"no luck"}'"#;
    let outcome = with("step-kind k { plugin \"tasks/p\"; }", failed).osem("t").status(2);
    outcome.expect_stderr("✗ k: no luck");
    outcome.expect_stderr("tail");
    let unharmed =
        r#"echo '{"type":"result","status":"failed","message":"no","changed":false}'; exit 1"#;
    with("step-kind k { plugin \"tasks/p\"; }", unharmed).osem("t").status(1);
    let later = r#"[ -e tried ] && echo '{"type":"result","status":"changed"}' && exit
        touch tried; echo '{"type":"result","status":"retry","retry-after-ms":20,"message":"later"}'"#;
    let document = with("step-kind k { plugin \"tasks/p\"; idempotent; }", later).osem("t").json(0);
    assert_eq!(document["data"]["steps"][0]["attempts"], 2);
    let once = with("step-kind k { plugin \"tasks/p\"; }", later).osem("t").json(2);
    assert_eq!(once["data"]["steps"][0]["attempts"], 1);
}

#[test]
fn a_retry_without_a_wait_is_one_of_those_that_the_kind_allows() {
    let later = r#"echo '{"type":"result","status":"retry","retry-after-ms":0}'"#;
    let kind =
        "step-kind k { plugin \"tasks/p\"; idempotent; retry 2 delay=\"10ms\"; timeout \"20s\"; }";
    let document = with(kind, later).osem("t").json(2);
    assert_eq!(document["data"]["steps"][0]["attempts"], 3);
}

const UNDOABLE: &str = r#"#!/bin/sh
case $1 in
describe) echo '{"protocol":1,"name":"p","verbs":["undo"]}' ;;
execute) echo '{"type":"result","status":"changed","undo":{"was":"old value"}}' ;;
undo) cat > undone; echo '{"type":"result","status":"changed","message":"put back"}' ;;
esac
"#;

fn undoable() -> Project {
    let tasks = "step-kind k { plugin \"tasks/p\"; param note default=n; }\n\
        task t { on-failure rollback; step k table=Users; step shell \"exit 1\" effect=read; }";
    program(project(tasks), "tasks/p", UNDOABLE)
}

#[test]
fn undo_gets_back_what_execute_left() {
    let project = undoable();
    project.osem("t").status(1).expect_stderr("k rolled back: put back");
    let asked: Value = serde_json::from_str(&written(&project, "undone")).unwrap();
    assert_eq!((&asked["undo"], &asked["verb"]), (&json!({"was": "old value"}), &"undo".into()));
    assert_eq!(asked["params"], json!({"note": "n"}));
    assert_eq!(asked["table"]["name"], "plug-local-Users");
}

#[test]
fn a_later_rollback_gives_it_back_from_the_journal() {
    let project = undoable();
    project.osem("t --no-rollback").status(2);
    let project = project.file("tasks/own.kdl", "");
    project.osem("rollback last").success().expect_stderr("k rolled back: put back");
    let asked: Value = serde_json::from_str(&written(&project, "undone")).unwrap();
    assert_eq!(asked["undo"]["was"], "old value");
}

#[test]
fn a_plugin_that_is_gone_is_asked_back_for_its_undo() {
    let project = undoable();
    project.osem("t --no-rollback").status(2);
    std::fs::remove_file(project.path().join("tasks/p")).unwrap();
    let outcome = project.osem("rollback last").status(3);
    outcome.expect_stderr("tasks/p does not describe itself");
    outcome.expect_stderr("put the file back where it was");
}

#[test]
fn an_undo_that_finds_it_changed_since_leaves_it_standing() {
    let project = undoable();
    let left = UNDOABLE
        .replace("\"changed\",\"message\":\"put back\"", "\"unchanged\",\"message\":\"not mine\"");
    let project = program(project, "tasks/p", &left);
    project.osem("t").output().expect_stderr("k stands: not mine");
}

#[test]
fn an_undo_that_is_no_answer_leaves_it_standing_as_a_failed_one() {
    let project = undoable();
    let broken = UNDOABLE.replace("cat > undone;", "echo garbage; exit;");
    let project = program(project, "tasks/p", &broken);
    project.osem("t").status(3).expect_stderr("line 1 of its answer is not JSON");
}

#[test]
fn a_plan_shows_what_a_plugin_would_do_and_gives_credentials_only_to_what_reads() {
    let text = r#"#!/bin/sh
case $1 in
describe) env | grep -c ^AWS_ACCESS > described; echo '{"protocol":1,"name":"p","verbs":["plan"]}' ;;
plan) env | grep ^AWS_ACCESS > planned
    echo '{"type":"change","call":"PutItem","reason":"3 items are missing"}'
    echo '{"type":"result","status":"changed"}' ;;
esac
"#;
    let kind = |effect: &str| {
        format!(
            "step-kind k {{ plugin \"tasks/p\"; credentials aws; effect {effect}; }}\ntask t {{ step k; }}"
        )
    };
    let project = program(project(&kind("write")), "tasks/p", text);
    let outcome = project.osem("plan t").env("AWS_ACCESS_KEY_ID", "ambient").success();
    let shown = outcome.stdout();
    assert!(
        shown.contains("k: runs: tasks/p (may write)\n      PutItem (3 items are missing)\n"),
        "{shown}"
    );
    assert_eq!(written(&project, "planned"), "");
    assert_eq!(written(&project, "described"), "0\n");
    let document = project.osem("plan t").json(0);
    assert_eq!(document["data"]["steps"][0]["would"]["calls"][0]["call"], "PutItem");
    assert!(!project.path().join(".osem/plugins").exists(), "a plan leaves nothing");
    let project = project.file("tasks/own.kdl", kind("read"));
    project.osem("plan t").success();
    assert_eq!(written(&project, "planned"), "AWS_ACCESS_KEY_ID=osem\n");
}

#[test]
fn a_plan_that_fails_is_a_remark_and_stops_nothing() {
    let text = r#"#!/bin/sh
case $1 in
describe) echo '{"protocol":1,"name":"p","verbs":["plan"]}' ;;
plan) echo '{"type":"result","status":"failed","message":"no table yet"}' ;;
execute) echo '{"type":"result","status":"changed"}' ;;
esac
"#;
    let tasks = "step-kind k { plugin \"tasks/p\"; }\ntask t { step k; }\n\
        step-kind r { plugin \"tasks/p\"; effect read; }\ntask read { step r; }";
    let project = program(project(tasks), "tasks/p", text);
    let shown = project.osem("plan t").success().stdout();
    assert!(shown.contains("k: it could not plan: no table yet"), "{shown}");
    project.osem("t").success();
    let warned = "it says that it changed something, and its effect is `read`";
    project.osem("read").success().expect_stderr(warned);
}

const NO_PLAN: &str = r#"#!/bin/sh
case $1 in
describe) echo '{"protocol":1,"name":"p","verbs":["plan"]}' ;;
plan) echo "first words" >&2; echo "last words" >&2; WHAT ;;
execute) echo '{"type":"result","status":"changed"}' ;;
esac
"#;

#[test]
fn a_remark_on_a_plan_that_failed_has_the_words_of_the_plugin() {
    let tasks = "step-kind k { plugin \"tasks/p\"; }\ntask t { step k; }";
    let project = program(project(tasks), "tasks/p", &NO_PLAN.replace("WHAT", "exit 4"));
    let shown = project.osem("plan t").success().stdout();
    let remark = "k: it could not plan: exited with 4: it printed no result\n      \
                  | first words\n      | last words\n";
    assert!(shown.contains(remark), "{shown}");
}

#[test]
fn a_plan_that_hangs_is_announced_and_given_up_long_before_the_step_s_time_is_over() {
    let tasks = "step-kind k { plugin \"tasks/p\"; timeout \"1h\"; }\ntask t { step k; }";
    let project = program(project(tasks), "tasks/p", &NO_PLAN.replace("WHAT", "sleep 3600"));
    let outcome = project.osem("plan t").success();
    outcome.expect_stderr("planning: it takes a while to find out what each step would do");
    let shown = outcome.stdout();
    assert!(shown.contains("k: it could not plan: it took longer than 30s\n"), "{shown}");
    assert!(shown.contains("      | last words\n"), "{shown}");
}

#[test]
fn a_plugin_is_asked_once_what_it_is_until_its_file_changes() {
    let text = |name: &str| {
        format!(
            "#!/bin/sh\n[ $1 = describe ] && {{ echo x >> asked; echo '{{\"protocol\":1,\"name\":\"{name}\"}}'; exit; }}\n\
             echo '{{\"type\":\"result\",\"status\":\"changed\"}}'\n"
        )
    };
    let tasks = "step-kind k { plugin \"tasks/p\"; }\ntask t { step k; step k id=two; }";
    let project = program(project(tasks), "tasks/p", &text("one"));
    project.osem("t").success();
    project.osem("t").success();
    assert_eq!(written(&project, "asked"), "x\n");
    let project = program(project, "tasks/p", &text("two"));
    project.osem("t").success();
    assert_eq!(written(&project, "asked"), "x\nx\n");
}

#[test]
fn plugins_in_equal_files_are_asked_each() {
    let text = r#"#!/bin/sh
params='[]'
case $0 in *b) params='[{"name":"y"}]' ;; esac
case $1 in
describe) echo "{\"protocol\":1,\"name\":\"p\",\"params\":$params}" ;;
*) echo '{"type":"result","status":"changed"}' ;;
esac
"#;
    let tasks = "step-kind a { plugin \"tasks/a\"; }\n\
        step-kind b { plugin \"tasks/b\"; param y default=n; }\ntask t { step a; step b; }";
    let project = program(program(project(tasks), "tasks/a", text), "tasks/b", text);
    project.osem("t").success();
    project.osem("t").success();
}

#[test]
fn a_plugin_on_path_is_another_one_than_a_file_of_its_name_here() {
    let text = |effect: &str| {
        format!(
            "#!/bin/sh\n[ $1 = describe ] && {{ echo '{{\"protocol\":1,\"name\":\"p\",\"effect\":\"{effect}\"}}'; exit; }}\n\
             echo '{{\"type\":\"result\",\"status\":\"changed\"}}'\n"
        )
    };
    let tasks = "step-kind k { plugin plug-here; }\ntask t { step k; }";
    let project = program(project(tasks), "bin/plug-here", &text("write"));
    let project = program(project, "plug-here", "this is no plugin\n");
    let path = format!("{}/bin:{}", project.path().display(), std::env::var("PATH").unwrap());
    project.osem("t").env("PATH", &path).success();
    let project = program(project, "bin/plug-here", &text("destroy"));
    let outcome = project.osem("t").env("PATH", &path).status(1);
    outcome.expect_stderr("its effect is `destroy`, and the step-kind says `write`");
}

#[test]
fn check_starts_no_plugin_unless_it_is_told_to() {
    let text = "#!/bin/sh\ntouch ran; echo boom >&2; exit 3\n";
    let tasks = "step-kind k { plugin \"tasks/p\"; }\ntask t { step k; }";
    let project = program(project(tasks), "tasks/p", text);
    project.osem("check").success();
    assert!(!project.path().join("ran").exists());
    let outcome = project.osem("check --plugins").status(65);
    outcome.expect_stderr("tasks/p does not describe itself: it exited with 3 and printed nothing");
    outcome.expect_stderr("boom");
    outcome.expect_stderr("own.kdl:1:");
}

#[test]
fn a_plugin_that_is_not_what_its_kind_says_is_refused() {
    for (described, message) in [
        (r#""effect":"destroy""#, "its effect is `destroy`, and the step-kind says `write`"),
        (r#""params":[]"#, "it has no parameter `note`"),
        (
            r#""params":[{"name":"note","type":"int"}]"#,
            "its parameter `note` is of type `int`, and the step-kind says `string`",
        ),
        (
            r#""params":[{"name":"note"},{"name":"file","required":true}]"#,
            "it needs a parameter `file`, which the step-kind lacks",
        ),
        (
            r#""params":[{"name":"note","required":true}]"#,
            "it needs a value for `note`, which the step-kind lets a step leave out",
        ),
        (r#""idempotent":false"#, "it is not idempotent, and the step-kind says that it is"),
    ] {
        let text = format!("#!/bin/sh\necho '{{\"protocol\":1,\"name\":\"p\",{described}}}'\n");
        let tasks =
            "step-kind k { plugin \"tasks/p\"; param note; idempotent; }\ntask t { step k; }";
        let project = program(project(tasks), "tasks/p", &text);
        let document = project.osem("check --plugins").json(65);
        let found = document["data"]["diagnostics"][0]["message"].as_str().unwrap();
        assert!(found.contains(message), "{found}");
        project.osem("t").status(1).expect_stderr(message);
    }
}

#[test]
fn ambient_settings_lead_no_plugin_to_another_account() {
    let execute =
        format!("env | grep -E '^AWS_(PROFILE|ENDPOINT|ACCESS)' | sort > vars; {CHANGED}");
    let project = with("step-kind k { plugin \"tasks/p\"; credentials aws; }", &execute);
    let run = project.osem("t").env("AWS_PROFILE", "elsewhere");
    run.env("AWS_ENDPOINT_URL_S3", "http://192.0.2.1").success();
    let vars = written(&project, "vars");
    assert!(
        vars.starts_with("AWS_ACCESS_KEY_ID=osem\nAWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:"),
        "{vars}"
    );
    assert_eq!(vars.lines().count(), 2, "{vars}");
    let runs = project.osem("runs").json(0);
    let run = runs["data"]["runs"][0]["runId"].as_str().unwrap();
    assert_eq!(living("OSEM_RUN_ID", run), Vec::<u32>::new());
}

/// The journal of the only run.
#[track_caller]
fn journal(project: &Project) -> String {
    std::fs::read_to_string(project.runs()[0].join("events.ndjson")).unwrap()
}
