//! Starting a program.

use std::ffi::OsString;
use std::io::{self, PipeWriter};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::net::unix::pipe;
use tokio::process::Command;

use super::group::{Group, Groups, Membership};

/// Stops the shell that it is for until it is continued, which then becomes the program.
const HELD: &str = "kill -STOP $$; exec \"$@\"";

/// What to start. The program gets these variables and no others, and neither input nor a terminal to
/// read unless it is [interactive](Launch::start_interactive).
#[derive(Debug)]
pub struct Launch<'a> {
    /// The program: a path, or a name to look for on the `PATH` among the variables.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// The folder that it starts in.
    pub folder: &'a Path,
    /// All its variables.
    pub variables: Vec<(OsString, OsString)>,
}

/// A program that was started; its group is killed when this is dropped.
#[derive(Debug)]
pub struct Child {
    pub(super) leader: tokio::process::Child,
    pub(super) pid: u32,
    pub(super) group: Group,
    pub(super) membership: Membership,
    /// `None` where it writes to the terminal.
    pub(super) output: Option<pipe::Receiver>,
    pub(super) dialogue: Option<Dialogue>,
}

/// A program that is asked something on stdin, and that answers on stdout.
#[derive(Debug)]
pub(super) struct Dialogue {
    pub(super) question: pipe::Sender,
    pub(super) text: Vec<u8>,
    pub(super) answer: pipe::Receiver,
}

impl Launch<'_> {
    /// Starts it in a process group of its own. What it writes to stdout and to stderr comes through
    /// one pipe, in the order in which it was written.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn start(self, groups: &Groups) -> io::Result<Child> {
        let (output, writer) = pipe_from_child()?;
        let stdout = writer.try_clone()?;
        let stdio = (Stdio::null(), stdout.into(), writer.into());
        self.spawn(None, groups, stdio, (Some(output), None))
    }

    /// As [`Launch::start`], but it gets a text on stdin, and what it writes to stdout is an answer of
    /// its own; its output is what it writes to stderr.
    ///
    /// # Errors
    /// Whatever the system says.
    pub fn start_asking(self, groups: &Groups, text: Vec<u8>) -> io::Result<Child> {
        let (output, stderr) = pipe_from_child()?;
        let (answer, stdout) = pipe_from_child()?;
        let (reader, question) = io::pipe()?;
        let question = pipe::Sender::from_owned_fd(OwnedFd::from(question))?;
        let dialogue = Dialogue { question, text, answer };
        let stdio = (reader.into(), stdout.into(), stderr.into());
        self.spawn(None, groups, stdio, (Some(output), Some(dialogue)))
    }

    /// As [`Launch::start`], but it has the input, the output and the terminal of this process, in
    /// whose foreground it is until it is gone. Nothing of what it writes is seen.
    ///
    /// # Errors
    /// Whatever the system says, and that there is no terminal to give.
    pub fn start_interactive(self, groups: &Groups) -> io::Result<Child> {
        let stdio = (Stdio::inherit(), Stdio::inherit(), Stdio::inherit());
        // A program that looks at once would find that it does not have the terminal yet. Whoever
        // waits for its end continues it.
        let child = self.spawn(Some(HELD), groups, stdio, (None, None))?;
        groups.lend(child.group)?;
        Ok(child)
    }

    /// `by` is a text for a shell that becomes the program.
    fn spawn(
        self,
        by: Option<&str>,
        groups: &Groups,
        (stdin, stdout, stderr): (Stdio, Stdio, Stdio),
        (output, dialogue): (Option<pipe::Receiver>, Option<Dialogue>),
    ) -> io::Result<Child> {
        let mut command = match by {
            // Wherever the variables of the program say that programs are.
            Some(_) => Command::new("/bin/sh"),
            None => Command::new(&self.program),
        };
        if let Some(text) = by {
            command.args(["-c", text, "sh"]).arg(self.program);
        }
        command
            .args(self.args)
            .current_dir(self.folder)
            .env_clear()
            .envs(self.variables)
            .stdin(stdin)
            .stdout(stdout)
            .stderr(stderr)
            .process_group(0);
        // Made before: the moment between the start and the note is to be as short as can be.
        let _absent = groups.scratch().folder();
        let leader = command.spawn()?;
        // Its ends of the pipe are the child's alone, or its output would never end.
        drop(command);
        let gone = || io::Error::other("it ended before it was seen");
        let pid = leader.id().ok_or_else(gone)?;
        let group = Group::of(pid).ok_or_else(gone)?;
        Ok(Child { leader, pid, group, membership: groups.enter(pid), output, dialogue })
    }
}

fn pipe_from_child() -> io::Result<(pipe::Receiver, PipeWriter)> {
    let (reader, writer) = io::pipe()?;
    Ok((pipe::Receiver::from_owned_fd(OwnedFd::from(reader))?, writer))
}

impl Child {
    /// The id of its process, and of its group.
    #[must_use]
    pub const fn pid(&self) -> u32 {
        self.pid
    }
}
