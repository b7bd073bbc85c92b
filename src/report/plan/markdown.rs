//! A plan as Markdown, for a pull request.
//!
//! GitHub takes no comment of more than 65,536 characters. What is longer loses first the requests,
//! then rows from the ends of its lists, and says so.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt::Write as _;

use crate::diagnostic::shortened;
use crate::model::{Effect, Failure, StepId};
use crate::plan::PlannedStep;
use crate::run::StepPreview;
use crate::step::CommandPreview;
use crate::table::{Reversibility, TableChange};

use super::escape::{block, code, code_of, words};
use super::{HALTS, PlanReport, REFUSED, asked, rows, time};
use crate::report::previews::sign;
use crate::report::text::count;

/// Of the 65,536, something is left to who posts it. Bytes, of which a character has one or more.
const ROOM: usize = 60_000;
/// How many rows a list may have, from try to try.
const ROWS: [usize; 9] = [usize::MAX, 400, 200, 100, 50, 25, 10, 4, 1];
/// How much of a text of several lines is shown.
const LONGEST_BLOCK: usize = 1_500;
/// How many lines one cell has, and how much of each is shown.
const LINES: usize = 12;
const LONGEST_LINE: usize = 120;

/// The plan as Markdown that ends in a newline.
#[must_use]
pub fn render_plan_markdown(report: PlanReport<'_>) -> String {
    let whole = Page::of(report, usize::MAX, true);
    if whole.text.len() <= ROOM {
        return whole.text;
    }
    let mut page = whole;
    for rows in ROWS {
        page = Page::of(report, rows, false);
        page.note(
            "The requests are left out here, because comments on pull requests are bounded: \
             `osem plan --format json` has them.",
        );
        if page.text.len() <= ROOM {
            break;
        }
    }
    page.text
}

struct Page<'a> {
    report: PlanReport<'a>,
    steps: HashMap<&'a StepId, &'a PlannedStep>,
    /// How many rows each list may have.
    rows: usize,
    text: String,
}

/// What a row of the list of calls says.
struct Row {
    table: String,
    call: String,
    what: String,
    why: String,
    takes: String,
    undo: String,
}

impl<'a> Page<'a> {
    fn of(report: PlanReport<'a>, rows: usize, requests: bool) -> Self {
        let steps = report.plan.steps().map(|step| (&step.id, step)).collect();
        let mut page = Self { report, steps, rows, text: String::new() };
        page.head();
        page.problems();
        page.missed();
        page.lasting();
        page.calls();
        page.notes();
        page.unmanaged();
        if requests {
            page.requests();
        }
        page
    }

    fn note(&mut self, text: &str) {
        let _ = writeln!(self.text, "\n{text}");
    }

    fn heading(&mut self, text: &str) {
        let _ = writeln!(self.text, "\n### {text}\n");
    }

    /// The lines of a list under a heading, as many as there is room for; nothing for none.
    fn list<T>(&mut self, heading: &str, all: &[T], line: impl Fn(&T) -> String) {
        if all.is_empty() {
            return;
        }
        self.heading(heading);
        for item in all.iter().take(self.rows) {
            let _ = writeln!(self.text, "{}", line(item));
        }
        self.rest(all.len());
    }

    fn rest(&mut self, all: usize) {
        if let Some(left @ 1..) = all.checked_sub(self.rows) {
            self.note(&format!(
                "{left} of {all} are left out here, because comments on pull requests are bounded: \
                 `osem plan` shows all."
            ));
        }
    }

    fn head(&mut self) {
        let PlanReport { plan, overview, place, .. } = self.report;
        let (task, environment) = (code(&plan.task), code(&plan.environment));
        let _ = writeln!(self.text, "## {task} in {environment}\n");
        let _ = writeln!(self.text, "**{}**", self.summary());
        let mut facts = vec![format!("where: {}", code(place))];
        if overview.refused {
            facts.push(REFUSED.to_owned());
        } else if overview.summary.has_changes {
            let estimate = &overview.estimate;
            facts.extend(time::about_the_whole(estimate).map(|about| format!("takes {about}")));
            facts.extend(
                time::way(estimate, true).map(|way| format!("longest way: {}", code(&way))),
            );
            if !estimate.unknown.is_empty() {
                let known = time::about_the_whole(estimate).is_some();
                let what = if known { time::NOT_COUNTED } else { time::NOT_KNOWN };
                facts.push(format!("{what}: {}", names(&estimate.unknown)));
            }
        }
        let asked = asked(overview.confirmation, &plan.environment).filter(|_| !overview.refused);
        facts.extend(asked.map(|line| words(&line)));
        self.text.push('\n');
        for fact in facts {
            let _ = writeln!(self.text, "- {fact}");
        }
    }

    fn summary(&self) -> String {
        let PlanReport { plan, overview, .. } = self.report;
        let summary = overview.summary;
        let one = |n: usize, noun: &str, rest: &str| {
            (n > 0).then(|| format!("{} {rest}", count(n, noun)).trim_end().to_owned())
        };
        let parts: Vec<String> = [
            one(summary.create, "table", "to create"),
            one(summary.change, "change", ""),
            one(summary.destroy, "call", "to destroy"),
            one(summary.commands, "command", ""),
            one(summary.irreversible, "call", "that cannot be taken back"),
            one(summary.problems, "step", "certain to fail"),
            one(summary.not_reached, "step", "not reached"),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !parts.is_empty() {
            return parts.join(", ");
        }
        format!("Nothing to change in {}", count(plan.tables.len(), "table"))
    }

    fn problems(&mut self) {
        let previews = self.report.previews.iter();
        let problems: Vec<(&StepId, &Failure)> = previews
            .filter_map(|preview| Some((&preview.step, preview.problem.as_ref()?)))
            .collect();
        self.list("Certain to fail", &problems, |(step, failure)| problem(step, failure));
    }

    fn missed(&mut self) {
        self.list("Not reached", &self.report.missed(), |(because, steps)| {
            format!("- because of {}: {}", code(because.as_str()), names(steps))
        });
    }

    fn lasting(&mut self) {
        let lasting: Vec<&TableChange> = self.report.lasting().collect();
        self.list("Cannot be taken back, or not at once", &lasting, |change| {
            let (table, what) = (code(&change.table_name), code(&rows::what(change)));
            format!("- {table}: {what}: **{}**", change.reversibility)
        });
    }

    fn calls(&mut self) {
        let previews = self.report.previews.iter();
        let of_step =
            |preview: &StepPreview| preview.changes.len() + usize::from(preview.command.is_some());
        let all: usize = previews.clone().map(of_step).sum();
        if all == 0 {
            return;
        }
        self.heading("In this order");
        self.text.push_str("| # | table | call | what | why | takes | taking it back |\n");
        self.text.push_str("|--:|---|---|---|---|---|---|\n");
        let mut number = 0;
        for preview in previews {
            for row in self.rows_of(preview, self.rows - number) {
                number += 1;
                let Row { table, call, what, why, takes, undo } = row;
                let _ = writeln!(
                    self.text,
                    "| {number} | {table} | {call} | {what} | {why} | {takes} | {undo} |"
                );
            }
        }
        self.rest(all);
    }

    /// No more than so many.
    fn rows_of(&self, preview: &StepPreview, room: usize) -> Vec<Row> {
        let condition = self.steps.get(&preview.step).and_then(|step| step.condition());
        let condition = condition.map_or_else(String::new, |text| format!("; {}", words(&text)));
        let pace = self.report.overview.pace;
        let change = |change: &TableChange| Row {
            table: code(&change.table_name),
            call: format!("{} {}", sign(change.class).0, code(change.call)),
            what: what(change),
            why: words(&change.reason) + &condition,
            takes: pace.expect(change).map_or_else(|| "?".to_owned(), time::about),
            undo: taking_back(change),
        };
        let mut rows: Vec<Row> = preview.changes.iter().take(room).map(change).collect();
        if let Some(command) = preview.command.as_ref().filter(|_| rows.len() < room) {
            let span = self.report.overview.expected(&preview.step);
            rows.push(Row {
                table: preview.table.as_deref().map_or_else(String::new, code),
                call: format!("&gt; {}", code(preview.step.as_str())),
                what: format!("runs {}{}", code(&command.runs), would(command)),
                why: may(command.effect).to_owned() + alone(command) + &condition,
                takes: span.map_or_else(|| "?".to_owned(), time::about),
                undo: undone_by(command),
            });
        }
        rows
    }

    fn notes(&mut self) {
        let halting = self.report.halting().map(|preview| (&preview.step, HALTS));
        let notes = self.report.previews.iter().flat_map(|preview| {
            preview.notes.iter().map(move |note| (&preview.step, note.as_str()))
        });
        let all: Vec<(&StepId, &str)> = halting.chain(notes).collect();
        let line =
            |(step, note): &(&StepId, &str)| format!("- {}: {}", code(step.as_str()), words(note));
        self.list("To know", &all, line);
    }

    fn unmanaged(&mut self) {
        let unmanaged = &self.report.overview.unmanaged;
        self.list("Live, but not in the file (left as it is)", unmanaged, |found| {
            format!("- {}: {}", code(&found.table_name), code(&found.what))
        });
        if let Some(line) = rows::not_looked_for(&self.report.overview.not_looked_for) {
            self.note(&line);
        }
    }

    fn requests(&mut self) {
        if self.report.changes().next().is_none() {
            return;
        }
        self.text.push_str("\n<details>\n<summary>The requests</summary>\n");
        let mut number = 0;
        for preview in self.report.previews {
            for change in &preview.changes {
                number += 1;
                let request = serde_json::to_string_pretty(&change.request).unwrap_or_default();
                let (call, table) = (code(change.call), code(&change.table_name));
                let _ = writeln!(self.text, "\n**{number}** {call} {table}\n");
                self.text.push_str(&block("json", &request));
            }
            number += usize::from(preview.command.is_some());
        }
        self.text.push_str("\n</details>\n");
    }
}

/// Steps, as many as there is room for in a line.
fn names<S: Borrow<StepId>>(steps: &[S]) -> String {
    let shown = steps.iter().take(LINES).map(|step| code(step.borrow().as_str()));
    let shown: Vec<String> = shown.collect();
    match steps.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn problem(step: &StepId, failure: &Failure) -> String {
    let mut text = failure.message.clone();
    for (name, part) in
        [("said", &failure.said), ("cause", &failure.cause), ("fix", &failure.remediation)]
    {
        if let Some(part) = part {
            let _ = write!(text, "\n{name}: {part}");
        }
    }
    format!("{}\n\n{}", code(step.as_str()), block("text", &shortened(&text, LONGEST_BLOCK)))
}

/// How things are before and after, or what it means.
fn what(change: &TableChange) -> String {
    let sides = change.before.as_deref().zip(change.after.as_deref());
    let mut text = match sides {
        Some((before, after)) => {
            let setting = code_of(&change.setting, LONGEST_LINE);
            format!("{setting}: {} → {}", code(before), code(after))
        }
        None => cell(change.details.iter().map(|line| code_of(line, LONGEST_LINE))),
    };
    if let Some(breaks) = change.breaks {
        let _ = write!(text, "<br>⚠️ {breaks}");
    }
    text
}

/// Lines of one cell.
fn cell(lines: impl ExactSizeIterator<Item = String>) -> String {
    let left = lines.len().saturating_sub(LINES);
    let more = (left > 0).then(|| format!("and {left} more"));
    lines.take(LINES).chain(more).collect::<Vec<_>>().join("<br>")
}

fn taking_back(change: &TableChange) -> String {
    let text = change.reversibility;
    let lasting = Reversibility::of(change) > Reversibility::Reversible;
    let text = if lasting { format!("**{text}**") } else { text.to_string() };
    match change.budget {
        Some(budget) => format!("{text}<br>spends {budget}"),
        None => text,
    }
}

const fn may(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "reads only",
        Effect::Write => "may write",
        Effect::Destroy => "**may destroy**",
    }
}

const fn alone(command: &CommandPreview) -> &'static str {
    if command.interactive { "; takes the terminal alone" } else { "" }
}

/// The steps of its `rollback`.
fn undone_by(command: &CommandPreview) -> String {
    if command.rollback.is_empty() {
        return "not known".to_owned();
    }
    let steps = command.rollback.iter().map(|runs| code_of(runs, LONGEST_LINE / 2));
    format!("by {}", cell(steps))
}

/// What a plugin says that it would do.
fn would(command: &CommandPreview) -> String {
    let Some(would) = &command.would else { return String::new() };
    let short = |text: &str| code_of(text, LONGEST_LINE / 2);
    let calls =
        would.calls.iter().map(|call| format!("{}: {}", short(&call.call), short(&call.reason)));
    let calls =
        if would.calls.is_empty() { String::new() } else { "<br>".to_owned() + &cell(calls) };
    match &would.message {
        Some(message) => format!("{calls}<br>it says: {}", code(message)),
        None if would.changes => calls,
        None => format!("{calls}<br>it says: it would change nothing"),
    }
}
