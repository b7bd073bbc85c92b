//! Exit codes. Those above 63 are the ones of `sysexits.h`.

use crate::model::ErrorCode;

/// Everything done, or nothing to do.
pub(super) const SUCCESS: u8 = 0;
/// Failed, and nothing that this run did remains.
pub(super) const FAILED: u8 = 1;
/// Failed, and something that this run did stands, or may stand.
pub(super) const PARTIAL: u8 = 2;
/// Undoing failed: a person must look.
pub(super) const ROLLBACK_INCOMPLETE: u8 = 3;
/// A plan has changes, and it was asked to say so.
pub(super) const CHANGES: u8 = 4;
/// The command line cannot be used.
pub(super) const USAGE: u8 = 64;
/// The configuration cannot be used.
pub(super) const CONFIG: u8 = 65;
/// A bug in osem.
pub(super) const BUG: u8 = 70;
/// The state directory cannot be written.
pub(super) const UNWRITABLE: u8 = 73;
/// Another process holds what this one needs.
pub(super) const LOCKED: u8 = 75;
/// A question was not answered with yes.
pub(super) const NOT_CONFIRMED: u8 = 77;

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
