//! One attempt of a command.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use futures::FutureExt;
use tokio::time::Instant;

use crate::child::{Capture, End, Ended, Launch, Log, Mask, Until, start_ticks};
use crate::model::{CommandForm, Effect, ErrorCode, Failure, FailureClass};
use crate::plugin::{Conversation, Told};

use super::super::{StepContext, StepError, StepOutputs, StepSuccess};
use super::interactive::{Lending, NOT_KEPT, interrupts_the_run};
use super::output_file::OutputFile;
use super::variables::{Grant, environment, filled, variables};
use super::{ChildNews, OUTPUT, undo};

/// `EX_TEMPFAIL` of `sysexits.h`: trying again may help.
const TRANSIENT: i32 = 75;
/// The longest line of somebody else's that is shown, in characters.
const LONGEST_LINE: usize = 400;
/// How many of the last lines stand in a failure.
const SHOWN: usize = 20;
/// The variable by which what a step started is known.
const MARK: &str = "OSEM_STEP";

/// A program that is to be run for a step, with everything filled.
pub(in crate::step) struct Program {
    /// Its name or path, and its arguments.
    pub(in crate::step) words: Vec<String>,
    /// Variables, beside those that every program gets.
    pub(in crate::step) env: Vec<(String, String)>,
    /// Whose credentials it gets.
    pub(in crate::step) grant: Grant,
    /// Whether it takes the terminal.
    pub(in crate::step) interactive: bool,
}

pub(super) async fn execute(cx: &StepContext) -> Result<StepSuccess, StepError> {
    let changed = cx.command.command().effect != Effect::Read;
    prepare_undo(cx).await?;
    let remark = (cx.command.attempt > 1).then(|| format!("[attempt {}]", cx.command.attempt));
    let mut program = Program::of(cx)?;
    let outputs = OutputFile::create(&cx.command.surroundings.groups.scratch())?;
    program.env.push((OUTPUT.to_owned(), outputs.path().display().to_string()));
    let ran = run_program(cx, program, remark, None).await?;
    let put_out = outputs.read(&ran.mask);
    // Also what it put out before it failed says what is to be undone.
    let undo = undo::of(cx, put_out.as_ref().unwrap_or(&StepOutputs::new()))?;
    match ran.failure().map_or(put_out, Err) {
        Ok(outputs) => Ok(StepSuccess {
            changed,
            message: "ran".to_owned(),
            warnings: ran.warnings,
            outputs,
            undo,
            ..StepSuccess::default()
        }),
        Err(failure) => Err(StepError { changed, undo, ..StepError::from(ran.explained(failure)) }),
    }
}

/// Writes down how that is taken back which the command of the step is about to do, as far as that
/// is known.
///
/// # Errors
/// When it cannot be written down, and for an output that its step did not put out.
pub(in crate::step) async fn prepare_undo(cx: &StepContext) -> Result<(), Failure> {
    let undo = undo::of(cx, &StepOutputs::new())?;
    if undo.is_empty() {
        return Ok(());
    }
    cx.before_the_end(cx.intents.prepare_undo(&undo)).await?
}

/// How a program ended.
pub(in crate::step) struct Ran {
    pub(in crate::step) end: End,
    pub(in crate::step) status: ExitStatus,
    /// What a person should know whether or not it ended well.
    pub(in crate::step) warnings: Vec<String>,
    /// The last lines of its output.
    lines: Vec<String>,
    /// Where all of it is.
    log: Option<PathBuf>,
    /// What was taken out of it.
    pub(in crate::step) mask: Mask,
}

impl Ran {
    /// Why it did not end well.
    pub(in crate::step) fn failure(&self) -> Option<Failure> {
        failure(self.end, self.status)
    }

    /// The failure with the end of the output.
    pub(in crate::step) fn explained(&self, failure: Failure) -> Failure {
        let failure = Failure { message: self.mask.text(&failure.message), ..failure };
        let said = self.lines.join("\n");
        let failure = if said.is_empty() { failure } else { failure.said(said) };
        let causes = self.warnings.join("; ");
        let failure = if causes.is_empty() { failure } else { failure.cause(causes) };
        match &self.log {
            Some(log) => failure.detail("log", log.display().to_string()),
            None => failure,
        }
    }
}

/// A question on stdin, and who hears the answer on stdout.
pub(in crate::step) struct Question<'q> {
    pub(in crate::step) text: Vec<u8>,
    pub(in crate::step) answer: &'q mut Conversation,
    /// How long the answer is waited for, where that is less than the step's time.
    pub(in crate::step) longest: Option<Duration>,
}

/// Runs a program to its end, or ends it when the step is over.
///
/// # Errors
/// When it could not be started: then it did nothing.
pub(in crate::step) async fn run_program(
    cx: &StepContext,
    program: Program,
    remark: Option<String>,
    question: Option<Question<'_>>,
) -> Result<Ran, Failure> {
    let surroundings = &cx.command.surroundings;
    let log = surroundings.log(&cx.command.step);
    let interactive = program.interactive;
    let mut capture = capture(cx, log.as_deref());
    for remark in remark.iter().map(String::as_str).chain(interactive.then_some(NOT_KEPT)) {
        capture.remark(remark);
    }
    let (launch, secrets) = cx.before_the_end(launch(cx, program)).await??;
    let mask = surroundings.mask.and(&secrets);
    let shown = launch.program.display().to_string();
    let groups = &surroundings.groups;
    let longest = question.as_ref().and_then(|question| question.longest);
    let end = longest.map_or_else(|| cx.deadline.clone(), |longest| cx.deadline.sooner(longest));
    let _lent = interactive.then(|| Lending::begin(cx));
    let child = match question {
        None if interactive => launch.start_interactive(groups),
        None => launch.start(groups),
        Some(Question { text, answer, .. }) => {
            let mut news = News::of(cx, mask.clone());
            answer.hide(&mask);
            capture = capture.answered_by(move |bytes, kept| {
                answer.take(bytes, |told| news.take(told, kept)).is_continue()
            });
            launch.start_asking(groups, text)
        }
    };
    let child = child.map_err(|error| not_started(&shown, &error))?;
    capture = capture.masked_by(&mask);
    let pid = child.pid();
    (cx.command.tell)(ChildNews::Started { pid, start_ticks: start_ticks(pid) });
    let until = Until {
        time: tokio::time::sleep_until(end.instant()).boxed(),
        stopped: cx.stop.stopped().map(|()| cx.stop.signal()).boxed(),
        hurried: cx.stop.hurried(),
        mark: (MARK, cx.command.step.as_str()),
    };
    let ended = child.ended(&mut capture, until).await;
    (cx.command.tell)(ChildNews::Ended { pid });
    let ended = ended.map_err(|error| not_started(&shown, &error))?;
    let interrupted = interactive && interrupts_the_run(cx, &ended).await;
    Ok(Ran {
        end: if interrupted { End::Stopped } else { ended.end },
        status: ended.status,
        warnings: warnings(&ended, &capture).iter().map(|text| mask.text(text)).collect(),
        lines: capture.last_lines(SHOWN),
        log: log.filter(|_| capture.lost().is_none()),
        mask,
    })
}

/// What takes the output of a program: the log of its step, and people where it is shown.
fn capture<'c>(cx: &'c StepContext, log: Option<&Path>) -> Capture<'c> {
    let mut capture = Capture::default();
    if let Some(path) = log {
        capture = capture.kept_in(Log::open(path));
    }
    if cx.command.surroundings.shows_output {
        capture = capture.shown_by(|line| (cx.command.tell)(ChildNews::Output(line)));
    }
    capture
}

/// Progress is shown at most as often as this.
const PROGRESS: Duration = Duration::from_millis(100);

/// What a plugin says while it works, on its way to people.
struct News<'a> {
    cx: &'a StepContext,
    mask: Mask,
    last: Option<Instant>,
}

impl<'a> News<'a> {
    const fn of(cx: &'a StepContext, mask: Mask) -> Self {
        Self { cx, mask, last: None }
    }

    /// `kept` takes what goes into the log of the step.
    fn take(&mut self, told: Told, kept: &mut Vec<u8>) {
        match told {
            Told::Log(message) => {
                kept.extend_from_slice(message.as_bytes());
                kept.push(b'\n');
            }
            Told::Progress(message, fraction) => {
                if self.last.is_some_and(|last| last.elapsed() < PROGRESS) {
                    return;
                }
                self.last = Some(Instant::now());
                let part = fraction.filter(|part| (0.0..=1.0).contains(part));
                let part =
                    part.map_or_else(String::new, |part| format!(" ({:.0} %)", part * 100.0));
                self.cx.progress(format!("{}{part}", short(&self.mask.text(&message))));
            }
        }
    }
}

/// A line of somebody else's for people: its start, when it is long.
pub(in crate::step) fn short(text: &str) -> String {
    let line: String = text.lines().next().unwrap_or_default().chars().take(LONGEST_LINE).collect();
    if line.len() < text.trim_end().len() { format!("{line} …") } else { line }
}

impl Program {
    /// The command of a step.
    ///
    /// # Errors
    /// For an output that its step did not put out.
    fn of(cx: &StepContext) -> Result<Self, Failure> {
        let command = cx.command.command();
        let words = command.words.iter().map(|word| filled(cx, word));
        let shell = ["sh".to_owned(), "-c".to_owned()];
        let prefix = shell.into_iter().filter(|_| command.form == CommandForm::Text);
        Ok(Self {
            words: prefix.map(Ok).chain(words).collect::<Result<_, Failure>>()?,
            env: environment(cx)?,
            grant: Grant::of(command.credentials),
            interactive: command.interactive,
        })
    }
}

/// What to start, and what it is given that is not to be shown.
async fn launch(cx: &StepContext, program: Program) -> Result<(Launch<'_>, Vec<String>), Failure> {
    let surroundings = &*cx.command.surroundings;
    let (variables, secrets) = variables(cx, program.env, program.grant).await?;
    let variables = variables.into_iter().collect();
    let mut words = program.words.into_iter();
    let program = words.next().expect("a command has a program");
    let program = if program.contains('/') {
        surroundings.root.join(program)
    } else {
        PathBuf::from(program)
    };
    let folder = surroundings.root.as_path();
    Ok((Launch { program, args: words.collect(), folder, variables }, secrets))
}

/// Why an attempt did not end well.
fn failure(end: End, status: ExitStatus) -> Option<Failure> {
    match end {
        End::Itself if status.success() => None,
        End::Itself => Some(refused(status)),
        End::Refused => Some(Failure::new(ErrorCode::StepFailed, "what it printed is no answer")),
        End::WantsTerminal => Some(
            Failure::new(
                ErrorCode::StepFailed,
                "the command asks the terminal, which it does not have",
            )
            .fix("give it what it asks for by a variable (env) or a file"),
        ),
        End::TimedOut => Some(
            Failure::new(ErrorCode::StepTimedOut, "the step's time is over: the command was ended")
                .fix("look at what it did; give the step more time (timeout), or run again"),
        ),
        End::Stopped => {
            let message = "the run was asked to end: the command was ended";
            Some(
                Failure::new(ErrorCode::Cancelled, message)
                    .fix("run again to go on: the command starts anew then"),
            )
        }
    }
}

fn refused(status: ExitStatus) -> Failure {
    let Some(code) = status.code() else {
        let signal = status.signal().unwrap_or_default();
        return Failure::new(ErrorCode::StepFailed, format!("ended by signal {signal}"))
            .detail("signal", signal.to_string());
    };
    let failure = Failure::new(ErrorCode::StepFailed, format!("exited with {code}"));
    let transient = code == TRANSIENT;
    let class = if transient { FailureClass::Transient } else { FailureClass::Permanent };
    failure.class(class).detail("exitCode", code.to_string())
}

fn not_started(program: &str, error: &io::Error) -> Failure {
    let failure = Failure::new(ErrorCode::StepFailed, format!("failed to run {program}: {error}"));
    if error.raw_os_error() == Some(8) {
        // ENOEXEC
        return failure.fix("begin the script with a line that names its interpreter: #!/bin/sh");
    }
    failure.fix("see that the program is there and can be executed")
}

/// What a person should know whether or not it ended well.
fn warnings(ended: &Ended, capture: &Capture<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    if !ended.leftovers.is_empty() {
        let names = ended.leftovers.join(", ");
        warnings.push(format!("it ended and left {names} running, which was ended"));
    }
    if !ended.left_behind.is_empty() {
        let names = ended.left_behind.join(", ");
        warnings.push(format!("{names} left the step's process group and still runs"));
    }
    if let Some(error) = capture.lost() {
        warnings.push(format!("its output is not kept: {error}"));
    }
    warnings
}
