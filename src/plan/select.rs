//! Which steps of a plan run, where not all of them are to; pure.
//!
//! `only` and `from` name steps, `tables` narrows them to chains, the two `with_…` widen what they
//! named, and `skip` takes away from all of that. Patterns are ids (`create-table[Users]`), names
//! without a table, which mean the steps of all tables, or either with `*` and `?`; brackets stand
//! for themselves.

use std::collections::BTreeSet;
use std::fmt;

use glob::Pattern;

use crate::diagnostic::did_you_mean;
use crate::model::StepId;

use super::{Plan, PlannedStep};

/// What to run of a plan. Empty means all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Patterns of steps to run.
    pub only: Vec<String>,
    /// Patterns of steps to run, with everything that comes after them.
    pub from: Vec<String>,
    /// Patterns of steps not to run, whatever else is said.
    pub skip: Vec<String>,
    /// Patterns of declared names of tables: of all steps, only those of their chains.
    pub tables: Vec<String>,
    /// Whether to run what the chosen steps need, too.
    pub with_dependencies: bool,
    /// Whether to run what comes after the chosen steps, too.
    pub with_dependents: bool,
}

/// The flag for which a step does not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOut {
    /// It is not among those of `--only`.
    Only,
    /// It does not come after those of `--from`.
    From,
    /// It is not in the chain of one of the tables.
    Table,
    /// It was taken out by name.
    Skip,
}

impl LeftOut {
    /// The flag as it is typed.
    #[must_use]
    pub const fn flag(self) -> &'static str {
        match self {
            Self::Only => "--only",
            Self::From => "--from",
            Self::Table => "--table",
            Self::Skip => "--skip",
        }
    }
}

/// Why a selection cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelectError {
    /// A pattern that is the id of no step, or the name of no table.
    NoMatch {
        /// Its flag.
        flag: LeftOut,
        /// The pattern.
        pattern: String,
        /// What was probably meant.
        meant: Option<String>,
        /// What there is.
        known: Vec<String>,
    },
    /// Every pattern names something, and together they leave nothing.
    Nothing,
}

impl fmt::Display for SelectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMatch { flag: LeftOut::Table, pattern, .. } => {
                write!(f, "--table {pattern}: no step is about such a table")
            }
            Self::NoMatch { flag, pattern, .. } => {
                write!(f, "{} {pattern}: there is no such step", flag.flag())
            }
            Self::Nothing => f.write_str("the flags leave no step to run"),
        }
    }
}

impl SelectError {
    /// What helps.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::NoMatch { meant: Some(meant), .. } => format!("did you mean `{meant}`?"),
            Self::NoMatch { known, .. } => format!("there are: {}", known.join(", ")),
            Self::Nothing => "leave out --skip, or name more with --only".to_owned(),
        }
    }
}

impl Selection {
    /// Whether all steps run.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { only, from, skip, tables, .. } = self;
        [only, from, skip, tables].iter().all(|patterns| patterns.is_empty())
    }

    /// For each node of the plan, the flag for which it does not run; `None` for those that do, and
    /// for barriers.
    ///
    /// # Errors
    /// See [`SelectError`].
    pub fn apply(&self, plan: &Plan) -> Result<Vec<Option<LeftOut>>, SelectError> {
        let mut left = vec![None; plan.len()];
        if self.is_empty() {
            return Ok(left);
        }
        let runs = self.chosen(plan)?;
        let skipped = matching(plan, &self.skip, LeftOut::Skip)?;
        let tables = tables(plan, &self.tables)?;
        for (node, left) in left.iter_mut().enumerate() {
            let Some(step) = plan.step(node) else { continue };
            *left = if skipped.contains(&node) {
                Some(LeftOut::Skip)
            } else if runs.contains(&node) {
                None
            } else if !of_tables(step, tables.as_ref()) {
                Some(LeftOut::Table)
            } else if self.only.is_empty() {
                Some(LeftOut::From)
            } else {
                Some(LeftOut::Only)
            };
        }
        let runs =
            |(node, left): (usize, &Option<LeftOut>)| left.is_none() && plan.step(node).is_some();
        if left.iter().enumerate().any(runs) { Ok(left) } else { Err(SelectError::Nothing) }
    }

    /// The steps that `only` and `from` name themselves; none where a pattern names nothing.
    #[must_use]
    pub fn named(&self, plan: &Plan) -> BTreeSet<StepId> {
        let only = matching(plan, &self.only, LeftOut::Only);
        let from = matching(plan, &self.from, LeftOut::From);
        let nodes = only.into_iter().chain(from).flatten();
        nodes.filter_map(|node| Some(plan.step(node)?.id.clone())).collect()
    }

    /// What runs before `skip` takes from it.
    fn chosen(&self, plan: &Plan) -> Result<BTreeSet<usize>, SelectError> {
        let from = matching(plan, &self.from, LeftOut::From)?;
        let mut named = matching(plan, &self.only, LeftOut::Only)?;
        named.extend(with_dependents(plan, &from));
        if self.only.is_empty() && self.from.is_empty() {
            named = (0..plan.len()).collect();
        }
        let tables = tables(plan, &self.tables)?;
        named.retain(|node| plan.step(*node).is_some_and(|step| of_tables(step, tables.as_ref())));
        let mut chosen = named.clone();
        if self.with_dependencies {
            chosen.extend(with_dependencies(plan, &named));
        }
        if self.with_dependents {
            chosen.extend(with_dependents(plan, &named));
        }
        Ok(chosen)
    }
}

/// These nodes and all that wait for them; what stands in `finally` waits for every node.
pub(crate) fn with_dependents(plan: &Plan, nodes: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut stack: Vec<usize> = nodes.iter().copied().collect();
    while let Some(node) = stack.pop() {
        if found.insert(node) {
            stack.extend(plan.dependents(node).into_iter().map(|(after, _)| after));
        }
    }
    if !nodes.is_empty() {
        found.extend(plan.finally());
    }
    found
}

/// These nodes and all that they wait for.
pub(crate) fn with_dependencies(plan: &Plan, nodes: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut waits_for = vec![Vec::new(); plan.len()];
    for node in 0..plan.len() {
        for (after, _) in plan.dependents(node) {
            waits_for[after].push(node);
        }
    }
    let mut found = BTreeSet::new();
    let mut stack: Vec<usize> = nodes.iter().copied().collect();
    while let Some(node) = stack.pop() {
        if found.insert(node) {
            stack.extend(&waits_for[node]);
        }
    }
    found
}

/// A pattern in which brackets stand for themselves.
fn pattern(text: &str) -> Pattern {
    let mut written = String::new();
    for character in text.chars() {
        match character {
            '[' => written.push_str("[[]"),
            ']' => written.push_str("[]]"),
            '*' if written.ends_with('*') => {}
            other => written.push(other),
        }
    }
    Pattern::new(&written).expect("brackets are written out, and no two stars stand together")
}

/// The name of a step without its table.
fn name(id: &StepId) -> &str {
    id.as_str().split('[').next().unwrap_or_default()
}

/// The nodes that patterns name; each names one at least.
fn matching(
    plan: &Plan,
    patterns: &[String],
    flag: LeftOut,
) -> Result<BTreeSet<usize>, SelectError> {
    let mut found = BTreeSet::new();
    for text in patterns {
        let wanted = pattern(text);
        let is_named =
            |step: &PlannedStep| wanted.matches(step.id.as_str()) || wanted.matches(name(&step.id));
        let named: Vec<usize> =
            (0..plan.len()).filter(|node| plan.step(*node).is_some_and(is_named)).collect();
        if named.is_empty() {
            return Err(no_step(plan, text, flag));
        }
        found.extend(named);
    }
    Ok(found)
}

fn no_step(plan: &Plan, text: &str, flag: LeftOut) -> SelectError {
    let mut known: Vec<String> = Vec::new();
    for step in plan.steps() {
        let name = name(&step.id).to_owned();
        if !known.contains(&name) {
            known.push(name);
        }
    }
    let all = || {
        let ids = plan.steps().map(|step| step.id.as_str());
        known.iter().map(String::as_str).chain(ids)
    };
    // A step of a needed task bears the task's name.
    let needed = format!("/{text}");
    let meant = all().find(|id| id.ends_with(&needed)).or_else(|| did_you_mean(text, all()));
    let meant = meant.map(str::to_owned);
    SelectError::NoMatch { flag, pattern: text.to_owned(), meant, known }
}

/// The declared names that patterns name; `None` where there are no patterns.
fn tables<'p>(
    plan: &'p Plan,
    patterns: &[String],
) -> Result<Option<BTreeSet<&'p str>>, SelectError> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let mut known: Vec<&str> = Vec::new();
    for table in plan.steps().filter_map(|step| step.table.as_ref()) {
        if !known.contains(&table.declared.as_str()) {
            known.push(&table.declared);
        }
    }
    let mut found = BTreeSet::new();
    for text in patterns {
        let wanted = pattern(text);
        let named: Vec<&str> =
            known.iter().copied().filter(|table| wanted.matches(table)).collect();
        if named.is_empty() {
            let meant = did_you_mean(text, known.iter().copied()).map(str::to_owned);
            let known = known.iter().map(|table| (*table).to_owned()).collect();
            let (flag, pattern) = (LeftOut::Table, text.clone());
            return Err(SelectError::NoMatch { flag, pattern, meant, known });
        }
        found.extend(named);
    }
    Ok(Some(found))
}

fn of_tables(step: &PlannedStep, tables: Option<&BTreeSet<&str>>) -> bool {
    let Some(tables) = tables else { return true };
    step.table.as_ref().is_some_and(|table| tables.contains(table.declared.as_str()))
}

#[cfg(test)]
#[path = "select_tests.rs"]
mod tests;
