//! Secrets that plugins are given: what they say of them is neither shown nor recorded, however JSON
//! writes it.

use std::fs;
use std::path::Path;

use super::{program, project, written};
use crate::harness::{Outcome, Project};

const SECRET: &str = "aB3+dE6/gH9=kL2";
/// As JSON may write it: so no search for bytes finds it.
const ESCAPED: &str = r"\u0061\u0042\u0033\u002B\u0064E6/gH9\u003dkL2";

/// A project whose plugin gives these answers, with the secret in the place of `{}`.
fn saying(rest: &str, plan: &str, execute: &str) -> Project {
    let tasks = format!(
        "var token env=API_TOKEN secret=#true\n\
         step-kind k {{ plugin \"tasks/p\"; idempotent; env TOKEN \"{{var.token}}\"; }}\n\
         task t {{ step k; {rest} }}"
    );
    let text = format!(
        "#!/bin/sh\ncase $1 in\ndescribe) env > described\n\
         echo '{{\"protocol\":1,\"name\":\"p\",\"verbs\":[\"plan\",\"undo\"]}}' ;;\n\
         plan) cat <<'END'\n{plan}\nEND\n;;\nexecute) cat <<'END'\n{execute}\nEND\n;;\nesac\n"
    );
    let text = text.replace("{}", ESCAPED);
    program(project(&tasks), "tasks/p", &text)
}

#[track_caller]
fn refuse_secret(project: &Project, outcome: &Outcome) {
    let mut texts = vec![outcome.raw_stdout.clone(), outcome.raw_stderr.clone()];
    read_all(&project.path().join(".osem"), &mut texts);
    for text in texts {
        assert!(!text.contains(SECRET), "{text}");
    }
}

/// The texts of all files below a folder that may not be there.
fn read_all(folder: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, texts);
        } else {
            texts.push(String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned());
        }
    }
}

const PLAN: &str = r#"{"type":"change","call":"x","reason":"with {}"}
{"type":"result","status":"changed","message":"planned {}"}"#;
const CHANGED: &str = r#"{"type":"result","status":"changed","message":"did {}"}"#;

#[test]
fn what_a_plugin_says_to_people_has_no_secret_however_it_is_escaped() {
    let said = r#"{"type":"log","message":"log {}"}
{"type":"progress","message":"progress {}"}"#;
    let project = saying("", PLAN, &format!("{said}\n{CHANGED}"));
    for line in ["plan t", "plan t --json", "t -v", "t --json"] {
        let outcome = project.osem(line).env("API_TOKEN", SECRET).success();
        refuse_secret(&project, &outcome);
        let shown = outcome.raw_stdout.clone() + &outcome.raw_stderr;
        assert!(shown.contains("***"), "{line}: {shown}");
    }
    refuse_secret(&project, &project.osem("runs show last --json").success());
    let failed = r#"{"type":"result","status":"failed","message":"no {}"}"#;
    let failed = saying("", PLAN, failed);
    let outcome = failed.osem("t").env("API_TOKEN", SECRET).status(2);
    refuse_secret(&failed, &outcome);
    outcome.expect_stderr("✗ k: no ***");
    let unknown = saying("", PLAN, r#"{"type":"{}"}"#);
    let outcome = unknown.osem("t").env("API_TOKEN", SECRET).status(2);
    refuse_secret(&unknown, &outcome);
}

#[test]
fn an_output_with_a_secret_in_it_is_refused_however_it_is_escaped() {
    for output in [r#""key":"k","value":"a {}""#, r#""key":"k","value":{"a":["{}"]}"#] {
        let execute = format!("{{\"type\":\"output\",{output}}}\n{CHANGED}");
        let project = saying("step exec \"echo\" \"{out.k.k}\" id=reads", PLAN, &execute);
        let outcome = project.osem("t").env("API_TOKEN", SECRET).status(2);
        outcome.expect_stderr("✗ k: its output `k` has a secret in it");
        refuse_secret(&project, &outcome);
    }
}

#[test]
fn a_secret_is_not_kept_for_undo_however_it_is_escaped() {
    for undo in [r#"{"a":["{}"]}"#, r#"{"{}":1}"#] {
        let execute = format!(r#"{{"type":"result","status":"changed","undo":{undo}}}"#);
        let project = saying("", PLAN, &execute);
        let outcome = project.osem("t").env("API_TOKEN", SECRET).status(2);
        outcome.expect_stderr("✗ k: what it leaves for `undo` has a secret in it");
        refuse_secret(&project, &outcome);
    }
}

#[test]
fn a_plugin_that_is_asked_what_it_is_gets_no_secret_and_no_file_of_others() {
    let project = saying("", PLAN, CHANGED);
    for line in ["plan t", "check --plugins", "t"] {
        let run = project.osem(line).env("API_TOKEN", SECRET).env("OSEM_OUTPUT", "/outer");
        run.success();
        let described = written(&project, "described");
        assert!(described.contains("PATH=") && !described.contains(SECRET), "{described}");
        assert!(!described.contains("OSEM_OUTPUT"), "{described}");
        fs::remove_file(project.path().join("described")).unwrap();
    }
}

#[test]
fn an_output_that_no_later_step_could_be_given_is_refused() {
    let long = format!(r#"{{"type":"output","key":"k","value":"{}"}}"#, "x".repeat(70_000));
    for (output, message) in [
        (r#"{"type":"output","key":"a b","value":1}"#, "`a b` is no key of an output"),
        (
            r#"{"type":"output","key":"k","value":"a\u0000"}"#,
            "its output `k` has the character U+0000",
        ),
        (&long, "its outputs are longer than 64 KiB"),
    ] {
        let project = saying("", PLAN, &format!("{output}\n{CHANGED}"));
        let outcome = project.osem("t").env("API_TOKEN", SECRET).status(2);
        outcome.expect_stderr(message);
        assert!(outcome.raw_stderr.len() < 4000);
    }
}

#[test]
fn what_a_plugin_says_of_itself_has_no_secret_however_it_is_escaped() {
    let described = |answer: &str| {
        let project = saying("", PLAN, CHANGED);
        let answer = answer.replace("{}", ESCAPED);
        let text = format!(
            "#!/bin/sh\n[ $1 = describe ] && cat <<'END' && exit\n{answer}\nEND\necho '{CHANGED}'\n"
        );
        program(project, "tasks/p", &text)
    };
    let whole = r#"{"protocol":1,"name":"p {}","verbs":["a {}"]}"#;
    let project = described(whole);
    for line in ["check --plugins", "t -v"] {
        refuse_secret(&project, &project.osem(line).env("API_TOKEN", SECRET).success());
    }
    assert!(!project.path().join(".osem/plugins").exists(), "it is asked again");
    for answer in [
        r#"{"protocol":1,"name":"p","params":[{"name":"{}","required":true}]}"#,
        r#"{"protocol":1,"name":"p","effect":"{}"}"#,
        r#"{"protocol":"{}","name":"p"}"#,
    ] {
        let project = described(answer);
        let (check, run, json) = ("check --plugins", "t -v", "t --json");
        for (line, code) in [(check, 65), (run, 1), (json, 1)] {
            let outcome = project.osem(line).env("API_TOKEN", SECRET).status(code);
            refuse_secret(&project, &outcome);
        }
    }
}

#[test]
fn what_a_plugin_says_of_itself_is_not_kept_while_a_secret_stands_in_it() {
    let project = project(
        "var token env=API_TOKEN secret=#true\n\
         step-kind k { plugin \"tasks/p\"; idempotent; param load default=\"x\"; env T \"{var.token}\"; }\n\
         task t { step k; }",
    );
    let text = format!(
        "#!/bin/sh\n[ $1 = describe ] && cat <<'END' && exit\n\
         {{\"protocol\":1,\"name\":\"p\",\"params\":[{{\"name\":\"load\",\"type\":\"string\"}}]}}\n\
         END\necho '{CHANGED}'\n"
    );
    let project = program(project, "tasks/p", &text);
    project.osem("t").env("API_TOKEN", "load").success();
    assert!(!project.path().join(".osem/plugins").exists());
    project.osem("t").env("API_TOKEN", SECRET).success();
    project.osem("t").env("API_TOKEN", SECRET).success();
    assert!(project.path().join(".osem/plugins").exists());
}
