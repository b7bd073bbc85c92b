use super::super::fixture::{self, ASCII, UNICODE};
use super::*;
use crate::journal::{Record, RunEvent, SkipReason, StepStatus};
use crate::model::{ErrorCode, Failure, FailureClass};

fn shown(records: &[Record], verbosity: Verbosity) -> String {
    let run = fixture::fold(records);
    fixture::without_id(&run, &render_summary(&run, UNICODE, verbosity))
}

fn last(records: &[Record]) -> String {
    conclusion::render(&fixture::fold(records), UNICODE)
}

#[test]
fn a_setup_that_creates_lists_tables_and_slow_steps() {
    assert_eq!(
        shown(&fixture::created(), Verbosity::Normal),
        "\
✓ osem-local-Users  created             5.1s
✓ osem-local-Teams  created  2 indexes  1.2s

slowest: wait-active[Users] 5.0s, wait-active[Teams] 1.2s

✓ setup in local: 2 tables created, 2 indexes, 5 steps in 5.3s
"
    );
}

#[test]
fn further_tries_are_counted_with_their_reasons() {
    let mut records = fixture::created();
    let failure = Failure::new(ErrorCode::Throttled, "throttled").class(FailureClass::Throttled);
    let step = fixture::id("create-table", "Users");
    records.insert(
        2,
        fixture::at(2, RunEvent::StepRetrying { step, attempt: 1, delay_ms: 90, failure }),
    );
    let text = shown(&records, Verbosity::Normal);
    assert!(text.contains("wait-active[Teams] 1.2s\n1 retry: 1 throttled\n\n"), "{text}");
    let quiet = shown(&records, Verbosity::Quiet);
    assert!(!quiet.contains("retry"), "{quiet}");
}

#[test]
fn a_setup_with_nothing_to_do_says_so() {
    assert_eq!(
        shown(&fixture::unchanged(), Verbosity::Normal),
        "\
✓ osem-local-Users  unchanged  5ms
✓ osem-local-Teams  unchanged  5ms

✓ setup in local: nothing to do: 2 tables as declared (5 steps in 0.1s)
"
    );
}

#[test]
fn a_setup_that_fails_shows_warnings_then_failures_then_the_final_line() {
    assert_eq!(
        shown(&fixture::mixed(), Verbosity::Normal),
        "\
✓ osem-local-Users  created                          0.5s
✗ osem-local-Teams  failed   failed at create-table  0.3s

⚠ create-table[Users]: billing mode is not checked here

✗ create-table[Teams]: not allowed to create osem-local-Teams
  said:  User: arn:aws:iam::1:user/ci is not authorized
  cause: the policies do not allow dynamodb:CreateTable
  fix:   attach the statement
  then:  osem resume [RUN]

✗ setup in local: 1 of 5 steps failed, 1 skipped, 1 table created in 1.2s (exit 2)
"
    );
}

#[test]
fn quiet_leaves_failures_and_the_final_line() {
    let mixed = fixture::fold(&fixture::mixed());
    assert_eq!(
        fixture::without_id(&mixed, &render_summary(&mixed, ASCII, Verbosity::Quiet)),
        "\
x create-table[Teams]: not allowed to create osem-local-Teams
  said:  User: arn:aws:iam::1:user/ci is not authorized
  cause: the policies do not allow dynamodb:CreateTable
  fix:   attach the statement
  then:  osem resume [RUN]

x setup in local: 1 of 5 steps failed, 1 skipped, 1 table created in 1.2s (exit 2)
"
    );
    let good = shown(&fixture::created(), Verbosity::Quiet);
    assert_eq!(good, "✓ setup in local: 2 tables created, 2 indexes, 5 steps in 5.3s\n");
}

#[test]
fn verify_lists_the_issues_of_each_table() {
    assert_eq!(
        shown(&fixture::drifted(), Verbosity::Normal),
        "\
✗ osem-local-Users  differs  1 issue  12ms
✗ osem-local-Teams  missing  1 issue  12ms

✗ verify[Users]: osem-local-Users is not as declared
  MISSING_GSI: status-index is not there
    expected: status S
    found:    nothing
    fix:      run a task with update-table, which adds it
  fix:   osem run setup --env local

✗ verify[Teams]: osem-local-Teams is not as declared
  TABLE_NOT_FOUND: no such table
    expected: a table
    found:    nothing
    fix:      create it: osem run setup
  fix:   osem run setup --env local

✗ verify in local: 1 of 2 tables differs, 1 missing, 2 of 2 steps failed in 30ms (exit 1)
"
    );
}

#[test]
fn verify_that_passes_counts_tables() {
    let mut result = fixture::result("verify", "Users", "as declared", 9);
    let (table_name, status) = ("osem-local-Users".to_owned(), Some("ACTIVE".to_owned()));
    result.facts = vec![Fact::TableVerified { table_name, status, issues: Vec::new() }];
    let header = fixture::header("verify", &[("verify", "Users")]);
    let records = fixture::run(header, vec![result], 9, 0);
    assert_eq!(last(&records), "✓ verify in local: 1 table as declared (1 step in 9ms)");
}

#[test]
fn tables_that_several_steps_list_count_once_and_as_seen_last() {
    let (once, mut results) = (fixture::listed(), Vec::new());
    for name in ["before", "after"] {
        let listed = once.iter().find_map(|record| match &record.event {
            RunEvent::StepFinished(result) => Some((**result).clone()),
            _ => None,
        });
        results.push(StepResult { step: fixture::id(name, ""), ..listed.unwrap() });
    }
    let Fact::Tables { tables } = &mut results[1].facts[0] else { panic!("{results:?}") };
    tables[1].status = Some("ACTIVE".to_owned());
    let header = fixture::header("look", &[("before", ""), ("after", "")]);
    assert_eq!(
        last(&fixture::run(header, results, 10, 0)),
        "✓ look in local: 2 of 2 declared tables exist, 1 not declared, 2 steps in 10ms"
    );
}

#[test]
fn list_counts_what_is_declared_and_there() {
    assert_eq!(
        last(&fixture::listed()),
        "✓ list-tables in local: 1 of 2 declared tables exist, 1 not declared, 1 step in 10ms"
    );
}

#[test]
fn delete_counts_tables_and_a_second_one_has_nothing_to_do() {
    let header = || fixture::header("delete-tables", &[("delete-table", "Users")]);
    let mut result = fixture::result("delete-table", "Users", "deleted", 20);
    let gone = fixture::run(header(), vec![result.clone()], 20, 0);
    assert_eq!(last(&gone), "✓ delete-tables in local: nothing to do (1 step in 20ms)");
    result.changed = true;
    result.facts = vec![Fact::TableDeleted { table_name: "osem-local-Users".to_owned() }];
    let deleted = fixture::run(header(), vec![result], 20, 0);
    assert_eq!(last(&deleted), "✓ delete-tables in local: 1 table deleted, 1 step in 20ms");
}

#[test]
fn a_created_table_that_fails_later_is_said_to_stand() {
    let mut records = fixture::created();
    if let RunEvent::StepFinished(result) = &mut records[5].event {
        result.status = StepStatus::TimedOut;
    }
    let text = shown(&records, Verbosity::Normal);
    let row = "✗ osem-local-Teams  created  2 indexes, failed at wait-active  1.2s\n";
    assert!(text.contains(row), "{text}");
}

#[test]
fn a_signal_is_named_in_the_final_line() {
    let header = fixture::header("setup", &[("a", ""), ("b", ""), ("c", "")]);
    let mut cancelled = fixture::result("b", "", "cancelled", 5);
    cancelled.status = StepStatus::Cancelled;
    let results = vec![
        fixture::result("a", "", "done", 5),
        cancelled,
        fixture::skipped("c", "", SkipReason::RunEnding),
    ];
    let mut records = fixture::run(header, results, 2_000, 130);
    let reason = "SIGINT".to_owned();
    records.insert(2, fixture::at(2, RunEvent::Cancelling { reason }));
    assert_eq!(
        last(&records),
        "✗ setup in local: ended by SIGINT, 1 of 3 steps done, 1 cancelled, 1 skipped in 2.0s \
         (exit 130)"
    );
}

#[test]
fn tolerated_failures_and_unsupported_features_are_told_once() {
    let header = fixture::header("setup", &[("tag", "Users"), ("tag", "Teams")]);
    let mut users = fixture::result("tag", "Users", "tags left out", 5);
    users.facts.push(Fact::Unsupported { feature: "tags".to_owned() });
    let mut teams = fixture::failed("tag", "Teams", fixture::denied(), 5);
    teams.status = StepStatus::Tolerated;
    teams.facts.push(Fact::Unsupported { feature: "tags".to_owned() });
    let records = fixture::run(header, vec![users, teams], 10, 0);
    let text = shown(&records, Verbosity::Normal);
    let expected = "\
ℹ not offered by this endpoint, left out: tags
⚠ tag[Teams]: tolerated: not allowed to create osem-local-Teams
";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn what_several_steps_warn_of_is_said_once() {
    let tag = |table: &str| {
        let mut result = fixture::result("tag", table, "tags left out", 5);
        result.facts.push(Fact::Unsupported { feature: "tags".to_owned() });
        result.warnings.push("the endpoint has no tags".to_owned());
        result
    };
    let header = fixture::header("setup", &[("tag", "Users"), ("tag", "Teams")]);
    let records = fixture::run(header, vec![tag("Users"), tag("Teams")], 10, 0);
    let text = shown(&records, Verbosity::Normal);
    assert!(text.contains("\n⚠ tag[Users] and 1 more: the endpoint has no tags\n"), "{text}");
    assert!(!text.contains('ℹ'), "{text}");
}

#[test]
fn many_good_tables_are_counted_and_bad_ones_still_listed() {
    let names: Vec<String> = (0..80).map(|n| format!("T{n}")).collect();
    let steps: Vec<(&str, &str)> = names.iter().map(|name| ("verify", &**name)).collect();
    let mut results: Vec<StepResult> =
        names.iter().map(|name| fixture::result("verify", name, "", 1)).collect();
    results[79] = fixture::failed("verify", "T79", fixture::denied(), 1);
    let records = fixture::run(fixture::header("verify", &steps), results, 10, 1);
    let text = shown(&records, Verbosity::Normal);
    assert!(text.contains("✗ osem-local-T79"), "{text}");
    assert!(text.contains("… and 29 more that went well\n"), "{text}");
    assert!(shown(&records, Verbosity::Verbose).contains("✓ osem-local-T78"));
}

#[test]
fn a_list_is_an_aligned_table() {
    let list = super::super::listing::render(&fixture::fold(&fixture::listed()), ASCII);
    assert_eq!(
        list,
        "\
TABLE             STATUS   DECLARED  INDEXES  ITEMS  KEYS
osem-local-Users  ACTIVE   yes       1        ~12    userId S
osem-local-Teams  MISSING  yes       -        -      userId S
osem-local-Old    ACTIVE   no        1        ~0     userId S
"
    );
}

#[test]
fn what_did_not_run_is_told_once_for_each_reason() {
    let upstream = || SkipReason::Upstream { step: fixture::id("create-table", "Teams") };
    let nothing_changed = StepResult {
        message: "create-table changed nothing".to_owned(),
        ..fixture::skipped(
            "tag",
            "Users",
            SkipReason::NothingChanged { steps: vec!["create-table".into()] },
        )
    };
    let results = vec![
        fixture::skipped("wait-active", "Teams", upstream()),
        nothing_changed,
        fixture::skipped("verify", "Teams", upstream()),
    ];
    let steps = [("wait-active", "Teams"), ("tag", "Users"), ("verify", "Teams")];
    let run = fixture::fold(&fixture::run(fixture::header("setup", &steps), results, 5, 2));
    assert_eq!(
        not_run(&run, |_| true),
        [
            "not run: wait-active[Teams] and 1 more: create-table[Teams] did not succeed",
            "not run: tag[Users]: create-table changed nothing",
        ]
    );
}
