//! Which server the calls go to.
//!
//! Order: `--endpoint-url`, the environment's `endpoint` or `emulator`, a variable or profile of
//! the shell, the service itself. A variable that was left over in a shell must not redirect a
//! roll-out: where `account` or `emulator` is declared it is refused, naming its origin.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::model::{Environment, ErrorCode, Failure};

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
#[derive(Debug, Clone, PartialEq, Eq)]
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

    /// Whether credentials, account, profile and role of the environment are not used.
    #[must_use]
    pub const fn uses_dummy_credentials(&self) -> bool {
        matches!(self, Self::Emulator { .. } | Self::Overridden { loopback: true, .. })
    }
}

/// The refusal of a variable that redirects calls.
pub(super) fn refused_variable(environment: &Environment, name: &str, url: &str) -> Failure {
    refused(environment, &format!("the variable {name}"), url)
        .fix(format!("unset {name}, or say what you mean with --endpoint-url"))
}

/// The refusal of an endpoint that comes from outside the file.
pub(super) fn refused(environment: &Environment, origin: &str, url: &str) -> Failure {
    let name = &environment.name.value;
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
    Failure::new(ErrorCode::UsageInvalid, format!("`{url}` is not a URL"))
        .fix("write it like http://127.0.0.1:8000")
}

fn host(url: &str) -> Option<String> {
    let uri: http::Uri = url.parse().ok()?;
    let known_scheme = matches!(uri.scheme_str(), Some("http" | "https"));
    uri.host().filter(|_| known_scheme).map(str::to_owned)
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_recognised_and_look_alikes_are_not() {
        let loopback = |url: &str| host(url).is_some_and(|host| is_loopback(&host));
        assert!(loopback("http://127.0.0.1:8000"));
        assert!(loopback("http://localhost:8000/x"));
        assert!(loopback("http://[::1]:8000"));
        assert!(!loopback("http://127.0.0.1.example.com"));
        assert!(!loopback("https://dynamodb.us-east-1.amazonaws.com"));
        assert_eq!(host("127.0.0.1:8000"), None);
    }
}
