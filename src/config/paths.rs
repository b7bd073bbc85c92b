//! Paths that are written in files.

use std::path::{Component, Path, PathBuf};

use crate::diagnostic::FileId;

use super::Config;

impl Config {
    /// A path as written in a file: relative to that file's folder. Given relative to the project's
    /// folder where it is in there, else absolute; `..` is resolved as it is written, whatever is a
    /// symbolic link.
    #[must_use]
    pub fn path_in(&self, file: FileId, text: &str) -> PathBuf {
        let name = Path::new(&self.sources.file(file).name);
        let declaring = std::path::absolute(name).unwrap_or_else(|_| name.to_owned());
        let folder = declaring.parent().unwrap_or(&self.root);
        let root = plain(&self.root);
        let path = plain(&folder.join(text));
        path.strip_prefix(&root).map(Path::to_owned).unwrap_or(path)
    }
}

/// The path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut plain, part| {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
        plain
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_resolved_as_written() {
        assert_eq!(plain(Path::new("/a/tasks/../fixtures/./b")), Path::new("/a/fixtures/b"));
        assert_eq!(plain(Path::new("/../a")), Path::new("/a"));
    }
}
