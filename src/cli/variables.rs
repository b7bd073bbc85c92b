//! `--var NAME=VALUE`, and where else the values of variables come from.

use std::collections::BTreeMap;

use crate::config::{Given, Variables};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::model::{ErrorCode, Failure};

use super::written_secrets::Sought;

/// Values for variables of the files.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct VariableArgs {
    /// A value for a variable of the files; may be given again for others
    #[arg(long = "var", value_name = "NAME=VALUE")]
    values: Vec<String>,
}

/// The values that were given to a run, by variable; `None` where its files said the value.
pub(super) type Recorded = BTreeMap<String, Option<String>>;

impl VariableArgs {
    /// Those values, those of the run that is gone on with, and the variables of the shell.
    ///
    /// # Errors
    /// `USAGE_INVALID` for what is no `NAME=VALUE`, or the second of a name. What was typed is not
    /// repeated: it may be meant as a secret.
    pub(super) fn given(&self, recorded: Option<&Recorded>) -> Result<Given, Failure> {
        let usage = |message: String| Failure::new(ErrorCode::UsageInvalid, message);
        let mut named = BTreeMap::new();
        for typed in &self.values {
            let Some((name, value)) = typed.split_once('=').filter(|(name, _)| !name.is_empty())
            else {
                return Err(usage("--var takes NAME=VALUE".to_owned())
                    .fix("write the variable's name, `=` and its value: --var owner=team-a"));
            };
            if named.insert(name.to_owned(), value.to_owned()).is_some() {
                return Err(usage(format!("--var gives `{name}` twice"))
                    .fix("give each variable one value"));
            }
        }
        Ok(Given { named, recorded: recorded.cloned(), shell: Some(|name| std::env::var_os(name)) })
    }
}

/// Refuses a value for a variable that is not declared, or that the command line may not give.
///
/// # Errors
/// `USAGE_INVALID`.
pub(super) fn refuse_misplaced(variables: &Variables, given: &Given) -> Result<(), Failure> {
    let usage = |message: String| Failure::new(ErrorCode::UsageInvalid, message);
    for name in given.named.keys() {
        let Some(declared) = variables.get(name) else {
            let known: Vec<&str> = variables.names().collect();
            let fix = match did_you_mean(name, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if known.is_empty() => format!("declare it: var {name} \"…\""),
                None => format!("variables: {}", known.join(", ")),
            };
            return Err(usage(format!("no variable `{name}`")).fix(fix));
        };
        if let Some(env) = declared.env.as_ref().filter(|_| declared.secret) {
            let message = format!("`{name}` is secret: it cannot be given by --var");
            return Err(usage(message)
                .cause("everybody on this machine can read command lines, and shells keep them")
                .fix(format!("set the variable {} instead", env.value)));
        }
    }
    Ok(())
}

/// The errors for secrets that were given as the values of other variables too: those are shown and
/// recorded. A run that is gone on with has its values already.
pub(super) fn shown_secrets(variables: &Variables, given: &Given) -> Vec<Diagnostic> {
    if given.recorded.is_some() {
        return Vec::new();
    }
    let secrets: Vec<Sought<'_>> = variables.secrets().values().map(Sought::of).collect();
    let values = variables.given();
    let has_one = |value: &String| secrets.iter().any(|secret| secret.stands_in(value));
    let shown = values.iter().filter(|(_, value)| value.as_ref().is_some_and(has_one));
    shown
        .filter_map(|(name, _)| {
            let message = format!("the value of `{name}` has a secret in it");
            let declared = variables.get(name)?;
            let problem = Diagnostic::error("osem::secret", message);
            let problem = problem.label(declared.name.span, "its value is shown and recorded");
            Some(problem.help("give it another value, or declare it secret=#true"))
        })
        .collect()
}
