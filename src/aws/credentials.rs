//! Whose credentials sign the calls.

use std::time::Duration;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use crate::model::{AssumeRole, Environment, ErrorCode, Failure};

use super::error::chain;

/// Reads are repeated by the SDK; mutations are not (see [`super::TableApi`]).
const READ_ATTEMPTS: u32 = 3;

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(8))
        .build()
}

/// A client for `https`, or for plain `http` where nothing else is called: that one need not read
/// the machine's certificates.
fn http_client(plain: bool) -> SharedHttpClient {
    let builder = aws_smithy_http_client::Builder::new();
    if plain {
        return builder.build_http();
    }
    builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
}

/// Settings for a server that does not check who calls it. Nothing of the shell is read.
pub(super) fn dummy_config(region: &str, url: &str) -> SdkConfig {
    let credentials = Credentials::new("osem", "osem", None, None, "dummy");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .http_client(http_client(url.starts_with("http://")))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::standard().with_max_attempts(READ_ATTEMPTS))
        .timeout_config(timeouts())
        .sleep_impl(aws_smithy_async_sleep())
        .build()
}

fn aws_smithy_async_sleep() -> aws_smithy_async::rt::sleep::SharedAsyncSleep {
    aws_smithy_async::rt::sleep::SharedAsyncSleep::new(
        aws_smithy_async::rt::sleep::TokioSleep::new(),
    )
}

/// Settings with the environment's profile and role, else the SDK's chain.
pub(super) async fn config(
    environment: &Environment,
    region: &str,
    sts: Option<&str>,
) -> SdkConfig {
    let client = http_client(false);
    let region = Region::new(region.to_owned());
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(client.clone())
        .region(region.clone())
        .retry_config(RetryConfig::standard().with_max_attempts(READ_ATTEMPTS))
        .timeout_config(timeouts());
    if let Some(profile) = &environment.profile {
        // The chain would prefer keys in variables; the declared profile must win.
        let settings = ProviderConfig::default().with_http_client(client).with_region(Some(region));
        let provider = ProfileFileCredentialsProvider::builder()
            .profile_name(&profile.value)
            .configure(&settings)
            .build();
        loader = loader.profile_name(&profile.value).credentials_provider(provider);
    }
    let config = loader.load().await;
    match &environment.assume_role {
        None => config,
        Some(role) => {
            let provider = assume(role, &config, sts).await;
            config.into_builder().credentials_provider(provider).build()
        }
    }
}

async fn assume(
    role: &AssumeRole,
    config: &SdkConfig,
    sts: Option<&str>,
) -> SharedCredentialsProvider {
    let mut config = config.clone().into_builder();
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

/// Fetches credentials once, so that their absence is told apart from everything else. Says where
/// they come from.
pub(super) async fn source(
    config: &SdkConfig,
    environment: &Environment,
) -> Result<String, Failure> {
    let provider =
        config.credentials_provider().ok_or_else(|| missing(environment, "no provider"))?;
    let credentials = provider
        .provide_credentials()
        .await
        .map_err(|error| missing(environment, &chain(&error)))?;
    Ok(format!("{credentials:?}")
        .split("provider_name: \"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or("unknown")
        .to_owned())
}

fn missing(environment: &Environment, said: &str) -> Failure {
    let name = &environment.name.value;
    let (cause, fix) = if let Some(role) = &environment.assume_role {
        (
            format!("the role {} could not be assumed", role.arn.value),
            "check the credentials that assume it, and the role's trust policy".to_owned(),
        )
    } else if let Some(profile) = &environment.profile {
        let profile = &profile.value;
        (
            format!("the profile `{profile}` of environment `{name}` gives none"),
            format!("aws configure --profile {profile}, or aws sso login --profile {profile}"),
        )
    } else {
        (
            "none in variables, files, SSO, container or instance role".to_owned(),
            "set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or: aws sso login"
                .to_owned(),
        )
    };
    Failure::new(
        ErrorCode::AwsCredentialsInvalid,
        format!("no credentials for environment `{name}`"),
    )
    .said(said)
    .cause(cause)
    .fix(fix)
}
