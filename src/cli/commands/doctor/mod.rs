//! `osem doctor`: whether a run in an environment would find what it needs. Reads only, and goes on
//! after what is not good, so that all of it is told at once.

mod access;
mod needed;
mod place;

use std::sync::Arc;
use std::time::Instant;

use serde_json::json;

use crate::aws::Connection;
use crate::cli::args::{DoctorArgs, GlobalArgs, IndexArgs, PlaceArgs};
use crate::cli::session::{self, Choice, NO_TASK, Planned};
use crate::cli::terminal::Terminal;
use crate::cli::{Cause, CommandError, CommandResult, exit, project};
use crate::model::ErrorCode;
use crate::report::{Finding, FindingStatus, Outline, count, document, render_findings};

pub(super) async fn execute(
    args: &GlobalArgs,
    doctor: &DoctorArgs,
    terminal: &Terminal,
    started: Instant,
) -> CommandResult {
    let state = project::state(args, &doctor.state)?;
    let (planned, region) = planned(args, &doctor.place).await?;
    let mut findings = vec![configuration(&planned), region];
    let endpoint = place::endpoint(&planned).await;
    let answers = !endpoint.iter().any(|finding| is_bad(finding, "endpoint"));
    findings.extend(endpoint);
    findings.push(place::state(&state));
    match connected(&planned, terminal, &mut findings).await {
        // Every read would wait as long for nothing.
        Some(_) if !answers => {
            findings.push(Finding::skipped("permissions", "the endpoint does not answer"));
        }
        Some(connection) => {
            let found = access::findings(&planned, &connection, terminal).await;
            findings.extend(needed::weighed(args, &doctor.place, found).await);
        }
        None => findings.push(Finding::skipped("permissions", "not connected")),
    }
    Ok(report(&planned, &findings, terminal, started))
}

fn is_bad(finding: &Finding, check: &str) -> bool {
    finding.check == check && finding.status == FindingStatus::Bad
}

/// The plan of nothing: configuration, endpoint and region. Another region than the declared one is
/// a finding, and the rest is looked at there.
async fn planned(args: &GlobalArgs, place: &PlaceArgs) -> Result<(Planned, Finding), CommandError> {
    let nothing = IndexArgs::default();
    match session::plan(args, Choice::new(NO_TASK, place, &nothing)).await {
        Ok(planned) => {
            let region = Finding::good("region", planned.region.clone());
            Ok((planned, region))
        }
        Err(CommandError { cause: Cause::Failure(failure), .. })
            if failure.code == ErrorCode::AwsRegionMismatch =>
        {
            let forced = PlaceArgs { force: true, ..place.clone() };
            let choice = Choice::new(NO_TASK, &forced, &nothing);
            let planned = session::plan(args, choice).await?;
            Ok((planned, Finding::bad("region", *failure)))
        }
        Err(error) => Err(error),
    }
}

fn configuration(planned: &Planned) -> Finding {
    let files = count(planned.sources.len(), "file");
    let tables = count(planned.plan.tables.len(), "table");
    Finding::good("configuration", format!("{files}, {tables} here; the tasks: osem check"))
}

/// Connects as a run does: what it is refused for is told as what it is about.
async fn connected(
    planned: &Planned,
    terminal: &Terminal,
    findings: &mut Vec<Finding>,
) -> Option<Connection> {
    match session::connection(planned, true, Arc::new(|_| {}), terminal).await {
        Ok(connection) => {
            findings.extend(place::identity(planned, &connection));
            Some(connection)
        }
        Err(failure) => {
            let check = match failure.code {
                ErrorCode::AwsAccountMismatch => "account",
                ErrorCode::AwsCredentialsInvalid | ErrorCode::AwsPermissionsDenied => "credentials",
                _ => "connection",
            };
            findings.push(Finding::bad(check, failure));
            None
        }
    }
}

fn report(planned: &Planned, findings: &[Finding], terminal: &Terminal, started: Instant) -> u8 {
    let doubtful = if planned.strict { FindingStatus::Doubtful } else { FindingStatus::Bad };
    let worst = findings.iter().find(|finding| finding.status >= doubtful);
    let code = if worst.is_some() { exit::FAILED } else { exit::SUCCESS };
    if !terminal.json {
        terminal.page(&render_findings(findings, terminal.page_style()));
        return code;
    }
    let outline = Outline {
        command: "doctor",
        environment: Some(&planned.environment.name.value),
        region: Some(&planned.region),
        failure: worst.and_then(|finding| finding.failure.as_ref()),
        exit_code: code,
        duration: started.elapsed(),
        ..Outline::default()
    };
    terminal.result(&document(outline, json!({ "findings": findings })).to_text());
    code
}
