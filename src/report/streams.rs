//! Where reports go and how much they say.

use std::fmt;
use std::io::{self, IsTerminal, Write};

use super::{RunFold, Style, listing, render_summary, wrap};

/// How much a person wants to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Verbosity {
    /// Failures and the final line.
    Quiet,
    /// Progress and the summary.
    #[default]
    Normal,
    /// Also who, where, and every call to the service.
    Verbose,
}

/// The two channels of a sink.
pub struct Streams {
    /// Progress and diagnostics.
    pub err: Box<dyn Write + Send>,
    /// Results, such as the rows of `list-tables`; `None` when something else owns stdout.
    pub out: Option<Box<dyn Write + Send>>,
    /// Whether results may be coloured.
    pub colored_out: bool,
}

impl Streams {
    /// The process's own. `results` says whether results go to stdout; under `--json` they do not.
    #[must_use]
    pub fn process(results: bool, colored_out: bool) -> Self {
        let out = results.then(|| Box::new(io::stdout()) as Box<dyn Write + Send>);
        Self { err: Box::new(io::stderr()), out, colored_out }
    }

    /// Writes what a run came to: results, then the summary, set off from the lines before it, and
    /// broken between words where there is a `width`.
    pub(super) fn conclude(
        &mut self,
        run: &RunFold,
        style: Style,
        verbosity: Verbosity,
        width: Option<usize>,
    ) {
        let wrapped = |text: String, width: Option<usize>| match width {
            Some(width) => wrap::between_words(&text, width),
            None => text,
        };
        let listed = Style { color: self.colored_out, ..style };
        let on_screen = width.filter(|_| io::stdout().is_terminal());
        self.result(&wrapped(listing::render(run, listed), on_screen));
        let gap = if verbosity > Verbosity::Quiet { "\n" } else { "" };
        let summary = wrapped(render_summary(run, style, verbosity), width);
        self.progress(&format!("{gap}{summary}"));
    }

    /// Writes progress. A closed pipe is no reason to end a run.
    pub(super) fn progress(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes()).and_then(|()| self.err.flush());
    }

    /// Writes a result.
    pub(super) fn result(&mut self, text: &str) {
        if let Some(out) = &mut self.out {
            let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        }
    }
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams").field("results", &self.out.is_some()).finish_non_exhaustive()
    }
}
