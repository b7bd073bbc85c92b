//! Settings that a node each declares, and that `#false` or another word turns off.

use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{
    Encryption, RecoveryDays, Setting, StreamView, TableClass, TableSettings, Units,
};
use crate::syntax::{NodeReader, Value};

use super::settings::MOST_UNITS;

type Read = fn(&mut NodeReader<'_>) -> Option<Setting>;

/// Every node that is one setting.
const NODES: [(&str, Read); 7] = [
    ("on-demand-max", on_demand_max),
    ("stream", stream),
    ("class", class),
    ("encryption", encryption),
    ("ttl", time_to_live),
    ("point-in-time-recovery", recovery),
    ("deletion-protection", deletion_protection),
];

/// Reads these nodes among the children of a node.
pub(super) fn settings(reader: &mut NodeReader<'_>, settings: &mut TableSettings) {
    for (name, read) in NODES {
        let Some(mut node) = reader.child(name) else { continue };
        let place = node.head();
        if let Some(setting) = read(&mut node) {
            settings.others.insert(setting.node(), Spanned::new(setting, place));
        }
    }
}

/// What is given, where `#false` may be.
enum Given<T> {
    Off,
    On(T),
}

impl<T> Given<T> {
    fn on(self) -> Option<T> {
        match self {
            Self::Off => None,
            Self::On(value) => Some(value),
        }
    }
}

/// The argument, or `#false`.
fn or_off<'a, T>(
    node: &mut NodeReader<'a>,
    read: impl FnOnce(Value<'a>) -> Result<T, Diagnostic>,
) -> Option<Given<T>> {
    node.arg_as(|value| if value.is_false() { Ok(Given::Off) } else { read(value).map(Given::On) })
}

/// The error for a property beside `#false`.
fn surplus(node: &NodeReader<'_>, value: Value<'_>) {
    let message = format!("`{} #false` takes no property", node.name());
    let problem = Diagnostic::error("osem::excluded", message).label(value.whole(), "");
    node.sink().push(problem.help("remove one of the two"));
}

/// The properties `read` and `write`, or `#false`; at least one of them.
fn units(node: &mut NodeReader<'_>) -> Option<Given<Units>> {
    let properties = [("read", node.prop("read")), ("write", node.prop("write"))];
    let off = node.arg().is_some();
    let mut units = [None, None];
    for ((name, value), units) in properties.into_iter().zip(&mut units) {
        let Some(value) = value else { continue };
        if off {
            surplus(node, value);
            return None;
        }
        let what = format!("property `{name}`");
        *units = Some(node.sink().take(value.int(&what, 1, MOST_UNITS))?);
    }
    let units = Units { read: units[0], write: units[1] };
    match (off, units.is_open()) {
        (true, _) => Some(Given::Off),
        (false, false) => Some(Given::On(units)),
        (false, true) => {
            let message = format!("`{}` needs the property `read`, `write` or both", node.name());
            let problem = Diagnostic::error("osem::missing", message).label(node.head(), "");
            let example = format!("example: {} read=1000 write=500", node.name());
            node.sink().push(problem.help(example));
            None
        }
    }
}

fn on_demand_max(node: &mut NodeReader<'_>) -> Option<Setting> {
    units(node).map(|units| Setting::OnDemandMax(units.on()))
}

fn stream(node: &mut NodeReader<'_>) -> Option<Setting> {
    let words = StreamView::ALL.map(|(_, word, _)| word);
    let word = or_off(node, |value| value.word("`stream`", &words, &[]))?.on();
    let view = word.and_then(|word| StreamView::ALL.into_iter().find(|(_, own, _)| *own == word));
    Some(Setting::Stream(view.map(|(view, ..)| view)))
}

fn class(node: &mut NodeReader<'_>) -> Option<Setting> {
    let words = ["standard", "standard-infrequent-access"];
    let word = node.arg_as(|value| value.word("`class`", &words, &[]))?;
    Some(Setting::Class(if word == "standard" {
        TableClass::Standard
    } else {
        TableClass::StandardInfrequentAccess
    }))
}

fn encryption(node: &mut NodeReader<'_>) -> Option<Setting> {
    let words = ["aws-owned", "aws-managed", "kms"];
    let key = node.prop("key");
    let word = node.arg_as(|value| value.word("`encryption`", &words, &[]))?;
    let encryption = match (word, key) {
        ("kms", Some(key)) => {
            Encryption::Key(node.sink().take(key.kms_key_arn("property `key`"))?.value)
        }
        ("kms", None) => {
            let message = "`encryption kms` needs the property `key`";
            let problem = Diagnostic::error("osem::missing", message).label(node.head(), "");
            let example = "example: encryption kms \
                           key=\"arn:aws:kms:us-east-1:012345678901:key/…\"";
            node.sink().push(problem.help(example));
            return None;
        }
        (word, Some(key)) => {
            let message = format!("`encryption {word}` has no key of its own");
            let problem = Diagnostic::error("osem::excluded", message).label(key.whole(), "");
            node.sink().push(problem.help("write: encryption kms key=…, or remove `key`"));
            return None;
        }
        ("aws-managed", None) => Encryption::AwsManaged,
        _ => Encryption::AwsOwned,
    };
    Some(Setting::Encryption(encryption))
}

fn time_to_live(node: &mut NodeReader<'_>) -> Option<Setting> {
    let attribute = or_off(node, |value| value.attribute_name("`ttl`"))?.on();
    Some(Setting::TimeToLive(attribute.map(|attribute| attribute.value)))
}

fn recovery(node: &mut NodeReader<'_>) -> Option<Setting> {
    let days = node.prop("days");
    let on = flag(node)?;
    let Some(days) = days else { return Some(Setting::Recovery(on.then_some(RecoveryDays(None)))) };
    if !on {
        surplus(node, days);
        return None;
    }
    let days = node.sink().take(days.int("property `days`", 1, 35))?;
    Some(Setting::Recovery(Some(RecoveryDays(u8::try_from(days).ok()))))
}

fn deletion_protection(node: &mut NodeReader<'_>) -> Option<Setting> {
    flag(node).map(Setting::DeletionProtection)
}

/// On, unless `#false` is written.
fn flag(node: &mut NodeReader<'_>) -> Option<bool> {
    let what = format!("`{}`", node.name());
    match node.arg() {
        Some(value) => node.sink().take(value.bool(&what)),
        None => Some(true),
    }
}
