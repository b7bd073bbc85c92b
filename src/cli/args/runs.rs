//! What is recorded, and what to do with it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Subcommand, ValueEnum};

use crate::journal::StateDir;

/// Where runs are recorded.
#[derive(Debug, Clone, clap::Args)]
pub(in crate::cli) struct StateArgs {
    /// The folder where runs are recorded [default: .osem beside the root file]
    #[arg(long, global = true, value_name = "DIR", env = "OSEM_STATE_DIR")]
    pub(in crate::cli) state_dir: Option<PathBuf>,
}

impl StateArgs {
    /// The state directory of the project in this folder.
    pub(in crate::cli) fn dir(&self, root: &Path) -> StateDir {
        self.state_dir.as_deref().map_or_else(|| StateDir::of_project(root), StateDir::named)
    }
}

#[derive(Debug, Clone, clap::Args)]
pub(in crate::cli) struct RunsArgs {
    #[command(subcommand)]
    pub(in crate::cli) command: Option<RunsCommand>,
    #[command(flatten)]
    pub(in crate::cli) state: StateArgs,
}

/// What to do with earlier runs.
#[derive(Debug, Clone, Subcommand)]
pub(in crate::cli) enum RunsCommand {
    /// List them, newest first
    #[command(after_help = "\
Examples:
  osem runs list
  osem runs list --json | jq '.data.runs[] | select(.status != \"succeeded\")'

ENDED is one of: succeeded; failed (nothing was changed); partial (what was changed stands);
rollback failed (look at what `runs show` names); unfinished (killed); running; unreadable.")]
    List,
    /// Show one as it was at its end
    #[command(after_help = "\
Examples:
  osem runs show last
  osem runs show 20261122T104107Z-k3f9 --verbose
  osem runs show last --format json      the document that the run printed with --json

The exit code is 0 when the run could be shown; that of the run is in the document. A run that did
not end has 2 there.")]
    Show {
        /// The run: its id, the start of it, or `last`
        run: String,
        /// How to show it
        #[arg(long, value_name = "FORMAT", env = "OSEM_FORMAT", default_value = "text")]
        format: RunFormat,
    },
    /// Remove the oldest; never one that is running or did not end
    #[command(after_help = "\
Examples:
  osem runs prune                        keeps the newest 100, as every run does by itself
  osem runs prune --keep 20
  osem runs prune --older-than 30d")]
    Prune {
        /// Keep this many of the newest [default: 100, unless --older-than is given]
        #[arg(long, value_name = "N", env = "OSEM_KEEP")]
        keep: Option<usize>,
        /// Remove those that ended longer ago than this
        #[arg(long, value_name = "DURATION", env = "OSEM_OLDER_THAN", value_parser = super::run::duration)]
        older_than: Option<Duration>,
    },
}

/// How to show a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum RunFormat {
    /// For people
    Text,
    /// The document of `--json`
    Json,
}
