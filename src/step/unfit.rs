//! How a step fails whose table is not there, or in a state that osem cannot end.

use crate::model::{ErrorCode, Failure};

use super::StepContext;

/// The table is not there. What helps differs by kind: each adds its own.
pub(super) fn not_there(cx: &StepContext) -> Failure {
    Failure::new(ErrorCode::TableNotFound, format!("{} is not there", cx.spec().name))
}

/// The table is not there, and `setup` is what makes it.
pub(super) fn not_created(cx: &StepContext) -> Failure {
    not_there(cx).fix("create it: osem run setup")
}

/// The table has a status that waiting does not end; `so` says what cannot be done then.
pub(super) fn stuck(cx: &StepContext, status: &str, so: &str) -> Failure {
    let message = format!("{} is {status}{so}", cx.spec().name);
    Failure::new(ErrorCode::SchemaValidationFailed, message)
        .fix("see the table in the console; osem does not repair this")
}
