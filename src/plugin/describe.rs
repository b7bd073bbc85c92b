//! Asking a plugin what it is, once for each program and content of its file.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::pending;
use tokio::sync::OnceCell;

use crate::child::{Capture, End, Groups, Launch, Mask, Until, find_program};
use crate::model::Fingerprint;
use crate::state::{create_folder, private_file};

use super::conversation::Conversation;
use super::fault::Fault;
use super::protocol::{Description, PROTOCOL, Verb};

/// How long a plugin may take to say what it is.
const LONGEST: Duration = Duration::from_secs(30);
/// How many of the last lines of its stderr are shown.
const SHOWN: usize = 20;

/// Why it is not known what a plugin is.
#[derive(Debug)]
pub struct NotDescribed {
    /// What was wrong.
    pub why: String,
    /// The end of what it wrote to stderr.
    pub said: Vec<String>,
}

/// Asked for once, however many steps want to know it at the same time.
type Known = Arc<OnceCell<Description>>;

/// Answers to `describe`, by the program and the content of its file.
#[derive(Debug, Clone, Default)]
pub struct Descriptions {
    known: Arc<Mutex<HashMap<String, Known>>>,
    /// Where they outlive this process; nowhere where nothing may be left behind.
    folder: Option<PathBuf>,
}

impl Descriptions {
    /// The same, kept in a folder too.
    pub fn keep_in(&mut self, folder: PathBuf) {
        self.folder = Some(folder);
    }

    fn known(&self, hash: &str) -> Known {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(hash.to_owned()).or_default())
    }

    /// What an earlier process was told.
    fn kept(&self, hash: &str) -> Option<Description> {
        let text = std::fs::read(self.file(hash)?).ok()?;
        let found: Description = serde_json::from_slice(&text).ok()?;
        (found.protocol == PROTOCOL).then_some(found)
    }

    fn file(&self, hash: &str) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join(format!("{hash}.json")))
    }

    /// One with a secret in it, in whatever place, is asked for again each time.
    fn keep(&self, hash: &str, description: &Description, mask: &Mask) {
        let text = serde_json::to_string(description).ok().filter(|text| !mask.hides(text));
        if let (Some(file), Some(text)) = (self.file(hash), text) {
            // One that cannot be kept is asked for again.
            let _ = write(&file, &text);
        }
    }
}

fn write(file: &Path, description: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        create_folder(folder)?;
    }
    // Another process may read it at any time.
    let temporary = file.with_extension(std::process::id().to_string());
    let mut open = private_file().write(true).create_new(true).open(&temporary)?;
    io::Write::write_all(&mut open, description.as_bytes())?;
    std::fs::rename(&temporary, file)
}

/// What a plugin is. `launch` has its variables, without credentials; its arguments are replaced.
/// What it says is not masked: a word of it may be a secret.
///
/// # Errors
/// Why it does not say so, without secrets.
pub async fn describe(
    launch: Launch<'_>,
    groups: &Groups,
    descriptions: &Descriptions,
    mask: &Mask,
) -> Result<Description, NotDescribed> {
    let Some(hash) = hash(&launch) else { return answer(launch, groups, mask).await };
    let known = descriptions.known(&hash);
    let first = async {
        if let Some(kept) = descriptions.kept(&hash) {
            return Ok(kept);
        }
        let description = answer(launch, groups, mask).await?;
        descriptions.keep(&hash, &description, mask);
        Ok(description)
    };
    known.get_or_try_init(|| first).await.cloned()
}

/// Which program it is, and what is in its file. The same file under another name may be another plugin:
/// programs can go by how they were called.
fn hash(launch: &Launch<'_>) -> Option<String> {
    let path = launch.variables.iter().find(|(name, _)| name == "PATH");
    let path = path.map_or(OsStr::new(""), |(_, path)| path);
    let file = find_program(launch.folder, launch.program.to_str()?, path).ok()?;
    let text = std::fs::read(&file).ok()?;
    let mut hash = Fingerprint::default();
    hash.update_text(file.as_os_str().as_bytes());
    hash.update(&text);
    Some(hash.to_string())
}

/// Asks, and takes the answer in.
async fn answer(
    launch: Launch<'_>,
    groups: &Groups,
    mask: &Mask,
) -> Result<Description, NotDescribed> {
    let mut conversation = Conversation::about(Verb::Describe);
    conversation.hide(mask);
    let mut said = Vec::new();
    let ended = ask((launch, groups, mask), &mut conversation, &mut said).await;
    let why = match (ended, conversation.end()) {
        (Err(error), _) => format!("failed to start it: {error}"),
        (Ok((End::TimedOut, _)), _) => format!("it took longer than {}s", LONGEST.as_secs()),
        (Ok((End::WantsTerminal, _)), _) => "it asks the terminal".to_owned(),
        (Ok((End::Itself, code)), Err(Fault::NoResult)) if code != Some(0) => match code {
            Some(code) => format!("it exited with {code} and printed nothing"),
            None => "it was ended by a signal and printed nothing".to_owned(),
        },
        (_, Err(fault)) => fault.to_string(),
        (_, Ok(heard)) => match heard.description {
            Some(description) => return Ok(description),
            None => Fault::NoResult.to_string(),
        },
    };
    Err(NotDescribed { why: mask.text(&why), said })
}

/// Asks, and gives why it ended and its exit code.
async fn ask(
    (launch, groups, mask): (Launch<'_>, &Groups, &Mask),
    conversation: &mut Conversation,
    said: &mut Vec<String>,
) -> io::Result<(End, Option<i32>)> {
    let launch = Launch { args: vec![Verb::Describe.name().to_owned()], ..launch };
    let child = launch.start_asking(groups, b"{}\n".to_vec())?;
    let mut capture =
        Capture::default().answered_by(|bytes, _| conversation.take(bytes, |_| {}).is_continue());
    capture = capture.masked_by(mask);
    let until = Until {
        time: tokio::time::sleep(LONGEST).boxed(),
        stopped: pending().boxed(),
        hurried: pending().boxed(),
        mark: ("OSEM_VERB", Verb::Describe.name()),
    };
    let ended = child.ended(&mut capture, until).await?;
    *said = capture.last_lines(SHOWN);
    Ok((ended.end, ended.status.code()))
}
