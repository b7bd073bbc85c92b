//! Who is told of API calls.

use std::sync::Arc;
use std::time::Duration;

/// One call to a service and its end.
#[derive(Debug, Clone)]
pub struct ApiCall {
    /// `CreateTable`, `GetCallerIdentity`, ….
    pub operation: &'static str,
    /// The table or other resource.
    pub resource: Option<String>,
    /// How long it took, retries of reads included.
    pub duration: Duration,
    /// The service's error code, or the kind of failure; `None` when it went well.
    pub error: Option<String>,
}

/// Told of each call when it has ended.
pub type ApiObserver = Arc<dyn Fn(ApiCall) + Send + Sync>;
