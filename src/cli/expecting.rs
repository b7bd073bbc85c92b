//! How fast the endpoint of a session changes tables.

use crate::aws::Endpoint;
use crate::model::ControlPlane;
use crate::run::Pace;

use super::session::Session;

/// The service's own times for the service, scaled ones for a simulator, none for an emulator that
/// changes tables at once. What any other server does nobody knows, nor how fast a simulator is
/// that another command serves with settings of its own.
pub(super) fn pace(session: &Session) -> Pace {
    let connection = &session.connection;
    let simulated = |control_plane: &ControlPlane| match control_plane {
        ControlPlane::Realistic(simulation) => Pace::Service { faster: simulation.time_scale },
        ControlPlane::Instant => Pace::Unknown,
    };
    match &session.planned.endpoint {
        Endpoint::Rehearsal(rehearsal) => simulated(&rehearsal.control_plane),
        Endpoint::Emulator { .. } if !connection.has_limits => Pace::Instant,
        Endpoint::Emulator { .. } => {
            let declared = session.planned.environment.emulator.as_ref();
            declared.map_or(Pace::Unknown, |emulator| simulated(&emulator.control_plane))
        }
        Endpoint::Service if connection.is_service => Pace::Service { faster: 1.0 },
        Endpoint::Declared { url, .. } | Endpoint::Overridden { url, .. } if is_aws(url) => {
            Pace::Service { faster: 1.0 }
        }
        Endpoint::Service | Endpoint::Declared { .. } | Endpoint::Overridden { .. } => {
            Pace::Unknown
        }
    }
}

/// Whether a URL names a host of AWS: that of a VPC, or with FIPS or both versions of IP.
fn is_aws(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default().to_lowercase();
    [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].iter().any(|end| host.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::is_aws;

    #[test]
    fn only_hosts_of_aws_have_its_times() {
        assert!(is_aws("https://dynamodb.us-east-1.amazonaws.com"));
        assert!(is_aws("https://vpce-1.dynamodb.us-east-1.vpce.amazonaws.com:443/x"));
        assert!(is_aws("https://dynamodb.us-east-1.api.aws/"));
        assert!(!is_aws("http://127.0.0.1:8000"));
        assert!(!is_aws("http://amazonaws.com.example.org/.amazonaws.com"));
        assert!(!is_aws("http://x.amazonaws.com@127.0.0.1:8000"));
    }
}
