//! The file that an output is kept in, as it comes, up to a size.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use crate::state::{create_folder, private_file};

/// The longest line that is kept whole.
const LONGEST_LINE: u64 = 1 << 20;
/// The most that is kept of one step.
const LONGEST_LOG: u64 = 64 << 20;

/// The file of one step; attempts follow each other in it.
#[derive(Debug)]
pub struct Log {
    file: File,
    /// Bytes in the file.
    written: u64,
    /// Bytes of the line that is not ended yet.
    line: u64,
    /// What is to be written at once: lines may be short.
    buffer: Vec<u8>,
}

impl Log {
    /// Opens the file, for its owner alone, and the folder above it.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            create_folder(folder)?;
        }
        let file = private_file().append(true).create(true).open(path)?;
        let written = file.metadata()?.len();
        Ok(Self { file, written, line: 0, buffer: Vec::new() })
    }

    /// Appends an output, cut where a line or the whole is too long. That it was cut stands there.
    ///
    /// # Errors
    /// Whatever the system says.
    pub(super) fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.written >= LONGEST_LOG {
                break;
            }
            self.piece(piece);
        }
        let written = self.file.write_all(&self.buffer);
        self.buffer.clear();
        written
    }

    /// A part of one line, with its end or without.
    fn piece(&mut self, piece: &[u8]) {
        let (text, ends) = piece.strip_suffix(b"\n").map_or((piece, false), |text| (text, true));
        let room = usize::try_from(LONGEST_LINE.saturating_sub(self.line)).unwrap_or(usize::MAX);
        let kept = &text[..text.len().min(room)];
        self.write(kept);
        // The first byte too many: what came before fitted.
        if kept.len() < text.len() && self.line <= LONGEST_LINE {
            self.write(b" [line cut after 1 MiB]");
        }
        self.line += text.len() as u64;
        if ends {
            self.line = 0;
            self.write(b"\n");
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        let Some(room) = LONGEST_LOG.checked_sub(self.written).filter(|room| *room > 0) else {
            return;
        };
        let kept = &bytes[..bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX))];
        self.buffer.extend_from_slice(kept);
        self.written += kept.len() as u64;
        if self.written >= LONGEST_LOG {
            self.buffer.extend_from_slice(b"\n[cut after 64 MiB]\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged(pieces: &[&[u8]]) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("steps/a.log");
        let mut log = Log::open(&path).unwrap();
        for piece in pieces {
            log.take(piece).unwrap();
        }
        std::fs::read(&path).unwrap()
    }

    #[test]
    fn what_comes_in_pieces_is_kept_byte_by_byte() {
        assert_eq!(logged(&[b"a", b"b\nc\xff\n\n", b"d"]), b"ab\nc\xff\n\nd");
    }

    #[test]
    fn an_endless_line_is_cut_once_and_the_next_one_is_whole() {
        // One size crosses the limit, the other one meets it.
        for size in [600 << 10, 512 << 10] {
            let piece = vec![b'x'; size];
            let text = logged(&[&piece, &piece, &piece, b"x\nnext\n"]);
            assert_eq!(text.len(), (1 << 20) + " [line cut after 1 MiB]\nnext\n".len());
            assert!(text.ends_with(b"x [line cut after 1 MiB]\nnext\n"));
        }
        let whole = [vec![b'x'; 1 << 20], b"\n".to_vec()].concat();
        assert_eq!(logged(&[&whole]), whole);
    }

    #[test]
    fn a_flood_is_cut_and_a_later_attempt_adds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let flood = b"0123456789abcde\n".repeat(1 << 16);
        let mut log = Log::open(&path).unwrap();
        for _ in 0..70 {
            log.take(&flood).unwrap();
        }
        let length = std::fs::metadata(&path).unwrap().len();
        assert_eq!(length, LONGEST_LOG + 20);
        Log::open(&path).unwrap().take(b"more").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), length);
    }

    #[cfg(unix)]
    #[test]
    fn it_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("steps/a.log");
        Log::open(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
