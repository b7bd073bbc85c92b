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

/// One table in the emulator, and these tasks.
fn project(tasks: &str) -> Project {
    Project::of(format!(
        "osem 1\n\
         project kids {{ table-name \"kids-{{env}}-{{table}}\"; }}\n\
         environment local default=#true {{ region us-east-1; emulator; allow-destroy; }}\n\
         table Users hash=userId\n\
         {tasks}"
    ))
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
    let runs = fs::read_dir(project.path().join(".osem/runs")).ok()?;
    let mut runs = runs.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let run = runs.next()?;
    assert_eq!(runs.next(), None, "one run");
    Some(run.join("steps").join(format!("{step}.log")))
}
