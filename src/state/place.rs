//! Whether an open file is still the one that its path leads to.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// An open file and the path by which others find it.
#[derive(Debug, Clone)]
pub struct Place {
    path: PathBuf,
    /// Device and inode; `None` where there are none.
    id: Option<(u64, u64)>,
}

impl Place {
    /// The place of an open file.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn of(file: &File, path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), id: id(&file.metadata()?) })
    }

    /// Whether the path still leads to the file.
    #[must_use]
    pub fn stands(&self) -> bool {
        std::fs::symlink_metadata(&self.path).is_ok_and(|found| id(&found) == self.id)
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "only Unix has both")]
fn id(of: &std::fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((of.dev(), of.ino()))
}

#[cfg(not(unix))]
fn id(_: &std::fs::Metadata) -> Option<(u64, u64)> {
    None
}
