//! Programs that steps run: what they are given, what becomes of what they write, and their end.

mod end;
mod environment;
mod output;
mod plan;
mod resumed;
mod saved;
mod words;

use std::fs;
use std::path::PathBuf;

use crate::harness::Project;

pub(crate) use words::executable;

/// One table in the emulator, and these tasks.
fn project(tasks: &str) -> Project {
    Project::emulated("kids", tasks)
}

/// What is kept of the output of a step of the only run.
#[track_caller]
pub(crate) fn log(project: &Project, step: &str) -> String {
    String::from_utf8_lossy(&raw_log(project, step)).into_owned()
}

#[track_caller]
fn raw_log(project: &Project, step: &str) -> Vec<u8> {
    fs::read(log_file(project, step).unwrap()).unwrap()
}

/// As [`log`], of a step that may not have begun.
pub(crate) fn log_so_far(project: &Project, step: &str) -> Option<String> {
    fs::read_to_string(log_file(project, step)?).ok()
}

fn log_file(project: &Project, step: &str) -> Option<PathBuf> {
    let runs = project.runs();
    assert!(runs.len() < 2, "one run");
    Some(runs.first()?.join("steps").join(format!("{step}.log")))
}
