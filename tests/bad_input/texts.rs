//! The texts of the most useful diagnostics, exactly.

use std::fs;
use std::path::Path;

use super::check;

/// What `osem check` says about a file of the corpus.
fn said(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    check(fs::read(folder.join(name).with_extension("kdl")).unwrap()).stderr()
}

#[test]
fn a_misspelt_node() {
    insta::assert_snapshot!(said("typo-in-node"), @"
    osem::unknown-node

      × unknown node `tabel`
        ╭─[osem.kdl:14:1]
     13 │ }
     14 │ tabel Orders hash=orderId
        · ──┬──
        ·   ╰── not known in the root file
        ╰────
      help: did you mean `table`?
    1 error in the configuration
    ");
}

#[test]
fn a_cycle_shows_its_path() {
    insta::assert_snapshot!(said("cycle"), @"
    osem::cycle

      × steps wait for each other: list-tables -> validate-credentials -> list-tables
        ╭─[osem.kdl:18:5]
     17 │ task look {
     18 │     step list-tables { after validate-credentials; }
        ·     ────────┬───────
        ·             ╰── waits for validate-credentials
     19 │     step validate-credentials { after list-tables; }
        ·     ────────────┬────────────
        ·                 ╰── waits for list-tables
     20 │ }
        ╰────
      help: take one of these out of an `after`, `only-if-changed` or `{out.…}`
    1 error in the configuration
    ");
}

#[test]
fn a_table_that_is_there_twice() {
    insta::assert_snapshot!(said("duplicate-table"), @"
    osem::duplicate

      × table `Orders` is declared twice
        ╭─[osem.kdl:14:7]
     13 │ }
     14 │ table Orders hash=orderId {
        ·       ───┬──
        ·          ╰── first declared here
     15 │     gsi status-index hash=status
     16 │ }
     17 │ table Orders hash=orderId {
        ·       ───┬──
        ·          ╰── declared again here
     18 │     gsi status-index hash=status
        ╰────
      help: rename one of the two, or remove it
    1 error in the configuration
    ");
}

#[test]
fn a_boolean_without_its_hash() {
    insta::assert_snapshot!(said("boolean-without-hash"), @"
    osem::syntax

      × `true` must be written `#true`
       ╭─[osem.kdl:5:25]
     4 │ }
     5 │ environment dev default=true
       ·                         ────
     6 │ table Orders hash=orderId {
       ╰────
      help: write: #true
    1 error in the configuration
    ");
}

#[test]
fn a_duration_without_quotes() {
    insta::assert_snapshot!(said("duration-without-quotes"), @r#"
    osem::syntax

      × `5m` must be quoted
        ╭─[osem.kdl:18:32]
     17 │ task look {
     18 │     step list-tables { timeout 5m; }
        ·                                ──
     19 │ }
        ╰────
      help: write: "5m"
    1 error in the configuration
    "#);
}

#[test]
fn an_account_without_quotes() {
    insta::assert_snapshot!(said("account-without-quotes"), @r#"
    osem::account

      × an AWS account id must be quoted
       ╭─[osem.kdl:6:13]
     5 │ environment dev {
     6 │     account 033333333333
       ·             ──────┬─────
       ·                   ╰── KDL reads this as the number 33333333333
     7 │ }
       ╰────
      help: write: "033333333333"
    1 error in the configuration
    "#);
}

#[test]
fn an_attribute_with_two_types() {
    insta::assert_snapshot!(said("attribute-with-two-types"), @"
    osem::key-type

      × attribute `createdAt` has two types
        ╭─[osem.kdl:15:25]
     14 │ table Orders hash=orderId {
     15 │     gsi a-index hash=(N)createdAt
        ·                         ────┬────
        ·                             ╰── N here
     16 │     gsi b-index hash=orderId range=createdAt
        ·                                    ────┬────
        ·                                        ╰── S here
     17 │ }
        ╰────
      help: a name without (S), (N) or (B) is S
    1 error in the configuration
    ");
}

#[test]
fn two_environments_with_the_same_tables() {
    insta::assert_snapshot!(said("environment-clash"), @"
    osem::clash

      × `dev` and `prod` could both mean the table `shop-Orders`
       ╭─[osem.kdl:5:13]
     4 │ }
     5 │ environment dev { region us-east-1; }
       ·             ─┬─
       ·              ╰── could be the same account and region as this one
     6 │ environment prod { region us-east-1; }
       ·             ──┬─
       ·               ╰── this environment
     7 │ table Orders hash=orderId {
       ╰────
      help: put {env} into `table-name`, or declare different accounts or regions
    1 error in the configuration
    ");
}

#[test]
fn a_destroying_task_without_a_place() {
    insta::assert_snapshot!(said("destroy-without-allow-in"), @"
    osem::destroy

      × task `clear` deletes tables, so it must say in which environments
        ╭─[osem.kdl:18:27]
     17 │ task clear {
     18 │     for-each table { step delete-table; }
        ·                           ──────┬─────
        ·                                 ╰── deletes tables
     19 │ }
        ╰────
      help: limit the task: allow-in dev
    1 error in the configuration
    ");
}

#[test]
fn a_comment_of_another_language() {
    insta::assert_snapshot!(said("comment-with-hash"), @"
    osem::syntax

      × comments start with `//`, not `#`
       ╭─[osem.kdl:1:1]
     1 │ # my tables
       · ───────────
     2 │ osem 1
       ╰────
      help: write: // my tables
    1 error in the configuration
    ");
}

#[test]
fn a_brace_that_is_not_closed() {
    insta::assert_snapshot!(said("missing-brace"), @"
    osem::syntax

      × this block is not closed
        ╭─[osem.kdl:14:27]
     13 │ }
     14 │ table Orders hash=orderId {
        ·                           ┬
        ·                           ╰── opened here
     15 │     gsi status-index hash=status
     16 │ 
     17 │ table Users hash=userId {
        · ┬
        · ╰── it probably ends before this, which is indented less
     18 │ }
        ╰────
      help: add the missing `}`
    1 error in the configuration
    ");
}

#[test]
fn a_placeholder_that_is_not_known() {
    insta::assert_snapshot!(said("typo-in-placeholder"), @r#"
    osem::placeholder

      × unknown placeholder `{evn}`
       ╭─[osem.kdl:3:16]
     2 │ project shop {
     3 │     table-name "shop-{evn}-{table}"
       ·                ────────────────────
     4 │ }
       ╰────
      help: did you mean `env`?
    1 error in the configuration
    "#);
}

#[test]
fn what_is_not_supported_yet() {
    insta::assert_snapshot!(said("not-supported-setting"), @r#"
    osem::not-supported-yet

      × `replica` is not supported yet
        ╭─[osem.kdl:15:5]
     14 │ table Orders hash=orderId {
     15 │     replica eu-west-1
        ·     ───────
     16 │     consistency strong
        ╰────
      help: this version would not carry it out: remove it
    osem::not-supported-yet

      × `consistency` is not supported yet
        ╭─[osem.kdl:16:5]
     15 │     replica eu-west-1
     16 │     consistency strong
        ·     ───────────
     17 │ }
        ╰────
      help: this version would not carry it out: remove it
    2 errors in the configuration
    "#);
}

#[test]
fn classes_of_failure_that_are_not_known() {
    insta::assert_snapshot!(said("retry-on-unknown"), @r#"
    osem::type

      × `on` cannot be `network-failure`
        ╭─[osem.kdl:13:16]
     12 │         retry 2 {
     13 │             on network-failure exit-code=0
        ·                ───────────────
     14 │         }
        ╰────
      help: known here: throttling, network, timeout, server-error, resource-in-use, not-found,
            transient
    osem::type

      × property `exit-code` must be a whole number from 1 to 255
        ╭─[osem.kdl:13:42]
     12 │         retry 2 {
     13 │             on network-failure exit-code=0
        ·                                          ─
     14 │         }
        ╰────
    2 errors in the configuration
    "#);
}

#[test]
fn classes_of_failure_that_are_named_twice_or_not_at_all() {
    insta::assert_snapshot!(said("retry-on-twice"), @r#"
    osem::duplicate

      × `exit-code=3` is named twice
        ╭─[osem.kdl:11:48]
     10 │ task look {
     11 │     step shell "true" { retry 2 { on transient exit-code=3; on exit-code=3; }; }
        ·                                                ─────┬─────     ───────────
        ·                                                     ╰── first here
     12 │     step list-tables { retry 1 { on; }; }
        ╰────
      help: remove one of the two
    osem::missing

      × `on` names nothing
        ╭─[osem.kdl:12:34]
     11 │     step shell "true" { retry 2 { on transient exit-code=3; on exit-code=3; }; }
     12 │     step list-tables { retry 1 { on; }; }
        ·                                  ──
     13 │ }
        ╰────
      help: known here: throttling, network, timeout, server-error, resource-in-use, not-found,
            transient, exit-code=N
    2 errors in the configuration
    "#);
}

#[test]
fn classes_of_failure_that_never_happen_to_the_step() {
    insta::assert_snapshot!(said("retry-on-what-never-happens"), @r#"
    osem::retry

      × `network` never happens here: the step runs a program and calls nothing itself
        ╭─[osem.kdl:13:18]
     12 │     idempotent
     13 │     retry 3 { on network; }
        ·                  ───────
     14 │ }
        ╰────
      help: known here: timeout, transient, exit-code=N
    osem::retry

      × `network` never happens here: the step reports what was found out before and does not fail
        ╭─[osem.kdl:16:46]
     15 │ task look {
     16 │     step validate-credentials { retry 2 { on network; }; }
        ·                                              ───────
     17 │     step list-tables { retry 2 { on exit-code=3 timeout; }; }
        ╰────
      help: remove it
    osem::retry

      × `exit-code=3` never happens here: the step calls the service and runs no program
        ╭─[osem.kdl:17:37]
     16 │     step validate-credentials { retry 2 { on network; }; }
     17 │     step list-tables { retry 2 { on exit-code=3 timeout; }; }
        ·                                     ───────────
     18 │     step shell "true" { retry 2 { on throttling exit-code=3; }; }
        ╰────
      help: known here: throttling, network, timeout, server-error, resource-in-use, not-found,
            transient
    osem::retry

      × `timeout` never happens here: an attempt has no time of its own
        ╭─[osem.kdl:17:49]
     16 │     step validate-credentials { retry 2 { on network; }; }
     17 │     step list-tables { retry 2 { on exit-code=3 timeout; }; }
        ·                                                 ───────
     18 │     step shell "true" { retry 2 { on throttling exit-code=3; }; }
        ╰────
      help: example: timeout "5m" attempt="30s"
    osem::retry

      × `throttling` never happens here: the step runs a program and calls nothing itself
        ╭─[osem.kdl:18:38]
     17 │     step list-tables { retry 2 { on exit-code=3 timeout; }; }
     18 │     step shell "true" { retry 2 { on throttling exit-code=3; }; }
        ·                                      ──────────
     19 │     step load
        ╰────
      help: known here: timeout, transient, exit-code=N
    5 errors in the configuration
    "#);
}

#[test]
fn a_table_name_that_is_too_long() {
    insta::assert_snapshot!(said("table-name-too-long"), @r#"
    osem::name

      × the name `shop-dev-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx` of
      │ this table in `dev` has 259 characters; the service takes 3 to 255
       ╭─[osem.kdl:3:16]
     2 │ project shop {
     3 │     table-name "shop-{env}-{table}"
       ·                ──────────┬─────────
       ·                          ╰── made by this
     4 │ }
       ╰────
        ╭─[osem.kdl:14:7]
     13 │ }
     14 │ table xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx hash=orderId
        ·       ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
        ╰────
    osem::name

      × the name `shop-prod-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx` of
      │ this table in `prod` has 260 characters; the service takes 3 to 255
       ╭─[osem.kdl:3:16]
     2 │ project shop {
     3 │     table-name "shop-{env}-{table}"
       ·                ──────────┬─────────
       ·                          ╰── made by this
     4 │ }
       ╰────
        ╭─[osem.kdl:14:7]
     13 │ }
     14 │ table xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx hash=orderId
        ·       ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
        ╰────
    2 errors in the configuration
    "#);
}

#[test]
fn a_step_that_waits_for_nobody() {
    insta::assert_snapshot!(said("unknown-after"), @"
    osem::unknown-name

      × task `look` has no step `validate-credential`
        ╭─[osem.kdl:19:30]
     18 │     step validate-credentials
     19 │     step list-tables { after validate-credential; }
        ·                              ───────────────────
     20 │ }
        ╰────
      help: did you mean `validate-credentials`?
    1 error in the configuration
    ");
}

#[test]
fn a_fault_of_an_instant_control_plane() {
    insta::assert_snapshot!(said("emulator-setting-without-realistic"), @"
    osem::control-plane

      × `time-scale`, `fault`, `seed` need `control-plane realistic`
        ╭─[osem.kdl:6:5]
      5 │ environment local default=#true {
      6 │     emulator {
        ·     ────┬───
        ·         ╰── here every change is in effect at once
      7 │         time-scale 100
        ·         ──────────────
      8 │         fault throttle rate=0.1
        ·         ───────────────────────
      9 │         fault reset
        ·         ───────────
     10 │         seed 42
        ·         ───────
     11 │     }
        ╰────
      help: write in the block: control-plane realistic
    1 error in the configuration
    ");
}

#[test]
fn a_fault_on_an_operation_that_is_misspelt() {
    insta::assert_snapshot!(said("typo-in-fault-operation"), @"
    osem::unknown-name

      × no operation of DynamoDB or STS is called `CreatTable`
       ╭─[osem.kdl:8:27]
     7 │         control-plane realistic
     8 │         fault throttle on=CreatTable
       ·                           ──────────
     9 │         fault reset on=createTable
       ╰────
      help: did you mean `CreateTable`?
    osem::unknown-name

      × no operation of DynamoDB or STS is called `createTable`
        ╭─[osem.kdl:9:24]
      8 │         fault throttle on=CreatTable
      9 │         fault reset on=createTable
        ·                        ───────────
     10 │         fault hang on=Teleport
        ╰────
      help: did you mean `CreateTable`?
    osem::unknown-name

      × no operation of DynamoDB or STS is called `Teleport`
        ╭─[osem.kdl:10:23]
      9 │         fault reset on=createTable
     10 │         fault hang on=Teleport
        ·                       ────────
     11 │     }
        ╰────
      help: examples: CreateTable, DescribeTable, TagResource, GetCallerIdentity
    3 errors in the configuration
    ");
}

#[test]
fn a_fault_without_what_it_needs() {
    insta::assert_snapshot!(said("fault-without-its-property"), @r#"
    osem::missing

      × `fault delay` needs the property `by`
       ╭─[osem.kdl:8:9]
     7 │         control-plane realistic
     8 │         fault delay
       ·         ───────────
     9 │         fault expire-credentials rate=0.5
       ╰────
      help: write: fault delay by="[DURATION]"
    osem::missing

      × `fault expire-credentials` needs the property `after`
        ╭─[osem.kdl:9:9]
      8 │         fault delay
      9 │         fault expire-credentials rate=0.5
        ·         ─────────────────────────────────
     10 │         fault error message="no"
        ╰────
      help: write: fault expire-credentials after="2s"
    osem::missing

      × `fault error` needs the property `code`
        ╭─[osem.kdl:10:9]
      9 │         fault expire-credentials rate=0.5
     10 │         fault error message="no"
        ·         ────────────────────────
     11 │     }
        ╰────
      help: write: fault error code=InternalServerError
    3 errors in the configuration
    "#);
}

#[test]
fn a_fault_with_a_property_of_another() {
    insta::assert_snapshot!(said("fault-with-a-foreign-property"), @r#"
    osem::fault

      × property `by` goes only with `fault delay`
       ╭─[osem.kdl:8:15]
     7 │         control-plane realistic
     8 │         fault throttle by="1s" code=ThrottlingException
       ·               ────┬─── ───────
       ·                   ╰── this is another fault
     9 │         fault delay by="1s" after="2s"
       ╰────
      help: remove it
    osem::fault

      × property `code` goes only with `fault error`
       ╭─[osem.kdl:8:15]
     7 │         control-plane realistic
     8 │         fault throttle by="1s" code=ThrottlingException
       ·               ────┬───         ────────────────────────
       ·                   ╰── this is another fault
     9 │         fault delay by="1s" after="2s"
       ╰────
      help: remove it
    osem::fault

      × property `after` goes only with `fault expire-credentials`
        ╭─[osem.kdl:9:15]
      8 │         fault throttle by="1s" code=ThrottlingException
      9 │         fault delay by="1s" after="2s"
        ·               ──┬──         ──────────
        ·                 ╰── this is another fault
     10 │     }
        ╰────
      help: remove it
    3 errors in the configuration
    "#);
}

#[test]
fn tasks_that_need_each_other() {
    insta::assert_snapshot!(said("needs-cycle"), @"
    osem::cycle

      × tasks need each other: look -> inspect -> fetch -> look
        ╭─[osem.kdl:18:11]
     17 │ task look {
     18 │     needs inspect
        ·           ───┬───
        ·              ╰── `look` needs it
     19 │     step list-tables
     20 │ }
     21 │ task inspect {
     22 │     needs fetch
        ·           ──┬──
        ·             ╰── `inspect` needs it
     23 │     step validate-credentials
     24 │ }
     25 │ task fetch {
     26 │     needs look
        ·           ──┬─
        ·             ╰── `fetch` needs it
     27 │     step list-tables
        ╰────
      help: take one of these out of a `needs`
    1 error in the configuration
    ");
}

#[test]
fn tasks_without_a_common_environment() {
    insta::assert_snapshot!(said("needs-allowed-nowhere"), @"
    osem::not-allowed-here

      × task `look` can run nowhere: it and what it needs are allowed in no common environment
        ╭─[osem.kdl:17:6]
     16 │ }
     17 │ task look {
        ·      ────
     18 │     needs inspect
     19 │     allow-in dev
        ·              ─┬─
        ·               ╰── `look` is allowed here
     20 │     step list-tables
     21 │ }
     22 │ task inspect {
     23 │     allow-in prod
        ·              ──┬─
        ·                ╰── `inspect` is allowed here
     24 │     step validate-credentials
        ╰────
      help: let the `allow-in` of all of them name one environment
    1 error in the configuration
    ");
}

#[test]
fn a_step_of_a_needed_task_that_is_misspelt() {
    insta::assert_snapshot!(said("unknown-only-if-changed"), @r#"
    osem::unknown-name

      × task `look` has no step `inspect/validate-credential`
        ╭─[osem.kdl:19:40]
     18 │     needs inspect
     19 │     step list-tables { only-if-changed "inspect/validate-credential"; }
        ·                                        ─────────────────────────────
     20 │ }
        ╰────
      help: did you mean `inspect/validate-credentials`?
    1 error in the configuration
    "#);
}

#[test]
fn a_step_of_finally_that_waits() {
    insta::assert_snapshot!(said("after-in-finally"), @"
    osem::scope

      × `after` cannot stand in `finally`
        ╭─[osem.kdl:19:20]
     18 │     step validate-credentials
     19 │     finally { step list-tables { after validate-credentials; }; }
        ·                    ─────┬─────         ────────────────────
        ·                         ╰── this step runs last
     20 │ }
        ╰────
      help: its steps run in the order written: remove `after`
    1 error in the configuration
    ");
}
