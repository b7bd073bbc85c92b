//! The flags that say how a simulated control plane behaves: for `osem local`, and for a rehearsal.
//!
//! Each is a node of `emulator` in the file; its text is what is written there after the node's
//! name, read by the same code.

use crate::aws::{Endpoint, Rehearsal};
use crate::config::apply_setting;
use crate::diagnostic::Diagnostics;
use crate::model::{ControlPlane, Environment, ErrorCode, Failure, Simulation};

use super::{Cause, CommandError, Place};

/// Where the flags stand in the help.
const HEADING: &str = "Simulated control plane (--rehearse, or local --control-plane realistic)";

/// How the simulated control plane behaves.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct SimulationArgs {
    /// States end and windows pass this many times faster than the service's
    #[arg(long, value_name = "N", env = "OSEM_TIME_SCALE", help_heading = HEADING)]
    time_scale: Option<String>,
    /// A failure to make, as written after `fault` in the file; may be repeated (in the variable: a
    /// line each)
    #[arg(long = "fault", value_name = "FAULT", env = "OSEM_FAULT", help_heading = HEADING)]
    #[arg(value_delimiter = '\n')]
    faults: Vec<String>,
    /// The seed of its randomness
    #[arg(long, value_name = "N", env = "OSEM_SEED", help_heading = HEADING)]
    seed: Option<String>,
    /// Its limit on mutating calls, a second of real time, as in the file: 5 burst=6 (in quotes for the shell)
    #[arg(long, value_name = "RATE", env = "OSEM_MUTATION_RATE", help_heading = HEADING)]
    mutation_rate: Option<String>,
    /// The settings that came from variables.
    #[arg(skip)]
    from_variables: Vec<&'static str>,
}

/// The id of each flag for clap, its node in the file, and its variable.
const FLAGS: [(&str, &str, &str); 4] = [
    ("time_scale", "time-scale", "OSEM_TIME_SCALE"),
    ("mutation_rate", "mutation-rate", "OSEM_MUTATION_RATE"),
    ("faults", "fault", "OSEM_FAULT"),
    ("seed", "seed", "OSEM_SEED"),
];

impl SimulationArgs {
    /// Notes which settings came from variables; `is_variable` knows it by clap's id.
    pub(super) fn note_variables(&mut self, is_variable: impl Fn(&str) -> bool) {
        let from_variables = FLAGS.iter().filter(|(id, ..)| is_variable(id));
        self.from_variables = from_variables.map(|(_, node, _)| *node).collect();
    }

    /// The first flag that was typed.
    pub(super) fn typed(&self) -> Option<String> {
        let typed = |(node, _): &(&'static str, _)| !self.from_variables.contains(node);
        self.texts().into_iter().find(typed).map(|(node, _)| format!("--{node}"))
    }

    /// Refuses flags that only a rehearsal has; variables mean nothing to other runs.
    pub(super) fn settle(&mut self, rehearsal: bool) -> Result<(), Failure> {
        if rehearsal {
            return Ok(());
        }
        if let Some(flag) = self.typed() {
            let message = format!("{flag} goes only with a rehearsal, and the run was none");
            return Err(Failure::new(ErrorCode::UsageInvalid, message).fix("leave it out"));
        }
        *self = Self::default();
        Ok(())
    }

    /// The simulation with what the flags say. Faults take the place of all that there were.
    pub(super) fn applied_to(
        &self,
        mut simulation: Simulation,
    ) -> Result<Simulation, CommandError> {
        let texts = self.texts();
        if texts.iter().any(|(node, _)| *node == "fault") {
            simulation.faults.clear();
        }
        let mut found = Diagnostics::default();
        for (node, text) in texts {
            let origin = self.origin(node);
            let applied = apply_setting(&mut simulation, (node, text), &origin, &mut found.sources);
            found.list.extend(applied.err().unwrap_or_default());
        }
        if found.list.is_empty() {
            return Ok(simulation);
        }
        Err(CommandError { cause: Cause::Flags(found), place: Place::default() })
    }

    /// What was given: nodes, and what stands after their names.
    fn texts(&self) -> Vec<(&'static str, &str)> {
        let single = [
            ("time-scale", &self.time_scale),
            ("mutation-rate", &self.mutation_rate),
            ("seed", &self.seed),
        ];
        let single = single.into_iter().filter_map(|(node, text)| Some((node, text.as_deref()?)));
        let faults = self.faults.iter().filter(|text| !text.trim().is_empty());
        single.chain(faults.map(|text| ("fault", text.as_str()))).collect()
    }

    /// What a setting was given as: a flag, or its variable.
    fn origin(&self, wanted: &'static str) -> String {
        let variable = FLAGS.iter().find(|(_, node, _)| *node == wanted).map(|flag| flag.2);
        match variable.filter(|_| self.from_variables.contains(&wanted)) {
            Some(variable) => variable.to_owned(),
            None => format!("--{wanted}"),
        }
    }
}

/// The simulator that stands for the environment in a rehearsal: what its emulator declares, or
/// the service's usual behaviour, with what the flags say.
pub(super) fn rehearsal(
    environment: &Environment,
    flags: &SimulationArgs,
) -> Result<Endpoint, CommandError> {
    let declared = environment.emulator.as_ref().map(|emulator| &emulator.control_plane);
    let simulation = match declared {
        Some(ControlPlane::Realistic(declared)) => declared.clone(),
        Some(ControlPlane::Instant) | None => Simulation::default(),
    };
    let simulation = flags.applied_to(simulation)?;
    Ok(Endpoint::Rehearsal(Box::new(Rehearsal::of(environment, simulation))))
}
