//! What can be told of a run by a glance at its journal.
//!
//! Of each journal only the header and the last record are read, so that this costs little however
//! long the runs were.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use serde::Deserialize;

use super::history::is_running;
use super::read::{open, record};
use super::{Outline, PastRun, Record, RunEvent, RunId};

/// The header stands within so many records: calls of the preview come before it.
const BEFORE_HEADER: u64 = 256 << 20;
/// The last record, which says only how long the run took, is shorter.
const TAIL: u64 = 4096;

/// What a journal tells of its run.
pub(super) enum Glance {
    /// How it began and ended.
    Began(Outline),
    /// That it did not begin: so it changed nothing.
    DidNotBegin,
    /// Not how it began, or not at all.
    Damaged,
}

/// What is read of a header.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    task: String,
    environment: String,
    #[serde(default)]
    resumes: Option<RunId>,
    #[serde(default)]
    undoes: Option<RunId>,
    pinned: Pinned,
}

#[derive(Deserialize)]
struct Pinned {
    rehearsal: bool,
}

#[derive(Deserialize)]
struct Line {
    event: Header,
}

/// Looks at a journal.
pub(super) fn glance(run: &PastRun) -> Glance {
    let running = is_running(&run.events());
    let mut file = match open(&run.events()) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Glance::DidNotBegin,
        Err(_) => return Glance::Damaged,
    };
    let header = match header(&file) {
        Ok(Some(header)) => header,
        Ok(None) => return Glance::DidNotBegin,
        Err(_) => return Glance::Damaged,
    };
    Glance::Began(Outline {
        run: run.id.clone(),
        task: header.task,
        environment: header.environment,
        rehearsal: header.pinned.rehearsal,
        resumes: header.resumes,
        undoes: header.undoes,
        running,
        exit_code: exit_code(&mut file),
    })
}

/// The header; `None` where nothing comes after the place at which it would stand.
fn header(file: &File) -> io::Result<Option<Header>> {
    let mut lines = BufReader::new(file.take(BEFORE_HEADER));
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        // The last line may have been cut off: then it was never begun to act on.
        let whole = line.ends_with(b"\n");
        let names = |event: &[u8]| line.windows(event.len()).take(80).any(|text| text == event);
        // Cheaper than to read what is not looked for.
        if names(b"\"run-started\"") {
            let read = serde_json::from_slice::<Line>(&line);
            return match read {
                Ok(line) => Ok(Some(line.event)),
                Err(_) if !whole => Ok(None),
                Err(error) => Err(error.into()),
            };
        }
        if whole && !names(b"\"api-called\"") {
            let record = record(&line)?;
            if record.is_some_and(|record| record.event.comes_after_the_start()) {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        line.clear();
    }
    Ok(None)
}

/// The exit code in the last line.
fn exit_code(file: &mut File) -> Option<u8> {
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL))).ok()?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail).ok()?;
    let last = tail.strip_suffix(b"\n")?.rsplit(|byte| *byte == b'\n').next()?;
    match serde_json::from_slice::<Record>(last).ok()?.event {
        RunEvent::RunFinished { exit_code, .. } => Some(exit_code),
        _ => None,
    }
}
