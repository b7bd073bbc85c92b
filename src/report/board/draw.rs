//! Drawing the board: lines of chains, counts of those without a line, the total bar.

use console::{measure_text_width, truncate_str};

use super::super::Style;
use super::super::style::Paint;
use super::super::text::{count, duration};
use super::line::Layout;
use super::{Board, Chain, Phase, State};

/// Room that messages need beside the names of steps; with less, steps are drawn as symbols only.
const MESSAGE_ROOM: usize = 24;
/// The widest label of a chain.
const LABEL_ROOM: usize = 32;

/// When and where a picture is drawn.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Frame {
    /// Milliseconds since 1970.
    pub(in super::super) now: u64,
    /// Columns.
    pub(in super::super) width: usize,
    /// Lines.
    pub(in super::super) height: usize,
    pub(in super::super) style: Style,
}

impl Board {
    /// The picture: at most `height - 1` lines of at most `width` columns; the last is the total.
    pub(in super::super) fn draw(&self, frame: Frame) -> Vec<String> {
        if self.chains.is_empty() {
            return Vec::new();
        }
        // One line stays free for the cursor, one is the total.
        let room = frame.height.saturating_sub(2);
        let (shown, counts) = self.choose(room);
        let layout = self.layout(frame);
        let mut lines: Vec<String> =
            shown.iter().map(|&index| layout.line(&self.chains[index])).collect();
        lines.extend(counts.map(|counts| format!("  {} {counts}", frame.style.ellipsis())));
        lines.push(self.total(frame));
        let fit =
            |line: String| truncate_str(&line, frame.width, frame.style.ellipsis()).into_owned();
        // A terminal narrower than the ellipsis gets nothing rather than a broken picture.
        if frame.width < 8 { Vec::new() } else { lines.into_iter().map(fit).collect() }
    }

    /// The chains that get a line, in plan order, and the counts of those that do not.
    fn choose(&self, room: usize) -> (Vec<usize>, Option<String>) {
        if self.chains.len() <= room {
            return ((0..self.chains.len()).collect(), None);
        }
        let mut order: Vec<usize> = (0..self.chains.len()).collect();
        // Stable: plan order within a phase.
        order.sort_by_key(|&index| self.chains[index].phase());
        let hidden = order.split_off(room.saturating_sub(1).min(order.len()));
        order.sort_unstable();
        let counts = self.counts(&hidden);
        (order, (room > 0).then_some(counts))
    }

    fn counts(&self, hidden: &[usize]) -> String {
        let number =
            |phase| hidden.iter().filter(|&&index| self.chains[index].phase() == phase).count();
        [
            (Phase::Running, "running"),
            (Phase::Waiting, "waiting"),
            (Phase::Done, "done"),
            (Phase::Failed, "failed"),
        ]
        .into_iter()
        .map(|(phase, word)| (number(phase), word))
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect::<Vec<_>>()
        .join(", ")
    }

    fn layout(&self, frame: Frame) -> Layout {
        let widest = self.chains.iter().map(|chain| measure_text_width(&chain.label)).max();
        let label = widest.unwrap_or(0).min(LABEL_ROOM);
        let names = |chain: &Chain| -> usize {
            chain.steps.iter().map(|step| measure_text_width(&step.name) + 4).sum()
        };
        let steps = self.chains.iter().map(names).max().unwrap_or(0);
        Layout { frame, label, named: 4 + label + steps + MESSAGE_ROOM <= frame.width }
    }

    fn total(&self, frame: Frame) -> String {
        let total = self.steps().count();
        let over = self.steps().filter(|step| step.is_over()).count();
        let failed = self.steps().filter(|step| step.state == State::Failed).count();
        let elapsed = duration(frame.now.saturating_sub(self.started) / 1000 * 1000);
        let elapsed = elapsed.replace(".0s", "s").replace("0ms", "0s");
        let mut text = format!("{over}/{}  {elapsed}", count(total, "step"));
        if failed > 0 {
            text =
                format!("{text}  {}", frame.style.paint(Paint::Red, &format!("{failed} failed")));
        }
        if let Some(reason) = &self.ending {
            text = format!("{text}  ending: {reason}");
        }
        format!("  {}  {text}", bar(over, total, frame.width / 4, frame.style))
    }
}

/// `━━━━━━─────`: as much of `width` as `over` is of `total`.
fn bar(over: usize, total: usize, width: usize, style: Style) -> String {
    let width = width.clamp(4, 24);
    let filled = (over * width).checked_div(total).unwrap_or(width);
    let (full, empty) = if style.unicode { ("━", "─") } else { ("#", "-") };
    let full = style.paint(Paint::Green, &full.repeat(filled));
    full + &style.paint(Paint::Dim, &empty.repeat(width - filled))
}
