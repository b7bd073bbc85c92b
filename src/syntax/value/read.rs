//! Reading a value as one of the types. Each function explains itself when the value does not fit.

use std::path::PathBuf;
use std::time::Duration;

use kdl::KdlValue;

use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{InputValue, KeyAttribute, ScalarType, Scope, TagDecl, Template, TemplateError};

use super::Value;

const TYPE: &str = "osem::type";

/// A bound of [`Value::number`] as the number that it is.
pub(super) fn in_thousandths(bound: u32) -> f64 {
    f64::from(bound) / 1000.0
}

impl<'a> Value<'a> {
    pub(super) fn must_be(&self, what: &str, expected: &str) -> Diagnostic {
        self.problem(TYPE, format!("{what} must be {expected}"))
    }

    /// Any text.
    ///
    /// # Errors
    /// For numbers, booleans and `#null`.
    pub fn string(&self, what: &str) -> Result<Spanned<&'a str>, Diagnostic> {
        let text = self.text().map(|text| Spanned::new(text, self.span()));
        text.ok_or_else(|| {
            let written = self.written().trim_start_matches('#');
            self.must_be(what, "text").help(format!("write: \"{written}\""))
        })
    }

    /// The value of an input, whatever the input takes.
    ///
    /// # Errors
    /// For decimals and `#null`, which no input takes, and for numbers of more than 64 bits.
    pub fn input(&self, what: &str) -> Result<Spanned<InputValue>, Diagnostic> {
        let value = match self.kdl() {
            KdlValue::Bool(on) => InputValue::Bool(*on),
            KdlValue::Integer(_) => InputValue::Int(self.whole_number(what)?),
            KdlValue::String(_) | KdlValue::Float(_) | KdlValue::Null => {
                InputValue::Text(self.string(what)?.value.to_owned())
            }
        };
        Ok(Spanned::new(value, self.span()))
    }

    /// A whole number, which may be less than nothing.
    ///
    /// # Errors
    /// For anything else, and for numbers of more than 64 bits.
    pub fn whole_number(&self, what: &str) -> Result<i64, Diagnostic> {
        let number = self.kdl().as_integer().and_then(|number| i64::try_from(number).ok());
        number.ok_or_else(|| self.must_be(what, "a whole number of at most 64 bits"))
    }

    /// A name: letters, digits, `_`, `.` and `-`.
    ///
    /// # Errors
    /// For anything else.
    pub fn name(&self, what: &str) -> Result<Spanned<String>, Diagnostic> {
        let text = self.string(what)?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        let starts = text.value.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        if starts && text.value.chars().all(allowed) && text.value.len() <= 255 {
            return Ok(text.map(str::to_owned));
        }
        let help =
            "a name has letters, digits, `_`, `.` and `-`, and starts with a letter or digit";
        Err(self.must_be(what, "a name").help(help))
    }

    /// A name in lower case.
    ///
    /// # Errors
    /// For anything but `[a-z][a-z0-9-]*`.
    pub fn lower_name(&self, what: &str) -> Result<Spanned<String>, Diagnostic> {
        let text = self.string(what)?;
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let starts = text.value.starts_with(|c: char| c.is_ascii_lowercase());
        if starts && text.value.chars().all(allowed) && text.value.len() <= 255 {
            return Ok(text.map(str::to_owned));
        }
        let help = "it has lower-case letters, digits and `-`, and starts with a letter";
        Err(self.must_be(what, "a name in lower case").help(help))
    }

    /// An attribute's name: 1 to 255 bytes, as the service wants for keys.
    ///
    /// # Errors
    /// For other lengths.
    pub fn attribute_name(&self, what: &str) -> Result<Spanned<String>, Diagnostic> {
        let text = self.string(what)?;
        if (1..=255).contains(&text.value.len()) {
            return Ok(text.map(str::to_owned));
        }
        Err(self.must_be(what, "an attribute name of 1 to 255 bytes"))
    }

    /// A key attribute; its type is `S` where no annotation says otherwise.
    ///
    /// # Errors
    /// For a bad name or another annotation than `(S)`, `(N)`, `(B)`.
    pub fn key_attribute(&self, what: &str) -> Result<Spanned<KeyAttribute>, Diagnostic> {
        let name = self.attribute_name(what)?;
        let ty = match self.annotation() {
            None => ScalarType::S,
            Some((ty, span)) => ScalarType::parse(ty).ok_or_else(|| {
                Diagnostic::error(TYPE, format!("`{ty}` is not a type of keys"))
                    .label(span, "")
                    .help("keys are (S) text, (N) numbers or (B) binary")
            })?,
        };
        Ok(name.map(|name| KeyAttribute { name, ty }))
    }

    /// Text with placeholders.
    ///
    /// # Errors
    /// For placeholders that are unknown or not closed.
    pub fn template(&self, what: &str) -> Result<Spanned<Template>, Diagnostic> {
        let text = self.string(what)?;
        let template = Template::parse(text.value, Scope::Settings).map_err(|error| {
            let problem = self.problem("osem::placeholder", error.to_string());
            match error {
                TemplateError::Unknown(name) => problem.suggest(&name, Scope::Settings.known()),
                _ => problem,
            }
        })?;
        Ok(Spanned::new(template, text.span))
    }

    /// The value of a tag: text with placeholders, or `#false`.
    ///
    /// # Errors
    /// For anything else.
    pub fn tag_value(&self, what: &str) -> Result<Spanned<TagDecl>, Diagnostic> {
        if let KdlValue::Bool(false) = self.kdl() {
            return Ok(Spanned::new(TagDecl::Absent, self.span()));
        }
        self.template(what).map(|template| template.map(TagDecl::Value))
    }

    /// A span of time.
    ///
    /// # Errors
    /// Without a unit, or out of bounds.
    pub fn duration(
        &self,
        what: &str,
        min: Duration,
        max: Duration,
    ) -> Result<Duration, Diagnostic> {
        let written = self.text().unwrap_or_else(|| self.written());
        if !written.is_empty() && written.chars().all(|c| c.is_ascii_digit()) {
            let help = format!("write: \"{written}s\" for seconds, \"{written}m\" for minutes");
            return Err(self.must_be(what, "a duration with a unit").help(help));
        }
        let text = self.text().ok_or_else(|| self.must_be(what, "a duration"));
        let example = "examples: \"500ms\", \"30s\", \"5m\", \"1h 30m\"";
        let text = text.map_err(|problem| problem.help(example))?;
        let duration = humantime::parse_duration(text)
            .map_err(|_| self.must_be(what, "a duration").help(example))?;
        if duration < min || duration > max {
            let shown = humantime::format_duration;
            let expected = if min.is_zero() {
                format!("at most {}", shown(max))
            } else {
                format!("{} to {}", shown(min), shown(max))
            };
            return Err(self.must_be(what, &expected));
        }
        Ok(duration)
    }

    /// A whole number.
    ///
    /// # Errors
    /// For anything else, or out of bounds.
    pub fn int(&self, what: &str, min: u64, max: u64) -> Result<u64, Diagnostic> {
        let number = self.kdl().as_integer().and_then(|number| u64::try_from(number).ok());
        number.filter(|number| (min..=max).contains(number)).ok_or_else(|| {
            let expected = if min == max {
                format!("{min}")
            } else if max == u64::MAX {
                format!("a whole number, at least {min}")
            } else {
                format!("a whole number from {min} to {max}")
            };
            let problem = self.must_be(what, &expected);
            let unquoted = self.text().filter(|text| text.parse::<u64>().is_ok());
            match unquoted {
                Some(text) => problem.help(format!("numbers are not quoted; write: {text}")),
                None => problem,
            }
        })
    }

    /// A number, decimals allowed; the bounds are in thousandths.
    ///
    /// # Errors
    /// For anything else, or out of bounds.
    pub fn number(&self, what: &str, min: u32, max: u32) -> Result<f64, Diagnostic> {
        let (min, max) = (in_thousandths(min), in_thousandths(max));
        let number = match self.kdl() {
            KdlValue::Float(number) => Some(*number),
            KdlValue::Integer(number) => u32::try_from(*number).ok().map(f64::from),
            _ => None,
        };
        number.filter(|number| (min..=max).contains(number)).ok_or_else(|| {
            let problem = self.must_be(what, &format!("a number from {min} to {max}"));
            match self.text().filter(|text| text.parse::<f64>().is_ok_and(f64::is_finite)) {
                Some(text) => problem.help(format!("numbers are not quoted; write: {text}")),
                None => problem,
            }
        })
    }

    /// One of some words. Words in `later` are refused as not supported yet.
    ///
    /// # Errors
    /// For any other word.
    pub fn word(
        &self,
        what: &str,
        now: &[&'static str],
        later: &[&'static str],
    ) -> Result<&'static str, Diagnostic> {
        let text = self.text().unwrap_or_default();
        if let Some(word) = now.iter().find(|word| **word == text) {
            return Ok(word);
        }
        if later.contains(&text) {
            return Err(super::not_supported(text, self.span()));
        }
        let written = self.text().unwrap_or_else(|| self.written());
        let problem = self.problem(TYPE, format!("{what} cannot be `{written}`"));
        Err(problem.suggest(written, now.iter().copied()))
    }

    /// A boolean.
    ///
    /// # Errors
    /// For anything but `#true` and `#false`.
    pub fn bool(&self, what: &str) -> Result<bool, Diagnostic> {
        let bool = self.kdl().as_bool();
        bool.ok_or_else(|| self.must_be(what, "#true or #false"))
    }

    /// A path.
    ///
    /// # Errors
    /// When empty, or with control characters: `"C:\temp"` has a tab in it.
    pub fn path(&self, what: &str) -> Result<Spanned<PathBuf>, Diagnostic> {
        let text = self.string(what)?;
        if text.value.is_empty() {
            return Err(self.must_be(what, "a path"));
        }
        if let Some(bad) = text.value.chars().find(|c| c.is_control()) {
            let message = format!("{what} contains the character {bad:?}");
            let help = "write `\\\\` for a backslash, or a raw string: #\"C:\\temp\"#";
            return Err(self.problem(TYPE, message).help(help));
        }
        Ok(text.map(PathBuf::from))
    }

    /// A version of three numbers.
    ///
    /// # Errors
    /// For anything else.
    pub fn version(&self, what: &str) -> Result<Spanned<[u32; 3]>, Diagnostic> {
        let text = self.string(what)?;
        let numbers: Option<Vec<u32>> =
            text.value.split('.').map(|part| part.parse().ok()).collect();
        let version = numbers.and_then(|numbers| <[u32; 3]>::try_from(numbers).ok());
        version.map(|version| Spanned::new(version, text.span)).ok_or_else(|| {
            self.must_be(what, "a version of three numbers").help("example: \"0.1.0\"")
        })
    }
}
