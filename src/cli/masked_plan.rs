//! Previews without secrets, for showing: what is live may hold one.

use serde_json::Value;

use crate::child::Mask;
use crate::run::StepPreview;
use crate::step::{CommandPreview, Would};
use crate::table::{TableChange, Unmanaged};

use super::masked::failure_without;

/// The previews with every text masked. Names of steps and tables stay what they are.
pub(super) fn masked_previews(previews: &[StepPreview], mask: &Mask) -> Vec<StepPreview> {
    previews.iter().map(|preview| masked_preview(preview.clone(), mask)).collect()
}

/// What is live without secrets.
pub(super) fn masked_unmanaged(found: Vec<Unmanaged>, mask: &Mask) -> Vec<Unmanaged> {
    found.into_iter().map(|found| Unmanaged { what: mask.text(&found.what), ..found }).collect()
}

fn masked_preview(preview: StepPreview, mask: &Mask) -> StepPreview {
    if mask.is_empty() {
        return preview;
    }
    StepPreview {
        changes: preview.changes.into_iter().map(|change| masked_change(change, mask)).collect(),
        notes: preview.notes.iter().map(|note| mask.text(note)).collect(),
        command: preview.command.map(|command| masked_command(command, mask)),
        problem: preview.problem.map(|problem| failure_without(problem, mask)),
        ..preview
    }
}

fn masked_change(change: TableChange, mask: &Mask) -> TableChange {
    let text = |text: Option<String>| text.map(|text| mask.text(&text));
    TableChange {
        reason: mask.text(&change.reason),
        before: text(change.before),
        after: text(change.after),
        details: change.details.iter().map(|detail| mask.text(detail)).collect(),
        request: masked_value(change.request, mask),
        ..change
    }
}

fn masked_command(command: CommandPreview, mask: &Mask) -> CommandPreview {
    let mut rollback = command.rollback;
    for runs in &mut rollback {
        *runs = mask.text(runs);
    }
    let would = command.would.map(|would| masked_would(would, mask));
    CommandPreview { runs: mask.text(&command.runs), rollback, would, ..command }
}

fn masked_would(mut would: Would, mask: &Mask) -> Would {
    for call in &mut would.calls {
        call.call = mask.text(&call.call);
        call.reason = mask.text(&call.reason);
    }
    would.message = would.message.map(|message| mask.text(&message));
    would
}

fn masked_value(value: Value, mask: &Mask) -> Value {
    match value {
        Value::String(text) => Value::String(mask.text(&text)),
        Value::Array(all) => all.into_iter().map(|value| masked_value(value, mask)).collect(),
        Value::Object(all) => {
            all.into_iter().map(|(key, value)| (key, masked_value(value, mask))).collect()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_is_taken_out_of_every_text_of_a_request() {
        let mask = Mask::of(["hunter22"]);
        let request = json!({ "Tags": [{ "Key": "k", "Value": "is hunter22" }], "Units": 5 });
        let shown = masked_value(request, &mask);
        assert_eq!(shown, json!({ "Tags": [{ "Key": "k", "Value": "is ***" }], "Units": 5 }));
    }
}
