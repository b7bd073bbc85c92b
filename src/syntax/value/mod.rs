//! The types of values, each with its check and its reading.

mod kinds;
mod operations;
mod places;
mod read;

use kdl::{KdlEntry, KdlValue};

use crate::diagnostic::{Diagnostic, FileId, Span};

pub use kinds::ValueType;

/// One argument or property value of a node.
#[derive(Debug, Clone, Copy)]
pub struct Value<'a> {
    entry: &'a KdlEntry,
    file: FileId,
}

impl<'a> Value<'a> {
    /// The value of an entry in `file`.
    #[must_use]
    pub const fn new(entry: &'a KdlEntry, file: FileId) -> Self {
        Self { entry, file }
    }

    /// The place of the whole entry, with a property's name.
    #[must_use]
    pub fn whole(&self) -> Span {
        let span = self.entry.span();
        Span { file: self.file, start: span.offset(), end: span.offset() + span.len() }
    }

    /// The place of the value alone.
    #[must_use]
    pub fn span(&self) -> Span {
        let whole = self.whole();
        let start = whole.end.saturating_sub(self.written().len()).max(whole.start);
        Span { start, ..whole }
    }

    /// The value as it was written.
    #[must_use]
    pub fn written(&self) -> &'a str {
        self.entry.format().map_or("", |format| &format.value_repr)
    }

    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&'a str> {
        self.entry.value().as_string()
    }

    /// The type annotation: name and place.
    #[must_use]
    pub fn annotation(&self) -> Option<(&'a str, Span)> {
        let ty = self.entry.ty()?;
        let (start, length) = (ty.span().offset(), ty.span().len());
        Some((ty.value(), Span { file: self.file, start, end: start + length }))
    }

    /// Whether it is `#false`.
    #[must_use]
    pub fn is_false(&self) -> bool {
        self.kdl().as_bool() == Some(false)
    }

    pub(super) fn kdl(&self) -> &'a KdlValue {
        self.entry.value()
    }

    /// An error at this value.
    #[must_use]
    pub fn problem(&self, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, message).label(self.span(), "")
    }
}

/// The error for a word of the grammar that this version does not carry out.
pub(super) fn not_supported(word: &str, span: Span) -> Diagnostic {
    Diagnostic::error("osem::not-supported-yet", format!("`{word}` is not supported yet"))
        .label(span, "")
        .help("this version would not carry it out: remove it")
}
