//! The files of a project: which they are, and their text.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, FileId, Sources, Span};

use super::walk::{MOST_VISITED, Walk, is_editor_lock};

/// Read at most this much: one byte more than the guard lets pass, which it then refuses.
const MOST_BYTES: u64 = 256 * 1024 + 1;

/// Files of one project.
const MOST_FILES: usize = 1000;

pub(super) struct Files {
    pub(super) sources: Sources,
    /// The folder of the root file.
    pub(super) root: PathBuf,
    working_directory: PathBuf,
    read: HashSet<PathBuf>,
    /// Directory entries that globs led through.
    visited: usize,
    /// Files that count as written, by their absolute paths.
    unwritten: BTreeMap<PathBuf, String>,
}

/// What a folder or glob holds, and what of it cannot be read.
#[derive(Default)]
pub(super) struct Found {
    pub(super) paths: Vec<PathBuf>,
    pub(super) problems: Vec<Diagnostic>,
}

impl Files {
    pub(super) fn new(root_file: &Path) -> Self {
        let absolute = std::path::absolute(root_file).unwrap_or_else(|_| root_file.to_owned());
        Self {
            sources: Sources::default(),
            root: absolute.parent().map(Path::to_owned).unwrap_or_default(),
            working_directory: std::env::current_dir().unwrap_or_default(),
            read: HashSet::new(),
            visited: 0,
            unwritten: BTreeMap::new(),
        }
    }

    /// Takes a file for written that is not.
    pub(super) fn imagine(&mut self, file: &Path, text: &str) {
        let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        self.unwritten.insert(absolute, text.to_owned());
    }

    /// The source of a file of the configuration that is not written.
    pub(super) fn imagined(&mut self, file: &Path, text: &str) -> FileId {
        let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        self.sources.add(self.shown(&absolute), text)
    }

    /// Reads a file; `None` when it was read before.
    pub(super) fn read(&mut self, file: &Path) -> Result<Option<FileId>, Diagnostic> {
        let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let name = self.shown(&absolute);
        // What a person typed is named as it was typed.
        let typed = if file.is_relative() { file.display().to_string() } else { name.clone() };
        let failed = |why: &dyn Display| {
            Diagnostic::error("osem::file", format!("cannot read {typed}: {why}"))
        };
        let canonical = absolute.canonicalize().map_err(|error| failed(&cause(file, &error)))?;
        if !self.read.insert(canonical) {
            return Ok(None);
        }
        if self.read.len() > MOST_FILES {
            let message = format!("a project has at most {MOST_FILES} files");
            let problem = Diagnostic::error("osem::file", message);
            return Err(problem.help("join some of them, or include fewer"));
        }
        let metadata = absolute.metadata().map_err(|error| failed(&error))?;
        if metadata.is_dir() {
            return Err(failed(&"it is a folder, not a file"));
        }
        // Devices and pipes may never end; only plain files are read.
        if !metadata.is_file() {
            return Err(failed(&"it is a pipe, a socket or a device, not a file"));
        }
        let mut bytes = Vec::new();
        let file = File::open(&absolute).map_err(|error| failed(&error))?;
        file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
        self.add(name, bytes).map(Some)
    }

    /// The text of another file than one of the configuration, relative to the folder of the file
    /// that names it.
    pub(super) fn text(&mut self, named_in: FileId, file: &str) -> Result<String, String> {
        let declaring = self.working_directory.join(&self.sources.file(named_in).name);
        let path = declaring.parent().unwrap_or(&self.root).join(file);
        if let Some(text) = self.unwritten.get(&path) {
            return Ok(text.clone());
        }
        let metadata = path.metadata().map_err(|error| cause(&path, &error))?;
        if !metadata.is_file() {
            return Err("it is not a file".to_owned());
        }
        let mut text = String::new();
        let opened = File::open(&path).map_err(|error| error.to_string())?;
        let read = opened.take(MOST_BYTES).read_to_string(&mut text);
        read.map_err(|error| error.to_string())?;
        let name = self.shown(&path);
        self.sources.add(name, text.clone());
        Ok(text)
    }

    fn add(&mut self, name: String, bytes: Vec<u8>) -> Result<FileId, Diagnostic> {
        // The cut may go through a character; the guard refuses the file for its size anyway.
        let too_large = bytes.len() as u64 == MOST_BYTES;
        let error = match String::from_utf8(bytes) {
            Ok(text) => return Ok(self.sources.add(name, text)),
            Err(error) => error,
        };
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        let file = self.sources.add(name, text);
        if too_large {
            return Ok(file);
        }
        let start = error.utf8_error().valid_up_to();
        // In the text that is shown, a replacement character of three bytes stands there.
        let problem = Diagnostic::error("osem::syntax", "the file is not UTF-8 text");
        let problem = problem.label(Span { file, start, end: start + 3 }, "bad byte here");
        Err(problem.help("save it as UTF-8"))
    }

    /// A path relative to the working directory where it is below it.
    fn shown(&self, absolute: &Path) -> String {
        let relative = absolute.strip_prefix(&self.working_directory);
        let relative = relative.ok().filter(|path| !path.as_os_str().is_empty());
        relative.unwrap_or(absolute).display().to_string()
    }

    /// The error for a file or folder that cannot be read.
    fn unreadable(&self, path: &Path, error: &io::Error) -> Diagnostic {
        let message = format!("cannot read {}: {}", self.shown(path), cause(path, error));
        Diagnostic::error("osem::file", message)
    }

    /// What a glob matches, relative to the root file's folder, sorted; files or not.
    pub(super) fn matching(&mut self, glob: &str) -> Found {
        let mut walk = match Walk::new(glob, &self.root, self.visited) {
            Ok(walk) => walk,
            Err(problem) => return Found { paths: Vec::new(), problems: vec![problem] },
        };
        walk.run();
        self.visited = walk.visited;
        let failed = walk.failed.iter();
        let mut problems: Vec<_> =
            failed.map(|(path, error)| self.unreadable(path, error)).collect();
        if walk.is_over() {
            let message = format!("`{glob}` leads through more than {MOST_VISITED} files");
            let problem = Diagnostic::error("osem::file", message);
            problems.push(problem.help("name folders instead of `**`, as in: tables/*.kdl"));
        }
        let mut paths = walk.found;
        paths.sort();
        paths.dedup();
        paths.truncate(MOST_FILES + 1);
        Found { paths, problems }
    }

    /// What is called `*.kdl` in a folder, relative to the root file's folder, sorted; files or
    /// not. A folder that is not there is an error if it is `declared`.
    pub(super) fn in_folder(&self, folder: &Path, declared: bool) -> Result<Found, Diagnostic> {
        let path = self.root.join(folder);
        let is_missing =
            path.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
        if is_missing && !declared {
            return Ok(Found::default());
        }
        let metadata = path.metadata().map_err(|error| self.unreadable(&path, &error))?;
        if !metadata.is_dir() {
            let message = format!("cannot read {}: it is not a folder", self.shown(&path));
            return Err(Diagnostic::error("osem::file", message));
        }
        let entries = path.read_dir().map_err(|error| self.unreadable(&path, &error))?;
        let mut found = Found::default();
        for entry in entries {
            match entry {
                Ok(entry) => found.paths.push(entry.path()),
                // Reading may fail again and again.
                Err(error) => {
                    found.problems.push(self.unreadable(&path, &error));
                    break;
                }
            }
        }
        let is_kdl = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "kdl");
        found.paths.retain(|path| is_kdl(path) && !is_editor_lock(path));
        found.paths.sort();
        found.paths.truncate(MOST_FILES + 1);
        Ok(found)
    }
}

/// Why a path cannot be read; of a symbolic link, where it leads.
fn cause(path: &Path, error: &io::Error) -> String {
    match path.read_link() {
        Ok(target) => format!("it is a symbolic link to {}: {error}", target.display()),
        Err(_) => error.to_string(),
    }
}
