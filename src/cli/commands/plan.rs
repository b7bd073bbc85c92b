//! `osem plan` and `--dry-run`: what a task would do. Reads only.

use std::sync::Arc;
use std::time::Instant;

use serde_json::json;

use crate::cli::args::{GlobalArgs, PlanArgs};
use crate::cli::saved_plan;
use crate::cli::session::{self, Choice, Session};
use crate::cli::sink::Sink;
use crate::cli::terminal::Terminal;
use crate::cli::{CommandError, CommandResult, exit};
use crate::report::{Outline, document, render_previews};
use crate::run::{Narrowing, StepPreview};
use crate::table::TableChange;

use super::planning;

pub(super) async fn execute(
    args: &GlobalArgs,
    plan: &PlanArgs,
    terminal: &Terminal,
    started: Instant,
) -> CommandResult {
    let choice = Choice {
        task: &plan.task,
        place: &plan.place,
        indexes: &plan.indexes,
        confirm: None,
        on_failure: None,
        retries: None,
        no_rollback: false,
        resumed: None,
        recorded: None,
    };
    let planned = session::plan(args, choice).await?;
    let selected = plan.selection.apply(&planned.plan);
    let selected = selected.map_err(|failure| CommandError::from(failure).at(&planned.place))?;
    let mut session = session::connect(planned, true, Sink::new(terminal), terminal).await?;
    let narrowing = Narrowing::of_selection(&session.planned.plan, &selected);
    session.context.narrowing = Arc::new(narrowing);
    let place = session.planned.place.clone();
    session.refuse_missing_outputs().map_err(|failure| CommandError::from(failure).at(&place))?;
    if let Some(who) = session.connection.identity.as_ref() {
        let source = &session.connection.credential_source;
        terminal.detail(&format!("{} in account {} ({source})\n", who.arn, who.account));
    }
    for warning in &session.connection.warnings {
        terminal.remark(&format!("! {warning}\n"));
    }
    let previews = planning::previews(&session, terminal)
        .await
        .map_err(|failure| CommandError::from(failure).at(&session.planned.place))?;
    if let Some(file) = &plan.out {
        saved_plan::write(&saved_plan::of_preview(&session, &previews), file)
            .map_err(|failure| CommandError::from(failure).at(&session.planned.place))?;
    }
    Ok(report(&session, &previews, terminal, started))
}

/// Shows what steps would do; gives the exit code.
pub(super) fn report(
    session: &Session,
    previews: &[StepPreview],
    terminal: &Terminal,
    started: Instant,
) -> u8 {
    let problem = previews.iter().find_map(|preview| preview.problem.as_ref());
    let code = if problem.is_some() { exit::FAILED } else { exit::SUCCESS };
    if !terminal.json {
        terminal.result(&render_previews(
            &session.planned.plan,
            previews,
            &session.where_to(),
            terminal.style,
        ));
        return code;
    }
    let changes: Vec<&TableChange> = previews.iter().flat_map(|preview| &preview.changes).collect();
    let outline = Outline {
        command: "plan",
        environment: Some(&session.planned.plan.environment),
        region: Some(&session.planned.region),
        failure: problem,
        exit_code: code,
        duration: started.elapsed(),
        rehearsal: session.pinned().rehearsal,
    };
    let data = json!({
        "task": session.planned.plan.task,
        "endpoint": session.connection.endpoint,
        "totalTables": session.planned.plan.tables.len(),
        "changes": changes,
        "steps": previews,
    });
    terminal.result(&document(outline, data).to_text());
    code
}
