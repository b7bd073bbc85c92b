//! How long each step is expected to take.

use std::collections::HashMap;

use crate::model::{MillisRange, StepId, millis};
use crate::plan::{Plan, PlannedStep};
use crate::run::StepPreview;
use crate::run::acts::Acts;
use crate::table::TableChange;

use super::Expecting;
use super::schedule::Load;

/// How fast an endpoint changes tables.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// In the times of the service, so many times faster.
    Service {
        /// 1 for the service itself; above 0.
        faster: f64,
    },
    /// At once.
    Instant,
    /// Nobody knows.
    Unknown,
}

/// A step that only reads, or finds nothing to do: one to three calls, each answered by the service
/// in 10 to 80 ms (measured from inside its region).
const READS: MillisRange = (20, 250);
/// The same on an endpoint of this machine.
const READS_NEARBY: MillisRange = (2, 20);
/// The embedded engine adds a vector index to a table that is there in so much real time, however
/// fast the control plane before it is (measured).
const ENGINE_ADDS_VECTORS: MillisRange = (15_000, 16_500);
/// Time to live is turned off and on again only after 31 minutes (measured) to an hour (documented).
const TTL_COOLDOWN: MillisRange = (1_860_000, 3_600_000);

/// The kinds that wait until a table is made, changed or gone.
const WAITING: [&str; 4] = ["wait-active", "wait-deleted", "update-table", "delete-table"];

impl Pace {
    /// How long a call and what it sets off take here; `None` where that is not known.
    #[must_use]
    pub fn expect(self, change: &TableChange) -> Option<MillisRange> {
        if self == Self::Instant && change.call == "CreateBackup" {
            return Some(READS_NEARBY);
        }
        let usual = change.usual_ms?;
        let found = match self {
            Self::Service { faster } => scaled(usual, faster),
            Self::Instant => READS_NEARBY,
            Self::Unknown => return None,
        };
        let least = if change.adds_vector_index() { ENGINE_ADDS_VECTORS } else { (0, 0) };
        Some((found.0.max(least.0), found.1.max(least.1)))
    }

    const fn reads(self) -> MillisRange {
        match self {
            Self::Service { .. } => READS,
            Self::Instant | Self::Unknown => READS_NEARBY,
        }
    }

    fn cooldown(self) -> MillisRange {
        match self {
            Self::Service { faster } => scaled(TTL_COOLDOWN, faster),
            Self::Instant | Self::Unknown => (0, 0),
        }
    }

    /// Whether a step has the time to wait between two changes of time to live.
    fn lets_pause(self, step: &PlannedStep) -> bool {
        millis(step.timeout) > self.cooldown().1
    }

    /// Whether what a step does may end between two changes of time to live. What a server does of
    /// which nothing is known may be what the service does.
    pub(in crate::run) fn halts(self, step: &PlannedStep, changes: &[TableChange]) -> bool {
        let like = if self == Self::Unknown { Self::Service { faster: 1.0 } } else { self };
        pauses_for_ttl(changes) && self != Self::Instant && !like.lets_pause(step)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "times are far below 2^52 ms, and the factor is above 0"
)]
fn scaled((from, to): MillisRange, faster: f64) -> MillisRange {
    ((from as f64 / faster) as u64, (to as f64 / faster) as u64)
}

const fn plus(one: MillisRange, other: MillisRange) -> MillisRange {
    (one.0.saturating_add(other.0), one.1.saturating_add(other.1))
}

/// What a node takes, at work and waiting.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cost {
    work: MillisRange,
    wait: MillisRange,
}

impl Cost {
    pub(super) const fn from(&self) -> Load {
        Load { work: self.work.0, wait: self.wait.0 }
    }

    pub(super) const fn to(&self) -> Load {
        Load { work: self.work.1, wait: self.wait.1 }
    }

    pub(super) const fn range(&self) -> MillisRange {
        plus(self.work, self.wait)
    }
}

/// What every node takes.
pub(super) struct Costs {
    /// By node.
    pub(super) of_nodes: Vec<Cost>,
    /// The steps of which it is not known.
    pub(super) unknown: Vec<StepId>,
}

impl Costs {
    pub(super) fn of(
        plan: &Plan,
        previews: &[StepPreview],
        acts: &Acts,
        expecting: Expecting<'_>,
    ) -> Self {
        let previews: HashMap<&StepId, &StepPreview> =
            previews.iter().map(|preview| (&preview.step, preview)).collect();
        let mut found = Self { of_nodes: vec![Cost::default(); plan.len()], unknown: Vec::new() };
        let mut under_way = UnderWay { expecting, of_tables: HashMap::new() };
        for node in (0..plan.len()).filter(|node| acts.runs.contains(node)) {
            let Some(step) = plan.step(node) else { continue };
            let Some(preview) = previews.get(&step.id) else { continue };
            match under_way.cost(step, preview) {
                Some(cost) => found.of_nodes[node] = cost,
                None => found.unknown.push(step.id.clone()),
            }
        }
        found
    }
}

/// What earlier steps of the plan set off and nobody waited for yet, by table.
struct UnderWay<'a> {
    expecting: Expecting<'a>,
    /// `None` where it is not known how long it takes.
    of_tables: HashMap<String, Option<MillisRange>>,
}

impl UnderWay<'_> {
    fn cost(&mut self, step: &PlannedStep, preview: &StepPreview) -> Option<Cost> {
        let Expecting { pace, .. } = self.expecting;
        // A command holds its place to its end, and so does who puts items.
        if step.command.is_some() || puts_items(preview) {
            return self.recorded(step).map(|work| Cost { work, wait: (0, 0) });
        }
        let takes = self.takes(step, preview);
        if takes.is_none() && backs_up(preview) {
            return self.recorded(step).map(|wait| Cost { work: pace.reads(), wait });
        }
        // What runs before took says nothing here: they may have found nothing to do.
        takes.map(|wait| Cost { work: pace.reads(), wait })
    }

    /// What is known beforehand of the time after the first reads.
    fn takes(&mut self, step: &PlannedStep, preview: &StepPreview) -> Option<MillisRange> {
        let mut before = Some((0, 0));
        if WAITING.contains(&step.kind.as_str())
            && let Some(table) = &preview.table
        {
            before = self.of_tables.remove(table).unwrap_or(before);
        }
        let pace = self.expecting.pace;
        let mut takes = preview
            .changes
            .iter()
            .try_fold((0, 0), |sum, change| Some(plus(sum, pace.expect(change)?)));
        // A step that has less time than that ends before the second call.
        if pauses_for_ttl(&preview.changes) && pace.lets_pause(step) {
            takes = takes.map(|takes| plus(takes, pace.cooldown()));
        }
        // `create-table` and `delete-table` only set it off.
        if let (Some(table), true) = (&preview.table, sets_off(&preview.changes)) {
            self.of_tables.insert(table.clone(), takes);
            takes = Some((0, 0));
        }
        Some(plus(before?, takes?))
    }

    /// What other steps of its kind took says nothing: they run other programs, put other items.
    fn recorded(&self, step: &PlannedStep) -> Option<MillisRange> {
        let took = self.expecting.recorded.of_step(&step.id)?;
        let millis = millis(took);
        Some((millis, millis))
    }
}

fn puts_items(preview: &StepPreview) -> bool {
    preview.changes.iter().any(|change| matches!(change.call, "PutItem" | "BatchWriteItem"))
}

fn backs_up(preview: &StepPreview) -> bool {
    preview.changes.iter().any(|change| change.call == "CreateBackup")
}

fn sets_off(changes: &[TableChange]) -> bool {
    changes.iter().any(|change| matches!(change.call, "CreateTable" | "DeleteTable"))
}

/// Whether time to live is turned off, and on again.
fn pauses_for_ttl(changes: &[TableChange]) -> bool {
    changes.iter().filter(|change| change.call == "UpdateTimeToLive").count() > 1
}
