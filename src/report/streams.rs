//! Where reports go and how much they say.

use std::fmt;
use std::io::{self, IsTerminal, Write};

use super::{Lost, RunFold, Style, listing, render_summary, wrap};

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
    /// Told when a result could not be written.
    pub lost: Lost,
}

impl Streams {
    /// The process's own. `results` says whether results go to stdout; under `--json` they do not.
    #[must_use]
    pub fn process(results: bool, colored_out: bool, lost: Lost) -> Self {
        let out = results.then(|| Box::new(io::stdout()) as Box<dyn Write + Send>);
        Self { err: Box::new(io::stderr()), out, colored_out, lost }
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

    /// Writes a result. A reader that has gone away wants no more; any other error is told.
    pub(super) fn result(&mut self, text: &str) {
        let Some(out) = self.out.as_mut().filter(|_| !text.is_empty()) else { return };
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                self.lost.note();
                self.progress(&format!("failed to write the result to stdout: {error}\n"));
            }
            _ => {}
        }
    }
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams").field("results", &self.out.is_some()).finish_non_exhaustive()
    }
}
