//! The sink on a terminal: a picture that is redrawn in place, then the summary.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::journal::{Record, RunEvent};
use crate::model::unix_millis;

use super::board::{Board, Frame};
use super::plain::{call_line, header_lines, output_line};
use super::style::Symbol;
use super::{Reporter, RunFold, Streams, Style, Verbosity, sanitize, screen, summary, wrap};

const REDRAW: Duration = Duration::from_millis(100);

/// One line per table with the states of its steps, and a total bar, on stderr; lines of lasting
/// interest scroll away above it. Under [`Verbosity::Quiet`] the picture is shown all the same:
/// it leaves nothing behind.
///
/// Dropped before the last event, it takes its picture away.
pub struct Live {
    style: Style,
    verbosity: Verbosity,
    streams: Streams,
    fold: RunFold,
    board: Arc<Mutex<Board>>,
    bar: ProgressBar,
    target: Target,
    /// While a program has the terminal: the lines that are to be shown when it gives it back.
    held: Option<Vec<String>>,
}

/// Makes what is drawn on.
type Target = fn() -> ProgressDrawTarget;

impl Live {
    /// A sink for the terminal behind stderr; `streams` get the summary and results.
    #[must_use]
    pub fn new(style: Style, verbosity: Verbosity, streams: Streams) -> Self {
        Self::on(screen::stderr, style, verbosity, streams)
    }

    fn on(target: Target, style: Style, verbosity: Verbosity, streams: Streams) -> Self {
        let board = Arc::new(Mutex::new(Board::default()));
        let bar = bar(target, &board, style);
        let fold = RunFold::default();
        Self { style, verbosity, streams, fold, board, bar, target, held: None }
    }

    /// Takes the picture away and writes nothing until it is put back.
    fn pause(&mut self) {
        self.bar.finish_and_clear();
        self.held.get_or_insert_default();
    }

    /// Puts the picture back, below what was written meanwhile.
    fn resume(&mut self) {
        let Some(held) = self.held.take() else { return };
        // The last line need not have an end, and the picture takes a whole one.
        self.streams.progress("\n");
        self.bar = bar(self.target, &self.board, self.style);
        self.bar.enable_steady_tick(REDRAW);
        self.scroll(&held);
    }

    fn scroll(&mut self, lines: &[String]) {
        if let Some(held) = &mut self.held {
            held.extend_from_slice(lines);
            return;
        }
        let width = usize::from(Term::stderr().size().1);
        for line in lines {
            self.bar.println(wrap::between_words(line, width));
        }
    }

    fn tell(&mut self, event: &RunEvent) {
        let verbose = self.verbosity == Verbosity::Verbose;
        match event {
            RunEvent::RunStarted(header) => self.scroll(&header_lines(header, verbose)),
            RunEvent::Warning { message } => {
                let symbol = self.style.symbol(Symbol::Warning);
                self.scroll(&[format!("{symbol} {}", sanitize::line(message))]);
            }
            RunEvent::ApiCalled { .. } if verbose => self.scroll(&[call_line(event)]),
            RunEvent::StepOutput { .. } if verbose => self.scroll(&[output_line(event)]),
            RunEvent::StepFinished(result) if verbose => {
                let identity = result.facts.iter().filter_map(summary::identity);
                self.scroll(&identity.collect::<Vec<_>>());
            }
            _ => {}
        }
    }

    fn finish(&mut self) {
        if self.verbosity > Verbosity::Quiet {
            self.scroll(&summary::not_run(&self.fold, |_| true));
        }
        self.bar.finish_and_clear();
        let width = usize::from(Term::stderr().size().1);
        self.streams.conclude(&self.fold, self.style, self.verbosity, Some(width));
    }
}

impl Reporter for Live {
    fn record(&mut self, record: &Record) {
        // A warning is told above the picture at once, where it stays to be read.
        if !matches!(record.event, RunEvent::Warning { .. }) {
            self.fold.record(record);
        }
        lock(&self.board).record(record);
        if self.verbosity > Verbosity::Quiet {
            self.tell(&record.event);
        }
        match record.event {
            RunEvent::RunStarted(_) => self.bar.enable_steady_tick(REDRAW),
            RunEvent::RunFinished { .. } => self.finish(),
            RunEvent::TerminalLent { .. } => self.pause(),
            RunEvent::TerminalReturned { .. } => self.resume(),
            _ => {}
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        if !self.bar.is_finished() {
            self.bar.finish_and_clear();
        }
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("fold", &self.fold).finish_non_exhaustive()
    }
}

/// One bar whose only key is the whole picture: one thread redraws it, and indicatif keeps lines
/// above it and the cursor in order.
fn bar(target: Target, board: &Arc<Mutex<Board>>, style: Style) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, target());
    bar.set_style(picture(Arc::clone(board), style));
    bar
}

/// A bar style whose one key draws the board as it is at that moment.
fn picture(board: Arc<Mutex<Board>>, style: Style) -> ProgressStyle {
    let draw = move |_: &ProgressState, out: &mut dyn fmt::Write| {
        let (height, width) = Term::stderr().size();
        let frame = Frame {
            now: unix_millis(SystemTime::now()),
            width: usize::from(width),
            height: usize::from(height),
            style,
        };
        let lines = lock(&board).draw(frame);
        // A string takes everything; there is nobody to tell if indicatif's did not.
        let _ = out.write_str(&lines.join("\n"));
    };
    ProgressStyle::with_template("{picture}")
        .expect("the template has one key and no style")
        .with_key("picture", draw)
}

/// A sink that panicked while it held the board must not stop the others.
fn lock(board: &Mutex<Board>) -> MutexGuard<'_, Board> {
    board.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{self, UNICODE, pipes};
    use super::*;

    #[test]
    fn at_the_end_results_and_the_summary_are_written() {
        let (streams, err, out) = pipes();
        let mut live = Live::on(ProgressDrawTarget::hidden, UNICODE, Verbosity::Quiet, streams);
        for record in fixture::listed() {
            assert_eq!(err.text(), "");
            live.record(&record);
        }
        assert!(out.text().starts_with("TABLE  "));
        assert!(err.text().starts_with("✓ list-tables in local: "), "{}", err.text());
    }
}
