//! The thread that writes a journal.
//!
//! Records come through a channel, in order. What came together is written together; who waits for
//! the disk shares one `fdatasync` with everybody who waits meanwhile. Nobody waits for most
//! records: those that say what became of a change are on disk [`GROUP`] later at the latest. After
//! the first error nothing more is written, so a line that was cut off can only be the last one.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

/// How long an outcome may be on its way to the disk.
const GROUP: Duration = Duration::from_millis(50);

/// What records are written to.
pub(super) trait Medium: Write + Send {
    /// Resolves when everything written is on disk, in a file that can be found there.
    fn sync(&mut self) -> io::Result<()>;
}

/// What the writer is asked to do.
pub(super) enum Request {
    /// Write a record, which is one line.
    Line {
        text: String,
        /// Whether it has to be on disk soon.
        soon: bool,
    },
    /// Say when everything before this is written, and on disk if so wanted.
    Flush { sync: bool, done: oneshot::Sender<()> },
}

/// Why a journal cannot be written any more; set once.
pub(super) type Broken = Arc<OnceLock<io::Error>>;

pub(super) struct Writer<M> {
    medium: M,
    broken: Broken,
    /// When what was written last has to be on disk.
    due: Option<Instant>,
    #[cfg(feature = "crash-hooks")]
    crash: Option<super::crash::Crash>,
}

impl<M: Medium> Writer<M> {
    pub(super) fn new(medium: M, broken: Broken) -> Self {
        Self {
            medium,
            broken,
            due: None,
            #[cfg(feature = "crash-hooks")]
            crash: super::crash::Crash::from_variable(),
        }
    }

    /// Serves requests until nobody can make any.
    pub(super) fn serve(mut self, requests: &Receiver<Request>) {
        loop {
            let first = match self.due {
                None => requests.recv().ok(),
                Some(due) => match requests.recv_timeout(due.duration_since(Instant::now())) {
                    Ok(request) => Some(request),
                    Err(RecvTimeoutError::Timeout) => {
                        self.sync();
                        continue;
                    }
                    Err(RecvTimeoutError::Disconnected) => None,
                },
            };
            let Some(first) = first else { break };
            self.carry_out(std::iter::once(first).chain(requests.try_iter()));
        }
        self.sync();
    }

    fn carry_out(&mut self, requests: impl Iterator<Item = Request>) {
        let (mut lines, mut waiting) = (String::new(), Vec::new());
        let (mut now, mut soon) = (false, false);
        for request in requests {
            match request {
                Request::Line { text, soon: wanted } => {
                    #[cfg(feature = "crash-hooks")]
                    if let Some(crash) = &mut self.crash {
                        crash.look(&mut self.medium, &lines, &text);
                    }
                    lines.push_str(&text);
                    lines.push('\n');
                    soon |= wanted;
                }
                Request::Flush { sync, done } => {
                    now |= sync;
                    waiting.push(done);
                }
            }
        }
        self.attempt(|medium| medium.write_all(lines.as_bytes()));
        if soon {
            self.due.get_or_insert_with(|| Instant::now() + GROUP);
        }
        if now {
            self.sync();
        }
        for done in waiting {
            // Who asked may have been dropped meanwhile.
            let _ = done.send(());
        }
    }

    fn sync(&mut self) {
        self.due = None;
        self.attempt(Medium::sync);
    }

    fn attempt(&mut self, act: impl FnOnce(&mut M) -> io::Result<()>) {
        if self.broken.get().is_none()
            && let Err(error) = act(&mut self.medium)
        {
            // Only this thread sets it.
            let _ = self.broken.set(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc;

    use super::*;

    /// What was written, how often it was synced, and after how many bytes the disk is full.
    #[derive(Default)]
    struct Disk {
        text: Vec<u8>,
        syncs: usize,
        room: usize,
    }

    struct Shared(Arc<Mutex<Disk>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut disk = self.0.lock().unwrap();
            let taken = bytes.len().min(disk.room - disk.text.len());
            if taken == 0 && !bytes.is_empty() {
                return Err(io::ErrorKind::StorageFull.into());
            }
            disk.text.extend_from_slice(&bytes[..taken]);
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Medium for Shared {
        fn sync(&mut self) -> io::Result<()> {
            self.0.lock().unwrap().syncs += 1;
            Ok(())
        }
    }

    fn line(text: &str) -> Request {
        Request::Line { text: text.to_owned(), soon: false }
    }

    fn flush(sync: bool) -> (Request, oneshot::Receiver<()>) {
        let (done, waits) = oneshot::channel();
        (Request::Flush { sync, done }, waits)
    }

    fn served(room: usize, requests: Vec<Request>) -> (Arc<Mutex<Disk>>, Broken) {
        let disk = Arc::new(Mutex::new(Disk { room, ..Disk::default() }));
        let broken = Broken::default();
        let (sender, receiver) = mpsc::channel();
        for request in requests {
            sender.send(request).unwrap();
        }
        drop(sender);
        Writer::new(Shared(Arc::clone(&disk)), Arc::clone(&broken)).serve(&receiver);
        (disk, broken)
    }

    #[test]
    fn those_who_wait_at_once_share_one_sync() {
        let (first, mut one) = flush(true);
        let (second, mut other) = flush(true);
        let (disk, broken) = served(100, vec![line("a"), first, line("b"), second]);
        assert_eq!(disk.lock().unwrap().text, b"a\nb\n");
        // One for both, and one at the end.
        assert_eq!(disk.lock().unwrap().syncs, 2);
        assert!(one.try_recv().is_ok() && other.try_recv().is_ok());
        assert!(broken.get().is_none());
    }

    #[test]
    fn an_outcome_is_on_disk_soon_although_nobody_waits() {
        let disk = Arc::new(Mutex::new(Disk { room: 100, ..Disk::default() }));
        let (sender, receiver) = mpsc::channel();
        let writer = Writer::new(Shared(Arc::clone(&disk)), Broken::default());
        let thread = std::thread::spawn(move || writer.serve(&receiver));
        sender.send(Request::Line { text: "a".to_owned(), soon: true }).unwrap();
        let started = Instant::now();
        while disk.lock().unwrap().syncs == 0 {
            assert!(started.elapsed() < Duration::from_secs(20), "never synced");
            std::thread::sleep(Duration::from_millis(1));
        }
        drop(sender);
        thread.join().unwrap();
    }

    #[test]
    fn after_the_disk_is_full_nothing_more_is_written_and_nobody_waits_for_ever() {
        let (full, mut waits) = flush(true);
        let (again, mut still) = flush(false);
        let disk = Arc::new(Mutex::new(Disk { room: 3, ..Disk::default() }));
        let broken = Broken::default();
        let mut writer = Writer::new(Shared(Arc::clone(&disk)), Arc::clone(&broken));
        writer.carry_out([line("a"), line("bcd"), full].into_iter());
        disk.lock().unwrap().room = 100;
        writer.carry_out([line("e"), again].into_iter());
        assert_eq!(disk.lock().unwrap().text, b"a\nb");
        assert_eq!(broken.get().unwrap().kind(), io::ErrorKind::StorageFull);
        assert!(waits.try_recv().is_ok() && still.try_recv().is_ok());
    }
}
