//! Secrets that are words of the protocol, or numbers: what a plugin says is understood all the same,
//! and shown without them.

use std::fs;

use serde_json::Value;

use super::{program, project, written};
use crate::children::log;
use crate::harness::Project;

/// Uses every word of the protocol, and says the secret in a text of each message.
const PLUGIN: &str = r#"#!/bin/sh
request=$(cat)
case $1 in
describe)
    echo '{"protocol":1,"name":"p","effect":"write","idempotent":true,"verbs":["plan","undo"],
           "params":[{"name":"load","type":"string","required":true}]}' | tr -d '\n'
    ;;
plan)
    printf '{"type":"change","call":"put <%s>","reason":"on <%s>"}\n' "$TOKEN" "$TOKEN"
    printf '{"type":"result","verb":"plan","status":"changed","message":"would <%s>"}\n' "$TOKEN"
    ;;
execute)
    printf '{"type":"progress","message":"at <%s>","fraction":0.5}\n' "$TOKEN"
    printf '{"type":"log","message":"log <%s>"}\n' "$TOKEN"
    echo '{"type":"output","key":"k","value":{"a":[1,false]}}'
    printf '{"protocol":1,"type":"result","verb":"execute","status":"changed","message":"did <%s>",' "$TOKEN"
    echo '"retry-after-ms":1234,"changed":true,"undo":{"made":true,"old":null}}'
    ;;
undo)
    printf '%s' "$request" > undone
    printf '{"type":"result","verb":"undo","status":"changed","message":"took <%s>"}\n' "$TOKEN"
    ;;
esac
"#;

/// None of them that is long enough to be looked for in the files stands there.
const WORDS: [&str; 30] = [
    "protocol",
    "name",
    "effect",
    "write",
    "true",
    "verbs",
    "plan",
    "undo",
    "params",
    "load",
    "type",
    "string",
    "change",
    "call",
    "reason",
    "result",
    "verb",
    "status",
    "changed",
    "message",
    "progress",
    "fraction",
    "output",
    "value",
    "execute",
    "retry-after-ms",
    "1234",
    "null",
    "false",
    "\"type\":\"result\"",
];

fn saying(plugin: &str, rest: &str) -> Project {
    let tasks = format!(
        "var token env=API_TOKEN secret=#true\n\
         step-kind k {{\n\
             plugin \"tasks/p\"; effect write; idempotent\n\
             param load required=#true; env TOKEN \"{{var.token}}\"\n\
         }}\n\
         task t {{ step k load=\"x\"; {rest} }}"
    );
    program(project(&tasks), "tasks/p", plugin)
}

#[test]
fn a_plugin_is_understood_whatever_word_of_it_is_a_secret() {
    std::thread::scope(|scope| {
        for words in WORDS.chunks(WORDS.len() / 2) {
            scope.spawn(|| words.iter().for_each(|word| lives_with(word)));
        }
    });
}

/// Everything that a plugin is asked for ends well, and `word` is shown in no text of it.
fn lives_with(word: &str) {
    // In JSON a quote is written otherwise.
    let escaped = word.replace('"', "\\\\\"");
    let plugin = PLUGIN.replace("\"$TOKEN\"", &format!("'{}'", escaped.replace("\\\\", "\\")));
    let project = saying(&plugin, "step exec \"tasks/reads\" \"{out.k.k}\"; step shell \"exit 1\"");
    let reads = "#!/bin/sh\nprintf '%s' \"$1\" > reads\n";
    let project = program(project, "tasks/reads", reads);
    let osem = |line: &str| project.osem(line).env("API_TOKEN", word);
    osem("check --plugins").success();
    let plan = osem("plan t").success();
    for said in ["put <***>", "on <***>", "would <***>"] {
        assert!(plan.raw_stdout.contains(said), "{word}: {plan}");
    }
    assert!(!plan.raw_stdout.contains(&format!("<{word}>")), "{word}: {plan}");
    let outcome = osem("t -v").status(2);
    for said in ["k running: at <***> (50 %)", "log <***>", "k succeeded: did <***>"] {
        assert!(outcome.raw_stderr.contains(said), "{word}: {outcome}");
    }
    assert!(!outcome.raw_stderr.contains(&format!("<{word}>")), "{word}: {outcome}");
    assert_eq!(written(&project, "reads"), r#"{"a":[1,false]}"#, "{word}");
    let run = project.runs().pop().unwrap();
    let events = fs::read_to_string(run.join("events.ndjson")).unwrap();
    for text in [events, log(&project, "k")] {
        assert!(!text.contains(&format!("<{word}>")) && text.contains("<***>"), "{word}: {text}");
    }
    let rollback = osem("rollback last --confirm local --json").output();
    let document = rollback.json();
    assert!(document.to_string().contains("took <***>"), "{word}: {document:#}");
    let request: Value = serde_json::from_str(&written(&project, "undone")).unwrap();
    assert_eq!(request["undo"], serde_json::json!({"made": true, "old": null}), "{word}");
    let kept = project.path().join(".osem/plugins");
    for file in fs::read_dir(kept).into_iter().flatten() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(!text.contains(word), "{word}: {text}");
    }
}

#[test]
fn what_cannot_be_understood_is_shown_without_secrets_however_it_is_written_or_cut() {
    let secret = "aB3\u{e9}dE6/gH9=\"kL2";
    // As JSON writes it: in few characters, and in many.
    let (short, long) = ("aB3\u{e9}dE6/gH9=\\\"kL2", "\\u0061\\u0042\\u0033éd\\u00456/gH9=\\\"kL2");
    let pad = "x".repeat(112);
    let cases = [
        format!("no json {short}"),
        format!("{pad}{secret}"),
        format!("{{\"type\":\"{short}\"}}"),
        format!("{{\"type\":\"{long}\"}}"),
        format!("{{\"type\":\"log\",\"message\":[\"{long}\"]}}"),
        format!("{{\"type\":\"result\",\"status\":\"{long}\"}}"),
        format!("{{\"type\":\"result\",\"status\":\"changed\",\"verb\":\"{pad}{long}\"}}"),
        format!("{{\"type\":\"result\",\"status\":\"changed\"}}\n{{\"a\":\"{long}\"}}"),
        format!("{{\"type\":\"output\",\"key\":\"{long}\",\"value\":1}}"),
        format!("{{\"type\":\"output\",\"key\":\"{pad}{long}\",\"value\":1}}"),
        format!("{{\"protocol\":\"{long}\",\"type\":\"log\",\"message\":\"\"}}"),
        format!("{{\"type\":\"log\",\"message\":\"{short}"),
        format!("{{\"type\":\"log\",\"message\":\"{long}"),
        format!("no json {long}"),
        format!("{{\"type\":\"a\",\"b\":\"{long}\",\"b\":1}}"),
    ];
    for said in cases {
        let plugin = "#!/bin/sh\ncase $1 in\n\
            describe) echo '{\"protocol\":1,\"name\":\"p\",\"verbs\":[\"plan\"]}' ;;\n\
            *) printf '%s\\n' \"$(cat said)\" ;;\nesac\n";
        let project = saying(plugin, "").file("said", &said);
        for (line, code) in [("plan t", 0), ("t", 2), ("t --json", 2), ("runs show last", 0)] {
            let outcome = project.osem(line).env("API_TOKEN", secret).status(code);
            let shown = outcome.raw_stdout.clone() + &outcome.raw_stderr;
            for part in ["aB3", "kL2", "u0061", "gH9"] {
                assert!(!shown.contains(part), "{said}: {shown}");
            }
            assert!(shown.contains("***") || line != "t", "{said}: {shown}");
        }
    }
}

#[test]
fn a_secret_with_control_and_combining_characters_is_not_shown_by_the_parser_of_json() {
    let secret = "aB3\u{1b}dE6e\u{301}kL2";
    let plugin = "#!/bin/sh\ncase $1 in\n\
        describe) echo '{\"protocol\":1,\"name\":\"p\"}' ;;\n\
        *) cat said ;;\nesac\n";
    let said = serde_json::json!({"type": "result", "status": "changed", "changed": secret});
    let project = saying(plugin, "").file("said", said.to_string());
    for (line, code) in [("t", 2), ("t --json", 2), ("runs show last --json", 0)] {
        let outcome = project.osem(line).env("API_TOKEN", secret).status(code);
        let shown = outcome.raw_stdout.clone() + &outcome.raw_stderr;
        assert!(shown.contains("***"), "{shown}");
        for part in ["aB3", "dE6", "kL2"] {
            assert!(!shown.contains(part), "{shown}");
        }
    }
}

#[test]
fn a_secret_that_is_a_number_is_found_in_numbers_that_would_be_recorded() {
    for (said, message) in [
        ("{\"type\":\"output\",\"key\":\"k\",\"value\":{\"n\":[90125]}}", "its output `k`"),
        ("{\"type\":\"output\",\"key\":\"k\",\"value\":90125}", "its output `k`"),
    ] {
        let execute =
            format!("echo '{said}'\necho '{{\"type\":\"result\",\"status\":\"changed\"}}'");
        let project = super::plugin(
            "var token env=API_TOKEN secret=#true\n\
             step-kind k { plugin \"tasks/p\"; env TOKEN \"{var.token}\"; }\ntask t { step k; }",
            &execute,
        );
        let outcome = project.osem("t").env("API_TOKEN", "90125").status(2);
        outcome.expect_stderr(&format!("✗ k: {message} has a secret in it"));
        assert!(!outcome.raw_stderr.contains("90125"), "{outcome}");
    }
    let undo = "echo '{\"type\":\"result\",\"status\":\"changed\",\"undo\":{\"n\":90125}}'";
    let project = super::plugin(
        "var token env=API_TOKEN secret=#true\n\
         step-kind k { plugin \"tasks/p\"; env TOKEN \"{var.token}\"; }\ntask t { step k; }",
        undo,
    );
    let outcome = project.osem("t").env("API_TOKEN", "90125").status(2);
    outcome.expect_stderr("✗ k: what it leaves for `undo` has a secret in it");
    for empty in ["", "abc"] {
        let outcome = project.osem("t").env("API_TOKEN", empty).status(65);
        outcome.expect_stderr("`token`");
    }
}
