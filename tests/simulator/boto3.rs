//! Somebody else's client meets the service's own codes and words.

use crate::harness::{Simulator, python};

#[test]
fn boto3_meets_the_service_s_codes_and_words() {
    let flags = "--time-scale 5 --account 111122223333";
    let simulator = Simulator::start(flags);
    let script = include_str!("control_plane.py");
    let Some(seen) = python(script, &[&simulator.url, "5"]) else { return };
    assert_eq!(seen.as_array().unwrap().len(), 33, "{seen:#}");
}
