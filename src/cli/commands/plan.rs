//! `osem plan` and `--dry-run`: what a task would do. Reads only.

use std::sync::Arc;
use std::time::Instant;

use serde_json::json;

use crate::cli::args::{GlobalArgs, PlanArgs, PlanFormat};
use crate::cli::masked_plan::{masked_previews, masked_unmanaged};
use crate::cli::saved_plan;
use crate::cli::session::{self, Choice, Session};
use crate::cli::sink::Sink;
use crate::cli::terminal::Terminal;
use crate::cli::{CommandError, CommandResult, exit};
use crate::model::Failure;
use crate::report::{Outline, PlanReport, document, plan_data, render_plan, render_plan_markdown};
use crate::run::{self, Narrowing, Overview, StepPreview};
use crate::table::TableChange;

use super::planning;

pub(super) async fn execute(
    args: &GlobalArgs,
    plan: &PlanArgs,
    terminal: &Terminal,
    started: Instant,
) -> CommandResult {
    let choice = Choice::new(&plan.task, &plan.place, &plan.indexes);
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
    let at = |failure: Failure| CommandError::from(failure).at(&session.planned.place);
    if let Some(file) = &plan.out {
        saved_plan::write(&saved_plan::of_preview(&session, &previews), file).map_err(at)?;
    }
    let code = show(&session, &previews, plan, terminal, started).await.map_err(at)?;
    if let Some(file) = &plan.out {
        terminal.remark(&saved_plan::saved(file));
    }
    Ok(code)
}

/// What a plan shows, and how.
struct Shown {
    format: PlanFormat,
    exit_code: bool,
    previews: Vec<StepPreview>,
    overview: Overview,
}

/// Finds out what the previews come to, and shows it; gives the exit code.
///
/// # Errors
/// As [`run::unmanaged`].
pub(super) async fn show(
    session: &Session,
    previews: &[StepPreview],
    args: &PlanArgs,
    terminal: &Terminal,
    started: Instant,
) -> Result<u8, Failure> {
    let planned = &session.planned;
    let mut beside = run::unmanaged(&planned.plan, &session.context, previews).await?;
    let mask = &session.context.surroundings.mask;
    beside.found = masked_unmanaged(beside.found, mask);
    let jobs = args.jobs.map_or(planned.jobs, usize::from);
    let overview = planning::overview(session, previews, (jobs, &args.state));
    let shown = Shown {
        format: args.format.unwrap_or(PlanFormat::Text),
        exit_code: args.exit_code,
        previews: masked_previews(previews, mask),
        overview: overview.with_unmanaged(beside),
    };
    Ok(report(session, &shown, terminal, started))
}

/// Shows what steps would do; gives the exit code.
fn report(session: &Session, shown: &Shown, terminal: &Terminal, started: Instant) -> u8 {
    let (previews, overview) = (&shown.previews, &shown.overview);
    let problem = previews.iter().find_map(|preview| preview.problem.as_ref());
    let code = match problem {
        Some(_) => exit::FAILED,
        None if shown.exit_code && overview.summary.has_changes => exit::CHANGES,
        None => exit::SUCCESS,
    };
    let (plan, place) = (&session.planned.plan, &session.where_to());
    let report = PlanReport { plan, previews, overview, place };
    if !terminal.json {
        match shown.format {
            PlanFormat::Markdown => terminal.result(&render_plan_markdown(report)),
            PlanFormat::Text | PlanFormat::Json => {
                terminal.page(&render_plan(report, true, terminal.page_style()));
            }
        }
        return code;
    }
    let changes: Vec<&TableChange> = previews.iter().flat_map(|preview| &preview.changes).collect();
    let outline = Outline {
        command: "plan",
        environment: Some(&plan.environment),
        region: Some(&session.planned.region),
        failure: problem,
        exit_code: code,
        duration: started.elapsed(),
        rehearsal: session.pinned().rehearsal,
    };
    let data = json!({
        "task": plan.task,
        "endpoint": session.connection.endpoint,
        "totalTables": plan.tables.len(),
        "plan": plan_data(report),
        "changes": changes,
        "steps": previews,
    });
    let mut document = document(outline, data);
    // That there are changes is no failure.
    document.success = problem.is_none();
    terminal.result(&document.to_text());
    code
}
