//! Where a run would go, and as whom.

use std::path::Path;
use std::time::Duration;

use crate::aws::{self, Connection, Endpoint, Probe};
use crate::cli::session::Planned;
use crate::journal::StateDir;
use crate::model::{ErrorCode, Failure};
use crate::report::Finding;

/// From here on the difference of the clocks is doubtful: the service tells whole seconds.
const DOUBTFUL_SKEW: u64 = 30;

/// DynamoDB refuses signatures that are older or newer than five minutes: its message says so,
/// `Signature expired: … is now earlier than … (… - 5 min.)`.
const LARGEST_SKEW: u64 = 300;

/// Slower answers than this make a run slow.
const SLOW: Duration = Duration::from_secs(2);

/// Whether the endpoint answers, and whether it is as late there as here.
pub(super) async fn endpoint(planned: &Planned) -> Vec<Finding> {
    let url = planned.endpoint_url.as_deref();
    match &planned.endpoint {
        Endpoint::Emulator { .. } => {
            return vec![Finding::good("endpoint", "the emulator inside osem")];
        }
        Endpoint::Rehearsal(_) => {
            return vec![Finding::good("endpoint", "a rehearsal: the simulator inside osem")];
        }
        Endpoint::Service | Endpoint::Declared { .. } | Endpoint::Overridden { .. } => {}
    }
    let shown = url.unwrap_or("DynamoDB");
    match aws::probe(&planned.region, url).await {
        Ok(probe) => vec![answers(shown, probe), clock(probe)],
        Err(failure) => vec![
            Finding::bad("endpoint", failure),
            Finding::skipped("clock", "the endpoint does not answer"),
        ],
    }
}

fn answers(shown: &str, probe: Probe) -> Finding {
    let whole_millis = Duration::new(probe.took.as_secs(), probe.took.subsec_millis() * 1_000_000);
    let took = humantime::format_duration(whole_millis);
    let message = format!("{shown} answers in {took}");
    if probe.took < SLOW {
        return Finding::good("endpoint", message);
    }
    let slow = Failure::new(ErrorCode::NetworkError, message)
        .cause("the network or a proxy is slow: every call takes as long")
        .fix("run where the region is near, or give steps more time (timeout)");
    Finding::doubtful("endpoint", slow)
}

fn clock(probe: Probe) -> Finding {
    let Some(ahead) = probe.ahead else {
        return Finding::skipped("clock", "the endpoint does not say what time it is");
    };
    let by = humantime::format_duration(Duration::from_secs(ahead.unsigned_abs()));
    let side = if ahead < 0 { "behind" } else { "ahead of" };
    let message = format!("this machine's clock is {by} {side} the endpoint's");
    let skewed = |cause: &str| {
        Failure::new(ErrorCode::AwsCredentialsInvalid, message.clone())
            .cause(cause)
            .fix("set the clock, for example by NTP: timedatectl set-ntp true")
    };
    match ahead.unsigned_abs() {
        0..=2 => Finding::good("clock", "as late as at the endpoint"),
        3..DOUBTFUL_SKEW => Finding::good("clock", message),
        DOUBTFUL_SKEW..LARGEST_SKEW => {
            Finding::doubtful("clock", skewed("past five minutes the service refuses signatures"))
        }
        LARGEST_SKEW.. => {
            Finding::bad("clock", skewed("the service refuses signatures that far from its time"))
        }
    }
}

/// Who the credentials belong to, and whether that is who was declared.
pub(super) fn identity(planned: &Planned, connection: &Connection) -> Vec<Finding> {
    let source = &connection.credential_source;
    let Some(identity) = &connection.identity else {
        let dummies = planned.endpoint.uses_dummy_credentials();
        let why = if dummies { "dummies: none are needed here" } else { "STS was not asked" };
        return vec![Finding::skipped("credentials", why)];
    };
    let credentials = Finding::good("credentials", format!("{} ({source})", identity.arn));
    let account = if planned.environment.account.is_some() {
        Finding::good("account", format!("{}, as declared", identity.account))
    } else {
        let name = &planned.environment.name.value;
        let loose = Failure::new(
            ErrorCode::AwsAccountMismatch,
            format!("{}; environment `{name}` declares none", identity.account),
        )
        .cause("a run goes to whatever account the credentials of the shell belong to")
        .fix(format!("write in environment `{name}`: account \"{}\"", identity.account));
        Finding::doubtful("account", loose)
    };
    vec![credentials, account]
}

/// Whether runs can be recorded.
pub(super) fn state(state: &StateDir) -> Finding {
    let path = state.path();
    // Where it is not there yet, a run makes it.
    let there = path.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("/"));
    match tempfile::tempfile_in(there) {
        Ok(_) => Finding::good("state", format!("{} can be written", path.display())),
        Err(error) => {
            let message = format!("failed to write in {}: {error}", there.display());
            Finding::bad("state", crate::state::unwritable(message, there, &error))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::FindingStatus;

    #[test]
    fn a_clock_is_wrong_past_five_minutes_on_either_side() {
        let status = |ahead| clock(Probe { took: Duration::ZERO, ahead }).status;
        assert_eq!(status(None), FindingStatus::Skipped);
        assert_eq!(status(Some(-2)), FindingStatus::Good);
        assert_eq!(status(Some(29)), FindingStatus::Good);
        assert_eq!(status(Some(-30)), FindingStatus::Doubtful);
        assert_eq!(status(Some(299)), FindingStatus::Doubtful);
        assert_eq!(status(Some(-300)), FindingStatus::Bad);
    }
}
