//! `osem check`: every task for every environment, all errors.

use std::time::Instant;

use serde_json::json;

use crate::child::Mask;
use crate::cli::args::{CheckArgs, GlobalArgs};
use crate::cli::session;
use crate::cli::terminal::Terminal;
use crate::cli::variables::refuse_misplaced;
use crate::cli::{CommandResult, exit};
use crate::config::{Config, NO_VALUE};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, to_json};
use crate::model::{KindProgram, Secret};
use crate::plan::{self, PlanOptions};
use crate::report::{Outline, document};
use crate::step::{Registry, check_plugin};

pub(super) async fn execute(
    args: &GlobalArgs,
    check: &CheckArgs,
    terminal: &Terminal,
    started: Instant,
) -> CommandResult {
    let registry = Registry::built_in();
    let given = check.variables.given(None)?;
    let (sources, found, counts) = match session::load_with(args, &registry, &given) {
        Err(Diagnostics { sources, list }) => (sources, list, None),
        Ok(config) => {
            refuse_misplaced(&config.variables, &given)?;
            let mut found = config.warnings.clone();
            found.extend(config.variables.refusals());
            found.extend(check_plans(&config, &registry));
            if check.plugins {
                found.extend(check_plugins(&config).await);
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
        terminal.error(&diagnostics.render(terminal.style.into()));
    }
    match counts.filter(|_| errors == 0) {
        Some((tasks, environments, tables)) => terminal.remark(&format!(
            "no errors: {tasks} tasks, {environments} environments, {tables} tables\n"
        )),
        None => terminal.error(&format!(
            "{errors} {} in the configuration\n",
            if errors == 1 { "error" } else { "errors" }
        )),
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

/// Asks every plugin what it is.
async fn check_plugins(config: &Config) -> Vec<Diagnostic> {
    let mask = Mask::of(config.variables.secrets().values().map(Secret::expose));
    let mut found = Vec::new();
    for kind in &config.kinds {
        let KindProgram::Plugin(program) = &kind.program else { continue };
        if let Err(failure) = check_plugin(kind, &program.value, &config.root, &mask).await {
            let problem = Diagnostic::error("osem::plugin", failure.message);
            let said = failure.said.map(|said| format!("it wrote: {said}"));
            let problem = problem.label(program.span, "");
            let help = said.into_iter().chain(failure.remediation).collect::<Vec<_>>();
            found.push(problem.help(help.join("\n")));
        }
    }
    found
}

/// Plans every task for every environment that it is allowed in; each problem once.
fn check_plans(config: &Config, registry: &Registry) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for task in &config.tasks {
        for environment in &config.environments {
            if !config.allows(task, &environment.name.value) {
                continue;
            }
            let region = environment.region.as_ref().map_or("us-east-1", |region| &region.value);
            let options = PlanOptions { region, ..PlanOptions::default() };
            let problems = match plan::build(config, registry, task, environment, options) {
                Ok(plan) => plan::missing_programs(&plan, &config.root, &session::path()),
                Err(problems) => problems,
            };
            for problem in problems {
                if !found.contains(&problem) {
                    found.push(problem);
                }
            }
        }
    }
    found
}
