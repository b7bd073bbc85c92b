//! What commands can know of the run that they belong to.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::aws::Access;
use crate::child::{Groups, Mask};
use crate::model::{Command, Secrets, StepId};
use crate::plugin::Descriptions;
use crate::step::Outputs;

/// What the commands of a run share.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The project's folder, in which they run.
    pub root: PathBuf,
    /// The task.
    pub task: String,
    /// The id of the run.
    pub run: String,
    /// How the tables are reached.
    pub access: Option<Access>,
    /// The folder that their output is kept in; `None` for a run that leaves nothing behind.
    pub logs: Option<PathBuf>,
    /// Whether their output is shown as it comes.
    pub shows_output: bool,
    /// What no one but the commands that ask for it gets to know.
    pub secrets: Secrets,
    /// The variables of the shell that they are read from, which reach nobody under these names.
    pub secret_sources: BTreeSet<String>,
    /// Takes them out of what commands write.
    pub mask: Mask,
    /// What steps put out so far.
    pub outputs: Outputs,
    /// Their process groups.
    pub groups: Groups,
    /// What plugins said that they are.
    pub descriptions: Descriptions,
}

/// What happens to the program of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChildNews {
    /// It was started.
    Started {
        /// The id of its process, and of its group.
        pid: u32,
        /// When it started, in clock ticks since the machine did, where that is known.
        start_ticks: Option<u64>,
    },
    /// It and its group are gone.
    Ended {
        /// The id that its process had.
        pid: u32,
    },
    /// A line of its output, where output is to be shown.
    Output(String),
    /// It is about to be given the terminal: nobody else writes to it from now on.
    TerminalLent,
    /// It has it no longer.
    TerminalReturned,
}

/// What the command of one step needs.
#[derive(Clone)]
pub struct CommandContext {
    /// What runs; `None` for steps that run nothing.
    pub command: Option<Arc<Command>>,
    /// The step.
    pub step: StepId,
    /// The attempt, from 1.
    pub attempt: u32,
    /// What the commands of the run share.
    pub surroundings: Arc<Surroundings>,
    /// Is told what happens.
    pub tell: Arc<dyn Fn(ChildNews) + Send + Sync>,
}

impl Surroundings {
    /// The file that the output of a step is kept in.
    pub(super) fn log(&self, step: &StepId) -> Option<PathBuf> {
        self.logs.as_ref().map(|folder| folder.join(format!("{}.log", safe(step.as_str()))))
    }
}

/// The longest name that stands as it is; file systems take 255 bytes.
const LONGEST: usize = 200;

/// An id as the name of a file: what could lead elsewhere is written as `%2F`, and a long name ends in
/// a number of its own.
fn safe(id: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.[]".contains(&byte);
    let mut name: String = id
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    if name.len() > LONGEST {
        let number = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |number, byte| {
            (number ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        name.truncate(LONGEST);
        name = format!("{name}-{number:016x}");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_becomes_a_name_that_stays_in_its_folder() {
        assert_eq!(safe("exec[Users]"), "exec[Users]");
        assert_eq!(safe("setup/exec[a.b]"), "setup%2Fexec[a.b]");
        let (one, other) = ("x".repeat(300), format!("{}y", "x".repeat(299)));
        assert!(safe(&one).len() < 230 && safe(&one) != safe(&other));
    }
}
