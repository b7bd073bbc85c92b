//! Files that a glob matches.
//!
//! The walk counts every directory entry it looks at and gives up after [`MOST_VISITED`]: `**` in
//! the wrong folder must not take minutes. `**` does not follow symbolic links, which may lead in
//! circles. What is matched need not be a file: whoever reads it says so.

use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use glob::Pattern;

use crate::diagnostic::Diagnostic;

/// Directory entries that the globs of one project may lead through.
pub(super) const MOST_VISITED: usize = 100_000;

/// One component of a glob.
enum Part {
    /// `**`: any folders.
    Folders,
    /// A name without wildcards.
    Name(String),
    /// A name with wildcards.
    Names(Pattern),
}

/// A walk through the folders that a glob names.
pub(super) struct Walk {
    parts: Vec<Part>,
    /// Folders to look at, each with the first part that is still to match.
    todo: Vec<(PathBuf, usize)>,
    /// What matched.
    pub(super) found: Vec<PathBuf>,
    /// What could not be read.
    pub(super) failed: Vec<(PathBuf, io::Error)>,
    /// Directory entries looked at so far.
    pub(super) visited: usize,
}

impl Walk {
    /// Prepares a walk below `root`; `visited` entries were looked at before.
    pub(super) fn new(glob: &str, root: &Path, visited: usize) -> Result<Self, Diagnostic> {
        let parts = parts(glob)?;
        let todo = vec![(root.to_owned(), 0)];
        Ok(Self { parts, todo, found: Vec::new(), failed: Vec::new(), visited })
    }

    /// Whether more was looked at than a project may have.
    pub(super) const fn is_over(&self) -> bool {
        self.visited > MOST_VISITED
    }

    /// Looks for everything that matches.
    pub(super) fn run(&mut self) {
        while let Some((folder, part)) = self.todo.pop() {
            if self.is_over() {
                return;
            }
            if let Part::Name(name) = &self.parts[part] {
                let path = folder.join(name);
                self.visited += 1;
                match path.symlink_metadata() {
                    Ok(_) => self.matched(path, part),
                    Err(error) => self.fail(path, error),
                }
            } else {
                self.entries(folder, part);
            }
        }
    }

    fn entries(&mut self, folder: PathBuf, part: usize) {
        let entries = match folder.read_dir() {
            Ok(entries) => entries,
            Err(error) => return self.fail(folder, error),
        };
        if matches!(self.parts[part], Part::Folders) {
            self.todo.push((folder.clone(), part + 1));
        }
        for entry in entries {
            self.visited += 1;
            if self.is_over() {
                return;
            }
            let entry = match entry {
                Ok(entry) => entry,
                // Reading may fail again and again.
                Err(error) => return self.fail(folder, error),
            };
            match &self.parts[part] {
                Part::Names(pattern) => {
                    let path = entry.path();
                    let name = entry.file_name();
                    if pattern.matches(&name.to_string_lossy()) && !is_editor_lock(&path) {
                        self.matched(path, part);
                    }
                }
                Part::Folders if entry.file_type().is_ok_and(|kind| kind.is_dir()) => {
                    self.todo.push((entry.path(), part));
                }
                Part::Folders | Part::Name(_) => {}
            }
        }
    }

    /// Goes on behind a path that matches a part.
    fn matched(&mut self, path: PathBuf, part: usize) {
        if part + 1 == self.parts.len() {
            self.found.push(path);
            return;
        }
        match path.metadata() {
            Ok(metadata) if metadata.is_dir() => self.todo.push((path, part + 1)),
            Ok(_) => {}
            // Unlike what is only named, this is there: a link that leads nowhere.
            Err(error) => self.failed.push((path, error)),
        }
    }

    /// Notes an error, unless it only says that there is no such thing.
    fn fail(&mut self, path: PathBuf, error: io::Error) {
        if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) {
            self.failed.push((path, error));
        }
    }
}

fn parts(glob: &str) -> Result<Vec<Part>, Diagnostic> {
    let refused = |message: String| Diagnostic::error("osem::file", message);
    let path = Path::new(glob);
    if path.has_root() || path.is_absolute() {
        let message = format!("`{glob}` is an absolute path");
        return Err(refused(message).help("stay inside the project: start at the root file"));
    }
    if path.components().any(|component| component == Component::ParentDir) {
        let message = format!("`{glob}` leads up with `..`");
        return Err(refused(message).help("stay inside the project: start at the root file"));
    }
    let mut parts = Vec::new();
    for name in glob.split('/').filter(|name| !name.is_empty() && *name != ".") {
        let again = name == "**" && matches!(parts.last(), Some(Part::Folders));
        if again {
            continue;
        }
        parts.push(if name == "**" {
            Part::Folders
        } else if name.contains(['*', '?', '[']) {
            let pattern = Pattern::new(name);
            Part::Names(pattern.map_err(|error| refused(format!("`{glob}`: {}", error.msg)))?)
        } else {
            Part::Name(name.to_owned())
        });
    }
    let names_folders = matches!(parts.last(), None | Some(Part::Folders));
    if names_folders || glob.ends_with('/') {
        let help = format!("name files: {}/*.kdl", glob.trim_end_matches('/'));
        return Err(refused(format!("`{glob}` names folders, not files")).help(help));
    }
    Ok(parts)
}

/// Emacs marks a file that is being edited with a link beside it that leads nowhere.
pub(super) fn is_editor_lock(path: &Path) -> bool {
    let is_marked = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".#"));
    is_marked && path.is_symlink()
}
