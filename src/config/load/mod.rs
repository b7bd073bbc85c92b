//! Reading the root file and all that belongs to it.

mod files;
mod policies;
mod walk;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use kdl::{KdlDocument, KdlNode};

use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Severity, Span};
use crate::model::{KindCatalog, KindDecl};
use crate::syntax::schema::Context;
use crate::syntax::{check_duplicates, limit, parse};

use super::decode::{Declared, TASKS_DIR};
use super::resolve;
use super::variables::{Given, NO_VALUE, Variables};
use super::{Config, check};

use files::{Files, Found};

/// Reads a root file, what it includes and what its `tasks-dir` holds, and checks everything.
///
/// # Errors
/// All problems of all files together, at most [`crate::syntax::MOST_PROBLEMS`] a file in full.
pub fn load(file: &Path, catalog: &KindCatalog) -> Result<Config, Diagnostics> {
    load_with(file, catalog, &Given::default())
}

/// As [`load`], with values for variables. What depends on one that has none is not checked.
///
/// # Errors
/// As [`load`], and values that cannot be read.
pub fn load_with(file: &Path, catalog: &KindCatalog, given: &Given) -> Result<Config, Diagnostics> {
    load_as_if(file, catalog, given, &Unwritten::default())
}

/// Files that are not written, and count as if they were.
#[derive(Debug, Clone, Default)]
pub struct Unwritten {
    /// Files that the project includes, with their text.
    pub included: Vec<(PathBuf, String)>,
    /// Other files that they name: policies.
    pub named: Vec<(PathBuf, String)>,
}

/// As [`load_with`], as if some more files were there already.
///
/// # Errors
/// As [`load_with`].
pub fn load_as_if(
    file: &Path,
    catalog: &KindCatalog,
    given: &Given,
    unwritten: &Unwritten,
) -> Result<Config, Diagnostics> {
    let mut loader = Loader {
        files: Files::new(file),
        declared: Declared::default(),
        problems: Vec::new(),
        broken: false,
    };
    if let Some(root) = loader.read(file, Asked::Root) {
        loader.parse(root, Context::Root);
        loader.included();
        loader.tasks_dir();
        loader.unwritten(unwritten);
        loader.project(root);
    }
    loader.finish(catalog, given)
}

fn edition_first(file: FileId, document: &KdlDocument) -> Option<Diagnostic> {
    let first = document.nodes().first().map(KdlNode::name);
    if first.is_some_and(|name| name.value() == "osem") {
        return None;
    }
    let (start, length) = first.map_or((0, 0), |name| (name.span().offset(), name.span().len()));
    let message = "the first node of the root file must be `osem 1`";
    let problem = Diagnostic::error("osem::missing", message);
    let problem = problem.label(Span { file, start, end: start + length }, "");
    Some(problem.help("add a first line: osem 1"))
}

/// Why a path is read.
#[derive(Clone, Copy)]
enum Asked {
    /// It is the root file.
    Root,
    /// It is the folder of tasks, maybe named by `tasks-dir`.
    TasksDir(Option<Span>),
    /// It is in the folder of tasks.
    InTasksDir(Option<Span>),
    /// It matches an `include`.
    Include(Span),
}

impl Asked {
    /// Where the configuration asks for it.
    const fn place(self) -> Option<Span> {
        match self {
            Self::Root => None,
            Self::TasksDir(place) | Self::InTasksDir(place) => place,
            Self::Include(place) => Some(place),
        }
    }

    /// What to do when it cannot be read.
    const fn help(self) -> &'static str {
        match self {
            Self::Root => "name a root file that can be read: osem -c path/to/osem.kdl",
            Self::TasksDir(Some(_)) => "make it a folder that can be read, or correct `tasks-dir`",
            Self::TasksDir(None) => {
                "tasks are read from this folder: make it one that can be read, remove it, or \
                 name another one with `tasks-dir`"
            }
            Self::InTasksDir(_) => {
                "every *.kdl of this folder is read: make it a file that can be read, rename it or \
                 remove it"
            }
            Self::Include(_) => {
                "everything that matches is read: make it one that can be read, or narrow the \
                 pattern"
            }
        }
    }
}

struct Loader {
    files: Files,
    declared: Declared,
    problems: Vec<Diagnostic>,
    /// Whether a file could not be read or parsed, so that anything might be declared in it.
    broken: bool,
}

impl Loader {
    /// Reads a file that was not read before.
    fn read(&mut self, file: &Path, asked: Asked) -> Option<FileId> {
        match self.files.read(file) {
            Ok(file) => file,
            Err(problem) => {
                self.failed(problem, asked);
                None
            }
        }
    }

    /// Reports what could not be read.
    fn failed(&mut self, problem: Diagnostic, asked: Asked) {
        let problem = match asked.place() {
            Some(place) => problem.label(place, "asked for here"),
            None => problem,
        };
        let has_help = problem.help.is_some() || problem.code != "osem::file";
        let problem = if has_help { problem } else { problem.help(asked.help()) };
        self.problems.push(problem);
        self.broken = true;
    }

    fn parse(&mut self, file: FileId, context: Context) {
        let text = self.files.sources.file(file).text.clone();
        let document = match parse(file, &text) {
            Ok(document) => document,
            Err(problems) => {
                self.problems.extend(problems);
                self.broken = true;
                return;
            }
        };
        self.problems.extend(check_duplicates(file, &document, context));
        for node in document.nodes() {
            self.problems.extend(self.declared.add(file, node, context));
        }
        if context == Context::Root {
            self.problems.extend(edition_first(file, &document));
        }
    }

    fn included(&mut self) {
        for include in std::mem::take(&mut self.declared.includes) {
            let place = include.glob.span;
            let Found { paths, problems } = self.files.matching(&include.glob.value);
            if paths.is_empty() && problems.is_empty() && !include.optional {
                let message = format!("`{}` matches no file", include.glob.value);
                let problem = Diagnostic::error("osem::file", message).label(place, "");
                self.problems.push(problem.help("if that is fine, add optional=#true"));
            }
            self.read_all(Found { paths, problems }, Asked::Include(place));
        }
    }

    fn tasks_dir(&mut self) {
        let project = self.declared.project.as_ref();
        let folder = project.map_or_else(|| TASKS_DIR.into(), |project| project.tasks_dir.clone());
        let declared = self.declared.tasks_dir;
        match self.files.in_folder(&folder, declared.is_some()) {
            Ok(found) => self.read_all(found, Asked::InTasksDir(declared)),
            Err(problem) => self.failed(problem, Asked::TasksDir(declared)),
        }
    }

    fn read_all(&mut self, found: Found, asked: Asked) {
        for problem in found.problems {
            self.failed(problem, asked);
        }
        for path in found.paths {
            if let Some(file) = self.read(&path, asked) {
                self.parse(file, Context::Included);
            }
        }
    }

    fn unwritten(&mut self, unwritten: &Unwritten) {
        for (path, text) in &unwritten.named {
            self.files.imagine(path, text);
        }
        for (path, text) in &unwritten.included {
            let file = self.files.imagined(path, text);
            self.parse(file, Context::Included);
        }
    }

    fn project(&mut self, root: FileId) {
        if !self.declared.has_project && !self.broken {
            let end = self.files.sources.file(root).text.len().min(1);
            let problem = Diagnostic::error("osem::missing", "no `project` in the root file")
                .label(Span { file: root, start: 0, end }, "");
            self.problems.push(problem.help("add: project my-project"));
        }
    }

    fn finish(mut self, catalog: &KindCatalog, given: &Given) -> Result<Config, Diagnostics> {
        let mut problems = self.problems;
        problems.extend(policies::read(&mut self.declared, &mut self.files));
        let declared = self.declared.kinds.iter().map(KindDecl::spec);
        let all = &catalog.with(declared);
        let checked = check::check(&self.declared, catalog, all).into_iter();
        // What a broken file declares is unknown: names would seem missing that are not.
        let about_absence = ["osem::unknown-name", "osem::missing"];
        let spurious = |found: &Diagnostic| self.broken && about_absence.contains(&found.code);
        problems.extend(checked.filter(|found| !spurious(found)));
        let declared = self.declared;
        let sources = self.files.sources;
        let (variables, unreadable) = Variables::resolve(declared.variables, given);
        problems.extend(unreadable);
        let config = declared.project.map(|project| Config {
            sources: sources.clone(),
            root: self.files.root,
            project,
            defaults: declared.defaults,
            environments: declared.environments,
            tables: declared.tables,
            tasks: declared.tasks,
            pools: declared.pools,
            variables,
            kinds: declared.kinds,
            warnings: Vec::new(),
        });
        if let Some(config) = &config {
            let found = resolve::check(config).into_iter();
            problems.extend(found.filter(|problem| problem.code != NO_VALUE));
            problems.extend(check::check_paths(config, all));
        }
        // Each environment finds the same problems of a table again.
        let mut seen = HashSet::new();
        problems.retain(|problem| seen.insert(format!("{problem:?}")));
        problems.sort_by_key(Diagnostic::span);
        let list = limit(problems);
        match config {
            Some(mut config) if list.iter().all(|found| found.severity == Severity::Warning) => {
                config.warnings = list;
                Ok(config)
            }
            _ => Err(Diagnostics { sources, list }),
        }
    }
}
