//! Text with `{placeholders}`.

use std::fmt;

/// A value that a template may name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// A variable, by its name.
    Var(String),
    /// What an earlier step put out.
    Out(OutputName),
}

/// An output as a template names it: `{out.STEP.KEY}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutputName {
    /// The step, as written: `create-table`, `create-table[Users]`, `setup/create-table[Users]`.
    pub step: String,
    /// The key, which has no dot in it.
    pub key: String,
}

/// Where a template stands, which decides what it may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Names, tags and inputs: what is known before a run.
    Settings,
    /// Commands, which are filled for one step of one run.
    Command,
}

impl Scope {
    /// The placeholders that have no name of their own inside.
    const fn fixed(self) -> &'static [Placeholder] {
        use Placeholder::{Account, Env, Item, Project, Region, RunId, Table, TableName};
        match self {
            Self::Settings => &[Env, Project, Region, Account, Table, TableName],
            Self::Command => &[Env, Project, Region, Account, Table, TableName, Item, RunId],
        }
    }

    /// What may stand between the braces, for suggestions.
    #[must_use]
    pub fn known(self) -> Vec<&'static str> {
        let families: &[&str] = match self {
            Self::Settings => &["var.NAME"],
            Self::Command => &["var.NAME", "out.STEP.KEY"],
        };
        self.fixed().iter().filter_map(Placeholder::word).chain(families.iter().copied()).collect()
    }
}

impl Placeholder {
    /// What stands between the braces, where that is one word of the language.
    const fn word(&self) -> Option<&'static str> {
        Some(match self {
            Self::Env => "env",
            Self::Project => "project",
            Self::Region => "region",
            Self::Account => "account",
            Self::Table => "table",
            Self::TableName => "table.name",
            Self::Item => "item",
            Self::RunId => "run.id",
            Self::Var(_) | Self::Out(_) => return None,
        })
    }

    fn parse(name: &str, scope: Scope) -> Option<Self> {
        let fixed = scope.fixed().iter().find(|placeholder| placeholder.word() == Some(name));
        if let Some(fixed) = fixed {
            return Some(fixed.clone());
        }
        match name.split_once('.')? {
            ("var", variable) if !variable.is_empty() => Some(Self::Var(variable.to_owned())),
            ("out", output) if scope == Scope::Command => OutputName::parse(output).map(Self::Out),
            _ => None,
        }
    }
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Var(name) => write!(f, "var.{name}"),
            Self::Out(OutputName { step, key }) => write!(f, "out.{step}.{key}"),
            fixed => f.write_str(fixed.word().unwrap_or_default()),
        }
    }
}

impl OutputName {
    /// Reads `STEP.KEY`: a step may have dots in its name, a key has none.
    fn parse(text: &str) -> Option<Self> {
        let (step, key) = text.rsplit_once('.')?;
        let is_whole = !step.is_empty() && is_output_key(key);
        is_whole.then(|| Self { step: step.to_owned(), key: key.to_owned() })
    }
}

/// Whether a text can be the key of an output: letters, digits, `_` and `-`, none of the last three
/// in front.
#[must_use]
pub fn is_output_key(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder(Placeholder),
}

impl Part {
    fn is(&self, wanted: &Placeholder) -> bool {
        matches!(self, Self::Placeholder(placeholder) if placeholder == wanted)
    }
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
    /// A placeholder that only texts of a `step-kind` have.
    #[error("`{{{0}}}` has a value only in a step-kind that declares this parameter")]
    OnlyInKinds(String),
    /// A placeholder that only commands have.
    #[error("`{{{0}}}` has a value only while steps run: only commands can name it")]
    OnlyInCommands(String),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// The first place that is not well formed, and what cannot be named where it stands.
    pub fn parse(text: &str, scope: Scope) -> Result<Self, TemplateError> {
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
            let placeholder =
                Placeholder::parse(name, scope).ok_or_else(|| unknown(name, scope))?;
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
    pub fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        self.0.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Placeholder(placeholder) => Some(placeholder),
        })
    }

    /// The text with each placeholder replaced; `None` when `value` has none for one of them.
    pub fn fill<'a>(&self, value: impl Fn(&Placeholder) -> Option<&'a str>) -> Option<String> {
        self.0.iter().try_fold(String::new(), |text, part| match part {
            Part::Text(literal) => Some(text + literal),
            Part::Placeholder(placeholder) => value(placeholder).map(|value| text + value),
        })
    }

    /// The template with each placeholder replaced that `value` has something for; the others stay.
    #[must_use]
    pub fn fill_known<'a>(&self, value: impl Fn(&Placeholder) -> Option<&'a str>) -> Self {
        let fill = |part: &Part| match part {
            Part::Placeholder(placeholder) => value(placeholder)
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
            Part::Placeholder(placeholder) => format!("{{{placeholder}}}"),
        };
        self.0.iter().map(part).collect()
    }

    /// The template up to the first use of a placeholder.
    #[must_use]
    pub fn before(&self, wanted: &Placeholder) -> Self {
        let is_other = |part: &&Part| !part.is(wanted);
        Self(self.0.iter().take_while(is_other).cloned().collect())
    }

    /// The template that follows the first use of a placeholder, that use included.
    #[must_use]
    pub fn from_first(&self, wanted: &Placeholder) -> Self {
        let start = self.0.iter().position(|part| part.is(wanted));
        Self(start.map_or_else(Vec::new, |start| self.0[start..].to_vec()))
    }

    /// The template with `text` before it.
    #[must_use]
    pub fn prefixed(mut self, text: &str) -> Self {
        self.0.insert(0, Part::Text(text.to_owned()));
        self
    }
}

/// The error for a name that means nothing here.
fn unknown(name: &str, scope: Scope) -> TemplateError {
    let name = name.to_owned();
    if name.starts_with("param.") {
        TemplateError::OnlyInKinds(name)
    } else if scope != Scope::Command && Placeholder::parse(&name, Scope::Command).is_some() {
        TemplateError::OnlyInCommands(name)
    } else {
        TemplateError::Unknown(name)
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            match part {
                Part::Text(text) => f.write_str(&text.replace('{', "{{").replace('}', "}}"))?,
                Part::Placeholder(placeholder) => write!(f, "{{{placeholder}}}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Template, TemplateError> {
        Template::parse(text, Scope::Settings)
    }

    #[test]
    fn placeholders_are_filled_and_double_braces_are_literal() {
        let template = parse("a-{env}-{{x}}-{table.name}").unwrap();
        let filled = template.fill(|placeholder| match placeholder {
            Placeholder::Env => Some("env"),
            _ => Some("table.name"),
        });
        assert_eq!(filled.unwrap(), "a-env-{x}-table.name");
    }

    #[test]
    fn a_placeholder_without_a_value_gives_nothing() {
        let value =
            |placeholder: &Placeholder| (*placeholder != Placeholder::Account).then_some("a value");
        assert_eq!(parse("{account}").unwrap().fill(value), None);
        assert_eq!(parse("{env}").unwrap().fill(value).unwrap(), "a value");
    }

    #[test]
    fn broken_templates_say_what_is_broken() {
        assert_eq!(parse("{env"), Err(TemplateError::Unclosed));
        assert_eq!(parse("env}"), Err(TemplateError::Unopened));
        assert_eq!(parse("{x}"), Err(TemplateError::Unknown("x".to_owned())));
        assert_eq!(parse("{var.}"), Err(TemplateError::Unknown("var.".to_owned())));
    }

    #[test]
    fn what_only_a_run_knows_can_be_named_by_commands_alone() {
        for text in ["{run.id}", "{item}", "{out.create-table.arn}"] {
            assert!(matches!(parse(text), Err(TemplateError::OnlyInCommands(_))), "{text}");
            assert!(Template::parse(text, Scope::Command).is_ok(), "{text}");
        }
    }

    #[test]
    fn an_output_is_named_by_a_step_that_may_have_dots_and_a_key_that_has_none() {
        let output = |text: &str| match Placeholder::parse(text, Scope::Command) {
            Some(Placeholder::Out(name)) => Some((name.step, name.key)),
            _ => None,
        };
        let named = |step: &str, key: &str| Some((step.to_owned(), key.to_owned()));
        assert_eq!(output("out.create-table[a.b].arn"), named("create-table[a.b]", "arn"));
        assert_eq!(output("out.setup/exec.stream-arn"), named("setup/exec", "stream-arn"));
        for wrong in ["out.arn", "out..arn", "out.step.", "out.step.a b", "out.step.1"] {
            assert_eq!(output(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn printing_and_reading_again_gives_the_same(text in "(\\{(env|var\\.a-b|out\\.a\\[b\\]\\.c)\\}|[a{}.nv-]){0,8}") {
            if let Ok(template) = Template::parse(&text, Scope::Command) {
                let again = Template::parse(&template.to_string(), Scope::Command);
                prop_assert_eq!(again.unwrap(), template);
            }
        }
    }
}
