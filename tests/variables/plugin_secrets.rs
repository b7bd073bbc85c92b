//! Secrets reach a plugin on stdin, by a parameter that says so, and nothing else.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::children::log;
use crate::harness::Project;

use super::project;
use super::secrets::{FORMS, SECRET, TELLS, refuse_everywhere, refuse_needles};

/// Keeps what it was asked and given, and says the secret in every form. `keep` is a folder that
/// osem does not know.
const PLUGIN: &str = r#"#!/bin/sh
request=$(cat)
printf '%s' "$request" > "keep/$1.stdin"
env > "keep/$1.env"
printf '%s\n' "$0" "$@" > "keep/$1.argv"
[ "$1" = describe ] && { echo '{"protocol":1,"name":"p","verbs":["plan","undo"]}'; exit; }
TOKEN=$(cat keep/secret)
( . ./scripts/tell ) >&2
printf '%s\n' "$request" >&2
case $1 in
plan)
    echo '{"type":"change","call":"put \u0068unter2hunter2","reason":"hunter2hunter2"}'
    ;;
execute)
    printf '%s' '{"type":"progress","message":"hunter2'
    sleep 0.2
    printf '%s\n' 'hunter2"}'
    echo '{"type":"log","message":"\u0068unter2hunter2"}'
    if [ ! -e go ]; then
        echo '{"type":"result","status":"failed","message":"no \u0068unter2hunter2"}'
        exit
    fi
    ;;
esac
echo '{"type":"result","status":"changed","message":"did \u0068unter2hunter2","undo":{}}'
"#;

fn telling(rest: &str) -> Project {
    let project = project(&format!(
        r#"
        var token env=API_TOKEN secret=#true
        step-kind register {{
            plugin "./p"
            param password required=#true secret=#true {{ description "Of the account"; }}
            param user default="me"
        }}
        task t {{
            step register password="<{{var.token}}>"
            {rest}
        }}
        "#
    ));
    let project = project.file("p", PLUGIN).file("scripts/tell", TELLS);
    let project = project.file("scripts/forms", FORMS).file("keep/secret", SECRET);
    crate::children::executable(&project.path().join("p"));
    project
}

/// What the plugin was asked under a verb.
#[track_caller]
fn asked(project: &Project, verb: &str) -> Value {
    let text = fs::read(project.path().join(format!("keep/{verb}.stdin"))).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// Neither its arguments nor its variables have the secret.
#[track_caller]
fn refuse_beside_stdin(project: &Project, verb: &str) {
    for what in ["env", "argv"] {
        let name = format!("keep/{verb}.{what}");
        let text = fs::read(project.path().join(&name)).unwrap();
        refuse_needles(&text, &name);
        assert!(!String::from_utf8_lossy(&text).contains("PARAM_PASSWORD"), "{name}");
    }
}

#[test]
fn a_secret_parameter_is_on_stdin_and_nowhere_else_whatever_the_plugin_says() {
    let given = Value::from(format!("<{SECRET}>"));
    for flags in ["--json --events events.ndjson", "-v --events events.ndjson", "-v --json", ""] {
        let project = telling("");
        let outcome = project.osem(&format!("t {flags}")).env("API_TOKEN", SECRET).status(2);
        for verb in ["plan", "execute"] {
            assert_eq!(asked(&project, verb)["params"]["password"], given, "{verb}");
            assert_eq!(asked(&project, verb)["params"]["user"], "me");
            refuse_beside_stdin(&project, verb);
        }
        assert_eq!(asked(&project, "describe"), serde_json::json!({}));
        refuse_beside_stdin(&project, "describe");
        refuse_everywhere(&project, &outcome);
        let log = log(&project, "register");
        assert!(log.starts_with("[execute]\n***\n") && log.contains("two writes: ***\n"), "{log}");
        assert!(log.contains("\"password\":\"<***>\""), "{log}");
        let resumed = project.osem("resume -v").env("API_TOKEN", SECRET).status(2);
        refuse_everywhere(&project, &resumed);
    }
}

#[test]
fn a_plan_has_no_secret_parameter_saved_or_shown() {
    let project = telling("");
    for line in ["plan t", "plan t --json", "plan t --out plan.json"] {
        let outcome = project.osem(line).env("API_TOKEN", SECRET).success();
        refuse_needles(outcome.raw_stdout.as_bytes(), line);
        refuse_needles(outcome.raw_stderr.as_bytes(), line);
    }
    let saved = fs::read(project.path().join("plan.json")).unwrap();
    refuse_needles(&saved, "the saved plan");
    project.osem("run --plan plan.json --yes").status(65).expect_stderr("`token` has no value");
    let outcome = project.osem("run --plan plan.json --yes").env("API_TOKEN", SECRET).status(2);
    refuse_everywhere(&project, &outcome);
}

#[test]
fn an_undo_is_given_a_secret_parameter_again_and_the_record_has_only_its_name() {
    let project = telling("step shell \"exit 1\"").file("go", "");
    let outcome = project.osem("t").env("API_TOKEN", SECRET).status(2);
    refuse_everywhere(&project, &outcome);
    let without = project.osem("rollback last --confirm local").output();
    without.expect_stderr("a secret in it has no value now");
    assert!(!project.path().join("keep/undo.stdin").exists());
    let again = project.osem("rollback last --confirm local").env("API_TOKEN", SECRET).output();
    assert_eq!(asked(&project, "undo")["params"]["password"], format!("<{SECRET}>"));
    refuse_beside_stdin(&project, "undo");
    refuse_everywhere(&project, &again);
}

#[test]
fn a_changed_secret_parameter_is_a_changed_step() {
    let project = telling("step shell \"test -e on\"").file("go", "");
    project.osem("t").env("API_TOKEN", SECRET).status(2);
    let same = project.osem("resume -n").env("API_TOKEN", SECRET).success();
    assert!(!same.stdout().contains("register: runs"), "{same}");
    let other = project.osem("resume -n").env("API_TOKEN", "another-secret").success();
    assert!(other.stdout().contains("> register: runs"), "{other}");
    other.refuse_stderr("another-secret");
}

#[test]
fn the_kind_hands_a_secret_parameter_on_as_a_variable_only_where_it_says_so() {
    let project = project(
        r#"
        var token env=API_TOKEN secret=#true
        step-kind k { plugin "./p"; param password secret=#true default="{var.token}"; env PASSWORD "{param.password}"; }
        task t { step k; }
        "#,
    )
    .file("p", PLUGIN)
    .file("scripts/tell", TELLS)
    .file("scripts/forms", FORMS)
    .file("keep/secret", SECRET)
    .file("go", "");
    crate::children::executable(&project.path().join("p"));
    let outcome = project.osem("t -v").env("API_TOKEN", SECRET).success();
    refuse_everywhere(&project, &outcome);
    let given = fs::read_to_string(project.path().join("keep/execute.env")).unwrap();
    assert!(given.contains(&format!("PASSWORD={SECRET}\n")), "{given}");
    assert_eq!(asked(&project, "execute")["params"]["password"], SECRET);
}

#[test]
fn a_secret_in_a_parameter_that_is_not_marked_is_an_error_that_says_how_to_mark_it() {
    let kind = |rest: &str, step: &str| {
        project(&format!(
            "var token env=API_TOKEN secret=#true\nvar open \"x\"\nstep-kind k {{ {rest}; }}\ntask t {{ {step}; }}"
        ))
        .file("p", PLUGIN)
    };
    let refused = |rest: &str, step: &str, message: &str, help: &str| {
        let project = kind(rest, step);
        let file = project.path().join("p");
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
        let outcome = project.osem("check").env("API_TOKEN", SECRET).status(65);
        outcome.expect_stderr(message);
        outcome.expect_stderr(help);
        outcome.refuse_stderr("hunter2");
    };
    let seen = "`{var.token}` is secret, and this would be seen";
    let mark = "say so in its step-kind: param password secret=#true";
    refused("plugin \"./p\"; param password", "step k password=\"{var.token}\"", seen, mark);
    refused("plugin \"./p\"; param password default=\"{var.token}\"", "step k", seen, mark);
    let env = "env NAME \"{var.token}\"";
    let exec = "exec \"echo\" \"{param.x}\"; param x required=#true";
    refused(exec, "step k x=\"{var.token}\"", seen, env);
    let marked = "exec \"echo\" \"{param.x}\"; param x required=#true secret=#true";
    let stdin = "`x` cannot be secret: a program with `exec` has no stdin";
    refused(marked, "step k x=\"{var.token}\"", stdin, "is given a secret by env");
    for ty in ["path", "int"] {
        let rest = format!("plugin \"./p\"; param x type={ty} secret=#true");
        refused(&rest, "step k", "`x` is secret, so it is text", "remove `type`, or `secret`");
    }
    for value in ["hunter2hunter2", "{var.open}", "{env}"] {
        let step = format!("step k x=\"{value}\"");
        let plain = "`x` is secret, and this names no secret variable";
        let project = kind("plugin \"./p\"; param x secret=#true", &step);
        let outcome = project.osem("check").status(65);
        outcome.expect_stderr(plain);
        outcome.expect_stderr(
            "declare it, var NAME env=VARIABLE secret=#true, and write: x=\"{var.NAME}\"",
        );
    }
}

#[test]
fn a_kind_is_documented_with_its_secret_parameters() {
    let project = telling("");
    let page = project.osem("steps register").success();
    assert!(
        page.stdout().contains("password  text (required), secret, on stdin alone\n"),
        "{page}"
    );
    let document = project.osem("steps register").json(0);
    let params = document["data"]["kinds"][0]["params"].as_array().unwrap();
    let secret =
        |name: &str| params.iter().find(|param| param["name"] == name).unwrap()["secret"].as_bool();
    assert_eq!((secret("password"), secret("user")), (Some(true), Some(false)));
}
