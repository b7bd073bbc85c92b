//! What a step puts out for later ones.

use std::fs;

use serde_json::Value;

use super::project;
use crate::children::log;
use crate::harness::Project;

/// The entry of a step in a document.
fn entry<'d>(document: &'d Value, step: &str) -> &'d Value {
    let steps = document["data"]["steps"].as_array().unwrap();
    steps.iter().find(|entry| entry["id"] == step).unwrap()
}

#[test]
fn steps_read_what_earlier_ones_put_out() {
    let project = project(
        r#"
        task t {
            for-each table {
                step create-table
                step wait-active
                step exec "printf" "%s %s" "{out.create-table.arn}" "{out.create-table.created}"
            }
            step shell "echo A=1 >> $OSEM_OUTPUT; printf 'text<<END\none\ntwo\nEND\n' >> $OSEM_OUTPUT" id=puts
            step shell "echo \"$ID $TEXT {out.puts.text}\"" id=reads {
                env ID "{out.create-table[Users].id}/{out.puts.A}"
                env TEXT "{out.puts.text}"
            }
        }
        "#,
    );
    let document = project.osem("t").json(0);
    let arn = log(&project, "exec[Users]");
    assert!(
        arn.starts_with("arn:aws:dynamodb:") && arn.ends_with("/vars-local-Users true"),
        "{arn}"
    );
    let outputs = &entry(&document, "create-table[Users]")["outputs"];
    assert_eq!(outputs["created"], "true");
    let id = outputs["id"].as_str().unwrap();
    let read = log(&project, "reads");
    assert_eq!(read, format!("{id}/1 one\ntwo {{out.puts.text}}\n"));
    assert_eq!(entry(&document, "puts")["outputs"]["text"], "one\ntwo");
    assert!(entry(&document, "reads").get("outputs").is_none());
}

#[test]
fn the_account_that_answers_is_put_out() {
    let project = project(
        r#"
        environment dev { region us-east-1; account "111111111111"; }
        task t {
            step validate-credentials
            step exec "echo" "{out.validate-credentials.account}" { env ARN "{out.validate-credentials.arn}"; }
        }
        "#,
    );
    project.osem("t --env dev --rehearse --yes").success();
    assert_eq!(log(&project, "exec"), "111111111111\n");
    // The embedded emulator has no accounts.
    let outcome = super::project(
        "task t { step validate-credentials; step exec \"echo\" \"{out.validate-credentials.arn}\"; }",
    );
    outcome.osem("t").status(1).expect_stderr("step validate-credentials put out no `arn`");
}

#[test]
fn a_step_waits_for_the_step_whose_output_it_reads() {
    let project = project(
        r#"
        task t {
            parallel {
                step shell "sleep 0.5; echo at=$(date +%s%N) > $OSEM_OUTPUT" id=slow
                step exec "echo" "{out.slow.at}" id=reader
            }
        }
        "#,
    );
    project.osem("t -j 4").success();
    assert!(log(&project, "reader").trim().parse::<u64>().unwrap() > 0);
    let circle = super::project(
        r#"
        task t {
            step exec "echo" "{out.second.x}" id=first
            step exec "echo" "x" id=second
        }
        "#,
    );
    let outcome = circle.osem("check").status(65);
    outcome.expect_stderr("steps wait for each other: first -> second -> first");
}

#[test]
fn an_output_that_nobody_puts_out_is_an_error_before_anything_runs() {
    let fails = |step: &str, said: &[&str]| {
        let project = project(&format!(
            "task t {{ step shell \"touch ran\" id=before\n\
             for-each table {{ step create-table; step wait-active; }}\n\
             step shell \"true\" id=never {{ only-in nowhere; }}\n{step}; }}\n\
             environment nowhere {{ region eu-west-1; emulator memory; }}"
        ));
        for line in ["t", "check"] {
            let outcome = project.osem(line).status(65);
            for said in said {
                outcome.expect_stderr(said);
            }
            outcome.expect_stderr("osem.kdl:");
        }
        assert!(!project.path().join("ran").exists());
    };
    fails(
        "step exec \"echo\" \"{out.creat-table.arn}\"",
        &["no step `creat-table` in this task", "did you mean `create-table`?"],
    );
    fails(
        "step exec \"echo\" \"{out.create-table[User].arn}\"",
        &["no step `create-table[User]`", "did you mean `create-table[Users]`?"],
    );
    fails(
        "step exec \"echo\" \"{out.create-table[Users].arm}\"",
        &["step `create-table[Users]` puts out no `arm`", "did you mean `arn`?"],
    );
    fails(
        "step verify table=Users; step exec \"echo\" \"{out.verify.x}\"",
        &["puts out no `x`", "steps of the kind `verify` put out nothing"],
    );
    fails(
        "step exec \"echo\" \"{out.never.x}\"",
        &["step `never` does not run in `local`", "left out by `only-in`"],
    );
    fails(
        "finally { step shell \"true\" id=last; }; step exec \"echo\" \"{out.last.x}\"",
        &["step `last` comes later"],
    );
    fails(
        "for-each item a b { step shell \"true\" id=each; }; step exec \"echo\" \"{out.each.x}\"",
        &["`each` means 2 steps here", "name one of them: {out.each[a].x}"],
    );
}

#[test]
fn a_command_that_does_not_put_out_what_is_read_fails_its_reader() {
    let project = project(
        r#"
        task t {
            step shell "echo other=1 > $OSEM_OUTPUT" id=puts
            step exec "echo" "{out.puts.wanted}" id=reads
        }
        "#,
    );
    let outcome = project.osem("t").status(2);
    outcome.expect_stderr("step puts put out no `wanted`");
    outcome.expect_stderr("it put out other");
    outcome.expect_stderr("OSEM_OUTPUT");
}

#[test]
fn lines_that_are_no_outputs_fail_the_step_and_are_not_shown() {
    for (writes, said) in [
        ("echo hunter3hunter3", "line 1: it is no KEY=VALUE"),
        ("printf 'a=1\\nb<<END\\nx\\n'", "line 2: the value that starts here has no end"),
        ("head -c 70000 /dev/zero", "it is longer than 64 KiB"),
        ("printf 'a=\\377'", "it is not UTF-8 text"),
        ("echo token=$TOKEN", "its output `token` has a secret in it"),
        ("echo $TOKEN=1", "its output `***` has a secret in it"),
        ("printf %s $TOKEN | base64 | sed s/^/x=/", "its output `x` has a secret in it"),
    ] {
        let project = project(&format!(
            "var token env=API_TOKEN secret=#true\n\
             task t {{ step shell \"{} > $OSEM_OUTPUT\" {{ env TOKEN \"{{var.token}}\"; }}; }}",
            writes.replace('\\', "\\\\")
        ));
        let outcome = project.osem("t").env("API_TOKEN", "hunter2hunter2").status(2);
        outcome.expect_stderr(said);
        outcome.refuse_stderr("hunter");
    }
}

#[test]
fn the_file_for_outputs_is_private_and_gone_afterwards() {
    let project =
        project(r#"task t { step shell "echo $OSEM_OUTPUT; ls -l $OSEM_OUTPUT | cut -c1-10"; }"#);
    project.osem("t").success();
    let told = log(&project, "shell");
    let (file, mode) = told.trim().split_once('\n').unwrap();
    assert_eq!(mode, "-rw-------");
    assert!(!fs::exists(file).unwrap(), "{file}");
}

/// A task whose second step fails, and whose last one reads the output of the first.
fn failed() -> Project {
    let project = project(
        r#"
        task t {
            step shell "echo number=$(cat count) > $OSEM_OUTPUT; echo x >> count" id=puts
            step shell "test -e go" id=gate
            step exec "echo" "{out.puts.number}" id=reads
        }
        "#,
    );
    let project = project.file("count", "7");
    project.osem("t").status(2);
    project.file("go", "")
}

#[test]
fn a_resume_reads_the_outputs_that_were_recorded() {
    let project = failed();
    let document = project.osem("resume").json(0);
    assert_eq!(entry(&document, "puts")["status"], "skipped");
    let runs = fs::read_dir(project.path().join(".osem/runs")).unwrap();
    let logs =
        runs.filter_map(|run| fs::read_to_string(run.unwrap().path().join("steps/reads.log")).ok());
    assert_eq!(logs.collect::<Vec<_>>(), ["7\n"]);
}

#[test]
fn a_step_left_out_whose_output_is_read_is_refused_before_anything_runs() {
    let project = failed();
    for line in ["t --only reads", "plan t --only reads", "t --skip puts -n"] {
        let outcome = project.osem(line).status(64);
        outcome.expect_stderr("step reads reads `{out.puts.number}`");
        outcome.expect_stderr("puts does not run (left out by --");
    }
    let runs = fs::read_dir(project.path().join(".osem/runs")).unwrap().count();
    assert!(runs <= 3, "only the first run, and files of osem's own: {runs}");
    // In a resume it is recorded.
    project.osem("resume --only reads,gate").success();
}

#[test]
fn kinds_of_the_project_put_out_and_read_as_commands_do() {
    let project = project(
        r#"
        var who default="me"
        step-kind tell {
            exec "sh" "-c" "echo said=$0-$WHO > $OSEM_OUTPUT" "{param.what}"
            param what type=string required=#true
            env WHO "{var.who}"
        }
        task t {
            step tell what="{out.puts.x}"
            step shell "echo x=7 > $OSEM_OUTPUT" id=puts
            step exec "echo" "{out.tell.said}"
        }
        "#,
    );
    // The order written would be a circle.
    project.osem("check").status(65).expect_stderr("steps wait for each other");
    let text = "step shell \"echo x=7 > $OSEM_OUTPUT\" id=puts";
    let project =
        project.edit(text, "").edit("step tell what", &format!("{text}\n step tell what"));
    project.osem("t").success();
    assert_eq!(log(&project, "exec"), "7-me\n");
}

#[test]
fn a_pipe_in_the_place_of_the_file_of_outputs_is_refused_and_not_waited_for() {
    let project = project("task t { step shell \"rm $OSEM_OUTPUT; mkfifo $OSEM_OUTPUT\" id=a; }");
    let outcome = project.osem("t").status(2);
    outcome
        .expect_stderr("✗ a: what it wrote to OSEM_OUTPUT cannot be used: it is no file any more");
}
