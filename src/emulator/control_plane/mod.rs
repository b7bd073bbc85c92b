//! DynamoDB's control plane, simulated.
//!
//! [`ControlPlane`] answers the operations that describe and change tables as the service does:
//! with states that last, one change at a time, cooldowns, budgets, quotas and the account's limit
//! on mutating calls, in the service's own codes and words. It is pure apart from the [`Engine`]
//! that keeps the items: time comes in with each call, and what must survive the process goes out
//! as rows to store.
//!
//! The engine makes every change at once and is the truth about everything it keeps. A [`Table`]
//! record holds the rest: what the engine has no room for, what is still shown although it has
//! changed, and when what was changed. A table without a record, such as one that was made by an
//! instant control plane or whose record was not stored before the process was killed, is taken as
//! the engine describes it, with nothing under way.
//!
//! Not simulated: replicas, imports and restores; `Rate exceeded` by connection; replies
//! that differ between the endpoints of a region.

mod account;
mod arn;
mod backups;
mod create;
mod delete;
mod describe;
mod errors;
mod insights;
mod items;
mod kinesis;
mod limits;
mod policy;
mod record;
mod saved;
mod shape;
mod statistics;
mod tags;
#[cfg(test)]
mod tests;
mod time_to_live;
mod times;
mod update;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::model::Simulation;

pub(super) use arn::{ENGINE_PREFIX, arn_prefix};
pub(super) use errors::{ApiError, account_throttled, rate_exceeded};
use limits::Limits;
use record::{Kind, Pending, Table};
use saved::Backup;
pub(super) use statistics::Statistics;
use times::Scale;

/// Milliseconds since the Unix epoch.
pub(super) type Millis = u64;

/// The engine behind the control plane: tables with their items, every change at once.
pub(super) trait Engine {
    /// One operation of the DynamoDB API, such as `CreateTable`, with its JSON bodies.
    fn call(&self, operation: &str, body: &Value) -> Result<Value, ApiError>;

    /// What `CreateTable` would refuse about a request if there were no tables at all.
    fn check_create(&self, body: &Value) -> Result<(), ApiError>;
}

/// A row of the control plane's state, to be stored under its key; no text means gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) key: String,
    pub(super) text: Option<String>,
}

/// The simulated control plane of one account in one region.
#[derive(Debug)]
pub(super) struct ControlPlane {
    settings: Simulation,
    region: String,
    scale: Scale,
    limits: Limits,
    /// The tables of which more is known than the engine keeps, by name.
    tables: BTreeMap<String, Table>,
    /// The names of all tables that are not being deleted; `None` until the engine was asked.
    names: Option<BTreeSet<String>>,
    /// Backups by their ARN; they outlive their tables.
    backups: BTreeMap<String, Backup>,
    /// Ids of the tables whose rows are to be stored anew.
    touched: BTreeSet<String>,
    /// The same of backups, by ARN.
    touched_backups: BTreeSet<String>,
    statistics: Statistics,
}

/// A call that is being answered.
#[derive(Clone, Copy)]
struct Call<'a> {
    engine: &'a dyn Engine,
    body: &'a Value,
    now: Millis,
}

type Answer = Result<Value, ApiError>;

impl ControlPlane {
    /// A control plane with the state that an earlier one gave to store. What that one began ends
    /// as fast as time passes now.
    pub(super) fn new(settings: Simulation, region: String, rows: Vec<Row>, now: Millis) -> Self {
        let (mut tables, mut backups) = (Vec::new(), Vec::new());
        let mut earlier = settings.time_scale;
        for Row { key, text } in rows {
            let text = text.unwrap_or_default();
            if key == SCALE_KEY {
                earlier = text.parse().unwrap_or(earlier);
            } else if key.starts_with(BACKUP_KEYS) {
                backups.extend(serde_json::from_str::<Backup>(&text));
            } else {
                tables.extend(serde_json::from_str::<Table>(&text));
            }
        }
        let ratio = earlier / settings.time_scale;
        for table in &mut tables {
            table.rescale(now, ratio);
        }
        for moment in backups.iter_mut().flat_map(Backup::moments) {
            record::moved(moment, now, ratio);
        }
        Self {
            scale: Scale { factor: settings.time_scale, seed: settings.seed },
            limits: Limits::new(settings.mutations),
            touched: tables.iter().map(|table| table.id.clone()).collect(),
            touched_backups: backups.iter().map(|backup| backup.arn.clone()).collect(),
            backups: backups.into_iter().map(|backup| (backup.arn.clone(), backup)).collect(),
            tables: tables.into_iter().map(|table| (table.name.clone(), table)).collect(),
            names: None,
            statistics: Statistics::default(),
            settings,
            region,
        }
    }

    /// Whether it answers this operation itself; all others are the engine's, after
    /// [`ControlPlane::admit`].
    pub(super) fn owns(operation: &str) -> bool {
        handler(operation).is_some()
    }

    /// Answers an operation of its own.
    pub(super) fn handle(
        &mut self,
        engine: &dyn Engine,
        operation: &str,
        body: &Value,
        now: Millis,
    ) -> Answer {
        self.settle(now);
        let answer = match handler(operation) {
            Some(handler) => {
                let body = self.to_engine(body);
                let call = Call { engine, body: &body, now };
                handler(self, call).map(|answer| self.localized(answer))
            }
            None => Err(errors::unknown_operation()),
        };
        let answer = answer.map_err(|error| self.localized_error(error));
        self.statistics.count(operation, answer.as_ref().err());
        answer
    }

    /// What must be stored since it was asked last, before the answer is sent.
    pub(super) fn take_rows(&mut self) -> Vec<Row> {
        let touched = std::mem::take(&mut self.touched);
        let backups = std::mem::take(&mut self.touched_backups);
        if touched.is_empty() && backups.is_empty() {
            return Vec::new();
        }
        let row = |id: String| {
            let table = self.tables.values().find(|table| table.id == id);
            let text = table.map(stored);
            Row { key: format!("table/{id}"), text }
        };
        let scale =
            Row { key: SCALE_KEY.to_owned(), text: Some(self.settings.time_scale.to_string()) };
        let backup = |arn: String| {
            let text = self.backups.get(&arn).map(stored);
            Row { key: format!("{BACKUP_KEYS}{arn}"), text }
        };
        let rows = touched.into_iter().map(row);
        rows.chain(backups.into_iter().map(backup)).chain([scale]).collect()
    }

    /// What it has done since the process started.
    pub(super) fn statistics(&self) -> Statistics {
        Statistics { lower_bound_ms: self.lower_bound(), ..self.statistics.clone() }
    }

    /// The engine's description of a table, with its record made ready; `None` where there is no
    /// such table.
    fn look_up(&mut self, call: Call<'_>, name: &str) -> Result<Option<Value>, ApiError> {
        if let Some(last) = self.tables.get(name).and_then(|table| table.last.clone()) {
            return Ok(Some(last));
        }
        match call.engine.call("DescribeTable", &json!({ "TableName": name })) {
            Ok(mut answer) => {
                let description = answer["Table"].take();
                let id = description["TableId"].as_str().unwrap_or_default();
                if self.tables.get(name).is_none_or(|table| table.id != id) {
                    self.forget(name);
                    self.tables.insert(name.to_owned(), Table::new(name, &description));
                }
                Ok(Some(description))
            }
            Err(error) if error.code() == "ResourceNotFoundException" => {
                self.forget(name);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// As [`ControlPlane::look_up`], with the record; a table must be there.
    fn existing(&mut self, call: Call<'_>, name: &str) -> Result<(Value, &mut Table), ApiError> {
        let description = self.look_up(call, name)?.ok_or_else(|| errors::table_not_found(name))?;
        Ok((description, self.record(name)))
    }

    /// The record of a table that was looked up.
    fn record(&mut self, name: &str) -> &mut Table {
        self.tables.get_mut(name).expect("a table that was looked up has a record")
    }

    /// Forgets the changes that have ended, and the tables whose deletion has: what is left of
    /// either is under way while a call is answered.
    fn settle(&mut self, now: Millis) {
        let mut gone = Vec::new();
        for table in self.tables.values_mut() {
            if table.settle(now) {
                gone.push(table.name.clone());
            }
        }
        for name in gone {
            self.forget(&name);
        }
        self.expire_backups(now);
    }

    fn forget(&mut self, name: &str) {
        if let Some(table) = self.tables.remove(name) {
            self.touched.insert(table.id);
        }
    }

    /// Marks a record to be stored.
    fn touch(&mut self, name: &str) {
        let id = self.record(name).id.clone();
        self.touched.insert(id);
    }

    /// Begins a change that lasts. `table` is how long the table itself is UPDATING, `whole` how
    /// long it all takes.
    fn begin(
        &mut self,
        name: &str,
        kind: Kind,
        now: Millis,
        table: Millis,
        whole: Millis,
    ) -> &mut Pending {
        let record = self.record(name);
        record.changes += 1;
        record.pending.push(Pending {
            kind,
            index: None,
            table_until: now.saturating_add(table),
            until: now.saturating_add(whole),
            shown: Value::Null,
        });
        self.statistics.longest_state_ms = self.statistics.longest_state_ms.max(whole);
        self.touch(name);
        self.count_operations();
        self.record(name).pending.last_mut().expect("one was just added")
    }

    /// A time within a range, for the next change of a table.
    fn pick(&self, span: &std::ops::RangeInclusive<Millis>, name: &str) -> Millis {
        let change = self.tables.get(name).map_or(0, |table| table.changes);
        self.scale.pick(span, name, change)
    }
}

/// The key of the row that says how fast time passed when the others were written.
const SCALE_KEY: &str = "time-scale";

/// How the keys of the rows of backups begin.
const BACKUP_KEYS: &str = "backup/";

fn stored(record: &impl serde::Serialize) -> String {
    serde_json::to_string(record).expect("a record is plain data with text keys")
}

type Handler = fn(&mut ControlPlane, Call<'_>) -> Answer;

/// Who answers an operation.
fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "CreateTable" => ControlPlane::create_table,
        "DeleteTable" => ControlPlane::delete_table,
        "DescribeTable" => ControlPlane::describe_table,
        "ListTables" => ControlPlane::list_tables,
        "UpdateTable" => ControlPlane::update_table,
        "DescribeLimits" => |_, _| Ok(account::quotas()),
        "TagResource" => ControlPlane::tag_resource,
        "UntagResource" => ControlPlane::untag_resource,
        "ListTagsOfResource" => ControlPlane::list_tags,
        "UpdateTimeToLive" => ControlPlane::update_time_to_live,
        "DescribeTimeToLive" => ControlPlane::describe_time_to_live,
        "UpdateContinuousBackups" => ControlPlane::update_continuous_backups,
        "DescribeContinuousBackups" => ControlPlane::describe_continuous_backups,
        "CreateBackup" => ControlPlane::create_backup,
        "DescribeBackup" => ControlPlane::describe_backup,
        "DeleteBackup" => ControlPlane::delete_backup,
        "ListBackups" => ControlPlane::list_backups,
        "PutResourcePolicy" => ControlPlane::put_resource_policy,
        "GetResourcePolicy" => ControlPlane::get_resource_policy,
        "DeleteResourcePolicy" => ControlPlane::delete_resource_policy,
        "UpdateContributorInsights" => ControlPlane::update_contributor_insights,
        "DescribeContributorInsights" => ControlPlane::describe_contributor_insights,
        "EnableKinesisStreamingDestination" => ControlPlane::enable_kinesis,
        "DisableKinesisStreamingDestination" => ControlPlane::disable_kinesis,
        "UpdateKinesisStreamingDestination" => ControlPlane::update_kinesis,
        "DescribeKinesisStreamingDestination" => ControlPlane::describe_kinesis,
        _ => return None,
    })
}

/// A member of a request that holds text; empty where it is missing.
fn text<'a>(body: &'a Value, member: &str) -> &'a str {
    body[member].as_str().unwrap_or_default()
}
