//! Which project, and which of its environments, a command is for.

use std::path::PathBuf;

use crate::config::{self, Config, Given, Unwritten};
use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::journal::StateDir;
use crate::model::{Environment, ErrorCode, Failure};
use crate::step::Registry;

use super::args::{GlobalArgs, StateArgs};
use super::session::variable;

/// Finds and loads the configuration, without values from outside.
pub(super) fn load(args: &GlobalArgs, registry: &Registry) -> Result<Config, Diagnostics> {
    load_with(args, registry, &Given::default())
}

/// Finds and loads the configuration.
pub(super) fn load_with(
    args: &GlobalArgs,
    registry: &Registry,
    given: &Given,
) -> Result<Config, Diagnostics> {
    config::load_with(&root_file(args)?, &registry.catalog(), given)
}

/// As [`load_with`], as if these files were there already.
pub(super) fn load_as_if(
    args: &GlobalArgs,
    registry: &Registry,
    given: &Given,
    unwritten: &Unwritten,
) -> Result<Config, Diagnostics> {
    config::load_as_if(&root_file(args)?, &registry.catalog(), given, unwritten)
}

fn root_file(args: &GlobalArgs) -> Result<PathBuf, Diagnostics> {
    let file = args.config.clone().or_else(|| config::find(&current_dir()));
    file.ok_or_else(|| {
        let missing = Diagnostic::error("osem::no-file", "no osem.kdl here or in a folder above")
            .help("go to the project's folder, or name the file: osem -c path/to/osem.kdl");
        Diagnostics { list: vec![missing], ..Diagnostics::default() }
    })
}

/// The project's folder. Nothing in it is read.
pub(super) fn root(args: &GlobalArgs) -> Result<PathBuf, Diagnostics> {
    let file = root_file(args)?;
    let file = std::path::absolute(&file).unwrap_or(file);
    Ok(file.parent().map(PathBuf::from).unwrap_or_default())
}

/// The state directory that the flags name, else the project's.
pub(super) fn state(args: &GlobalArgs, state: &StateArgs) -> Result<StateDir, Diagnostics> {
    // One that is named needs no project.
    let root = if state.state_dir.is_some() { PathBuf::new() } else { root(args)? };
    Ok(state.dir(&root))
}

pub(super) fn current_dir() -> PathBuf {
    std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."))
}

/// Chooses the environment: `--env`, `OSEM_ENV`, the default one, the only one. A protected one
/// must be typed: a variable that was left over must not lead there.
pub(super) fn environment<'c>(
    config: &'c Config,
    flag: Option<&str>,
) -> Result<&'c Environment, Failure> {
    let variable = variable("OSEM_ENV")?;
    let usage = |message: String| Failure::new(ErrorCode::UsageInvalid, message);
    let Some(name) = flag.or(variable.as_deref()) else {
        let only = match config.environments.as_slice() {
            [only] if !only.protected => Some(only),
            _ => None,
        };
        return config.default_environment().or(only).ok_or_else(|| {
            usage("no environment named".to_owned())
                .fix(format!("name one with --env: {}", names(config)))
        });
    };
    let Some(environment) = config.environment(name) else {
        let known = config.environments.iter().map(|environment| environment.name.value.as_str());
        let meant = did_you_mean(name, known);
        let fix = meant.map_or_else(
            || format!("known: {}", names(config)),
            |meant| format!("did you mean `{meant}`?"),
        );
        return Err(usage(format!("no environment `{name}`")).fix(fix));
    };
    if environment.protected && flag.is_none() {
        return Err(usage(format!("environment `{name}` is protected, and OSEM_ENV names it"))
            .cause("a protected environment is chosen only on the command line")
            .fix(format!("--env {name}")));
    }
    Ok(environment)
}

fn names(config: &Config) -> String {
    let names = config.environments.iter().map(|environment| environment.name.value.as_str());
    names.collect::<Vec<_>>().join(", ")
}
