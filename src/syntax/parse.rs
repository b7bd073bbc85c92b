//! Running the KDL parser where it can do no harm.

use std::thread;

use kdl::{KdlDiagnostic, KdlDocument, KdlError};

use crate::diagnostic::{Diagnostic, FileId};

use super::guard;
use super::problems::Problems;

/// Stack for the parser, which recurses. Pages are committed only when they are touched.
#[cfg(target_pointer_width = "64")]
const STACK: usize = 256 << 20;
#[cfg(not(target_pointer_width = "64"))]
const STACK: usize = 32 << 20;

/// Parses the text of a file as KDL 2.
///
/// # Errors
/// All syntax errors, the first [`super::MOST_PROBLEMS`] of them in full. When the guard finds
/// any, those are all: the parser's own would only repeat them in vaguer words.
pub fn parse(file: FileId, text: &str) -> Result<KdlDocument, Vec<Diagnostic>> {
    let refused = guard::check(file, text);
    if !refused.is_empty() {
        return Err(refused);
    }
    match parse_on_large_stack(text) {
        Some(Ok(document)) => Ok(document),
        Some(Err(error)) => Err(explained(file, text, &error)),
        None => {
            let message = "the KDL parser broke down on this file";
            Err(vec![Diagnostic::error("osem::internal", message)])
        }
    }
}

/// `None` when no thread could be started or the parser panicked.
fn parse_on_large_stack(text: &str) -> Option<Result<KdlDocument, KdlError>> {
    thread::scope(|scope| {
        let parser = thread::Builder::new().stack_size(STACK);
        let parser = parser.spawn_scoped(scope, || KdlDocument::parse_v2(text)).ok()?;
        parser.join().ok()
    })
}

fn explained(file: FileId, text: &str, error: &KdlError) -> Vec<Diagnostic> {
    let mut problems = Problems::new(file);
    let telling = error.diagnostics.iter().any(|found| !is_cascade(found));
    for found in error.diagnostics.iter().filter(|found| !telling || !is_cascade(found)) {
        let problem = translated(found, text, &problems);
        problems.push(problem);
    }
    if problems.is_empty() {
        problems.syntax((0, text.len().min(1)), "this is not KDL 2", "", "");
    }
    problems.finish()
}

/// Whether a message only says that an earlier one threw the parser off its track.
fn is_cascade(found: &KdlDiagnostic) -> bool {
    const CASCADE: [&str; 5] = [
        "No closing",
        "Closing '}'",
        "Expected end of document",
        "Found invalid node name",
        "multi-line string opening quotes",
    ];
    let message = found.message.as_deref().unwrap_or_default();
    CASCADE.iter().any(|start| message.starts_with(start))
}

fn translated(found: &KdlDiagnostic, text: &str, problems: &Problems) -> Diagnostic {
    let start = found.span.offset().min(text.len());
    let end = (start + found.span.len()).min(text.len());
    let message = found.message.as_deref().unwrap_or("this is not KDL 2");
    let mut message = message.to_owned();
    if let Some(first) = message.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    // The parser's labels say which of its rules failed: "not quoted string".
    let label = found.label.as_deref().filter(|label| !label.starts_with("not "));
    let label = label.unwrap_or_default();
    let problem =
        Diagnostic::error("osem::syntax", message).label(problems.span(start, end), label);
    match &found.help {
        Some(help) => problem.help(help.clone()),
        None => problem,
    }
}
