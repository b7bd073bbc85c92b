//! A folder with a configuration.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::Run;

/// A folder of its own with an `osem.kdl`, gone with the last call in it.
pub(crate) struct Project {
    folder: Arc<TempDir>,
}

impl Project {
    /// The repository's own `osem.kdl`, `tasks/` and `fixtures/`.
    pub(crate) fn new() -> Self {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        let project = Self::empty();
        let text = fs::read_to_string(repository.join("osem.kdl")).unwrap();
        let project = project.file("osem.kdl", text);
        ["tasks", "fixtures"].into_iter().fold(project, |project, folder| {
            let files = fs::read_dir(repository.join(folder)).unwrap();
            files.fold(project, |project, file| {
                let file = file.unwrap();
                let name = format!("{folder}/{}", file.file_name().to_str().unwrap());
                let project = project.file(&name, fs::read(file.path()).unwrap());
                let mode = file.metadata().unwrap().permissions();
                fs::set_permissions(project.path().join(name), mode).unwrap();
                project
            })
        })
    }

    /// The repository's own, with table names that no other test has.
    pub(crate) fn with_prefix(prefix: &str) -> Self {
        Self::new().edit("osem-{env}-{table}", &format!("{prefix}-{{env}}-{{table}}"))
    }

    /// This text as `osem.kdl`.
    pub(crate) fn of(text: impl AsRef<[u8]>) -> Self {
        Self::empty().file("osem.kdl", text)
    }

    /// A folder without anything.
    pub(crate) fn empty() -> Self {
        let folder = TempDir::with_prefix("osem-test-").unwrap();
        fs::create_dir(folder.path().join("home")).unwrap();
        fs::create_dir(folder.path().join("project")).unwrap();
        Self { folder: Arc::new(folder) }
    }

    /// Writes a file below the project's folder.
    pub(crate) fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Replaces a text in `osem.kdl`, where it must be.
    #[track_caller]
    pub(crate) fn edit(self, old: &str, new: &str) -> Self {
        let text = fs::read_to_string(self.path().join("osem.kdl")).unwrap();
        assert!(text.contains(old), "osem.kdl has no {old:?}");
        self.file("osem.kdl", text.replace(old, new))
    }

    /// Writes a file below the home folder.
    pub(crate) fn home_file(self, name: &str, text: &str) -> Self {
        let path = self.home().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// The project's folder.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    pub(super) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// `osem` with the words of `line` as arguments.
    pub(crate) fn osem(&self, line: &str) -> Run {
        Run::new(self, Arc::clone(&self.folder)).args(line.split_whitespace())
    }
}
