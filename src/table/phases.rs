//! Settings whose change takes two calls: the old one is turned off, the new one on.

use serde_json::json;

use crate::model::{KinesisStream, StreamView};

use super::Reversibility;
use super::call::{Call, CallFacts, or_off};

/// A view cannot be changed: the stream is disabled and enabled anew, under another ARN.
pub(super) fn stream(wanted: Option<StreamView>, live: Option<StreamView>) -> Vec<Call> {
    let usual = (4_000, 5_000);
    let mut calls = Vec::new();
    if live.is_some() {
        let lost =
            Reversibility::Lossy.with(": the records stay readable under the old ARN for 24 hours");
        calls.push(Call {
            operation: "UpdateTable",
            request: json!({ "StreamSpecification": { "StreamEnabled": false } }),
            before: or_off(live.as_ref()),
            after: "off".to_owned(),
            facts: CallFacts::lossy(lost, usual).breaks("consumers of the stream get no records"),
        });
    }
    if let Some(view) = wanted {
        let facts = CallFacts::reversible(usual);
        calls.push(Call {
            operation: "UpdateTable",
            request: json!({
                "StreamSpecification": { "StreamEnabled": true, "StreamViewType": view },
            }),
            before: "off".to_owned(),
            after: view.to_string(),
            facts: if live.is_some() {
                facts.breaks("the stream gets a new ARN: consumers must be pointed to it")
            } else {
                facts
            },
        });
    }
    calls
}

/// The attribute cannot be changed: time to live is turned off and, once the service allows it, on
/// again.
pub(super) fn time_to_live(wanted: Option<&str>, live: Option<&str>) -> Vec<Call> {
    let shown = |attribute: Option<&str>| or_off(attribute.as_ref());
    let call = |attribute: &str, enabled: bool, breaks: &'static str| {
        let reversibility = Reversibility::Cooldown.with(": not again for 31 minutes to an hour");
        let (before, after) = if enabled { (None, wanted) } else { (live, None) };
        Call {
            operation: "UpdateTimeToLive",
            request: json!({
                "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": enabled },
            }),
            before: shown(before),
            after: shown(after),
            facts: CallFacts::lossy(reversibility, (0, 2_000)).breaks(breaks),
        }
    };
    let expires = "items whose time is over are deleted, within days";
    let off = live.map(|live| call(live, false, "items no longer expire"));
    off.into_iter().chain(wanted.map(|wanted| call(wanted, true, expires))).collect()
}

/// Another stream takes the place of the one before; its precision alone can be changed.
pub(super) fn kinesis(wanted: Option<&KinesisStream>, live: &[KinesisStream]) -> Vec<Call> {
    let usual = (2_000, 7_000);
    let (kept, others): (Vec<_>, Vec<_>) =
        live.iter().partition(|live| wanted.is_some_and(|wanted| wanted.arn == live.arn));
    let mut calls: Vec<Call> = others
        .into_iter()
        .map(|other| Call {
            operation: "DisableKinesisStreamingDestination",
            request: json!({ "StreamArn": other.arn }),
            before: other.to_string(),
            after: "off".to_owned(),
            facts: CallFacts::lossy(
                Reversibility::Lossy.with(": what changes meanwhile is not sent"),
                usual,
            )
            .breaks("the stream gets no changes"),
        })
        .collect();
    let Some(wanted) = wanted else { return calls };
    let configured = |member: &str| {
        let mut request = json!({ "StreamArn": wanted.arn });
        if let Some(precision) = wanted.precision {
            request[member] = json!({ "ApproximateCreationDateTimePrecision": precision });
        }
        request
    };
    calls.push(match kept.first() {
        Some(kept) => Call {
            operation: "UpdateKinesisStreamingDestination",
            request: configured("UpdateKinesisStreamingConfiguration"),
            before: kept.to_string(),
            after: wanted.to_string(),
            facts: CallFacts::reversible(usual),
        },
        None => Call {
            operation: "EnableKinesisStreamingDestination",
            request: configured("EnableKinesisStreamingConfiguration"),
            before: "off".to_owned(),
            after: wanted.to_string(),
            facts: CallFacts::reversible(usual),
        },
    });
    calls
}
