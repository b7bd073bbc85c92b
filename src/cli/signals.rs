//! Signals of the process.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::run::{CancelReason, CancelToken};

/// Ends the run on the first SIGINT, SIGTERM or SIGHUP, and the process on the second one.
/// Installed before the first write; until then a signal ends the process as usual. A signal that
/// the process was started to ignore (`nohup`) stays ignored.
///
/// # Errors
/// When the operating system refuses.
pub(super) fn install(cancel: &CancelToken) -> std::io::Result<()> {
    let ignored = ignored_signals();
    for (kind, reason) in [
        (SignalKind::interrupt(), CancelReason::Interrupt),
        (SignalKind::terminate(), CancelReason::Terminate),
        (SignalKind::hangup(), CancelReason::Hangup),
    ] {
        let bit = 1_u64 << (kind.as_raw_value() - 1);
        if ignored & bit == 0 {
            tokio::spawn(listen(cancel.clone(), signal(kind)?, reason));
        }
    }
    Ok(())
}

/// The signals that this process was started to ignore, as the bits of `SigIgn`; where there is no
/// `/proc`, none are known.
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

async fn listen(cancel: CancelToken, mut signal: Signal, reason: CancelReason) {
    while signal.recv().await.is_some() {
        if cancel.reason().is_some_and(CancelReason::is_signal) {
            #[expect(clippy::exit, reason = "the second signal ends the process at once")]
            std::process::exit(i32::from(reason.exit_code()));
        }
        cancel.cancel(reason);
    }
}
