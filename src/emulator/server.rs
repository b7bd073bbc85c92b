//! The engine behind a loopback port, on a thread of its own.
//!
//! The engine works synchronously inside its request handlers, so it gets a thread and a runtime of
//! its own: a commit to disk must not hold up the run that waits for the answer.
//!
//! With an instant control plane the engine's own server is on that port; with a realistic one the
//! front of the simulation is, and the engine's server is behind it on another.

use super::EmulatorError;
use super::proof::Proof;
use crate::model::ControlPlane;

#[cfg(feature = "emulator")]
pub(super) use embedded::Server;
#[cfg(not(feature = "emulator"))]
pub(super) use missing::Server;

/// What to serve, and where.
#[cfg_attr(not(feature = "emulator"), expect(dead_code, reason = "nothing is served"))]
#[derive(Debug, Clone, Copy)]
pub(super) struct ServerOptions<'a> {
    /// The database file; in memory without one.
    pub(super) path: Option<&'a str>,
    /// The loopback port; 0 takes a free one.
    pub(super) port: u16,
    pub(super) control_plane: &'a ControlPlane,
    pub(super) region: &'a str,
}

#[cfg(feature = "emulator")]
mod embedded {
    use std::io;
    use std::net::{Ipv4Addr, TcpListener};
    use std::thread::JoinHandle;
    use std::time::Duration;

    use dynoxide::Database;
    use futures::FutureExt;
    use tokio::sync::oneshot;

    use super::super::front;
    use super::super::proof;
    use super::{ControlPlane, EmulatorError, Proof, ServerOptions};

    /// How long a stopped engine waits for requests that are on their way.
    const GRACE: Duration = Duration::from_secs(2);

    /// A running engine; dropping it closes the database.
    #[derive(Debug)]
    pub(in crate::emulator) struct Server {
        url: String,
        proof: Proof,
        stop: Option<oneshot::Sender<()>>,
        thread: Option<JoinHandle<()>>,
    }

    impl Server {
        /// Opens the database and listens on a loopback port.
        pub(in crate::emulator) fn start(
            options: ServerOptions<'_>,
        ) -> Result<Self, EmulatorError> {
            let database = open(options.path)?;
            let front = front(options, &database)?;
            let proof = front.as_ref().map_or(Proof::Process, |front| front.proof.clone());
            let port = options.port;
            let listen_error = |source| EmulatorError::Listen { port, source };
            let listener = listen(port).map_err(listen_error)?;
            let url = format!("http://{}", listener.local_addr().map_err(listen_error)?);
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(listen_error)?;
            let (stop, stopped) = oneshot::channel();
            let serving = async move {
                match front {
                    None => serve(listener, database, stopped).await,
                    Some(front) => simulate(listener, front, database, stopped).await,
                }
            };
            let thread = std::thread::Builder::new()
                .name("emulator".to_owned())
                .spawn(move || runtime.block_on(serving))
                .map_err(listen_error)?;
            Ok(Self { url, proof, stop: Some(stop), thread: Some(thread) })
        }

        pub(in crate::emulator) fn url(&self) -> &str {
            &self.url
        }

        /// What it can prove itself with.
        pub(in crate::emulator) fn proof(&self) -> &Proof {
            &self.proof
        }
    }

    impl Drop for Server {
        fn drop(&mut self) {
            if let Some(stop) = self.stop.take() {
                // The thread may have ended by itself; then there is nobody to tell.
                let _gone = stop.send(());
            }
            if let Some(thread) = self.thread.take() {
                let _panicked = thread.join();
            }
        }
    }

    /// The simulation, ready to serve.
    struct Front {
        opened: front::Opened,
        /// Where the engine's own server listens.
        inside: TcpListener,
        proof: Proof,
    }

    fn front(
        options: ServerOptions<'_>,
        database: &Database,
    ) -> Result<Option<Front>, EmulatorError> {
        let ControlPlane::Realistic(simulation) = options.control_plane else { return Ok(None) };
        let token = proof::new_token();
        let setup = front::Setup {
            simulation: simulation.clone(),
            region: options.region.to_owned(),
            path: options.path.map(str::to_owned),
            token: token.clone(),
        };
        let opened = front::open(setup, database)
            .map_err(|error| unusable(options.path, &error.to_string()))?;
        let inside = listen(0).map_err(|source| EmulatorError::Listen { port: 0, source })?;
        Ok(Some(Front { opened, inside, proof: Proof::Token(token) }))
    }

    fn listen(port: u16) -> io::Result<TcpListener> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    }

    fn unusable(path: Option<&str>, message: &str) -> EmulatorError {
        EmulatorError::Database {
            path: path.unwrap_or(":memory:").to_owned(),
            message: message.to_owned(),
        }
    }

    fn open(path: Option<&str>) -> Result<Database, EmulatorError> {
        let opened = match path {
            None => Database::memory(),
            // Its usual settings (SQLite's `synchronous = NORMAL`): with them a killed process loses
            // nothing, and only a power cut can lose the last writes of an emulator.
            Some(path) => Database::new(path)
                .and_then(|database| database.disable_bulk_loading().map(|()| database)),
        };
        opened.map_err(|error| unusable(path, &error.to_string()))
    }

    async fn serve(listener: TcpListener, database: Database, stopped: oneshot::Receiver<()>) {
        let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
        // A dropped sender means the same: stop.
        let stopped = stopped.map(drop).shared();
        let serving = dynoxide::server::serve_with_shutdown(listener, database, stopped.clone());
        tokio::select! {
            _served = serving => {}
            () = overdue(stopped) => {}
        }
    }

    async fn simulate(
        listener: TcpListener,
        front: Front,
        database: Database,
        stopped: oneshot::Receiver<()>,
    ) {
        let stopped = stopped.map(drop).shared();
        let Front { opened, inside, .. } = front;
        tokio::select! {
            _served = front::serve(listener, inside, opened, database, stopped.clone()) => {}
            () = overdue(stopped) => {}
        }
    }

    /// A client may hold a request that it never finishes.
    async fn overdue(stopped: impl Future<Output = ()>) {
        stopped.await;
        tokio::time::sleep(GRACE).await;
    }
}

#[cfg(not(feature = "emulator"))]
mod missing {
    use std::convert::Infallible;

    use super::{EmulatorError, Proof, ServerOptions};

    /// Stands for the engine in a binary that was built without it: there never is one.
    #[derive(Debug)]
    pub(in crate::emulator) struct Server(Infallible);

    impl Server {
        pub(in crate::emulator) fn start(
            options: ServerOptions<'_>,
        ) -> Result<Self, EmulatorError> {
            let ServerOptions { path: _, port: _, control_plane: _, region: _ } = options;
            Err(EmulatorError::NotBuilt)
        }

        pub(in crate::emulator) fn url(&self) -> &str {
            match self.0 {}
        }

        pub(in crate::emulator) fn proof(&self) -> &Proof {
            match self.0 {}
        }
    }
}
