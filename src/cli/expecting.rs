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
        endpoint if endpoint.names_aws() => Pace::Service { faster: 1.0 },
        Endpoint::Service | Endpoint::Declared { .. } | Endpoint::Overridden { .. } => {
            Pace::Unknown
        }
    }
}
