//! The files of a project: which they are, and their text.

use std::collections::HashSet;
use std::fmt::Display;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, FileId, Sources, Span};

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
}

impl Files {
    pub(super) fn new(root_file: &Path) -> Self {
        let absolute = std::path::absolute(root_file).unwrap_or_else(|_| root_file.to_owned());
        Self {
            sources: Sources::default(),
            root: absolute.parent().map(Path::to_owned).unwrap_or_default(),
            working_directory: std::env::current_dir().unwrap_or_default(),
            read: HashSet::new(),
        }
    }

    /// Reads a file; `None` when it was read before.
    pub(super) fn read(&mut self, file: &Path) -> Result<Option<FileId>, Diagnostic> {
        let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let name = self.shown(&absolute);
        let failed = |why: &dyn Display| {
            Diagnostic::error("osem::file", format!("cannot read {name}: {why}"))
        };
        let canonical = absolute.canonicalize().map_err(|error| failed(&error))?;
        if !self.read.insert(canonical) {
            return Ok(None);
        }
        if self.read.len() > MOST_FILES {
            return Err(failed(&format!("a project has at most {MOST_FILES} files")));
        }
        // Devices and pipes may never end; only plain files are read.
        if !absolute.is_file() {
            return Err(failed(&"not a file"));
        }
        let mut bytes = Vec::new();
        let file = File::open(&absolute).map_err(|error| failed(&error))?;
        file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
        self.add(name, bytes).map(Some)
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
        relative.unwrap_or(absolute).display().to_string()
    }

    /// The files that a glob matches, relative to the root file's folder, sorted.
    pub(super) fn matching(&self, glob: &str) -> Result<Vec<PathBuf>, String> {
        let folder = glob::Pattern::escape(&self.root.to_string_lossy());
        let pattern =
            if glob.starts_with('/') { glob.to_owned() } else { format!("{folder}/{glob}") };
        let paths = glob::glob(&pattern).map_err(|error| format!("`{glob}`: {}", error.msg))?;
        let files = paths.filter_map(Result::ok).filter(|path| path.is_file());
        Ok(files.take(MOST_FILES + 1).collect())
    }

    /// The `*.kdl` files of a folder, relative to the root file's folder, sorted.
    pub(super) fn in_folder(&self, folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.root.join(folder)).into_iter().flatten();
        let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
        let is_kdl = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "kdl");
        let mut found: Vec<_> = paths.filter(is_kdl).filter(|path| path.is_file()).collect();
        found.sort();
        found
    }
}
