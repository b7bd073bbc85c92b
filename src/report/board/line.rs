//! The line of one chain.

use console::{measure_text_width, truncate_str};

use super::super::style::Paint;
use super::super::text::{duration, pad};
use super::{Chain, Frame, Phase, State, Step};

/// Milliseconds of one picture of the spinner.
const TICK: u64 = 100;
/// A message shorter than this is not worth its room.
const SHORTEST_MESSAGE: usize = 8;

/// What the lines of all chains have in common.
pub(super) struct Layout {
    pub(super) frame: Frame,
    /// Columns for labels.
    pub(super) label: usize,
    /// Whether steps are written with their names.
    pub(super) named: bool,
}

impl Layout {
    /// `  Users  ✓ create-table  ⠹ wait-active  CREATING  3s`; the message is what is cut first.
    pub(super) fn line(&self, chain: &Chain) -> String {
        let ellipsis = self.frame.style.ellipsis();
        let label = truncate_str(&chain.label, self.label, ellipsis);
        let steps = if self.named { self.names(chain) } else { self.marks(chain) };
        let mut line = format!("  {}  {steps}", pad(&label, self.label));
        let (message, time) = (self.message(chain), self.time(chain));
        let for_time = if time.is_empty() { 0 } else { measure_text_width(&time) + 2 };
        let taken = measure_text_width(&line) + 2 + for_time;
        let room = self.frame.width.saturating_sub(taken).max(SHORTEST_MESSAGE);
        for part in [&*truncate_str(&message, room, ellipsis), &time] {
            if !part.is_empty() {
                line.push_str("  ");
                line.push_str(part);
            }
        }
        line
    }

    /// `✓ create-table  ⠹ wait-active  · verify`.
    fn names(&self, chain: &Chain) -> String {
        let steps = chain.steps.iter().map(|step| {
            let idle = matches!(step.state, State::Waiting | State::Skipped);
            format!("{} {}", self.mark(step), self.dim_if(idle, &step.name))
        });
        steps.collect::<Vec<_>>().join("  ")
    }

    /// `✓⠹·`, and the name of the step of interest.
    fn marks(&self, chain: &Chain) -> String {
        let marks: String = chain.steps.iter().map(|step| self.mark(step)).collect();
        let current = chain.current().filter(|step| step.state != State::Done);
        current.map_or_else(|| marks.clone(), |step| format!("{marks}  {}", step.name))
    }

    fn mark(&self, step: &Step) -> String {
        let style = self.frame.style;
        let spinner = || style.spinner(self.frame.now / TICK);
        step.state.symbol().map_or_else(spinner, |symbol| style.symbol_mark(symbol))
    }

    /// What the step of interest says.
    fn message(&self, chain: &Chain) -> String {
        let said = |step: &Step| self.dim_if(step.state == State::Done, &step.message);
        chain.current().map(said).unwrap_or_default()
    }

    /// How long the running step has run, in whole seconds, because tenths would flicker; for a
    /// chain that is done, how long it took.
    fn time(&self, chain: &Chain) -> String {
        if chain.phase() == Phase::Done {
            let took = chain.steps.iter().map(|step| step.took).sum();
            return self.dim_if(true, &duration(took));
        }
        let running = chain.current().filter(|step| step.state == State::Running);
        let ms = running.map_or(0, |step| self.frame.now.saturating_sub(step.since));
        if ms < 1000 { String::new() } else { duration(ms / 1000 * 1000).replace(".0s", "s") }
    }

    fn dim_if(&self, dim: bool, text: &str) -> String {
        if dim { self.frame.style.paint(Paint::Dim, text) } else { text.to_owned() }
    }
}
