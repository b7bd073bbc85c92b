//! Reading many tables.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use tokio::time::{Instant, interval_at};

use super::terminal::Terminal;

/// Tables that are read at once.
const AT_ONCE: usize = 8;

/// How long nothing is said of progress, and how often something is then.
const QUIET: Duration = Duration::from_secs(2);

/// Makes reads of tables, several at once; gives what they come to in their order. Says how far it is
/// while that takes long.
///
/// # Errors
/// The first read that fails ends it.
pub(super) async fn read_tables<T, E>(
    reads: impl ExactSizeIterator<Item: Future<Output = Result<T, E>>>,
    terminal: &Terminal,
) -> Result<Vec<T>, E> {
    let total = reads.len();
    let mut reads = futures::stream::iter(reads).buffered(AT_ONCE);
    let mut ticks = interval_at(Instant::now() + QUIET, QUIET);
    let mut seen = Vec::new();
    loop {
        tokio::select! {
            next = reads.try_next() => match next? {
                Some(read) => seen.push(read),
                None => return Ok(seen),
            },
            _ = ticks.tick() => {
                terminal.remark(&format!("reads tables: {} of {total}\n", seen.len()));
            }
        }
    }
}
