//! One call of the binary: what goes in, and what must come out.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::process::LONGEST;
use super::{Outcome, Process, Project, say_skipped};

/// A call that is being put together. Nothing runs before one of the last methods.
pub(crate) struct Run {
    command: Command,
    input: String,
    root: PathBuf,
    folder: Arc<TempDir>,
    longest: Duration,
    stdout: Option<String>,
    stderr: Option<String>,
}

impl Run {
    /// In the project's folder, with an environment that holds nothing of this process.
    pub(super) fn new(project: &Project, folder: Arc<TempDir>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_osem"));
        command.current_dir(project.path()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", project.home());
        // In a shared one, each osem looks at what others left behind.
        command.env("TMPDIR", project.temporary());
        command.env("LANG", "C.UTF-8");
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        command.stdout(Stdio::piped());
        let root = project.path();
        let (input, longest) = (String::new(), LONGEST);
        Self { command, input, root, folder, longest, stdout: None, stderr: None }
    }

    /// More arguments.
    pub(crate) fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(args);
        self
    }

    /// A variable.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// The folder to start in.
    pub(crate) fn current_dir(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// How long it may take, where that is more than what all may.
    pub(crate) fn patience(mut self, longest: Duration) -> Self {
        self.longest = self.longest.max(longest);
        self
    }

    /// Keys of the shell.
    pub(crate) fn keys(self, access_key: &str, secret_key: &str) -> Self {
        self.env("AWS_ACCESS_KEY_ID", access_key).env("AWS_SECRET_ACCESS_KEY", secret_key)
    }

    /// In a network of its own, which has nothing but this machine's loopback. `None`, with a word
    /// about it, where such a network cannot be made.
    pub(crate) fn without_network(mut self) -> Option<Self> {
        const UP: &str = "ip link set lo up && exec \"$@\"";
        let enter = || {
            let mut command = Command::new("unshare");
            command.args(["-n", "sh", "-c", UP, "sh"]);
            command
        };
        let tried = enter().arg("true").stderr(Stdio::null()).status();
        if !tried.is_ok_and(|status| status.success()) {
            say_skipped("no network", "`unshare -n`, or `ip` in it, does not work here");
            return None;
        }
        let mut command = enter();
        command.arg(self.command.get_program()).args(self.command.get_args()).env_clear();
        let variables = self.command.get_envs();
        command.envs(variables.filter_map(|(name, value)| Some((name, value?))));
        command.current_dir(self.command.get_current_dir().unwrap_or(&self.root));
        command.stdout(Stdio::piped());
        self.command = command;
        Some(self)
    }

    /// What is typed: never a terminal.
    pub(crate) fn stdin(mut self, text: &str) -> Self {
        text.clone_into(&mut self.input);
        self
    }

    /// Nobody reads stdout.
    pub(crate) fn closed_stdout(mut self) -> Self {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        self.command.stdout(writer);
        self
    }

    /// Nothing can be written to stdout: its disk is full.
    pub(crate) fn full_stdout(mut self) -> Self {
        self.command.stdout(std::fs::File::options().write(true).open("/dev/full").unwrap());
        self
    }

    /// What stdout must be, normalised.
    pub(crate) fn stdout(mut self, text: impl Into<String>) -> Self {
        self.stdout = Some(text.into());
        self
    }

    /// What stderr must be, normalised.
    pub(crate) fn stderr(mut self, text: impl Into<String>) -> Self {
        self.stderr = Some(text.into());
        self
    }

    /// Runs it to its end; it must end with 0 and the texts that were given.
    #[track_caller]
    pub(crate) fn success(self) -> Outcome {
        self.status(0)
    }

    /// Runs it to its end; it must end with this code and the texts that were given.
    #[track_caller]
    pub(crate) fn status(mut self, code: i32) -> Outcome {
        let (stdout, stderr) = (self.stdout.take(), self.stderr.take());
        let outcome = self.output();
        outcome.expect_code(code);
        if let Some(wanted) = stdout {
            outcome.expect_text("stdout", &wanted, &outcome.stdout());
        }
        if let Some(wanted) = stderr {
            outcome.expect_text("stderr", &wanted, &outcome.stderr());
        }
        outcome
    }

    /// Runs it to its end with `--json`; it must end with this code. The one document on stdout.
    #[track_caller]
    pub(crate) fn json(self, code: i32) -> Value {
        self.args(["--json"]).status(code).json()
    }

    /// Runs it to its end, whatever that is.
    #[track_caller]
    pub(crate) fn output(self) -> Outcome {
        self.start().finish()
    }

    /// Starts it.
    #[track_caller]
    pub(crate) fn start(self) -> Process {
        Process::start(self.command, &self.input, self.root, self.folder, self.longest)
    }
}
