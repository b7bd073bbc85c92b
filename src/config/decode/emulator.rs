//! `emulator`: its data, and how its control plane behaves.

use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, Sources, Span};
use crate::model::{ControlPlane, EmulatorData, EmulatorDecl, RateLimit, Simulation};
use crate::syntax::schema::Context;
use crate::syntax::{NodeReader, Sink, check, parse};

use super::{excluded, fault};

/// The nodes that say how a realistic control plane behaves.
const SETTINGS: [&str; 6] =
    ["time-scale", "mutation-rate", "max-tables", "max-operations", "fault", "seed"];

pub(super) fn emulator(node: &mut NodeReader<'_>, environment: &str) -> EmulatorDecl {
    let span = node.span();
    let memory = node.arg();
    let word =
        memory.and_then(|value| node.sink().take(value.word("`emulator`", &["memory"], &[])));
    let file = node.prop("data");
    if let (Some(memory), Some(file)) = (memory, file) {
        let problem = excluded(("`memory`", memory.span()), ("the property `data`", file.whole()));
        node.sink().push(problem);
    }
    let path = file.and_then(|value| node.sink().take(value.path("property `data`")));
    let standard = || PathBuf::from(format!(".osem/{environment}.db"));
    let data = match word {
        Some(_) => EmulatorData::Memory,
        None => EmulatorData::File(path.map_or_else(standard, |path| path.value)),
    };
    EmulatorDecl { span, data, control_plane: control_plane(node) }
}

fn control_plane(emulator: &mut NodeReader<'_>) -> ControlPlane {
    let mut kind = emulator.child("control-plane");
    let instant = kind.as_ref().map_or_else(|| emulator.span(), NodeReader::head);
    let word = kind.as_mut().and_then(|node| {
        node.arg_as(|value| value.word("`control-plane`", &["realistic", "instant"], &[]))
    });
    let mut settings = emulator.children(&SETTINGS);
    let mut simulation = Simulation::default();
    for node in &mut settings {
        apply(node, &mut simulation);
    }
    if word == Some("realistic") {
        return ControlPlane::Realistic(simulation);
    }
    if !settings.is_empty() {
        emulator.sink().push(needs_realistic(&settings, instant));
    }
    ControlPlane::Instant
}

fn needs_realistic(settings: &[NodeReader<'_>], instant: Span) -> Diagnostic {
    let written = |name: &&str| settings.iter().any(|node| node.name() == *name);
    let names: Vec<String> =
        SETTINGS.iter().filter(|name| written(name)).map(|name| format!("`{name}`")).collect();
    let verb = if names.len() == 1 { "needs" } else { "need" };
    let message = format!("{} {verb} `control-plane realistic`", names.join(", "));
    let problem = Diagnostic::error("osem::control-plane", message);
    let placed = settings.iter().fold(problem, |problem, node| problem.label(node.head(), ""));
    placed
        .label(instant, "here every change is in effect at once")
        .help("write in the block: control-plane realistic")
}

/// Applies one setting of a simulated control plane. `node` is its name in `emulator`, `text` what
/// is written after that.
///
/// # Errors
/// Everything wrong with the text, in a source that is added under the name `origin`.
pub fn apply_setting(
    simulation: &mut Simulation,
    (node, text): (&str, &str),
    origin: &str,
    sources: &mut Sources,
) -> Result<(), Vec<Diagnostic>> {
    let text = format!("{node} {text}");
    let file = sources.add(origin, text.as_str());
    let document = parse(file, &text)?;
    let mut problems = check(file, &document, Context::Emulator);
    if problems.is_empty() {
        let sink = Sink::default();
        for (position, written) in document.nodes().iter().enumerate() {
            let mut reader = NodeReader::new(written, file, &sink);
            if position > 0 {
                let message = format!("{origin} takes one `{node}`");
                let problem = Diagnostic::error("osem::argument", message);
                let problem = problem.label(reader.head(), "");
                sink.push(problem.help("give it in a flag of its own"));
            }
            apply(&mut reader, simulation);
        }
        problems = sink.into_problems();
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// Reads one of [`SETTINGS`]; what cannot be read is reported, and the setting stays as it was.
fn apply(node: &mut NodeReader<'_>, simulation: &mut Simulation) {
    match node.name() {
        "time-scale" => {
            let factor = node.arg_as(|value| value.number("`time-scale`", 1, 100_000_000));
            simulation.time_scale = factor.unwrap_or(simulation.time_scale);
        }
        "mutation-rate" => mutation_rate(node, simulation),
        "max-tables" => {
            let tables = node.arg_as(|value| value.int("`max-tables`", 1, 1_000_000));
            simulation.max_tables = tables.map_or(simulation.max_tables, number);
        }
        "max-operations" => max_operations(node, simulation),
        "fault" => simulation.faults.extend(fault::fault(node)),
        "seed" => {
            let seed = node.arg_as(|value| value.int("`seed`", 0, u64::MAX));
            simulation.seed = seed.unwrap_or(simulation.seed);
        }
        // What is left unread is reported by the reader.
        _ => {}
    }
}

fn mutation_rate(node: &mut NodeReader<'_>, simulation: &mut Simulation) {
    let standard = Simulation::default().mutations.burst;
    let burst = node.prop_as("burst", |value| value.int("property `burst`", 1, 1_000_000));
    let burst = burst.and_then(|burst| u32::try_from(burst).ok()).unwrap_or(standard);
    let rate = node.arg_as(|value| value.number("`mutation-rate`", 1, 1_000_000_000));
    if let Some(per_second) = rate {
        simulation.mutations = RateLimit { per_second, burst };
    }
}

fn max_operations(node: &mut NodeReader<'_>, simulation: &mut Simulation) {
    let all = node.arg_as(|value| value.int("`max-operations`", 1, 1_000_000)).map(number);
    let property = node.prop("indexed");
    let indexed = property.and_then(|value| {
        node.sink().take(value.int("property `indexed`", 1, 1_000_000)).map(number)
    });
    let Some(all) = all else { return };
    if let (Some(property), Some(_)) = (property, indexed.filter(|indexed| *indexed > all)) {
        let message = "`indexed` counts among all operations, so it cannot be more";
        let problem = Diagnostic::error("osem::type", message).label(property.whole(), "");
        node.sink().push(problem.help(format!("at most: indexed={all}")));
    }
    simulation.max_operations = all;
    let standard = Simulation::default().max_indexed_operations.min(all);
    simulation.max_indexed_operations = indexed.unwrap_or(standard);
}

fn number(value: u64) -> usize {
    usize::try_from(value).expect("the bounds above are below 2^32")
}
