//! Whether a call can be taken back.

use std::fmt;

use serde::{Serialize, Serializer};

use super::TableChange;

/// How far a call can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reversibility {
    /// It can be taken back, some with a limit that [`Reversal`] names.
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
        change.reversibility.degree
    }

    /// With nothing more to say.
    #[must_use]
    pub const fn alone(self) -> Reversal {
        self.with("")
    }

    /// With what comes right behind its word.
    pub(super) const fn with(self, rest: &'static str) -> Reversal {
        Reversal { degree: self, rest }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Reversible => "reversible",
            Self::Cooldown => "cooldown",
            Self::Lossy => "lossy",
            Self::Irreversible => "irreversible",
        }
    }
}

/// Whether a call can be taken back, and within which limits: `reversible while the table is empty`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reversal {
    /// How far.
    pub degree: Reversibility,
    rest: &'static str,
}

impl fmt::Display for Reversal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.degree.word(), self.rest)
    }
}

impl Serialize for Reversal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
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
    fn what_a_call_takes_with_it_decides_how_far_it_can_be_taken_back() {
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

    #[test]
    fn the_text_begins_with_the_word_that_is_told_alone() {
        use Reversibility::{Cooldown, Irreversible, Lossy, Reversible};
        for degree in [Reversible, Cooldown, Lossy, Irreversible] {
            assert_eq!(serde_json::json!(degree), degree.alone().to_string());
            assert!(degree.with(": for some").to_string().starts_with(&degree.alone().to_string()));
        }
        let created = serde_json::json!(TableChange::create(&users()));
        assert_eq!(created["reversibility"], "reversible while the table is empty");
    }
}
