//! The process's own channels.

use std::io::{self, IsTerminal, Write};

use console::Term;

use crate::diagnostic::{Diagnostics, RenderStyle};
use crate::report::{Live, Lost, Plain, Reporter, Streams, Style, Verbosity, between_words};

use super::args::{Color, GlobalArgs};

/// What stdout and stderr are, and how to write on them.
#[derive(Debug)]
pub(super) struct Terminal {
    /// How to draw on stderr.
    pub(super) style: Style,
    /// How much to say.
    pub(super) verbosity: Verbosity,
    /// Whether stdout belongs to the one JSON document.
    pub(super) json: bool,
    colored_pages: bool,
    live: bool,
    lost_output: Lost,
}

impl Terminal {
    pub(super) fn new(args: &GlobalArgs) -> Self {
        let is_terminal = io::stderr().is_terminal();
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let colored = |is_terminal: bool| match args.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && !set("NO_COLOR") && !dumb,
        };
        let verbosity = match (args.quiet, args.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        };
        Self {
            style: Style { color: colored(is_terminal), unicode: is_utf8() },
            verbosity,
            json: args.json,
            colored_pages: colored(io::stdout().is_terminal()),
            live: is_terminal && !dumb && !set("CI") && verbosity > Verbosity::Quiet,
            lost_output: Lost::default(),
        }
    }

    /// The sink of a run's events for people; `results` says whether stdout is theirs, too.
    pub(super) fn reporter(&self, results: bool) -> Box<dyn Reporter> {
        let streams =
            Streams::process(results && !self.json, self.colored_pages, self.lost_output.clone());
        if self.live {
            Box::new(Live::new(self.style, self.verbosity, streams))
        } else {
            Box::new(Plain::new(self.style, self.verbosity, streams))
        }
    }

    /// Writes a result to stdout. A reader that has gone away is no failure of ours; any other
    /// error is, because the result is lost.
    pub(super) fn result(&self, text: &str) {
        if !write_result(text) {
            self.lost_output.note();
        }
    }

    /// Writes a result for people to stdout: on a terminal its long lines are broken between words.
    pub(super) fn page(&self, text: &str) {
        self.result(&fitted(text, &Term::stdout()));
    }

    /// Says that something was lost which a sink of its own was to write.
    pub(super) fn lose(&self, what: &str) {
        self.error(&format!("failed to write {what}\n"));
        self.lost_output.note();
    }

    /// How to draw on stdout, which may be a file where stderr is a terminal.
    pub(super) const fn page_style(&self) -> Style {
        Style { color: self.colored_pages, unicode: self.style.unicode }
    }

    /// Whether a result could not be written.
    pub(super) fn lost_output(&self) -> bool {
        self.lost_output.get()
    }

    /// Writes something a person should know to stderr: on a terminal its long lines are broken
    /// between words.
    pub(super) fn error(&self, text: &str) {
        self.as_it_is(&fitted(text, &Term::stderr()));
    }

    /// Writes what is wrong with the input to stderr, with the lines that it is about.
    pub(super) fn diagnostics(&self, found: &Diagnostics) {
        let columns = columns(&Term::stderr());
        self.as_it_is(&found.render(RenderStyle { columns, ..self.style.into() }));
    }

    #[expect(clippy::unused_self, reason = "whoever writes must have been given the terminal")]
    fn as_it_is(&self, text: &str) {
        let mut err = io::stderr().lock();
        let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
    }

    /// Writes what only `--verbose` shows to stderr.
    pub(super) fn detail(&self, text: &str) {
        if self.verbosity == Verbosity::Verbose {
            self.error(text);
        }
    }

    /// Writes a remark to stderr, unless only failures are wanted.
    pub(super) fn remark(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.error(text);
        }
    }
}

/// The columns of a terminal; `None` where there is none.
fn columns(term: &Term) -> Option<usize> {
    term.is_term().then(|| usize::from(term.size().1))
}

fn fitted(text: &str, term: &Term) -> String {
    columns(term).map_or_else(|| text.to_owned(), |width| between_words(text, width))
}

/// Writes a result to stdout; `false` when it is lost for another reason than a closed pipe.
pub(super) fn write_result(text: &str) -> bool {
    let mut out = io::stdout().lock();
    is_written(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// Whether something came out of stdout, or nobody was there to read it; any other error is told.
pub(super) fn is_written(written: io::Result<()>) -> bool {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            // Nothing is left to do when stderr cannot be written either.
            let _ = writeln!(io::stderr(), "failed to write the result to stdout: {error}");
            false
        }
        _ => true,
    }
}

/// Whether the locale writes UTF-8, by the order of POSIX: `LC_ALL`, `LC_CTYPE`, `LANG`.
/// Without any of them, a terminal of today is taken to do.
fn is_utf8() -> bool {
    let named = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    named.is_none_or(|locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}
