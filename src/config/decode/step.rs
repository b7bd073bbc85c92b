//! `step` and its policy.

use std::time::Duration;

use crate::diagnostic::{Diagnostic, Span, Spanned};
use crate::model::{Backoff, CommandDecl, Inputs, Jitter, RetryPolicy, StepDecl, StepPolicy, When};
use crate::syntax::{NodeReader, Value};

use super::retry_on::{RetryNode, causes};
use super::{pool, rollback, table, task};

const LEAST_TIMEOUT: Duration = Duration::from_secs(1);
const LONGEST_TIMEOUT: Duration = Duration::from_hours(7 * 24);
const LONGEST_DELAY: Duration = Duration::from_hours(24);

pub(super) fn step(node: &mut NodeReader<'_>) -> Option<StepDecl> {
    let kind = node.arg_as(|value| value.name("the kind of `step`"))?;
    let command = command(node);
    let id = node.prop_as("id", |value| value.name("property `id`"));
    let table = node.prop_as("table", |value| value.name("property `table`"));
    let mut inputs = Inputs::new();
    for (name, value) in node.props() {
        let found = value.input(&format!("input `{}`", name.value));
        if let Some(found) = node.sink().take(found) {
            // The place is the whole property: an unknown name is as likely as a bad value.
            inputs.insert(name.value.to_owned(), Spanned::new(found.value, value.whole()));
        }
    }
    let span = Span { end: kind.span.end, ..node.span() };
    let policy = policy(node);
    let rollback = rollback::rollback(node, table.as_ref());
    Some(StepDecl { span, kind, id, table, inputs, command, policy, rollback })
}

/// What the node says about a command, whether or not its kind runs one.
fn command(node: &mut NodeReader<'_>) -> CommandDecl {
    let words = node.args_as(text);
    let interactive = node.flag("interactive").filter(|flag| flag.value).map(|flag| flag.map(drop));
    CommandDecl { words, env: env(node), credentials: credentials(node), interactive }
}

fn text(value: Value<'_>) -> Result<Spanned<String>, Diagnostic> {
    value.string("`step`").map(|text| text.map(str::to_owned))
}

/// The `env` children: name and value.
pub(super) fn env(node: &mut NodeReader<'_>) -> Vec<(Spanned<String>, Spanned<String>)> {
    let read = |mut child: NodeReader<'_>| {
        let name = child.arg_as(|value| variable(value));
        name.zip(child.arg_as(text))
    };
    node.children(&["env"]).into_iter().filter_map(read).collect()
}

/// `credentials aws`, and where it stands.
pub(super) fn credentials(node: &mut NodeReader<'_>) -> Option<Spanned<()>> {
    node.child("credentials").map(|mut child| {
        child.arg_as(|value| value.word("`credentials`", &["aws"], &[]));
        Spanned::new((), child.head())
    })
}

/// The name of a variable that a command may be given.
fn variable(value: Value<'_>) -> Result<Spanned<String>, Diagnostic> {
    let name = value.string("the name of `env`")?;
    if !is_variable_name(name.value) {
        let problem = value.problem("osem::type", "the name of `env` must be that of a variable");
        return Err(
            problem.help("it has letters, digits and `_`, and starts with none of the digits")
        );
    }
    if name.value.starts_with("OSEM_") || name.value == "OSEM" {
        let message = format!("`{}` is set by osem itself", name.value);
        return Err(value.problem("osem::type", message).help("give the variable another name"));
    }
    Ok(name.map(str::to_owned))
}

/// Whether a text can be the name of a variable of the shell.
pub(super) fn is_variable_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Policy among the children of `step`, or of `step` in `defaults`.
pub(super) fn policy(node: &mut NodeReader<'_>) -> StepPolicy {
    let mut when = When::default();
    let after = node.child("after").map(|mut after| {
        let words = ["succeeded", "failed", "always"];
        when = match after.prop_as("when", |value| value.word("property `when`", &words, &[])) {
            Some("failed") => When::Failed,
            Some("always") => When::Always,
            _ => When::Succeeded,
        };
        ids(&mut after, "`after`")
    });
    let only_if_changed = node.child("only-if-changed");
    let only_if_changed = only_if_changed.map(|mut node| ids(&mut node, "`only-if-changed`"));
    let (timeout, attempt_timeout) = timeouts(node);
    let RetryNode { policy: retry, on: retry_on } = retry_node(node);
    StepPolicy {
        after,
        when,
        only_if_changed: only_if_changed.unwrap_or_default(),
        timeout,
        attempt_timeout,
        retry_place: retry.as_ref().map(|retry| retry.span),
        retry: retry.map(|retry| retry.value),
        retry_on,
        tolerate: node.flag("tolerate").is_some_and(|flag| flag.value),
        on_failure: task::on_failure(node),
        environments: table::filter(node),
        pool: pool::share(node),
    }
}

/// The ids of steps.
fn ids(node: &mut NodeReader<'_>, what: &str) -> Vec<Spanned<String>> {
    node.args_as(|value| value.string(what).map(|text| text.map(str::to_owned)))
}

/// The time for all attempts, and that for one.
pub(super) fn timeouts(node: &mut NodeReader<'_>) -> (Option<Duration>, Option<Duration>) {
    let Some(mut node) = node.child("timeout") else { return (None, None) };
    let whole = whole_timeout(&mut node);
    let attempt = node.prop_as("attempt", |value| {
        value.duration("property `attempt`", LEAST_TIMEOUT, LONGEST_TIMEOUT)
    });
    if let (Some(whole), Some(attempt)) = (whole, attempt)
        && attempt > whole
    {
        let message = "one attempt cannot take longer than all of them";
        node.sink().push(Diagnostic::error("osem::type", message).label(node.head(), ""));
    }
    (whole, attempt)
}

/// The argument of `timeout`.
pub(super) fn whole_timeout(node: &mut NodeReader<'_>) -> Option<Duration> {
    node.arg_as(|value| value.duration("`timeout`", LEAST_TIMEOUT, LONGEST_TIMEOUT))
}

/// `retry`, where it stands, and what its `on` names.
pub(super) fn retry_node(node: &mut NodeReader<'_>) -> RetryNode {
    let Some(mut node) = node.child("retry") else { return RetryNode::default() };
    let on = causes(&mut node);
    let named = (!on.is_empty()).then(|| on.iter().map(|cause| cause.value).collect());
    let policy = retry(&mut node);
    let policy =
        policy.map(|policy| Spanned::new(RetryPolicy { on: named, ..policy }, node.head()));
    RetryNode { policy, on }
}

fn retry(node: &mut NodeReader<'_>) -> Option<RetryPolicy> {
    let standard = RetryPolicy::default();
    let retries = node.arg_as(|value| value.int("`retry`", 0, 100))?;
    let backoff = node.prop_as("backoff", |value| {
        value.word("property `backoff`", &["none", "fixed", "exponential"], &[])
    });
    let jitter = node.prop_as("jitter", |value| {
        value.word("property `jitter`", &["none", "full", "equal"], &[])
    });
    let read = |what| move |value: Value<'_>| value.duration(what, Duration::ZERO, LONGEST_DELAY);
    let delay = node.prop_as("delay", read("property `delay`"));
    let max_delay = node.prop_as("max-delay", read("property `max-delay`"));
    let delay_or_standard = delay.unwrap_or(standard.delay);
    if max_delay.is_some_and(|max| max < delay_or_standard) {
        let message = "`max-delay` is shorter than the first delay";
        node.sink().push(Diagnostic::error("osem::type", message).label(node.head(), ""));
    }
    Some(RetryPolicy {
        retries: u32::try_from(retries).expect("the bound above is 100"),
        backoff: match backoff {
            Some("none") => Backoff::None,
            Some("fixed") => Backoff::Fixed,
            _ => Backoff::Exponential,
        },
        delay: delay_or_standard,
        // A first delay past the standard ceiling lifts it.
        max_delay: max_delay.unwrap_or(standard.max_delay.max(delay_or_standard)),
        jitter: match jitter {
            Some("none") => Jitter::None,
            Some("equal") => Jitter::Equal,
            _ => Jitter::Full,
        },
        on: None,
    })
}
