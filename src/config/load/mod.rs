//! Reading the root file and all that belongs to it.

mod files;

use std::collections::HashSet;
use std::path::Path;

use kdl::{KdlDocument, KdlNode};

use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Severity, Span};
use crate::model::KindCatalog;
use crate::syntax::schema::Context;
use crate::syntax::{check_duplicates, limit, parse};

use super::decode::Declared;
use super::resolve;
use super::{Config, check};

use files::Files;

/// Reads a root file, what it includes and what its `tasks-dir` holds, and checks everything.
///
/// # Errors
/// All problems of all files together, at most [`crate::syntax::MOST_PROBLEMS`] a file in full.
pub fn load(file: &Path, catalog: &KindCatalog) -> Result<Config, Diagnostics> {
    let mut loader = Loader {
        files: Files::new(file),
        declared: Declared::default(),
        problems: Vec::new(),
        broken: false,
    };
    if let Some(root) = loader.read(file, None) {
        loader.parse(root, Context::Root);
        loader.included();
        loader.tasks_dir();
        loader.project(root);
    }
    loader.finish(catalog)
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

struct Loader {
    files: Files,
    declared: Declared,
    problems: Vec<Diagnostic>,
    /// Whether a file could not be read or parsed, so that anything might be declared in it.
    broken: bool,
}

impl Loader {
    /// Reads a file that was not read before; `place` is where the configuration asks for it.
    fn read(&mut self, file: &Path, place: Option<Span>) -> Option<FileId> {
        match self.files.read(file) {
            Ok(file) => file,
            Err(problem) => {
                self.problems.push(match place {
                    Some(place) => problem.label(place, "asked for here"),
                    None => problem,
                });
                self.broken = true;
                None
            }
        }
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
            match self.files.matching(&include.glob.value) {
                Ok(found) if found.is_empty() && !include.optional => {
                    let message = format!("`{}` matches no file", include.glob.value);
                    let problem = Diagnostic::error("osem::file", message).label(place, "");
                    self.problems.push(problem.help("if that is fine, add optional=#true"));
                }
                Ok(found) => {
                    for file in found {
                        self.read_included(&file, Some(place));
                    }
                }
                Err(message) => {
                    self.problems.push(Diagnostic::error("osem::file", message).label(place, ""));
                }
            }
        }
    }

    fn tasks_dir(&mut self) {
        let project = self.declared.project.as_ref();
        let folder = project.map_or_else(|| "tasks".into(), |project| project.tasks_dir.clone());
        for file in self.files.in_folder(&folder) {
            self.read_included(&file, None);
        }
    }

    fn read_included(&mut self, file: &Path, place: Option<Span>) {
        if let Some(file) = self.read(file, place) {
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

    fn finish(self, catalog: &KindCatalog) -> Result<Config, Diagnostics> {
        let mut problems = self.problems;
        let checked = check::check(&self.declared, catalog).into_iter();
        // What a broken file declares is unknown: names would seem missing that are not.
        let about_absence = ["osem::unknown-name", "osem::missing"];
        let spurious = |found: &Diagnostic| self.broken && about_absence.contains(&found.code);
        problems.extend(checked.filter(|found| !spurious(found)));
        let declared = self.declared;
        let sources = self.files.sources;
        let config = declared.project.map(|project| Config {
            sources: sources.clone(),
            root: self.files.root,
            project,
            defaults: declared.defaults,
            environments: declared.environments,
            tables: declared.tables,
            tasks: declared.tasks,
            warnings: Vec::new(),
        });
        if let Some(config) = &config {
            problems.extend(resolve::check(config));
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
