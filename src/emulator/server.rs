//! The engine behind a loopback port, on a thread of its own.
//!
//! The engine works synchronously inside its request handlers, so it gets a thread and a runtime of
//! its own: a commit to disk must not hold up the run that waits for the answer.

use std::path::Path;

use super::EmulatorError;

#[cfg(feature = "emulator")]
pub(super) use embedded::Server;
#[cfg(not(feature = "emulator"))]
pub(super) use missing::Server;

#[cfg(feature = "emulator")]
mod embedded {
    use std::net::{Ipv4Addr, TcpListener};
    use std::thread::JoinHandle;

    use dynoxide::Database;
    use tokio::sync::oneshot;

    use super::{EmulatorError, Path};

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
            path: Option<&Path>,
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

    fn open(path: Option<&Path>) -> Result<Database, EmulatorError> {
        let shown = path.map_or_else(|| ":memory:".to_owned(), |path| path.display().to_string());
        let opened = match path {
            None => Database::memory(),
            // Its usual settings (SQLite's `synchronous = NORMAL`): with them a killed process loses
            // nothing, and only a power cut can lose the last writes of an emulator.
            Some(_) => Database::new(&shown)
                .and_then(|database| database.disable_bulk_loading().map(|()| database)),
        };
        opened.map_err(|error| EmulatorError::Database { path: shown, message: error.to_string() })
    }

    async fn serve(listener: TcpListener, database: Database, stopped: oneshot::Receiver<()>) {
        let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
        let serving = dynoxide::server::serve_with_shutdown(listener, database, async {
            // A dropped sender means the same: stop.
            let _ = stopped.await;
        });
        let _served = serving.await;
    }
}

#[cfg(not(feature = "emulator"))]
mod missing {
    use super::{EmulatorError, Path};

    /// Stands for the engine in a binary that was built without it.
    #[derive(Debug)]
    pub(in crate::emulator) struct Server;

    impl Server {
        pub(in crate::emulator) fn start(_: Option<&Path>, _: u16) -> Result<Self, EmulatorError> {
            Err(EmulatorError::NotBuilt)
        }

        pub(in crate::emulator) fn url(&self) -> &str {
            ""
        }
    }
}
