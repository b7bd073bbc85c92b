//! Whether what the commands of a plan run is there.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::child::{MissingProgram, find_program};
use crate::diagnostic::{Diagnostic, Span};
use crate::model::{Command, CommandForm, Placeholder, Template};

use super::{Plan, PlannedStep};

/// Programs of `exec` steps that are not there or cannot be executed, each once. `path` is the `PATH`
/// that commands get where they say no other.
#[must_use]
pub fn missing_programs(plan: &Plan, root: &Path, path: &OsStr) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for step in plan.steps() {
        for problem in missing(step, root, path) {
            if !found.contains(&problem) {
                found.push(problem);
            }
        }
    }
    found
}

fn missing(step: &PlannedStep, root: &Path, path: &OsStr) -> Vec<Diagnostic> {
    let commands = step.command.iter().flat_map(|command| command.with_rollback());
    let missing = commands.flat_map(|command| {
        let span = command.place.unwrap_or(step.span);
        let programs = programs(command);
        programs.filter_map(move |program| unusable(program, command, span, (root, path)))
    });
    missing.collect()
}

/// What a command runs, and what takes that back, where its kind says so.
fn programs(command: &Command) -> impl Iterator<Item = &Template> {
    let words = command.words.first().filter(|_| command.form != CommandForm::Text);
    words.into_iter().chain(command.undo.first())
}

fn unusable(
    program: &Template,
    command: &Command,
    span: Span,
    (root, path): (&Path, &OsStr),
) -> Option<Diagnostic> {
    // What only the run itself knows cannot be looked for.
    let name = known(program)?;
    let own = command.env.iter().rfind(|(variable, _)| variable == "PATH");
    let own = own.map(|(_, value)| known(value));
    let why = match own {
        Some(None) if !name.contains('/') => return None,
        Some(Some(own)) => find_program(root, &name, OsStr::new(&own)).err()?,
        _ => find_program(root, &name, path).err()?,
    };
    let message = format!("cannot run `{name}`: {why}");
    let problem = Diagnostic::error("osem::program", message).label(span, "");
    Some(match why {
        MissingProgram::NotThere | MissingProgram::NoFile => {
            problem.help("a path with `/` starts in the folder of osem.kdl")
        }
        MissingProgram::NotExecutable => {
            problem.help(format!("make it executable: chmod +x {name}"))
        }
        MissingProgram::NotOnPath => {
            problem.help(format!("install it; a file of the project is written ./{name}"))
        }
    })
}

/// The programs of commands that are named by a path, as written, and where each is.
#[must_use]
pub fn program_files(plan: &Plan, root: &Path) -> BTreeMap<String, PathBuf> {
    let commands = plan.steps().filter_map(|step| step.command.as_ref());
    let programs = commands.flat_map(|command| command.with_rollback()).flat_map(programs);
    let names = programs.filter_map(known);
    let paths = names.filter(|name| name.contains('/'));
    paths.map(|name| (name.clone(), root.join(name))).collect()
}

fn known(template: &Template) -> Option<String> {
    template.fill(|_: &Placeholder| None)
}
