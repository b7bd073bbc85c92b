//! Looking for the root file.

use std::path::{Path, PathBuf};

use super::ROOT_FILE;

/// The nearest `osem.kdl` in `start` or a folder above it.
#[must_use]
pub fn find(start: &Path) -> Option<PathBuf> {
    let start = std::path::absolute(start).ok()?;
    start.ancestors().map(|folder| folder.join(ROOT_FILE)).find(|file| file.is_file())
}
