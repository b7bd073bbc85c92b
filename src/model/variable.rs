//! Variables of the files: `var`.

use std::collections::BTreeMap;
use std::fmt;

use crate::diagnostic::Spanned;

/// The `var` node.
#[derive(Debug, Clone)]
pub struct VariableDecl {
    /// The name after `var`.
    pub name: Spanned<String>,
    /// The value in the file: the second argument, or `default=`.
    pub value: Option<Spanned<String>>,
    /// The variable of the shell that it is read from.
    pub env: Option<Spanned<String>>,
    /// Whether nothing runs without a value.
    pub required: bool,
    /// Whether its value is shown and recorded nowhere.
    pub secret: bool,
}

/// A value that is never shown: not by `Debug`, and it has no other text form.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret of this value.
    #[must_use]
    pub const fn new(value: String) -> Self {
        Self(value)
    }

    /// The value itself, for those who hand it over or look for it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// Secret variables that have a value, by their names.
pub type Secrets = BTreeMap<String, Secret>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown_by_debug() {
        let shown = format!("{:?}", Secret::new("hunter2hunter2".to_owned()));
        assert_eq!(shown, "Secret(***)");
    }
}
