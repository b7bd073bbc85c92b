//! A plan as a person reads it: per table what would be called, why, and what that means.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use crate::model::{Effect, StepId};
use crate::plan::Plan;
use crate::run::StepPreview;
use crate::step::{CommandPreview, Would};
use crate::table::{ChangeClass, TableChange};

use super::Style;
use super::failure::render_failure;
use super::style::{Paint, Symbol};
use super::{sanitize, text};

/// How many steps are named before the rest is counted.
const NAMED: usize = 6;

/// What each step would do, as lines. `place` says where, in full: region, endpoint and account.
pub(super) fn body(plan: &Plan, previews: &[StepPreview], place: &str, style: Style) -> String {
    let title = format!("{} in {}", plan.task, plan.environment);
    let mut out = format!("{} ({})\n", style.paint(Paint::Bold, &title), sanitize::line(place));
    let conditions: HashMap<_, _> =
        plan.steps().filter_map(|step| Some((&step.id, step.condition()?))).collect();
    let missed: HashMap<_, _> = missed(previews).into_iter().collect();
    for preview in previews {
        for change in &preview.changes {
            out.push_str(&render_change(change, style));
        }
        if let Some(command) = &preview.command {
            out.push_str(&render_command(preview, command, style));
        }
        let acts = !preview.changes.is_empty() || preview.command.is_some();
        if let Some(condition) = conditions.get(&preview.step).filter(|_| acts) {
            let text = sanitize::line(&format!("{}: {condition}", preview.step));
            let _ = writeln!(out, "      {text}");
        }
        for note in &preview.notes {
            let _ = writeln!(
                out,
                "  {} {}",
                style.symbol(Symbol::Info),
                sanitize::lines(note).join("\n      ")
            );
        }
        if let Some(problem) = &preview.problem {
            let text = format!("{} would fail:\n{}", preview.step, render_failure(problem, style));
            out.push_str(&indented(&text));
        }
        if let Some(steps) = missed.get(&preview.step) {
            let _ = writeln!(out, "      not reached then: {}", names(steps));
        }
    }
    out
}

/// The steps that are certain to fail, with those that are not reached because of them, in plan order.
pub(super) fn missed(previews: &[StepPreview]) -> Vec<(&StepId, Vec<&StepId>)> {
    let mut found: HashMap<&StepId, Vec<&StepId>> = HashMap::new();
    for preview in previews {
        if let Some(because) = &preview.not_reached {
            found.entry(because).or_default().push(&preview.step);
        }
    }
    let because = previews.iter().map(|preview| &preview.step);
    because.filter_map(|step| Some((step, found.remove(step)?))).collect()
}

/// Steps, as many as there is room for in a line.
fn names(steps: &[&StepId]) -> String {
    let named = steps.iter().take(NAMED).map(|step| sanitize::line(step.as_str()));
    let mut named: Vec<String> = named.collect();
    if steps.len() > NAMED {
        named.push(format!("{} more", steps.len() - NAMED));
    }
    named.join(", ")
}

/// What stands before a call.
pub(super) const fn sign(class: ChangeClass) -> (&'static str, Paint) {
    match class {
        ChangeClass::Create | ChangeClass::Put => ("+", Paint::Green),
        ChangeClass::Tag | ChangeClass::Update | ChangeClass::Lossy => ("~", Paint::Yellow),
        ChangeClass::RemoveIndex | ChangeClass::Destroy => ("-", Paint::Red),
    }
}

fn render_change(change: &TableChange, style: Style) -> String {
    let (sign, paint) = sign(change.class);
    let mut out = format!(
        "  {} {}: {} ({}; {})\n",
        style.paint(paint, sign),
        style.paint(Paint::Bold, &sanitize::line(&change.table_name)),
        change.call,
        sanitize::line(&change.reason),
        change.reversibility,
    );
    for detail in &change.details {
        let _ = writeln!(out, "      {}", sanitize::line(detail));
    }
    out
}

/// What a command changes is not known; what runs is shown in full.
fn render_command(preview: &StepPreview, command: &CommandPreview, style: Style) -> String {
    let (sign, paint, may) = match command.effect {
        Effect::Read => (" ", Paint::Bold, "reads only"),
        Effect::Write => (">", Paint::Yellow, "may write"),
        Effect::Destroy => (">", Paint::Red, "may destroy"),
    };
    let (step, runs) = (sanitize::line(preview.step.as_str()), sanitize::line(&command.runs));
    let (sign, step) = (style.paint(paint, sign), style.paint(Paint::Bold, &step));
    let alone = if command.interactive { ", interactive: takes the terminal alone" } else { "" };
    let mut out = format!("  {sign} {step}: runs: {runs} ({may}{alone})\n");
    for undo in &command.rollback {
        let _ = writeln!(out, "      undone by: {}", sanitize::line(undo));
    }
    if let Some(would) = &command.would {
        out.push_str(&render_would(would));
    }
    out
}

/// What a plugin says that it would do.
fn render_would(would: &Would) -> String {
    let mut out = String::new();
    for change in &would.calls {
        let text = sanitize::line(&format!("{} ({})", change.call, change.reason));
        let _ = writeln!(out, "      {text}");
    }
    let words = match &would.message {
        Some(message) => Some(sanitize::line(message)),
        None => (!would.changes).then(|| "would change nothing".to_owned()),
    };
    if let Some(text) = words {
        let _ = writeln!(out, "      it says: {text}");
    }
    out
}

fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |out, line| out + "  " + line + "\n")
}

/// One line that counts the calls.
pub(super) fn totals(plan: &Plan, previews: &[StepPreview]) -> String {
    let mut calls: BTreeMap<&str, usize> = BTreeMap::new();
    for change in previews.iter().flat_map(|preview| &preview.changes) {
        *calls.entry(change.call).or_default() += 1;
    }
    let commands = previews.iter().filter(|preview| preview.command.is_some()).count();
    let problems = previews.iter().filter(|preview| preview.problem.is_some()).count();
    let mut parts: Vec<String> =
        calls.into_iter().map(|(call, count)| format!("{count} {call}")).collect();
    if commands > 0 {
        parts.push(text::count(commands, "command"));
    }
    if problems > 0 {
        parts.push(format!("{problems} certain to fail"));
    }
    let missed = previews.iter().filter(|preview| preview.not_reached.is_some()).count();
    if missed > 0 {
        parts.push(format!("{missed} not reached"));
    }
    let what = if parts.is_empty() { "nothing to change".to_owned() } else { parts.join(", ") };
    if plan.steps().all(|step| step.table.is_none()) {
        return what;
    }
    let tables = text::count(plan.tables.len(), "table");
    let preposition = if parts.is_empty() { "in" } else { "for" };
    format!("{what} {preposition} {tables}")
}
