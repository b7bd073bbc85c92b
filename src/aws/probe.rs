//! Whether an endpoint answers, how fast, and what time it is there: asked without anybody's
//! credentials.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use aws_sdk_dynamodb::Client;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::{DateTime, Format};

use crate::model::Failure;

use super::credentials;
use super::error::{ErrorKind, ServiceError};

/// What an endpoint answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// How long it took, connecting included.
    pub took: Duration,
    /// By how many seconds this machine's clock is ahead of the endpoint's; negative: behind. The
    /// endpoint tells whole seconds. `None` where it tells no time.
    pub ahead: Option<i64>,
}

/// Sends one `ListTables` that is signed with dummy credentials, and so refused by the service. Any
/// answer counts.
///
/// # Errors
/// `NETWORK_ERROR` when there is no answer.
pub async fn probe(region: &str, url: Option<&str>) -> Result<Probe, Failure> {
    let config = credentials::unsigned_config(region, url);
    let mut builder = aws_sdk_dynamodb::config::Builder::from(&config);
    builder.set_endpoint_url(url.map(str::to_owned));
    let date = Date::default();
    let started = (Instant::now(), SystemTime::now());
    let request = Client::from_conf(builder.build()).list_tables().limit(1).customize();
    let answer = request.interceptor(date.clone()).send().await;
    let took = started.0.elapsed();
    if let Err(error) = answer {
        let error = ServiceError::new("ListTables", None, &error);
        if error.kind == ErrorKind::Network {
            return Err(error.into_failure());
        }
    }
    // The answer was written about half way through.
    let at = started.1 + took / 2;
    Ok(Probe { took, ahead: date.seconds().map(|there| seconds(at) - there) })
}

fn seconds(at: SystemTime) -> i64 {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// The `Date` of an answer.
#[derive(Debug, Clone, Default)]
struct Date(Arc<Mutex<Option<String>>>);

impl Date {
    /// Seconds since 1970.
    fn seconds(&self) -> Option<i64> {
        let text = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        DateTime::from_str(&text, Format::HttpDate).ok().map(|date| date.secs())
    }
}

impl Intercept for Date {
    fn name(&self) -> &'static str {
        "Date"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date").map(str::to_owned);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date;
        Ok(())
    }
}
