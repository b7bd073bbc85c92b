//! How long steps took in earlier runs.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::time::Duration;

use serde::Deserialize;

use crate::model::StepId;

use super::glance::{Glance, glance};
use super::read::open;
use super::{EndpointKind, History, Outline, PastRun, StepStatus};

/// How many runs are looked at: more would tell of times that are over.
const RUNS: usize = 5;
/// No more of one journal is read: the order of steps is not worth more time.
const ENOUGH: u64 = 256 << 20;

/// A step that succeeded.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepTook {
    /// The step.
    pub step: StepId,
    /// Its kind.
    pub kind: String,
    /// From its first attempt to its end.
    pub duration_ms: u64,
}

/// How long steps take, as far as earlier runs tell.
#[derive(Debug, Clone, Default)]
pub struct Durations {
    of_steps: HashMap<StepId, u64>,
    of_kinds: HashMap<String, u64>,
}

impl Durations {
    /// The median of each step, and of all steps of each kind.
    #[must_use]
    pub fn new(took: Vec<StepTook>) -> Self {
        let mut of_steps: HashMap<StepId, Vec<u64>> = HashMap::new();
        let mut of_kinds: HashMap<String, Vec<u64>> = HashMap::new();
        for StepTook { step, kind, duration_ms } in took {
            of_steps.entry(step).or_default().push(duration_ms);
            of_kinds.entry(kind).or_default().push(duration_ms);
        }
        Self { of_steps: medians(of_steps), of_kinds: medians(of_kinds) }
    }

    /// How long this very step took; `None` where no run tells.
    #[must_use]
    pub fn of_step(&self, step: &StepId) -> Option<Duration> {
        self.of_steps.get(step).copied().map(Duration::from_millis)
    }

    /// How long a step of this kind took, or else the steps of its kind; `None` where no run tells.
    #[must_use]
    pub fn of(&self, step: &StepId, kind: &str) -> Option<Duration> {
        let millis = self.of_steps.get(step).or_else(|| self.of_kinds.get(kind));
        millis.copied().map(Duration::from_millis)
    }
}

fn medians<K: std::hash::Hash + Eq>(of: HashMap<K, Vec<u64>>) -> HashMap<K, u64> {
    let median = |(key, mut millis): (K, Vec<u64>)| {
        let middle = millis.len() / 2;
        (key, *millis.select_nth_unstable(middle).1)
    };
    of.into_iter().map(median).collect()
}

/// What runs must have in common for the times of one to tell something of the other.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The task.
    pub task: &'a str,
    /// The environment.
    pub environment: &'a str,
    /// What answers the calls.
    pub endpoint: EndpointKind,
}

impl History {
    /// How long steps took in the newest runs of a setting. A journal that cannot be read tells
    /// nothing, and is no error: at worst the order of steps is not the best one.
    #[must_use]
    pub fn durations(&self, setting: Setting<'_>) -> Durations {
        let runs = self.runs().unwrap_or_default().into_iter();
        let fits = |outline: &Outline| {
            outline.task == setting.task
                && outline.environment == setting.environment
                && outline.undoes.is_none()
        };
        let of_setting =
            runs.filter(|run| matches!(glance(run), Glance::Began(outline) if fits(&outline)));
        let told = of_setting.filter_map(|run| took(&run, setting.endpoint));
        Durations::new(told.take(RUNS).flatten().collect())
    }
}

#[derive(Deserialize)]
struct Line<E> {
    event: E,
}

#[derive(Deserialize)]
struct Started {
    pinned: Pinned,
}

#[derive(Deserialize)]
struct Pinned {
    endpoint: EndpointKind,
}

#[derive(Deserialize)]
struct Ended {
    status: StepStatus,
    #[serde(flatten)]
    took: StepTook,
}

/// The steps of a run that succeeded; `None` for a run at another kind of endpoint.
fn took(run: &PastRun, endpoint: EndpointKind) -> Option<Vec<StepTook>> {
    let file = open(&run.events()).ok()?;
    let mut found = Vec::new();
    for line in BufReader::new(file.take(ENOUGH)).split(b'\n') {
        let line = line.ok()?;
        if is_event(&line, b"\"run-started\"") {
            let started: Line<Started> = serde_json::from_slice(&line).ok()?;
            if started.event.pinned.endpoint != endpoint {
                return None;
            }
        } else if is_event(&line, b"\"step-finished\"") {
            // A last line that was cut off tells nothing.
            let ended = serde_json::from_slice::<Line<Ended>>(&line).ok().map(|line| line.event);
            let succeeded = ended.filter(|ended| ended.status == StepStatus::Succeeded);
            found.extend(succeeded.map(|ended| ended.took));
        }
    }
    Some(found)
}

/// Whether a line may be such an event: cheaper than to read all of them.
fn is_event(line: &[u8], name: &[u8]) -> bool {
    line.windows(name.len()).take(80).any(|text| text == name)
}

#[cfg(test)]
#[path = "durations_tests.rs"]
mod tests;
