//! `osem plan` and `--dry-run`: what a task would do. Reads only.

use std::time::Instant;

use serde_json::json;

use crate::cli::args::{GlobalArgs, PlanArgs};
use crate::cli::session::{self, Choice};
use crate::cli::terminal::Terminal;
use crate::cli::{CommandResult, exit};
use crate::report::render_previews;
use crate::run;
use crate::table::TableChange;

pub(super) async fn execute(
    args: &GlobalArgs,
    plan: &PlanArgs,
    terminal: &Terminal,
    started: Instant,
) -> CommandResult {
    let choice = Choice { task: &plan.task, place: &plan.place, on_failure: None, retries: None };
    let session = session::open(args, choice, terminal).await?;
    for warning in &session.connection.warnings {
        terminal.remark(&format!("! {warning}\n"));
    }
    let previews = run::preview(&session.plan, &session.context).await?;
    let problem = previews.iter().find_map(|preview| preview.problem.as_ref());
    let code = if problem.is_some() { exit::FAILED } else { exit::SUCCESS };
    if !terminal.json {
        terminal.result(&render_previews(
            &session.plan,
            &previews,
            &session.place(),
            terminal.style,
        ));
        return Ok(code);
    }
    let changes: Vec<&TableChange> = previews.iter().flat_map(|preview| &preview.changes).collect();
    let document = json!({
        "success": problem.is_none(),
        "command": "plan",
        "task": session.plan.task,
        "environment": session.plan.environment,
        "region": session.region,
        "endpoint": session.connection.endpoint,
        "data": {
            "totalTables": session.plan.tables.len(),
            "changes": changes,
            "steps": previews,
        },
        "error": problem,
        "duration": u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "exitCode": code,
    });
    terminal.result(&format!("{document:#}\n"));
    Ok(code)
}
