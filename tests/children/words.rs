//! What reaches the program.

use std::fs;

use super::{log, project};

#[test]
fn arguments_reach_the_program_as_they_are_written() {
    let project = project(
        r#"task t {
            step exec "printf" "<%s>\n" "a  b" "$HOME" "*" "'" "" "{{x}}" "{env}/{project}/{region}"
        }"#,
    );
    project.osem("t").success();
    let wanted = "<a  b>\n<$HOME>\n<*>\n<'>\n<>\n<{x}>\n<local/kids/us-east-1>\n";
    assert_eq!(log(&project, "exec"), wanted);
}

#[test]
fn the_text_of_a_shell_is_expanded_by_the_shell_alone() {
    let project = project(
        r#"task t {
            for-each table { step shell "echo {env} {table.name} $TABLE" { env TABLE "{table.name}"; }; }
        }"#,
    );
    project.osem("t").success();
    assert_eq!(log(&project, "shell[Users]"), "{env} {table.name} kids-local-Users\n");
}

#[test]
fn commands_run_in_the_project_s_folder_without_input_and_know_their_run() {
    let project = project(
        r#"task t {
            step exec "./bin/where" "{run.id}" table=Users
        }"#,
    );
    let script = "#!/bin/sh\npwd\ncat\necho $1 $OSEM_RUN_ID\n\
                  echo $OSEM $OSEM_TASK $OSEM_STEP $OSEM_ENV $OSEM_REGION $OSEM_TABLE \
                  $OSEM_TABLE_NAME $OSEM_ATTEMPT\n";
    let project = project.file("bin/where", script).file("sub/x", "");
    executable(&project.path().join("bin/where"));
    let run = project.osem("t").current_dir(&project.path().join("sub")).stdin("typed");
    run.success();
    let log = log(&project, "exec");
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines[0], project.path().canonicalize().unwrap().to_str().unwrap());
    let (one, other) = lines[1].split_once(' ').unwrap();
    assert!(one == other && one.len() == 21, "{log}");
    assert_eq!(lines[2], "1 t exec local us-east-1 Users kids-local-Users 1");
    assert_eq!(lines.len(), 3);
}

pub(super) fn executable(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn chains_of_values_have_ids_of_their_own_and_the_value() {
    let project = project(
        r#"task t {
            for-each item eu us {
                serial
                on-failure keep-going
                step exec "echo" "{item}"
                step shell "test $ITEM = us" id=check { env ITEM "{item}"; }
            }
        }"#,
    );
    let document = project.osem("t").json(2);
    let steps = document["data"]["steps"].as_array().unwrap();
    let told: Vec<String> = steps
        .iter()
        .map(|step| {
            format!("{} {}", step["id"].as_str().unwrap(), step["status"].as_str().unwrap())
        })
        .collect();
    let wanted =
        ["exec[eu] succeeded", "check[eu] failed", "exec[us] succeeded", "check[us] succeeded"];
    assert_eq!(told, wanted);
    assert_eq!(log(&project, "exec[us]"), "us\n");
}
