//! Settings as they are live, and the nodes that declare them.

use crate::model::{
    Encryption, InsightsMode, KinesisStream, Precision, RecoveryDays, Setting, StreamView,
    TableClass, TableState, Throughput, Units, warm_at_first,
};
use crate::syntax::write::Written;

use super::Found;

/// Every setting of a table as it is live, in the order in which they are written; those that were
/// not read are left out.
pub(super) fn live_settings(Found { state, features, .. }: Found<'_>) -> Vec<Setting> {
    let read = [
        Some(Setting::OnDemandMax(ceilings(state, state.on_demand_max))),
        Some(Setting::WarmThroughput(raised(state.warm, state.throughput))),
        Some(Setting::Stream(state.stream)),
        features.kinesis.as_deref().and_then(kinesis),
        features.time_to_live.clone().map(Setting::TimeToLive),
        features.recovery.map(recovery),
        Some(Setting::Encryption(state.encryption.clone())),
        Some(Setting::Class(state.class)),
        features.insights.get("").copied().map(Setting::ContributorInsights),
        features.policy.clone().map(Setting::ResourcePolicy),
        Some(Setting::DeletionProtection(state.deletion_protection)),
        Some(Setting::DisassociationProtection(state.disassociation_protection)),
    ];
    read.into_iter().flatten().collect()
}

/// Only a table on demand has ceilings.
pub(super) fn ceilings(state: &TableState, units: Units) -> Option<Units> {
    Some(units).filter(|units| state.pay_per_request && !units.is_open())
}

/// What a table or index is ready for beyond what it is unasked.
pub(super) fn raised(live: Option<Units>, throughput: Option<Throughput>) -> Units {
    let (live, unasked) = (live.unwrap_or_default(), warm_at_first(throughput));
    Units {
        read: live.read.filter(|_| live.read > unasked.read),
        write: live.write.filter(|_| live.write > unasked.write),
    }
}

/// Without halves of nothing, which a file cannot say.
pub(super) fn positive(units: Units) -> Units {
    let half = |units: Option<u64>| units.filter(|units| *units > 0);
    Units { read: half(units.read), write: half(units.write) }
}

/// 35 days are what the service gives unasked.
fn recovery(days: Option<u8>) -> Setting {
    Setting::Recovery(days.map(|days| RecoveryDays(Some(days).filter(|days| *days != 35))))
}

/// The one stream, or none; nothing where there are several.
fn kinesis(streams: &[KinesisStream]) -> Option<Setting> {
    match streams {
        [] => Some(Setting::KinesisStream(None)),
        [one] => {
            let precision = one.precision.filter(|own| *own != Precision::Millisecond);
            Some(Setting::KinesisStream(Some(KinesisStream { arn: one.arn.clone(), precision })))
        }
        _ => None,
    }
}

/// Whether a new table would not have it so.
pub(super) fn is_said(setting: &Setting) -> bool {
    match setting {
        Setting::OnDemandMax(units) => units.is_some(),
        Setting::Stream(view) => view.is_some(),
        Setting::Class(class) => *class != TableClass::default(),
        Setting::Encryption(encryption) => *encryption != Encryption::default(),
        Setting::WarmThroughput(units) => !units.is_open(),
        Setting::TimeToLive(own) | Setting::ResourcePolicy(own) => own.is_some(),
        Setting::Recovery(days) => days.is_some(),
        Setting::ContributorInsights(mode) => mode.is_some(),
        Setting::KinesisStream(stream) => stream.is_some(),
        Setting::DisassociationProtection(on) | Setting::DeletionProtection(on) => *on,
    }
}

/// The node of a setting.
pub(super) fn setting_node(setting: &Setting) -> Written {
    let node = Written::node(setting.node());
    let off = || Written::node(setting.node()).raw("#false");
    match setting {
        Setting::OnDemandMax(Some(units)) | Setting::WarmThroughput(units) => {
            node.number("read", units.read).number("write", units.write)
        }
        Setting::Stream(Some(view)) => node.raw(word(*view)),
        Setting::Class(TableClass::Standard) => node.raw("standard"),
        Setting::Class(TableClass::StandardInfrequentAccess) => {
            node.raw("standard-infrequent-access")
        }
        Setting::Encryption(Encryption::AwsOwned) => node.raw("aws-owned"),
        Setting::Encryption(Encryption::AwsManaged) => node.raw("aws-managed"),
        Setting::Encryption(Encryption::Key(arn)) => node.raw("kms").prop("key", arn),
        Setting::TimeToLive(Some(attribute)) => node.arg(attribute),
        Setting::Recovery(Some(days)) => node.number("days", days.0.map(u64::from)),
        Setting::ContributorInsights(Some(InsightsMode::ThrottledKeys)) => {
            node.raw("mode=throttled-keys")
        }
        Setting::ContributorInsights(Some(InsightsMode::AccessedAndThrottledKeys))
        | Setting::DeletionProtection(true)
        | Setting::DisassociationProtection(true) => node,
        Setting::KinesisStream(Some(stream)) => {
            let node = node.arg(&stream.arn);
            match stream.precision {
                None => node,
                Some(Precision::Millisecond) => node.raw("precision=millisecond"),
                Some(Precision::Microsecond) => node.raw("precision=microsecond"),
            }
        }
        Setting::OnDemandMax(None)
        | Setting::Stream(None)
        | Setting::TimeToLive(None)
        | Setting::Recovery(None)
        | Setting::ContributorInsights(None)
        | Setting::KinesisStream(None)
        | Setting::ResourcePolicy(_)
        | Setting::DeletionProtection(false)
        | Setting::DisassociationProtection(false) => off(),
    }
}

fn word(view: StreamView) -> &'static str {
    let own = StreamView::ALL.into_iter().find(|(own, ..)| *own == view);
    own.map(|(_, word, _)| word).expect("every view is in the list of all of them")
}
