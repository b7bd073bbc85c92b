//! Step kinds that the files declare, and the protocol of plugins.

mod application;
mod hostile;
mod kinds;
mod page;
mod previews;
mod protocol;
mod running;
mod secrets;
mod signals;
mod steps;
mod undoing;
mod words;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::harness::Project;

/// One table in the emulator, and these tasks and kinds in a file of the folder of tasks.
fn project(tasks: &str) -> Project {
    Project::of(
        "osem 1\n\
         project plug { table-name \"plug-{env}-{table}\"; }\n\
         environment local default=#true { region us-east-1; emulator; allow-destroy; }\n\
         table Users hash=userId\n\
         table Teams hash=teamId\n",
    )
    .file("tasks/own.kdl", tasks)
}

/// A program of the project.
fn program(project: Project, name: &str, text: &str) -> Project {
    let project = project.file(name, text);
    fs::set_permissions(project.path().join(name), fs::Permissions::from_mode(0o755)).unwrap();
    project
}

/// What was written into a file of the project.
#[track_caller]
fn written(project: &Project, name: &str) -> String {
    fs::read_to_string(project.path().join(name)).unwrap()
}

/// A project whose plugin `tasks/p` says what it is, and whose `execute` is this text for `sh`.
fn plugin(tasks: &str, execute: &str) -> Project {
    let text = format!(
        "#!/bin/sh\nif [ \"$1\" = describe ]; then\n    echo '{{\"protocol\":1,\"name\":\"p\"}}'\n    \
         exit\nfi\n{execute}\n"
    );
    program(project(tasks), "tasks/p", &text)
}
