//! The diagnostic itself.

use super::{RenderStyle, Sources, Span, render};

/// Whether a diagnostic stops the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The configuration cannot be used.
    Error,
    /// It can, but probably does not do what was meant.
    Warning,
}

/// A remark about one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// The remark, a fragment in lower case; may be empty.
    pub text: String,
}

/// One problem with the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable name, such as `osem::unknown-node`.
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong: one line, lower case.
    pub message: String,
    /// Where: the first label is the place to go to.
    pub labels: Vec<Label>,
    /// How to fix it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error without a place yet.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, severity: Severity::Error, message, labels: Vec::new(), help: None }
    }

    /// A warning without a place yet.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// Adds a labelled place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Says how to fix it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says which of `candidates` was probably meant, if one is close; else lists them all.
    #[must_use]
    pub fn suggest<'a>(
        self,
        name: &str,
        candidates: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Self {
        if let Some(meant) = super::did_you_mean(name, candidates.clone()) {
            return self.help(format!("did you mean `{meant}`?"));
        }
        let known = candidates.into_iter().collect::<Vec<_>>().join(", ");
        if known.is_empty() { self } else { self.help(format!("known here: {known}")) }
    }

    /// The place to go to.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}

/// Problems found together, with the files they speak of.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    /// The files.
    pub sources: Sources,
    /// The problems, in the order they were found.
    pub list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Whether anything found stops the program.
    #[cfg(test)]
    pub(crate) fn has_errors(&self) -> bool {
        self.list.iter().any(|found| found.severity == Severity::Error)
    }

    /// All problems as text for a person, in file order, each ending in a newline.
    #[must_use]
    pub fn render(&self, style: RenderStyle) -> String {
        let mut found: Vec<&Diagnostic> = self.list.iter().collect();
        found.sort_by_key(|diagnostic| diagnostic.span());
        found.dedup();
        found.into_iter().map(|diagnostic| render::text(&self.sources, diagnostic, style)).collect()
    }
}
