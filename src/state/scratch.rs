//! A folder of one process, for what must not outlive it.
//!
//! It holds a file that its process has locked for as long as it lives. So another process can tell
//! the folder of one that was killed, by the kernel's word alone, and removes it.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tempfile::TempDir;

use super::{Place, create_folder, private_file};

/// How the folders are named: others of this name may be removed at any time.
const PREFIX: &str = "osem-scratch-";
/// The file that its process has locked.
const LOCK: &str = "lock";
/// How often one is made anew that another process took for the folder of a dead one.
const ATTEMPTS: u32 = 10;

/// A folder for its owner alone, made when it is asked for first, removed when the last of these is
/// dropped.
#[derive(Debug, Clone, Default)]
pub struct Scratch(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The folder above it; `None` for that of temporary files.
    parent: Option<PathBuf>,
    made: Mutex<Option<Made>>,
}

#[derive(Debug)]
struct Made {
    /// Before the lock, so that it is gone when that is free.
    folder: TempDir,
    _lock: File,
}

impl Scratch {
    /// One in a folder of osem's own, which is made too. Else it is among the temporary files.
    #[must_use]
    pub fn in_folder(parent: &Path) -> Self {
        Self(Arc::new(Inner { parent: Some(parent.to_owned()), made: Mutex::default() }))
    }

    /// The folder, which is there from now on.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn folder(&self) -> io::Result<PathBuf> {
        let mut made = self.0.made.lock().unwrap_or_else(PoisonError::into_inner);
        let made = match &mut *made {
            Some(made) => made,
            none => none.insert(self.0.make()?),
        };
        Ok(made.folder.path().to_owned())
    }

    /// Removes the folder now; it is made again when it is asked for.
    pub fn remove(&self) {
        self.0.remove();
    }
}

impl Inner {
    fn make(&self) -> io::Result<Made> {
        let mut last = io::Error::other("others remove it");
        for _ in 0..ATTEMPTS {
            let made = match &self.parent {
                Some(parent) => create_folder(parent).and_then(|()| made_in(parent)),
                None => made_in(&temporary()),
            };
            match made {
                Ok(Some(made)) => return Ok(made),
                Ok(None) => {}
                // Another process may have removed the folder above, which was empty.
                Err(error) if error.kind() == io::ErrorKind::NotFound => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    fn remove(&self) {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner).take();
        if made.is_some() {
            drop(made);
            remove_empty(self.parent.as_deref());
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.remove();
    }
}

/// The folder of temporary files. A TMPDIR of nothing names none, and not the folder that this process
/// happens to be in.
fn temporary() -> PathBuf {
    let named = std::env::temp_dir();
    if named.as_os_str().is_empty() { PathBuf::from("/tmp") } else { named }
}

/// A new folder, locked; `None` where another process had it before it was.
fn made_in(parent: &Path) -> io::Result<Option<Made>> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let folder = builder.tempdir_in(parent)?;
    let path = folder.path().join(LOCK);
    let lock = private_file().write(true).create_new(true).open(&path)?;
    lock.lock()?;
    let stands = Place::of(&lock, &path)?.stands();
    Ok(stands.then_some(Made { folder, _lock: lock }))
}

/// A folder above that has nothing in it any more is in the way of nobody, and of no use.
fn remove_empty(parent: Option<&Path>) {
    if let Some(parent) = parent {
        let _ = fs::remove_dir(parent);
    }
}

/// The folder of a process that was killed. Nobody else takes it as long as this is there.
#[derive(Debug)]
pub struct Abandoned {
    folder: PathBuf,
    /// The folder above it, where that is osem's own.
    parent: Option<PathBuf>,
    _lock: File,
}

impl Abandoned {
    /// All of them in a folder; `None` for that of temporary files. Those that are not this user's
    /// are left alone.
    #[must_use]
    pub fn all(parent: Option<&Path>) -> Vec<Self> {
        let folder = parent.map_or_else(temporary, Path::to_owned);
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let named = entries.filter(|entry| {
            entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX))
        });
        let found = named.filter_map(|entry| Self::of(entry.path(), parent)).collect::<Vec<_>>();
        if found.is_empty() {
            remove_empty(parent);
        }
        found
    }

    fn of(folder: PathBuf, parent: Option<&Path>) -> Option<Self> {
        // What another user made could name any process and any file.
        let own = fs::symlink_metadata(&folder).is_ok_and(|about| about.is_dir() && is_own(&about));
        if !own {
            return None;
        }
        let Ok(lock) = private_file().write(true).open(folder.join(LOCK)) else {
            // Killed before it had a lock; one that is about to get it is made anew.
            let _ = fs::remove_dir(&folder);
            return None;
        };
        lock.try_lock().ok()?;
        Some(Self { folder, parent: parent.map(Path::to_owned), _lock: lock })
    }

    /// The names of the files in it.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().into_string().ok())
    }

    /// Removes it with all that is in it.
    pub fn remove(self) {
        // What cannot be removed now is found again.
        let _ = fs::remove_dir_all(&self.folder);
        remove_empty(self.parent.as_deref());
    }
}

#[cfg(unix)]
fn is_own(about: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    about.uid() == rustix::process::geteuid().as_raw() && about.mode() & 0o777 == 0o700
}

#[cfg(not(unix))]
fn is_own(_: &Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn entries(folder: &Path) -> usize {
        fs::read_dir(folder).map_or(0, Iterator::count)
    }

    /// What a process leaves that is killed.
    fn left_in(parent: &Path) -> PathBuf {
        create_folder(parent).unwrap();
        let Made { folder, .. } = made_in(parent).unwrap().unwrap();
        folder.keep()
    }

    #[test]
    fn it_is_made_when_it_is_asked_for_and_gone_with_the_last_of_its_holders() {
        let above = tempfile::tempdir().unwrap();
        let parent = above.path().join("scratch");
        let scratch = Scratch::in_folder(&parent);
        assert!(!parent.exists());
        let folder = scratch.folder().unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(scratch.folder().unwrap(), folder);
        fs::write(folder.join("text"), "text").unwrap();
        let other = scratch.clone();
        drop(scratch);
        assert!(folder.join("text").exists());
        drop(other);
        assert!(!parent.exists());
    }

    #[test]
    fn the_folder_of_a_living_process_is_left_alone_and_that_of_a_dead_one_is_found_once() {
        let above = tempfile::tempdir().unwrap();
        let parent = above.path().join("scratch");
        let scratch = Scratch::in_folder(&parent);
        let living = scratch.folder().unwrap();
        let dead = left_in(&parent);
        fs::write(dead.join("child-1-2"), "").unwrap();
        let mut found = Abandoned::all(Some(&parent));
        assert_eq!(found.len(), 1);
        assert!(Abandoned::all(Some(&parent)).is_empty(), "somebody else clears it already");
        let found = found.remove(0);
        assert!(found.names().any(|name| name == "child-1-2"));
        found.remove();
        assert!(living.exists() && !dead.exists());
        assert_eq!(entries(&parent), 1);
    }

    #[test]
    fn what_was_killed_before_it_had_a_lock_is_removed_and_what_others_can_write_is_not_looked_at()
    {
        let above = tempfile::tempdir().unwrap();
        let empty = above.path().join("osem-scratch-empty");
        create_folder(&empty).unwrap();
        let open = left_in(above.path());
        fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
        std::os::unix::fs::symlink(left_in(above.path()), above.path().join("osem-scratch-link"))
            .unwrap();
        let found = Abandoned::all(Some(above.path()));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(!empty.exists() && open.exists());
    }

    #[test]
    fn one_that_was_removed_is_made_anew() {
        let above = tempfile::tempdir().unwrap();
        let scratch = Scratch::in_folder(&above.path().join("scratch"));
        let first = scratch.folder().unwrap();
        scratch.remove();
        assert!(!first.exists());
        assert!(scratch.folder().unwrap().exists());
    }
}
