//! The end of a program and of everything that it started in its group.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, Fuse};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe;
use tokio::time::Instant;

use super::adopted::left_behind;
use super::group::{Group, Signal};
use super::launch::Dialogue;
use super::{Capture, Child, GRACE, process};

/// How long the rest of a group may take to end by itself after its leader did.
const LINGER: Duration = Duration::from_millis(500);
/// How long an output is read that somebody outside the group keeps open.
const DRAINED: Duration = Duration::from_millis(200);
/// How often it is looked whether a group is gone.
pub(super) const POLL: Duration = Duration::from_millis(10);

/// What ends a program before it does so itself.
pub struct Until<'a> {
    /// Its time is over.
    pub time: BoxFuture<'a, ()>,
    /// It is asked to end, by this signal.
    pub stopped: BoxFuture<'a, Signal>,
    /// It is killed.
    pub hurried: BoxFuture<'a, ()>,
    /// A variable, and the value that it has for this program and what that starts.
    pub mark: (&'a str, &'a str),
}

/// Why a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// By itself.
    Itself,
    /// Its time was over.
    TimedOut,
    /// It was asked to.
    Stopped,
    /// It reads from the terminal, for which it would wait for ever.
    WantsTerminal,
    /// Its answer was none, and was not heard to its end.
    Refused,
}

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    /// Why.
    pub end: End,
    /// Its status.
    pub status: ExitStatus,
    /// What was left in its group when it had ended by itself, and was ended: `process 42 (sleep)`.
    pub leftovers: Vec<String>,
    /// What it started in groups of their own, and lives on.
    pub left_behind: Vec<String>,
}

impl Child {
    /// Waits for its end, or ends it; its group is gone then. The output goes to `capture`.
    ///
    /// # Errors
    /// When the system does not say how it ended.
    pub async fn ended(self, capture: &mut Capture<'_>, until: Until<'_>) -> io::Result<Ended> {
        let Self { mut leader, pid, group, membership, output, dialogue } = self;
        let interactive = output.is_none();
        let output = Output::new(output, dialogue);
        let hurried = until.hurried.fuse();
        let mut waiting = Waiting { hurried, is_hurried: false, output, capture };
        let blocked = if interactive {
            group.is_kept_going().boxed()
        } else {
            group.wants_terminal().boxed()
        };
        let (end, signal) = waiting.first(blocked, leader.wait(), until.time, until.stopped).await;
        let mut killed_at = Instant::now() + GRACE;
        if let Some(signal) = signal {
            group.signal(signal);
            if waiting.until(leader.wait(), killed_at).await.is_none() {
                group.signal(Signal::Kill);
            }
        }
        // What was waited for already is known.
        let status = leader.wait().await?;
        let mut leftovers = Vec::new();
        if end == End::Itself && waiting.until(gone(group), Instant::now() + LINGER).await.is_none()
        {
            leftovers = named(pid);
            group.signal(Signal::Terminate);
            killed_at = Instant::now() + GRACE;
        }
        if waiting.until(gone(group), killed_at).await.is_none() {
            group.signal(Signal::Kill);
            // Only a process that the kernel itself holds outlives this, and nothing ends that.
            let _ = tokio::time::timeout(GRACE, gone(group)).await;
        }
        membership.is_over();
        waiting.output.drain(waiting.capture).await;
        waiting.capture.close();
        let left_behind = left_behind(membership.groups(), until.mark);
        Ok(Ended { end, status, leftovers, left_behind })
    }
}

/// Reads an output while something is waited for.
struct Waiting<'a, 'c> {
    hurried: Fuse<BoxFuture<'a, ()>>,
    /// Whether nothing is waited for any more.
    is_hurried: bool,
    output: Output,
    capture: &'a mut Capture<'c>,
}

impl Waiting<'_, '_> {
    /// What comes first: the end of the leader, or a reason to end it, by this signal.
    async fn first(
        &mut self,
        blocked: BoxFuture<'_, ()>,
        leader: impl Future<Output = io::Result<ExitStatus>>,
        time: BoxFuture<'_, ()>,
        stopped: BoxFuture<'_, Signal>,
    ) -> (End, Option<Signal>) {
        let mut leader = std::pin::pin!(leader);
        let (mut time, mut stopped, mut blocked) = (time, stopped, blocked);
        loop {
            tokio::select! {
                biased;
                ended = &mut leader => {
                    // Who stops a run may stop its programs in the same moment.
                    let failed = !ended.is_ok_and(|status| status.success());
                    return match stopped.now_or_never().filter(|_| failed) {
                        Some(signal) => (End::Stopped, Some(signal)),
                        None => (End::Itself, None),
                    };
                }
                () = &mut self.hurried => {
                    self.is_hurried = true;
                    return (End::Stopped, Some(Signal::Kill));
                }
                signal = &mut stopped => return (End::Stopped, Some(signal)),
                () = &mut time => return (End::TimedOut, Some(Signal::Terminate)),
                () = &mut blocked => return (End::WantsTerminal, Some(Signal::Terminate)),
                () = self.output.read(self.capture) => {
                    if self.capture.is_refused() {
                        return (End::Refused, Some(Signal::Terminate));
                    }
                }
            }
        }
    }

    /// Waits for something, at most until a moment or until it is hurried.
    async fn until<T>(&mut self, what: impl Future<Output = T>, last: Instant) -> Option<T> {
        let mut what = std::pin::pin!(what);
        let last = if self.is_hurried { Instant::now() } else { last };
        loop {
            tokio::select! {
                biased;
                done = &mut what => return Some(done),
                () = &mut self.hurried => {
                    self.is_hurried = true;
                    return None;
                }
                () = tokio::time::sleep_until(last) => return None,
                () = self.output.read(self.capture) => {}
            }
        }
    }
}

/// Resolves when no process is left in a group.
async fn gone(group: Group) {
    while group.is_alive() {
        tokio::time::sleep(POLL).await;
    }
}

fn named(group: u32) -> Vec<String> {
    let members = process::members(group);
    members.into_iter().map(|pid| format!("process {pid} ({})", process::name(pid))).collect()
}

/// What a program writes, and what it is asked.
struct Output {
    pipe: Source,
    answer: Source,
    question: Option<(pipe::Sender, Vec<u8>)>,
    /// How much of the question was written.
    asked: usize,
}

/// The reading end of a pipe, until nobody holds the other one.
struct Source {
    pipe: Option<pipe::Receiver>,
    buffer: Vec<u8>,
}

impl Source {
    fn new(pipe: Option<pipe::Receiver>) -> Self {
        let length = if pipe.is_some() { 64 << 10 } else { 0 };
        Self { pipe, buffer: vec![0; length] }
    }

    /// How many bytes came; never resolves after the end.
    async fn read(&mut self) -> usize {
        let Some(pipe) = &mut self.pipe else { return std::future::pending().await };
        let count = pipe.read(&mut self.buffer).await.unwrap_or(0);
        if count == 0 {
            self.pipe = None;
        }
        count
    }
}

impl Output {
    fn new(output: Option<pipe::Receiver>, dialogue: Option<Dialogue>) -> Self {
        let (answer, question) = match dialogue {
            Some(Dialogue { question, text, answer }) => (Some(answer), Some((question, text))),
            None => (None, None),
        };
        let (pipe, answer) = (Source::new(output), Source::new(answer));
        Self { pipe, answer, question, asked: 0 }
    }

    /// Reads or writes once; never resolves after the end. Nothing that was read is lost when this is
    /// dropped.
    async fn read(&mut self, capture: &mut Capture<'_>) {
        tokio::select! {
            count = self.pipe.read() => capture.take(&self.pipe.buffer[..count]),
            count = self.answer.read() => capture.answer(&self.answer.buffer[..count]),
            () = ask(&mut self.question, &mut self.asked) => {}
        }
    }

    /// Reads what is there; who left the group may hold the other end for ever.
    async fn drain(&mut self, capture: &mut Capture<'_>) {
        let last = Instant::now() + DRAINED;
        self.question = None;
        while self.pipe.pipe.is_some() || self.answer.pipe.is_some() {
            if tokio::time::timeout_at(last, self.read(capture)).await.is_err() {
                return;
            }
        }
    }
}

/// Writes a part of the question; its end is closed after the last one, or when nobody reads it.
async fn ask(question: &mut Option<(pipe::Sender, Vec<u8>)>, asked: &mut usize) {
    let Some((pipe, text)) = question else { return std::future::pending().await };
    match pipe.write(&text[*asked..]).await {
        Ok(count @ 1..) => *asked += count,
        Ok(0) | Err(_) => *asked = text.len(),
    }
    if *asked == text.len() {
        *question = None;
    }
}
