//! What of an answer is shown or written down: nothing with a secret in it.
//!
//! JSON can write every character in many ways, and a secret may be a word of the protocol. So an answer
//! is read first, and then its texts are searched.

use serde_json::Value;

use crate::child::Mask;
use crate::model::{ErrorCode, Failure};
use crate::plugin::Heard;

use super::super::StepOutputs;
use super::super::command::has_a_secret;

/// The answer, with every text for people masked. What later steps and `undo` are to get stays as it
/// is: [`outputs`] and [`refuse_undo`] refuse it as a whole.
pub(super) fn masked(mut heard: Heard, mask: &Mask) -> Heard {
    for change in &mut heard.changes {
        change.call = mask.text(&change.call);
        change.reason = mask.text(&change.reason);
    }
    if let Some(answer) = &mut heard.answer {
        answer.message = answer.message.as_ref().map(|message| mask.text(message));
    }
    heard
}

/// The outputs as text.
///
/// # Errors
/// For one with a secret in it.
pub(super) fn outputs(put_out: Vec<(String, Value)>, mask: &Mask) -> Result<StepOutputs, Failure> {
    let mut outputs = StepOutputs::new();
    for (key, value) in put_out {
        if mask.hides(&key) || has_secret(mask, &value) {
            return Err(has_a_secret(&key, mask));
        }
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        outputs.insert(key, text);
    }
    Ok(outputs)
}

/// Refuses data for `undo` that must not be recorded.
///
/// # Errors
/// When there is a secret in it.
pub(super) fn refuse_undo(data: &Value, mask: &Mask) -> Result<(), Failure> {
    if !has_secret(mask, data) {
        return Ok(());
    }
    let message = "what it leaves for `undo` has a secret in it: nothing of it is kept";
    Err(Failure::new(ErrorCode::StepFailed, message)
        .cause("it would be recorded")
        .fix("leave a secret out of `undo`; it is given to `undo` as to `execute`"))
}

/// Whether a secret stands in a value: in a text of it, or across several. `true`, `false` and `null`
/// are no texts, and tell nobody that a secret is the same word.
fn has_secret(mask: &Mask, value: &Value) -> bool {
    let is_word = ["true", "false", "null"].iter().any(|word| mask.hides(word));
    stands_in(mask, value) || !is_word && mask.hides(&value.to_string())
}

fn stands_in(mask: &Mask, value: &Value) -> bool {
    match value {
        Value::String(text) => mask.hides(text),
        Value::Array(values) => values.iter().any(|value| stands_in(mask, value)),
        Value::Object(fields) => {
            fields.iter().any(|(key, value)| mask.hides(key) || stands_in(mask, value))
        }
        Value::Number(number) => mask.hides(&number.to_string()),
        Value::Null | Value::Bool(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_is_found_anywhere_in_a_value() {
        let mask = Mask::of(["hunter2+hunter2", "12345678", "[7,8,null]"]);
        for value in [
            json!("a hunter2+hunter2"),
            json!({"a": [1, {"b": "hunter2+hunter2"}]}),
            json!({"hunter2+hunter2": 1}),
            json!([12_345_678]),
            json!({"id": "a", "n": [7, 8, null]}),
        ] {
            assert!(refuse_undo(&value, &mask).is_err(), "{value}");
            assert!(outputs(vec![("k".to_owned(), value.clone())], &mask).is_err(), "{value}");
            assert!(refuse_undo(&value, &Mask::default()).is_ok(), "{value}");
        }
        assert!(refuse_undo(&json!({"a": ["hunter2", null, true, 1, "***"]}), &mask).is_ok());
    }

    #[test]
    fn a_word_of_json_is_no_secret_though_one_may_be_the_same() {
        let mask = Mask::of(["true", "null"]);
        let (words, text) = (json!({"a": [true, null]}), json!({"a": "so true"}));
        assert!(refuse_undo(&words, &mask).is_ok() && refuse_undo(&text, &mask).is_err());
        let outputs = |value| outputs(vec![("k".to_owned(), value)], &mask);
        assert!(outputs(json!(true)).is_ok() && outputs(json!("true")).is_err());
    }

    #[test]
    fn a_key_that_is_a_secret_is_refused_and_not_named() {
        let mask = Mask::of(["hunter2hunter2"]);
        let failure = outputs(vec![("hunter2hunter2".to_owned(), json!(1))], &mask).unwrap_err();
        assert!(!format!("{failure:?}").contains("hunter2"), "{failure:?}");
    }
}
