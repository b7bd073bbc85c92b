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
    let says = |text: &str| error.message.contains(text);
    match error.kind {
        ErrorKind::Throttled if says("simultaneously") => {
            Some(Refusal::Operations { indexed: says("indexed tables") })
        }
        ErrorKind::Throttled if says("Please try again after") => None,
        ErrorKind::Throttled => Some(Refusal::Rate),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
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
    fn each_limit_is_told_by_its_text() {
        let throttled = |message| of(ErrorKind::Throttled, message);
        for rate in
            ["The rate of control plane requests made by this account is too high", "Rate exceeded"]
        {
            assert_eq!(throttled(rate), Some(Refusal::Rate));
        }
        assert_eq!(
            throttled(
                "Subscriber limit exceeded: Only 500 tables can be created, updated, or deleted simultaneously"
            ),
            Some(Refusal::Operations { indexed: false })
        );
        assert_eq!(
            throttled(
                "Subscriber limit exceeded: You have exceeded the maximum number of indexed tables that can be created simultaneously"
            ),
            Some(Refusal::Operations { indexed: true })
        );
    }

    #[test]
    fn other_errors_are_no_limit_on_calls() {
        let cooldown = "Deletion protection setting for table Corporate modified within the \
                        previous 15000 milliseconds. Please try again after 2026-11-22T10:41:07Z";
        assert_eq!(of(ErrorKind::Throttled, cooldown), None);
        assert_eq!(of(ErrorKind::Busy, "Only 1 online index … simultaneously per table"), None);
        assert_eq!(of(ErrorKind::Limit, "There is a limit of 256 tables per subscriber"), None);
    }
}
