//! The run: preview, confirmation rule, scheduling, attempts, cancellation, summary.
//!
//! [`execute`] is one loop that owns all state of a run: it fills up, awaits one end, applies it, and
//! repeats. Steps are futures that it polls; they see their `StepContext`, send events and return a
//! result, and never touch the state. There is no barrier between levels of the graph, and no task
//! that waits for a step. Everything that is shown or written down of a run is a fold over its events.
//!
//! Which step comes next is decided by `ReadyQueue`, which steps are at work by `Slots`: plain
//! bookkeeping without async, which property tests drive with random graphs. `docs/run-loop.md` has the
//! rules as users see them.

mod absent;
mod acts;
mod attempt;
mod cancel;
mod clocks;
mod commands;
mod confirm;
mod context;
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
mod reach;
mod ready_queue;
mod replaced;
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

pub use cancel::{CancelReason, CancelToken};
pub use confirm::required_confirmation;
pub use context::RunContext;
pub use delays::{After, Delays};
pub use estimate::{Estimate, Expecting, Pace};
pub use execute::{Bounds, execute};
pub use gone::{gone, standing};
pub use look::{live_table, live_table_names};
pub use narrowing::Narrowing;
pub use outputs::{recorded_outputs, refuse_missing_outputs};
pub use outstanding::{Standing, Why, listed, outstanding};
pub use overview::{Overview, PlanSummary};
pub use preview::{StepPreview, preview};
pub use reach::refused;
pub use rollback::{Undoing, outstanding_undos, undo_all};
pub use saved_plan::{PlanPlace, SavedChange, SavedPlan};
pub use summary::RunSummary;
pub use supposed::supposed;
pub use unmanaged::{Beside, unmanaged};
