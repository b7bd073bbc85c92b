//! A folder with a configuration.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tempfile::TempDir;

use super::Run;

/// The records of a run by its folder, less one that is being written.
#[track_caller]
pub(crate) fn records(run: &Path) -> Vec<Value> {
    let text = fs::read_to_string(run.join("events.ndjson")).unwrap();
    let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    whole.map(|line| serde_json::from_str(line).unwrap()).collect()
}

const SETUP: &str = "\
    task setup {\n\
        for-each table {\n\
            on-failure keep-going\n\
            step create-table\n\
            step wait-active { timeout \"10m\"; }\n\
            step update-table { timeout \"30m\"; }\n\
            step verify\n\
            step tag\n\
        }\n\
    }\n\
    task verify { for-each table { on-failure keep-going; step verify; }; }\n";

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

    /// These lines and tables, with tasks that set all of them up and verify them, and two policies
    /// that tables can name: `one.json` and `two.json`.
    pub(crate) fn of_tables(head: &str, tables: &str) -> Self {
        let policy = |effect: &str| {
            format!(
                "{{ \"Version\": \"2012-10-17\",\n  \"Statement\": [{{ \"Effect\": \"{effect}\", \
                 \"Action\": \"dynamodb:GetItem\", \"Principal\": \"*\", \"Resource\": \"*\" }}] }}"
            )
        };
        let project = Self::of(format!("osem 1\n{head}{SETUP}{tables}"));
        project.file("one.json", policy("Allow")).file("two.json", policy("Deny"))
    }

    /// Environment `local`, which is the emulator, one table, and the rest.
    pub(crate) fn emulated(name: &str, rest: &str) -> Self {
        Self::of(format!(
            "osem 1\n\
             project {name} {{ table-name \"{name}-{{env}}-{{table}}\"; }}\n\
             environment local default=#true {{ region us-east-1; emulator; allow-destroy; }}\n\
             table Users hash=userId\n\
             {rest}"
        ))
    }

    /// A folder without anything.
    pub(crate) fn empty() -> Self {
        let folder = TempDir::with_prefix("osem-test-").unwrap();
        fs::create_dir(folder.path().join("home")).unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
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

    /// The folders of its runs, oldest first.
    pub(crate) fn runs(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path().join(".osem/runs")).into_iter().flatten();
        let mut runs: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        runs.retain(|path| path.is_dir());
        runs.sort();
        runs
    }

    pub(super) fn temporary(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }

    pub(super) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// `osem` with the words of `line` as arguments.
    pub(crate) fn osem(&self, line: &str) -> Run {
        Run::new(self, Arc::clone(&self.folder)).args(line.split_whitespace())
    }
}
