//! A policy as IAM takes it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Asked;

/// The most characters of a managed policy, white space not counted: AWS, "IAM and AWS STS quotas".
pub const MANAGED_LIMIT: usize = 6_144;

/// The same for all inline policies of a role, of a group and of a user together.
pub const INLINE_LIMITS: [(&str, usize); 3] = [("role", 10_240), ("group", 5_120), ("user", 2_048)];

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Policy {
    /// Of IAM's language.
    pub version: &'static str,
    /// What is allowed.
    pub statement: Vec<Statement>,
}

/// Actions that are allowed on the same resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    /// Its name in the document.
    pub sid: String,
    /// `Allow`.
    pub effect: &'static str,
    /// Sorted.
    pub action: Vec<String>,
    /// ARNs, sorted.
    pub resource: Vec<String>,
    /// Operator, key and value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<BTreeMap<&'static str, BTreeMap<&'static str, String>>>,
}

impl Policy {
    /// The document for people and for IAM.
    ///
    /// # Panics
    /// Never: it is plain data.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("a policy is plain data") + "\n"
    }

    /// Its length as IAM counts it: without white space.
    #[must_use]
    pub fn characters(&self) -> usize {
        self.to_text().chars().filter(|c| !c.is_whitespace()).count()
    }
}

/// Puts actions on the same resources together.
pub(super) fn policy(asked: &BTreeMap<Asked, BTreeSet<String>>) -> Policy {
    let mut groups: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for (Asked { action, condition }, resources) in asked {
        let service = action.split(':').next().unwrap_or_default();
        let group = (name(service, resources), resources, condition);
        groups.entry(group).or_default().push(action.clone());
    }
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    let many: Vec<&str> = groups.keys().map(|(name, ..)| *name).collect();
    let statement = groups
        .iter()
        .map(|((name, resources, condition), actions)| {
            let nth = used.entry(name).or_default();
            *nth += 1;
            let alone = many.iter().filter(|other| *other == name).count() == 1;
            Statement {
                sid: if alone { (*name).to_owned() } else { format!("{name}{nth}") },
                effect: "Allow",
                action: actions.clone(),
                resource: resources.iter().cloned().collect(),
                condition: condition.as_ref().map(|(key, value)| {
                    BTreeMap::from([("StringLike", BTreeMap::from([(*key, value.clone())]))])
                }),
            }
        })
        .collect();
    Policy { version: "2012-10-17", statement }
}

/// What a statement is about: letters only, as IAM wants it.
fn name(service: &str, resources: &BTreeSet<String>) -> &'static str {
    match service {
        _ if resources.contains("*") => "Account",
        "dynamodb" => "Tables",
        "iam" => "ServiceRoles",
        "kinesis" => "KinesisStreams",
        "kms" => "Keys",
        _ => "Others",
    }
}
