//! The run: preview, confirmation rule, scheduling, attempts, cancellation, summary.
//!
//! [`execute`] is one loop that owns all state of a run. Steps are futures that it polls; they see
//! their `StepContext` and send events, and never touch the state. Which step comes next is decided
//! by [`ReadyQueue`], which is plain bookkeeping without async.

mod acts;
mod attempt;
mod cancel;
mod clocks;
mod commands;
mod confirm;
mod delays;
mod estimate;
mod execute;
mod gone;
mod intents;
mod look;
mod narrowing;
mod outputs;
mod outstanding;
mod overview;
mod patience;
mod permission;
#[cfg(test)]
pub(crate) mod plan_testing;
mod preview;
mod ready_queue;
mod rollback;
mod saved_plan;
#[cfg(test)]
mod scale_tests;
mod slots;
mod summary;
mod supposed;
#[cfg(test)]
mod testing;
mod unmanaged;

pub use attempt::RunContext;
pub use cancel::{CancelReason, CancelToken};
pub use confirm::required_confirmation;
pub use delays::{After, Delays};
pub use estimate::{Estimate, Expecting, Pace, Span};
pub use execute::{Bounds, execute};
pub use gone::{gone, standing};
pub use look::{live_table, live_table_names};
pub use narrowing::Narrowing;
pub use outputs::{recorded_outputs, refuse_missing_outputs};
pub use outstanding::{Standing, Why, listed, outstanding};
pub use overview::{Overview, PlanSummary};
pub use preview::{StepPreview, preview};
pub use ready_queue::ReadyQueue;
pub use rollback::{Undoing, outstanding_undos, undo_all};
pub use saved_plan::{PlanPlace, SavedChange, SavedPlan};
pub use summary::RunSummary;
pub use supposed::supposed;
pub use unmanaged::{Beside, unmanaged};
