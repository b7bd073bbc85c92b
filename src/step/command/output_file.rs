//! The file by which a command puts values out: `OSEM_OUTPUT`.
//!
//! `KEY=VALUE` a line, or for values of several lines
//!
//! ```text
//! KEY<<END
//! first line
//! second line
//! END
//! ```
//!
//! with any word in the place of `END` that is no line of the value.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use tempfile::NamedTempFile;

use crate::child::Mask;
use crate::model::{ErrorCode, Failure, is_output_key};
use crate::state::Scratch;
use crate::step::StepOutputs;

/// The largest file that is read.
const LARGEST: u64 = 64 << 10;

/// The file of one attempt; it is removed with this.
pub(super) struct OutputFile(NamedTempFile);

impl OutputFile {
    /// An empty file that only its owner can read, in a folder that does not outlive this process.
    pub(super) fn create(scratch: &Scratch) -> Result<Self, Failure> {
        let made = scratch
            .folder()
            .and_then(|folder| tempfile::Builder::new().prefix("output-").tempfile_in(folder));
        made.map(Self).map_err(|error| {
            let message = format!("failed to make the file for outputs (OSEM_OUTPUT): {error}");
            let fix = "see that the state directory can be written, or for a task that leaves no \
                       record the folder of temporary files (TMPDIR)";
            Failure::new(ErrorCode::StepFailed, message).fix(fix)
        })
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// What the command put out.
    pub(super) fn read(&self, mask: &Mask) -> Result<StepOutputs, Failure> {
        let outputs = self.text().and_then(|text| parse(&text)).map_err(|why| {
            let message = format!("what it wrote to OSEM_OUTPUT cannot be used: {why}");
            Failure::new(ErrorCode::StepFailed, message)
                .fix("write KEY=VALUE, one a line; for several lines KEY<<END, the lines, END")
        })?;
        let secret = outputs.iter().find(|(key, value)| mask.hides(key) || mask.hides(value));
        match secret {
            Some((key, _)) => Err(has_a_secret(key, mask)),
            None => Ok(outputs),
        }
    }

    fn text(&self) -> Result<String, String> {
        let mut bytes = Vec::new();
        // The command may have put another file in its place, or taken it away.
        match open_at_once(self.path()) {
            Ok(file) => {
                if !file.metadata().is_ok_and(|about| about.is_file()) {
                    return Err("it is no file any more".to_owned());
                }
                file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
            Err(error) => return Err(error.to_string()),
        };
        if bytes.len() as u64 > LARGEST {
            return Err(format!("it is longer than {} KiB", LARGEST >> 10));
        }
        String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())
    }
}

/// Opens a file to read; also a pipe that nobody writes to, without waiting for a writer.
fn open_at_once(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

/// The failure for an output that must not be recorded.
pub(in crate::step) fn has_a_secret(key: &str, mask: &Mask) -> Failure {
    let message = format!("its output `{}` has a secret in it", mask.text(key));
    Failure::new(ErrorCode::StepFailed, message)
        .cause("outputs are recorded, and stand on command lines")
        .fix("put something else out; whoever needs the secret is given it by env")
}

/// Reads the lines. The last value of a key counts.
fn parse(text: &str) -> Result<StepOutputs, String> {
    let mut outputs = StepOutputs::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let at = |why: &str| format!("line {}: {why}", number + 1);
        if line.trim().is_empty() {
            continue;
        }
        let (key, value) = match (line.split_once('='), line.split_once("<<")) {
            (Some((key, value)), None) => (key, value.to_owned()),
            (Some((key, value)), Some((block, _))) if key.len() < block.len() => {
                (key, value.to_owned())
            }
            (_, Some((key, end))) if !end.is_empty() => {
                let mut value = Vec::new();
                loop {
                    match lines.next() {
                        Some((_, line)) if line == end => break,
                        Some((_, line)) => value.push(line),
                        None => return Err(at("the value that starts here has no end")),
                    }
                }
                (key, value.join("\n"))
            }
            _ => return Err(at("it is no KEY=VALUE")),
        };
        if !is_output_key(key) {
            return Err(at(
                "a key has letters, digits, `_` and `-`, and begins with a letter or `_`",
            ));
        }
        if value.contains('\0') {
            return Err(at("a value cannot have the character U+0000"));
        }
        outputs.insert(key.to_owned(), value);
    }
    Ok(outputs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Vec<(String, String)>, String> {
        parse(text).map(|outputs| outputs.into_iter().collect())
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn lines_and_blocks_are_read_and_the_last_of_a_key_counts() {
        let text = "a=1\n\nb-2=x=y<<z\nc<<END\none\n\na=2\nEND\na=\n_d= spaces \n";
        let wanted =
            [pair("_d", " spaces "), pair("a", ""), pair("b-2", "x=y<<z"), pair("c", "one\n\na=2")];
        assert_eq!(parsed(text).unwrap(), wanted);
        assert_eq!(parsed("c<<a=b\nx\na=b").unwrap(), [pair("c", "x")]);
        assert_eq!(parsed("").unwrap(), []);
    }

    #[test]
    fn a_line_that_is_none_is_named_and_not_shown() {
        for (text, line) in
            [("a=1\nhunter2\n", 2), ("=x", 1), ("a b=1", 1), ("c<<END\nx", 1), ("c<<", 1)]
        {
            let why = parsed(text).unwrap_err();
            assert!(
                why.starts_with(&format!("line {line}: ")) && !why.contains("hunter2"),
                "{why}"
            );
        }
    }

    #[test]
    fn a_file_that_is_gone_is_empty_and_one_that_is_too_long_is_refused() {
        let scratch = Scratch::default();
        let read = |bytes: &[u8]| {
            let file = OutputFile::create(&scratch).unwrap();
            std::fs::write(file.path(), bytes).unwrap();
            file.read(&Mask::of(["hunter2hunter2"]))
        };
        assert_eq!(read(b"a=b\n").unwrap().len(), 1);
        assert!(read(&vec![b'\n'; 64 << 10]).is_ok());
        assert!(read(&vec![b'\n'; (64 << 10) + 1]).unwrap_err().message.contains("64 KiB"));
        assert!(read(b"a=\xff").unwrap_err().message.contains("UTF-8"));
        let secret = read(b"a=b\ntoken=aHVudGVyMmh1bnRlcjI=\n").unwrap_err();
        assert!(secret.message.contains("`token` has a secret in it"), "{}", secret.message);
        let key = read(b"hunter2hunter2=1\n").unwrap_err();
        assert!(key.message.contains("`***` has a secret in it"), "{}", key.message);
        let file = OutputFile::create(&scratch).unwrap();
        std::fs::remove_file(file.path()).unwrap();
        assert_eq!(file.read(&Mask::default()).unwrap().len(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn it_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let scratch = Scratch::default();
        let file = OutputFile::create(&scratch).unwrap();
        let mode = std::fs::metadata(file.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
