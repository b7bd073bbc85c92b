//! `osem plan --out FILE` and `osem run --plan FILE`.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::journal::{EndpointKind, fingerprint};
use crate::model::{ErrorCode, Failure, quoted};
use crate::plan;
use crate::run::{PlanPlace, SavedPlan, StepPreview};

use super::args::RunArgs;
use super::pinned::{self, Bound};
use super::session::Session;

/// What is larger was not written by osem: the plan of ten thousand tables takes a tenth of it.
const LARGEST: u64 = 256 << 20;

/// What a preview showed, in the form in which it can be saved and compared.
pub(super) fn of_preview(session: &Session, previews: &[StepPreview]) -> SavedPlan {
    let planned = &session.planned;
    let programs = plan::program_files(&planned.plan, &planned.root).into_iter();
    // One that cannot be read by now cannot be run either.
    let programs = programs.map(|(name, file)| {
        let read = fs::read(file).map_or_else(|error| error.to_string(), |text| fingerprint(&text));
        (name, read)
    });
    let place = PlanPlace {
        task: planned.plan.task.clone(),
        environment: planned.plan.environment.clone(),
        region: planned.region.clone(),
        pinned: session.pinned(),
        files: planned.fingerprints.clone().into_iter().chain(programs).collect(),
        prune: planned.indexes.prune.clone(),
        replace: planned.indexes.replace.clone(),
    };
    SavedPlan::new(place, previews, session.context.snapshots.seen())
}

/// Writes a plan; whole or not at all, and over nothing but an older plan.
///
/// # Errors
/// `USAGE_INVALID` when the file cannot be written, or holds something else.
pub(super) fn write(plan: &SavedPlan, file: &Path) -> Result<(), Failure> {
    let refused = |why: String| {
        let message = format!("failed to write the plan to {}: {why}", file.display());
        Failure::new(ErrorCode::UsageInvalid, message)
    };
    if fs::symlink_metadata(file).is_ok() && read_plan(file).is_err() {
        return Err(refused("there is something else in it".to_owned())
            .fix("name another file, or remove this one if nobody needs it"));
    }
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let text = serde_json::to_string_pretty(plan).expect("a plan is plain data");
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut new| {
        writeln!(new, "{text}")?;
        new.as_file().sync_all()?;
        new.persist(file)?;
        Ok(())
    });
    written.map_err(|error| refused(why(&error)).fix("name a file that can be written"))
}

/// Reads the plan that `--plan` names, and takes task, environment, rehearsal and the indexes that
/// are to be removed or made anew from it.
///
/// # Errors
/// `CONFIG_INVALID` when it is no plan; `USAGE_INVALID` when the command line names another task,
/// environment or index.
pub(super) fn open(args: &RunArgs) -> Result<Option<(SavedPlan, RunArgs)>, Failure> {
    let Some(file) = &args.plan else { return Ok(None) };
    let plan = read_plan(file).map_err(|why| {
        let message = format!("{} cannot be used as a plan: {why}", file.display());
        Failure::new(ErrorCode::ConfigInvalid, message).fix("save one: osem plan TASK --out FILE")
    })?;
    let mut run = args.clone();
    let named = [
        ("task", run.task.get_or_insert_with(|| plan.task.clone()), &plan.task),
        (
            "environment",
            run.place.env.get_or_insert_with(|| plan.environment.clone()),
            &plan.environment,
        ),
    ];
    for (what, typed, saved) in named {
        if typed != saved {
            let message =
                format!("{} is a plan for {what} `{saved}`, not `{typed}`", file.display());
            return Err(Failure::new(ErrorCode::UsageInvalid, message)
                .fix(format!("leave the {what} out, or name the plan that is meant")));
        }
    }
    if run.place.rehearse && !plan.pinned.rehearsal {
        let message = format!("{} is no plan of a rehearsal", file.display());
        return Err(Failure::new(ErrorCode::UsageInvalid, message)
            .fix("leave --rehearse out, or save a plan with --rehearse"));
    }
    run.place.rehearse = plan.pinned.rehearsal;
    for (flag, typed, saved) in [
        ("--prune", &mut run.indexes.prune, &plan.prune),
        ("--replace", &mut run.indexes.replace, &plan.replace),
    ] {
        if typed.iter().any(|index| !saved.contains(index)) {
            let message =
                format!("{} was not saved with {flag} {}", file.display(), typed.join(" "));
            return Err(Failure::new(ErrorCode::UsageInvalid, message)
                .fix(format!("leave {flag} out, or save a plan with it")));
        }
        typed.clone_from(saved);
    }
    Ok(Some((plan, run)))
}

/// The system's words, without the temporary file that `tempfile` puts behind them.
fn why(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" at path ").next().unwrap_or(&text).to_owned()
}

fn read_plan(file: &Path) -> Result<SavedPlan, String> {
    let about = fs::metadata(file).map_err(|error| error.to_string())?;
    if !about.is_file() || about.len() > LARGEST {
        return Err("it is no file that osem wrote".to_owned());
    }
    SavedPlan::parse(&fs::read_to_string(file).map_err(|error| error.to_string())?)
}

/// Refuses to go on when not everything is as it was saved.
///
/// # Errors
/// `PLAN_CHANGED`, with every difference.
pub(super) fn refuse_differences(
    saved: &SavedPlan,
    file: Option<&Path>,
    now: &SavedPlan,
) -> Result<(), Failure> {
    let place = pinned::differences(Bound::of_plan(saved), Bound::of_plan(now)).into_iter();
    let place = place.map(|it| format!("{}: {} then, {} now", it.what, it.recorded, it.current));
    let differences: Vec<String> = place.chain(saved.differences(now)).collect();
    if differences.is_empty() {
        return Ok(());
    }
    let message = match differences.len() {
        1 => "1 thing is not as it was when the plan was saved".to_owned(),
        count => format!("{count} things are not as they were when the plan was saved"),
    };
    Err(Failure::new(ErrorCode::PlanChanged, message)
        .said(differences.join("\n"))
        .cause("found before the first write: nothing was changed")
        .fix(format!("look at a new plan and save it: {}", saving(saved, file))))
}

/// The command that saves such a plan anew.
fn saving(plan: &SavedPlan, file: Option<&Path>) -> String {
    let named = |flag: &str, value: &str| format!(" {flag} {}", quoted(value));
    let mut line = format!("osem plan {} --env {}", plan.task, plan.environment);
    if plan.pinned.rehearsal {
        line.push_str(" --rehearse");
    } else if plan.pinned.endpoint == EndpointKind::Overridden {
        line.extend(plan.pinned.endpoint_url.iter().map(|url| named("--endpoint-url", url)));
    }
    line.extend(plan.prune.iter().map(|index| named("--prune", index)));
    line.extend(plan.replace.iter().map(|index| named("--replace", index)));
    line.extend(file.map(|file| named("--out", &file.display().to_string())));
    line
}

/// What is said of a plan that was saved.
pub(super) fn saved(file: &Path) -> String {
    let name = file.display().to_string();
    format!("saved in {name}; to carry out exactly this: osem run --plan {}\n", quoted(&name))
}
