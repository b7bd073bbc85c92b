//! Reading a journal back.
//!
//! A run may have been killed while it wrote, and a later version may have written: a last line that
//! was cut off is left out, events that are not known here are skipped and counted, and fields that
//! are not known are ignored. Anything else that cannot be read is an error with its place; nothing is
//! guessed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{FORMAT, Record, RunEvent};

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

/// Reads a journal.
///
/// # Errors
/// See [`ReadError`].
pub fn read(path: &Path) -> Result<Reading, ReadError> {
    let bytes = fs::read(path).map_err(|source| ReadError::Io { path: path.to_owned(), source })?;
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    // After the last newline there is nothing, or what was cut off.
    lines.pop_if(|line| line.is_empty());
    let mut reading = Reading::default();
    for (index, line) in lines.iter().enumerate() {
        match record(line) {
            Ok(Some(record)) => reading.records.push(record),
            Ok(None) => reading.skipped += 1,
            Err(error) if index + 1 == lines.len() && !error.is_data() => reading.torn = true,
            Err(source) => {
                return Err(ReadError::Line { path: path.to_owned(), line: index + 1, source });
            }
        }
    }
    Ok(reading)
}

/// A line; `None` when it is a record of a later version.
fn record(line: &[u8]) -> Result<Option<Record>, serde_json::Error> {
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
