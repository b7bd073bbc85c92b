//! Which limit refused a call.

use crate::aws::{ErrorKind, ServiceError};

/// A limit that refused a call, which is as if it had never been sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Too many calls a second.
    Rate,
    /// Too many table operations under way at once.
    Operations {
        /// Too many of them on tables with secondary indexes.
        indexed: bool,
    },
}

/// The limit behind an error; `None` for every other error, the cooldown of one table included.
pub(super) fn refusal(error: &ServiceError) -> Option<Refusal> {
    match error.kind {
        ErrorKind::Concurrency => {
            Some(Refusal::Operations { indexed: error.message.contains("indexed tables") })
        }
        ErrorKind::RateLimited | ErrorKind::Throttled => Some(Refusal::Rate),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::aws::{Busy, Cooldown};

    use super::*;

    fn of(kind: ErrorKind, message: &str) -> Option<Refusal> {
        refusal(&ServiceError {
            operation: "CreateTable",
            resource: None,
            kind,
            code: None,
            message: message.to_owned(),
            request_id: None,
        })
    }

    #[test]
    fn each_limit_is_told_by_its_kind() {
        let rate = "The rate of control plane requests made by this account is too high";
        assert_eq!(of(ErrorKind::RateLimited, rate), Some(Refusal::Rate));
        assert_eq!(of(ErrorKind::Throttled, "Rate exceeded"), Some(Refusal::Rate));
        let all = "Subscriber limit exceeded: Only 500 tables can be created, updated, or deleted \
                   simultaneously";
        let operations = |indexed| Some(Refusal::Operations { indexed });
        assert_eq!(of(ErrorKind::Concurrency, all), operations(false));
        let indexed = "Subscriber limit exceeded: You have exceeded the maximum number of indexed \
                       tables that can be created simultaneously";
        assert_eq!(of(ErrorKind::Concurrency, indexed), operations(true));
    }

    #[test]
    fn other_errors_are_no_limit_on_calls() {
        let cooldown = ErrorKind::Cooldown(Cooldown::DeletionProtection);
        for kind in [cooldown, ErrorKind::Busy(Busy::Index), ErrorKind::Limit] {
            assert_eq!(of(kind, "Please try again after 2026-11-22T10:41:07Z"), None);
        }
    }
}
