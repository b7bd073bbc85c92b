//! The records of a run as they happen, one a line, for programs.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::journal::Record;

use super::{Reporter, sanitize};

/// Writes every record as one line of JSON.
pub struct Events {
    out: Box<dyn Write + Send>,
    lost: Lost,
}

/// Says whether records or results were lost for another reason than a reader that went away.
#[derive(Debug, Clone, Default)]
pub struct Lost(Arc<AtomicBool>);

impl Lost {
    /// Whether they were.
    #[must_use]
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Says that something was lost.
    pub fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Events {
    /// A sink that writes to `out`.
    #[must_use]
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        Self { out, lost: Lost::default() }
    }

    /// Tells later whether records were lost.
    #[must_use]
    pub fn lost(&self) -> Lost {
        self.lost.clone()
    }
}

impl Reporter for Events {
    fn record(&mut self, record: &Record) {
        let json = serde_json::to_string(record).expect("a record is plain data");
        let line = sanitize::json(&json) + "\n";
        let written = self.out.write_all(line.as_bytes()).and_then(|()| self.out.flush());
        if written.is_err_and(|error| error.kind() != io::ErrorKind::BrokenPipe) {
            self.lost.note();
        }
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("lost", &self.lost).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Pipe, at};
    use super::*;
    use crate::journal::RunEvent;

    #[test]
    fn every_record_is_a_line_that_cannot_drive_a_terminal() {
        let pipe = Pipe::default();
        let mut events = Events::new(Box::new(pipe.clone()));
        let message = "a\u{9b}2Jb".to_owned();
        events.record(&at(1, RunEvent::Warning { message: message.clone() }));
        let text = pipe.text();
        assert!(!text.contains('\u{9b}') && text.ends_with("}\n"), "{text:?}");
        let record: Record = serde_json::from_str(&text).unwrap();
        assert!(matches!(record.event, RunEvent::Warning { message: read } if read == message));
        assert!(!events.lost().get());
    }

    #[test]
    fn only_a_reader_that_went_away_may_miss_records() {
        for (kind, lost) in [(io::ErrorKind::BrokenPipe, false), (io::ErrorKind::StorageFull, true)]
        {
            let mut events = Events::new(Box::new(Full(kind)));
            events.record(&at(1, RunEvent::Cancelling { reason: "SIGINT".to_owned() }));
            assert_eq!(events.lost().get(), lost, "{kind:?}");
        }
    }

    struct Full(io::ErrorKind);

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}
