//! Text with `{placeholders}`.

use std::fmt;

/// A value that a template may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Placeholder {
    /// The environment's name.
    Env,
    /// The project's name.
    Project,
    /// The region.
    Region,
    /// The account declared for the environment.
    Account,
    /// The declared name of a table.
    Table,
    /// The full name of a table.
    TableName,
    /// The value that a chain of `for-each item` is about.
    Item,
    /// The id of the run.
    RunId,
}

impl Placeholder {
    /// Those of names and tags.
    pub const ALL: [Self; 6] =
        [Self::Env, Self::Project, Self::Region, Self::Account, Self::Table, Self::TableName];

    /// Those of commands, which are filled for one step of one run.
    pub const OF_COMMANDS: [Self; 8] = [
        Self::Env,
        Self::Project,
        Self::Region,
        Self::Account,
        Self::Table,
        Self::TableName,
        Self::Item,
        Self::RunId,
    ];

    /// The name between the braces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Env => "env",
            Self::Project => "project",
            Self::Region => "region",
            Self::Account => "account",
            Self::Table => "table",
            Self::TableName => "table.name",
            Self::Item => "item",
            Self::RunId => "run.id",
        }
    }

    fn parse(name: &str, known: &[Self]) -> Option<Self> {
        known.iter().copied().find(|placeholder| placeholder.name() == name)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder(Placeholder),
}

/// Text with `{placeholders}`; `{{` and `}}` stand for braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

/// Why a text is not a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A `{` without its `}`.
    #[error("`{{` is never closed; write `{{{{` for a literal brace")]
    Unclosed,
    /// A `}` on its own.
    #[error("`}}` was never opened; write `}}}}` for a literal brace")]
    Unopened,
    /// A name that is none of the placeholders.
    #[error("unknown placeholder `{{{0}}}`")]
    Unknown(String),
    /// A placeholder of the language that this version does not fill.
    #[error("`{{{0}}}` is not supported yet")]
    NotYet(String),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// The first place that is not well formed.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        Self::of(text, &Placeholder::ALL)
    }

    /// Reads a template of a command.
    ///
    /// # Errors
    /// The first place that is not well formed.
    pub fn parse_command(text: &str) -> Result<Self, TemplateError> {
        Self::of(text, &Placeholder::OF_COMMANDS).map_err(|error| match error {
            TemplateError::Unknown(name) if is_later(&name) => TemplateError::NotYet(name),
            error => error,
        })
    }

    fn of(text: &str, known: &[Placeholder]) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let brace = &rest[at..];
            if brace.starts_with("{{") || brace.starts_with("}}") {
                literal.push_str(&brace[..1]);
                rest = &brace[2..];
                continue;
            }
            if brace.starts_with('}') {
                return Err(TemplateError::Unopened);
            }
            let end = brace.find('}').ok_or(TemplateError::Unclosed)?;
            let name = &brace[1..end];
            let placeholder = Placeholder::parse(name, known)
                .ok_or_else(|| TemplateError::Unknown(name.to_owned()))?;
            if !literal.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut literal)));
            }
            parts.push(Part::Placeholder(placeholder));
            rest = &brace[end + 1..];
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Self(parts))
    }

    /// The placeholders it names.
    pub fn placeholders(&self) -> impl Iterator<Item = Placeholder> {
        self.0.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Placeholder(placeholder) => Some(*placeholder),
        })
    }

    /// The text with each placeholder replaced; `None` when `value` has none for one of them.
    pub fn fill<'a>(&self, value: impl Fn(Placeholder) -> Option<&'a str>) -> Option<String> {
        self.0.iter().try_fold(String::new(), |text, part| match part {
            Part::Text(literal) => Some(text + literal),
            Part::Placeholder(placeholder) => value(*placeholder).map(|value| text + value),
        })
    }

    /// The template with each placeholder replaced that `value` has something for; the others stay.
    #[must_use]
    pub fn fill_known<'a>(&self, value: impl Fn(Placeholder) -> Option<&'a str>) -> Self {
        let fill = |part: &Part| match part {
            Part::Placeholder(placeholder) => value(*placeholder)
                .map_or_else(|| part.clone(), |value| Part::Text(value.to_owned())),
            Part::Text(_) => part.clone(),
        };
        Self(self.0.iter().map(fill).collect())
    }

    /// Text without placeholders.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        Self(vec![Part::Text(text.to_owned())])
    }

    /// The text for people: literal braces as they are, placeholders in braces.
    #[must_use]
    pub fn shown(&self) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Placeholder(placeholder) => format!("{{{}}}", placeholder.name()),
        };
        self.0.iter().map(part).collect()
    }

    /// The template up to the first use of a placeholder.
    #[must_use]
    pub fn before(&self, wanted: Placeholder) -> Self {
        let is_other = |part: &&Part| **part != Part::Placeholder(wanted);
        Self(self.0.iter().take_while(is_other).cloned().collect())
    }

    /// The template that follows the first use of a placeholder, that use included.
    #[must_use]
    pub fn from_first(&self, wanted: Placeholder) -> Self {
        let start = self.0.iter().position(|part| *part == Part::Placeholder(wanted));
        Self(start.map_or_else(Vec::new, |start| self.0[start..].to_vec()))
    }

    /// The template with `text` before it.
    #[must_use]
    pub fn prefixed(mut self, text: &str) -> Self {
        self.0.insert(0, Part::Text(text.to_owned()));
        self
    }
}

/// Whether a later version fills it.
fn is_later(name: &str) -> bool {
    ["out.", "var.", "param."].iter().any(|start| name.starts_with(start))
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            match part {
                Part::Text(text) => f.write_str(&text.replace('{', "{{").replace('}', "}}"))?,
                Part::Placeholder(placeholder) => write!(f, "{{{}}}", placeholder.name())?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(placeholder: Placeholder) -> Option<&'static str> {
        (placeholder != Placeholder::Account).then(|| placeholder.name())
    }

    #[test]
    fn placeholders_are_filled_and_double_braces_are_literal() {
        let template = Template::parse("a-{env}-{{x}}-{table.name}").unwrap();
        assert_eq!(template.fill(value).unwrap(), "a-env-{x}-table.name");
    }

    #[test]
    fn a_placeholder_without_a_value_gives_nothing() {
        assert_eq!(Template::parse("{account}").unwrap().fill(value), None);
    }

    #[test]
    fn broken_templates_say_what_is_broken() {
        assert_eq!(Template::parse("{env"), Err(TemplateError::Unclosed));
        assert_eq!(Template::parse("env}"), Err(TemplateError::Unopened));
        assert_eq!(Template::parse("{x}"), Err(TemplateError::Unknown("x".to_owned())));
    }

    proptest! {
        #[test]
        fn printing_and_reading_again_gives_the_same(text in "[a{}.nv-]{0,12}") {
            if let Ok(template) = Template::parse(&text) {
                prop_assert_eq!(Template::parse(&template.to_string()).unwrap(), template);
            }
        }
    }
}
