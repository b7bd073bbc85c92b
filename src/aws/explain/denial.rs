//! What the principal may not, and which policy says so.

use crate::model::{ErrorCode, Failure};

use super::super::error::ServiceError;

/// What a denial says, picked out of its text.
#[derive(Debug, Default, PartialEq, Eq)]
struct Denial {
    principal: Option<String>,
    action: Option<String>,
    resource: Option<String>,
    reason: Option<String>,
}

/// Reads `User: P is not authorized to perform: A on resource: R because …`; emulators leave the
/// resource out.
fn parse_denial(message: &str) -> Denial {
    let between = |start: &str, ends: &[&str]| {
        let rest = &message[message.find(start)? + start.len()..];
        let end = ends.iter().filter_map(|end| rest.find(end)).min().unwrap_or(rest.len());
        let found = rest[..end].trim();
        (!found.is_empty()).then(|| found.to_owned())
    };
    let reason = ["because ", "with an explicit deny "].into_iter().find_map(|start| {
        message.find(start).map(|at| message[at..].trim_end_matches('.').to_owned())
    });
    Denial {
        principal: between("User: ", &[" is not authorized"]),
        action: between("to perform: ", &[" on resource", " because", " with an explicit", " "]),
        resource: between("on resource: ", &[" because", " with an explicit", " "]),
        reason,
    }
}

/// A kind of policy, as the service names it: IAM, "Troubleshoot access denied error messages".
struct Policy {
    name: &'static str,
    /// What a person may not know of it.
    hint: &'static str,
    /// Where to change it.
    place: &'static str,
}

const POLICIES: [Policy; 8] = [
    Policy { name: "identity-based policy", hint: "", place: "the principal's policy" },
    Policy {
        name: "resource-based policy",
        hint: "the table's own policy has a say, and changes of it take minutes to hold",
        place: "the table's resource-based policy",
    },
    Policy {
        name: "permissions boundary",
        hint: "the boundary bounds what the principal's policies can allow",
        place: "the principal's permissions boundary",
    },
    Policy {
        name: "session policy",
        hint: "the policy given with the session bounds what the role can do",
        place: "the policy that the session is made with",
    },
    Policy {
        name: "service control policy",
        hint: "the organisation bounds what any principal of the account can do",
        place: "the organisation's service control policy (its administrators can)",
    },
    Policy {
        name: "resource control policy",
        hint: "the organisation bounds what can be done to resources of the account",
        place: "the organisation's resource control policy (its administrators can)",
    },
    Policy {
        name: "VPC endpoint policy",
        hint: "the network's way to the service bounds what can be asked for",
        place: "the policy of the VPC endpoint",
    },
    Policy {
        name: "role trust policy",
        hint: "the role itself says who may assume it",
        place: "the role's trust policy",
    },
];

/// The cause and the remedy of a denial of `action`, by the reason that the service gives.
fn explained(action: &str, on: &str, reason: Option<&str>) -> (String, String) {
    let Some(reason) = reason else {
        return (
            format!("the principal's policies do not allow {action}"),
            format!("allow {action}{on} in the principal's policy, then run again"),
        );
    };
    let policy = POLICIES.iter().find(|policy| reason.contains(policy.name));
    let (hint, place) = policy.map_or(("", "the policy"), |policy| (policy.hint, policy.place));
    let mut cause = format!("{action} is denied {reason}");
    if !hint.is_empty() {
        cause.push_str("; ");
        cause.push_str(hint);
    }
    if reason.starts_with("with an explicit deny") {
        let fix = format!("remove the deny of {action}{on} from {place}, then run again");
        return (cause + "; a deny wins over every allow", fix);
    }
    (cause, format!("allow {action}{on} in {place}, then run again"))
}

/// A denial as a failure with principal, action, resource, reason and remedy.
pub(super) fn denied(error: &ServiceError, what: &str) -> Failure {
    let denial = parse_denial(&error.message);
    let service = if matches!(error.operation, "GetCallerIdentity" | "AssumeRole") {
        "sts"
    } else {
        "dynamodb"
    };
    let action = denial.action.unwrap_or_else(|| format!("{service}:{}", error.operation));
    let resource = denial.resource.or_else(|| error.resource.clone());
    let on = resource.as_deref().map_or_else(String::new, |on| format!(" on {on}"));
    let (cause, fix) = explained(&action, &on, denial.reason.as_deref());
    let failure = Failure::new(ErrorCode::AwsPermissionsDenied, format!("{what}: not allowed"))
        .said(error.to_string())
        .cause(cause)
        .fix(fix)
        .detail("operation", error.operation)
        .detail("action", action);
    let named = [
        ("resource", resource),
        ("principal", denial.principal),
        ("reason", denial.reason),
        ("requestId", error.request_id.clone()),
    ];
    let named = named.into_iter().filter_map(|(name, text)| Some((name, text?)));
    named.fold(failure, |failure, (name, text)| failure.detail(name, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_is_read_with_its_resource() {
        let denial = parse_denial(
            "User: arn:aws:sts::033333333333:assumed-role/ci/osem is not authorized to perform: \
             dynamodb:CreateTable on resource: arn:aws:dynamodb:us-east-1:033333333333:table/T \
             because no identity-based policy allows the dynamodb:CreateTable action",
        );
        let principal = denial.principal.as_deref();
        assert_eq!(principal, Some("arn:aws:sts::033333333333:assumed-role/ci/osem"));
        assert_eq!(denial.action.as_deref(), Some("dynamodb:CreateTable"));
        let resource = denial.resource.as_deref();
        assert_eq!(resource, Some("arn:aws:dynamodb:us-east-1:033333333333:table/T"));
        assert!(denial.reason.unwrap().starts_with("because no identity-based policy"));
    }

    #[test]
    fn a_denial_is_read_without_its_resource() {
        let denial = parse_denial(
            "User: arn:aws:iam::000000000000:user/limited is not authorized to perform: \
             dynamodb:CreateTable with an explicit deny in an identity-based policy",
        );
        assert_eq!(denial.action.as_deref(), Some("dynamodb:CreateTable"));
        assert_eq!(denial.resource, None);
    }

    #[test]
    fn a_text_that_is_no_denial_gives_nothing() {
        assert_eq!(parse_denial("Forbidden"), Denial::default());
    }

    const ACTION: &str = "dynamodb:CreateTable";

    #[test]
    fn each_kind_of_policy_has_its_cause_and_its_place() {
        for (reason, cause, fix) in [
            ("because no identity-based policy allows the X action", "", "the principal's policy"),
            (
                "because no resource-based policy allows the X action",
                "the table's own policy",
                "the table's resource-based policy",
            ),
            (
                "because no permissions boundary allows the X action",
                "the boundary bounds",
                "the principal's permissions boundary",
            ),
            (
                "because no session policy allows the X action",
                "given with the session",
                "the session is made with",
            ),
            (
                "because no service control policy allows the X action",
                "the organisation bounds",
                "the organisation's service control policy",
            ),
            (
                "because no resource control policy allows the X action",
                "resources of the account",
                "the organisation's resource control policy",
            ),
            (
                "because no VPC endpoint policy allows the X action",
                "the network's way",
                "the policy of the VPC endpoint",
            ),
            (
                "because no role trust policy allows the sts:AssumeRole action",
                "the role itself",
                "the role's trust policy",
            ),
        ] {
            let (found, remedy) = explained(ACTION, " on T", Some(reason));
            assert!(found.starts_with(&format!("{ACTION} is denied {reason}")), "{found}");
            assert!(found.contains(cause), "{found}");
            assert!(remedy.starts_with(&format!("allow {ACTION} on T in ")), "{remedy}");
            assert!(remedy.contains(fix), "{remedy}");
        }
    }

    #[test]
    fn an_explicit_deny_is_removed_where_it_stands() {
        for (policy, place) in [
            ("an identity-based policy", "the principal's policy"),
            ("a resource-based policy", "the table's resource-based policy"),
            ("a permissions boundary", "the principal's permissions boundary"),
            ("a session policy", "the policy that the session is made with"),
            ("a service control policy", "the organisation's service control policy"),
            ("a resource control policy", "the organisation's resource control policy"),
            ("a VPC endpoint policy", "the policy of the VPC endpoint"),
        ] {
            let message = format!(
                "User: u is not authorized to perform: {ACTION} on resource: T with an explicit \
                 deny in {policy}: arn:aws:iam::1:policy/p"
            );
            let denial = parse_denial(&message);
            assert_eq!(denial.resource.as_deref(), Some("T"));
            let (cause, fix) = explained(ACTION, "", denial.reason.as_deref());
            assert!(cause.contains(policy), "{cause}");
            assert!(cause.contains("arn:aws:iam::1:policy/p"), "the policy is named: {cause}");
            assert!(cause.ends_with("a deny wins over every allow"), "{cause}");
            assert!(fix.starts_with(&format!("remove the deny of {ACTION} from {place}")), "{fix}");
        }
    }

    #[test]
    fn a_reason_that_is_not_known_is_quoted() {
        let (cause, fix) = explained(ACTION, "", Some("because of something new"));
        assert_eq!(cause, "dynamodb:CreateTable is denied because of something new");
        assert_eq!(fix, "allow dynamodb:CreateTable in the policy, then run again");
        let (cause, _) = explained(ACTION, "", None);
        assert_eq!(cause, "the principal's policies do not allow dynamodb:CreateTable");
    }
}
