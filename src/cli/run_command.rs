//! What stands beside the flags of a run: what to run, or what to go on with.

use std::path::PathBuf;

use super::args::RunArgs;

/// `osem run`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct RunCommand {
    /// The task
    #[arg(required_unless_present = "plan")]
    task: Option<String>,
    #[command(flatten)]
    pub(super) run: RunArgs,
    /// Carry out this plan, saved by `osem plan --out`, and nothing else
    #[arg(long, value_name = "FILE", env = "OSEM_PLAN")]
    #[arg(conflicts_with_all = ["dry_run", "resume", "only", "from", "skip", "table"])]
    plan: Option<PathBuf>,
    /// Go on with the task's unfinished run, or with this run; where there is none, start afresh
    #[arg(long, value_name = "RUN", env = "OSEM_RESUME", num_args = 0..=1)]
    #[arg(require_equals = true, default_missing_value = "")]
    resume: Option<String>,
}

impl RunCommand {
    /// Hands what stands beside the flags to those who carry the run out.
    pub(super) fn settle(&mut self) {
        self.run.task = self.task.take();
        self.run.plan = self.plan.take();
        self.run.resume = self.resume.take();
    }
}

/// `osem resume`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ResumeCommand {
    /// The run: its id, the start of it, or `last` [default: the only unfinished one]
    #[arg(value_name = "RUN")]
    pub(super) name: Option<String>,
    #[command(flatten)]
    pub(super) run: RunArgs,
}
