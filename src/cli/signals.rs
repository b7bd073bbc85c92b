//! Signals of the process.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::run::{CancelReason, CancelToken};

/// Ends the run on the first SIGINT, SIGTERM or SIGHUP, and the process on the second one.
/// Installed before the first write; until then a signal ends the process as usual.
///
/// # Errors
/// When the operating system refuses.
pub(super) fn install(cancel: CancelToken) -> std::io::Result<()> {
    let interrupt = signal(SignalKind::interrupt())?;
    let terminate = signal(SignalKind::terminate())?;
    let hangup = signal(SignalKind::hangup())?;
    tokio::spawn(listen(cancel, interrupt, terminate, hangup));
    Ok(())
}

async fn listen(
    cancel: CancelToken,
    mut interrupt: Signal,
    mut terminate: Signal,
    mut hangup: Signal,
) {
    loop {
        let reason = tokio::select! {
            _ = interrupt.recv() => CancelReason::Interrupt,
            _ = terminate.recv() => CancelReason::Terminate,
            _ = hangup.recv() => CancelReason::Hangup,
        };
        if cancel.reason().is_some() {
            #[expect(clippy::exit, reason = "the second signal ends the process at once")]
            std::process::exit(i32::from(reason.exit_code()));
        }
        cancel.cancel(reason);
    }
}
