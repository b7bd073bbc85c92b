//! The second reading of a file, a little ahead of what is being put.

use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::model::{Failure, Item};

use super::items::{ItemError, Rules, Sized};
use super::survey::{Source, faulty, open};

/// Items of one call: AWS, API reference of `BatchWriteItem`.
pub(super) const BATCH: usize = 25;
/// Bytes of items that are read together; one item may have more.
const BATCH_BYTES: usize = 1024 * 1024;
/// Batches that wait to be put.
const AHEAD: usize = 4;

/// Items that are put together or one by one.
#[derive(Debug, Clone, Default)]
pub(super) struct Batch {
    /// The place of the first item in the file, from 0.
    pub(super) first: usize,
    pub(super) items: Vec<Item>,
    /// The line of each.
    pub(super) lines: Vec<u64>,
    pub(super) bytes: usize,
}

/// Reads a file on a thread of its own, which ends when nobody takes its items any more.
pub(super) fn feed(source: Source, rules: Rules) -> Receiver<Result<Batch, Failure>> {
    let (sender, receiver) = channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        if let Err(failure) = read(&source, rules, &sender) {
            // Where nobody listens any more, nobody wants to know.
            let _ = sender.blocking_send(Err(failure));
        }
    });
    receiver
}

fn read(
    source: &Source,
    rules: Rules,
    sender: &Sender<Result<Batch, Failure>>,
) -> Result<(), Failure> {
    let mut batch = Batch::default();
    for (position, item) in open(source, rules)?.enumerate() {
        let Sized { item, line, bytes } = item.map_err(|error| changed(source, error))?;
        let full = batch.items.len() == BATCH || batch.bytes + bytes > BATCH_BYTES;
        if full
            && !batch.items.is_empty()
            && sender.blocking_send(Ok(std::mem::take(&mut batch))).is_err()
        {
            return Ok(());
        }
        if batch.items.is_empty() {
            batch.first = position;
        }
        batch.items.push(item);
        batch.lines.push(line);
        batch.bytes += bytes;
    }
    if !batch.items.is_empty() {
        let _ = sender.blocking_send(Ok(batch));
    }
    Ok(())
}

/// The first reading found nothing wrong.
fn changed(source: &Source, error: ItemError) -> Failure {
    let cause = format!("{} was changed while it was being put", source.shown);
    match error {
        ItemError::Faulty(fault) => faulty(&source.shown, &[fault], 0).cause(cause),
        ItemError::Unreadable(error) => super::survey::unreadable(&source.shown, &error),
    }
}
