//! Commands of steps whose kind the files declare: parameters have their values in them.

use std::collections::BTreeMap;

use crate::config::Config;
use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{
    Command, CommandForm, InputValue, KindDecl, KindProgram, ParamDecl, ParamType, ParamValue,
    Scope, StepDecl, TableSpec, Template, fill_params, without_placeholders,
};

use super::CommandPlace;
use super::fill::Fill;

/// The full names of tables, by their declared ones.
type Names<'t> = BTreeMap<&'t str, &'t str>;

/// What a parameter is in one step.
struct Given {
    /// Where a text names it: the text of a template.
    text: String,
    /// Where a program is given it.
    value: ParamValue,
}

impl Config {
    /// The command of a step whose kind the files declare. `tables` are those of the environment.
    ///
    /// # Errors
    /// A placeholder without a value here, or a table that the environment leaves out.
    ///
    /// # Panics
    /// For a step that the configuration check refuses.
    pub fn kind_command<'t>(
        &self,
        step: &StepDecl,
        kind: &KindDecl,
        place: CommandPlace<'_>,
        tables: impl Iterator<Item = &'t TableSpec> + Clone,
    ) -> Result<Command, Diagnostic> {
        let fill = Fill::new(self, place.environment, place.region, None);
        let names: Names<'_> =
            tables.map(|table| (table.declared.as_str(), table.name.as_str())).collect();
        let given = self.all_given(step, kind, &fill, place, &names)?;
        let value = |name: &str| value(name, &given, place.table, &names);
        let text = |text: &Spanned<String>| {
            fill.command(&parsed(&fill_params(&text.value, value)), text.span, place)
        };
        let texts = |texts: &[Spanned<String>]| texts.iter().map(text).collect::<Result<_, _>>();
        let (form, words, first) = match &kind.program {
            KindProgram::Exec(words) => (CommandForm::Words, texts(words)?, words.first()),
            KindProgram::Plugin(program) => {
                (CommandForm::Plugin, vec![Template::literal(&program.value)], Some(program))
            }
        };
        let env = kind.env.iter().chain(&step.command.env);
        let env = env.map(|(name, value)| Ok((name.value.clone(), text(value)?)));
        Ok(Command {
            form,
            words,
            env: env.collect::<Result<_, _>>()?,
            credentials: kind.credentials,
            effect: kind.effect,
            interactive: step.command.interactive.is_some(),
            undo: texts(kind.undo.as_deref().unwrap_or_default())?,
            rollback: Vec::new(),
            idempotent: kind.idempotent,
            place: first.map(|word| word.span),
            params: given.into_iter().map(|(name, of)| (name.to_owned(), of.value)).collect(),
            reads: BTreeMap::new(),
        })
    }

    /// All parameters that have a value.
    fn all_given<'k>(
        &self,
        step: &StepDecl,
        kind: &'k KindDecl,
        fill: &Fill<'_>,
        place: CommandPlace<'_>,
        names: &Names<'_>,
    ) -> Result<BTreeMap<&'k str, Given>, Diagnostic> {
        let mut given = BTreeMap::new();
        for param in kind.params.iter().filter(|param| param.name.value != ParamDecl::TABLE) {
            let input = step.inputs.get(&param.name.value).or(param.default.as_ref());
            if let Some(input) = input {
                let found = self.given(param, input, fill, place, names)?;
                given.insert(param.name.value.as_str(), found);
            }
        }
        Ok(given)
    }

    /// What a parameter is, from the input of a step or the default of the parameter.
    fn given(
        &self,
        param: &ParamDecl,
        input: &Spanned<InputValue>,
        fill: &Fill<'_>,
        place: CommandPlace<'_>,
        names: &Names<'_>,
    ) -> Result<Given, Diagnostic> {
        let shown = input.value.to_string();
        let literal = |text: &str| Given {
            text: without_placeholders(text),
            value: ParamValue::Text(Template::literal(text)),
        };
        Ok(match (&param.ty, &input.value) {
            (_, InputValue::Int(number)) => {
                Given { text: shown, value: ParamValue::Number(*number) }
            }
            (_, InputValue::Bool(on)) => Given { text: shown, value: ParamValue::Bool(*on) },
            (ParamType::Text, InputValue::Text(text)) => {
                let filled = fill.command(&parsed(text), input.span, place)?;
                let value = if param.secret {
                    ParamValue::Secret(filled)
                } else {
                    ParamValue::Text(filled)
                };
                Given { text: text.clone(), value }
            }
            (ParamType::Duration { .. }, InputValue::Text(text)) => {
                let time = humantime::parse_duration(text).unwrap_or_default();
                let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
                Given { value: ParamValue::Number(millis), ..literal(text) }
            }
            (ParamType::Path, InputValue::Text(text)) => {
                let filled = fill.command(&parsed(text), input.span, place)?;
                let filled = filled.fill(|_| None).unwrap_or_default();
                literal(&self.path_in(input.span.file, &filled).display().to_string())
            }
            (ParamType::Table, InputValue::Text(text)) => {
                if !names.contains_key(text.as_str()) {
                    let here = &place.environment.name.value;
                    let message = format!("environment `{here}` has no table `{text}`");
                    let problem = Diagnostic::error("osem::unknown-name", message);
                    let problem = problem.label(input.span, "");
                    return Err(problem.help(format!("add: except-in {here}")));
                }
                literal(text)
            }
            (_, InputValue::Text(text)) => literal(text),
        })
    }
}

/// What `{param.NAME}` and `{param.NAME.name}` stand for.
fn value(
    name: &str,
    given: &BTreeMap<&str, Given>,
    table: Option<&TableSpec>,
    names: &Names<'_>,
) -> Option<String> {
    match (name, name.strip_suffix(".name")) {
        (ParamDecl::TABLE, _) => table.map(|table| table.declared.clone()),
        (_, Some(ParamDecl::TABLE)) => table.map(|table| table.name.to_string()),
        (_, Some(of)) => {
            let declared = given.get(of)?.text.as_str();
            names.get(declared).map(|name| (*name).to_owned())
        }
        (name, None) => given.get(name).map(|given| given.text.clone()),
    }
}

fn parsed(text: &str) -> Template {
    Template::parse(text, Scope::Command)
        .expect("the configuration check refuses what is malformed")
}
