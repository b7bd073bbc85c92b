//! The last lines of an output, in little memory.

/// How much of the end is kept.
const KEPT: usize = 32 << 10;
/// The longest line that is shown, in characters.
const LONGEST: usize = 400;

/// The end of what was written so far.
#[derive(Debug, Default)]
pub(super) struct Tail(Vec<u8>);

impl Tail {
    pub(super) fn take(&mut self, bytes: &[u8]) {
        let bytes = &bytes[bytes.len().saturating_sub(KEPT)..];
        let surplus = (self.0.len() + bytes.len()).saturating_sub(KEPT);
        self.0.drain(..surplus.min(self.0.len()));
        self.0.extend_from_slice(bytes);
    }

    /// The last lines, at most `most` of them; long ones are cut.
    pub(super) fn lines(&self, most: usize) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.0);
        let lines: Vec<&str> = text.trim_end().lines().collect();
        let last = &lines[lines.len().saturating_sub(most)..];
        last.iter().map(|line| cut(line)).collect()
    }
}

/// A line for people: its start, when it is long.
pub(super) fn cut(line: &str) -> String {
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_kept_and_the_rest_forgotten() {
        let mut tail = Tail::default();
        for number in 0..100_000 {
            tail.take(format!("line {number}\n").as_bytes());
        }
        assert_eq!(tail.lines(2), ["line 99998", "line 99999"]);
        assert!(tail.0.len() <= KEPT);
    }

    #[test]
    fn an_endless_line_and_bytes_that_are_no_text_are_shown_in_part() {
        let mut tail = Tail::default();
        tail.take(&vec![0xff; 3 * KEPT]);
        tail.take(&[b'x'; 7]);
        let lines = tail.lines(20);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].ends_with(" …") && lines[0].chars().count() < LONGEST + 5);
        assert_eq!(tail.0.len(), KEPT);
    }
}
