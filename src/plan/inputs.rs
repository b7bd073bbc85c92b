//! The inputs of a step with everything in them resolved.

use std::path::PathBuf;

use crate::config::{Config, Variables};
use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{
    Environment, InputValue, Inputs, KindSpec, ParamType, Placeholder, Scope, TableSpec, Template,
};

/// Where a step is planned.
#[derive(Clone, Copy)]
pub(super) struct Where<'a> {
    pub(super) config: &'a Config,
    pub(super) environment: &'a Environment,
    pub(super) region: &'a str,
    pub(super) table: Option<&'a TableSpec>,
}

impl Where<'_> {
    /// The inputs with paths filled, relative to the project's folder where they are in there. The
    /// configuration check has found what has no value, but for steps that an environment leaves
    /// out: there, a text stays as it is.
    pub(super) fn resolve(self, kind: &KindSpec, inputs: &Inputs) -> Inputs {
        let resolved = |(name, input): (&String, &Spanned<InputValue>)| {
            let path = is_path(kind, name).then(|| self.path(input)).flatten();
            let value = path.map_or_else(
                || input.value.clone(),
                |path| InputValue::Text(path.display().to_string()),
            );
            (name.clone(), Spanned::new(value, input.span))
        };
        inputs.iter().map(resolved).collect()
    }

    fn path(self, input: &Spanned<InputValue>) -> Option<PathBuf> {
        let filled = Template::parse(input.value.text()?, Scope::Settings)
            .ok()?
            .fill(|placeholder| self.value(placeholder))?;
        Some(self.config.path_in(input.span.file, &filled))
    }

    fn value<'b>(&'b self, placeholder: &Placeholder) -> Option<&'b str> {
        let account = self.environment.account.as_ref();
        match placeholder {
            Placeholder::Env => Some(&self.environment.name.value),
            Placeholder::Project => Some(&self.config.project.name.value),
            Placeholder::Region => Some(self.region),
            Placeholder::Account => account.map(|account| account.value.as_str()),
            Placeholder::Table => self.table.map(|table| table.declared.as_str()),
            Placeholder::TableName => self.table.map(|table| table.name.as_str()),
            Placeholder::Var(name) => self.config.variables.value(name),
            // Those of commands.
            Placeholder::Item | Placeholder::RunId | Placeholder::Out(_) => None,
        }
    }
}

/// The error for an input that names a variable without a value.
pub(super) fn missing_value(
    variables: &Variables,
    kind: &KindSpec,
    inputs: &Inputs,
) -> Option<Diagnostic> {
    let paths = inputs.iter().filter(|(name, _)| is_path(kind, name));
    paths.into_iter().find_map(|(_, input)| {
        let template = Template::parse(input.value.text()?, Scope::Settings).ok()?;
        let missing = template.placeholders().find_map(|placeholder| match placeholder {
            Placeholder::Var(name) if !variables.has(name) => Some(name),
            _ => None,
        });
        missing.map(|name| variables.no_value(name, input.span))
    })
}

fn is_path(kind: &KindSpec, name: &str) -> bool {
    let mut params = kind.params.iter();
    params.any(|param| param.name == name && matches!(param.ty, ParamType::Path))
}
