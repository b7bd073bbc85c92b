//! From a configuration, a task and an environment to a DAG of steps; pure.
//!
//! A [`Plan`] is built once and never changed. Nodes are steps, or barriers that stand between two
//! blocks so that n chains before m chains need n + m edges and not n × m. Edges say what must have
//! become of the first node before the second one starts. Planning needs no
//! network: what is live is the business of `run::preview`.

mod after;
mod build;
mod cycle;
mod guard;
mod inputs;
mod node;
mod outputs;
mod patience;
mod place;
mod policy;
mod programs;
mod rollback;
mod select;
mod sequence;

pub use build::{PlanOptions, build};
pub use node::{Aftermath, Plan, PlanNode, PlannedStep};
pub use policy::{
    INLINE_LIMITS, MANAGED_LIMIT, Policies, Policy, PolicyPlace, Statement, policies,
};
pub use programs::{missing_programs, program_files};
pub use rollback::{Rollback, RollbackScope};
pub use select::{LeftOut, SelectError, Selection};
pub(crate) use select::{with_dependencies, with_dependents};
