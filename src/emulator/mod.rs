//! The DynamoDB engine inside the binary.
//!
//! The engine is dynoxide, served over its own HTTP interface on a loopback port, so that
//! everything else meets it as it meets any endpoint. One process at a time opens a database file:
//! the one that holds its lock. While `osem local` holds it, other commands use that
//! server; while a run holds it, other commands wait for the run.
//!
//! With an instant control plane that is all. With a realistic one a simulation of the service's
//! control plane stands before the engine: `control_plane` has the rules, `front` the network, `faults`
//! decides what fails, `store` keeps the state in the database file.

#[cfg(feature = "emulator")]
mod clock;
#[cfg(feature = "emulator")]
mod control_plane;
#[cfg(feature = "emulator")]
mod faults;
#[cfg(feature = "emulator")]
mod front;
mod lock;
mod proof;
mod server;
#[cfg(feature = "emulator")]
mod store;

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::model::{ControlPlane, EmulatorData};

pub use lock::Holder;
use lock::{Acquired, DataLock, LocalServer};
use proof::Proof;
use server::{Server, ServerOptions};

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
    /// Something else answers where the lock file says that `osem local` does.
    #[error("the server at {url} is not the `osem local` that holds the database: {reason}")]
    Impostor {
        /// Where it answers.
        url: String,
        /// What it says instead of the proof.
        reason: String,
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
    proof: Proof,
    // Dropped in this order: the server closes the database before the lock is let go.
    _server: Option<Server>,
    _lock: Option<DataLock>,
}

/// A database that is there can be written: the engine itself finds that out call by call.
fn writable(path: &Path) -> Result<(), EmulatorError> {
    match OpenOptions::new().write(true).open(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(EmulatorError::Unwritable { path: path.to_owned(), source })
        }
        Ok(_) | Err(_) => Ok(()),
    }
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
        let EmulatorOptions { data, root, purpose, control_plane, region } = options;
        let port = match purpose {
            Purpose::Look | Purpose::Command => 0,
            Purpose::Serve { port } => port,
        };
        let in_memory = ServerOptions { path: None, port, control_plane, region };
        let EmulatorData::File(file) = data else {
            return Self::start(in_memory, "in memory", None);
        };
        let path = root.join(file);
        let shown = file.display().to_string();
        if purpose == Purpose::Look && !path.exists() {
            return Self::start(in_memory, &format!("{shown}, not there yet"), None);
        }
        let Some(name) = path.to_str() else { return Err(EmulatorError::NotUtf8 { path }) };
        match DataLock::acquire(&path, purpose, LONGEST_WAIT, on_wait).await? {
            Acquired::Served(server) => Ok(Self::found(server, &shown)),
            Acquired::Lock(lock) => {
                if purpose != Purpose::Look {
                    writable(&path)?;
                }
                let from_file = ServerOptions { path: Some(name), ..in_memory };
                Self::start(from_file, &shown, Some((lock, purpose)))
            }
        }
    }

    fn start(
        options: ServerOptions<'_>,
        shown: &str,
        lock: Option<(DataLock, Purpose)>,
    ) -> Result<Self, EmulatorError> {
        let server = Server::start(options)?;
        let url = server.url().to_owned();
        let proof = server.proof().clone();
        let lock = lock
            .map(|(mut lock, purpose)| lock.announce(&url, proof.clone(), purpose).map(|()| lock));
        let description = match options.control_plane {
            ControlPlane::Instant => format!("embedded emulator ({shown})"),
            ControlPlane::Realistic(simulation) => {
                let scale = simulation.time_scale;
                format!("simulated control plane ({shown}, time-scale {scale})")
            }
        };
        Ok(Self { url, description, proof, _server: Some(server), _lock: lock.transpose()? })
    }

    /// That of `osem local`, whatever this command's own settings are.
    fn found(LocalServer { url, proof }: LocalServer, shown: &str) -> Self {
        let what = match proof {
            Proof::Process => "emulator",
            Proof::Token(_) => "simulated control plane",
        };
        let description = format!("{what} of `osem local` at {url} ({shown})");
        Self { url, description, proof, _server: None, _lock: None }
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

    /// Whether its control plane is realistic, whatever this command's own settings are: only such
    /// a server has a token.
    #[must_use]
    pub const fn is_realistic(&self) -> bool {
        matches!(self.proof, Proof::Token(_))
    }

    /// What `POST /_osem/clock` wants as `x-osem-token`; an instant control plane has no clock.
    #[cfg(all(test, feature = "emulator"))]
    fn token(&self) -> Option<&str> {
        match &self.proof {
            Proof::Process => None,
            Proof::Token(token) => Some(token),
        }
    }
}

#[cfg(all(test, feature = "emulator"))]
mod tests {
    use super::*;
    use crate::model::Simulation;

    #[tokio::test]
    async fn a_server_that_is_found_is_as_realistic_as_it_is_whatever_the_command_declares() {
        for realistic in [true, false] {
            let folder = tempfile::tempdir().unwrap();
            let data = EmulatorData::File("local.db".into());
            let simulated = ControlPlane::Realistic(Simulation::default());
            let [served, declared] = if realistic {
                [&simulated, &ControlPlane::Instant]
            } else {
                [&ControlPlane::Instant, &simulated]
            };
            let open = |control_plane, purpose| {
                let root = folder.path();
                let region = "us-east-1";
                let options = EmulatorOptions { data: &data, control_plane, region, root, purpose };
                Emulator::open(options, |_| {})
            };
            let _server = open(served, Purpose::Serve { port: 0 }).await.unwrap();
            let found = open(declared, Purpose::Command).await.unwrap();
            assert_eq!(found.is_realistic(), realistic);
        }
    }
}
