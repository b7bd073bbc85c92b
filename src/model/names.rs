//! Names that the service accepts.

use std::fmt;

/// A full table name, as the service knows it.
///
/// 3 to 255 characters from `a-z A-Z 0-9 _ . -`: the naming rules of the DynamoDB developer guide.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct TableName(String);

impl TableName {
    /// Checks a name against the service's rules.
    ///
    /// # Errors
    /// The first rule that the name breaks.
    pub fn parse(name: &str) -> Result<Self, NameError> {
        check_resource_name(name)?;
        Ok(Self(name.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why the service would refuse a table or index name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Too short or too long.
    #[error("has {0} characters; the service takes 3 to 255")]
    Length(usize),
    /// A character outside the allowed set.
    #[error("contains {0:?}; the service takes only letters, digits, `_`, `.` and `-`")]
    Character(char),
}

/// Checks a table or index name: both follow the same rules.
///
/// # Errors
/// The first rule that the name breaks.
pub fn check_resource_name(name: &str) -> Result<(), NameError> {
    let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if let Some(bad) = name.chars().find(|c| !allowed(c)) {
        return Err(NameError::Character(bad));
    }
    let length = name.len();
    if (3..=255).contains(&length) { Ok(()) } else { Err(NameError::Length(length)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_service_rules() {
        assert!(TableName::parse("osem-dev-Users").is_ok());
        assert_eq!(TableName::parse("ab"), Err(NameError::Length(2)));
        assert_eq!(TableName::parse(&"x".repeat(256)), Err(NameError::Length(256)));
        assert_eq!(TableName::parse("a/b"), Err(NameError::Character('/')));
    }
}
