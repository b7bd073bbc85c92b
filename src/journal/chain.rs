//! What a run and those that it resumes add up to, step by step; pure.
//!
//! What a later run says of a step takes the place of what an earlier one said. A step that a run
//! set out to do and did not end is not done, whatever was true before; one that it left alone stays
//! as it was.

use std::collections::{HashMap, HashSet};

use crate::model::StepId;
use crate::step::{Fact, MutationOutcome, StepOutputs};

use super::{Record, RunEvent, RunHeader, RunId, SkipReason, StepResult, StepStatus, UndoOutcome};

/// The record of a chain of runs, each of which resumes the one before.
#[derive(Debug, Clone)]
pub struct Chain {
    /// The runs, oldest first.
    pub runs: Vec<RunId>,
    /// Who, where, what: of the last run.
    pub header: RunHeader,
    steps: HashMap<StepId, StepRecord>,
}

/// What is recorded of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRecord {
    /// How it stands.
    pub state: StepState,
    /// The run that says so.
    pub run: RunId,
    /// What it was in that run; see [`definition_hash`](super::definition_hash).
    pub definition: String,
    /// Whether any of the runs changed something in this step.
    pub changed: bool,
    /// What it put out when it last did what it is for.
    pub outputs: StepOutputs,
    /// What it was last done with, where only a record tells that.
    pub done_with: Option<String>,
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// It did what it is for, or there was nothing for it to do.
    Done,
    /// It ended otherwise.
    Ended(StepStatus),
    /// It was under way when its run ended without a word.
    Interrupted,
    /// As [`StepState::Interrupted`], with a call about to be sent whose outcome is not recorded.
    CallUnderWay,
    /// It never ran.
    NotRun,
    /// Whoever left it out answers for it.
    LeftOut,
}

impl Chain {
    /// What these runs add up to, oldest first; `None` when none of them began. Those that took back
    /// what one of them did are among them, but are none of the chain.
    #[must_use]
    pub fn of<'r>(runs: impl IntoIterator<Item = &'r [Record]>) -> Option<Self> {
        let mut chain: Option<Self> = None;
        for records in runs {
            let Some((header, began)) = began(records) else { continue };
            if header.undoes.is_some() {
                if let Some(chain) = &mut chain {
                    chain.hear(header, began);
                }
                continue;
            }
            let chain = match &mut chain {
                Some(chain) => chain,
                none => none.insert(Self {
                    runs: Vec::new(),
                    header: header.clone(),
                    steps: HashMap::new(),
                }),
            };
            chain.take(header, began);
        }
        chain
    }

    /// What is recorded of a step; `None` for one that no run knew.
    #[must_use]
    pub fn step(&self, step: &StepId) -> Option<&StepRecord> {
        self.steps.get(step)
    }

    /// All steps that any of the runs knew, by their names.
    #[must_use]
    pub fn steps(&self) -> Vec<(&StepId, &StepRecord)> {
        let mut steps: Vec<_> = self.steps.iter().collect();
        steps.sort_by_key(|(step, _)| step.as_str());
        steps
    }

    /// Adds a run to those before it.
    fn take(&mut self, header: &RunHeader, records: &[Record]) {
        self.runs.push(header.run_id.clone());
        self.header = header.clone();
        let outstanding: HashSet<&StepId> =
            header.outstanding.iter().map(|outstanding| &outstanding.step).collect();
        for step in &header.steps {
            let definition = step.definition.clone();
            let (state, run) = (StepState::NotRun, header.run_id.clone());
            let known = self.steps.entry(step.step.clone()).or_insert_with(|| StepRecord {
                state,
                run: run.clone(),
                definition,
                changed: false,
                outputs: StepOutputs::new(),
                done_with: None,
            });
            if outstanding.contains(&step.step) && known.state == StepState::Done {
                known.state = state;
                known.run = run;
            }
        }
        self.hear(header, records);
    }

    /// Takes in what a run says of the steps.
    fn hear(&mut self, header: &RunHeader, records: &[Record]) {
        let definitions: HashMap<&StepId, &String> =
            header.steps.iter().map(|step| (&step.step, &step.definition)).collect();
        for record in records {
            let Some((step, told)) = told(&record.event) else { continue };
            let Some(known) = self.steps.get_mut(step) else { continue };
            if known.hear(&told)
                && let Some(definition) = definitions.get(step)
            {
                known.run = header.run_id.clone();
                (*definition).clone_into(&mut known.definition);
            }
        }
    }
}

/// The header of a run, and what was recorded after it.
fn began(records: &[Record]) -> Option<(&RunHeader, &[Record])> {
    let header = |record: &Record| matches!(record.event, RunEvent::RunStarted(_));
    let place = records.iter().position(header)?;
    let RunEvent::RunStarted(header) = &records[place].event else { return None };
    Some((header, &records[place + 1..]))
}

/// What an event says of a step.
enum Told<'r> {
    Started,
    CallIntended,
    CallEnded(MutationOutcome),
    Ended(&'r StepResult),
    UndoStarted,
    UndoEnded(UndoOutcome),
}

fn told(event: &RunEvent) -> Option<(&StepId, Told<'_>)> {
    Some(match event {
        RunEvent::StepStarted { step } => (step, Told::Started),
        RunEvent::MutationIntended { step, .. } => (step, Told::CallIntended),
        RunEvent::MutationEnded { step, outcome, .. } => (step, Told::CallEnded(*outcome)),
        RunEvent::StepFinished(result) => (&result.step, Told::Ended(result)),
        RunEvent::UndoStarted { step } => (step, Told::UndoStarted),
        // What nothing was done about is as it was.
        RunEvent::UndoFinished(result)
            if result.outcome == UndoOutcome::Stands && result.attempts == 0 =>
        {
            return None;
        }
        RunEvent::UndoFinished(result) => (&result.step, Told::UndoEnded(result.outcome)),
        _ => return None,
    })
}

impl StepRecord {
    /// Whether any of the runs changed something in this step, or may have.
    #[must_use]
    pub fn may_have_changed(&self) -> bool {
        self.changed || self.state == StepState::CallUnderWay
    }

    /// Takes in what was told; says whether it is this run that tells how the step stands.
    fn hear(&mut self, told: &Told<'_>) -> bool {
        self.state = match told {
            Told::Started => StepState::Interrupted,
            Told::CallIntended => StepState::CallUnderWay,
            Told::CallEnded(outcome) => {
                self.changed |= *outcome != MutationOutcome::Refused;
                let lost = *outcome == MutationOutcome::Unknown;
                if lost { StepState::CallUnderWay } else { StepState::Interrupted }
            }
            // Until it is known that nothing remains, what is there has to be looked at.
            Told::UndoStarted | Told::UndoEnded(UndoOutcome::Stands | UndoOutcome::Failed) => {
                StepState::Ended(StepStatus::RollbackFailed)
            }
            Told::UndoEnded(UndoOutcome::RolledBack) => StepState::Ended(StepStatus::RolledBack),
            Told::UndoEnded(UndoOutcome::Kept) => return false,
            Told::Ended(result) => return self.end(result),
        };
        true
    }

    /// As [`StepRecord::hear`], of its end.
    fn end(&mut self, result: &StepResult) -> bool {
        self.changed |= result.changed;
        if result.skipped.is_none() && result.status.is_satisfied() {
            self.outputs.clone_from(&result.outputs);
        }
        let done_with = result.facts.iter().find_map(|fact| match fact {
            Fact::ItemsPut { done_with, .. } => Some(done_with.clone()),
            _ => None,
        });
        self.done_with = done_with.or_else(|| self.done_with.take());
        self.state = match &result.skipped {
            None if result.status.is_satisfied() => StepState::Done,
            None => StepState::Ended(result.status),
            Some(
                SkipReason::Condition
                | SkipReason::NothingFailed { .. }
                | SkipReason::NothingChanged { .. },
            ) => StepState::Done,
            Some(SkipReason::AlreadyDone { run }) => {
                self.state = StepState::Done;
                self.run = run.clone();
                return false;
            }
            Some(SkipReason::Upstream { .. } | SkipReason::RunEnding) => StepState::NotRun,
            // Whoever left it out first answers for it.
            Some(SkipReason::Selection { outstanding: false, .. })
                if self.state == StepState::LeftOut =>
            {
                return false;
            }
            Some(SkipReason::Selection { outstanding: false, .. }) => StepState::LeftOut,
            // As it was before.
            Some(SkipReason::Selection { outstanding: true, .. }) => return false,
        };
        true
    }
}

#[cfg(test)]
impl RunHeader {
    /// The header of a run of these steps, each the same thing.
    pub(crate) fn for_tests(run: RunId, steps: &[&str], definition: &str) -> Self {
        let step = |name: &&str| super::StepHeader {
            step: StepId::new(name, None),
            kind: "create-table".to_owned(),
            effect: crate::model::Effect::Write,
            table: None,
            table_name: None,
            definition: definition.to_owned(),
        };
        Self {
            run_id: run,
            task: "setup".to_owned(),
            environment: "dev".to_owned(),
            region: "us-east-1".to_owned(),
            endpoint: String::new(),
            identity: None,
            jobs: 1,
            total_tables: 0,
            pinned: super::Pinned {
                osem_version: String::new(),
                account: None,
                endpoint: super::EndpointKind::Service,
                endpoint_url: None,
                table_prefix: String::new(),
                db_prefix: None,
                rehearsal: false,
                variables: std::collections::BTreeMap::new(),
            },
            steps: steps.iter().map(step).collect(),
            recorded: true,
            resumes: None,
            outstanding: Vec::new(),
            undoes: None,
        }
    }
}

#[cfg(test)]
impl Chain {
    /// The chain of one run.
    pub(crate) fn for_tests(run: RunId, steps: HashMap<StepId, StepRecord>) -> Self {
        let header = RunHeader::for_tests(run.clone(), &[], "");
        Self { runs: vec![run], header, steps }
    }
}

#[cfg(test)]
#[path = "chain_tests.rs"]
mod tests;
