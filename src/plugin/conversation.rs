//! One answer of a plugin, from its first byte to its last.
//!
//! It is read as it was printed: a secret may be one of its words. So what is heard may hold secrets,
//! and whoever shows or keeps any of it masks that. A [`Fault`] shows no part of one.

use std::ops::ControlFlow;

use serde_json::Value;

use crate::child::Mask;
use crate::model::is_output_key;

use super::escapes::resolved;
use super::fault::Fault;
use super::lines::Lines;
use super::protocol::{Answer, Change, Description, Message, PROTOCOL, Verb};

/// The most that a plugin may leave in the record for its `undo`.
const MOST_UNDO: usize = 64 << 10;
/// The most that a plugin may put out: keys and values together, as in the file of a command.
const MOST_OUTPUT: usize = 64 << 10;
/// How much of a line a message shows, in characters.
const SHOWN: usize = 120;

/// What a plugin says while it works.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// What it is doing, and how much of it is done, from 0 to 1.
    Progress(String, Option<f64>),
    /// A line for the log.
    Log(String),
}

/// A whole answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Heard {
    /// The answer to `describe`.
    pub description: Option<Description>,
    /// The answer to any other verb.
    pub answer: Option<Answer>,
    /// What it would do.
    pub changes: Vec<Change>,
    /// Values for later steps.
    pub outputs: Vec<(String, Value)>,
    /// How long those are together.
    put_out: usize,
}

/// Hears an answer.
#[derive(Debug)]
pub struct Conversation {
    hearing: Hearing,
    lines: Lines,
    heard: Heard,
    fault: Option<Fault>,
}

/// What is to be known to take a line in.
#[derive(Debug)]
struct Hearing {
    verb: Verb,
    /// Takes secrets out of what a fault shows.
    mask: Mask,
}

impl Conversation {
    /// The answer to a verb.
    #[must_use]
    pub fn about(verb: Verb) -> Self {
        let hearing = Hearing { verb, mask: Mask::default() };
        Self { hearing, lines: Lines::default(), heard: Heard::default(), fault: None }
    }

    /// Shows none of these secrets in what it says is wrong.
    pub fn hide(&mut self, mask: &Mask) {
        self.hearing.mask = mask.clone();
    }

    /// Takes the next bytes; `tell` is told what is said while it works. `Break` when it is no answer,
    /// whatever follows.
    pub fn take(&mut self, bytes: &[u8], mut tell: impl FnMut(Told)) -> ControlFlow<()> {
        if self.fault.is_some() {
            return ControlFlow::Break(());
        }
        let (hearing, heard) = (&self.hearing, &mut self.heard);
        let taken = self.lines.take(bytes, |number, line| {
            tell_all(hearing.message(heard, number, line)?, &mut tell);
            Ok(())
        });
        match taken {
            Ok(()) => ControlFlow::Continue(()),
            Err(fault) => {
                self.fault = Some(fault);
                ControlFlow::Break(())
            }
        }
    }

    /// The answer, after the last byte.
    ///
    /// # Errors
    /// Why it is none.
    pub fn end(mut self) -> Result<Heard, Fault> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if let Some((number, line)) = self.lines.rest() {
            let taken = self.hearing.message(&mut self.heard, number, &line);
            taken.map_err(|fault| match fault {
                Fault::NotJson(number, _, text) => Fault::Cut(number, text),
                fault => fault,
            })?;
        }
        if self.heard.answer.is_none() && self.heard.description.is_none() {
            return Err(Fault::NoResult);
        }
        Ok(self.heard)
    }
}

fn tell_all(told: Option<Told>, tell: &mut impl FnMut(Told)) {
    if let Some(told) = told {
        tell(told);
    }
}

impl Hearing {
    /// Takes one line in.
    fn message(
        &self,
        heard: &mut Heard,
        number: usize,
        line: &[u8],
    ) -> Result<Option<Told>, Fault> {
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        let value: Value = serde_json::from_slice(line)
            .map_err(|error| Fault::NotJson(number, error.to_string(), self.shown(line)))?;
        let no_message = |error: serde_json::Error| {
            let error = self.mask.text(&error.to_string());
            Fault::NoMessage(number, error, self.shown(line))
        };
        let is_description = value.get("type").is_none() && value.get("protocol").is_some();
        if heard.answer.is_some() || heard.description.is_some() {
            let again = is_description || value.get("type").is_some_and(|ty| ty == "result");
            return Err(if again {
                Fault::TwoResults
            } else {
                Fault::AfterResult(number, self.shown(line))
            });
        }
        // A later version may say anything in other words.
        let version = value.get("protocol").filter(|version| **version != PROTOCOL);
        if let Some(version) = version {
            let text = version.to_string();
            return Err(Fault::WrongProtocol(self.shown(text.as_bytes())));
        }
        // Out of the text, not out of the value, which has only the last one of two equal fields.
        if is_description {
            if self.verb != Verb::Describe {
                return Err(Fault::NoAnswer(self.verb.name(), "its description".to_owned()));
            }
            heard.description = Some(serde_json::from_slice(line).map_err(no_message)?);
            return Ok(None);
        }
        let message: Message = serde_json::from_slice(line).map_err(no_message)?;
        if !belongs(self.verb, &message) {
            return Err(Fault::NoAnswer(self.verb.name(), message.name().to_owned()));
        }
        Ok(match message {
            Message::Progress { message, fraction } => Some(Told::Progress(message, fraction)),
            Message::Log { message } => Some(Told::Log(message)),
            Message::Output { key, value } => {
                self.put_out(heard, key, value)?;
                None
            }
            Message::Change(change) => {
                heard.changes.push(change);
                None
            }
            Message::Result(answer) => {
                heard.answer = Some(self.checked(answer)?);
                None
            }
        })
    }

    /// Takes a value for later steps in.
    fn put_out(&self, heard: &mut Heard, key: String, value: Value) -> Result<(), Fault> {
        if !is_output_key(&key) {
            return Err(Fault::OutputKey(self.shown(key.as_bytes())));
        }
        if value.as_str().is_some_and(|text| text.contains('\0')) {
            return Err(Fault::OutputZero(self.shown(key.as_bytes())));
        }
        let length = value.as_str().map_or_else(|| value.to_string().len(), str::len);
        heard.put_out += key.len() + length;
        if heard.put_out > MOST_OUTPUT {
            return Err(Fault::LargeOutput);
        }
        heard.outputs.push((key, value));
        Ok(())
    }

    fn checked(&self, answer: Answer) -> Result<Answer, Fault> {
        if let Some(other) = answer.verb.as_deref().filter(|other| *other != self.verb.name()) {
            return Err(Fault::WrongVerb(self.verb.name(), self.shown(other.as_bytes())));
        }
        let undo = answer.undo.as_ref().map_or(0, |undo| undo.to_string().len());
        if undo > MOST_UNDO {
            return Err(Fault::LargeUndo);
        }
        Ok(answer)
    }

    /// The start of a line, for a message. Masked before it is cut: a part of a secret is not found.
    /// JSON can write every character of a secret in another way, also in a line that is none; where one
    /// is written so, the line is shown as it reads.
    fn shown(&self, line: &[u8]) -> String {
        let masked = self.mask.text(&String::from_utf8_lossy(line));
        let read = resolved(&masked);
        cut(&if self.mask.hides(&read) { self.mask.text(&read) } else { masked })
    }
}

/// Whether a message may stand in an answer to a verb.
const fn belongs(verb: Verb, message: &Message) -> bool {
    match message {
        Message::Progress { .. } | Message::Log { .. } => true,
        Message::Output { .. } => matches!(verb, Verb::Execute),
        Message::Change(_) => matches!(verb, Verb::Plan),
        Message::Result(_) => !matches!(verb, Verb::Describe),
    }
}

/// The start of a text, with nothing in it that a terminal would obey.
fn cut(text: &str) -> String {
    let start: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN).is_some() { format!("{start} …") } else { start }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::Status;
    use super::*;

    fn heard(verb: Verb, text: &str) -> Result<Heard, Fault> {
        let mut conversation = Conversation::about(verb);
        let _ = conversation.take(text.as_bytes(), |_| {});
        conversation.end()
    }

    fn fault(verb: Verb, text: &str) -> String {
        heard(verb, text).unwrap_err().to_string()
    }

    const RESULT: &str = r#"{"type":"result","status":"changed"}"#;

    #[test]
    fn an_answer_is_heard_whole() {
        let text = format!(
            "{}\n\n{}\n{}",
            json!({"type": "output", "key": "a", "value": [1]}),
            json!({"type": "progress", "message": "m", "fraction": 0.5, "later": true}),
            json!({"type": "result", "status": "retry", "retry-after-ms": 5, "undo": {"a": 1}}),
        );
        let heard = heard(Verb::Execute, &text).unwrap();
        assert_eq!(heard.outputs, [("a".to_owned(), json!([1]))]);
        let answer = heard.answer.unwrap();
        assert_eq!((answer.status, answer.retry_after_ms), (Status::Retry, Some(5)));
        assert_eq!(answer.undo, Some(json!({"a": 1})));
    }

    #[test]
    fn what_is_no_answer_says_what_is_wrong() {
        let execute = |text: &str| fault(Verb::Execute, text);
        assert_eq!(execute(""), "it printed no result");
        assert!(execute("hello\n").starts_with("line 1 of its answer is not JSON ("));
        assert!(execute("hello\n").ends_with("): hello"));
        assert_eq!(
            execute("\n{\"type\":\"res"),
            "its answer ends in the middle of line 2: {\\\"type\\\":\\\"res"
        );
        assert!(execute("{\"type\":\"x\"}\n").contains("unknown variant `x`"));
        assert!(execute("[1]\n").contains("no message of the protocol"));
        assert_eq!(execute(&format!("{RESULT}\n{RESULT}\n")), "it printed two results");
        assert!(execute(&format!("{RESULT}\n{{}}\n")).starts_with("it printed line 2 after"));
        let change = r#"{"type":"change","call":"a","reason":"b"}"#;
        assert_eq!(execute(change), "it printed `change`, which is no answer to `execute`");
        assert!(execute("{\"protocol\":1,\"name\":\"x\"}").contains("`its description`"));
        assert_eq!(
            execute(r#"{"type":"result","status":"changed","verb":"plan"}"#),
            "its result is for `plan`, and it was asked to `execute`"
        );
        let large = json!({"type": "result", "status": "changed", "undo": "x".repeat(70_000)});
        assert_eq!(execute(&large.to_string()), "what it leaves for `undo` is longer than 64 KiB");
        let describe = |text: &str| fault(Verb::Describe, text);
        assert_eq!(
            describe("{\"protocol\":2,\"other\":1}"),
            "it speaks protocol 2, and this osem speaks 1"
        );
        assert_eq!(
            execute(r#"{"protocol":2,"type":"result","status":"changed"}"#),
            "it speaks protocol 2, and this osem speaks 1"
        );
        assert_eq!(
            execute(r#"{"protocol":"1","type":"log","message":"a"}"#),
            "it speaks protocol \\\"1\\\", and this osem speaks 1"
        );
        assert_eq!(describe(RESULT), "it printed `result`, which is no answer to `describe`");
    }

    #[test]
    fn a_field_that_is_given_twice_has_no_value() {
        let twice = r#"{"type":"result","status":"failed","status":"changed"}"#;
        assert!(fault(Verb::Execute, twice).contains("duplicate field `status`"));
        let twice = r#"{"type":"log","type":"result","message":"a","status":"changed"}"#;
        assert!(fault(Verb::Execute, twice).contains("duplicate field `type`"));
        let twice = r#"{"protocol":1,"name":"a","name":"b"}"#;
        assert!(fault(Verb::Describe, twice).contains("duplicate field `name`"));
        let known = r#"{"protocol":1,"type":"result","status":"changed"}"#;
        assert_eq!(heard(Verb::Execute, known).unwrap().answer.unwrap().status, Status::Changed);
    }

    #[test]
    fn what_no_later_step_could_be_given_is_no_output() {
        let put_out = |key: &str, value: Value| {
            let output = json!({"type": "output", "key": key, "value": value});
            heard(Verb::Execute, &format!("{output}\n{output}\n{RESULT}\n"))
        };
        for key in ["", "a b.\u{1b}[31m", "1a", "-", "é", "a.b"] {
            let fault = put_out(key, json!(1)).unwrap_err();
            assert!(matches!(fault, Fault::OutputKey(_)), "{key}");
            assert!(!fault.to_string().contains('\u{1b}'), "{fault}");
        }
        let zero = put_out("k", json!("a\0b")).unwrap_err();
        assert_eq!(zero.to_string(), "its output `k` has the character U+0000 in it");
        let half = "x".repeat(MOST_OUTPUT / 2);
        assert_eq!(put_out("k", json!(half)), Err(Fault::LargeOutput));
        assert_eq!(put_out("k", json!([half])), Err(Fault::LargeOutput));
        assert!(put_out("k", json!(half[1..])).is_ok());
        assert!(put_out("_a-2", json!({"a": "a\0b"})).is_ok(), "as JSON it is written \\u0000");
    }

    #[test]
    fn foreign_text_in_a_message_is_short_and_harmless() {
        let text = fault(Verb::Execute, &format!("\u{1b}[2J{}\n", "x".repeat(100_000)));
        assert!(text.len() < 400 && !text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn nothing_is_taken_after_a_fault() {
        let mut conversation = Conversation::about(Verb::Execute);
        assert!(conversation.take(b"x\n", |_| {}).is_break());
        let result = format!("{RESULT}\n");
        assert!(conversation.take(result.as_bytes(), |_| panic!()).is_break());
        assert!(conversation.end().is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_and_pieces_change_nothing(
            parts in proptest::collection::vec(prop_oneof![
                Just(RESULT.as_bytes().to_vec()),
                Just(b"\n".to_vec()),
                Just(br#"{"type":"log","message":"a"}"#.to_vec()),
                proptest::collection::vec(any::<u8>(), 0..20),
            ], 0..8),
            cut in 0..400_usize,
        ) {
            let text = parts.concat();
            let whole = {
                let mut conversation = Conversation::about(Verb::Execute);
                let _ = conversation.take(&text, |_| {});
                conversation.end()
            };
            let (first, rest) = text.split_at(cut.min(text.len()));
            let mut conversation = Conversation::about(Verb::Execute);
            let _ = conversation.take(first, |_| {});
            let _ = conversation.take(rest, |_| {});
            prop_assert_eq!(conversation.end(), whole);
        }
    }
}
