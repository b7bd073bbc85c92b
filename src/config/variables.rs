//! The variables of a project and their values.
//!
//! A value comes, in this order, from the command line, from the run that is gone on with, from the
//! variable that `env=` names, from the file. A run that is gone on with was given what it was given:
//! then no variable of the shell stands for what the file says. Secrets are the exception: no run
//! records them, so they always come from the shell.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use crate::diagnostic::{Diagnostic, Span};
use crate::model::{Secret, Secrets, VariableDecl};

/// The code of what has no value here, though it may have one elsewhere.
pub const NO_VALUE: &str = "osem::no-value";

/// The shortest secret, in bytes. A shorter one would be found by chance in any output.
const SHORTEST_SECRET: usize = 4;

/// The values that come from outside the files.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// Those of `--var`.
    pub named: BTreeMap<String, String>,
    /// Those that were given to the run that is gone on with: `None` where its files said the value.
    pub recorded: Option<BTreeMap<String, Option<String>>>,
    /// Looks up a variable of the shell; `None` where there is none to be asked.
    pub shell: Option<fn(&str) -> Option<OsString>>,
}

/// All variables, with the values that they have here.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    declared: Vec<VariableDecl>,
    values: BTreeMap<String, String>,
    /// The names of those whose value does not stand in the files.
    given: Vec<String>,
    secrets: Secrets,
}

impl Variables {
    /// Finds the value of each; gives what cannot be a value.
    pub(super) fn resolve(declared: Vec<VariableDecl>, given: &Given) -> (Self, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let mut found = Self { declared, ..Self::default() };
        for variable in &found.declared {
            let name = &variable.name.value;
            if variable.secret {
                let value = from_shell(variable, given, &mut problems);
                found.secrets.extend(value.map(|value| (name.clone(), Secret::new(value))));
                continue;
            }
            let (value, is_given) = value(variable, given, &mut problems);
            found.given.extend(is_given.then(|| name.clone()));
            found.values.extend(value.map(|value| (name.clone(), value)));
        }
        (found, problems)
    }

    /// A variable by name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&VariableDecl> {
        self.declared.iter().find(|variable| variable.name.value == name)
    }

    /// All names, in the order they are declared.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.declared.iter().map(|variable| variable.name.value.as_str())
    }

    /// The value of a variable that is no secret.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The secrets that have a value.
    #[must_use]
    pub const fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The variables of the shell that secrets are read from.
    #[must_use]
    pub fn secret_sources(&self) -> BTreeSet<String> {
        let secret = self.declared.iter().filter(|variable| variable.secret);
        secret.filter_map(|variable| Some(variable.env.as_ref()?.value.clone())).collect()
    }

    /// All variables but secrets, with the values that a later run cannot find in the files.
    #[must_use]
    pub fn given(&self) -> BTreeMap<String, Option<String>> {
        let open = self.declared.iter().filter(|variable| !variable.secret);
        let value = |variable: &VariableDecl| {
            let name = &variable.name.value;
            let given = self.given.contains(name).then(|| self.values.get(name).cloned());
            (name.clone(), given.flatten())
        };
        open.map(value).collect()
    }

    /// What keeps every task from running: required variables without a value, and secrets that are
    /// too short to be kept.
    #[must_use]
    pub fn refusals(&self) -> Vec<Diagnostic> {
        let missing = self.declared.iter().filter(|variable| variable.required);
        let missing = missing.filter(|variable| !self.has(&variable.name.value)).map(|variable| {
            let message = format!("variable `{}` has no value", variable.name.value);
            Diagnostic::error(NO_VALUE, message)
                .label(variable.name.span, "nothing runs without it")
                .help(how_to_give(variable))
        });
        let short = self.declared.iter().filter(|variable| {
            let secret = self.secrets.get(&variable.name.value);
            secret.is_some_and(|secret| secret.expose().len() < SHORTEST_SECRET)
        });
        let short = short.map(|variable| {
            let message = format!("the secret `{}` is too short to be kept", variable.name.value);
            Diagnostic::error("osem::secret", message)
                .label(variable.name.span, "this one")
                .help(format!("give it a value of at least {SHORTEST_SECRET} bytes"))
        });
        missing.chain(short).collect()
    }

    /// Whether a variable has a value, which may be secret.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name) || self.secrets.contains_key(name)
    }

    /// The error for a variable that has no value where one is needed.
    #[must_use]
    pub fn no_value(&self, name: &str, span: Span) -> Diagnostic {
        let message = format!("variable `{name}` has no value");
        let problem = Diagnostic::error(NO_VALUE, message).label(span, "used here");
        match self.get(name) {
            Some(variable) => {
                problem.label(variable.name.span, "declared here").help(how_to_give(variable))
            }
            None => problem,
        }
    }
}

/// A value that is no secret, and whether it comes from outside the files.
fn value(
    variable: &VariableDecl,
    given: &Given,
    problems: &mut Vec<Diagnostic>,
) -> (Option<String>, bool) {
    let name = &variable.name.value;
    let in_file = variable.value.as_ref().map(|value| value.value.clone());
    // A run that did not know the variable says nothing of it.
    let recorded = given.recorded.as_ref().and_then(|recorded| recorded.get(name));
    let outside = match (given.named.get(name), recorded) {
        (Some(typed), _) => Some(typed.clone()).filter(|typed| in_file.as_ref() != Some(typed)),
        (None, Some(recorded)) => recorded.clone(),
        (None, None) => from_shell(variable, given, problems),
    };
    let is_given = outside.is_some();
    (outside.or(in_file), is_given)
}

/// The value of the variable that `env=` names; one that is set to nothing counts as not set.
fn from_shell(
    variable: &VariableDecl,
    given: &Given,
    problems: &mut Vec<Diagnostic>,
) -> Option<String> {
    let name = variable.env.as_ref()?;
    let value = given.shell?(&name.value).filter(|value| !value.is_empty())?;
    let value = value.into_string();
    value
        .map_err(|_| {
            let message = format!("{} is not valid UTF-8", name.value);
            let problem = Diagnostic::error("osem::type", message).label(name.span, "read here");
            problems.push(problem.help(format!("set {} to plain text, or unset it", name.value)));
        })
        .ok()
}

fn how_to_give(variable: &VariableDecl) -> String {
    let name = &variable.name.value;
    match (&variable.env, variable.secret) {
        (Some(env), true) => {
            format!("set the variable {} to it: --var takes no secret", env.value)
        }
        (Some(env), false) => format!("set the variable {}, or add: --var {name}=…", env.value),
        (None, _) => format!("add to the command: --var {name}=…"),
    }
}
