//! A session of its own with a pseudo terminal, as a person at a shell has one.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Pid, Winsize, tcgetattr, tcgetpgrp, tcsetwinsize};

use super::{LONGEST, Project};

/// The folder in which the test below becomes the leader of a session, and what it becomes.
const FOLDER: &str = "OSEM_TEST_SESSION";
const LINE: &str = "OSEM_TEST_SESSION_LINE";
const CI: &str = "OSEM_TEST_SESSION_CI";

/// A program at the head of a session with a terminal of its own.
pub(crate) struct Session {
    pub(crate) leader: Child,
    pub(crate) terminal: File,
    seen: Vec<u8>,
}

impl Session {
    /// `osem` with these words.
    pub(crate) fn osem(project: &Project, words: &str) -> Self {
        Self::start(project, &format!("{} {words}", env!("CARGO_BIN_EXE_osem")), false)
    }

    /// As [`Session::osem`], where `CI` is set.
    pub(crate) fn osem_in_ci(project: &Project, words: &str) -> Self {
        Self::start(project, &format!("{} {words}", env!("CARGO_BIN_EXE_osem")), true)
    }

    /// `osem` with these words, on a terminal of so many columns.
    pub(crate) fn osem_in_columns(project: &Project, columns: u16, words: &str) -> Self {
        let line = format!("{} {words}", env!("CARGO_BIN_EXE_osem"));
        Self::start_in(project, &line, false, columns)
    }

    /// A shell that one types to; `osem` is on its path.
    pub(crate) fn shell(project: &Project) -> Self {
        Self::start(project, "sh -i", false)
    }

    fn start(project: &Project, line: &str, ci: bool) -> Self {
        Self::start_in(project, line, ci, 160)
    }

    fn start_in(project: &Project, line: &str, ci: bool, columns: u16) -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let terminal = openpt(flags).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let size = Winsize { ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&terminal, size).unwrap();
        let name = ptsname(&terminal, Vec::new()).unwrap();
        let name = Path::new(OsStr::from_bytes(name.as_bytes()));
        let other = || File::options().read(true).write(true).open(name).unwrap();
        let mut leader = Command::new(std::env::current_exe().unwrap());
        leader.args(["--exact", "harness::terminal::in_a_session_of_its_own"]);
        leader.args(["--ignored", "--nocapture"]).env(FOLDER, project.path()).env(LINE, line);
        leader.env(CI, if ci { "1" } else { "" });
        leader.stdin(other()).stdout(other()).stderr(other());
        let leader = leader.spawn().unwrap();
        rustix::io::ioctl_fionbio(&terminal, true).unwrap();
        Self { leader, terminal: File::from(terminal), seen: Vec::new() }
    }

    /// Reads what is shown until something holds.
    #[track_caller]
    pub(crate) fn until(&mut self, mut holds: impl FnMut(&mut Child, &str) -> bool) -> String {
        let (mut buffer, since) = ([0; 4096], Instant::now());
        loop {
            let ended = self.leader.try_wait().unwrap().is_some();
            while let Ok(count @ 1..) = self.terminal.read(&mut buffer) {
                self.seen.extend_from_slice(&buffer[..count]);
            }
            let text = String::from_utf8_lossy(&self.seen).into_owned();
            if holds(&mut self.leader, &text) {
                return text;
            }
            assert!(!ended && since.elapsed() < LONGEST, "{text}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Reads until a text is shown.
    #[track_caller]
    pub(crate) fn until_shown(&mut self, wanted: &str) -> String {
        self.until(|_, text| text.contains(wanted))
    }

    /// Reads to the end of the leader; it must end with this code.
    #[track_caller]
    pub(crate) fn until_ended(&mut self, code: i32) -> String {
        let text = self.until(|leader, _| leader.try_wait().unwrap().is_some());
        assert_eq!(self.leader.wait().unwrap().code(), Some(code), "{text}");
        text
    }

    /// Types.
    #[track_caller]
    pub(crate) fn type_in(&mut self, keys: &str) {
        self.terminal.write_all(keys.as_bytes()).unwrap();
    }

    /// Whether what is typed is shown, and comes in lines.
    pub(crate) fn is_cooked(&self) -> bool {
        let modes = tcgetattr(&self.terminal).unwrap().local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ICANON)
    }

    /// The process group in the foreground.
    pub(crate) fn foreground(&self) -> Option<Pid> {
        tcgetpgrp(&self.terminal).ok()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.leader.kill();
        let _ = self.leader.wait();
    }
}

/// Becomes another program at the head of a session whose terminal is its input.
#[test]
#[ignore = "a session starts it in a process of its own"]
fn in_a_session_of_its_own() {
    let (Some(folder), Ok(line)) = (std::env::var_os(FOLDER), std::env::var(LINE)) else { return };
    rustix::process::setsid().unwrap();
    rustix::process::ioctl_tiocsctty(std::io::stdin()).unwrap();
    let mut words = line.split(' ');
    let mut program = Command::new(words.next().unwrap());
    let osem = Path::new(env!("CARGO_BIN_EXE_osem")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    program.args(words).current_dir(folder).env_clear().env("TERM", "xterm");
    program.env("PATH", format!("{}:{path}", osem.display())).env("PS1", "$ ");
    if std::env::var(CI).is_ok_and(|value| !value.is_empty()) {
        program.env("CI", "true");
    }
    panic!("{}", program.exec());
}
