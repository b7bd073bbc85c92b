//! The first reading of a file: everything is checked before anything is put.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::model::{ErrorCode, Failure, Fingerprint};

use super::decode::ItemFormat;
use super::items::{Fault, ItemError, Items, Rules};

/// Faults that are told one by one.
const TOLD: usize = 20;

/// Which file, and how to read it.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// The path as it is shown: relative to the project's folder where it is in there.
    pub(super) shown: String,
    /// The path to open.
    pub(super) path: PathBuf,
    pub(super) format: ItemFormat,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Survey {
    /// How many items.
    pub(super) items: usize,
    /// The bytes that they count as.
    pub(super) bytes: u64,
    /// A hash of the file.
    pub(super) mark: Fingerprint,
}

/// Reads a whole file on a thread of its own.
///
/// The thread ends soon after the caller gives up.
pub(super) async fn survey(source: Source, rules: Rules) -> Result<Survey, Failure> {
    let given_up = GivenUp::default();
    let seen = Arc::clone(&given_up.0);
    let read = tokio::task::spawn_blocking(move || read(&source, rules, &seen)).await;
    read.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

/// Set when nobody waits for the result any more.
#[derive(Default)]
struct GivenUp(Arc<AtomicBool>);

impl Drop for GivenUp {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn read(source: &Source, rules: Rules, given_up: &AtomicBool) -> Result<Survey, Failure> {
    let mut items = open(source, rules)?;
    let (mut count, mut bytes, mut faults, mut more) = (0, 0, Vec::new(), 0_usize);
    for item in items.by_ref() {
        match item {
            Ok(item) => {
                count += 1;
                bytes += item.bytes as u64;
            }
            Err(ItemError::Faulty(fault)) if faults.len() < TOLD => faults.push(fault),
            Err(ItemError::Faulty(_)) => more += 1,
            Err(ItemError::Unreadable(error)) => return Err(unreadable(&source.shown, &error)),
        }
        if given_up.load(Ordering::Relaxed) {
            break;
        }
    }
    if faults.is_empty() {
        return Ok(Survey { items: count, bytes, mark: items.mark() });
    }
    Err(faulty(&source.shown, &faults, more))
}

/// Opens a plain file; what is none could not be read a second time.
pub(super) fn open(
    source: &Source,
    rules: Rules,
) -> Result<Items<std::io::BufReader<std::fs::File>>, Failure> {
    let failed = |error: std::io::Error| unreadable(&source.shown, &error);
    if !Path::metadata(&source.path).map_err(failed)?.is_file() {
        return Err(Failure::new(
            ErrorCode::StepFailed,
            format!("cannot read {}: it is not a file", source.shown),
        ));
    }
    Items::open(&source.path, source.format, rules).map_err(failed)
}

/// The file cannot be read.
pub(super) fn unreadable(shown: &str, error: &std::io::Error) -> Failure {
    Failure::new(ErrorCode::StepFailed, format!("cannot read {shown}"))
        .said(error.to_string())
        .fix("name a file that is there and can be read: file=…")
}

/// What is wrong with a file, each fault with its line.
pub(super) fn faulty(shown: &str, faults: &[Fault], more: usize) -> Failure {
    let line = |fault: &Fault| format!("{shown}:{}: {}", fault.line, fault.why);
    let mut lines: Vec<String> = faults.iter().map(line).collect();
    let fix = "correct the file: one JSON object a line, or one array of objects";
    let failure = match &lines[..] {
        [only] if more == 0 => Failure::new(ErrorCode::StepFailed, only.clone()),
        _ => {
            let count = lines.len() + more;
            if more > 0 {
                lines.push(format!("and {more} more"));
            }
            let message = format!("{shown} has {count} items that cannot be put");
            Failure::new(ErrorCode::StepFailed, message).said(lines.join("\n"))
        }
    };
    failure.fix(fix)
}
