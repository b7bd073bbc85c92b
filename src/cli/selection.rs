//! The flags that choose steps.

use std::collections::BTreeSet;

use clap::ArgAction;
use clap::builder::FalseyValueParser;

use crate::model::{ErrorCode, Failure, StepId};
use crate::plan::{LeftOut, Plan, Selection};

/// Where the flags stand in the help.
const HEADING: &str = "Selection of steps";

/// Which steps to run, where not all.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct SelectionArgs {
    /// Only these: 'create-table[Users]', create-table of all tables, '*[Users]', 'tag*'
    #[arg(long, value_name = "STEP", env = "OSEM_ONLY", help_heading = HEADING)]
    #[arg(value_delimiter = ',')]
    only: Vec<String>,
    /// Only these and what comes after them
    #[arg(long, value_name = "STEP", env = "OSEM_FROM", help_heading = HEADING)]
    #[arg(value_delimiter = ',')]
    from: Vec<String>,
    /// Not these
    #[arg(long, value_name = "STEP", env = "OSEM_SKIP", help_heading = HEADING)]
    #[arg(value_delimiter = ',')]
    skip: Vec<String>,
    /// Of all these, only the steps of these tables
    #[arg(long, value_name = "TABLE", env = "OSEM_TABLE", help_heading = HEADING)]
    #[arg(value_delimiter = ',')]
    table: Vec<String>,
    /// Also what the chosen steps need; otherwise that is taken for done
    #[arg(long, env = "OSEM_WITH_DEPENDENCIES", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue, help_heading = HEADING)]
    with_dependencies: bool,
    /// Also what comes after the chosen steps
    #[arg(long, env = "OSEM_WITH_DEPENDENTS", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue, help_heading = HEADING)]
    with_dependents: bool,
}

impl SelectionArgs {
    /// For each node of a plan, the flag for which it does not run.
    ///
    /// # Errors
    /// `USAGE_INVALID` for a pattern that names nothing.
    pub(super) fn apply(&self, plan: &Plan) -> Result<Vec<Option<LeftOut>>, Failure> {
        self.selection().apply(plan).map_err(|error| {
            Failure::new(ErrorCode::UsageInvalid, error.to_string()).fix(error.remedy())
        })
    }

    /// The steps that the flags name themselves.
    pub(super) fn named(&self, plan: &Plan) -> BTreeSet<StepId> {
        self.selection().named(plan)
    }

    fn selection(&self) -> Selection {
        Selection {
            only: self.only.clone(),
            from: self.from.clone(),
            skip: self.skip.clone(),
            tables: self.table.clone(),
            with_dependencies: self.with_dependencies,
            with_dependents: self.with_dependents,
        }
    }
}
