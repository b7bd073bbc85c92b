//! `osem iam-policy`: what IAM must allow for a task. Asks nobody: it is for whatever may be live.

use std::time::Instant;

use serde_json::json;

use crate::cli::args::{GlobalArgs, IamPolicyArgs};
use crate::cli::session::{self, Choice, Planned};
use crate::cli::terminal::Terminal;
use crate::cli::{CommandResult, exit};
use crate::model::AccountId;
use crate::plan::{INLINE_LIMITS, MANAGED_LIMIT, Policies, Policy, PolicyPlace, policies};
use crate::report::{Outline, document};

pub(super) async fn execute(
    args: &GlobalArgs,
    wanted: &IamPolicyArgs,
    terminal: &Terminal,
    started: Instant,
) -> CommandResult {
    let place = wanted.place();
    let choice = Choice::new(&wanted.task, &place, &wanted.indexes);
    let planned = session::plan(args, choice).await?;
    let account = account(&planned);
    let found = policies_of(&planned, account.as_ref(), wanted.wildcard);
    let notes = notes(wanted, &planned, &found, account.is_some());
    if terminal.json {
        let data = json!({
            "task": planned.plan.task,
            "account": account,
            "policy": found.run,
            "rollbackPolicy": found.rollback,
            "unknownSteps": found.unknown,
            "notes": notes,
        });
        terminal.result(&document(outline(&planned, started), data).to_text());
        return Ok(exit::SUCCESS);
    }
    let shown = if wanted.rollback { found.rollback.as_ref() } else { Some(&found.run) };
    if let Some(policy) = shown {
        terminal.result(&policy.to_text());
    }
    for note in notes {
        terminal.remark(&format!("! {note}\n"));
    }
    Ok(exit::SUCCESS)
}

/// The policies of a task that was planned.
pub(super) fn policies_of(
    planned: &Planned,
    account: Option<&AccountId>,
    wildcard: bool,
) -> Policies {
    let place = PolicyPlace {
        region: &planned.region,
        account,
        table_prefix: &planned.table_prefix,
        allow_destroy: planned.environment.allow_destroy,
        wildcard,
    };
    policies(&planned.plan, &planned.kinds, place)
}

fn outline(planned: &Planned, started: Instant) -> Outline<'_> {
    Outline {
        command: "iam-policy",
        environment: Some(&planned.plan.environment),
        region: Some(&planned.region),
        duration: started.elapsed(),
        ..Outline::default()
    }
}

/// The environment's account, else that of its role.
fn account(planned: &Planned) -> Option<AccountId> {
    let environment = &planned.environment;
    let declared = environment.account.as_ref().map(|account| account.value.clone());
    declared.or_else(|| {
        let role = environment.assume_role.as_ref()?;
        AccountId::parse(role.arn.value.split(':').nth(4)?)
    })
}

/// What a person should know before the policy is attached.
fn notes(
    wanted: &IamPolicyArgs,
    planned: &Planned,
    found: &Policies,
    account_is_known: bool,
) -> Vec<String> {
    let environment = &planned.environment;
    let (name, mut notes) = (&environment.name.value, Vec::new());
    if environment.emulator.is_some() {
        notes.push(format!("environment `{name}` is the emulator, which checks no policy"));
    } else if !account_is_known {
        notes.push(format!("environment `{name}` declares no account: ARNs name any (`*`)"));
    }
    if let Some(role) = &environment.assume_role {
        let role = &role.arn.value;
        notes.push(format!("it is for {role}; who assumes that role needs sts:AssumeRole on it"));
    }
    if !found.unknown.is_empty() {
        notes.push(format!(
            "not in it: what the programs of {} ask for with the environment's credentials; make \
             each a step-kind, and write its actions there: iam \"dynamodb:PutItem\"",
            found.unknown.join(", ")
        ));
    }
    notes.extend(of_prefix(wanted, planned));
    let policies =
        [("the policy", Some(&found.run)), ("that of rollback", found.rollback.as_ref())];
    notes.extend(policies.into_iter().filter_map(|(what, policy)| too_long(what, policy?, wanted)));
    notes.extend(of_rollback(wanted, planned, found));
    notes
}

/// What `--wildcard` comes to.
fn of_prefix(wanted: &IamPolicyArgs, planned: &Planned) -> Option<String> {
    let prefix = &planned.table_prefix;
    if !wanted.wildcard {
        return None;
    }
    Some(if prefix.is_empty() {
        "--wildcard changes nothing: the names of the tables have no common prefix".to_owned()
    } else {
        format!("it allows all tables whose names start with {prefix}, now and later")
    })
}

/// Where what undoing takes is to be had.
fn of_rollback(wanted: &IamPolicyArgs, planned: &Planned, found: &Policies) -> Option<String> {
    match (&found.rollback, wanted.rollback) {
        (None, true) => {
            Some("undoing takes nothing beyond the policy for running, so there is none".to_owned())
        }
        (Some(_), false) => {
            let (task, environment) = (&planned.plan.task, &planned.plan.environment);
            Some(format!(
                "undoing a run takes more: osem iam-policy {task} --env {environment} --rollback"
            ))
        }
        _ => None,
    }
}

/// What IAM would refuse.
fn too_long(what: &str, policy: &Policy, wanted: &IamPolicyArgs) -> Option<String> {
    let length = policy.characters();
    if length <= MANAGED_LIMIT {
        return None;
    }
    let inline = INLINE_LIMITS.iter().filter(|(_, most)| length <= *most);
    let inline: Vec<String> =
        inline.map(|(of, most)| format!("as an inline policy of a {of} ({most})")).collect();
    let mut ways = if inline.is_empty() { Vec::new() } else { vec![inline.join(" or ")] };
    if !wanted.wildcard {
        ways.push("--wildcard names all tables by their prefix".to_owned());
    }
    ways.push("split the task, and attach a policy for each".to_owned());
    Some(format!(
        "{what} has {length} characters, and a managed policy takes {MANAGED_LIMIT}: {}",
        ways.join("; or ")
    ))
}
