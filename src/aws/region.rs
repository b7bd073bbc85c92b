//! Which region the calls go to.

use aws_config::meta::region::ProvideRegion;
use aws_config::profile::ProfileFileRegionProvider;

use crate::model::{Environment, ErrorCode, Failure};

use super::{Ambient, Endpoint};

/// Where nothing names a region.
const FALLBACK: &str = "us-east-1";

/// A region and who named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedRegion {
    /// The region.
    pub name: String,
    /// Who named it, for people.
    pub origin: String,
}

/// `--region`, `AWS_REGION` or `AWS_DEFAULT_REGION`, the environment, the profile, `us-east-1`.
///
/// `flag` is the region that was typed, and what it was typed as. Variables and profile do not
/// count where the environment's credentials do not either: on the emulator and on an overridden
/// endpoint of this machine. In a rehearsal they count as they would in the run that is rehearsed;
/// no credentials are read for that.
///
/// # Errors
/// `AWS_REGION_MISMATCH` when the environment declares another region, unless `force`.
pub async fn resolve_region(
    environment: &Environment,
    endpoint: &Endpoint,
    flag: Option<(&str, &str)>,
    ambient: &Ambient,
    force: bool,
) -> Result<ResolvedRegion, Failure> {
    let heeded = match endpoint {
        Endpoint::Rehearsal(_) => environment.emulator.is_none(),
        _ => !endpoint.uses_dummy_credentials(),
    };
    let variable =
        ["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter().filter(|_| heeded).find_map(|name| {
            ambient.get(name).map(|value| (value.to_owned(), format!("variable {name}")))
        });
    let declared = environment.region.as_ref().map(|region| region.value.clone());
    let flag = flag.map(|(name, origin)| (name.to_owned(), origin.to_owned()));
    let (name, origin) = match (flag.or(variable), declared.clone()) {
        (Some(named), _) => named,
        (None, Some(declared)) => (declared, format!("environment {}", environment.name.value)),
        (None, None) if !heeded => (FALLBACK.to_owned(), "default".to_owned()),
        (None, None) => of_profile(environment).await,
    };
    match declared {
        Some(declared) if declared != name && !force => {
            Err(mismatch(environment, &declared, &name, &origin))
        }
        _ => Ok(ResolvedRegion { name, origin }),
    }
}

async fn of_profile(environment: &Environment) -> (String, String) {
    let mut provider = ProfileFileRegionProvider::builder();
    if let Some(profile) = &environment.profile {
        provider = provider.profile_name(&profile.value);
    }
    let region = provider.build().region().await;
    region.map_or_else(
        || (FALLBACK.to_owned(), "default".to_owned()),
        |region| (region.to_string(), "profile".to_owned()),
    )
}

fn mismatch(environment: &Environment, declared: &str, name: &str, origin: &str) -> Failure {
    let environment = &environment.name.value;
    let message = format!("environment `{environment}` is in {declared}, but {origin} says {name}");
    Failure::new(ErrorCode::AwsRegionMismatch, message)
        .cause("tables would be created in a region where nobody looks for them")
        .fix(format!("use {declared}, or pass --force if {name} is what you mean"))
        .detail("expected", declared)
        .detail("found", name)
        .detail("origin", origin)
}
