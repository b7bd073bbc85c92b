//! A file that one process holds.
//!
//! It is held by `flock` on a descriptor that children do not get, for as long as the holder lives:
//! the kernel frees it, so a lock is never left over and never taken over. The holder writes who it
//! is into the file; that text means something only while the lock is held.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{create_folder, private_file};

/// An open lock file, held or not.
#[derive(Debug)]
pub struct LockFile(File);

impl LockFile {
    /// Opens the file; makes it, and the folders above it, where they are not there.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.is_dir()) {
            create_folder(folder)?;
        }
        let mut options = private_file();
        options.read(true).write(true).create(true).truncate(false);
        Ok(Self(options.open(path)?))
    }

    /// Takes the lock if nobody holds it; says whether it did. What an earlier holder wrote is gone
    /// then.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn try_lock(&mut self) -> io::Result<bool> {
        match self.0.try_lock() {
            Ok(()) => self.0.set_len(0).map(|()| true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Says who holds the lock.
    ///
    /// # Errors
    /// Whatever the system says.
    ///
    /// # Panics
    /// For a holder that JSON cannot say.
    pub fn announce(&mut self, holder: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string(holder).expect("a holder is plain data");
        self.0.rewind()?;
        self.0.write_all(text.as_bytes())
    }

    /// Who holds it; `None` while the holder has not written that down.
    pub fn holder<H: DeserializeOwned>(&mut self) -> Option<H> {
        let mut text = String::new();
        self.0.rewind().and_then(|()| self.0.read_to_string(&mut text)).ok()?;
        serde_json::from_str(&text).ok()
    }
}

/// Whether a process lives. Where there is no `/proc`, every process counts as alive: a stale text
/// can then be read only between another process's lock and its truncation.
#[must_use]
pub fn is_alive(pid: u32) -> bool {
    !Path::new("/proc/self").exists() || Path::new("/proc").join(pid.to_string()).exists()
}
