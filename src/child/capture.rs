//! What becomes of an output: it is kept in a file, its end is remembered, and its lines are shown.

use std::io;

use super::mask::MaskedStream;
use super::tail::{Tail, cut};
use super::{Log, Mask};

/// A line that is longer is shown in parts.
const LONGEST_SHOWN: usize = 4 << 10;

/// Takes an output, whatever it is and however long, in bounded memory.
#[derive(Default)]
pub struct Capture<'a> {
    /// What all of it passes first.
    masked: MaskedStream,
    log: Option<Log>,
    /// Why the file is not whole.
    lost: Option<io::Error>,
    tail: Tail,
    answers: Option<Answers<'a>>,
    show: Option<Box<dyn FnMut(String) + Send + 'a>>,
    /// The line that is not ended yet, as far as it is to be shown.
    line: Vec<u8>,
}

/// Who hears the answers of a program.
struct Answers<'a> {
    take: Box<Take<'a>>,
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
    /// is to be kept as if it were output. An answer is heard as it is, secrets and all: one that is
    /// made of the same words as a secret could not be read otherwise. What is kept of it is masked.
    #[must_use]
    pub fn answered_by(self, take: impl FnMut(&[u8], &mut Vec<u8>) -> bool + Send + 'a) -> Self {
        Self { answers: Some(Answers { take: Box::new(take), refused: false }), ..self }
    }

    /// Takes secrets out of all of it but its answer, before anything else is done with it.
    #[must_use]
    pub fn masked_by(self, mask: &Mask) -> Self {
        Self { masked: mask.stream(), ..self }
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
        let kept = answers.hear(bytes);
        self.take(&kept);
    }

    /// Whether the answer may not go on.
    pub(super) fn is_refused(&self) -> bool {
        self.answers.as_ref().is_some_and(|answers| answers.refused)
    }

    /// Takes the next bytes.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        let bytes = self.masked.take(bytes);
        self.pass(&bytes);
    }

    /// Takes bytes in which no secret is left.
    fn pass(&mut self, bytes: &[u8]) {
        self.keep(bytes);
        self.tail.take(bytes);
        if self.show.is_some() {
            for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
                self.piece(piece);
            }
        }
    }

    /// Takes what was held back, and shows a last line that has no end.
    pub(super) fn close(&mut self) {
        let rest = self.masked.finish();
        self.pass(&rest);
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
    fn secrets_reach_neither_the_file_nor_the_screen_nor_the_last_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let mut seen = Vec::new();
        let mask = Mask::of(["hunter2-hunter2"]);
        let capture = Capture::default().masked_by(&mask).kept_in(Log::open(&path));
        let mut capture = capture.shown_by(|line| seen.push(line));
        for piece in ["one hunter2", "-hunter2 two\nhunter2-hunt", "er2", "\nlast hunter2-"] {
            capture.take(piece.as_bytes());
        }
        capture.close();
        assert_eq!(capture.last_lines(9), ["one *** two", "***", "last hunter2-"]);
        drop(capture);
        assert_eq!(seen, ["one *** two", "***", "last hunter2-"]);
        assert_eq!(std::fs::read_to_string(path).unwrap(), "one *** two\n***\nlast hunter2-");
    }

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
