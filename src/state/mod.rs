//! Files below the state directory: nobody but their owner may read them, and a link in the place
//! of one is refused, so that osem never writes to where somebody else points.

mod key;
mod lock_file;
mod place;
mod scratch;

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::Path;

use crate::model::{ErrorCode, Failure};

pub use key::Key;
pub use lock_file::{LockFile, is_alive};
pub use place::Place;
pub use scratch::{Abandoned, Scratch};

/// Makes a folder and those above it, for the owner alone.
///
/// # Errors
/// Whatever the system says, and a link in the folder's place.
pub fn create_folder(path: &Path) -> io::Result<()> {
    refuse_link(path)?;
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Options under which a new file is for its owner alone.
#[must_use]
pub fn private_file() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has modes"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Refuses a link.
///
/// # Errors
/// Where the path itself is one.
pub fn refuse_link(path: &Path) -> io::Result<()> {
    if path.is_symlink() {
        return Err(io::Error::other("it is a symbolic link"));
    }
    Ok(())
}

/// A file or folder that cannot be written: `STATE_UNWRITABLE`, with its remedy.
#[must_use]
pub fn unwritable(message: impl Into<String>, path: &Path, source: &io::Error) -> Failure {
    let no_folder =
        matches!(source.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory);
    let in_the_way = path.ancestors().find(|path| path.is_file()).filter(|_| no_folder);
    let fix = match in_the_way {
        Some(file) => {
            format!("{} is a file where a folder is needed: move it away", file.display())
        }
        None if path.is_symlink() => "remove the link; osem makes its own in its place".to_owned(),
        None => match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "make room, or name another folder with --state-dir; then run again".to_owned()
            }
            io::ErrorKind::ReadOnlyFilesystem => {
                "name a folder that can be written with --state-dir".to_owned()
            }
            _ => "make the folder writable".to_owned(),
        },
    };
    Failure::new(ErrorCode::StateUnwritable, message).fix(fix)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn folders_are_for_their_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b");
        create_folder(&path).unwrap();
        for made in [folder.path().join("a"), path] {
            assert_eq!(fs::metadata(made).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn a_full_disk_is_told_from_a_folder_that_may_not_be_written() {
        let folder = tempfile::tempdir().unwrap();
        for (kind, fix) in [
            (io::ErrorKind::StorageFull, "make room, or name another folder with --state-dir"),
            (io::ErrorKind::ReadOnlyFilesystem, "name a folder that can be written"),
            (io::ErrorKind::PermissionDenied, "make the folder writable"),
        ] {
            let failure = unwritable("failed", folder.path(), &kind.into());
            assert!(failure.remediation.unwrap().starts_with(fix), "{kind:?}");
        }
    }

    #[test]
    fn a_link_in_the_place_of_a_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (there, link) = (folder.path().join("there"), folder.path().join("link"));
        fs::create_dir(&there).unwrap();
        symlink(&there, &link).unwrap();
        let error = create_folder(&link).unwrap_err();
        let failure = unwritable(error.to_string(), &link, &error);
        assert_eq!(failure.message, "it is a symbolic link");
        assert_eq!(
            failure.remediation.unwrap(),
            "remove the link; osem makes its own in its place"
        );
    }
}
