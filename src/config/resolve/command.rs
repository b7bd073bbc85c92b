//! Commands of steps: every placeholder filled but those that only a run knows (`{run.id}`, outputs)
//! and secrets, which nothing but the started program gets to know.

use std::collections::BTreeMap;

use crate::config::Config;
use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{
    Command, CommandForm, Effect, Environment, Placeholder, Scope, StepDecl, TableSpec, Template,
};

use super::fill::Fill;

/// Where a command is to run.
#[derive(Debug, Clone, Copy)]
pub struct CommandPlace<'a> {
    /// The environment.
    pub environment: &'a Environment,
    /// The region.
    pub region: &'a str,
    /// The table of its step.
    pub table: Option<&'a TableSpec>,
    /// The value of its chain.
    pub item: Option<&'a str>,
}

impl Config {
    /// The command of a step.
    ///
    /// # Errors
    /// A placeholder without a value here.
    ///
    /// # Panics
    /// For a step that the configuration check refuses.
    pub fn command(
        &self,
        step: &StepDecl,
        form: CommandForm,
        effect: Effect,
        place: CommandPlace<'_>,
    ) -> Result<Command, Diagnostic> {
        let fill = Fill::new(self, place.environment, place.region, None);
        let text = |text: &Spanned<String>| {
            let template = Template::parse(&text.value, Scope::Command);
            let template = template.expect("the configuration check refuses what is malformed");
            fill.command(&template, text.span, place)
        };
        let words = step.command.words.iter().map(|word| match form {
            CommandForm::Words => text(word),
            CommandForm::Text | CommandForm::Plugin => Ok(Template::literal(&word.value)),
        });
        let env = step.command.env.iter();
        let env = env.map(|(name, value)| Ok((name.value.clone(), text(value)?)));
        Ok(Command {
            form,
            words: words.collect::<Result<_, _>>()?,
            env: env.collect::<Result<_, _>>()?,
            credentials: step.command.credentials.is_some(),
            effect,
            interactive: step.command.interactive.is_some(),
            reads: BTreeMap::new(),
            params: Vec::new(),
            undo: Vec::new(),
            rollback: Vec::new(),
            idempotent: false,
            place: step.command.words.first().map(|word| word.span),
        })
    }
}

impl Fill<'_> {
    /// A template of a command.
    pub(super) fn command(
        &self,
        template: &Template,
        span: crate::diagnostic::Span,
        place: CommandPlace<'_>,
    ) -> Result<Template, Diagnostic> {
        let declared = place.table.map(|table| table.declared.as_str());
        let name = place.table.map(|table| &table.name);
        let value = |placeholder: &Placeholder| match placeholder {
            Placeholder::Item => place.item,
            Placeholder::Table => declared,
            other => self.value(other, "", name),
        };
        let filled = template.fill_known(value);
        let secrets = self.secrets();
        let unfilled = filled.placeholders().any(|left| match left {
            Placeholder::Account => true,
            Placeholder::Var(name) => !secrets.contains_key(name),
            _ => false,
        });
        if unfilled { Err(self.no_value(&filled, span)) } else { Ok(filled) }
    }
}
