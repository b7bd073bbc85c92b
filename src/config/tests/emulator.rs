//! The control plane of the emulator.

use crate::config::apply_setting;
use crate::diagnostic::Sources;
use crate::model::{ControlPlane, Fault, FaultRule, RateLimit, Simulation};
use crate::syntax::schema::{Context, nodes_in};

use super::*;

/// What an emulator with these nodes comes to.
fn control_plane(nodes: &str) -> ControlPlane {
    let text = format!("osem 1\nproject x\nenvironment local {{ emulator {{\n{nodes}\n}}; }}\n");
    let config = load_text(&text).unwrap_or_else(|found| panic!("{}", shown(&found)));
    config.environments[0].emulator.clone().unwrap().control_plane
}

fn simulation(nodes: &str) -> Simulation {
    match control_plane(&format!("control-plane realistic\n{nodes}")) {
        ControlPlane::Realistic(simulation) => simulation,
        ControlPlane::Instant => panic!("`realistic` was written"),
    }
}

/// A setting given as `--x`.
fn applied(simulation: &mut Simulation, node: &str, text: &str) -> Result<(), Diagnostics> {
    let mut sources = Sources::default();
    let applied = apply_setting(simulation, (node, text), "--x", &mut sources);
    applied.map_err(|list| Diagnostics { sources, list })
}

fn rule(fault: Fault) -> FaultRule {
    FaultRule { fault, on: None, table: None, rate: 1.0, skip: 0, count: None }
}

#[test]
fn an_emulator_is_instant_unless_it_says_otherwise() {
    assert_eq!(control_plane(""), ControlPlane::Instant);
    assert_eq!(control_plane("control-plane instant"), ControlPlane::Instant);
    assert_eq!(simulation(""), Simulation::default());
}

#[test]
fn every_setting_is_read() {
    let simulation = simulation(
        "time-scale 2.5\nmutation-rate 0.5 burst=3\nmax-tables 10\nmax-operations 20 indexed=7\n\
         seed 18446744073709551615",
    );
    let expected = Simulation {
        time_scale: 2.5,
        mutations: RateLimit { per_second: 0.5, burst: 3 },
        max_tables: 10,
        max_operations: 20,
        max_indexed_operations: 7,
        seed: u64::MAX,
        ..Simulation::default()
    };
    assert_eq!(simulation, expected);
}

#[test]
fn the_defaults_of_the_reference_are_the_defaults() {
    for spec in
        nodes_in(Context::Emulator).filter(|spec| spec.default.starts_with(char::is_numeric))
    {
        let mut simulation = Simulation { seed: 1, max_tables: 1, ..Simulation::default() };
        simulation.time_scale = 7.0;
        let changed = simulation.clone();
        applied(&mut simulation, spec.name, spec.default).unwrap();
        let default = Simulation::default();
        match spec.name {
            "time-scale" => assert_eq!(simulation.time_scale.to_bits(), 1.0_f64.to_bits()),
            "seed" => assert_eq!(simulation.seed, default.seed),
            "max-tables" => assert_eq!(simulation.max_tables, default.max_tables),
            // The test starts from these defaults, so nothing may have changed.
            "mutation-rate" | "max-operations" => assert_eq!(simulation, changed),
            other => panic!("the default of `{other}` is not tested"),
        }
    }
}

#[test]
fn every_fault_is_read_with_the_calls_that_it_meets() {
    let faults = simulation(
        "fault throttle rate=0.1\n\
         fault lose-response on=CreateTable rate=0.2\n\
         fault error on=UpdateTable code=InternalServerError rate=0.05\n\
         fault error code=LimitExceededException message=\"Too many\"\n\
         fault delay by=\"200ms\"\n\
         fault hang on=DescribeTable count=1\n\
         fault reset; fault garbage\n\
         fault deny on=TagResource table=\"*-Teams\"\n\
         fault expire-credentials after=\"2s\"\n\
         fault throttle on=CreateTable skip=2 count=1",
    )
    .faults;
    let on = |operation: &str| Some(operation.to_owned());
    let error = |code: &str, message: Option<&str>| Fault::Error {
        code: code.to_owned(),
        message: message.map(str::to_owned),
    };
    let expected = [
        FaultRule { rate: 0.1, ..rule(Fault::Throttle) },
        FaultRule { on: on("CreateTable"), rate: 0.2, ..rule(Fault::LoseResponse) },
        FaultRule { on: on("UpdateTable"), rate: 0.05, ..rule(error("InternalServerError", None)) },
        rule(error("LimitExceededException", Some("Too many"))),
        rule(Fault::Delay(Duration::from_millis(200))),
        FaultRule { on: on("DescribeTable"), count: Some(1), ..rule(Fault::Hang) },
        rule(Fault::Reset),
        rule(Fault::Garbage),
        FaultRule { on: on("TagResource"), table: Some("*-Teams".to_owned()), ..rule(Fault::Deny) },
        rule(Fault::ExpireCredentials(Duration::from_secs(2))),
        FaultRule { on: on("CreateTable"), skip: 2, count: Some(1), ..rule(Fault::Throttle) },
    ];
    assert_eq!(faults, expected);
}

#[test]
fn fewer_operations_are_fewer_on_indexed_tables_too() {
    let simulation = simulation("max-operations 100");
    assert_eq!((simulation.max_operations, simulation.max_indexed_operations), (100, 100));
}

#[test]
fn one_error_names_every_setting_that_an_instant_control_plane_has_not() {
    let told = told(
        "osem 1\nproject x\nenvironment local { emulator { fault reset; seed 1; fault hang; }; }",
    );
    assert_eq!(
        told,
        "`fault`, `seed` need `control-plane realistic` @3:32 `fault reset` @3:45 `seed 1` @3:53 \
         `fault hang` @3:21 `emulator` (here every change is in effect at once) -> write in the \
         block: control-plane realistic\n"
    );
}

#[test]
fn a_setting_of_a_flag_is_read_as_in_the_file() {
    let mut simulation = Simulation::default();
    applied(&mut simulation, "fault", "delay by=\"1s\" count=2").unwrap();
    applied(&mut simulation, "time-scale", "50").unwrap();
    let delay = FaultRule { count: Some(2), ..rule(Fault::Delay(Duration::from_secs(1))) };
    assert_eq!(simulation.faults, [delay]);
    assert_eq!(simulation.time_scale.to_bits(), 50.0_f64.to_bits());
}

#[test]
fn a_flag_is_one_setting_and_nothing_else() {
    for (node, text, expected) in [
        ("fault", "reset; seed 3", "--x takes one `fault` @1:14 `seed 3`"),
        ("fault", "reset\nfault hang", "--x takes one `fault` @2:1 `fault hang`"),
        ("fault", "", "`fault` needs an argument: kind @1:1 `fault`"),
        ("fault", "reset { x; }", "`fault` takes no block @1:15 `x`"),
        ("seed", "1; seed 2", "`seed` is given twice @1:9 `seed`"),
        ("seed", "-1", "`seed` must be a whole number, at least 0 @1:6 `-1`"),
        ("time-scale", "fast", "`time-scale` must be a number from 0.001 to 100000 @1:12 `fast`"),
        ("time-scale", "#inf", "`time-scale` must be a number from 0.001 to 100000 @1:12 `#inf`"),
        ("time-scale", "1 }", "there is no `{` for this `}` @1:14 `}`"),
    ] {
        let found = applied(&mut Simulation::default(), node, text).unwrap_err();
        assert!(shown(&found).starts_with(expected), "{}", shown(&found));
        assert!(found.render(crate::diagnostic::RenderStyle::default()).contains("[--x:"));
    }
}
