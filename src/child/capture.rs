//! What becomes of an output: it is kept in a file, its end is remembered, and its lines are shown.

use std::io;

use super::Log;
use super::mask::Mask;
use super::tail::{Tail, cut};

/// A line that is longer is shown in parts.
const LONGEST_SHOWN: usize = 4 << 10;

/// Takes an output, whatever it is and however long, in bounded memory.
#[derive(Default)]
pub struct Capture<'a> {
    log: Option<Log>,
    /// Why the file is not whole.
    lost: Option<io::Error>,
    tail: Tail,
    mask: Option<Mask>,
    answers: Option<Answers<'a>>,
    show: Option<Box<dyn FnMut(String) + Send + 'a>>,
    /// The line that is not ended yet, as far as it is to be shown.
    line: Vec<u8>,
}

/// Who hears the answers of a program.
struct Answers<'a> {
    take: Box<Take<'a>>,
    mask: Option<Mask>,
    refused: bool,
}

type Take<'a> = dyn FnMut(&[u8], &mut Vec<u8>) -> bool + Send + 'a;

impl Answers<'_> {
    /// Gives what of it is to be kept.
    fn hear(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut kept = Vec::new();
        if !bytes.is_empty() && !self.refused {
            self.refused = !(self.take)(bytes, &mut kept);
        }
        kept
    }
}

impl<'a> Capture<'a> {
    /// Keeps it in this file, too.
    #[must_use]
    pub fn kept_in(self, log: io::Result<Log>) -> Self {
        match log {
            Ok(log) => Self { log: Some(log), ..self },
            Err(error) => Self { lost: Some(error), ..self },
        }
    }

    /// Gives what it writes as its answer to `take`, which says whether that may go on, and what of it
    /// is to be kept as if it were output.
    #[must_use]
    pub fn answered_by(self, take: impl FnMut(&[u8], &mut Vec<u8>) -> bool + Send + 'a) -> Self {
        let answers = Answers { take: Box::new(take), mask: None, refused: false };
        Self { answers: Some(answers), ..self }
    }

    /// Hides these values, wherever it goes.
    #[must_use]
    pub fn hiding(self, secrets: &[String]) -> Self {
        let mask = || (!secrets.is_empty()).then(|| Mask::of(secrets));
        let answers = self.answers.map(|answers| Answers { mask: mask(), ..answers });
        Self { mask: mask(), answers, ..self }
    }

    /// Shows its lines as they come.
    #[must_use]
    pub fn shown_by(self, show: impl FnMut(String) + Send + 'a) -> Self {
        Self { show: Some(Box::new(show)), ..self }
    }

    /// Writes a line of osem's own into the file.
    pub fn remark(&mut self, text: &str) {
        self.keep(format!("{text}\n").as_bytes());
    }

    /// Takes the next bytes of the answer.
    pub(super) fn answer(&mut self, bytes: &[u8]) {
        let Some(answers) = &mut self.answers else { return };
        let kept = match &mut answers.mask {
            Some(mask) => {
                let shown = mask.take(bytes);
                answers.hear(&shown)
            }
            None => answers.hear(bytes),
        };
        self.take(&kept);
    }

    /// Whether the answer may not go on.
    pub(super) fn is_refused(&self) -> bool {
        self.answers.as_ref().is_some_and(|answers| answers.refused)
    }

    /// Takes the next bytes.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        match &mut self.mask {
            Some(mask) => {
                let shown = mask.take(bytes);
                self.spread(&shown);
            }
            None => self.spread(bytes),
        }
    }

    /// To everybody.
    fn spread(&mut self, bytes: &[u8]) {
        self.keep(bytes);
        self.tail.take(bytes);
        if self.show.is_some() {
            for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
                self.piece(piece);
            }
        }
    }

    /// Shows a last line that has no end.
    pub(super) fn close(&mut self) {
        let held = |answers: &mut Answers<'_>| {
            let held = answers.mask.as_mut().map(Mask::rest)?;
            Some(answers.hear(&held))
        };
        if let Some(kept) = self.answers.as_mut().and_then(held) {
            self.take(&kept);
        }
        if let Some(held) = self.mask.as_mut().map(Mask::rest) {
            self.spread(&held);
        }
        if !self.line.is_empty() {
            self.show_line();
        }
    }

    /// The last lines, at most `most`.
    #[must_use]
    pub fn last_lines(&self, most: usize) -> Vec<String> {
        self.tail.lines(most)
    }

    /// Why not everything is in the file.
    #[must_use]
    pub const fn lost(&self) -> Option<&io::Error> {
        self.lost.as_ref()
    }

    fn keep(&mut self, bytes: &[u8]) {
        if let Some(log) = &mut self.log
            && let Err(error) = log.take(bytes)
        {
            (self.log, self.lost) = (None, Some(error));
        }
    }

    fn piece(&mut self, piece: &[u8]) {
        let (mut text, ends) = match piece.strip_suffix(b"\n") {
            Some(text) => (text, true),
            None => (piece, false),
        };
        while self.line.len() + text.len() > LONGEST_SHOWN {
            let (first, rest) = text.split_at(LONGEST_SHOWN - self.line.len());
            self.line.extend_from_slice(first);
            self.show_line();
            text = rest;
        }
        self.line.extend_from_slice(text);
        if ends {
            self.show_line();
        }
    }

    fn show_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if let Some(show) = &mut self.show {
            show(cut(&String::from_utf8_lossy(&line)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_shown_whole_and_an_endless_one_in_parts() {
        let mut seen = Vec::new();
        let mut capture = Capture::default().shown_by(|line| seen.push(line));
        for piece in [&b"a"[..], b"b\n\nc", &vec![b'x'; 10_000], b"\nlast"] {
            capture.take(piece);
        }
        capture.close();
        drop(capture);
        assert_eq!(seen[..2], ["ab", ""]);
        assert!(seen[2].starts_with('c') && seen.len() == 6, "{seen:?}");
        assert_eq!(seen[5], "last");
    }
}
