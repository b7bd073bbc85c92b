//! A file that one process holds.
//!
//! It is held by `flock` on a descriptor that children do not get, for as long as the holder lives:
//! the kernel frees it, so a lock is never left over and never taken over. The holder writes who it
//! is into the file; that text means something only while the lock is held.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Place, create_folder, private_file};

/// An open lock file, held or not.
#[derive(Debug)]
pub struct LockFile {
    file: File,
    path: PathBuf,
}

impl LockFile {
    /// Opens the file; makes it, and the folders above it, where they are not there.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.is_dir()) {
            create_folder(folder)?;
        }
        Ok(Self { file: open(path)?, path: path.to_owned() })
    }

    /// Where the file stands: the lock is of use only as long as it stands there.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn place(&self) -> io::Result<Place> {
        Place::of(&self.file, &self.path)
    }

    /// Takes the lock if nobody holds it; says whether it did. What an earlier holder wrote is gone
    /// then. A file that was removed or moved meanwhile locks nobody out: then it is that of the
    /// path by now.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn try_lock(&mut self) -> io::Result<bool> {
        loop {
            let taken = match self.file.try_lock() {
                Ok(()) => true,
                Err(TryLockError::WouldBlock) => false,
                Err(TryLockError::Error(error)) => return Err(error),
            };
            if self.place()?.stands() {
                return if taken { self.file.set_len(0).map(|()| true) } else { Ok(false) };
            }
            self.file = open(&self.path)?;
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
        self.file.rewind()?;
        self.file.write_all(text.as_bytes())
    }

    /// Who holds it; `None` while the holder has not written that down.
    pub fn holder<H: DeserializeOwned>(&mut self) -> Option<H> {
        let mut text = String::new();
        self.file.rewind().and_then(|()| self.file.read_to_string(&mut text)).ok()?;
        serde_json::from_str(&text).ok()
    }
}

/// Opens a lock file. A pipe or a folder in its place is none.
fn open(path: &Path) -> io::Result<File> {
    if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file() && !found.is_symlink()) {
        return Err(io::Error::other("it is not a regular file"));
    }
    private_file().read(true).write(true).create(true).truncate(false).open(path)
}

/// Whether a process lives. Where there is no `/proc`, every process counts as alive: a stale text
/// can then be read only between another process's lock and its truncation.
#[must_use]
pub fn is_alive(pid: u32) -> bool {
    !Path::new("/proc/self").exists() || Path::new("/proc").join(pid.to_string()).exists()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_that_was_removed_or_moved_is_opened_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.lock");
        let mut first = LockFile::open(&path).unwrap();
        let (mut second, mut third) =
            (LockFile::open(&path).unwrap(), LockFile::open(&path).unwrap());
        assert!(first.try_lock().unwrap() && !second.try_lock().unwrap());
        let place = first.place().unwrap();
        assert!(place.stands());
        fs::rename(&path, folder.path().join("moved")).unwrap();
        assert!(!place.stands(), "who holds it can tell");
        assert!(second.try_lock().unwrap(), "who waits for it takes the one that counts");
        drop(first);
        assert!(!third.try_lock().unwrap(), "the one that was moved is no lock any more");
        fs::remove_file(&path).unwrap();
        assert!(third.try_lock().unwrap());
    }
}
