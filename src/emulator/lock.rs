//! Who may open a database file.
//!
//! `<database>.lock` is a [`LockFile`]. The holder writes its process id and address into it, and
//! what proves that it is the one who answers there. A reader trusts that text only while the lock
//! is held *and* the process it names lives, so the text of a killed holder is never used; and where
//! the text has a token, only a server that knows it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::state::{LockFile, is_alive};

use super::proof::{Check, Proof};
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

/// What the holder writes into the file.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    #[serde(flatten)]
    holder: Holder,
    #[serde(default)]
    proof: Proof,
}

/// The server of `osem local`.
#[derive(Debug)]
pub(super) struct LocalServer {
    pub(super) url: String,
    /// What it has shown.
    pub(super) proof: Proof,
}

/// The held lock.
#[derive(Debug)]
pub(super) struct DataLock {
    file: LockFile,
    path: PathBuf,
}

/// What came of asking for the lock.
pub(super) enum Acquired {
    /// This process holds the database.
    Lock(DataLock),
    /// `osem local` does, and has proved it.
    Served(LocalServer),
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
        let mut file = LockFile::open(&path).map_err(unwritable)?;
        let deadline = Instant::now() + longest;
        let mut on_wait = Some(on_wait);
        let mut last_seen = None;
        loop {
            if file.try_lock().map_err(unwritable)? {
                return Ok(Acquired::Lock(Self { file, path }));
            }
            if let Some(Entry { holder, proof }) = read_entry(&mut file) {
                if holder.serves && matches!(purpose, Purpose::Serve { .. }) {
                    return Err(EmulatorError::Locked { path: database.to_owned(), holder });
                }
                if holder.serves {
                    match proof.check(&holder.url).await {
                        Check::Holds => {
                            return Ok(Acquired::Served(LocalServer { url: holder.url, proof }));
                        }
                        Check::Fails(reason) => {
                            return Err(EmulatorError::Impostor { url: holder.url, reason });
                        }
                        // It is about to end; then this process can have the lock.
                        Check::Silent => {}
                    }
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

    /// Says who holds the lock, where it answers and how it proves that.
    pub(super) fn announce(
        &mut self,
        url: &str,
        proof: Proof,
        purpose: Purpose,
    ) -> Result<(), EmulatorError> {
        let serves = matches!(purpose, Purpose::Serve { .. });
        let holder = Holder { pid: std::process::id(), url: url.to_owned(), serves };
        let entry = Entry { holder, proof };
        let written = self.file.announce(&entry);
        written.map_err(|source| EmulatorError::Unwritable { path: self.path.clone(), source })
    }
}

/// `None` while the holder has not written itself down yet, or when the text is a dead holder's.
fn read_entry(file: &mut LockFile) -> Option<Entry> {
    file.holder::<Entry>().filter(|entry| is_alive(entry.holder.pid))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    async fn acquire(database: &Path, purpose: Purpose) -> Result<Acquired, EmulatorError> {
        DataLock::acquire(database, purpose, Duration::from_millis(120), |_| {}).await
    }

    fn held(acquired: Acquired) -> DataLock {
        match acquired {
            Acquired::Lock(lock) => lock,
            Acquired::Served(served) => panic!("served at {}", served.url),
        }
    }

    const SERVE: Purpose = Purpose::Serve { port: 0 };

    #[tokio::test]
    async fn a_command_uses_the_server_of_osem_local() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("local.db");
        let mut lock = held(acquire(&database, SERVE).await.unwrap());
        lock.announce("http://127.0.0.1:1", Proof::Process, SERVE).unwrap();
        let Acquired::Served(served) = acquire(&database, Purpose::Command).await.unwrap() else {
            panic!("two holders");
        };
        assert_eq!(served.url, "http://127.0.0.1:1");
    }

    /// A server that answers every request with this status.
    fn server(status: &'static str) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            let length = stream.read(&mut request).unwrap();
            let request = std::str::from_utf8(&request[..length]).unwrap();
            assert!(request.contains("x-osem-token: secret\r\n"), "{request}");
            write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").unwrap();
        });
        url
    }

    async fn acquire_from(url: &str) -> Result<Acquired, EmulatorError> {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("local.db");
        let mut lock = held(acquire(&database, SERVE).await.unwrap());
        lock.announce(url, Proof::Token("secret".to_owned()), SERVE).unwrap();
        acquire(&database, Purpose::Command).await
    }

    #[tokio::test]
    async fn a_command_uses_a_server_that_knows_the_token() {
        let acquired = acquire_from(&server("204 No Content")).await.unwrap();
        assert!(matches!(acquired, Acquired::Served(_)));
    }

    #[tokio::test]
    async fn a_server_that_does_not_know_the_token_is_refused() {
        for status in ["403 Forbidden", "200 OK"] {
            let refused = acquire_from(&server(status)).await;
            let Err(EmulatorError::Impostor { reason, .. }) = refused else {
                panic!("used a server that answers {status}");
            };
            assert!(reason.contains(status), "{reason}");
        }
    }

    #[tokio::test]
    async fn a_server_that_is_gone_is_waited_for() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let refused = acquire_from(&url).await;
        assert!(matches!(refused, Err(EmulatorError::Locked { .. })));
    }

    #[tokio::test]
    async fn a_command_waits_for_another_one_and_then_gives_up() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("local.db");
        let mut lock = held(acquire(&database, Purpose::Command).await.unwrap());
        lock.announce("http://127.0.0.1:1", Proof::Process, Purpose::Command).unwrap();
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
