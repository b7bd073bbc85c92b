//! The file or pipe that `--events` names.
//!
//! A thread of its own writes it: a reader that is slow or stopped holds up neither the run nor the
//! signals that end it. Nothing that is of use to anybody is overwritten.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::model::{ErrorCode, Failure};
use crate::report::Events;
use crate::run::CancelToken;

use super::args::RunArgs;
use super::session::Planned;

/// How long opening may take: a pipe without a reader does not open.
const OPENED: Duration = Duration::from_secs(2);
/// How long a run that was asked to end waits for the reader of its last events.
const PATIENCE: Duration = Duration::from_secs(1);
/// How every record starts.
const START: &[u8] = b"{\"v\":";

/// What `--events` names, opened; nothing in it was changed yet.
pub(super) struct Target(Box<dyn Medium>);

/// What events are written to.
trait Medium: Write + Send {
    /// Removes what an earlier run wrote.
    fn clear(&self) -> io::Result<()>;
}

impl Medium for File {
    fn clear(&self) -> io::Result<()> {
        if self.metadata()?.is_file() { self.set_len(0) } else { Ok(()) }
    }
}

impl Medium for io::Stdout {
    fn clear(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Target {
    /// Opens it, where a flag names it.
    ///
    /// # Errors
    /// `USAGE_INVALID` when it cannot be written, or is to be kept.
    pub(super) fn open(args: &RunArgs, planned: &Planned) -> Result<Option<Self>, Failure> {
        let Some(target) = &args.events else { return Ok(None) };
        if args.events_on_stdout() {
            return Ok(Some(Self(Box::new(io::stdout()))));
        }
        let refused = |why: &str| {
            let message = format!("failed to write the events to {}: {why}", target.display());
            Failure::new(ErrorCode::UsageInvalid, message)
        };
        let state = args.state.dir(&planned.root);
        let kept = [state.path(), &planned.root.join(".osem")];
        if let Some(what) = precious(target, &planned.sources, &kept) {
            return Err(refused(what).fix("name a file of its own: --events run.ndjson"));
        }
        let file = opened(target)
            .map_err(|error| refused(&error.to_string()).fix("name a file that can be written"))?;
        if !holds_events(target, &file) {
            return Err(refused("there is something else in it")
                .fix("name another file, or remove this one if nobody needs it"));
        }
        Ok(Some(Self(Box::new(file))))
    }

    /// Starts to write.
    ///
    /// # Errors
    /// When there is no thread to be had, or an earlier run's events cannot be removed.
    pub(super) fn start(self) -> Result<(Events, EventsFile), Failure> {
        let failed = |error: io::Error| {
            let message = format!("failed to write the events: {error}");
            Failure::new(ErrorCode::UsageInvalid, message).fix("name a file that can be written")
        };
        self.0.clear().map_err(failed)?;
        let (requests, receiver) = mpsc::channel();
        let thread = thread::Builder::new().name("events".to_owned());
        thread.spawn(move || serve(self.0, &receiver)).map_err(failed)?;
        let lines = Lines(requests.clone());
        Ok((Events::new(Box::new(lines)), EventsFile(requests)))
    }
}

/// What a file is, if it is never one for events.
fn precious(target: &Path, sources: &[PathBuf], kept: &[&Path]) -> Option<&'static str> {
    let target = resolved(target);
    if sources.iter().any(|source| resolved(source) == target) {
        Some("it is a file of the configuration")
    } else if kept.iter().any(|folder| target.starts_with(resolved(folder))) {
        Some("osem keeps its own files there")
    } else {
        None
    }
}

/// The path without links, as far as it is there.
fn resolved(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let there = path.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
    let Some((above, real)) = there else { return path };
    path.strip_prefix(above).map_or(real.clone(), |rest| real.join(rest))
}

/// Opens a file for writing, on a thread that is left behind where that does not end.
fn opened(target: &Path) -> io::Result<File> {
    let (opened, result) = mpsc::channel();
    let path = target.to_owned();
    thread::Builder::new().name("open".to_owned()).spawn(move || {
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path);
        // Nobody may wait for it any more.
        let _ = opened.send(file);
    })?;
    let nobody = |_| Err(io::Error::other("it is a pipe that nobody reads"));
    result.recv_timeout(OPENED).unwrap_or_else(nobody)
}

/// Whether a file is empty, or has the events of an earlier run, or is none that keeps anything.
fn holds_events(target: &Path, file: &File) -> bool {
    let Ok(about) = file.metadata() else { return false };
    if !about.is_file() || about.len() == 0 {
        return true;
    }
    let mut start = [0; START.len()];
    let read = File::open(target).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == START
}

enum Request {
    Line(Vec<u8>),
    /// Say whether everything before this was written, or why not.
    Flush(oneshot::Sender<Result<(), String>>),
}

fn serve(mut medium: Box<dyn Medium>, requests: &Receiver<Request>) {
    let mut lost = None;
    for request in requests {
        match request {
            Request::Line(_) if lost.is_some() => {}
            Request::Line(line) => {
                let written = medium.write_all(&line).and_then(|()| medium.flush());
                // A reader that went away wants no more.
                let told = written.err().filter(|error| error.kind() != io::ErrorKind::BrokenPipe);
                lost = told.map(|error| error.to_string());
            }
            Request::Flush(done) => {
                // Who asked may have given up.
                let _ = done.send(lost.clone().map_or(Ok(()), Err));
            }
        }
    }
}

/// Hands lines to the thread; never waits.
struct Lines(Sender<Request>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.send(Request::Line(bytes.to_vec()));
        sent.map(|()| bytes.len()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Knows what became of the events.
pub(super) struct EventsFile(Sender<Request>);

impl EventsFile {
    /// Whether all events so far were written, or why not. A reader may take its time for that until the run is
    /// asked to end.
    pub(super) async fn written(&self, cancel: &CancelToken) -> Result<(), String> {
        let (done, written) = oneshot::channel();
        let _ = self.0.send(Request::Flush(done));
        tokio::select! {
            biased;
            written = written => written.unwrap_or_else(|_| Err("nobody writes them any more".to_owned())),
            () = async {
                cancel.cancelled().await;
                tokio::time::sleep(PATIENCE).await;
            } => Err("their reader did not take them".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::CancelReason;

    #[test]
    fn what_somebody_needs_is_told_from_what_may_be_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("state")).unwrap();
        std::fs::write(path("osem.kdl"), "osem 1\n").unwrap();
        std::os::unix::fs::symlink(path("osem.kdl"), path("link")).unwrap();
        std::os::unix::fs::symlink(path("state"), path("there")).unwrap();
        let (sources, state) = ([path("osem.kdl")], path("state"));
        let precious = |name: &str| precious(&path(name), &sources, &[&state]).is_some();
        for name in ["osem.kdl", "link", "state", "state/new", "there/runs/x/events.ndjson"] {
            assert!(precious(name), "{name}");
        }
        assert!(!precious("run.ndjson") && !precious("state.ndjson"));
        for (text, fit) in [("", true), ("{\"v\":1,", true), ("{\"v", false), ("notes", false)] {
            std::fs::write(path("file"), text).unwrap();
            assert_eq!(holds_events(&path("file"), &opened(&path("file")).unwrap()), fit, "{text}");
            assert_eq!(std::fs::read_to_string(path("file")).unwrap(), text);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_stopped_is_waited_for_until_the_run_is_to_end() {
        let (reader, writer) = io::pipe().unwrap();
        let file = File::from(std::os::fd::OwnedFd::from(writer));
        let (_events, file) = Target(Box::new(file)).start().unwrap();
        // More than a pipe holds.
        Lines(file.0.clone()).write_all(&vec![b'x'; 1 << 20]).unwrap();
        let cancel = CancelToken::default();
        cancel.cancel(CancelReason::Interrupt);
        assert!(file.written(&cancel).await.is_err());
        drop(reader);
        assert!(file.written(&CancelToken::default()).await.is_ok(), "who went away wants no more");
    }
}
