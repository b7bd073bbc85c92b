//! Collecting problems without drowning in them.

use crate::diagnostic::{Diagnostic, FileId, Span};

/// How many problems of one file are shown; the rest is counted.
pub const MOST_PROBLEMS: usize = 50;

/// Problems of one file, in order; those past [`MOST_PROBLEMS`] are only counted.
pub(super) struct Problems {
    file: FileId,
    list: Vec<Diagnostic>,
    hidden: usize,
    next: Option<Span>,
}

impl Problems {
    pub(super) const fn new(file: FileId) -> Self {
        Self { file, list: Vec::new(), hidden: 0, next: None }
    }

    pub(super) const fn span(&self, start: usize, end: usize) -> Span {
        Span { file: self.file, start, end }
    }

    pub(super) fn push(&mut self, problem: Diagnostic) {
        if self.list.len() < MOST_PROBLEMS {
            self.list.push(problem);
        } else {
            self.hidden += 1;
            self.next = self.next.or_else(|| problem.span());
        }
    }

    /// A syntax error at one place.
    pub(super) fn syntax(&mut self, at: (usize, usize), message: &str, label: &str, help: &str) {
        let problem =
            Diagnostic::error("osem::syntax", message).label(self.span(at.0, at.1), label);
        self.push(if help.is_empty() { problem } else { problem.help(help) });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn finish(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(Diagnostic::span);
        if self.hidden > 0 {
            self.list.push(more(self.hidden, self.next));
        }
        self.list
    }
}

fn more(hidden: usize, next: Option<Span>) -> Diagnostic {
    let plural = if hidden == 1 { "problem" } else { "problems" };
    let note =
        Diagnostic::error("osem::more", format!("{hidden} more {plural} in this file not shown"));
    let note = match next {
        Some(span) => note.label(span, "the next one is here"),
        None => note,
    };
    note.help("fix the ones above first")
}

/// The first [`MOST_PROBLEMS`] of each file in `list`, each file's rest replaced by one note that
/// counts it. Problems without a place are all kept.
#[must_use]
pub fn limit(list: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut files: Vec<(FileId, usize, Option<Span>)> = Vec::new();
    let mut kept = Vec::new();
    for problem in list {
        let Some(span) = problem.span() else {
            kept.push(problem);
            continue;
        };
        let index = files.iter().position(|(file, ..)| *file == span.file).unwrap_or_else(|| {
            files.push((span.file, 0, None));
            files.len() - 1
        });
        let (_, count, next) = &mut files[index];
        // The note of a file that was cut before comes after `MOST_PROBLEMS` and stays.
        if *count < MOST_PROBLEMS || problem.code == "osem::more" {
            kept.push(problem);
        } else {
            *next = next.or(Some(span));
        }
        *count += usize::from(kept.last().is_none_or(|last| last.code != "osem::more"));
    }
    for (_, count, next) in files {
        if next.is_some() {
            kept.push(more(count - MOST_PROBLEMS, next));
        }
    }
    kept
}
