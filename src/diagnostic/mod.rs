//! What is wrong with the input, where, and how to fix it.
//!
//! A [`Diagnostic`] is plain data: a code, a sentence, labelled [`Span`]s and a help text. Stages
//! of the configuration collect as many as they find and hand them over together as
//! [`Diagnostics`], which carries the [`Sources`] needed to draw them. This module does no I/O:
//! rendering gives a `String`.

mod dangerous;
mod record;
mod render;
mod source;
mod suggestion;

pub use dangerous::{is_dangerous, push_visible, shortened};
pub use record::{Diagnostic, Diagnostics, Label, Severity};
pub use render::{RenderStyle, to_json};
pub use source::{FileId, SourceFile, Sources, Span, Spanned};
pub use suggestion::did_you_mean;
