//! The HTTP front of the simulated control plane.
//!
//! It takes what an AWS SDK sends. Operations on tables go to the control plane, STS is answered
//! here, everything else is the engine's: its own server answers that on a port inside, after the
//! control plane has admitted the call. The declared faults are carried out here, on the wire.
//!
//! Invariants: what is answered is stored; the state's lock is never held across an await; a call is
//! applied in one go, so a client that hangs up cannot leave it half done.

mod admin;
mod answer;
mod arn;
mod call;
mod calls;
mod connection;
mod effects;
mod engine;
mod errors;
mod proxy;
mod state;
mod sts;
#[cfg(test)]
mod tests;

use std::net::TcpListener;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dynoxide::Database;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, StatusCode};
use tokio::sync::oneshot;

use super::control_plane::{ApiError, ControlPlane};
use crate::model::Simulation;
use answer::{Answer, Body};
use arn::Arns;
use call::{Call, Payload};
use effects::{Ending, Instead};
pub(in crate::emulator) use engine::TypedEngine;
use proxy::Proxy;
use state::State;

/// As much as the service takes.
const LONGEST_BODY: usize = 16 * 1024 * 1024;

/// Resolves when the server is being stopped.
type Stopped = Shared<BoxFuture<'static, ()>>;

/// How a connection ends instead of with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Cut {
    /// Closed in order.
    #[error("closed on purpose")]
    Close,
    /// Reset.
    #[error("reset on purpose")]
    Reset,
}

/// What the front of one database consists of.
#[derive(Debug)]
pub(super) struct Setup {
    pub(super) simulation: Simulation,
    pub(super) region: String,
    /// The database file; in memory without one.
    pub(super) path: Option<String>,
    pub(super) token: String,
}

/// Opens what is kept in the database file and makes ready to serve.
pub(super) fn open(setup: Setup, database: &Database) -> rusqlite::Result<Opened> {
    let state = State::open(&setup)?;
    let engine = TypedEngine::new(database.clone());
    Ok(Opened { setup, state, engine })
}

/// All that is needed to serve, except the ports.
#[derive(Debug)]
pub(super) struct Opened {
    setup: Setup,
    state: State,
    engine: TypedEngine,
}

/// Serves until told to stop, and then until the requests under way are answered. `inside` is the
/// listener that the engine's own server gets.
pub(super) async fn serve(
    listener: TcpListener,
    inside: TcpListener,
    opened: Opened,
    database: Database,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let stopped = stopped.boxed().shared();
    let arns = Arns::new(&opened.setup.region, opened.setup.simulation.account.as_str());
    let proxy = Proxy::new(inside.local_addr()?, arns);
    let Opened { setup, state, engine } = opened;
    let front = Front { setup, state: Mutex::new(state), engine, proxy, stopped: stopped.clone() };
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let inside = tokio::net::TcpListener::from_std(inside)?;
    let (end, ended) = oneshot::channel::<()>();
    let served = dynoxide::server::serve_with_shutdown(inside, database, ended.map(drop));
    let served = tokio::spawn(served);
    connection::accept(listener, Arc::new(front), stopped).await;
    // All calls are answered: now the engine's server may go.
    drop(end);
    let _outcome = served.await;
    Ok(())
}

/// Everything that a request needs.
#[derive(Debug)]
struct Front {
    setup: Setup,
    state: Mutex<State>,
    engine: TypedEngine,
    proxy: Proxy,
    stopped: Stopped,
}

impl Front {
    /// Answers one request, or says how its connection ends.
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
        let (head, body) = request.into_parts();
        let body = match Limited::new(body, LONGEST_BODY).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => return Ok(answer::too_large()),
            // The client is gone in the middle of its request.
            Err(_) => return Err(Cut::Close),
        };
        if !admin::is_from_this_machine(&head.headers) {
            return Ok(admin::forbidden());
        }
        if head.uri.path().starts_with(admin::PREFIX) {
            return Ok(admin::answer(self, &head, &body));
        }
        match Call::read(&head, &body) {
            Some(call) => self.call(call, head, body).await,
            // No call of an API: the engine's server says so in the service's way.
            None => Ok(self.proxy.forward(head, body).await),
        }
    }

    async fn call(
        &self,
        mut call: Call,
        head: http::request::Parts,
        body: Bytes,
    ) -> Result<Response<Body>, Cut> {
        if call.access_key.is_none() {
            return Ok(refuse(&call, &errors::missing_token()).response);
        }
        self.proxy.arns().inward(&mut call);
        let mut effects = self.state().meet(&call);
        let answer = match effects.instead.take() {
            Some(Instead::Refuse(refusal)) => {
                let error = refusal.error(&call, &self.setup);
                refuse(&call, &error)
            }
            Some(Instead::Cut(cut)) => {
                self.state().record(&call, calls::UNANSWERED, effects.name);
                return Err(cut);
            }
            Some(Instead::Hang) => {
                self.state().record(&call, calls::UNANSWERED, effects.name);
                self.stopped.clone().await;
                return Err(Cut::Close);
            }
            None => self.apply(&call, head, body).await,
        };
        self.state().record(&call, &answer.outcome, effects.name);
        if !effects.delay.is_zero() {
            tokio::time::sleep(effects.delay).await;
        }
        match effects.ending {
            Ending::Answer => Ok(answer.response),
            Ending::Lost => Err(Cut::Close),
            Ending::Garbage => Ok(answer::garbage()),
        }
    }

    async fn apply(&self, call: &Call, head: http::request::Parts, body: Bytes) -> Answer {
        match &call.payload {
            Payload::Sts(parameters) => sts::answer(call, parameters, &self.setup),
            Payload::Table(request) => {
                let handle = || self.state().handle(&self.engine, &call.operation, request);
                let handled = catch_unwind(AssertUnwindSafe(handle));
                match handled.unwrap_or_else(|_| Err(errors::usual("InternalServerError"))) {
                    Ok(value) => Answer::applied(answer::json(StatusCode::OK, &value)),
                    Err(error) => refuse(call, &error),
                }
            }
            Payload::Item { request, .. } => {
                let admitted = self.state().admit(call, request);
                match admitted {
                    Ok(()) => self.proxy.call(call, head, body).await,
                    Err(error) => refuse(call, &error),
                }
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A call that panicked left the state as it was before one of its lines: the next call sees
        // a table that is half noted, not a server that is dead.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the control plane answers this operation.
    fn owns(operation: &str) -> bool {
        ControlPlane::owns(operation)
    }
}

fn refuse(call: &Call, error: &ApiError) -> Answer {
    let response = match call.payload {
        Payload::Sts(_) => sts::error(error),
        Payload::Table(_) | Payload::Item { .. } => answer::error(error),
    };
    Answer { response, outcome: error.code().to_owned() }
}
