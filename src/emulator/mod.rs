//! The DynamoDB engine inside the binary.
//!
//! The engine is dynoxide, served over its own HTTP interface on a loopback port, so that
//! everything else meets it as it meets any endpoint. One process at a time opens a database file:
//! the one that holds its lock. While `osem local` holds it, other commands use that
//! server; while a run holds it, other commands wait for the run.

#[cfg(feature = "emulator")]
mod control_plane;
mod lock;
mod server;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::model::{ControlPlane, EmulatorData};

pub use lock::Holder;
use lock::{Acquired, DataLock};
use server::Server;

/// How long a command waits for a run that holds the database.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Why the emulator cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// The state directory or a file in it cannot be written.
    #[error("failed to open {path}: {source}")]
    Unwritable {
        /// The path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The lock file is a symbolic link: osem would write to what it points at.
    #[error("failed to open {path}: it is a symbolic link")]
    Link {
        /// The path.
        path: PathBuf,
    },
    /// The engine takes only paths that are UTF-8.
    #[error("failed to open the database {path}: the path is not UTF-8")]
    NotUtf8 {
        /// The file.
        path: PathBuf,
    },
    /// The engine refuses the database file.
    #[error("failed to open the database {path}: {message}")]
    Database {
        /// The file.
        path: String,
        /// What the engine says.
        message: String,
    },
    /// The port cannot be used.
    #[error("failed to listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port.
        port: u16,
        /// Why.
        source: io::Error,
    },
    /// Another process holds the database and did not let go in time.
    #[error("{path} is in use by {holder}")]
    Locked {
        /// The database file.
        path: PathBuf,
        /// Who holds it.
        holder: Holder,
    },
    /// This binary was built without the engine.
    #[error("this osem was built without the cargo feature `emulator`")]
    NotBuilt,
}

/// What a process wants the database for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A command that only reads: as `Command`, but a database that is not there is not made; an
    /// empty one in memory stands for it.
    Look,
    /// One command: an ephemeral port, and the server of `osem local` where there is one.
    Command,
    /// `osem local`: this port, and no other holder.
    Serve {
        /// The port; 0 takes a free one.
        port: u16,
    },
}

/// Which emulator to open, and how it is to behave.
#[derive(Debug, Clone, Copy)]
pub struct EmulatorOptions<'a> {
    /// Where its tables are kept.
    pub data: &'a EmulatorData,
    /// How it answers control-plane calls.
    pub control_plane: &'a ControlPlane,
    /// The region that ARNs name where the control plane is realistic.
    pub region: &'a str,
    /// The folder that relative paths start at.
    pub root: &'a Path,
    /// What it is wanted for.
    pub purpose: Purpose,
}

/// A running emulator, this process's own or that of `osem local`.
#[derive(Debug)]
pub struct Emulator {
    url: String,
    description: String,
    // Dropped in this order: the server closes the database before the lock is let go.
    _server: Option<Server>,
    _lock: Option<DataLock>,
}

impl Emulator {
    /// Opens the database below `root`, or finds the `osem local` that serves it.
    /// `on_wait` is called once when another command must end first.
    ///
    /// # Errors
    /// See [`EmulatorError`].
    pub async fn open(
        options: EmulatorOptions<'_>,
        on_wait: impl FnOnce(&Holder),
    ) -> Result<Self, EmulatorError> {
        let EmulatorOptions { data, root, purpose, .. } = options;
        let port = match purpose {
            Purpose::Look | Purpose::Command => 0,
            Purpose::Serve { port } => port,
        };
        let EmulatorData::File(file) = data else {
            return Self::in_memory(port, "embedded emulator (in memory)");
        };
        let path = root.join(file);
        let shown = file.display();
        if purpose == Purpose::Look && !path.exists() {
            return Self::in_memory(port, &format!("embedded emulator ({shown}, not there yet)"));
        }
        let Some(name) = path.to_str() else { return Err(EmulatorError::NotUtf8 { path }) };
        let mut lock = match DataLock::acquire(&path, purpose, LONGEST_WAIT, on_wait).await? {
            Acquired::Served(url) => {
                let description = format!("emulator of `osem local` at {url} ({shown})");
                return Ok(Self { url, description, _server: None, _lock: None });
            }
            Acquired::Lock(lock) => lock,
        };
        let server = Server::start(Some(name), port)?;
        lock.announce(server.url(), purpose)?;
        Ok(Self {
            url: server.url().to_owned(),
            description: format!("embedded emulator ({shown})"),
            _server: Some(server),
            _lock: Some(lock),
        })
    }

    fn in_memory(port: u16, description: &str) -> Result<Self, EmulatorError> {
        let server = Server::start(None, port)?;
        let url = server.url().to_owned();
        let description = description.to_owned();
        Ok(Self { url, description, _server: Some(server), _lock: None })
    }

    /// Where it answers.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it is, for people.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }
}
