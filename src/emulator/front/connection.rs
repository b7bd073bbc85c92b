//! Connections: accepted, served, and ended in the way that is asked for.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{Cut, Front, Stopped};

/// How long to wait when the process has no file descriptor left for a connection.
const EXHAUSTED: Duration = Duration::from_millis(50);

/// Serves connections until told to stop; then closes the idle ones and waits for the others.
pub(super) async fn accept(listener: TcpListener, front: Arc<Front>, stopped: Stopped) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stopped.clone() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    drop(connections.spawn(serve(stream, Arc::clone(&front), stopped.clone())));
                }
                Err(_) => tokio::time::sleep(EXHAUSTED).await,
            },
            // Forgets those that have ended.
            Some(_ended) = connections.join_next() => {}
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn serve(stream: TcpStream, front: Arc<Front>, stopped: Stopped) {
    // Answers are small: they must not wait for the acknowledgement of the one before.
    let _unsupported = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let front = Arc::clone(&front);
        async move { front.answer(request).await }
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let served = tokio::select! {
        served = &mut connection => Some(served),
        () = stopped => None,
    };
    let served = if let Some(served) = served {
        served
    } else {
        Pin::new(&mut connection).graceful_shutdown();
        (&mut connection).await
    };
    let cut = served.err().and_then(|error| error.source()?.downcast_ref::<Cut>().copied());
    let stream = connection.into_parts().io.into_inner();
    if cut == Some(Cut::Reset) {
        // Closed now, the connection ends with a reset.
        let _unsupported = stream.set_zero_linger();
    }
}
