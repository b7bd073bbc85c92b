//! A plan before it is carried out: as text for a terminal, as Markdown for a pull request, as data.
//!
//! All three say the same: the calls in order, what cannot be taken back, what is live and not
//! declared, how long the run is expected to take and how it is asked for.

mod data;
mod escape;
mod markdown;
mod rows;
mod time;

use std::fmt::Write as _;

use crate::model::{Confirm, StepId};
use crate::plan::Plan;
use crate::run::{Overview, StepPreview};
use crate::table::{Reversibility, TableChange};

use super::previews::{body, missed, totals};
use super::style::{Paint, Symbol};
use super::{Style, sanitize};

pub use data::{PlanData, plan_data};
pub use markdown::render_plan_markdown;

/// A plan, and what was found out about it.
#[derive(Debug, Clone, Copy)]
pub struct PlanReport<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What each step would do.
    pub previews: &'a [StepPreview],
    /// What that comes to.
    pub overview: &'a Overview,
    /// Region, endpoint and account.
    pub place: &'a str,
}

impl<'a> PlanReport<'a> {
    /// All calls in their order.
    fn changes(self) -> impl Iterator<Item = &'a TableChange> {
        self.previews.iter().flat_map(|preview| &preview.changes)
    }

    /// Those that cannot be taken back, or not at once. A change that takes a step two calls of one kind
    /// stands once.
    fn lasting(self) -> impl Iterator<Item = &'a TableChange> {
        let lasts = |change: &&TableChange| Reversibility::of(change) > Reversibility::Reversible;
        self.previews.iter().flat_map(move |preview| {
            let lasting: Vec<&TableChange> = preview.changes.iter().filter(lasts).collect();
            let about =
                |change: &TableChange| (change.call, change.setting.clone(), change.reversibility);
            let repeats = |at: usize| at > 0 && about(lasting[at - 1]) == about(lasting[at]);
            let once: Vec<&TableChange> =
                (0..lasting.len()).filter(|at| !repeats(*at)).map(|at| lasting[at]).collect();
            once
        })
    }

    /// The steps that are certain to fail, with those that are not reached because of them.
    fn missed(self) -> Vec<(&'a StepId, Vec<&'a StepId>)> {
        missed(self.previews)
    }

    /// The steps that the service may not let come to their end in one run.
    fn halting(self) -> impl Iterator<Item = &'a StepPreview> {
        self.previews.iter().filter(move |preview| self.overview.may_halt(&preview.step))
    }
}

/// What a run does that is refused.
const REFUSED: &str = "the run would stop before its first write: nothing would be changed";

/// What to know of a step whose second call has to wait.
const HALTS: &str = "the service refuses the second change of `ttl` for 31 minutes to an hour after \
                     the first: the run may end there; run it again later";

/// How a person is asked, and what answers without one.
fn asked(confirmation: Confirm, environment: &str) -> Option<String> {
    match confirmation {
        Confirm::Never => None,
        Confirm::YesNo => Some("asks first: yes or no (--yes)".to_owned()),
        Confirm::TypeEnvironment => {
            let environment = sanitize::line(environment);
            Some(format!("asks first: the environment's name, typed (--confirm {environment})"))
        }
    }
}

/// The whole plan as text that ends in a newline. `asks` says whether to tell how the run will ask:
/// not where it is about to.
#[must_use]
pub fn render_plan(report: PlanReport<'_>, asks: bool, style: Style) -> String {
    let PlanReport { plan, previews, overview, place } = report;
    let mut out = body(plan, previews, place, style);
    for preview in report.halting() {
        let symbol = style.symbol(Symbol::Warning);
        let _ = writeln!(out, "  {symbol} {}: {HALTS}", sanitize::line(preview.step.as_str()));
    }
    let lasting: Vec<String> = report.lasting().map(rows::lasting).collect();
    section(&mut out, style, "Cannot be taken back, or not at once:", &lasting);
    let unmanaged = rows::unmanaged(&overview.unmanaged);
    section(&mut out, style, "Live, but not in the file (left as it is):", &unmanaged);
    if let Some(line) = rows::not_looked_for(&overview.not_looked_for) {
        let _ = writeln!(out, "{line}");
    }
    let _ = writeln!(out, "{}", style.paint(Paint::Bold, &totals(plan, previews)));
    if overview.refused {
        let _ = writeln!(out, "{REFUSED}");
        return out;
    }
    if overview.summary.has_changes {
        for line in time::lines(&overview.estimate, style.unicode) {
            let _ = writeln!(out, "{line}");
        }
    }
    if let Some(line) = asked(overview.confirmation, &plan.environment).filter(|_| asks) {
        let _ = writeln!(out, "{line}");
    }
    out
}

fn section(out: &mut String, style: Style, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "{}", style.paint(Paint::Bold, title));
    for line in lines {
        let _ = writeln!(out, "  {}", sanitize::line(line));
    }
}

#[cfg(test)]
mod tests;
