//! Lines out of bytes that come in pieces, in bounded memory.

/// The longest line.
pub(super) const LONGEST_LINE: usize = 1 << 20;
/// The longest answer.
pub(super) const LONGEST: usize = 16 << 20;

/// Why no further line is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TooLong {
    /// This line, from 1, is too long.
    Line(usize),
    /// The whole is too long.
    Whole,
}

/// The line that is not ended yet, and where it is.
#[derive(Debug, Default)]
pub(super) struct Lines {
    open: Vec<u8>,
    /// Lines that have ended.
    ended: usize,
    taken: usize,
}

impl Lines {
    /// Takes the next bytes; `each` is called with every line that they end, and its number from 1.
    ///
    /// # Errors
    /// When a line or the whole is too long; nothing may be taken afterwards. An error of `each` ends
    /// it too.
    pub(super) fn take<E: From<TooLong>>(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(usize, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.taken += piece.len();
            if self.taken > LONGEST {
                return Err(TooLong::Whole.into());
            }
            let line = piece.strip_suffix(b"\n").unwrap_or(piece);
            if self.open.len() + line.len() > LONGEST_LINE {
                return Err(TooLong::Line(self.ended + 1).into());
            }
            self.open.extend_from_slice(line);
            if line.len() < piece.len() {
                self.ended += 1;
                let line = std::mem::take(&mut self.open);
                each(self.ended, &line)?;
            }
        }
        Ok(())
    }

    /// The last line, when nothing ended it, and its number.
    pub(super) fn rest(&mut self) -> Option<(usize, Vec<u8>)> {
        let open = std::mem::take(&mut self.open);
        (!open.is_empty()).then_some((self.ended + 1, open))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(pieces: &[&[u8]]) -> Result<Vec<Vec<u8>>, TooLong> {
        let (mut lines, mut found) = (Lines::default(), Vec::new());
        for piece in pieces {
            lines.take(piece, |number, line| {
                found.push(line.to_vec());
                assert_eq!(number, found.len());
                Ok::<(), TooLong>(())
            })?;
        }
        found.extend(lines.rest().map(|(_, line)| line));
        Ok(found)
    }

    #[test]
    fn a_line_and_a_whole_that_are_too_long_are_refused_where_they_get_so() {
        let piece = vec![b'x'; LONGEST_LINE / 2];
        assert!(all(&[&piece, &piece, b"\n"]).is_ok());
        assert_eq!(all(&[b"a\n", &piece, &piece, b"x"]), Err(TooLong::Line(2)));
        let line = [vec![b'x'; LONGEST_LINE - 1], b"\n".to_vec()].concat();
        let most = LONGEST / LONGEST_LINE;
        assert!(all(&vec![&line[..]; most]).is_ok());
        assert_eq!(all(&vec![&line[..]; most + 1]), Err(TooLong::Whole));
    }

    proptest! {
        #[test]
        fn lines_are_the_same_wherever_the_pieces_end(
            text in proptest::collection::vec(prop_oneof![Just(b'\n'), any::<u8>()], 0..60),
            cuts in proptest::collection::vec(0..60_usize, 0..6),
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &text[cut[0]..cut[1]]).collect();
            let mut wanted: Vec<Vec<u8>> =
                text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
            if wanted.last().is_some_and(Vec::is_empty) {
                wanted.pop();
            }
            prop_assert_eq!(all(&pieces).unwrap(), wanted);
        }
    }
}
