//! A failure as a person reads it: what failed, the service's words, the cause, the fix.

use std::fmt::Write as _;

use crate::journal::{StepResult, StepStatus};
use crate::model::Failure;
use crate::step::Fact;
use crate::table::Issue;

use super::Style;
use super::sanitize;
use super::style::{Paint, Symbol};

/// A failure that belongs to no step, as lines that each end in a newline.
///
/// ```text
/// ✗ another run holds the lock of dev
///   cause: …
///   fix:   …
/// ```
#[must_use]
pub fn render_failure(failure: &Failure, style: Style) -> String {
    let mut out = headline(&sanitize::line(&failure.message), style);
    out.push_str(&explanation(failure));
    out
}

/// The failures of steps. What ended by the end of the run is told once for all steps that it is true of.
pub(super) fn step_failures<'a>(
    results: impl Iterator<Item = &'a StepResult>,
    style: Style,
) -> Vec<String> {
    let (cancelled, failed): (Vec<_>, Vec<_>) =
        results.partition(|result| result.status == StepStatus::Cancelled);
    let mut told: Vec<String> =
        failed.into_iter().map(|result| step_failure(result, 0, style)).collect();
    let alike = |one: &StepResult, other: &StepResult| {
        (&one.message, &one.failure, one.attempts)
            == (&other.message, &other.failure, other.attempts)
            && one.facts == other.facts
    };
    for (at, result) in cancelled.iter().enumerate() {
        if !cancelled[..at].iter().any(|earlier| alike(earlier, result)) {
            let more = cancelled[at + 1..].iter().filter(|later| alike(later, result)).count();
            told.push(step_failure(result, more, style));
        }
    }
    told
}

/// The failure of a step, and of so many more, with the differences that it found.
fn step_failure(result: &StepResult, more: usize, style: Style) -> String {
    let message = result.failure.as_ref().map_or(&result.message, |failure| &failure.message);
    let attempts = match result.attempts {
        0 | 1 => String::new(),
        n => format!(" (after {n} attempts)"),
    };
    let id = sanitize::line(result.step.as_str());
    let id = if more == 0 { id } else { format!("{id} and {more} more") };
    let mut out = headline(&format!("{id}: {}{attempts}", sanitize::line(message)), style);
    for fact in &result.facts {
        if let Fact::TableVerified { issues, .. } = fact {
            out.extend(issues.iter().map(|issue| self::issue(issue, style)));
        }
    }
    if let Some(failure) = &result.failure {
        out.push_str(&explanation(failure));
    }
    out
}

/// A failure on one line, for logs.
pub(super) fn one_line(failure: &Failure) -> String {
    let mut out = sanitize::line(&failure.message);
    for (name, text) in [("said", &failure.said), ("cause", &failure.cause)] {
        if let Some(text) = text {
            let _ = write!(out, "; {name}: {}", sanitize::line(text));
        }
    }
    out
}

fn headline(text: &str, style: Style) -> String {
    format!("{} {}\n", style.symbol(Symbol::Failed), style.paint(Paint::Bold, text))
}

pub(super) fn explanation(failure: &Failure) -> String {
    let said = failure.said.as_deref().map(|said| with_request_id(said, failure));
    let mut out = String::new();
    field(&mut out, "said:", said.as_deref());
    field(&mut out, "cause:", failure.cause.as_deref());
    field(&mut out, "fix:", failure.remediation.as_deref());
    out
}

/// Support asks for the request id first, so it stands beside the service's words.
fn with_request_id(said: &str, failure: &Failure) -> String {
    match failure.details.get("requestId") {
        Some(id) if !said.contains(id) => format!("{} (request id {id})", said.trim_end()),
        _ => said.to_owned(),
    }
}

fn field(out: &mut String, name: &str, text: Option<&str>) {
    for (index, line) in sanitize::lines(text.unwrap_or_default()).into_iter().enumerate() {
        let name = if index == 0 { name } else { "" };
        let _ = writeln!(out, "  {name:<6} {line}");
    }
}

fn issue(issue: &Issue, style: Style) -> String {
    let ty = style.paint(Paint::Yellow, &issue.ty.to_string());
    format!(
        "  {ty}: {}\n    expected: {}\n    found:    {}\n    fix:      {}\n",
        sanitize::line(&issue.message),
        sanitize::line(&issue.expected),
        sanitize::line(&issue.found),
        issue.ty.remedy(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ErrorCode;

    fn denied() -> Failure {
        Failure::new(ErrorCode::AwsPermissionsDenied, "not allowed to create osem-prod-Teams")
            .said("User: arn:aws:sts::1:assumed-role/ci is not authorized\nto perform this")
            .cause("the role's policies do not allow dynamodb:CreateTable")
            .fix("attach the statement")
            .detail("requestId", "R1")
    }

    #[test]
    fn a_failure_says_what_why_and_what_to_do() {
        let text = render_failure(&denied(), Style { color: false, unicode: true });
        assert_eq!(
            text,
            "\
✗ not allowed to create osem-prod-Teams
  said:  User: arn:aws:sts::1:assumed-role/ci is not authorized
         to perform this (request id R1)
  cause: the role's policies do not allow dynamodb:CreateTable
  fix:   attach the statement
"
        );
    }

    #[test]
    fn a_bare_failure_is_one_line_and_hostile_text_is_harmless() {
        let failure = Failure::new(ErrorCode::Locked, "locked by \x1b[2Jpid 7\u{9b}");
        assert_eq!(render_failure(&failure, Style::default()), "x locked by pid 7\\u{9b}\n");
    }

    #[test]
    fn colours_go_with_the_symbol() {
        let failure = Failure::new(ErrorCode::Locked, "locked");
        let text = render_failure(&failure, Style { color: true, unicode: true });
        assert_eq!(text, "\x1b[31m✗\x1b[0m \x1b[1mlocked\x1b[0m\n");
    }

    #[test]
    fn a_log_has_words_and_cause_on_one_line() {
        assert_eq!(
            one_line(&denied()),
            "not allowed to create osem-prod-Teams; said: User: arn:aws:sts::1:assumed-role/ci is \
             not authorized to perform this; cause: the role's policies do not allow \
             dynamodb:CreateTable"
        );
    }
}
