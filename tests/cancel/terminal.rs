//! A terminal that is closed.

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

#[test]
fn a_closed_terminal_ends_the_run_and_the_journal_says_so() {
    let project = project(
        r#"step shell "trap 'echo got HUP; exit 1' HUP; echo on; while :; do sleep 0.05; done""#,
    );
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let other = || File::options().read(true).write(true).open(name_of(name.as_bytes())).unwrap();
    let mut leader = Command::new(std::env::current_exe().unwrap());
    leader.args([
        "--exact",
        "cancel::terminal::in_a_session_of_its_own",
        "--ignored",
        "--nocapture",
    ]);
    leader.env(FOLDER, project.path()).stdin(other()).stdout(other()).stderr(other());
    let mut osem = leader.spawn().unwrap();
    drop(leader);
    rustix::io::ioctl_fionbio(&terminal, true).unwrap();
    let mut terminal = File::from(terminal);
    let (mut seen, mut buffer, since) = (Vec::new(), [0; 4096], Instant::now());
    while !is_on(&project) {
        if let Ok(count) = terminal.read(&mut buffer) {
            seen.extend_from_slice(&buffer[..count]);
        }
        assert!(since.elapsed() < Duration::from_secs(30), "{}", String::from_utf8_lossy(&seen));
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(terminal);
    assert_eq!(osem.wait().unwrap().code(), Some(129));
    let log = log(&project, "shell");
    assert!(log.ends_with("got HUP\n"), "{log}");
    let records = records(&project);
    assert_eq!(results(&records), ["shell cancelled", "last succeeded"]);
    assert_eq!(last_code(&records), 129);
    assert_eq!(living("OSEM_RUN_ID", &run_id(&records)), Vec::<u32>::new());
}

fn name_of(name: &[u8]) -> &Path {
    Path::new(std::ffi::OsStr::from_bytes(name))
}

fn is_on(project: &Project) -> bool {
    log_so_far(project, "shell").is_some_and(|log| log == "on\n")
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
