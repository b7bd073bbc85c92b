//! `osem check`: every task for every environment, all errors.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use serde_json::json;

use crate::child::{Groups, Mask};
use crate::cli::args::{CheckArgs, GlobalArgs};
use crate::cli::orphans::clear_left_over;
use crate::cli::project;
use crate::cli::session;
use crate::cli::signals::WhilePreviewing;
use crate::cli::terminal::Terminal;
use crate::cli::variables::refuse_misplaced;
use crate::cli::written_secrets::written_secrets;
use crate::cli::{CommandResult, exit};
use crate::config::{Config, NO_VALUE};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, to_json};
use crate::model::{Environment, Failure, KindProgram, Secret, Task};
use crate::plan::{self, Plan, PlanOptions};
use crate::report::{Outline, count, document};
use crate::step::{Registry, check_plugin};

pub(super) async fn execute(
    args: &GlobalArgs,
    check: &CheckArgs,
    terminal: &Terminal,
    started: Instant,
) -> CommandResult {
    let registry = Registry::built_in();
    let given = check.variables.given(None)?;
    let (sources, found, counts) = match project::load_with(args, &registry, &given) {
        Err(Diagnostics { sources, list }) => (sources, list, None),
        Ok(config) => {
            refuse_misplaced(&config.variables, &given)?;
            let mut found = config.warnings.clone();
            found.extend(config.variables.refusals());
            found.extend(written_secrets(&config));
            found.extend(check_plans(&config, &registry));
            if check.plugins {
                clear_left_over(None, terminal).await;
                found.extend(check_plugins(&config).await?);
            }
            let found = without_values(found);
            let counts = (config.tasks.len(), config.environments.len(), config.tables.len());
            (config.sources, found, Some(counts))
        }
    };
    let errors = found.iter().filter(|one| one.severity == Severity::Error).count();
    let code = if errors == 0 { exit::SUCCESS } else { exit::CONFIG };
    if terminal.json {
        let data = json!({ "diagnostics": to_json(&sources, &found) });
        let duration = started.elapsed();
        let outline = Outline { command: "check", exit_code: code, duration, ..Outline::default() };
        terminal.result(&document(outline, data).to_text());
        return Ok(code);
    }
    if !found.is_empty() {
        let diagnostics = Diagnostics { sources, list: found };
        terminal.diagnostics(&diagnostics);
    }
    match counts.filter(|_| errors == 0) {
        Some((tasks, environments, tables)) => terminal.remark(&format!(
            "no errors: {}, {}, {}\n",
            count(tasks, "task"),
            count(environments, "environment"),
            count(tables, "table")
        )),
        None => terminal.error(&format!("{} in the configuration\n", count(errors, "error"))),
    }
    Ok(code)
}

/// Values need not be there for a check: what has none is a warning, one for each variable.
fn without_values(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut kept: Vec<Diagnostic> = Vec::new();
    for problem in found {
        if problem.code != NO_VALUE {
            kept.push(problem);
        } else if !kept.iter().any(|other| other.message.starts_with(&problem.message)) {
            let message = format!("{} here: what depends on it is not checked", problem.message);
            kept.push(Diagnostic { message, severity: Severity::Warning, ..problem });
        }
    }
    kept
}

/// Asks every plugin what it is. A signal ends the one that is being asked, and then the process.
///
/// # Errors
/// When the operating system lets nobody wait for signals.
async fn check_plugins(config: &Config) -> Result<Vec<Diagnostic>, Failure> {
    let mask = Mask::of(config.variables.secrets().values().map(Secret::expose));
    let sources = config.variables.secret_sources();
    let groups = Groups::default();
    let _asking = WhilePreviewing::install(&groups)?;
    let mut found = Vec::new();
    for kind in &config.kinds {
        let KindProgram::Plugin(program) = &kind.program else { continue };
        if let Err(failure) =
            check_plugin(kind, &program.value, &config.root, &groups, &mask, &sources).await
        {
            let problem = Diagnostic::error("osem::plugin", failure.message);
            let said = failure.said.map(|said| format!("it wrote: {said}"));
            let problem = problem.label(program.span, "");
            let help = said.into_iter().chain(failure.remediation).collect::<Vec<_>>();
            found.push(problem.help(help.join("\n")));
        }
    }
    Ok(found)
}

/// Plans every task for every environment that it is allowed in; each problem once, by task.
fn check_plans(config: &Config, registry: &Registry) -> Vec<Diagnostic> {
    let positions = config.tasks.iter().enumerate();
    let positions: HashMap<&str, usize> =
        positions.map(|(position, task)| (task.name.value.as_str(), position)).collect();
    let mut found: Vec<(usize, Diagnostic)> = Vec::new();
    for environment in &config.environments {
        for (task, problems) in broken(config, registry, environment) {
            let position = positions[task.name.value.as_str()];
            found.extend(problems.into_iter().map(|problem| (position, problem)));
        }
    }
    found.sort_by_key(|(position, _)| *position);
    let mut told: Vec<Diagnostic> = Vec::new();
    for (_, problem) in found {
        if !told.contains(&problem) {
            told.push(problem);
        }
    }
    told
}

/// What is wrong with tasks in an environment.
///
/// The plan of a task holds those of all that it needs. So what another one needs is planned by itself
/// only where that other one cannot be planned, and what needs a broken task is not told of it again.
fn broken<'c>(
    config: &'c Config,
    registry: &Registry,
    environment: &Environment,
) -> Vec<(&'c Task, Vec<Diagnostic>)> {
    let region = environment.region.as_ref().map_or("us-east-1", |region| &region.value);
    let options = PlanOptions { region, ..PlanOptions::default() };
    let planned = |task: &Task| plan::build(config, registry, task, environment, options);
    let path = session::path();
    let missing = |plan: &Plan| plan::missing_programs(plan, &config.root, &path);
    let tasks = config.allowed_in(&environment.name.value);
    let needs = tasks.iter().flat_map(|task| &task.needs);
    let needed: HashSet<&str> = needs.map(|name| name.value.as_str()).collect();
    let (mut found, mut looked_at, mut hopeless) = (Vec::new(), HashSet::new(), HashSet::new());
    for root in tasks.iter().filter(|task| !needed.contains(task.name.value.as_str())) {
        let of_root = match planned(root) {
            Ok(plan) => {
                found.push((*root, missing(&plan)));
                continue;
            }
            Err(problems) => problems,
        };
        for task in config.with_needs(root) {
            let name = task.name.value.as_str();
            let is_hopeless = task.needs.iter().any(|name| hopeless.contains(&*name.value));
            if is_hopeless {
                hopeless.insert(name);
            }
            if is_hopeless || !looked_at.insert(name) {
                continue;
            }
            let is_root = name == root.name.value;
            let own = if is_root { Err(of_root.clone()) } else { planned(task) };
            match own {
                Ok(plan) => found.push((task, missing(&plan))),
                Err(problems) => {
                    hopeless.insert(name);
                    found.push((task, problems));
                }
            }
        }
    }
    found
}
