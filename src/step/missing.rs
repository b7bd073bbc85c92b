//! `missing=`: whether a table that is not there is an error. Kinds that do something to a table that
//! another run may have taken away have it.

use crate::model::{Failure, Inputs, ParamSpec, says};

use super::{StepContext, kind, unfit};

const NAME: &str = "missing";

/// The parameter.
pub(super) fn param() -> ParamSpec {
    kind::word(NAME, "Whether a table that is not there is an error", &["error", "ok"])
}

/// Whether it is none.
pub(super) fn is_ok(inputs: &Inputs) -> bool {
    says(inputs, NAME, "ok")
}

/// The error.
pub(super) fn not_there(cx: &StepContext) -> Failure {
    unfit::not_there(cx).fix("write missing=ok on the step if that is fine")
}
