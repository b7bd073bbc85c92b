//! The text of tables, and the proof that it means them.
//!
//! A text counts only when the files of the project are read together with it, without being
//! written, and the comparison of the tables that it declares with the live ones finds nothing.
//! What is found all the same is said above the table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use crate::cli::args::GlobalArgs;
use crate::cli::project;
use crate::config::{Given, Unwritten};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::model::TableSpec;
use crate::step::{Registry, SeenTable};
use crate::syntax::write::comment;
use crate::table::{self, Declaration, Found, compare_tags};

use super::Named;
use super::files::MOST_BYTES;

/// A table with the node that is to declare it.
pub(in crate::cli) struct Draft {
    pub(in crate::cli) named: Named,
    pub(in crate::cli) seen: SeenTable,
    pub(in crate::cli) declaration: Declaration,
    /// The file that its policy is written to, as the node names it.
    pub(in crate::cli) policy_file: String,
}

/// A table whose text was tried.
pub(in crate::cli) struct Proved {
    pub(in crate::cli) named: Named,
    /// The node with the remarks above it; all of it in comments where the project does not take it.
    pub(in crate::cli) text: String,
    /// Whether there is a node.
    pub(in crate::cli) is_declared: bool,
    /// The policy, and the file that the node names.
    pub(in crate::cli) policy: Option<(String, String)>,
    /// What the node does not say, or cannot.
    pub(in crate::cli) not_expressed: Vec<String>,
    /// Whether its capacity is written as it is now.
    pub(in crate::cli) is_provisioned: bool,
}

/// What the files are read with.
pub(in crate::cli) struct Proof<'a> {
    pub(in crate::cli) args: &'a GlobalArgs,
    pub(in crate::cli) registry: &'a Registry,
    pub(in crate::cli) given: &'a Given,
    pub(in crate::cli) environment: &'a str,
    pub(in crate::cli) region: &'a str,
    /// `OSEM_DB_PREFIX`.
    pub(in crate::cli) db_prefix: Option<&'a str>,
    /// The file that the text counts as.
    pub(in crate::cli) file: PathBuf,
}

impl Proof<'_> {
    /// Tries all texts together.
    ///
    /// # Errors
    /// What the project does not take when it takes each table by itself.
    pub(in crate::cli) fn prove(&self, drafts: Vec<Draft>) -> Result<Vec<Proved>, Diagnostics> {
        let mut refused = BTreeMap::new();
        self.refused(&drafts.iter().collect::<Vec<_>>(), &mut refused);
        let taken = |draft: &&Draft| !refused.contains_key(draft.named.name.as_str());
        let specs = self.load(&drafts.iter().filter(taken).collect::<Vec<_>>())?;
        let proved = drafts.into_iter().map(|draft| {
            let spec = specs.iter().find(|spec| spec.name == draft.named.name);
            match (refused.remove(draft.named.name.as_str()), spec) {
                (None, Some(spec)) => draft.compared(spec),
                (Some(why), _) => draft.refused(&why),
                (None, None) => draft.refused("it would be another table there"),
            }
        });
        Ok(proved.collect())
    }

    /// Finds the tables that the project does not take, by their names, with the reason.
    fn refused(&self, drafts: &[&Draft], found: &mut BTreeMap<String, String>) {
        let Err(problems) = self.load(drafts) else { return };
        match drafts {
            [] => {}
            [one] => drop(found.insert(one.named.name.to_string(), reason(&problems.list))),
            several => {
                let (first, second) = several.split_at(several.len() / 2);
                self.refused(first, found);
                self.refused(second, found);
            }
        }
    }

    /// The tables of the environment, as the files declare them with these.
    fn load(&self, drafts: &[&Draft]) -> Result<Vec<TableSpec>, Diagnostics> {
        let unwritten = self.unwritten(drafts);
        let config = project::load_as_if(self.args, self.registry, self.given, &unwritten)?;
        let Some(environment) = config.environment(self.environment) else {
            // The files are read anew for each look.
            let message = format!("environment `{}` is not there any more", self.environment);
            let gone = Diagnostic::error("osem::unknown-name", message)
                .help("the files were changed meanwhile: run again");
            return Err(Diagnostics { sources: config.sources, list: vec![gone] });
        };
        let specs = config.tables_in(environment, self.region, self.db_prefix);
        specs.map_err(|list| Diagnostics { sources: config.sources, list })
    }

    /// As one file, or as many as the limit on files makes of it.
    fn unwritten(&self, drafts: &[&Draft]) -> Unwritten {
        let mut unwritten = Unwritten::default();
        for draft in drafts {
            let node = &draft.declaration.text;
            match unwritten.included.last_mut() {
                Some((_, text)) if text.len() + node.len() <= MOST_BYTES => text.push_str(node),
                _ => unwritten.included.push((self.file.clone(), node.clone())),
            }
            if let Some(policy) = &draft.declaration.policy {
                let folder = self.file.parent().map(PathBuf::from).unwrap_or_default();
                unwritten.named.push((folder.join(&draft.policy_file), policy.clone()));
            }
        }
        unwritten
    }
}

/// The first error, on one line.
fn reason(problems: &[Diagnostic]) -> String {
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
    let told = |problem: &Diagnostic| match &problem.help {
        Some(help) => format!("{} ({help})", problem.message),
        None => problem.message.clone(),
    };
    errors.map(told).next().unwrap_or_default()
}

impl Draft {
    fn refused(self, why: &str) -> Proved {
        let why = format!("the project does not take it: {why}");
        let name = self.named.name.as_str();
        let mut text = format!("{}\n", comment(&format!("{name} is not declared here: {why}")));
        for line in self.declaration.text.lines() {
            let _ = writeln!(text, "// {line}");
        }
        let mut not_expressed = self.declaration.left_out;
        not_expressed.insert(0, why);
        Proved {
            named: self.named,
            text,
            is_declared: false,
            policy: None,
            not_expressed,
            is_provisioned: false,
        }
    }

    /// The node, with what still differs.
    fn compared(self, spec: &TableSpec) -> Proved {
        let mut not_expressed = self.declaration.left_out;
        let unread =
            |(what, why): &(String, String)| format!("its {what}, which could not be read: {why}");
        not_expressed.extend(self.seen.unreadable.iter().map(unread));
        let found = Found {
            state: &self.seen.state,
            features: &self.seen.features,
            tags: self.seen.tags.as_ref(),
        };
        not_expressed.extend(differences(spec, found));
        if self.seen.state.status != "ACTIVE" {
            not_expressed.push(format!("what was changing: it was {}", self.seen.state.status));
        }
        let mut text = String::new();
        for what in &not_expressed {
            text.push_str(&comment(&format!("not said here: {what}")));
            text.push('\n');
        }
        text.push_str(&self.declaration.text);
        Proved {
            named: self.named,
            text,
            is_declared: true,
            policy: self.declaration.policy.map(|policy| (self.policy_file, policy)),
            not_expressed,
            is_provisioned: !self.seen.state.pay_per_request,
        }
    }
}

/// What a plan would still find.
fn differences(spec: &TableSpec, found: Found<'_>) -> Vec<String> {
    let diff = table::diff(spec, found.state, found.features);
    let changes = diff.changes.iter().map(|change| {
        format!("a plan changes it: {}", change.details.first().unwrap_or(&change.reason))
    });
    let obstacles = diff.obstacles.iter().map(|obstacle| obstacle.issue.message.clone());
    let tags = found.tags.map(|tags| compare_tags(spec, tags)).unwrap_or_default();
    let tags = tags.into_iter().map(|issue| format!("a plan changes it: {}", issue.message));
    changes.chain(obstacles).chain(tags).collect()
}
