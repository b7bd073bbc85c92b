//! A terminal that is closed.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::children::{log, log_so_far};
use crate::harness::{Project, living};

use super::{last_code, project, records, results, run_id};

/// The folder in which the test below starts itself again as the leader of a session.
const FOLDER: &str = "OSEM_TEST_SESSION";

/// `osem t` at the head of a session with a terminal of its own.
struct Session {
    osem: std::process::Child,
    terminal: File,
    seen: Vec<u8>,
}

impl Session {
    fn start(project: &Project) -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let terminal = openpt(flags).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let name = ptsname(&terminal, Vec::new()).unwrap();
        let name = Path::new(OsStr::from_bytes(name.as_bytes()));
        let other = || File::options().read(true).write(true).open(name).unwrap();
        let mut leader = Command::new(std::env::current_exe().unwrap());
        leader.args(["--exact", "cancel::terminal::in_a_session_of_its_own"]);
        leader.args(["--ignored", "--nocapture"]).env(FOLDER, project.path());
        leader.stdin(other()).stdout(other()).stderr(other());
        let osem = leader.spawn().unwrap();
        rustix::io::ioctl_fionbio(&terminal, true).unwrap();
        Self { osem, terminal: File::from(terminal), seen: Vec::new() }
    }

    /// Reads what is shown until something holds.
    #[track_caller]
    fn until(&mut self, mut holds: impl FnMut(&mut std::process::Child) -> bool) -> String {
        let (mut buffer, since) = ([0; 4096], Instant::now());
        loop {
            let done = holds(&mut self.osem);
            while let Ok(count @ 1..) = self.terminal.read(&mut buffer) {
                self.seen.extend_from_slice(&buffer[..count]);
            }
            let text = String::from_utf8_lossy(&self.seen).into_owned();
            if done {
                return text;
            }
            assert!(since.elapsed() < Duration::from_secs(30), "{text}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.osem.kill();
        let _ = self.osem.wait();
    }
}

#[test]
fn a_closed_terminal_ends_the_run_and_the_journal_says_so() {
    let project = project(
        r#"step shell "trap 'echo got HUP; exit 1' HUP; echo on; while :; do sleep 0.05; done""#,
    );
    let mut session = Session::start(&project);
    session.until(|_| log_so_far(&project, "shell").is_some_and(|log| log == "on\n"));
    // The only descriptor of its other end.
    session.terminal = File::open("/dev/null").unwrap();
    assert_eq!(session.osem.wait().unwrap().code(), Some(129));
    let log = log(&project, "shell");
    assert!(log.ends_with("got HUP\n"), "{log}");
    let records = records(&project);
    assert_eq!(results(&records), ["shell cancelled", "last succeeded"]);
    assert_eq!(last_code(&records), 129);
    assert_eq!(living("OSEM_RUN_ID", &run_id(&records)), Vec::<u32>::new());
}

#[test]
fn a_command_that_asks_the_terminal_fails_and_does_not_wait_for_ever() {
    let project = project(r#"step shell "echo asks; (read answer < /dev/tty); echo $?""#);
    let mut session = Session::start(&project);
    let text = session.until(|osem| osem.try_wait().unwrap().is_some());
    assert!(text.contains("the command asks the terminal, which it does not have"), "{text}");
    let records = records(&project);
    assert_eq!(results(&records), ["shell failed", "last succeeded"]);
    assert_eq!(living("OSEM_RUN_ID", &run_id(&records)), Vec::<u32>::new());
}

/// Becomes `osem t` at the head of a session whose terminal is its input.
#[test]
#[ignore = "the test above starts it in a process of its own"]
fn in_a_session_of_its_own() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    rustix::process::setsid().unwrap();
    rustix::process::ioctl_tiocsctty(std::io::stdin()).unwrap();
    let mut osem = Command::new(env!("CARGO_BIN_EXE_osem"));
    let osem = osem.arg("t").current_dir(folder).env_clear().env("TERM", "xterm");
    let osem = osem.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    panic!("{}", osem.exec());
}
