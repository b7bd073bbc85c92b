//! The name of one step of a plan.

use std::fmt;

/// `kind`, or `kind[Table]` inside a `for-each table`; an `id=` replaces the kind.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct StepId(String);

impl StepId {
    /// The id of a step, and of the table it is about when it belongs to a chain.
    #[must_use]
    pub fn new(name: &str, table: Option<&str>) -> Self {
        Self(table.map_or_else(|| name.to_owned(), |table| format!("{name}[{table}]")))
    }

    /// The id as people write it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
