//! Whether a call can be taken back, as one word.

use serde::Serialize;

use super::TableChange;

/// The word that [`TableChange::reversibility`] begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reversibility {
    /// It can be taken back, some with a limit that the text names.
    Reversible,
    /// It can be taken back, but not before some time is over.
    Cooldown,
    /// The setting can be put back; what was lost meanwhile cannot.
    Lossy,
    /// It cannot be taken back.
    Irreversible,
}

impl Reversibility {
    /// That of a call.
    #[must_use]
    pub fn of(change: &TableChange) -> Self {
        let text = change.reversibility;
        let word = text.split([':', ' ', ',']).next().unwrap_or_default();
        match word {
            "cooldown" => Self::Cooldown,
            "lossy" => Self::Lossy,
            "irreversible" => Self::Irreversible,
            _ => Self::Reversible,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::compare::tests::{live, users};
    use super::*;
    use crate::model::{RecoveryDays, Setting, TableSpec};
    use crate::table::{TableChange, diff};

    fn of_setting(setting: Setting) -> Vec<Reversibility> {
        let spec = TableSpec { settings: vec![setting], ..users() };
        let mut features = crate::model::Features::of_new_table(&users());
        features.recovery = Some(Some(35));
        let changes = diff(&spec, &live(&users()), &features).changes;
        changes.iter().map(Reversibility::of).collect()
    }

    #[test]
    fn each_text_begins_with_its_word() {
        assert_eq!(
            of_setting(Setting::TimeToLive(Some("expiresAt".to_owned()))),
            [Reversibility::Cooldown]
        );
        assert_eq!(
            of_setting(Setting::Recovery(Some(RecoveryDays(Some(7))))),
            [Reversibility::Lossy]
        );
        assert_eq!(of_setting(Setting::DeletionProtection(true)), [Reversibility::Reversible]);
        let created = TableChange::create(&users());
        assert_eq!(Reversibility::of(&created), Reversibility::Reversible);
        let deleted = TableChange::delete(&live(&users()));
        assert_eq!(Reversibility::of(&deleted), Reversibility::Irreversible);
    }
}
