//! Signals of the process.
//!
//! The first SIGINT, SIGTERM or SIGHUP asks the run to end: nothing new starts, programs of steps get
//! the signal, `finally` runs. The second one gives up what runs: programs are killed, the journal
//! is written, the process ends. The third one ends the process on the spot.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::AbortHandle;

use crate::child::Groups;
use crate::model::{ErrorCode, Failure};
use crate::run::{CancelReason, CancelToken};

/// How long a run that was asked twice to end may take for that.
const LAST: Duration = Duration::from_secs(2);

/// Listens from now on, until which a signal ends the process as usual: before the first write. A
/// signal that the process was started to ignore (`nohup`) stays ignored. `groups` are those of the
/// programs that steps run.
///
/// # Errors
/// When the operating system refuses.
pub(super) fn install(cancel: &CancelToken, groups: &Groups) -> Result<(), Failure> {
    for (signal, reason) in heeded()? {
        tokio::spawn(listen(cancel.clone(), groups.clone(), signal, reason));
    }
    Ok(())
}

/// While a preview runs programs: a signal ends them, and then the process as usual. It does so until
/// this is dropped, which has to be when [`install`] has taken over.
#[derive(Debug)]
pub(super) struct WhilePreviewing(Vec<AbortHandle>);

impl WhilePreviewing {
    /// `groups` are those of the programs.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub(super) fn install(groups: &Groups) -> Result<Self, Failure> {
        let ends = heeded()?.into_iter().map(|(mut signal, reason)| {
            let groups = groups.clone();
            let end = async move {
                if signal.recv().await.is_some() {
                    exit(&groups, reason);
                }
            };
            tokio::spawn(end).abort_handle()
        });
        Ok(Self(ends.collect()))
    }
}

impl Drop for WhilePreviewing {
    fn drop(&mut self) {
        self.0.iter().for_each(AbortHandle::abort);
    }
}

/// The signals that end osem, but for those that it was started to ignore.
fn heeded() -> Result<Vec<(Signal, CancelReason)>, Failure> {
    let ignored = ignored_signals();
    let signals = [
        (SignalKind::interrupt(), CancelReason::Interrupt),
        (SignalKind::terminate(), CancelReason::Terminate),
        (SignalKind::hangup(), CancelReason::Hangup),
    ];
    let heeded = |kind: &SignalKind| ignored & (1_u64 << (kind.as_raw_value() - 1)) == 0;
    let signals = signals.into_iter().filter(|(kind, _)| heeded(kind));
    let signals: std::io::Result<_> =
        signals.map(|(kind, reason)| Ok((signal(kind)?, reason))).collect();
    signals.map_err(|error| {
        Failure::new(ErrorCode::UnknownError, format!("failed to wait for signals: {error}"))
    })
}

/// The signals that this process was started to ignore, as the bits of `SigIgn`; where there is no
/// `/proc`, none are known.
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

async fn listen(cancel: CancelToken, groups: Groups, mut signal: Signal, reason: CancelReason) {
    while signal.recv().await.is_some() {
        match cancel.reason() {
            Some(CancelReason::SecondSignal { .. }) => exit(&groups, reason),
            // A terminal that is closed says so by its kernel and by its shell.
            Some(CancelReason::Hangup) if reason == CancelReason::Hangup => {}
            Some(before) if before.is_signal() => {
                // Steps kill their programs, and can say so.
                cancel.cancel(CancelReason::SecondSignal { code: reason.exit_code() });
                tokio::spawn(exit_late(groups.clone(), reason));
            }
            _ => cancel.cancel(reason),
        }
    }
}

/// Whatever still holds the run up, it does not hold up its end.
async fn exit_late(groups: Groups, reason: CancelReason) {
    tokio::time::sleep(LAST).await;
    exit(&groups, reason);
}

fn exit(groups: &Groups, reason: CancelReason) {
    groups.kill();
    groups.scratch().remove();
    #[expect(clippy::exit, reason = "who asks a third time does not wait for anything")]
    std::process::exit(i32::from(reason.exit_code()));
}
