//! Step kinds: what a step is, and the ones that are built in.
//!
//! A [`StepKind`] turns declared inputs into a [`Step`]; the [`Registry`] holds all kinds and is the
//! one door through which further ones come. A step sees its [`StepContext`] and nothing else of
//! the run: it reports progress, waits through the context, and returns what it changed.

mod adoption;
mod backup_table;
mod call_error;
mod command;
mod consent;
mod context;
mod create_table;
mod deadline;
mod declared;
mod delete_table;
mod documented;
mod features;
mod intents;
mod item_writes;
mod kind;
mod left_out;
mod list_tables;
mod look;
mod missing;
mod outcome;
mod outputs;
mod permissions;
mod pins;
mod plugin;
mod preview;
mod put_items;
mod registry;
mod remains;
mod slot;
mod tag;
mod undo;
mod unfit;
mod update_table;
mod validate_credentials;
mod verify;
mod wait_active;
mod wait_deleted;
mod waits;
mod without_vectors;

pub use call_error::CallError;
pub use command::{ChildNews, CommandContext, CommandPreview, Surroundings, Would, runs_command};
pub use consent::{Consent, Mutation};
pub use context::{Facts, StepContext, StopSignal};
pub use deadline::Deadline;
pub use documented::{iam_actions, undo_of};
pub use intents::{Intents, MutationOutcome};
pub use kind::{Step, StepKind};
pub use left_out::LeftOutSettings;
pub use look::{SeenTable, live_names, look_at};
pub use outcome::{Created, Fact, ListedTable, StepError, StepSuccess};
pub use outputs::{Outputs, StepOutputs};
pub use permissions::{Permission, PermissionScope, Permissions, Resource, ServiceRole};
pub use pins::Pins;
pub use plugin::check_plugin;
pub use preview::{Preview, Snapshots};
pub use put_items::{ItemFormat, ItemsPut, Places};
pub use registry::{Registry, RegistryError};
pub use slot::{Slot, WaitsFor};
use undo::missing_output;
pub use undo::{TagChange, Undo, UndoStep, Undone};
