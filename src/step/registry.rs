//! All step kinds of a program.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{KindCatalog, KindDecl};

use super::{
    StepKind, backup_table, command, create_table, declared, delete_table, list_tables, put_items,
    tag, update_table, validate_credentials, verify, wait_active, wait_deleted,
};

/// The built-in kinds, one a file.
const BUILT_IN: &[fn() -> Arc<dyn StepKind>] = &[
    || Arc::new(backup_table::BackupTable),
    || Arc::new(command::Exec),
    || Arc::new(command::Shell),
    || Arc::new(create_table::CreateTable),
    || Arc::new(delete_table::DeleteTable),
    || Arc::new(list_tables::ListTables),
    || Arc::new(put_items::PutItems),
    || Arc::new(tag::TagTable),
    || Arc::new(update_table::UpdateTable),
    || Arc::new(validate_credentials::ValidateCredentials),
    || Arc::new(verify::Verify),
    || Arc::new(wait_active::WaitActive),
    || Arc::new(wait_deleted::WaitDeleted),
];

/// Why a kind cannot be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// There is one of that name.
    #[error("there is a step kind `{0}` already")]
    Duplicate(String),
}

/// Step kinds by name.
#[derive(Clone)]
pub struct Registry(BTreeMap<String, Arc<dyn StepKind>>);

impl Registry {
    /// The kinds that are built in.
    #[must_use]
    pub fn built_in() -> Self {
        Self(BUILT_IN.iter().map(|kind| kind()).map(|kind| (kind.spec().name, kind)).collect())
    }

    /// Adds a kind: the door for those that are not built in.
    ///
    /// # Errors
    /// When there is a kind of that name.
    pub fn with(mut self, kind: Arc<dyn StepKind>) -> Result<Self, RegistryError> {
        let name = kind.spec().name;
        if self.0.contains_key(&name) {
            return Err(RegistryError::Duplicate(name));
        }
        self.0.insert(name, kind);
        Ok(self)
    }

    /// These kinds and those that files declare, which were checked: none has the name of a built-in
    /// one.
    #[must_use]
    pub fn with_declared(&self, kinds: &[Arc<KindDecl>]) -> Self {
        let mut all = self.clone();
        for kind in kinds {
            let declared: Arc<dyn StepKind> = Arc::new(declared::Declared(Arc::clone(kind)));
            all.0.entry(kind.name.value.clone()).or_insert(declared);
        }
        all
    }

    /// A kind by name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<dyn StepKind>> {
        self.0.get(name)
    }

    /// The facts of all kinds.
    #[must_use]
    pub fn catalog(&self) -> KindCatalog {
        self.0.values().map(|kind| kind.spec()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_documented_and_named_in_kebab_case() {
        let catalog = Registry::built_in().catalog();
        assert_eq!(catalog.iter().count(), BUILT_IN.len(), "two kinds share a name");
        for kind in catalog.iter() {
            assert!(kind.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", kind.name);
            assert!(kind.summary.len() > 20, "{} has no summary", kind.name);
            assert!(kind.timeout >= kind.usual, "{} times out before it usually ends", kind.name);
        }
    }

    #[test]
    fn a_kind_may_not_shadow_another() {
        let refused = Registry::built_in().with(Arc::new(verify::Verify));
        assert_eq!(refused.err(), Some(RegistryError::Duplicate("verify".to_owned())));
    }
}
