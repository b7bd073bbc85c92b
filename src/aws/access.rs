//! What a program needs to reach the same tables as osem does, in the variables that every AWS SDK
//! reads.

use std::fmt;

use aws_config::SdkConfig;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};

use crate::model::{ErrorCode, Failure};

use super::endpoint::is_local;
use super::error::chain;

/// The hosts that no proxy is asked for.
const OWN_HOSTS: &str = "127.0.0.1,localhost,::1";

/// Where the tables are, and whose credentials reach them.
#[derive(Clone)]
pub struct Access {
    region: String,
    dynamodb: Option<String>,
    sts: Option<String>,
    /// `None` where nobody asks who calls.
    provider: Option<SharedCredentialsProvider>,
}

impl Access {
    /// To a server that does not ask who calls.
    pub(super) fn dummy(region: &str, url: &str, sts: Option<&str>) -> Self {
        let (dynamodb, sts) = (Some(url.to_owned()), sts.map(str::to_owned));
        Self { region: region.to_owned(), dynamodb, sts, provider: None }
    }

    /// With the credentials of these settings.
    pub(super) fn of(
        config: &SdkConfig,
        region: &str,
        url: Option<&str>,
        sts: Option<&str>,
    ) -> Self {
        let owned = |url: Option<&str>| url.map(str::to_owned);
        let provider = config.credentials_provider();
        Self { region: region.to_owned(), dynamodb: owned(url), sts: owned(sts), provider }
    }

    /// Whether it leads to no account, so that it may be given to everybody.
    #[must_use]
    pub const fn is_dummy(&self) -> bool {
        self.provider.is_none()
    }

    /// The variables, with credentials that are valid for some minutes at least. `proxies` is what
    /// `NO_PROXY` says so far.
    ///
    /// # Errors
    /// When there are no credentials any more.
    pub async fn variables(&self, proxies: &str) -> Result<Vec<(&'static str, String)>, Failure> {
        let mut variables =
            vec![("AWS_REGION", self.region.clone()), ("AWS_DEFAULT_REGION", self.region.clone())];
        match &self.provider {
            None => {
                variables.push(("AWS_ACCESS_KEY_ID", "osem".to_owned()));
                variables.push(("AWS_SECRET_ACCESS_KEY", "osem".to_owned()));
            }
            Some(provider) => {
                let credentials = provider.provide_credentials().await;
                let credentials = credentials.map_err(|error| expired(&chain(&error)))?;
                let (key, secret) = (credentials.access_key_id(), credentials.secret_access_key());
                variables.push(("AWS_ACCESS_KEY_ID", key.to_owned()));
                variables.push(("AWS_SECRET_ACCESS_KEY", secret.to_owned()));
                let token = credentials.session_token();
                variables.extend(token.map(|token| ("AWS_SESSION_TOKEN", token.to_owned())));
            }
        }
        let urls =
            [("AWS_ENDPOINT_URL_DYNAMODB", &self.dynamodb), ("AWS_ENDPOINT_URL_STS", &self.sts)];
        variables.extend(urls.into_iter().filter_map(|(name, url)| Some((name, url.clone()?))));
        // A setting in a profile must not lead elsewhere; where a URL is given, it must be heeded.
        let ignored = self.dynamodb.is_none() && self.sts.is_none();
        variables.push(("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", ignored.to_string()));
        if self.dynamodb.as_deref().is_some_and(is_local) {
            let gap = if proxies.is_empty() { "" } else { "," };
            let without = format!("{proxies}{gap}{OWN_HOSTS}");
            variables.push(("NO_PROXY", without.clone()));
            variables.push(("no_proxy", without));
        }
        Ok(variables)
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.dynamodb.as_deref().map(super::endpoint::shown_url);
        f.debug_struct("Access").field("url", &url).finish_non_exhaustive()
    }
}

fn expired(said: &str) -> Failure {
    let message = "there are no credentials for the command";
    Failure::new(ErrorCode::AwsCredentialsInvalid, message)
        .said(said)
        .fix("renew them (osem plan shows whether they work), then run again")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value<'v>(variables: &'v [(&str, String)], name: &str) -> Option<&'v str> {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    #[tokio::test]
    async fn a_server_of_this_machine_is_reached_by_dummies_and_without_a_proxy() {
        let access = Access::dummy("eu-west-1", "http://127.0.0.1:8000", None);
        let variables = access.variables("corp").await.unwrap();
        let value = |name| value(&variables, name);
        assert!(access.is_dummy());
        assert_eq!(value("AWS_REGION"), Some("eu-west-1"));
        assert_eq!(value("AWS_ENDPOINT_URL_DYNAMODB"), Some("http://127.0.0.1:8000"));
        assert_eq!(value("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), Some("false"));
        assert_eq!(value("AWS_ACCESS_KEY_ID"), Some("osem"));
        assert_eq!(value("NO_PROXY"), Some("corp,127.0.0.1,localhost,::1"));
    }

    #[tokio::test]
    async fn the_service_is_reached_with_the_environment_s_credentials_wherever_a_profile_points() {
        let keys =
            aws_credential_types::Credentials::new("AK", "SK", Some("T".into()), None, "test");
        let provider = SharedCredentialsProvider::new(keys);
        let config = SdkConfig::builder().credentials_provider(provider).build();
        let access = Access::of(&config, "us-east-1", None, None);
        let variables = access.variables("").await.unwrap();
        let value = |name| value(&variables, name);
        assert!(!access.is_dummy());
        assert_eq!(value("AWS_SESSION_TOKEN"), Some("T"));
        assert_eq!(value("AWS_ENDPOINT_URL_DYNAMODB"), None);
        assert_eq!(value("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), Some("true"));
        assert_eq!(value("NO_PROXY"), None);
        assert!(!format!("{access:?}").contains("SK"));
    }
}
