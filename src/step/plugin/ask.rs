//! One question to a plugin, and its answer.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::child::{End, Groups, Launch, Mask};
use crate::model::{ErrorCode, Failure, KindDecl};
use crate::plugin::{
    Conversation, Description, Descriptions, Fault, Heard, NotDescribed, Request, Verb, describe,
    disagreement,
};

use super::super::StepContext;
use super::super::command::{Grant, Program, Question, Ran, run_program, unattached};
use super::kept;

/// How long a plugin may take to say what it would do. Somebody waits for it, and nothing happens.
pub(super) const LONGEST_PLAN: Duration = Duration::from_secs(30);

/// Who is asked what.
pub(super) struct Asked<'a> {
    pub(super) verb: Verb,
    pub(super) program: &'a str,
    pub(super) env: Vec<(String, String)>,
    pub(super) grant: Grant,
}

/// What came of it.
pub(super) struct Reply {
    pub(super) ran: Ran,
    pub(super) heard: Result<Heard, Fault>,
}

impl Ran {
    /// Whether it was ended from outside, for a reason other than its answer.
    pub(super) const fn was_ended(&self) -> bool {
        matches!(self.end, End::TimedOut | End::Stopped | End::WantsTerminal)
    }

    /// Whether it ended by itself, and not well.
    pub(super) fn died(&self) -> bool {
        self.end == End::Itself && !self.status.success()
    }
}

/// Asks.
///
/// # Errors
/// When it could not be started.
pub(super) async fn ask(
    cx: &StepContext,
    asked: Asked<'_>,
    request: Request,
) -> Result<Reply, Failure> {
    let Asked { verb, program, env, grant } = asked;
    let words = vec![program.to_owned(), verb.name().to_owned()];
    let mut text = serde_json::to_vec(&request).expect("a request is plain data");
    text.push(b'\n');
    let mut conversation = Conversation::about(verb);
    let remark = match verb {
        Verb::Execute if cx.command.attempt > 1 => format!("[attempt {}]", cx.command.attempt),
        verb => format!("[{}]", verb.name()),
    };
    let longest = (verb == Verb::Plan).then_some(LONGEST_PLAN);
    let question = Question { text, answer: &mut conversation, longest };
    let program = Program { words, env, grant, interactive: false };
    let ran = run_program(cx, program, Some(remark), Some(question)).await?;
    let heard = conversation.end().map(|heard| kept::masked(heard, &ran.mask));
    Ok(Reply { ran, heard })
}

/// What a plugin is. Held against its `step-kind` where that is given.
///
/// # Errors
/// When it does not say what it is, or is something else.
pub(super) async fn described(
    cx: &StepContext,
    program: &str,
    kind: Option<&KindDecl>,
) -> Result<Description, Failure> {
    let surroundings = &cx.command.surroundings;
    let (groups, descriptions) = (&surroundings.groups, &surroundings.descriptions);
    let launch = launch(program, &surroundings.root, &surroundings.secret_sources);
    let asking = describe(launch, groups, descriptions, &surroundings.mask);
    let found = cx.before_the_end(asking).await?;
    held_against(kind, (program, &surroundings.root), found, &surroundings.mask)
}

/// Asks a plugin what it is, and holds that against its `step-kind`. It is given none of the shell's
/// variables that `secret_sources` names, and its process group is among `groups` while it is asked.
///
/// # Errors
/// When it does not say what it is, or is something else.
pub async fn check_plugin(
    kind: &KindDecl,
    program: &str,
    root: &Path,
    groups: &Groups,
    mask: &Mask,
    secret_sources: &BTreeSet<String>,
) -> Result<(), Failure> {
    let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
    let descriptions = Descriptions::default();
    let launch = launch(program, &root, secret_sources);
    let found = describe(launch, groups, &descriptions, mask).await;
    held_against(Some(kind), (program, &root), found, mask).map(drop)
}

/// Without credentials, and without anything of a run.
fn launch<'a>(program: &str, root: &'a Path, secret_sources: &BTreeSet<String>) -> Launch<'a> {
    let program = if program.contains('/') { root.join(program) } else { PathBuf::from(program) };
    let variables = unattached(secret_sources).into_iter().collect();
    Launch { program, args: Vec::new(), folder: root, variables }
}

fn held_against(
    kind: Option<&KindDecl>,
    (program, root): (&str, &Path),
    found: Result<Description, NotDescribed>,
    mask: &Mask,
) -> Result<Description, Failure> {
    let description = found.map_err(|problem| not_described(program, root, &problem))?;
    match kind.and_then(|kind| disagreement(kind, &description)) {
        Some(why) => Err(other(program, &mask.text(&why))),
        None => Ok(description),
    }
}

fn not_described(program: &str, root: &Path, problem: &NotDescribed) -> Failure {
    let gone = program.contains('/') && !root.join(program).exists();
    let fix = if gone {
        "put the file back where it was".to_owned()
    } else {
        format!("see what it prints: echo '{{}}' | {program} describe")
    };
    let message = format!("{program} does not describe itself: {}", problem.why);
    let failure = Failure::new(ErrorCode::StepFailed, message).fix(fix);
    let said = problem.said.join("\n");
    if said.is_empty() { failure } else { failure.said(said) }
}

fn other(program: &str, why: &str) -> Failure {
    let message = format!("{program} is not what its step-kind says: {why}");
    Failure::new(ErrorCode::StepFailed, message).fix("correct the step-kind, or the plugin")
}
