//! The engine behind a loopback port, on a thread of its own.
//!
//! The engine works synchronously inside its request handlers, so it gets a thread and a runtime of
//! its own: a commit to disk must not hold up the run that waits for the answer.

use super::EmulatorError;

#[cfg(feature = "emulator")]
pub(super) use embedded::Server;
#[cfg(not(feature = "emulator"))]
pub(super) use missing::Server;

#[cfg(feature = "emulator")]
mod embedded {
    use std::net::{Ipv4Addr, TcpListener};
    use std::thread::JoinHandle;
    use std::time::Duration;

    use dynoxide::Database;
    use futures::FutureExt;
    use tokio::sync::oneshot;

    use super::EmulatorError;

    /// How long a stopped engine waits for requests that are on their way.
    const GRACE: Duration = Duration::from_secs(2);

    /// A running engine; dropping it closes the database.
    #[derive(Debug)]
    pub(in crate::emulator) struct Server {
        url: String,
        stop: Option<oneshot::Sender<()>>,
        thread: Option<JoinHandle<()>>,
    }

    impl Server {
        /// Opens the database (in memory without a path) and listens on a loopback port.
        pub(in crate::emulator) fn start(
            path: Option<&str>,
            port: u16,
        ) -> Result<Self, EmulatorError> {
            let database = open(path)?;
            let listen_error = |source| EmulatorError::Listen { port, source };
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(listen_error)?;
            listener.set_nonblocking(true).map_err(listen_error)?;
            let address = listener.local_addr().map_err(listen_error)?;
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(listen_error)?;
            let (stop, stopped) = oneshot::channel();
            let thread = std::thread::Builder::new()
                .name("emulator".to_owned())
                .spawn(move || runtime.block_on(serve(listener, database, stopped)))
                .map_err(listen_error)?;
            let url = format!("http://{address}");
            Ok(Self { url, stop: Some(stop), thread: Some(thread) })
        }

        pub(in crate::emulator) fn url(&self) -> &str {
            &self.url
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

    fn open(path: Option<&str>) -> Result<Database, EmulatorError> {
        let opened = match path {
            None => Database::memory(),
            // Its usual settings (SQLite's `synchronous = NORMAL`): with them a killed process loses
            // nothing, and only a power cut can lose the last writes of an emulator.
            Some(path) => Database::new(path)
                .and_then(|database| database.disable_bulk_loading().map(|()| database)),
        };
        opened.map_err(|error| EmulatorError::Database {
            path: path.unwrap_or(":memory:").to_owned(),
            message: error.to_string(),
        })
    }

    async fn serve(listener: TcpListener, database: Database, stopped: oneshot::Receiver<()>) {
        let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
        // A dropped sender means the same: stop.
        let stopped = stopped.map(drop).shared();
        let serving = dynoxide::server::serve_with_shutdown(listener, database, stopped.clone());
        // A client may hold a request that it never finishes.
        let overdue = async {
            stopped.await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            _served = serving => {}
            () = overdue => {}
        }
    }
}

#[cfg(not(feature = "emulator"))]
mod missing {
    use std::convert::Infallible;

    use super::EmulatorError;

    /// Stands for the engine in a binary that was built without it: there never is one.
    #[derive(Debug)]
    pub(in crate::emulator) struct Server(Infallible);

    impl Server {
        pub(in crate::emulator) fn start(_: Option<&str>, _: u16) -> Result<Self, EmulatorError> {
            Err(EmulatorError::NotBuilt)
        }

        pub(in crate::emulator) fn url(&self) -> &str {
            match self.0 {}
        }
    }
}
