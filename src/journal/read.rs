//! Reading a journal back.
//!
//! A run may have been killed while it wrote, and a later version may have written: a last line that
//! was cut off is left out, events that are not known here are skipped and counted, and fields that
//! are not known are ignored. Anything else that cannot be read is an error with its place; nothing is
//! guessed.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{FORMAT, Record, RunEvent};

/// What is larger was not written by osem: the records of ten thousand tables take a tenth of it.
const LARGEST: u64 = 512 << 20;
/// As [`LARGEST`], of one record.
const LONGEST_LINE: usize = 64 << 20;

/// What stands in a journal.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The records, in order.
    pub records: Vec<Record>,
    /// Records of a later version that are not known here.
    pub skipped: usize,
    /// Whether the last line was cut off.
    pub torn: bool,
}

/// Why a journal cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system refuses.
    #[error("failed to read {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is no record.
    #[error("failed to read {path}, line {line}: {source}")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Why.
        source: serde_json::Error,
    },
    /// It tells of steps or of an end, and not of the start that comes before them.
    #[error("{path} does not tell how it began")]
    NoStart {
        /// The file.
        path: PathBuf,
    },
}

impl Reading {
    /// The same, unless it is the journal of a run that began, and its start is missing.
    pub(super) fn with_start(self, path: &Path) -> Result<Self, ReadError> {
        let any = |is: fn(&RunEvent) -> bool| self.records.iter().any(|record| is(&record.event));
        let started = any(|event| matches!(event, RunEvent::RunStarted(_)));
        // A start of a later version is not known here.
        if started || self.skipped > 0 || !any(RunEvent::comes_after_the_start) {
            return Ok(self);
        }
        Err(ReadError::NoStart { path: path.to_owned() })
    }
}

/// What every record of every version has.
#[derive(Deserialize)]
struct Envelope {
    v: u64,
    event: Named,
}

#[derive(Deserialize)]
struct Named {
    #[serde(rename = "type")]
    ty: String,
}

/// Opens a journal. Nothing else is opened: a pipe would be waited for, and a link leads elsewhere.
///
/// # Errors
/// Whatever the system says, and something that is no file.
pub(super) fn open(path: &Path) -> io::Result<File> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    File::open(path)
}

/// Reads a journal.
///
/// # Errors
/// See [`ReadError`].
pub fn read(path: &Path) -> Result<Reading, ReadError> {
    let failed = |source| ReadError::Io { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let journal = open(path).map_err(failed)?;
    journal.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LARGEST {
        return Err(failed(io::Error::other("it is larger than any journal")));
    }
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    // After the last newline there is nothing, or what was cut off.
    lines.pop_if(|line| line.is_empty());
    let cut_off = !bytes.ends_with(b"\n");
    let mut reading = Reading::default();
    for (index, line) in lines.iter().enumerate() {
        if line.len() > LONGEST_LINE {
            let why = format!("line {} is longer than any record", index + 1);
            return Err(failed(io::Error::other(why)));
        }
        match record(line) {
            Ok(Some(record)) => reading.records.push(record),
            Ok(None) => reading.skipped += 1,
            Err(error) if cut_off && index + 1 == lines.len() && !error.is_data() => {
                reading.torn = true;
            }
            Err(source) => {
                return Err(ReadError::Line { path: path.to_owned(), line: index + 1, source });
            }
        }
    }
    Ok(reading)
}

/// A line; `None` when it is a record of a later version.
pub(super) fn record(line: &[u8]) -> Result<Option<Record>, serde_json::Error> {
    match serde_json::from_slice::<Record>(line) {
        Ok(record) if record.v <= FORMAT => Ok(Some(record)),
        Ok(_) => Ok(None),
        Err(error) => match serde_json::from_slice::<Envelope>(line) {
            Ok(envelope) if envelope.v > u64::from(FORMAT) => Ok(None),
            Ok(envelope) if !RunEvent::TYPES.contains(&envelope.event.ty.as_str()) => Ok(None),
            _ => Err(error),
        },
    }
}

#[cfg(test)]
mod tests;
