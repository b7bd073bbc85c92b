//! Filling placeholders.

use crate::config::Config;
use crate::diagnostic::{Diagnostic, Span};
use crate::model::{Environment, Placeholder, Secrets, TableName, Template};

/// The values of one environment.
pub(super) struct Fill<'a> {
    pub(super) environment: &'a Environment,
    config: &'a Config,
    region: &'a str,
    /// What `OSEM_DB_PREFIX` says.
    prefix: Option<&'a str>,
    table_name: Template,
}

impl<'a> Fill<'a> {
    pub(super) fn new(
        config: &'a Config,
        environment: &'a Environment,
        region: &'a str,
        prefix: Option<&'a str>,
    ) -> Self {
        let declared = &config.project.table_name.value;
        let table_name = match prefix {
            Some(prefix) => declared.from_first(&Placeholder::Table).prefixed(prefix),
            None => declared.clone(),
        };
        Self { environment, config, region, prefix, table_name }
    }

    /// The secrets that have a value.
    pub(super) const fn secrets(&self) -> &Secrets {
        self.config.variables.secrets()
    }

    pub(super) const fn template_span(&self) -> Span {
        self.config.project.table_name.span
    }

    /// The full name of a table, not checked.
    pub(super) fn table_name(&self, table: &str) -> Result<String, Diagnostic> {
        let filled = self.table_name.fill(|placeholder| self.value(placeholder, table, None));
        filled.ok_or_else(|| self.no_value(&self.table_name, self.template_span()))
    }

    /// What stands before the first `{table}` of the template.
    pub(super) fn table_prefix(&self) -> String {
        let before = self.table_name.before(&Placeholder::Table);
        before.fill(|placeholder| self.value(placeholder, "", None)).unwrap_or_default()
    }

    /// How often a placeholder stands in the template of table names.
    pub(super) fn uses_of(&self, wanted: &Placeholder) -> usize {
        self.table_name.placeholders().filter(|placeholder| *placeholder == wanted).count()
    }

    /// A remark for the place of the template.
    pub(super) fn origin(&self) -> String {
        self.prefix.map_or_else(
            || "made by this".to_owned(),
            |prefix| format!("OSEM_DB_PREFIX replaces the start of this by `{}`", shown(prefix)),
        )
    }

    /// Any other template of a table.
    pub(super) fn text(
        &self,
        template: &Template,
        span: Span,
        table: &str,
        name: &TableName,
    ) -> Result<String, Diagnostic> {
        let filled = template.fill(|placeholder| self.value(placeholder, table, Some(name)));
        filled.ok_or_else(|| self.no_value(template, span))
    }

    pub(super) fn value<'b>(
        &'b self,
        placeholder: &Placeholder,
        table: &'b str,
        name: Option<&'b TableName>,
    ) -> Option<&'b str> {
        match placeholder {
            Placeholder::Env => Some(&self.environment.name.value),
            Placeholder::Project => Some(&self.config.project.name.value),
            Placeholder::Region => Some(self.region),
            Placeholder::Account => {
                self.environment.account.as_ref().map(|account| account.value.as_str())
            }
            Placeholder::Table => Some(table),
            Placeholder::TableName => name.map(TableName::as_str),
            // A secret has none that may be seen.
            Placeholder::Var(name) => self.config.variables.value(name),
            // Commands alone have these.
            Placeholder::Item | Placeholder::RunId | Placeholder::Out(_) => None,
        }
    }

    /// The error for a template that could not be filled. Only `{account}` and variables can be
    /// without a value: decoding refuses `{table.name}` in `table-name`.
    pub(super) fn no_value(&self, template: &Template, span: Span) -> Diagnostic {
        let variables = &self.config.variables;
        let missing = template.placeholders().find_map(|placeholder| match placeholder {
            Placeholder::Var(name) if !variables.has(name) => Some(name),
            _ => None,
        });
        missing.map_or_else(|| self.no_account(span), |name| variables.no_value(name, span))
    }

    fn no_account(&self, span: Span) -> Diagnostic {
        let environment = &self.environment.name;
        let message = format!("`{{account}}` has no value in `{}`", environment.value);
        Diagnostic::error("osem::placeholder", message)
            .label(span, "used here")
            .label(environment.span, "this environment declares no account")
            .help("add `account` to the environment, or do without {account}")
    }
}

/// Text of any length and kind, for a message.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}
