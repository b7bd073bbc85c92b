//! `fault`: which calls it meets, and what happens to them.

use std::time::Duration;

use crate::diagnostic::{Diagnostic, Span, Spanned};
use crate::model::{Fault, FaultRule};
use crate::syntax::schema::FAULTS;
use crate::syntax::{NodeReader, Value};

const LONGEST_DELAY: Duration = Duration::from_hours(1);
const LONGEST_CREDENTIALS: Duration = Duration::from_hours(24);

/// Properties that belong to one fault: the property, the fault, how it is written, and whether
/// the fault needs it.
const OWN: [(&str, &str, &str, bool); 4] = [
    ("by", "delay", "by=\"200ms\"", true),
    ("after", "expire-credentials", "after=\"2s\"", true),
    ("code", "error", "code=InternalServerError", true),
    ("message", "error", "message=\"…\"", false),
];

/// Operations that are about no table: a fault with `table` never meets them.
const TABLELESS: [&str; 5] =
    ["AssumeRole", "DescribeEndpoints", "DescribeLimits", "GetCallerIdentity", "ListTables"];

pub(super) fn fault(node: &mut NodeReader<'_>) -> Option<FaultRule> {
    let kind = node.arg_as(|value| {
        let word = value.word("`fault`", FAULTS, &[])?;
        Ok(Spanned::new(word, value.span()))
    })?;
    let own = OWN.map(|(name, ..)| node.prop(name));
    let belong = belong(node, &kind, &own);
    let [by, after, code, message] = own;
    let (on, table) = whose(node);
    let rate = node.prop_as("rate", |value| value.number("property `rate`", 0, 1000));
    let skip = calls(node, "skip", 0);
    let count = calls(node, "count", 1);
    if !belong {
        return None;
    }
    let fault = match kind.value {
        "throttle" => Fault::Throttle,
        "lose-response" => Fault::LoseResponse,
        "error" => Fault::Error {
            code: text(node, "code", code)?,
            message: message.and_then(|message| text(node, "message", Some(message))),
        },
        "delay" => Fault::Delay(duration(node, "by", by, LONGEST_DELAY)?),
        "hang" => Fault::Hang,
        "reset" => Fault::Reset,
        "garbage" => Fault::Garbage,
        "deny" => Fault::Deny,
        "expire-credentials" => {
            Fault::ExpireCredentials(duration(node, "after", after, LONGEST_CREDENTIALS)?)
        }
        other => unreachable!("`{other}` is no fault of the grammar"),
    };
    let (rate, skip) = (rate.unwrap_or(1.0), skip.unwrap_or(0));
    Some(FaultRule { fault, on: on.map(str::to_owned), table, rate, skip, count })
}

/// Whether the properties of single faults are those of this one; reports where they are not.
fn belong(node: &NodeReader<'_>, kind: &Spanned<&str>, own: &[Option<Value<'_>>]) -> bool {
    let mut belong = true;
    for ((name, owner, written, needed), value) in OWN.into_iter().zip(own) {
        let problem = match value {
            Some(value) if owner != kind.value => foreign((name, owner), value.whole(), kind),
            None if owner == kind.value && needed => {
                let message = format!("`fault {owner}` needs the property `{name}`");
                let problem = Diagnostic::error("osem::missing", message).label(node.head(), "");
                problem.help(format!("write: fault {owner} {written}"))
            }
            _ => continue,
        };
        node.sink().push(problem);
        belong = false;
    }
    belong
}

fn foreign((name, owner): (&str, &str), place: Span, kind: &Spanned<&str>) -> Diagnostic {
    let message = format!("property `{name}` goes only with `fault {owner}`");
    Diagnostic::error("osem::fault", message)
        .label(place, "")
        .label(kind.span, "this is another fault")
        .help("remove it")
}

/// The operation and the tables that are met.
fn whose(node: &mut NodeReader<'_>) -> (Option<&'static str>, Option<String>) {
    let on = node.prop("on");
    let operation = on.and_then(|value| node.sink().take(value.operation("property `on`")));
    let table = node.prop("table");
    let glob = table.and_then(|value| node.sink().take(table_glob(value)));
    if let (Some(on), Some(table)) = (on, table)
        && let Some(operation) = operation.filter(|operation| TABLELESS.contains(operation))
    {
        let message = format!("`{operation}` is about no table, so this fault never meets a call");
        let problem = Diagnostic::error("osem::fault", message);
        let problem = problem.label(table.whole(), "").label(on.whole(), "");
        node.sink().push(problem.help("remove one of the two"));
    }
    (operation, glob)
}

fn table_glob(value: Value<'_>) -> Result<String, Diagnostic> {
    let text = value.string("property `table`")?.value;
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.-*?".contains(c);
    let shaped = (1..=255).contains(&text.len()) && text.chars().all(fits);
    if shaped && !text.contains("**") {
        return Ok(text.to_owned());
    }
    let message = "no table has a name like this, so this fault never meets a call";
    let help = if shaped {
        "one `*` stands for any characters"
    } else {
        "a full name has letters, digits, `_`, `.` and `-`; `*` and `?` stand for others"
    };
    Err(value.problem("osem::fault", message).help(help))
}

fn calls(node: &mut NodeReader<'_>, name: &str, least: u64) -> Option<u32> {
    let what = format!("property `{name}`");
    let calls = node.prop_as(name, |value| value.int(&what, least, u32::MAX.into()));
    calls.and_then(|calls| u32::try_from(calls).ok())
}

fn text(node: &NodeReader<'_>, name: &str, value: Option<Value<'_>>) -> Option<String> {
    let text = node.sink().take(value?.string(&format!("property `{name}`")))?;
    Some(text.value.to_owned())
}

fn duration(
    node: &NodeReader<'_>,
    name: &str,
    value: Option<Value<'_>>,
    longest: Duration,
) -> Option<Duration> {
    let what = format!("property `{name}`");
    node.sink().take(value?.duration(&what, Duration::ZERO, longest))
}
