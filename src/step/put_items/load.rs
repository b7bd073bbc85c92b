//! Putting the items of a file, many calls at once.
//!
//! One loop owns the ledger. A throttled call is sent again until the step's time is over; a call
//! whose answer was lost is sent again a few times, which changes nothing that the first one did.
//! When the run is to end, nothing new is sent and what is under way comes to its end.

use std::collections::VecDeque;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use tokio::sync::mpsc::Receiver;
use tokio::time::Instant;

use crate::aws::{ErrorKind, Put, ServiceError, TableApi};
use crate::model::{Failure, FailureClass, Item, TableName, item_size};
use crate::step::StepContext;
use crate::step::context::{cancelled, timed_out};

use super::OnExisting;
use super::feed::Batch;
use super::ledger::Ledger;
use super::window::Window;
use super::words::{grouped, there_already, throttled};

/// Calls at once: `PutItem`, and `BatchWriteItem`, which brings 25 items.
const MOST_CALLS: (u32, u32) = (64, 16);
/// Bytes under way at once, where they are not those of a single call.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// How often a call without an answer is sent again before the step fails.
const TRIES_AGAIN: u32 = 3;
/// How often it is told how far the step is.
pub(super) const TELL_EVERY: Duration = Duration::from_secs(1);

/// How far a load got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Items that were put, by this attempt or an earlier one.
    pub(super) put: u64,
    /// Items of which the key was there.
    pub(super) there: u64,
    /// Calls that were answered or not.
    pub(super) calls: u64,
    /// Calls that were throttled, and batches of which some items were left.
    pub(super) throttled: u64,
    /// Items of which it is not known whether they were put.
    pub(super) unknown: u64,
}

/// What is put, and where.
pub(super) struct Target<'a> {
    pub(super) cx: &'a StepContext,
    pub(super) table: &'a TableName,
    /// The partition key.
    pub(super) hash: &'a str,
    pub(super) on_existing: OnExisting,
    /// The file, for people.
    pub(super) file: &'a str,
    /// How many items there are.
    pub(super) total: usize,
}

/// Items of one call.
struct Work {
    batch: Batch,
    tries: u32,
    /// Whether the answer to an earlier call was lost.
    unsure: bool,
}

impl Work {
    /// The places of its items in the file; of what is left of a batch only the number is right,
    /// which is all that counts there.
    fn places(&self) -> std::ops::Range<usize> {
        self.batch.first..self.batch.first + self.batch.items.len()
    }
}

type Answered = (Work, Result<Answer, ServiceError>);

enum Answer {
    Put(Put),
    /// The items of a batch that are left.
    Left(Vec<Item>),
}

/// Puts everything that `batches` gives.
///
/// The counts are right whatever the end is.
pub(super) async fn load(
    target: &Target<'_>,
    batches: Receiver<Result<Batch, Failure>>,
    ledger: &mut Ledger,
) -> (Counts, Result<(), Failure>) {
    let mut load = Load::new(target, batches, ledger);
    let ended = load.run().await;
    (load.counts(), ended)
}

struct Load<'a> {
    target: &'a Target<'a>,
    batches: Receiver<Result<Batch, Failure>>,
    /// Whether all batches were taken.
    read: bool,
    waiting: VecDeque<Work>,
    running: FuturesUnordered<BoxFuture<'static, Answered>>,
    /// Bytes of the calls that are running.
    bytes: usize,
    window: Window,
    ledger: &'a mut Ledger,
    there: u64,
    calls: u64,
    throttled: u64,
    /// Why nothing new is sent.
    end: Option<Failure>,
    /// What the service said last, while it does nothing but refuse.
    refused: Option<Failure>,
    told: Instant,
}

impl<'a> Load<'a> {
    fn new(
        target: &'a Target<'a>,
        batches: Receiver<Result<Batch, Failure>>,
        ledger: &'a mut Ledger,
    ) -> Self {
        let (singles, together) = MOST_CALLS;
        let overwrites = target.on_existing == OnExisting::Overwrite;
        Self {
            target,
            batches,
            read: false,
            waiting: VecDeque::new(),
            running: FuturesUnordered::new(),
            bytes: 0,
            window: Window::new(if overwrites { together } else { singles }),
            ledger,
            there: 0,
            calls: 0,
            throttled: 0,
            end: None,
            refused: None,
            told: Instant::now(),
        }
    }

    fn counts(&self) -> Counts {
        let (put, unknown) = (self.ledger.put(), self.ledger.unsure());
        let Self { there, calls, throttled, .. } = *self;
        Counts { put, there, calls, throttled, unknown }
    }

    async fn run(&mut self) -> Result<(), Failure> {
        let cx = self.target.cx;
        let mut given_up = Box::pin(cx.given_up());
        loop {
            let opens = self.fill();
            let done = self.end.is_some() || (self.read && self.waiting.is_empty());
            if done && self.running.is_empty() {
                return self.end.take().map_or(Ok(()), Err);
            }
            tokio::select! {
                biased;
                () = cx.stop.stopped(), if self.end.is_none() => {
                    self.end = Some(cancelled());
                }
                () = tokio::time::sleep_until(cx.deadline.instant()) => {
                    return Err(self.time_is_over());
                }
                () = &mut given_up => return Err(self.gives_up()),
                Some((work, answer)) = self.running.next() => self.answered(work, answer),
                batch = self.batches.recv(), if self.wants_more() => self.take(batch),
                () = tokio::time::sleep_until(opens.unwrap_or_else(Instant::now)), if opens.is_some() => {}
            }
        }
    }

    /// Whether another batch is to be read now: one that waits is enough.
    fn wants_more(&self) -> bool {
        !self.read && self.end.is_none() && self.waiting.is_empty()
    }

    fn take(&mut self, batch: Option<Result<Batch, Failure>>) {
        match batch {
            None => self.read = true,
            Some(Err(failure)) => self.end = Some(failure),
            Some(Ok(batch)) if self.target.on_existing == OnExisting::Overwrite => {
                self.waiting.push_back(Work { batch, tries: 0, unsure: false });
            }
            Some(Ok(batch)) => {
                let Batch { first, items, lines, .. } = batch;
                let single = |(position, (item, line)): (usize, (Item, u64))| {
                    let (first, bytes) = (first + position, item_size(&item));
                    let batch = Batch { first, items: vec![item], lines: vec![line], bytes };
                    Work { batch, tries: 0, unsure: false }
                };
                self.waiting.extend(items.into_iter().zip(lines).enumerate().map(single));
            }
        }
    }

    /// Sends what may be sent now; gives when the next call may go, where it only has to wait.
    fn fill(&mut self) -> Option<Instant> {
        while self.end.is_none() {
            let next = self.waiting.front()?;
            if self.bytes > 0 && self.bytes + next.batch.bytes > MOST_BYTES {
                return None;
            }
            let now = Instant::now();
            let opens = self.window.next(self.running.len(), now)?;
            if opens > now {
                return Some(opens);
            }
            let work = self.waiting.pop_front()?;
            self.bytes += work.batch.bytes;
            let call = self.send(work);
            self.running.push(call);
        }
        None
    }

    fn send(&mut self, work: Work) -> BoxFuture<'static, Answered> {
        let Target { cx, table, hash, on_existing, .. } = *self.target;
        let (tables, table, hash) = (cx.tables.clone(), table.clone(), hash.to_owned());
        let unsure = work.places().any(|place| self.ledger.is_unsure(place));
        let work = Work { unsure, ..work };
        for place in work.places() {
            self.ledger.sends(place);
        }
        async move {
            let answer = sent(&tables, &table, &hash, on_existing, &work).await;
            (work, answer)
        }
        .boxed()
    }

    fn answered(&mut self, work: Work, answer: Result<Answer, ServiceError>) {
        self.bytes -= work.batch.bytes;
        self.calls += 1;
        match answer {
            Ok(Answer::Put(put)) => self.put(&work, &put),
            Ok(Answer::Left(left)) => self.batch_put(&work, left),
            Err(error) => self.failed(work, error),
        }
        self.tell();
    }

    fn put(&mut self, work: &Work, put: &Put) {
        self.went_well();
        let place = work.batch.first;
        match put {
            Put::Done => self.ledger.knows(place, true),
            Put::There(_) if self.ledger.has_put(place) => self.ledger.knows(place, false),
            // The item that is there is told only where an earlier call may have put it.
            Put::There(found) if found.as_ref() == work.batch.items.first() => {
                self.ledger.assumes(place);
            }
            Put::There(_) => {
                self.ledger.knows(place, false);
                self.there += 1;
                if self.target.on_existing == OnExisting::Fail {
                    let place = self.place(work);
                    self.end.get_or_insert(there_already(&place, self.target.table));
                }
            }
        }
    }

    fn batch_put(&mut self, work: &Work, left: Vec<Item>) {
        let done = work.batch.items.len().saturating_sub(left.len());
        for (position, place) in work.places().enumerate() {
            self.ledger.knows(place, position < done);
        }
        if left.is_empty() {
            self.went_well();
            return;
        }
        self.throttled += 1;
        self.target.cx.deadline.refused();
        self.window.refused(Instant::now());
        let bytes = left.iter().map(item_size).sum();
        // Which lines are left is not told.
        let (first, lines) = (work.batch.first + done, work.batch.lines.clone());
        let batch = Batch { first, items: left, lines, bytes };
        self.waiting.push_front(Work { batch, tries: 0, unsure: false });
    }

    /// Where the items of a call stand: `users.jsonl:7`, or `users.jsonl:7-31`.
    fn place(&self, work: &Work) -> String {
        let (file, lines) = (self.target.file, &work.batch.lines);
        match (lines.first(), lines.last()) {
            (Some(first), Some(last)) if first != last => format!("{file}:{first}-{last}"),
            (Some(line), _) => format!("{file}:{line}"),
            (None, _) => file.to_owned(),
        }
    }

    fn went_well(&mut self) {
        self.window.went_well();
        self.refused = None;
    }

    fn failed(&mut self, work: Work, error: ServiceError) {
        let lost = error.may_have_applied();
        let too_soon = matches!(error.kind, ErrorKind::Throttled | ErrorKind::RateLimited);
        let failure = error.into_failure();
        if !lost && !work.unsure {
            for place in work.places() {
                self.ledger.knows(place, false);
            }
        }
        let tries = work.tries + u32::from(!too_soon);
        if too_soon {
            self.throttled += 1;
            self.target.cx.deadline.refused();
            self.refused = Some(throttled(failure));
        } else if failure.class == FailureClass::Permanent || tries > TRIES_AGAIN {
            let failure = failure.detail("place", self.place(&work));
            let class = if lost || work.unsure { FailureClass::Ambiguous } else { failure.class };
            self.end.get_or_insert(failure.class(class));
            return;
        }
        self.window.refused(Instant::now());
        self.waiting.push_front(Work { tries, ..work });
    }

    /// Why the step's time was not enough: what the service said last tells more.
    fn time_is_over(&mut self) -> Failure {
        self.end.take().or_else(|| self.refused.take()).unwrap_or_else(timed_out)
    }

    /// Answers that did not come are not waited for.
    fn gives_up(&mut self) -> Failure {
        let failure = self.end.take().unwrap_or_else(cancelled);
        if self.running.is_empty() { failure } else { failure.class(FailureClass::Ambiguous) }
    }

    fn tell(&mut self) {
        if self.told.elapsed() < TELL_EVERY {
            return;
        }
        self.told = Instant::now();
        let done = self.ledger.put() + self.there;
        let waits = if self.refused.is_some() { "; the table is throttled" } else { "" };
        let total = grouped(self.target.total as u64);
        self.target.cx.progress(format!("{} of {total} items{waits}", grouped(done)));
    }
}

async fn sent(
    tables: &TableApi,
    table: &TableName,
    hash: &str,
    on_existing: OnExisting,
    work: &Work,
) -> Result<Answer, ServiceError> {
    let items = &work.batch.items;
    match on_existing {
        OnExisting::Overwrite => tables.put_batch(table, items).await.map(Answer::Left),
        OnExisting::Keep | OnExisting::Fail => {
            tables.put_if_absent(table, hash, &items[0], work.unsure).await.map(Answer::Put)
        }
    }
}
