//! What `doctor` found, one line a check, each that is not good with what to do.

use serde::Serialize;

use crate::model::Failure;

use super::failure::explanation;
use super::style::{Paint, Symbol};
use super::{Style, sanitize};

/// What was looked at, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// What was looked at: `credentials`, `clock`, ….
    pub check: &'static str,
    /// How it is.
    pub status: FindingStatus,
    /// What was found, on one line.
    pub message: String,
    /// Why it is not good, and what to do; only where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingStatus {
    /// As it must be.
    Good,
    /// It could not be looked at, or means nothing here.
    Skipped,
    /// A run may fail for it.
    Doubtful,
    /// A run fails for it.
    Bad,
}

impl Finding {
    /// Something is as it must be.
    pub fn good(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, status: FindingStatus::Good, message: message.into(), failure: None }
    }

    /// It was not looked at, for this reason.
    pub fn skipped(check: &'static str, why: impl Into<String>) -> Self {
        Self { status: FindingStatus::Skipped, ..Self::good(check, why) }
    }

    /// A run may fail for this.
    pub fn doubtful(check: &'static str, failure: Failure) -> Self {
        let message = failure.message.clone();
        Self { check, status: FindingStatus::Doubtful, message, failure: Some(failure) }
    }

    /// A run fails for this.
    pub fn bad(check: &'static str, failure: Failure) -> Self {
        Self { status: FindingStatus::Bad, ..Self::doubtful(check, failure) }
    }
}

/// All findings, as lines that each end in a newline.
#[must_use]
pub fn render_findings(findings: &[Finding], style: Style) -> String {
    let width = findings.iter().map(|finding| finding.check.len()).max().unwrap_or(0);
    findings.iter().map(|finding| one(finding, width, style)).collect()
}

fn one(finding: &Finding, width: usize, style: Style) -> String {
    let symbol = style.symbol_cell(match finding.status {
        FindingStatus::Good => Symbol::Done,
        FindingStatus::Skipped => Symbol::Skipped,
        FindingStatus::Doubtful => Symbol::Warning,
        FindingStatus::Bad => Symbol::Failed,
    });
    let check = style.paint(Paint::Bold, &format!("{:width$}", finding.check));
    let message = sanitize::line(&finding.message);
    let why = finding.failure.as_ref().map(explanation).unwrap_or_default();
    format!("{symbol} {check}  {message}\n{why}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ErrorCode;

    #[test]
    fn what_is_not_good_says_what_to_do() {
        let skewed =
            Failure::new(ErrorCode::AwsCredentialsInvalid, "6 minutes behind").fix("set the clock");
        let findings = [
            Finding::good("region", "us-east-1"),
            Finding::bad("clock", skewed),
            Finding::skipped("account", "none is declared"),
        ];
        let style = Style { color: false, unicode: true };
        assert_eq!(
            render_findings(&findings, style),
            "✓ region   us-east-1\n\
             ✗ clock    6 minutes behind\n  fix:   set the clock\n\
             – account  none is declared\n"
        );
    }
}
