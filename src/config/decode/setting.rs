//! Settings that a node each declares, and that `#false` or another word turns off.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{
    Encryption, InsightsMode, KinesisStream, Precision, RecoveryDays, Setting, StreamView,
    TableClass, TableSettings, Units,
};
use crate::syntax::{NodeReader, Value};

use super::settings::MOST_UNITS;

type Read = fn(&mut NodeReader<'_>) -> Option<Setting>;

/// Every node that is one setting.
const NODES: [(&str, Read); 12] = [
    ("on-demand-max", on_demand_max),
    ("stream", stream),
    ("class", class),
    ("encryption", encryption),
    ("warm-throughput", warm_throughput),
    ("contributor-insights", contributor_insights),
    ("kinesis-stream", kinesis_stream),
    ("resource-policy", resource_policy),
    ("disassociation-protection", disassociation_protection),
    ("ttl", time_to_live),
    ("point-in-time-recovery", recovery),
    ("deletion-protection", deletion_protection),
];

/// Those of them that an index has too.
const OF_INDEX: [&str; 3] = ["on-demand-max", "warm-throughput", "contributor-insights"];

/// Reads these nodes among the children of a node.
pub(super) fn settings(reader: &mut NodeReader<'_>, settings: &mut TableSettings) {
    read_nodes(reader, &mut settings.others, |_| true);
}

/// Reads the nodes of an index.
pub(super) fn of_index(reader: &mut NodeReader<'_>) -> BTreeMap<&'static str, Spanned<Setting>> {
    let mut settings = BTreeMap::new();
    read_nodes(reader, &mut settings, |name| OF_INDEX.contains(&name));
    settings
}

fn read_nodes(
    reader: &mut NodeReader<'_>,
    settings: &mut BTreeMap<&'static str, Spanned<Setting>>,
    wanted: impl Fn(&str) -> bool,
) {
    for (name, read) in NODES.into_iter().filter(|(name, _)| wanted(name)) {
        let Some(mut node) = reader.child(name) else { continue };
        let place = node.head();
        if let Some(setting) = read(&mut node) {
            settings.insert(setting.node(), Spanned::new(setting, place));
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

fn warm_throughput(node: &mut NodeReader<'_>) -> Option<Setting> {
    units(node)?.on().map(Setting::WarmThroughput)
}

fn contributor_insights(node: &mut NodeReader<'_>) -> Option<Setting> {
    let words = ["accessed-and-throttled-keys", "throttled-keys"];
    let mode = node.prop("mode");
    let on = flag(node)?;
    let Some(mode) = mode else {
        return Some(Setting::ContributorInsights(on.then(InsightsMode::default)));
    };
    if !on {
        surplus(node, mode);
        return None;
    }
    let word = node.sink().take(mode.word("property `mode`", &words, &[]))?;
    let throttled = word == "throttled-keys";
    let mode = if throttled {
        InsightsMode::ThrottledKeys
    } else {
        InsightsMode::AccessedAndThrottledKeys
    };
    Some(Setting::ContributorInsights(Some(mode)))
}

fn kinesis_stream(node: &mut NodeReader<'_>) -> Option<Setting> {
    let words = ["millisecond", "microsecond"];
    let precision = node.prop("precision");
    let arn = or_off(node, |value| value.kinesis_stream_arn("`kinesis-stream`"))?.on();
    let Some(arn) = arn else {
        return match precision {
            Some(precision) => {
                surplus(node, precision);
                None
            }
            None => Some(Setting::KinesisStream(None)),
        };
    };
    let precision = match precision {
        None => None,
        Some(value) => {
            let word = node.sink().take(value.word("property `precision`", &words, &[]))?;
            let micro = word == "microsecond";
            Some(if micro { Precision::Microsecond } else { Precision::Millisecond })
        }
    };
    Some(Setting::KinesisStream(Some(KinesisStream { arn: arn.value, precision })))
}

/// The path stands in the place of the policy until the files are read.
fn resource_policy(node: &mut NodeReader<'_>) -> Option<Setting> {
    let file = node.prop("file");
    let off = node.arg().is_some();
    match (off, file) {
        (true, None) => Some(Setting::ResourcePolicy(None)),
        (true, Some(file)) => {
            surplus(node, file);
            None
        }
        (false, Some(file)) => {
            let path = node.sink().take(file.path("property `file`"))?;
            Some(Setting::ResourcePolicy(Some(path.value.to_string_lossy().into_owned())))
        }
        (false, None) => {
            let message = "`resource-policy` needs the property `file`";
            let problem = Diagnostic::error("osem::missing", message).label(node.head(), "");
            node.sink().push(problem.help("example: resource-policy file=\"policy.json\""));
            None
        }
    }
}

fn disassociation_protection(node: &mut NodeReader<'_>) -> Option<Setting> {
    flag(node).map(Setting::DisassociationProtection)
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
