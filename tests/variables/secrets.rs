//! Secrets reach the command that asks for them, and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use crate::children::{log, log_so_far};
use crate::harness::{Outcome, Project};

use super::project;

/// A secret of several lines, with characters that encoders change.
pub(super) const SECRET: &str =
    "-----BEGIN THAT-----\np@ss/w\"rd ünd <mehr>\nhunter2hunter2\n-----END THAT-----";

/// Writes it in every form, and fails.
pub(super) const TELLS: &str = r#"#!/bin/sh
printf '%s\n' "$TOKEN"
printf '%s' "$TOKEN" | base64
printf 'x%s' "$TOKEN" | base64 -w 0
printf 'xy%s' "$TOKEN" | base64 -w 0 | tr '+/' '-_'
printf 'user:hunter2hunter2' | base64
printf '\n'
cat scripts/forms
printf 'two writes: hunter2'
sleep 0.2
printf 'hunter2\n' >&2
sleep 0.2
printf 'the end p@ss/w"rd ünd <me'
sleep 0.2
printf 'hr>'
exit 1
"#;

/// Forms that other languages write.
pub(super) const FORMS: &str = r#"{"token":"-----BEGIN THAT-----\np@ss\/w\"rd \u00fcnd \u003cmehr\u003e\nhunter2hunter2\n-----END THAT-----"}
{"token": "-----BEGIN THAT-----\np@ss/w\"rd ünd <mehr>\nhunter2hunter2\n-----END THAT-----"}
token=-----BEGIN+THAT-----%0Ap%40ss%2Fw%22rd+%C3%BCnd+%3Cmehr%3E%0Ahunter2hunter2%0A-----END+THAT-----
p%40ss/w%22rd%20%c3%bcnd%20%3cmehr%3e
"#;

/// Parts of its forms that must be nowhere.
const NEEDLES: [&str; 13] = [
    "BEGIN THAT",
    "END THAT",
    "BEGIN+THAT",
    "p@ss/w",
    r"p@ss\/w",
    "rd ünd",
    r"rd \u00fcnd",
    "p%40ss",
    "hunter2hunter2",
    // Of the whole, and of the line, in base64.
    "LS0tLS1CRUdJTiBUSEFU",
    "aHVudGVyMmh1bnRlcjI",
    "h1bnRlcjJodW50ZXIy",
    "odW50ZXIyaHVudGVyM",
];

fn telling() -> Project {
    let project = project(
        r#"
        var token env=API_TOKEN secret=#true required=#true
        task t {
            for-each table { step create-table; }
            step exec "./scripts/tell" { env TOKEN "{var.token}"; retry 1; }
        }
        "#,
    );
    let project = project.file("scripts/tell", TELLS).file("scripts/forms", FORMS);
    crate::children::executable(&project.path().join("scripts/tell"));
    project
}

/// Every file below a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[track_caller]
pub(super) fn refuse_needles(text: &[u8], place: &str) {
    for needle in NEEDLES {
        let found = text.windows(needle.len()).any(|window| window == needle.as_bytes());
        assert!(!found, "{needle:?} in {place}:\n{}", String::from_utf8_lossy(text));
    }
}

/// Nothing that a run left behind has it.
#[track_caller]
pub(super) fn refuse_everywhere(project: &Project, outcome: &Outcome) {
    refuse_needles(outcome.raw_stdout.as_bytes(), "stdout");
    refuse_needles(outcome.raw_stderr.as_bytes(), "stderr");
    let mut left = Vec::new();
    files(&project.path().join(".osem"), &mut left);
    left.extend([project.path().join("events.ndjson")].into_iter().filter(|file| file.exists()));
    assert!(left.iter().any(|file| file.ends_with("events.ndjson")), "{left:?}");
    for file in left {
        refuse_needles(&fs::read(&file).unwrap(), &file.display().to_string());
    }
}

#[test]
fn a_failing_run_leaves_no_form_of_a_secret_anywhere() {
    for flags in ["--json --events events.ndjson", "-v --events events.ndjson", "-v --json", ""] {
        let project = telling();
        let line = format!("t {flags}");
        let outcome = project.osem(&line).env("API_TOKEN", SECRET).status(2);
        refuse_everywhere(&project, &outcome);
        let log = log(&project, "exec");
        assert!(log.starts_with("***\n") && log.contains("two writes: ***\n"), "{log}");
        assert!(log.contains("{\"token\": \"***\"}\n") && log.contains("token=***\n"), "{log}");
        let shown = outcome.raw_stdout + &outcome.raw_stderr;
        assert!(shown.contains("two writes: ***") && shown.contains("the end ***"), "{shown}");
        let resumed = project.osem("resume -v").env("API_TOKEN", SECRET).status(2);
        refuse_everywhere(&project, &resumed);
    }
}

#[test]
fn a_secret_is_on_no_command_line_while_its_command_runs() {
    let project = project(
        r#"
        var token env=API_TOKEN secret=#true
        task t {
            step shell "test \"$TOKEN\" = \"$(cat wanted)\" && touch started; until test -e go; do sleep 0.05; done" {
                env TOKEN "<{var.token}>"
            }
        }
        "#,
    );
    // One of its own: the tests beside this one give theirs as arguments, which is to be refused.
    let secret = format!("of-process-{}-alone", std::process::id());
    let project = project.file("wanted", format!("<{secret}>"));
    let running = project.osem("t").env("API_TOKEN", &secret).start();
    while !project.path().join("started").exists() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let mut seen = 0;
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Ok(words) = fs::read(entry.path().join("cmdline")) else { continue };
        seen += usize::from(words.windows(4).any(|window| window == b"osem"));
        let words = String::from_utf8_lossy(&words);
        assert!(!words.contains(&secret), "{} has it: {words:?}", entry.path().display());
    }
    assert!(seen > 0 || !Path::new("/proc").exists());
    let project = project.file("go", "");
    running.finish().expect_code(0);
    assert_eq!(log_so_far(&project, "shell").unwrap(), "");
}

#[test]
fn a_saved_plan_has_no_secret() {
    let project = telling();
    project.osem("plan t --out plan.json").env("API_TOKEN", SECRET).success();
    let saved = fs::read(project.path().join("plan.json")).unwrap();
    refuse_needles(&saved, "the saved plan");
    let missing = project.osem("run --plan plan.json --yes").status(65);
    missing.expect_stderr("variable `token` has no value");
    missing.expect_stderr("set the variable API_TOKEN to it: --var takes no secret");
    let outcome = project.osem("run --plan plan.json --yes").env("API_TOKEN", SECRET).status(2);
    refuse_everywhere(&project, &outcome);
}

#[test]
fn a_secret_is_not_taken_from_the_command_line_and_not_when_it_is_short() {
    let project = telling();
    let outcome = project.osem("t --var token=hunter2hunter2").status(64);
    outcome.expect_stderr("`token` is secret: it cannot be given by --var");
    outcome.expect_stderr("set the variable API_TOKEN instead");
    outcome.refuse_stderr("hunter2");
    let outcome = project.osem("t").env("API_TOKEN", "abc").status(65);
    outcome.expect_stderr("the secret `token` is too short to be kept");
    outcome.expect_stderr("osem.kdl:6:13");
    outcome.refuse_stderr("abc");
    assert!(!project.path().join(".osem").exists());
}

#[test]
fn a_resume_reads_a_secret_again_and_a_changed_one_is_a_changed_step() {
    let project = project(
        r#"
        var token env=API_TOKEN secret=#true
        task t {
            step shell "echo $TOKEN >> told" id=first { env TOKEN "{var.token}"; }
            step shell "test -e go" id=gate
        }
        "#,
    );
    let told = |project: &Project| fs::read_to_string(project.path().join("told")).unwrap();
    project.osem("t").env("API_TOKEN", "hunter2hunter2").status(2);
    project.osem("resume").status(65).expect_stderr("set the variable API_TOKEN to it");
    project.osem("resume").env("API_TOKEN", "hunter2hunter2").status(2);
    assert_eq!(told(&project), "hunter2hunter2\n", "the same secret is the same step");
    let shown = project.osem("resume -n").env("API_TOKEN", "another-secret").success();
    shown.refuse_stderr("another-secret");
    let project = project.file("go", "");
    let outcome = project.osem("resume").env("API_TOKEN", "another-secret").success();
    outcome.expect_stderr("definition");
    assert_eq!(told(&project), "hunter2hunter2\nanother-secret\n");
    refuse_everywhere(&project, &outcome);
}

#[test]
fn a_secret_elsewhere_than_in_env_is_an_error_with_its_place() {
    for step in [
        "step exec \"curl\" \"{var.token}\"",
        "step shell \"curl {var.token}\"",
        "step put-items file=\"{var.token}\" table=Users",
    ] {
        let project =
            project(&format!("var token env=API_TOKEN secret=#true\ntask t {{ {step}; }}"));
        let outcome = project.osem("check").status(65);
        outcome.expect_stderr("`{var.token}` is secret, and this would be seen");
        outcome.expect_stderr("declared secret here");
        outcome.expect_stderr("env NAME \"{var.token}\"");
        outcome.expect_stderr(&format!("6 │ task t {{ {step}"));
    }
}

/// A kind of the project whose steps are given a secret and taken back by a program.
fn undone() -> Project {
    let project = project(
        r#"
        var token env=API_TOKEN secret=#true
        step-kind register {
            exec "./scripts/register"
            env TOKEN "{var.token}"
            undo exec "./scripts/unregister"
        }
        task t {
            on-failure rollback
            step register
            step shell "exit 1" { env TOKEN "{var.token}"; }
        }
        "#,
    );
    let project = project.file("scripts/register", "#!/bin/sh\necho \"$TOKEN\"\n").file(
        "scripts/unregister",
        "#!/bin/sh\ntest \"$TOKEN\" = hunter2hunter2 && touch gone; echo \"$TOKEN\"\n",
    );
    for script in ["scripts/register", "scripts/unregister"] {
        crate::children::executable(&project.path().join(script));
    }
    project
}

#[test]
fn what_is_taken_back_is_given_the_secret_again_and_the_record_has_only_its_name() {
    let project = undone();
    let outcome = project.osem("t").env("API_TOKEN", "hunter2hunter2").status(2);
    refuse_everywhere(&project, &outcome);
    assert!(project.path().join("gone").exists(), "{outcome}");

    let project = undone();
    let outcome = project.osem("t --no-rollback").env("API_TOKEN", "hunter2hunter2").status(2);
    refuse_everywhere(&project, &outcome);
    let outcome = project.osem("rollback last --confirm local").output();
    assert!(!project.path().join("gone").exists(), "{outcome}");
    outcome.expect_stderr("a secret in it has no value now");
    let again = project.osem("rollback last --confirm local").env("API_TOKEN", "hunter2hunter2");
    let outcome = again.output();
    assert!(project.path().join("gone").exists(), "{outcome}");
    refuse_everywhere(&project, &outcome);
}

#[test]
fn in_a_kind_of_the_project_too_a_secret_stands_in_env_alone() {
    for (kind, step) in [
        ("exec \"echo\" \"{var.token}\"", "step k"),
        ("exec \"echo\"; undo exec \"echo\" \"{var.token}\"", "step k"),
        ("exec \"echo\" \"{param.x}\"; param x type=string", "step k x=\"{var.token}\""),
        ("exec \"echo\" \"{param.x}\"; param x type=string default=\"{var.token}\"", "step k"),
    ] {
        let project = project(&format!(
            "var token env=API_TOKEN secret=#true\nstep-kind k {{ {kind}; }}\ntask t {{ {step}; }}"
        ));
        let outcome = project.osem("check").status(65);
        outcome.expect_stderr("`{var.token}` is secret, and this would be seen");
    }
}

#[test]
fn no_other_variable_is_a_window_on_a_secret() {
    let beside = project(
        r#"
        var token env=API_TOKEN secret=#true
        var also env=API_TOKEN
        task t { step exec "echo" "{var.also}"; }
        "#,
    );
    let outcome = beside.osem("check").status(65);
    outcome.expect_stderr("`also` would show the secret `token`: both are read from API_TOKEN");
    beside.osem("t").env("API_TOKEN", "hunter2hunter2").status(65).refuse_stderr("hunter2");

    let typed = project(
        r#"
        var token env=API_TOKEN secret=#true
        var also default="x" env=ALSO
        task t { step exec "echo" "{var.also}"; }
        "#,
    );
    for line in
        ["t --var also=<hunter2hunter2>", "plan t --out plan.json --var also=hunter2hunter2"]
    {
        let outcome = typed.osem(line).env("API_TOKEN", "hunter2hunter2").status(65);
        outcome.expect_stderr("the value of `also` has a secret in it");
        outcome.refuse_stderr("hunter2");
    }
    let set = typed.osem("t").env("API_TOKEN", "hunter2hunter2").env("ALSO", "hunter2hunter2");
    set.status(65).expect_stderr("the value of `also` has a secret in it");
    assert!(!typed.path().join("plan.json").exists() && !typed.path().join(".osem").exists());
    typed.osem("t --var also=y").env("API_TOKEN", "hunter2hunter2").success();
}

#[test]
fn a_secret_reaches_no_command_that_does_not_ask_for_it() {
    let project = project(
        r#"
        var token env=API_TOKEN secret=#true
        task t {
            step shell "env | grep -c hunter2 > bare; true" id=bare
            step shell "env | grep hunter2 > asks; true" id=asks { env MINE "{var.token}"; }
        }
        "#,
    );
    project.osem("t").env("API_TOKEN", "hunter2hunter2").success();
    let read = |name: &str| fs::read_to_string(project.path().join(name)).unwrap();
    assert_eq!(read("bare"), "0\n");
    assert_eq!(read("asks"), "MINE=hunter2hunter2\n");
}

#[test]
fn a_command_does_not_write_where_a_step_around_osem_reads() {
    let project = project(
        "step-kind k { exec \"echo\" \"did\"; undo exec \"sh\" \"-c\" \"echo at:$OSEM_OUTPUT > undone\"; }\n\
         task t { on-failure rollback; step k; step shell \"exit 1\" effect=read; }",
    );
    project.osem("t").env("OSEM_OUTPUT", "/outer").output();
    assert_eq!(fs::read_to_string(project.path().join("undone")).unwrap(), "at:\n");
}

#[test]
fn a_secret_is_hidden_in_broken_base64_and_in_every_common_quoting() {
    let secret = format!("it's+a\"key={}", "0123456789abcdefghij".repeat(6));
    let project = project(
        r#"
        var token env=API_TOKEN secret=#true
        task t { step exec "sh" "scripts/quotes" id=quotes { env TOKEN "{var.token}"; }; }
        "#,
    );
    let ending = &secret[11..];
    let project = project.file(
        "scripts/quotes",
        format!(
            "printf 'user:%s' \"$TOKEN\" | base64\nprintf 'x%s' \"$TOKEN\" | base64 -w 40\n\
             cat <<'END'\n+ echo 'it'\\''s+a\"key={ending}'\nit\\u0027s\\u002Ba\\u0022key={ending}\n\
             it\\u0027s+a\\\"key\\u003d{ending}\nit's+a\\\\\\\"key={ending}\nit&#39;s+a&quot;key={ending}\n\
             it\\'s+a\"key={ending}\nEND\n"
        ),
    );
    let outcome = project.osem("t -v").env("API_TOKEN", &secret).success();
    let log = log(&project, "quotes");
    for text in [&log, &outcome.raw_stderr] {
        // The letters as they are, and their start and middle in base64, by each place in a group.
        for needle in
            ["0123456", "MDEyMzQ1", "AxMjM0NT", "wMTIzNDU", "YWJjZGVm", "FiY2RlZm", "hYmNkZWZ"]
        {
            assert!(!text.contains(needle), "{needle} in {text}");
        }
    }
    assert!(log.contains("+ echo '***'\n") && log.lines().count() < 14, "{log}");
}

#[test]
fn a_secret_that_is_written_in_a_file_is_refused_and_not_shown() {
    for (written, secret) in [
        ("task t { step exec \"echo\" \"is hunter2hunter2 here\"; }", "hunter2hunter2"),
        ("task t { step shell \"echo \\u{68}unter2hunter2\"; }", "hunter2hunter2"),
        ("task t { step exec \"echo\" \"aHVudGVyMmh1bnRlcjI=\"; }", "hunter2hunter2"),
        ("task t { step exec \"echo\" \"{{h}}unter2hunter2\"; }", "{h}unter2hunter2"),
        (
            "task t { step exec \"echo\"; }; table Teams hash=id { tag Owner \"12345678\"; }",
            "12345678",
        ),
        (
            "task t { step exec \"echo\"; }; task hunter2hunter2 { step exec \"true\"; }",
            "hunter2hunter2",
        ),
    ] {
        let project = project(&format!("var token env=API_TOKEN secret=#true\n{written}"));
        for line in ["t", "t --json", "plan t", "plan t --out plan.json", "check", "check --json"] {
            let outcome = project.osem(line).env("API_TOKEN", secret).status(65);
            let shown = outcome.raw_stdout.clone() + &outcome.raw_stderr;
            assert!(shown.contains("the secret `token` is written in osem.kdl, line 6"), "{shown}");
            for part in [secret, "unter2hunter2", "aHVudGVyMmh1bnRlcjI"] {
                assert!(!shown.contains(part), "{shown}");
            }
        }
        assert!(
            !project.path().join(".osem").exists() && !project.path().join("plan.json").exists()
        );
        project.osem("check").env("API_TOKEN", "another-secret").success();
        project.osem("plan t").env("API_TOKEN", "another-secret").success();
    }
}

#[test]
fn a_secret_in_a_comment_of_a_file_is_neither_shown_nor_refused() {
    let project = project(
        "var token env=API_TOKEN secret=#true\n\
         task t { step exec \"echo\" \"said\"; /-step exec \"echo\" \"hunter2hunter2\"\n }\n// hunter2hunter2\n",
    );
    let outcome = project.osem("t -v").env("API_TOKEN", "hunter2hunter2").success();
    refuse_everywhere(&project, &outcome);
}

#[test]
fn a_short_secret_may_be_a_common_word() {
    let project = project(
        r#"
        var token env=API_TOKEN secret=#true
        var stage default="x"
        task t {
            step shell "echo a local test of $STAGE; test $T = local" id=make {
                env T "{var.token}"
                env STAGE "{var.stage}"
                rollback { step exec "sh" "-c" "echo local $0 > undone" "{var.stage}" id=drop; }
            }
        }
        "#,
    );
    let osem = |line: &str| project.osem(line).env("API_TOKEN", "local");
    osem("check").success();
    osem("plan t --var stage=locally --out plan.json").success();
    osem("run --plan plan.json --yes").success();
    assert!(log(&project, "make").starts_with("a *** test of ***ly\n"));
    osem("rollback last").success();
    assert_eq!(fs::read_to_string(project.path().join("undone")).unwrap(), "local locally\n");
}
