//! Who may open a database file.
//!
//! `<database>.lock` is held by `flock` for as long as the holder lives: the kernel frees it, so a
//! lock is never left over and never taken over. The holder writes its process id and address into
//! the file. A reader trusts that text only while the lock is held *and* the process it names
//! lives, so the text of a killed holder is never used.

use std::fmt;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{EmulatorError, Purpose};

/// How often a waiting process looks again.
const POLL: Duration = Duration::from_millis(50);

/// The process that holds a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pid: u32,
    /// Where it answers.
    url: String,
    /// Whether it is `osem local`, which serves others.
    serves: bool,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.serves { "`osem local`" } else { "an osem command" };
        write!(f, "{what}, process {}", self.pid)
    }
}

/// The held lock.
#[derive(Debug)]
pub(super) struct DataLock {
    file: File,
    path: PathBuf,
}

/// What came of asking for the lock.
pub(super) enum Acquired {
    /// This process holds the database.
    Lock(DataLock),
    /// `osem local` does, and answers at this URL.
    Served(String),
}

impl DataLock {
    /// Waits until this process holds the lock, or finds the server of `osem local`.
    pub(super) async fn acquire(
        database: &Path,
        purpose: Purpose,
        longest: Duration,
        on_wait: impl FnOnce(&Holder),
    ) -> Result<Acquired, EmulatorError> {
        let mut path = database.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        let unwritable = |source| EmulatorError::Unwritable { path: path.clone(), source };
        if path.is_symlink() {
            return Err(EmulatorError::Link { path });
        }
        let mut file = open(&path).map_err(unwritable)?;
        let deadline = Instant::now() + longest;
        let mut on_wait = Some(on_wait);
        let mut last_seen = None;
        loop {
            match file.try_lock() {
                Ok(()) => {
                    // Before anything else: nobody may read what an earlier holder wrote.
                    file.set_len(0).map_err(unwritable)?;
                    return Ok(Acquired::Lock(Self { file, path }));
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(source)) => return Err(unwritable(source)),
            }
            if let Some(holder) = read_holder(&mut file) {
                if holder.serves && !matches!(purpose, Purpose::Serve { .. }) {
                    return Ok(Acquired::Served(holder.url));
                }
                if holder.serves {
                    return Err(EmulatorError::Locked { path: database.to_owned(), holder });
                }
                if let Some(on_wait) = on_wait.take() {
                    on_wait(&holder);
                }
                last_seen = Some(holder);
            }
            if Instant::now() >= deadline {
                let unknown = Holder { pid: 0, url: String::new(), serves: false };
                let holder = last_seen.unwrap_or(unknown);
                return Err(EmulatorError::Locked { path: database.to_owned(), holder });
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Says who holds the lock and where it answers.
    pub(super) fn announce(&mut self, url: &str, purpose: Purpose) -> Result<(), EmulatorError> {
        let serves = matches!(purpose, Purpose::Serve { .. });
        let holder = Holder { pid: std::process::id(), url: url.to_owned(), serves };
        let text = serde_json::to_string(&holder).expect("a holder is plain data");
        let written = self.file.rewind().and_then(|()| self.file.write_all(text.as_bytes()));
        written.map_err(|source| EmulatorError::Unwritable { path: self.path.clone(), source })
    }
}

/// Nobody else may read what is made: tables hold anything.
fn open(path: &Path) -> io::Result<File> {
    let mut folders = DirBuilder::new();
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        folders.mode(0o700);
        options.mode(0o600);
    }
    if let Some(folder) = path.parent() {
        folders.recursive(true).create(folder)?;
    }
    options.read(true).write(true).create(true).truncate(false).open(path)
}

/// `None` while the holder has not written itself down yet, or when the text is a dead holder's.
fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.rewind().and_then(|()| file.read_to_string(&mut text)).ok()?;
    let holder: Holder = serde_json::from_str(&text).ok()?;
    is_alive(holder.pid).then_some(holder)
}

/// Whether a process lives. Where there is no `/proc`, every process counts as alive: a stale text
/// can then be read only between another process's lock and its truncation.
fn is_alive(pid: u32) -> bool {
    !Path::new("/proc/self").exists() || Path::new("/proc").join(pid.to_string()).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn acquire(database: &Path, purpose: Purpose) -> Result<Acquired, EmulatorError> {
        DataLock::acquire(database, purpose, Duration::from_millis(120), |_| {}).await
    }

    fn held(acquired: Acquired) -> DataLock {
        match acquired {
            Acquired::Lock(lock) => lock,
            Acquired::Served(url) => panic!("served at {url}"),
        }
    }

    const SERVE: Purpose = Purpose::Serve { port: 0 };

    #[tokio::test]
    async fn a_command_uses_the_server_of_osem_local() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("local.db");
        let mut lock = held(acquire(&database, SERVE).await.unwrap());
        lock.announce("http://127.0.0.1:1", SERVE).unwrap();
        let Acquired::Served(url) = acquire(&database, Purpose::Command).await.unwrap() else {
            panic!("two holders");
        };
        assert_eq!(url, "http://127.0.0.1:1");
    }

    #[tokio::test]
    async fn a_command_waits_for_another_one_and_then_gives_up() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("local.db");
        let mut lock = held(acquire(&database, Purpose::Command).await.unwrap());
        lock.announce("http://127.0.0.1:1", Purpose::Command).unwrap();
        let refused = acquire(&database, Purpose::Command).await;
        assert!(matches!(refused, Err(EmulatorError::Locked { .. })));
        drop(lock);
        held(acquire(&database, Purpose::Command).await.unwrap());
    }

    #[tokio::test]
    async fn the_text_of_a_dead_holder_is_not_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("local.db");
        let lock = held(acquire(&database, SERVE).await.unwrap());
        // The largest process id that Linux gives out is 2^22.
        let dead = r#"{"pid":4194305,"url":"http://127.0.0.1:1","serves":true}"#;
        std::fs::write(&lock.path, dead).unwrap();
        let refused = acquire(&database, Purpose::Command).await;
        assert!(matches!(refused, Err(EmulatorError::Locked { .. })));
    }
}
