//! `osem resume` and `run TASK --resume`: goes on with a recorded run.

use std::time::Instant;

use crate::cli::args::{GlobalArgs, RunArgs};
use crate::cli::pinned;
use crate::cli::project;
use crate::cli::resume::{self, Target, Wanted};
use crate::cli::run_command::ResumeCommand;
use crate::cli::session::{self, Choice};
use crate::cli::sink::Sink;
use crate::cli::terminal::Terminal;
use crate::cli::{CommandError, CommandResult, exit};
use crate::journal::RunHeader;
use crate::report::{Data, Outline, document};
use crate::run;
use crate::step::Registry;

use super::{plan, planning, run as run_command};

/// `osem resume [RUN]`.
pub(super) async fn execute(
    args: &GlobalArgs,
    resume: &ResumeCommand,
    terminal: &Terminal,
    started: Instant,
) -> CommandResult {
    let run = &resume.run;
    let variable = session::variable("OSEM_ENV")?;
    let wanted = Wanted {
        name: resume.name.as_deref(),
        task: None,
        environment: run.place.env.as_deref().or(variable.as_deref()),
        rehearsal: run.place.rehearse.then_some(true),
    };
    let history = run.state.dir(&project::root(args)?).history();
    match resume::find(&history, wanted, run.lock_wait.is_some())? {
        Target::Run(header) => go_on(args, run, &header, terminal, started).await,
        Target::Nothing(why) => {
            say_nothing(&why, terminal, started);
            Ok(exit::SUCCESS)
        }
    }
}

/// `osem run TASK --resume[=RUN]`: where nothing is unfinished, the task starts afresh.
pub(super) async fn execute_task(
    args: &GlobalArgs,
    run: &RunArgs,
    terminal: &Terminal,
    started: Instant,
) -> CommandResult {
    let name = run.resume.as_deref().filter(|name| !name.is_empty());
    let config = project::load(args, &Registry::built_in())?;
    let environment = match name {
        Some(_) => None,
        None => Some(project::environment(&config, run.place.env.as_deref())?.name.value.clone()),
    };
    let wanted = Wanted {
        name,
        task: Some(run.task()),
        environment: environment.as_deref(),
        rehearsal: Some(run.place.rehearse),
    };
    let history = run.state.dir(&config.root).history();
    match resume::find(&history, wanted, run.lock_wait.is_some())? {
        Target::Run(header) => go_on(args, run, &header, terminal, started).await,
        Target::Nothing(why) => {
            terminal.remark(&format!("{why}: starts afresh\n"));
            let afresh = RunArgs { resume: None, ..run.clone() };
            if run.dry_run {
                return plan::execute(args, &afresh.as_plan(), terminal, started).await;
            }
            run_command::execute(args, &afresh, None, terminal).await
        }
    }
}

fn say_nothing(why: &str, terminal: &Terminal, started: Instant) {
    let text = format!("nothing to resume: {why}");
    if !terminal.json {
        terminal.remark(&format!("{text}\n"));
        return;
    }
    let outline = Outline { command: "resume", duration: started.elapsed(), ..Outline::default() };
    let data = Data { warnings: vec![text], ..Data::default() };
    terminal.result(&document(outline, data).to_text());
}

async fn go_on(
    args: &GlobalArgs,
    run: &RunArgs,
    header: &RunHeader,
    terminal: &Terminal,
    started: Instant,
) -> CommandResult {
    let run = resume::pin(run, header)?;
    if run.dry_run {
        return preview(args, &run, header, terminal, started).await;
    }
    run_command::execute(args, &run, Some(header), terminal).await
}

/// Shows what a resume would do, and what for. Reads only.
async fn preview(
    args: &GlobalArgs,
    run: &RunArgs,
    header: &RunHeader,
    terminal: &Terminal,
    started: Instant,
) -> CommandResult {
    let choice = Choice {
        no_rollback: run.no_rollback,
        resumed: Some(header),
        recorded: Some(&header.pinned.variables),
        ..Choice::new(run.task(), &run.place, &run.indexes)
    };
    let mut planned = session::plan(args, choice).await?;
    let place = planned.place.clone();
    let at = |failure| CommandError::from(failure).at(&place);
    pinned::refuse_other_place(&planned, header).map_err(at)?;
    let selected = run.selection.apply(&planned.plan).map_err(at)?;
    let named = run.selection.named(&planned.plan);
    let state = run.state.dir(&planned.root);
    planned.bind_secrets(|| state.key_if_there()).map_err(at)?;
    let history = state.history();
    let chain = resume::chain(&history, &header.run_id).map_err(at)?;
    let mut session = session::connect(planned, true, Sink::new(terminal), terminal).await?;
    pinned::refuse_elsewhere(&session, &chain.header).map_err(at)?;
    let previews = planning::each(&session, terminal).await.map_err(at)?;
    let previews = resume::narrow(&mut session, &chain, &selected, &named, previews);
    let previews = run::supposed(&session.planned.plan, &session.context, previews);
    let previews = previews.await.map_err(at)?;
    session.refuse_missing_outputs().map_err(at)?;
    for line in run::gone(&session.planned.plan, &chain) {
        terminal.remark(&format!("! {line}\n"));
    }
    plan::show(&session, &previews, &run.as_plan(), terminal, started).await.map_err(at)
}
