//! Whose credentials sign the calls.

use std::time::{Duration, SystemTime};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use tokio::sync::Mutex;

use crate::model::{AssumeRole, Environment, Failure};

use super::endpoint::is_local;
use super::error::chain;
use super::identity::{missing, refused, unanswered};

/// Reads are repeated by the SDK; mutations are not (see [`super::TableApi`]).
const READ_ATTEMPTS: u32 = 3;

/// How long credentials may take; a person may have to answer a command of the profile.
const LONGEST_FETCH: Duration = Duration::from_secs(30);

/// How long before their end credentials are fetched anew.
const RENEWED_BEFORE: Duration = Duration::from_mins(5);

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(8))
        .build()
}

/// A client that heeds `HTTPS_PROXY` and its kin, as the SDK's own does.
fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.build()
    })
}

/// A client for a server of this machine: without a proxy, and for plain `http` without the
/// machine's certificates.
fn local_client(url: &str) -> SharedHttpClient {
    let builder = aws_smithy_http_client::Builder::new();
    if url.starts_with("http://") {
        return builder.build_http();
    }
    builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}

/// The settings for calls to this endpoint: a server of this machine is not reached by a proxy.
pub(super) fn towards(config: SdkConfig, url: Option<&str>) -> SdkConfig {
    match url.filter(|url| is_local(url)) {
        None => config,
        Some(url) => config.into_builder().http_client(local_client(url)).build(),
    }
}

/// Settings for a server that does not check who calls it. Nothing of the shell is read.
pub(super) fn dummy_config(region: &str, url: &str) -> SdkConfig {
    dummy(region, local_client(url), RetryConfig::standard().with_max_attempts(READ_ATTEMPTS))
}

/// Settings for one request that nobody's credentials sign; of the shell only the proxy counts.
pub(super) fn unsigned_config(region: &str, url: Option<&str>) -> SdkConfig {
    let client = url.filter(|url| is_local(url)).map_or_else(http_client, local_client);
    dummy(region, client, RetryConfig::disabled())
}

fn dummy(region: &str, client: SharedHttpClient, retries: RetryConfig) -> SdkConfig {
    let credentials = Credentials::new("osem", "osem", None, None, "dummy");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .http_client(client)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(retries)
        .timeout_config(timeouts())
        .sleep_impl(aws_smithy_async_sleep())
        .build()
}

fn aws_smithy_async_sleep() -> aws_smithy_async::rt::sleep::SharedAsyncSleep {
    aws_smithy_async::rt::sleep::SharedAsyncSleep::new(
        aws_smithy_async::rt::sleep::TokioSleep::new(),
    )
}

/// Settings with the environment's profile, else the SDK's chain.
pub(super) async fn config(environment: &Environment, region: &str) -> SdkConfig {
    let client = http_client();
    let region = Region::new(region.to_owned());
    let retries = RetryConfig::standard().with_max_attempts(READ_ATTEMPTS);
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(client.clone())
        .region(region.clone())
        .retry_config(retries.clone())
        .timeout_config(timeouts());
    if let Some(profile) = &environment.profile {
        // The chain would prefer keys in variables; the declared profile must win.
        let settings = ProviderConfig::default()
            .with_http_client(client)
            .with_region(Some(region))
            .with_retry_config(retries)
            .with_timeout_config(timeouts());
        let provider = ProfileFileCredentialsProvider::builder()
            .profile_name(&profile.value)
            .configure(&settings)
            .build();
        loader = loader.profile_name(&profile.value).credentials_provider(provider);
    }
    remembering(loader.load().await)
}

/// The settings with the environment's role, assumed at this STS.
pub(super) async fn with_role(
    config: SdkConfig,
    environment: &Environment,
    sts: Option<&str>,
) -> SdkConfig {
    let Some(role) = &environment.assume_role else { return config };
    let provider = assume(role, &config, sts).await;
    remembering(config.into_builder().credentials_provider(provider).build())
}

async fn assume(
    role: &AssumeRole,
    config: &SdkConfig,
    sts: Option<&str>,
) -> SharedCredentialsProvider {
    let mut config = towards(config.clone(), sts).into_builder();
    // The service's settings go before the URL: a variable in them would take the call elsewhere.
    config.set_service_config(None::<NoServiceConfig>);
    config.set_endpoint_url(sts.map(str::to_owned));
    let mut provider = AssumeRoleProvider::builder(&role.arn.value)
        .session_name(role.session_name.as_deref().unwrap_or("osem"))
        .configure(&config.build());
    if let Some(id) = &role.external_id {
        provider = provider.external_id(id);
    }
    if let Some(duration) = role.duration {
        provider = provider.session_length(duration);
    }
    SharedCredentialsProvider::new(provider.build().await)
}

/// Names the type of settings that are left out.
#[derive(Debug)]
struct NoServiceConfig;

impl LoadServiceConfig for NoServiceConfig {
    fn load_config(&self, _: ServiceConfigKey<'_>) -> Option<String> {
        None
    }
}

/// A provider that asks another one only when it must: every client would ask anew, and a person
/// may have to answer.
#[derive(Debug)]
struct Remembering {
    provider: SharedCredentialsProvider,
    last: Mutex<Option<Credentials>>,
}

impl Remembering {
    async fn credentials(&self) -> provider::Result {
        let mut last = self.last.lock().await;
        let fresh = |known: &&Credentials| {
            known.expiry().is_none_or(|expiry| expiry > SystemTime::now() + RENEWED_BEFORE)
        };
        if let Some(known) = last.as_ref().filter(fresh) {
            return Ok(known.clone());
        }
        let new = self.provider.provide_credentials().await?;
        *last = Some(new.clone());
        Ok(new)
    }
}

impl ProvideCredentials for Remembering {
    fn provide_credentials<'a>(&'a self) -> provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        provider::future::ProvideCredentials::new(self.credentials())
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        self.provider.fallback_on_interrupt()
    }
}

fn remembering(config: SdkConfig) -> SdkConfig {
    let Some(provider) = config.credentials_provider() else { return config };
    let provider = Remembering { provider, last: Mutex::new(None) };
    config.into_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build()
}

/// Fetches credentials once, so that their absence is told apart from everything else. Says where
/// they come from.
pub(super) async fn source(
    config: &SdkConfig,
    environment: &Environment,
) -> Result<String, Failure> {
    let provider =
        config.credentials_provider().ok_or_else(|| missing(environment, "no provider"))?;
    let credentials = tokio::time::timeout(LONGEST_FETCH, provider.provide_credentials())
        .await
        .map_err(|_| unanswered(environment, "no answer within 30 s"))?
        .map_err(|error| refused(environment, &chain(&error)))?;
    // The name has no accessor; the text keeps the secrets back.
    Ok(format!("{credentials:?}")
        .split("provider_name: \"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or("unknown")
        .to_owned())
}
