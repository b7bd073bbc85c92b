//! Exit codes of the process. Those from 64 to 77 are the ones of `sysexits.h`, 124 is that of
//! `timeout`, and 128 and more are those of shells.

/// Everything done, or nothing to do.
pub const SUCCESS: u8 = 0;
/// Failed, and nothing that this run did remains.
pub const FAILED: u8 = 1;
/// Failed, and something that this run did stands, or may stand; or work was left out.
pub const PARTIAL: u8 = 2;
/// Undoing failed: a person must look.
pub const ROLLBACK_INCOMPLETE: u8 = 3;
/// A plan has changes, and it was asked to say so.
pub const CHANGES: u8 = 4;
/// The command line cannot be used.
pub const USAGE: u8 = 64;
/// The configuration cannot be used.
pub const CONFIG: u8 = 65;
/// A bug in osem.
pub const BUG: u8 = 70;
/// The state directory cannot be written.
pub const UNWRITABLE: u8 = 73;
/// Another process holds what this one needs.
pub const LOCKED: u8 = 75;
/// A question was not answered with yes.
pub const NOT_CONFIRMED: u8 = 77;
/// The time of the run was over.
pub const TIMED_OUT: u8 = 124;
/// Ended by a signal, whose number is added.
pub const SIGNAL: u8 = 128;
