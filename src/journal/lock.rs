//! One run that may write at a time, for each project, environment and state directory.
//!
//! Runs of other state directories are not kept out: what keeps them from harm is in the steps.

use std::fmt;
use std::io;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::model::{ErrorCode, Failure};
use crate::state::{LockFile, Place, is_alive, refuse_link, unwritable};

use super::{RunId, StateDir};

/// How often a waiting process looks again.
const POLL: Duration = Duration::from_millis(50);
/// How long a holder may take to write down who it is.
const ANNOUNCED: Duration = Duration::from_millis(500);

/// The run that holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockHolder {
    /// Its process.
    pub pid: u32,
    /// The run.
    pub run: RunId,
    /// When it took the lock: RFC 3339.
    pub since: String,
}

impl LockHolder {
    /// This process, now.
    #[must_use]
    pub fn this_process(run: &RunId) -> Self {
        let now = SystemTime::now();
        let since = humantime::format_rfc3339_millis(now).to_string();
        Self { pid: std::process::id(), run: run.clone(), since }
    }
}

impl fmt::Display for LockHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "run {}, process {}, since {}", self.run, self.pid, self.since)
    }
}

/// The held lock; let go when dropped, and by the kernel when the process ends.
#[derive(Debug)]
pub struct RunLock(LockFile);

impl RunLock {
    /// Where its file stands; from the moment that it does not, another run can have the lock.
    ///
    /// # Errors
    /// `STATE_UNWRITABLE`.
    pub(super) fn place(&self) -> Result<Place, Failure> {
        self.0.place().map_err(|error| {
            Failure::new(ErrorCode::StateUnwritable, format!("failed to look at the lock: {error}"))
                .fix("run again")
        })
    }

    /// Takes the lock of this name for a new run, waiting at most `longest` for another run. `on_wait`
    /// is called once when there is one. The id of the run is made under the lock: it is later than
    /// that of every run that had the lock before.
    ///
    /// # Errors
    /// `LOCKED`, naming the holder; `STATE_UNWRITABLE`.
    pub async fn acquire(
        state: &StateDir,
        name: &str,
        longest: Duration,
        on_wait: impl FnOnce(&str),
    ) -> Result<(RunId, Self), Failure> {
        state.prepare()?;
        let path = state.runs().join(format!("{name}.lock"));
        let failed = |error: io::Error| {
            let message = format!("failed to open {}: {error}", path.display());
            let failure = unwritable(message, &path, &error);
            let found = path.symlink_metadata();
            if found.is_ok_and(|found| !found.is_file() && !found.is_symlink()) {
                return failure.fix(format!("move {} away", path.display()));
            }
            failure
        };
        refuse_link(&path).map_err(failed)?;
        let mut file = LockFile::open(&path).map_err(failed)?;
        let started = Instant::now();
        let mut on_wait = Some(on_wait).filter(|_| !longest.is_zero());
        loop {
            if file.try_lock().map_err(failed)? {
                let run = state.history().next_run(SystemTime::now())?;
                file.announce(&LockHolder::this_process(&run)).map_err(failed)?;
                return Ok((run, Self(file)));
            }
            let found = file.holder::<LockHolder>().filter(|holder| is_alive(holder.pid));
            let waited = started.elapsed();
            if waited >= longest && (found.is_some() || waited >= ANNOUNCED) {
                return Err(locked(name, found.as_ref(), longest));
            }
            if let Some(found) = found
                && let Some(on_wait) = on_wait.take()
            {
                on_wait(&found.to_string());
            }
            tokio::time::sleep(POLL.min(longest.saturating_sub(waited).max(POLL / 5))).await;
        }
    }
}

fn locked(name: &str, holder: Option<&LockHolder>, waited: Duration) -> Failure {
    let who = holder.map_or_else(|| "another process".to_owned(), ToString::to_string);
    let still = if waited.is_zero() { "" } else { "still " };
    let message = format!("another run {still}holds the lock of `{name}`: {who}");
    let failure = Failure::new(ErrorCode::Locked, message)
        .cause("of runs that may write, an environment has one at a time")
        .fix("wait for it (--lock-wait 10m waits that long), or end it");
    let Some(holder) = holder else { return failure };
    let end = format!("or end it: kill {}", holder.pid);
    failure
        .fix(format!("wait for it (--lock-wait 10m waits that long), {end}"))
        .detail("run", holder.run.as_str())
        .detail("process", holder.pid.to_string())
        .detail("since", holder.since.as_str())
}

/// The folder and name of a lock, for messages of tests.
#[cfg(test)]
fn path(state: &StateDir, name: &str) -> std::path::PathBuf {
    state.runs().join(format!("{name}.lock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn me() -> LockHolder {
        LockHolder::this_process(&RunId::new(SystemTime::now()))
    }

    async fn acquire(state: &StateDir, longest: Duration) -> Result<RunLock, Failure> {
        RunLock::acquire(state, "dev", longest, |_| {}).await.map(|(_, lock)| lock)
    }

    #[tokio::test]
    async fn a_second_run_is_told_who_holds_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::of_project(folder.path());
        let (run, lock) = RunLock::acquire(&state, "dev", Duration::ZERO, |_| {}).await.unwrap();
        let failure = acquire(&state, Duration::ZERO).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::Locked);
        let pid = std::process::id();
        let holder =
            format!("another run holds the lock of `dev`: run {run}, process {pid}, since ");
        assert!(failure.message.starts_with(&holder), "{failure:?}");
        assert_eq!(failure.details["run"], run.as_str());
        RunLock::acquire(&state, "prod", Duration::ZERO, |_| {}).await.unwrap();
        drop(lock);
        acquire(&state, Duration::ZERO).await.unwrap();
    }

    #[tokio::test]
    async fn a_run_that_waits_says_so_and_gets_the_lock_when_it_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::of_project(folder.path());
        let lock = acquire(&state, Duration::ZERO).await.unwrap();
        let lock = std::sync::Mutex::new(Some(lock));
        let told = |holder: &str| {
            assert!(holder.contains("process"), "{holder}");
            drop(lock.lock().unwrap().take());
        };
        RunLock::acquire(&state, "dev", Duration::from_mins(1), told).await.unwrap();
        assert!(lock.lock().unwrap().is_none(), "nobody was told of the wait");
    }

    #[tokio::test]
    async fn the_text_of_a_dead_holder_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::of_project(folder.path());
        let _lock = acquire(&state, Duration::ZERO).await.unwrap();
        // The largest process id that Linux gives out is 2^22.
        let dead = LockHolder { pid: 4_194_305, ..me() };
        std::fs::write(path(&state, "dev"), serde_json::to_string(&dead).unwrap()).unwrap();
        let failure = acquire(&state, Duration::ZERO).await.unwrap_err();
        assert_eq!(failure.message, "another run holds the lock of `dev`: another process");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_link_in_the_place_of_the_lock_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::of_project(folder.path());
        state.prepare().unwrap();
        let target = folder.path().join("precious");
        std::fs::write(&target, "text").unwrap();
        std::os::unix::fs::symlink(&target, path(&state, "dev")).unwrap();
        let failure = acquire(&state, Duration::ZERO).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::StateUnwritable);
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "text");
    }
}
