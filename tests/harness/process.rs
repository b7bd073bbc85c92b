//! A running binary.

use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{Outcome, Project};

/// No command may take longer, where nothing else is said, and nothing is waited for any longer: far
/// more than any needs on a busy machine, and more than a table takes whose `CreateTable` meets as many resets in a row as are retried.
pub(crate) const LONGEST: Duration = Duration::from_mins(3);

type Text = Arc<Mutex<Vec<u8>>>;

/// A running binary, killed when dropped.
pub(crate) struct Process {
    child: Child,
    shown: String,
    root: PathBuf,
    started: Instant,
    longest: Duration,
    stdout: Text,
    stderr: Text,
    readers: Vec<JoinHandle<()>>,
    // Stays at least as long as the process does.
    _folder: Arc<TempDir>,
}

impl Process {
    #[track_caller]
    pub(super) fn start(
        mut command: Command,
        input: &str,
        root: PathBuf,
        folder: Arc<TempDir>,
        longest: Duration,
    ) -> Self {
        command.stdin(Stdio::piped()).stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn().unwrap();
        // The other end may be closed already: not every command reads.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let (stdout, stderr) = (Text::default(), Text::default());
        let mut readers = vec![read(child.stderr.take().unwrap(), &stderr)];
        readers.extend(child.stdout.take().map(|pipe| read(pipe, &stdout)));
        let words = command.get_args().map(|word| word.to_string_lossy().into_owned());
        let shown = format!("osem {}", words.collect::<Vec<_>>().join(" "));
        // The command may hold the write end of a pipe, which the child alone is to hold.
        drop(command);
        Self { child, shown, root, started, longest, stdout, stderr, readers, _folder: folder }
    }

    /// Its id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal: `INT`, `TERM`, `KILL`, ….
    pub(crate) fn signal(&self, name: &str) {
        // The shell's own `kill` is everywhere; the program of that name is not.
        let line = format!("kill -{name} {}", self.id());
        let status = Command::new("sh").arg("-c").arg(line).status().unwrap();
        assert!(status.success(), "{} is gone already", self.shown);
    }

    /// As [`Process::signal`], for a process that may have ended.
    #[cfg(feature = "crash-hooks")]
    pub(crate) fn try_signal(&self, name: &str) {
        let line = format!("kill -{name} {} 2>&-", self.id());
        Command::new("sh").arg("-c").arg(line).status().unwrap();
    }

    /// Waits until a text stands on stdout; the text up to now.
    #[track_caller]
    pub(crate) fn wait_for_stdout(&mut self, text: &str) -> String {
        self.wait_for(text, |process| &process.stdout)
    }

    /// Waits until a text stands on stderr; the text up to now.
    #[track_caller]
    pub(crate) fn wait_for_stderr(&mut self, text: &str) -> String {
        self.wait_for(text, |process| &process.stderr)
    }

    #[track_caller]
    fn wait_for(&mut self, text: &str, stream: fn(&Self) -> &Text) -> String {
        loop {
            let ended = self.child.try_wait().unwrap();
            let now = string(stream(self));
            if now.contains(text) {
                return now;
            }
            let late = self.started.elapsed() > self.longest;
            if late || ended.is_some() {
                let outcome = self.outcome(ended);
                panic!("waited for {text:?} in vain\n{outcome}");
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Kills it when this text is in the journal that comes after so many others of the project.
    pub(crate) fn kill_when(self, project: &Project, runs_before: usize, text: &str) {
        let found =
            || fs::read_to_string(project.runs().get(runs_before)?.join("events.ndjson")).ok();
        while !found().is_some_and(|found| found.contains(text)) {
            thread::sleep(Duration::from_millis(5));
        }
        self.signal("KILL");
        assert_eq!(self.finish().code(), None);
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn finish(mut self) -> Outcome {
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                for reader in self.readers.drain(..) {
                    reader.join().unwrap();
                }
                return self.outcome(Some(status));
            }
            if self.started.elapsed() > self.longest {
                let outcome = self.outcome(None);
                panic!("still running after {} s\n{outcome}", self.longest.as_secs());
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn outcome(&self, status: Option<ExitStatus>) -> Outcome {
        Outcome {
            shown: self.shown.clone(),
            root: self.root.clone(),
            status,
            took: self.started.elapsed(),
            raw_stdout: string(&self.stdout),
            raw_stderr: string(&self.stderr),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(mut pipe: impl Read + Send + 'static, text: &Text) -> JoinHandle<()> {
    let text = Arc::clone(text);
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(count @ 1..) = pipe.read(&mut buffer) {
            text.lock().unwrap().extend_from_slice(&buffer[..count]);
        }
    })
}

fn string(text: &Text) -> String {
    String::from_utf8_lossy(&text.lock().unwrap()).into_owned()
}
