//! Which server the calls go to.
//!
//! Order: `--endpoint-url`, the environment's `endpoint` or `emulator`, a variable or profile of
//! the shell, the service itself. A variable that was left over in a shell must not redirect a
//! roll-out: where `account` or `emulator` is declared it is refused, naming its origin. A rehearsal
//! has a simulator of its own, whatever else is named.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

use crate::model::{ControlPlane, Environment, ErrorCode, Failure, Simulation};

use super::credentials;

/// The settings of the surrounding shell that AWS tools read.
#[derive(Debug, Clone, Default)]
pub struct Ambient(BTreeMap<String, String>);

impl Ambient {
    /// The `AWS_*` variables of this process.
    #[must_use]
    pub fn from_process() -> Self {
        Self::new(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }))
    }

    /// The `AWS_*` variables among these; empty ones count as absent.
    pub fn new(vars: impl IntoIterator<Item = (String, String)>) -> Self {
        let kept = |(name, value): &(String, String)| name.starts_with("AWS_") && !value.is_empty();
        Self(vars.into_iter().filter(kept).collect())
    }

    /// One variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The variable that the SDK would take the endpoint of a service from.
    fn variable_of(&self, own: &'static str) -> Option<(&'static str, &str)> {
        let mut names = [own, "AWS_ENDPOINT_URL"].into_iter();
        names.find_map(|name| self.get(name).map(|value| (name, value)))
    }

    /// The first of the variables that redirect DynamoDB or STS calls.
    fn endpoint_variable(&self) -> Option<(&'static str, &str)> {
        if self.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") == Some("true") {
            return None;
        }
        ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"]
            .into_iter()
            .find_map(|name| self.get(name).map(|value| (name, value)))
    }
}

/// Where the calls go.
#[derive(Debug, Clone, PartialEq)]
pub enum Endpoint {
    /// DynamoDB itself, or what a variable or profile names where nothing forbids it.
    Service,
    /// The engine inside the binary.
    Emulator {
        /// A variable that names another place, and that place: right only when it is the address
        /// of the `osem local` that serves this emulator.
        leftover: Option<(&'static str, String)>,
    },
    /// The environment's `endpoint`.
    Declared {
        /// DynamoDB calls.
        url: String,
        /// STS calls.
        sts: Option<String>,
    },
    /// `--endpoint-url`.
    Overridden {
        /// DynamoDB calls.
        url: String,
        /// Whether it is on this machine: then credentials are dummies.
        loopback: bool,
    },
    /// `--rehearse`: a simulator that stands for the environment.
    Rehearsal(Box<Rehearsal>),
}

/// A simulator that stands for an environment.
#[derive(Debug, Clone, PartialEq)]
pub struct Rehearsal {
    /// Where its tables are kept; starts at the project's root.
    pub file: PathBuf,
    /// How it behaves, and whose account it is.
    pub control_plane: ControlPlane,
}

impl Rehearsal {
    /// The simulator for an environment: its account where one is declared, and a file of its own.
    #[must_use]
    pub fn of(environment: &Environment, mut simulation: Simulation) -> Self {
        if let Some(account) = &environment.account {
            simulation.account = account.value.clone();
        }
        Self {
            file: PathBuf::from(format!(".osem/rehearsal-{}.db", environment.name.value)),
            control_plane: ControlPlane::Realistic(simulation),
        }
    }
}

impl Endpoint {
    /// The same, where the run goes to another region than the environment's: regions do not share
    /// tables, so neither do their rehearsals.
    #[must_use]
    pub fn in_region(mut self, environment: &Environment, region: &str) -> Self {
        let elsewhere = environment.region.as_ref().is_some_and(|own| own.value != region);
        if let Self::Rehearsal(rehearsal) = &mut self
            && elsewhere
        {
            let name = format!(".osem/rehearsal-{}-{region}.db", environment.name.value);
            rehearsal.file = PathBuf::from(name);
        }
        self
    }
}

impl Endpoint {
    /// Chooses by the order above.
    ///
    /// # Errors
    /// `CONFIG_INVALID` for a leftover variable, `USAGE_INVALID` for a malformed URL.
    pub fn resolve(
        environment: &Environment,
        flag: Option<&str>,
        ambient: &Ambient,
    ) -> Result<Self, Failure> {
        if let Some(url) = flag {
            let host = host(url).ok_or_else(|| malformed(url))?;
            return Ok(Self::Overridden { url: url.to_owned(), loopback: is_loopback(&host) });
        }
        if let Some(declared) = &environment.endpoint {
            let sts = declared.sts.as_ref().map(|sts| sts.value.clone());
            return Ok(Self::Declared { url: declared.url.value.clone(), sts });
        }
        let variable = ambient.endpoint_variable();
        if environment.emulator.is_some() {
            let leftover = variable.map(|(name, value)| (name, value.to_owned()));
            return Ok(Self::Emulator { leftover });
        }
        match variable.filter(|_| environment.account.is_some()) {
            Some((name, value)) => Err(refused_variable(environment, name, value)),
            None => Ok(Self::Service),
        }
    }

    /// Whether it was chosen by a URL, and that is one of AWS.
    #[must_use]
    pub fn names_aws(&self) -> bool {
        match self {
            Self::Declared { url, .. } | Self::Overridden { url, .. } => is_aws(url),
            Self::Service | Self::Emulator { .. } | Self::Rehearsal(_) => false,
        }
    }

    /// The URL that calls go to, without a password; `None` for the service's own, and for what runs
    /// in this process. Asks nobody.
    pub async fn shown(&self, environment: &Environment, region: &str) -> Option<String> {
        let named = match self {
            Self::Declared { url, .. } | Self::Overridden { url, .. } => Some(url.clone()),
            Self::Service => {
                let config = credentials::config(environment, region).await;
                AmbientEndpoints::of(&config).dynamodb
            }
            Self::Emulator { .. } | Self::Rehearsal(_) => None,
        };
        named.as_deref().map(shown_url)
    }

    /// Whether credentials, account, profile and role of the environment are not used.
    #[must_use]
    pub const fn uses_dummy_credentials(&self) -> bool {
        matches!(
            self,
            Self::Emulator { .. } | Self::Overridden { loopback: true, .. } | Self::Rehearsal(_)
        )
    }
}

/// The refusal of a variable that redirects calls.
pub(super) fn refused_variable(environment: &Environment, name: &str, url: &str) -> Failure {
    refused_origin(environment, Some(name), url, false)
}

/// Endpoints that variables or the profile name for DynamoDB and STS.
pub(super) struct AmbientEndpoints {
    pub(super) dynamodb: Option<String>,
    pub(super) sts: Option<String>,
}

impl AmbientEndpoints {
    /// What the SDK would use with these settings.
    pub(super) fn of(config: &SdkConfig) -> Self {
        let of = |service: &str| {
            let key = ServiceConfigKey::builder()
                .service_id(service)
                .env("AWS_ENDPOINT_URL")
                .profile("endpoint_url")
                .build()
                .expect("all three parts are given");
            config
                .service_config()
                .and_then(|settings| settings.load_config(key))
                .or_else(|| config.endpoint_url().map(str::to_owned))
        };
        Self { dynamodb: of("DynamoDB"), sts: of("STS") }
    }

    /// Refuses them where an account is declared and something would use them: everything does
    /// unless the endpoint was chosen (`overridden`), and a profile with a role does even then.
    pub(super) fn check(
        &self,
        environment: &Environment,
        shell: &Ambient,
        overridden: bool,
    ) -> Result<(), Failure> {
        if environment.account.is_none() {
            return Ok(());
        }
        let (sts, dynamodb) = ("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_DYNAMODB");
        let refuse = |own, url: &str| {
            let variable = shell.variable_of(own).filter(|(_, value)| *value == url);
            Err(refused_origin(environment, variable.map(|(name, _)| name), url, overridden))
        };
        let profile = environment.profile.is_some() || shell.get("AWS_PROFILE").is_some();
        // Inside a profile the SDK follows the variable even where it is told to ignore it.
        let inside = shell.variable_of(sts).map(|(_, url)| url).filter(|_| profile);
        match (&self.dynamodb, self.sts.as_deref().or(inside)) {
            (Some(url), _) if !overridden => refuse(dynamodb, url),
            (_, Some(url)) if !overridden || profile => refuse(sts, url),
            _ => Ok(()),
        }
    }
}

fn refused_origin(
    environment: &Environment,
    variable: Option<&str>,
    url: &str,
    overridden: bool,
) -> Failure {
    let (origin, fix) = variable.map_or_else(
        || ("the profile's endpoint_url".to_owned(), "remove it from the profile".to_owned()),
        |name| (format!("the variable {name}"), format!("unset {name}")),
    );
    let otherwise = if overridden { "" } else { ", or say what you mean with --endpoint-url" };
    refused(environment, &origin, url).fix(format!("{fix}{otherwise}"))
}

/// The refusal of an endpoint that comes from outside the file.
fn refused(environment: &Environment, origin: &str, url: &str) -> Failure {
    let name = &environment.name.value;
    let url = shown_url(url);
    let why = if environment.emulator.is_some() { "the emulator" } else { "its account" };
    Failure::new(
        ErrorCode::ConfigInvalid,
        format!("{origin} sends calls for environment `{name}` to {url}"),
    )
    .cause(format!(
        "environment `{name}` names {why}; an endpoint from outside the file is refused"
    ))
    .detail("origin", origin)
    .detail("endpoint", url)
}

fn malformed(url: &str) -> Failure {
    Failure::new(ErrorCode::UsageInvalid, format!("`{}` is not a URL", shown_url(url)))
        .fix("write it like http://127.0.0.1:8000")
}

fn host(url: &str) -> Option<String> {
    let uri: http::Uri = url.parse().ok()?;
    let known_scheme = matches!(uri.scheme_str(), Some("http" | "https"));
    uri.host().filter(|_| known_scheme).map(str::to_owned)
}

/// Whether a URL names a host of AWS: that of a VPC, or with FIPS or both versions of IP.
fn is_aws(url: &str) -> bool {
    let ends = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"];
    host(url).is_some_and(|host| {
        let host = host.to_lowercase();
        ends.iter().any(|end| host.ends_with(end))
    })
}

/// Whether a URL leads to this machine.
pub(super) fn is_local(url: &str) -> bool {
    host(url).is_some_and(|host| is_loopback(&host))
}

/// Loopback addresses, and the unspecified ones, which connect to this machine as well.
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let local = |address: IpAddr| {
        let address = address.to_canonical();
        address.is_loopback() || address.is_unspecified()
    };
    host.eq_ignore_ascii_case("localhost") || bare.parse().is_ok_and(local)
}

/// A URL for people: without the user and password that it may carry.
pub(super) fn shown_url(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) if !scheme.contains('@') => (format!("{scheme}://"), rest),
        _ => (String::new(), url),
    };
    // The last `@`, wherever it stands: a password may hold any character.
    rest.rfind('@').map_or_else(|| url.to_owned(), |at| format!("{scheme}***@{}", &rest[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_recognised_and_look_alikes_are_not() {
        assert!(is_local("http://127.0.0.1:8000"));
        assert!(is_local("http://localhost:8000/x"));
        assert!(is_local("http://[::1]:8000"));
        assert!(is_local("http://user:secret@LOCALHOST:8000"));
        assert!(is_local("http://0.0.0.0:8000"));
        assert!(is_local("http://[::]:8000"));
        assert!(is_local("http://[::ffff:127.0.0.1]:8000"));
        assert!(!is_local("http://[::ffff:10.0.0.1]:8000"));
        assert!(!is_local("http://localhost@example.com"));
        assert!(!is_local("http://127.0.0.1.example.com"));
        assert!(!is_local("https://dynamodb.us-east-1.amazonaws.com"));
        assert_eq!(host("127.0.0.1:8000"), None);
    }

    #[test]
    fn hosts_of_aws_are_recognised_and_look_alikes_are_not() {
        assert!(is_aws("https://dynamodb.us-east-1.amazonaws.com"));
        assert!(is_aws("https://vpce-1.dynamodb.us-east-1.vpce.amazonaws.com:443/x"));
        assert!(is_aws("https://DynamoDB.us-east-1.api.aws/"));
        assert!(!is_aws("http://127.0.0.1:8000"));
        assert!(!is_aws("http://amazonaws.com.example.org/.amazonaws.com"));
        assert!(!is_aws("http://x.amazonaws.com@127.0.0.1:8000"));
    }

    #[test]
    fn a_password_in_a_url_is_not_shown() {
        assert_eq!(shown_url("http://u:p@host:1/x"), "http://***@host:1/x");
        assert_eq!(shown_url("http://u:p/@w@host"), "http://***@host");
        assert_eq!(shown_url("u:p@host"), "***@host");
        assert_eq!(shown_url("http://127.0.0.1:8000"), "http://127.0.0.1:8000");
    }
}
