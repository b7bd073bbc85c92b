//! Exit codes of commands.

use crate::model::ErrorCode;

pub(super) use crate::model::exit_code::{
    BUG, CHANGES, CONFIG, FAILED, LOCKED, NOT_CONFIRMED, PARTIAL, ROLLBACK_INCOMPLETE, SUCCESS,
    UNWRITABLE, USAGE,
};

/// The code of a failure before anything was done.
pub(super) const fn code_of(code: ErrorCode) -> u8 {
    match code {
        ErrorCode::InternalError => BUG,
        ErrorCode::UsageInvalid => USAGE,
        ErrorCode::ConfigInvalid => CONFIG,
        ErrorCode::StateUnwritable => UNWRITABLE,
        ErrorCode::Locked => LOCKED,
        ErrorCode::NotConfirmed => NOT_CONFIRMED,
        _ => FAILED,
    }
}
