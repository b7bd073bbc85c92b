//! The list of value types.

use std::time::Duration;

use crate::diagnostic::Diagnostic;

use super::Value;
use super::read::in_thousandths;

/// What values an argument or property takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// A name: letters, digits, `_`, `.` and `-`.
    Name,
    /// A name in lower case that starts with a letter: `[a-z][a-z0-9-]*`.
    LowerName,
    /// The name of an attribute that is not a key: 1 to 255 bytes.
    AttributeName,
    /// A key attribute: a name, with `(S)`, `(N)` or `(B)` before it.
    KeyAttribute,
    /// Any text.
    Text,
    /// Text with placeholders.
    Template,
    /// Text with placeholders, or `#false`.
    TagValue,
    /// A span of time as quoted text with a unit.
    Duration {
        /// The shortest, in seconds.
        min: u64,
        /// The longest, in seconds.
        max: u64,
    },
    /// A whole number.
    Int {
        /// The least.
        min: u64,
        /// The greatest.
        max: u64,
    },
    /// A number, decimals allowed.
    Number {
        /// The least, in thousandths.
        min: u32,
        /// The greatest, in thousandths.
        max: u32,
    },
    /// One of some words.
    Enum {
        /// Words that this version carries out.
        now: &'static [&'static str],
        /// Words of the language that it does not carry out yet.
        later: &'static [&'static str],
    },
    /// `#true` or `#false`.
    Bool,
    /// Twelve digits, quoted.
    Account,
    /// A region's name.
    Region,
    /// The ARN of an IAM role.
    RoleArn,
    /// The ARN of a key of KMS.
    KmsKeyArn,
    /// The name of an attribute, or `#false`.
    AttributeOrFalse,
    /// One of some words, or `#false`.
    WordOrFalse(&'static [&'static str]),
    /// The ARN of a Kinesis stream, or `#false`.
    StreamArnOrFalse,
    /// Only `#false`.
    False,
    /// An `http://` or `https://` address.
    Url,
    /// A path.
    Path,
    /// A version: `1.2.3`.
    Version,
    /// The name of an operation of DynamoDB or STS.
    Operation,
    /// Anything; for what this version does not look at.
    Any,
}

impl ValueType {
    /// Checks a value. `what` names the thing that has it, as in ``property `hash` ``.
    ///
    /// # Errors
    /// Why the value does not fit.
    pub fn check(self, what: &str, value: Value<'_>) -> Result<(), Diagnostic> {
        if self != Self::KeyAttribute
            && let Some((ty, span)) = value.annotation()
        {
            let message = format!("{what} takes no type annotation");
            return Err(Diagnostic::error("osem::type", message)
                .label(span, "")
                .help(format!("remove `({ty})`: only key attributes have one")));
        }
        match self {
            Self::Name => value.name(what).map(drop),
            Self::LowerName => value.lower_name(what).map(drop),
            Self::KeyAttribute => value.key_attribute(what).map(drop),
            Self::Text => value.string(what).map(drop),
            Self::Template => value.template(what).map(drop),
            Self::TagValue => value.tag_value(what).map(drop),
            Self::Duration { min, max } => {
                value.duration(what, Duration::from_secs(min), Duration::from_secs(max)).map(drop)
            }
            Self::Int { min, max } => value.int(what, min, max).map(drop),
            Self::Number { min, max } => value.number(what, min, max).map(drop),
            Self::Enum { now, later } => value.word(what, now, later).map(drop),
            Self::Bool => value.bool(what).map(drop),
            Self::Account => value.account(what).map(drop),
            Self::Region => value.region(what).map(drop),
            Self::RoleArn => value.role_arn(what).map(drop),
            Self::KmsKeyArn => value.kms_key_arn(what).map(drop),
            Self::AttributeOrFalse
            | Self::WordOrFalse(_)
            | Self::StreamArnOrFalse
            | Self::False
                if value.is_false() =>
            {
                Ok(())
            }
            Self::StreamArnOrFalse => value.kinesis_stream_arn(what).map(drop),
            Self::AttributeName | Self::AttributeOrFalse => value.attribute_name(what).map(drop),
            Self::WordOrFalse(words) => value.word(what, words, &[]).map(drop),
            Self::False => Err(value
                .problem("osem::type", format!("{what} takes no argument but `#false`"))
                .help("`#false` turns it off")),
            Self::Url => value.url(what).map(drop),
            Self::Path => value.path(what).map(drop),
            Self::Version => value.version(what).map(drop),
            Self::Operation => value.operation(what).map(drop),
            Self::Any => Ok(()),
        }
    }

    /// A phrase for the reference page.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::Name => "name".to_owned(),
            Self::LowerName => "name in lower case".to_owned(),
            Self::AttributeName => "attribute name".to_owned(),
            Self::KeyAttribute => {
                "key attribute: `name`, `(S)name`, `(N)name` or `(B)name`".to_owned()
            }
            Self::Text => "text".to_owned(),
            Self::Template => "text with placeholders".to_owned(),
            Self::TagValue => "text with placeholders, or `#false`".to_owned(),
            Self::Duration { min, max } => {
                let shown = |seconds| humantime::format_duration(Duration::from_secs(seconds));
                let least = if min == 0 { String::new() } else { format!("{} to ", shown(min)) };
                let most = if min == 0 { "up to " } else { "" };
                format!("duration: quoted text with a unit, {least}{most}{}", shown(max))
            }
            Self::Int { min, max } if min == max => format!("`{min}`"),
            Self::Int { min: 0, max: u64::MAX } => "whole number".to_owned(),
            Self::Int { min, max } => format!("whole number, {min} to {max}"),
            Self::Number { min, max } => {
                format!("number, {} to {}", in_thousandths(min), in_thousandths(max))
            }
            Self::Enum { now, later } => {
                let now = now.iter().map(|word| format!("`{word}`"));
                let later = later.iter().map(|word| format!("`{word}` (not supported yet)"));
                now.chain(later).collect::<Vec<_>>().join(", ")
            }
            Self::Bool => "`#true` or `#false`".to_owned(),
            Self::Account => "account id: twelve digits, quoted".to_owned(),
            Self::Region => "region".to_owned(),
            Self::RoleArn => "ARN of a role, quoted".to_owned(),
            Self::KmsKeyArn => "ARN of a KMS key, quoted".to_owned(),
            Self::AttributeOrFalse => "attribute name, or `#false`".to_owned(),
            Self::WordOrFalse(words) => {
                let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
                format!("{}, or `#false`", words.join(", "))
            }
            Self::StreamArnOrFalse => "ARN of a Kinesis stream, quoted, or `#false`".to_owned(),
            Self::False => "`#false`".to_owned(),
            Self::Url => "`http://` or `https://` address, quoted".to_owned(),
            Self::Path => "path, quoted".to_owned(),
            Self::Version => "version, quoted".to_owned(),
            Self::Operation => "operation of DynamoDB or STS, such as `CreateTable`".to_owned(),
            Self::Any => "value".to_owned(),
        }
    }
}
