//! A step of the `rollback` of another one, as a record keeps it.
//!
//! It has all that it takes to run it, so that `osem rollback RUN` does not need the files. Only what
//! may not be written down, and what was not known yet, is still named in its texts.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{Effect, Placeholder, RetryPolicy, Scope, Template, quoted};

use super::super::{StepContext, StepError, command};
use super::{Undo, Undone};

/// A step of a `rollback`. Its texts are templates: a secret is named in them, and so is what the step
/// itself did not put out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UndoStep {
    /// Its place in the block, from 0.
    pub part: usize,
    /// What messages call it.
    pub name: String,
    /// Whether its program speaks the plugin protocol.
    pub plugin: bool,
    /// Whether doing it twice is the same as doing it once, as far as its kind says so.
    pub idempotent: bool,
    /// The program and its arguments.
    pub words: Vec<String>,
    /// The variables that it gets beside those that every program gets.
    pub env: BTreeMap<String, String>,
    /// The parameters, for a plugin.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub params: Map<String, Value>,
    /// Whether it is given the environment's credentials.
    pub credentials: bool,
    /// What it may do.
    pub effect: Effect,
    /// The full name of the table of the step that is undone.
    pub table_name: Option<String>,
    /// How it is tried again.
    pub retry: RetryPolicy,
    /// The time for all attempts together.
    pub timeout: Duration,
    /// The time for one attempt.
    pub attempt_timeout: Option<Duration>,
}

impl UndoStep {
    /// One line for people.
    pub(super) fn describe(&self) -> String {
        let shown = |text: &String| match Template::parse(text, Scope::Command) {
            Ok(template) => quoted(&template.shown()),
            Err(_) => quoted(text),
        };
        let words: Vec<String> = self.words.iter().map(shown).collect();
        format!("run {}", words.join(" "))
    }

    /// Whether it names nothing that was not put out.
    fn is_complete(&self) -> bool {
        let params = self.params.values().filter_map(Value::as_str);
        let texts = self.words.iter().chain(self.env.values()).map(String::as_str);
        texts.chain(params).all(|text| missing_output(text).is_none())
    }

    /// Runs it.
    ///
    /// # Errors
    /// What kept it from succeeding, with its name in front.
    pub(super) async fn carry_out(&self, cx: &StepContext) -> Result<Undone, StepError> {
        let Self { name, effect, .. } = self;
        if *effect == Effect::Destroy && !cx.facts.allow_destroy {
            let environment = &cx.facts.environment;
            let why = format!("environment `{environment}` does not allow to {}", self.describe());
            return Ok(Undone::Stands(why));
        }
        cx.progress(format!("rolls back: {name}"));
        match command::undo::run_step(cx, self).await {
            Ok(None) => Ok(Undone::Gone(format!("{name} ran"))),
            Ok(Some(message)) => Ok(Undone::Gone(format!("{name}: {message}"))),
            Err(mut error) => {
                error.failure.message = format!("{name}: {}", error.failure.message);
                Err(error)
            }
        }
    }
}

impl Undo {
    /// Takes in how what a further attempt of a step did is taken back. The steps of a `rollback` are
    /// there once, whatever the number of attempts: those of the last one, unless only those of an
    /// earlier one name nothing but what was put out.
    pub fn gather(all: &mut Vec<Self>, further: Vec<Self>) {
        let steps = |undos: &[Self]| undos.iter().any(|undo| matches!(undo, Self::Step(_)));
        let complete = |undos: &[Self]| {
            undos.iter().all(|undo| !matches!(undo, Self::Step(step) if !step.is_complete()))
        };
        if steps(&further) && steps(all) {
            if complete(all) && !complete(&further) {
                return;
            }
            all.retain(|undo| !matches!(undo, Self::Step(_)));
        }
        all.extend(further);
    }
}

/// The first output that a recorded text still names: its step ended before it put that out.
pub(in crate::step) fn missing_output(text: &str) -> Option<String> {
    let template = Template::parse(text, Scope::Command).ok()?;
    let missing = template.placeholders().find(|it| matches!(it, Placeholder::Out(_)));
    missing.map(|placeholder| format!("{{{placeholder}}}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(part: usize, word: &str) -> Undo {
        Undo::Step(Box::new(UndoStep {
            part,
            name: "drop".to_owned(),
            plugin: false,
            idempotent: false,
            words: vec!["drop".to_owned(), word.to_owned()],
            env: BTreeMap::new(),
            params: Map::new(),
            credentials: false,
            effect: Effect::Write,
            table_name: None,
            retry: RetryPolicy::default(),
            timeout: Duration::from_secs(1),
            attempt_timeout: None,
        }))
    }

    fn gathered(attempts: &[&[Undo]]) -> Vec<Undo> {
        let mut all = Vec::new();
        for attempt in attempts {
            Undo::gather(&mut all, attempt.to_vec());
        }
        all
    }

    #[test]
    fn the_steps_of_the_last_attempt_count_unless_they_miss_what_an_earlier_one_put_out() {
        let (first, second) = ([step(1, "a"), step(0, "1")], [step(1, "a"), step(0, "2")]);
        let missing = [step(1, "a"), step(0, "{out.make.id}")];
        assert_eq!(gathered(&[&first, &second]), second);
        assert_eq!(gathered(&[&first, &missing]), first);
        assert_eq!(gathered(&[&missing, &first]), first);
        assert_eq!(gathered(&[&missing, &missing]), missing);
        assert_eq!(gathered(&[&first, &[]]), first);
    }

    #[test]
    fn what_it_runs_is_shown_as_a_shell_takes_it_with_what_is_not_known_in_braces() {
        let shown = |word: &str| step(0, word).describe();
        assert_eq!(shown("a b"), "run drop 'a b'");
        assert_eq!(shown("{{}}"), "run drop {}");
        assert_eq!(shown("{out.make.id}"), "run drop {out.make.id}");
    }

    #[test]
    fn a_step_is_read_as_it_was_written() {
        let undo = step(3, "{{x}}");
        let text = serde_json::to_string(&undo).unwrap();
        assert!(text.starts_with("{\"undo\":\"step\",\"part\":3,"), "{text}");
        assert_eq!(serde_json::from_str::<Undo>(&text).unwrap(), undo);
    }
}
