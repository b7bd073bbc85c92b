//! `osem runs`: what earlier runs came to. Connects nowhere.

use std::time::{Instant, SystemTime};

use serde::Serialize;
use serde_json::json;

use crate::cli::args::{GlobalArgs, RunFormat, RunsArgs, RunsCommand};
use crate::cli::recording::KEPT;
use crate::cli::terminal::Terminal;
use crate::cli::{CommandResult, exit, project};
use crate::journal::{History, Outlines, PastRun, RunId};
use crate::model::{ErrorCode, Failure, unix_millis};
use crate::report::{
    Document, Links, Outline, RunEntry, RunFold, count, document, render_failure, render_run,
    render_runs,
};

pub(super) fn execute(
    args: &GlobalArgs,
    runs: &RunsArgs,
    terminal: &Terminal,
    started: Instant,
) -> CommandResult {
    let state = project::state(args, &runs.state)?;
    let history = state.history();
    match &runs.command {
        None | Some(RunsCommand::List) => list(&history, terminal, started)?,
        Some(RunsCommand::Show { run, format }) => show(&history, run, *format, terminal)?,
        Some(RunsCommand::Prune { keep, older_than }) => {
            let keep = keep.or(older_than.is_none().then_some(KEPT));
            let now = unix_millis(SystemTime::now());
            let removed = history.prune(keep, *older_than, now)?;
            let mut text = format!("{} removed\n", count(removed.len(), "run"));
            text.extend(removed.iter().map(|run| format!("  {run}\n")));
            say(&text, json!({ "removed": removed }), terminal, started);
        }
    }
    Ok(exit::SUCCESS)
}

fn say(text: &str, data: impl Serialize, terminal: &Terminal, started: Instant) {
    if !terminal.json {
        return terminal.page(text);
    }
    let outline = Outline { command: "runs", duration: started.elapsed(), ..Outline::default() };
    terminal.result(&document(outline, data).to_text());
}

fn list(history: &History, terminal: &Terminal, started: Instant) -> Result<(), Failure> {
    let outlines = history.outlines()?;
    let runs: Vec<RunEntry> =
        history.runs()?.into_iter().map(|run| entry(run, &outlines)).collect();
    if !terminal.json {
        for run in &runs {
            let Some(why) = &run.error else { continue };
            let remark = Failure::new(ErrorCode::UnknownError, format!("{}: {why}", run.run_id));
            terminal.remark(&render_failure(&remark, terminal.style));
        }
    }
    say(&render_runs(&runs), json!({ "runs": runs }), terminal, started);
    Ok(())
}

fn entry(run: PastRun, outlines: &Outlines) -> RunEntry {
    let found = run.read();
    let links = links(&run.id, outlines);
    match found.reading {
        Ok(reading) => RunEntry::of(run.id, &RunFold::of(&reading.records), found.running, links),
        Err(error) => RunEntry::unreadable(run.id, error.to_string()),
    }
}

/// The other runs of a run's chain, and those of taking it back.
fn links(run: &RunId, outlines: &Outlines) -> Links {
    let Some(outline) = outlines.get(run) else { return Links::default() };
    let tip = outlines.tip(outline);
    let whole = outlines.taken_back_by(run).map(|undoing| undoing.run.clone());
    let in_part = outlines.undone_by(run).next().filter(|_| whole.is_none());
    Links {
        resumes: outline.resumes.clone(),
        resumed_by: outlines.resumed_by(run).map(|next| next.run.clone()),
        finished_by: Some(tip.run.clone()).filter(|end| end != run && !tip.is_unfinished()),
        undoes: outline.undoes.clone(),
        rolled_back_in_part_by: in_part.map(|undoing| undoing.run.clone()),
        rolled_back_by: whole,
    }
}

fn show(
    history: &History,
    run: &str,
    format: RunFormat,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let run = history.find(run)?;
    let found = run.read();
    let reading = found.reading.map_err(|error| {
        Failure::new(ErrorCode::UnknownError, error.to_string())
            .cause("the file was changed, or damaged")
            .fix("compare the tables with the file: osem verify")
    })?;
    if reading.skipped > 0 {
        let records = count(reading.skipped, "record");
        let verb = if reading.skipped == 1 { "is" } else { "are" };
        terminal.remark(&format!("{records} of a later version of osem {verb} left out\n"));
    }
    let whole = !reading.torn && reading.skipped == 0;
    let fold = RunFold::of(&reading.records);
    if terminal.json || format == RunFormat::Json {
        let unfinished = || Document::of_unfinished(&fold, found.running);
        let document = if found.running { None } else { Document::of_run(&fold) };
        let document = document.or_else(unfinished).ok_or_else(|| empty(&run, whole))?;
        terminal.result(&document.to_text());
        return Ok(());
    }
    let style = terminal.page_style();
    let links = links(&run.id, &history.outlines()?);
    let text = render_run(&fold, found.running, &links, style, terminal.verbosity);
    if text.is_empty() {
        return Err(empty(&run, whole));
    }
    terminal.page(&text);
    Ok(())
}

/// A run whose journal does not tell of its start; `whole` says that there is nothing else in it.
fn empty(run: &PastRun, whole: bool) -> Failure {
    if !whole {
        let message = format!("the journal of run {} does not tell how it began", run.id);
        return Failure::new(ErrorCode::UnknownError, message)
            .cause("what stands in it was cut off, or is of a later version of osem")
            .fix("compare the tables with the file: osem verify");
    }
    let message = format!("run {} was killed before it began: nothing was changed", run.id);
    Failure::new(ErrorCode::UnknownError, message).fix("see: osem runs list")
}
