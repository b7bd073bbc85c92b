//! Plain, validated data that every other layer shares.
//!
//! Two families live here. *Declared* things ([`Project`], [`Environment`], [`TableDecl`],
//! [`Task`], [`StepDecl`]) say what the files say, with spans and with placeholders still in them.
//! *Resolved* things ([`TableSpec`], [`TableState`], [`StepId`]) are what the rest of the program
//! works with; no unresolved name gets past planning. This module knows nothing of KDL, of AWS
//! crates or of running steps.

mod command;
mod environment;
pub mod exit_code;
mod failure;
mod fingerprint;
mod item;
mod kind;
mod kind_decl;
mod millis;
mod names;
mod number;
mod param_text;
mod policy;
mod project;
mod retry_on;
mod rollback;
mod setting;
mod simulation;
mod step_id;
mod table;
mod table_decl;
mod table_state;
mod task;
mod template;
mod variable;
mod vector_index;

pub use command::{Command, CommandDecl, CommandForm, ParamValue, quoted};
pub use environment::{
    AccountId, AssumeRole, EmulatorData, EmulatorDecl, EndpointDecl, Environment, EnvironmentFilter,
};
pub use failure::{ErrorCode, Failure, FailureClass};
pub use fingerprint::Fingerprint;
pub use item::{AttributeValue, Item, item_size};
pub use kind::{
    Effect, InputValue, Inputs, KindCatalog, KindScope, KindSpec, OutputSpec, ParamSpec, ParamType,
    says,
};
pub use kind_decl::{KindDecl, KindProgram, ParamDecl};
pub use millis::{MillisRange, millis, unix_millis};
pub use names::{NameError, TableName, check_resource_name};
pub use number::{Number, NumberError};
pub use param_text::{fill_params, param_names, without_placeholders};
pub use policy::{Backoff, Jitter, OnFailure, Pool, PoolShare, RetryPolicy, StepPolicy, When};
pub use project::{Defaults, Project};
pub use retry_on::{RetryCause, RetryClass, RetryOn};
pub use rollback::{RollbackDecl, RollbackStep};
pub use setting::{
    Encryption, InsightsMode, KinesisStream, Precision, RecoveryDays, Setting, StreamView,
    TableClass, Units,
};
pub use simulation::{ControlPlane, Fault, FaultRule, RateLimit, Simulation};
pub use step_id::StepId;
pub use table::{
    AskedOfIndexes, Billing, IndexKind, IndexRequest, IndexSpec, KeyAttribute, KeySchema,
    Projection, ScalarType, TableSpec, Throughput,
};
pub use table_decl::{IndexDecl, TableDecl, TableSettings, TagDecl};
pub use table_state::{Features, IndexState, TableState, Tags, warm_at_first};
pub use task::{Block, Confirm, ForEachItem, ForEachTable, Link, Order, StepDecl, Task};
pub use template::{OutputName, Placeholder, Scope, Template, TemplateError, is_output_key};
pub use variable::{Secret, Secrets, VariableDecl};
pub use vector_index::{
    DistanceFunction, MOST_DIMENSIONS, MOST_FILTERS, VectorIndex, VectorIndexDecl, VectorIndexState,
};
