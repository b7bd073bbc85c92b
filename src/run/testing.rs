//! Steps that do what a test says, and a run without a service.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::aws::{ErrorKind, ServiceError};
use crate::diagnostic::{Sources, Span};
use crate::journal::RunEvent;
use crate::model::{Failure, StepId};
use crate::plan::PlannedStep;
use crate::step::{Mutation, Preview, Step, StepContext, StepError, StepSuccess};
use crate::table::ChangeClass;

use super::RunContext;

/// What one attempt does.
pub(super) enum Scripted {
    Succeed,
    Change,
    Fail(StepError),
    /// Is at work for so long.
    Work(Duration),
    /// Only waits for so long.
    Wait(Duration),
    /// Sends a `CreateTable` that the service throttles, or not.
    Create {
        throttled: bool,
    },
}

/// A step whose n-th attempt, from 1, does what a function says.
pub(super) struct Script {
    attempts: AtomicU32,
    script: Box<dyn Fn(u32) -> Scripted + Send + Sync>,
}

impl Script {
    pub(super) fn new(script: impl Fn(u32) -> Scripted + Send + Sync + 'static) -> Self {
        Self { attempts: AtomicU32::new(0), script: Box::new(script) }
    }
}

impl Step for Script {
    fn preview<'a>(&'a self, _: &'a StepContext) -> BoxFuture<'a, Result<Preview, Failure>> {
        async { Ok(Preview::default()) }.boxed()
    }

    fn execute<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<StepSuccess, StepError>> {
        async move {
            match (self.script)(self.attempts.fetch_add(1, Ordering::Relaxed) + 1) {
                Scripted::Succeed => Ok(StepSuccess::unchanged("done")),
                Scripted::Change => Ok(StepSuccess::changed("changed")),
                Scripted::Fail(error) => Err(error),
                Scripted::Create { throttled } => {
                    let answer = if throttled { Err(too_fast()) } else { Ok(()) };
                    let mutation = Mutation {
                        call: "CreateTable",
                        class: ChangeClass::Create,
                        table_name: "Users",
                        state: None,
                    };
                    cx.mutate(mutation, async { answer }).await?;
                    Ok(StepSuccess::changed("created"))
                }
                Scripted::Work(duration) => {
                    tokio::time::sleep(duration).await;
                    Ok(StepSuccess::unchanged("worked"))
                }
                Scripted::Wait(duration) => {
                    cx.pause(duration).await?;
                    Ok(StepSuccess::unchanged("waited"))
                }
            }
        }
        .boxed()
    }
}

fn too_fast() -> ServiceError {
    ServiceError {
        operation: "CreateTable",
        resource: None,
        kind: ErrorKind::RateLimited,
        code: Some("ThrottlingException".to_owned()),
        message: "The rate of control plane requests made by this account is too high".to_owned(),
        request_id: None,
    }
}

/// A step of no table.
pub(super) fn planned(id: &str, step: Arc<dyn Step>) -> PlannedStep {
    let file = Sources::default().add("test", "");
    PlannedStep::of(StepId::new(id, None), "scripted", step, Span { file, start: 0, end: 0 })
}

pub(super) type Events = Arc<Mutex<Vec<RunEvent>>>;

/// A run whose steps may not call any service, and the events it emits.
pub(super) fn context() -> (RunContext, Events) {
    let events = Events::default();
    let sink = Arc::clone(&events);
    let run = RunContext::unconnected(Arc::new(move |event| sink.lock().unwrap().push(event)));
    (run, events)
}
