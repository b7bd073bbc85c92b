//! The one question before the first write.

use std::io::{self, BufRead, IsTerminal};

use crate::model::{Confirm, ErrorCode, Failure};

use super::terminal::Terminal;

/// The answers that were given on the command line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answers<'a> {
    /// `--yes`.
    pub(super) yes: bool,
    /// `--confirm`.
    pub(super) confirm: Option<&'a str>,
}

impl Answers<'_> {
    /// Whether nobody has to be asked any more.
    pub(super) const fn suffice(self, needed: Confirm) -> bool {
        match needed {
            Confirm::Never => true,
            Confirm::YesNo => self.yes || self.confirm.is_some(),
            Confirm::TypeEnvironment => self.confirm.is_some(),
        }
    }
}

/// Gets the confirmation that a run needs.
///
/// # Errors
/// `NOT_CONFIRMED` when it is refused, or when nobody can be asked.
pub(super) fn confirm(
    needed: Confirm,
    environment: &str,
    answers: Answers<'_>,
    terminal: &Terminal,
) -> Result<(), Failure> {
    if answers.suffice(needed) {
        return Ok(());
    }
    match needed {
        Confirm::Never => Ok(()),
        Confirm::YesNo => {
            let answer = ask(terminal, "Do this? [y/N] ", "--yes")?;
            accept(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
        }
        Confirm::TypeEnvironment => {
            let flag = format!("--confirm {environment}");
            let question = format!("Type the name of the environment ({environment}) to do this: ");
            accept(ask(terminal, &question, &flag)? == environment)
        }
    }
}

/// Refuses a `--confirm` that names another environment than the one that is used.
pub(super) fn check_confirm_flag(confirm: Option<&str>, environment: &str) -> Result<(), Failure> {
    match confirm {
        Some(named) if named != environment => Err(Failure::new(
            ErrorCode::UsageInvalid,
            format!("--confirm {named}, but the environment is `{environment}`"),
        )
        .fix(format!("--env {named}, or --confirm {environment}, whichever is meant"))),
        _ => Ok(()),
    }
}

fn ask(terminal: &Terminal, question: &str, flag: &str) -> Result<String, Failure> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Failure::new(
            ErrorCode::NotConfirmed,
            "this needs a confirmation, and there is no terminal",
        )
        .cause("nothing was changed")
        .fix(format!("look at the plan above, then run again with {flag}")));
    }
    terminal.error(question);
    let mut answer = String::new();
    // An unreadable answer is no answer.
    let _ = io::stdin().lock().read_line(&mut answer);
    Ok(answer.trim().to_owned())
}

fn accept(yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    Err(Failure::new(ErrorCode::NotConfirmed, "not confirmed").cause("nothing was changed"))
}
