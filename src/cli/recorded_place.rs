//! Where a recorded run went, for a command that goes on with it or takes it back.
//!
//! Environment, region, endpoint and rehearsal are the recorded run's. What the command line or
//! a variable says otherwise is refused, never followed.

use std::borrow::Cow;

use crate::journal::{EndpointKind, RunHeader};
use crate::model::{ErrorCode, Failure};

use super::args::PlaceArgs;
use super::pinned::{self, Difference};
use super::session::variable;

/// The flags with what is taken from the run; `task` is the one that the command line names.
///
/// # Errors
/// `CONFIG_INVALID` when the command line or a variable says otherwise, naming both.
pub(super) fn pin(
    flags: &PlaceArgs,
    task: Option<&str>,
    header: &RunHeader,
) -> Result<PlaceArgs, Failure> {
    let recorded = &header.pinned;
    let mut found = Vec::new();
    let mut refuse = |what: &'static str, recorded: &str, current: &str| {
        let (recorded, current) = (recorded.to_owned(), current.to_owned());
        found.push(Difference { what: Cow::Borrowed(what), recorded, current });
    };
    if let Some(task) = task.filter(|task| *task != header.task) {
        refuse("task", &header.task, task);
    }
    let mut place = flags.clone();
    let environment = place.env.take().or(variable("OSEM_ENV")?);
    if let Some(named) = environment.filter(|named| *named != header.environment) {
        refuse("environment", &header.environment, &named);
    }
    place.env = Some(header.environment.clone());
    match (recorded.rehearsal, place.rehearse) {
        (false, true) => refuse("endpoint", "no rehearsal", "--rehearse"),
        (true, _) if place.endpoint_url.is_some() => {
            let url = place.endpoint_url.clone().unwrap_or_default();
            refuse("endpoint", "the simulator of a rehearsal", &url);
        }
        _ => place.rehearse = recorded.rehearsal,
    }
    if let Some(region) = place.region.as_ref().filter(|region| **region != header.region) {
        refuse("region", &header.region, region);
    }
    pinned::refuse(&header.run_id, &found)?;
    place.simulation.settle(recorded.rehearsal)?;
    if recorded.endpoint == EndpointKind::Overridden && place.endpoint_url.is_none() {
        place.endpoint_url = Some(recorded_url(header)?);
    }
    Ok(place)
}

/// The endpoint that was named on the command line of the run.
fn recorded_url(header: &RunHeader) -> Result<String, Failure> {
    let url = header.pinned.endpoint_url.clone().unwrap_or_default();
    if url.contains("***@") {
        let message = format!("run {} had an endpoint with a password: {url}", header.run_id);
        return Err(Failure::new(ErrorCode::UsageInvalid, message)
            .cause("passwords are not recorded")
            .fix("name it again with --endpoint-url"));
    }
    Ok(url)
}
