//! What a recorded run was bound to, held against what would be used now.

use std::borrow::Cow;

use crate::journal::{EndpointKind, Pinned, RunHeader, RunId};
use crate::model::{ErrorCode, Failure};
use crate::run::SavedPlan;

use super::session::{Planned, Session};

/// What a run is bound to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound<'a> {
    pub(super) environment: &'a str,
    pub(super) region: &'a str,
    pub(super) pinned: &'a Pinned,
}

impl<'a> Bound<'a> {
    /// What a recorded run was bound to.
    pub(super) fn of(header: &'a RunHeader) -> Self {
        let RunHeader { environment, region, pinned, .. } = header;
        Self { environment, region, pinned }
    }

    /// What a saved plan is bound to.
    pub(super) fn of_plan(plan: &'a SavedPlan) -> Self {
        let SavedPlan { environment, region, pinned, .. } = plan;
        Self { environment, region, pinned }
    }
}

/// Something that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    /// What: `region`, ….
    pub(super) what: Cow<'static, str>,
    /// As the run had it.
    pub(super) recorded: String,
    /// As it would be now.
    pub(super) current: String,
}

/// All that keeps a command from going on with a recorded run. The version of osem may differ; an
/// account that was not known then may be known now.
pub(super) fn differences(recorded: Bound<'_>, current: Bound<'_>) -> Vec<Difference> {
    let account = |bound: Bound<'_>| {
        bound.pinned.account.clone().unwrap_or_else(|| "none that answered".to_owned())
    };
    let known = recorded.pinned.account.is_some();
    let rows = [
        ("environment", recorded.environment.to_owned(), current.environment.to_owned()),
        ("endpoint", endpoint(recorded.pinned), endpoint(current.pinned)),
        ("account", account(recorded), if known { account(current) } else { account(recorded) }),
        ("region", recorded.region.to_owned(), current.region.to_owned()),
        (
            "prefix of table names",
            recorded.pinned.table_prefix.clone(),
            current.pinned.table_prefix.clone(),
        ),
    ];
    let rows = rows.into_iter().map(|(what, recorded, current)| (what.into(), recorded, current));
    rows.chain(variables(recorded.pinned, current.pinned))
        .filter(|(_, recorded, current)| recorded != current)
        .map(|(what, recorded, current)| Difference { what, recorded, current })
        .collect()
}

/// Variables that both know, with what they were and what they are.
fn variables<'a>(
    recorded: &'a Pinned,
    current: &'a Pinned,
) -> impl Iterator<Item = (Cow<'static, str>, String, String)> + 'a {
    let shown = |value: &Option<String>| match value {
        Some(value) => format!("{value:?}"),
        None => "as in the files".to_owned(),
    };
    recorded.variables.iter().filter_map(move |(name, then)| {
        Some((
            format!("variable `{name}`").into(),
            shown(then),
            shown(current.variables.get(name)?),
        ))
    })
}

fn endpoint(pinned: &Pinned) -> String {
    let kind = match pinned.endpoint {
        EndpointKind::Service if pinned.endpoint_url.is_some() => "a variable's or profile's",
        EndpointKind::Service => "AWS",
        EndpointKind::Emulator => "the embedded emulator",
        EndpointKind::Declared => "the environment's endpoint",
        EndpointKind::Overridden => "--endpoint-url",
        EndpointKind::Rehearsal => "the simulator of a rehearsal",
    };
    pinned.endpoint_url.as_ref().map_or_else(|| kind.to_owned(), |url| format!("{kind} {url}"))
}

/// Why a recorded run cannot be gone on with here, if it cannot.
///
/// # Errors
/// `CONFIG_INVALID`, which names what was and what is.
pub(super) fn refuse(run: &RunId, found: &[Difference]) -> Result<(), Failure> {
    let Some(first) = found.first() else { return Ok(()) };
    let said: Vec<String> = found
        .iter()
        .map(|one| format!("{}: {} in that run, {} now", one.what, one.recorded, one.current))
        .collect();
    let message = format!("run {run} was bound to another {}", first.what);
    let cause = if first.what.starts_with("variable") {
        "values of variables are kept from one run to the next, so that steps stay what they were"
    } else {
        "what it did is elsewhere than this command would look"
    };
    Err(Failure::new(ErrorCode::ConfigInvalid, message)
        .said(said.join("\n"))
        .cause(cause)
        .fix(remedy(first)))
}

/// What makes the first difference go away.
fn remedy(first: &Difference) -> String {
    let recorded = &first.recorded;
    match &*first.what {
        "environment" => "leave --env out, and unset OSEM_ENV".to_owned(),
        "task" => "name that task, or none: osem resume".to_owned(),
        "region" => format!("--region {recorded} --force, or no region at all"),
        "account" => format!("use credentials of account {recorded}"),
        "endpoint" => format!("let the flags, variables and the file lead to {recorded}"),
        what if what.starts_with("variable") => {
            "leave --var out, or give what that run had".to_owned()
        }
        _ => "set OSEM_DB_PREFIX, or `table-name` in the file, as that run had it".to_owned(),
    }
}

/// Refuses to go on elsewhere than a recorded run was.
///
/// # Errors
/// `CONFIG_INVALID`, naming both.
pub(super) fn refuse_elsewhere(session: &Session, header: &RunHeader) -> Result<(), Failure> {
    let pinned = session.pinned();
    let (environment, region) = (&session.planned.plan.environment, &session.planned.region);
    let now = Bound { environment, region, pinned: &pinned };
    refuse(&header.run_id, &differences(Bound::of(header), now))
}

/// As [`refuse_elsewhere`], before anybody is asked: what is elsewhere is not contacted either.
///
/// # Errors
/// As [`refuse_elsewhere`].
pub(super) fn refuse_other_place(planned: &Planned, header: &RunHeader) -> Result<(), Failure> {
    let pinned = planned.pinned(header.pinned.account.clone());
    let (environment, region) = (&planned.plan.environment, &planned.region);
    let now = Bound { environment, region, pinned: &pinned };
    refuse(&header.run_id, &differences(Bound::of(header), now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pinned(account: Option<&str>) -> Pinned {
        Pinned {
            osem_version: "0.1.0".to_owned(),
            account: account.map(str::to_owned),
            endpoint: EndpointKind::Service,
            endpoint_url: None,
            table_prefix: "osem-dev-".to_owned(),
            db_prefix: None,
            rehearsal: false,
            variables: std::collections::BTreeMap::new(),
        }
    }

    fn bound(pinned: &Pinned) -> Bound<'_> {
        Bound { environment: "dev", region: "us-east-1", pinned }
    }

    #[test]
    fn the_same_place_has_no_differences_and_a_newer_version_is_none() {
        let recorded = pinned(Some("111111111111"));
        let current = Pinned { osem_version: "9.9.9".to_owned(), ..recorded.clone() };
        assert_eq!(differences(bound(&recorded), bound(&current)), []);
        let unknown = pinned(None);
        assert_eq!(differences(bound(&unknown), bound(&current)), []);
    }

    #[test]
    fn everything_that_differs_is_named_with_both() {
        let recorded = pinned(Some("111111111111"));
        let current = Pinned {
            endpoint: EndpointKind::Overridden,
            endpoint_url: Some("http://127.0.0.1:8000".to_owned()),
            table_prefix: "try-".to_owned(),
            ..pinned(None)
        };
        let elsewhere = Bound { environment: "prod", region: "eu-west-1", pinned: &current };
        let found = differences(bound(&recorded), elsewhere);
        let named: Vec<&str> = found.iter().map(|one| &*one.what).collect();
        let all = ["environment", "endpoint", "account", "region", "prefix of table names"];
        assert_eq!(named, all);
        let run = RunId::parse("20261122T104107Z-3gf9").unwrap();
        let said = refuse(&run, &found).unwrap_err().said.unwrap();
        assert!(said.contains("region: us-east-1 in that run, eu-west-1 now"), "{said}");
        assert!(said.contains("endpoint: AWS in that run, --endpoint-url http"), "{said}");
        assert!(refuse(&run, &[]).is_ok());
    }
}
