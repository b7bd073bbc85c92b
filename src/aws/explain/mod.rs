//! What a person should make of an error of a service: code, cause, remedy.

mod credentials;
mod denial;
mod meaning;
mod waiting;

use crate::model::{Failure, FailureClass};

use super::error::{ErrorKind, ServiceError, quoted};
use credentials::credentials;
use denial::denied;
use meaning::meaning;
use waiting::{cooldown, until};

impl ServiceError {
    /// The failure that people and the engine see.
    #[must_use]
    pub fn into_failure(mut self) -> Failure {
        self.message = quoted(&self.message);
        let resource = self.resource.as_deref();
        let what = resource
            .map_or_else(|| self.operation.to_owned(), |on| format!("{} {on}", self.operation));
        let mut failure = match self.kind {
            ErrorKind::Denied => return denied(&self, &what),
            ErrorKind::Credentials => credentials(&self, &what),
            ErrorKind::Cooldown(of) => cooldown(&self, of, &what),
            kind => meaning(kind, self.operation).failure(&what),
        };
        if self.kind == ErrorKind::Network && !self.never_connected() {
            failure = failure.cause("the connection broke, or no answer came in time");
        }
        let passes = matches!(failure.class, FailureClass::Wait | FailureClass::Throttled);
        if let Some(time) = self.not_before().filter(|_| passes) {
            failure = until(failure, time);
        }
        if let Some(id) = &self.request_id {
            failure = failure.detail("requestId", id);
        }
        failure.said(self.to_string()).detail("operation", self.operation)
    }
}

#[cfg(test)]
mod tests;
