//! The flags of commands that change something.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ArgAction;
use clap::builder::FalseyValueParser;

use crate::cli::selection::SelectionArgs;

use super::{PlaceArgs, PlanArgs, StateArgs};

/// What may be done to indexes besides adding them.
#[derive(Debug, Clone, Default, clap::Args)]
pub(in crate::cli) struct IndexArgs {
    /// Delete this live index, which the file does not declare: TABLE/INDEX
    #[arg(long, value_name = "TABLE/INDEX")]
    pub(in crate::cli) prune: Vec<String>,
    /// Delete this index and make it anew where it differs from the file: TABLE/INDEX
    #[arg(long, value_name = "TABLE/INDEX")]
    pub(in crate::cli) replace: Vec<String>,
}

#[derive(Debug, Clone, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each one is a flag of its own")]
pub(in crate::cli) struct RunArgs {
    /// The task; `None` until the record or the saved plan that names it was read.
    #[arg(skip)]
    pub(in crate::cli) task: Option<String>,
    /// The saved plan to carry out.
    #[arg(skip)]
    pub(in crate::cli) plan: Option<PathBuf>,
    /// The run to go on with; empty where the only unfinished one is meant.
    #[arg(skip)]
    pub(in crate::cli) resume: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) place: PlaceArgs,
    #[command(flatten)]
    pub(in crate::cli) selection: SelectionArgs,
    #[command(flatten)]
    pub(in crate::cli) indexes: IndexArgs,
    /// Steps at work at once; those that only wait do not count, except with 1 [default: the
    /// project's `jobs`, else 8]
    #[arg(short, long, value_name = "N", env = "OSEM_JOBS")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::cli) jobs: Option<u16>,
    /// After a failure, go on with everything that does not depend on it
    #[arg(short, long, env = "OSEM_KEEP_GOING", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(in crate::cli) keep_going: bool,
    /// After a failure, start nothing new, whatever the file says
    #[arg(long, env = "OSEM_FAIL_FAST", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(in crate::cli) fail_fast: bool,
    /// After so many failures, start nothing new, where a failure alone does not do that
    #[arg(long, value_name = "N", env = "OSEM_MAX_FAIL")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub(in crate::cli) max_fail: Option<u32>,
    /// Undo nothing, whatever the file says: what was made stays, for `resume` or `rollback`
    #[arg(long, env = "OSEM_NO_ROLLBACK", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(in crate::cli) no_rollback: bool,
    /// The time for the run, such as 30m; then it starts nothing new and ends with 124
    #[arg(long, value_name = "DURATION", env = "OSEM_TIMEOUT", value_parser = timeout)]
    pub(in crate::cli) timeout: Option<Duration>,
    /// More tries for each step that fails for a passing reason [default: the file's]
    #[arg(long, value_name = "N", env = "OSEM_RETRIES")]
    pub(in crate::cli) retries: Option<u32>,
    /// Wait this long for another run of the environment to end [default: not at all]
    #[arg(long, value_name = "DURATION", env = "OSEM_LOCK_WAIT", value_parser = duration)]
    pub(in crate::cli) lock_wait: Option<Duration>,
    /// Write every event as it happens to this file (`-`: stdout), one JSON object a line
    #[arg(long, value_name = "FILE", env = "OSEM_EVENTS")]
    pub(in crate::cli) events: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) state: StateArgs,
    /// Show what it would do; change nothing
    #[arg(short = 'n', long, env = "OSEM_DRY_RUN", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(in crate::cli) dry_run: bool,
    /// Answer yes; not where the environment's name must be typed
    #[arg(short, long, env = "OSEM_YES", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(in crate::cli) yes: bool,
    /// Confirm by the environment's name, as if typed
    #[arg(long, value_name = "ENV")]
    pub(in crate::cli) confirm: Option<String>,
}

impl RunArgs {
    /// What shows what the run would do.
    pub(in crate::cli) fn as_plan(&self) -> PlanArgs {
        let Self { place, selection, indexes, jobs, state, .. } = self.clone();
        let task = self.task().to_owned();
        let (out, format, exit_code) = (None, None, false);
        PlanArgs { task, place, out, format, exit_code, jobs, selection, indexes, state }
    }

    /// The task, which is known once a saved plan was read.
    pub(in crate::cli) fn task(&self) -> &str {
        self.task.as_deref().unwrap_or_default()
    }

    /// Whether stdout belongs to the events.
    pub(in crate::cli) fn events_on_stdout(&self) -> bool {
        self.events.as_deref().is_some_and(|target| target == Path::new("-"))
    }
}

#[derive(Debug, Clone, clap::Args)]
pub(in crate::cli) struct RollbackArgs {
    /// The run: its id, the start of it, or `last`
    pub(in crate::cli) run: String,
    #[command(flatten)]
    pub(in crate::cli) place: PlaceArgs,
    /// Steps that are undone at once [default: the project's `jobs`, else 8]
    #[arg(short, long, value_name = "N", env = "OSEM_JOBS")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::cli) jobs: Option<u16>,
    /// Wait this long for another run of the environment to end [default: not at all]
    #[arg(long, value_name = "DURATION", env = "OSEM_LOCK_WAIT", value_parser = duration)]
    pub(in crate::cli) lock_wait: Option<Duration>,
    #[command(flatten)]
    pub(in crate::cli) state: StateArgs,
    /// Show what would be undone; change nothing
    #[arg(short = 'n', long, env = "OSEM_DRY_RUN", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(in crate::cli) dry_run: bool,
    /// Confirm by the environment's name, as if typed
    #[arg(long, value_name = "ENV")]
    pub(in crate::cli) confirm: Option<String>,
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|_| "write a duration such as 30s, 10m or 2h".to_owned())
}

fn timeout(text: &str) -> Result<Duration, String> {
    let parsed = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    let week = Duration::from_hours(7 * 24);
    if parsed.is_zero() || parsed > week {
        return Err("it must be more than nothing, and at most 7 days".to_owned());
    }
    Ok(parsed)
}
