use std::fmt::Write as _;

use super::*;
use crate::model::Environment;
use crate::plan::{PlanOptions, build};
use crate::step::Registry;

const SETUP: &str = "\
    step validate-credentials\n\
    for-each table { step create-table; step wait-active; step verify; }\n\
    step list-tables\n\
    finally { step validate-credentials id=goodbye; }\n";

/// The plan of a task in front of two tables.
fn plan(task: &str) -> Plan {
    let text = format!(
        "osem 1\nproject p\nenvironment local default=#true {{ emulator; }}\n\
         table Users hash=userId\ntable Teams hash=teamId\n\
         task base {{ step list-tables id=first; }}\ntask t {{\n{task}\n}}\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("osem.kdl");
    std::fs::write(&file, text).unwrap();
    let registry = Registry::built_in();
    let config = crate::config::load(&file, &registry.catalog()).unwrap();
    let local: &Environment = config.environment("local").unwrap();
    let options = PlanOptions { region: "us-east-1", ..PlanOptions::default() };
    build(&config, &registry, config.task("t").unwrap(), local, options).unwrap()
}

fn patterns(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn only(text: &str) -> Selection {
    Selection { only: patterns(text), ..Selection::default() }
}

/// The steps that run, in plan order.
#[track_caller]
fn runs(selection: &Selection) -> String {
    let plan = plan(SETUP);
    let left = selection.apply(&plan).unwrap();
    let mut out = String::new();
    for node in (0..plan.len()).filter(|node| left[*node].is_none()) {
        let _ = plan.step(node).map(|step| write!(out, "{} ", step.id));
    }
    out.trim_end().to_owned()
}

#[test]
fn patterns_are_ids_names_and_globs_in_which_brackets_stand_for_themselves() {
    for (pattern, wanted) in [
        ("create-table[Users]", "create-table[Users]"),
        ("create-table", "create-table[Users] create-table[Teams]"),
        ("create-*[Us*]", "create-table[Users]"),
        ("*[Users]", "create-table[Users] wait-active[Users] verify[Users]"),
        ("**if?", "verify[Users] verify[Teams]"),
        ("list-tables goodbye", "list-tables goodbye"),
    ] {
        assert_eq!(runs(&only(pattern)), wanted, "{pattern}");
    }
    // A class of characters would find these.
    let error = only("verify[UsersTeams]").apply(&plan(SETUP)).unwrap_err();
    assert_eq!(error.to_string(), "--only verify[UsersTeams]: there is no such step");
}

#[test]
fn from_takes_what_comes_after_and_table_narrows_to_chains() {
    let from = Selection { from: patterns("wait-active[Users]"), ..Selection::default() };
    assert_eq!(runs(&from), "wait-active[Users] verify[Users] list-tables goodbye");
    let tables = patterns("Te*");
    let table = Selection { tables: tables.clone(), ..Selection::default() };
    assert_eq!(runs(&table), "create-table[Teams] wait-active[Teams] verify[Teams]");
    let both = Selection { tables: tables.clone(), ..only("verify list-tables") };
    assert_eq!(runs(&both), "verify[Teams]");
    let from = Selection { from: patterns("wait-active"), tables, ..Selection::default() };
    assert_eq!(runs(&from), "wait-active[Teams] verify[Teams]");
}

#[test]
fn what_was_chosen_is_widened_and_skip_takes_from_all_of_it() {
    let chosen = only("wait-active[Users]");
    let needed = Selection { with_dependencies: true, ..chosen.clone() };
    assert_eq!(runs(&needed), "validate-credentials create-table[Users] wait-active[Users]");
    let after = Selection { with_dependents: true, ..chosen };
    assert_eq!(runs(&after), "wait-active[Users] verify[Users] list-tables goodbye");
    let skip = Selection { skip: patterns("list* goodbye"), ..after };
    assert_eq!(runs(&skip), "wait-active[Users] verify[Users]");
    let skip = Selection { skip: patterns("*[Teams] goodbye"), ..Selection::default() };
    assert_eq!(
        runs(&skip),
        "validate-credentials create-table[Users] wait-active[Users] verify[Users] list-tables"
    );
}

#[test]
fn every_step_that_does_not_run_knows_its_flag() {
    let plan = plan(SETUP);
    let selection = Selection {
        tables: patterns("Users"),
        skip: patterns("verify"),
        ..only("create-table verify list-tables")
    };
    let left = selection.apply(&plan).unwrap();
    let flag = |id: &str| {
        let node = (0..plan.len())
            .find(|node| plan.step(*node).is_some_and(|step| step.id.as_str() == id));
        left[node.unwrap()].map(LeftOut::flag)
    };
    assert_eq!(flag("create-table[Users]"), None);
    assert_eq!(flag("create-table[Teams]"), Some("--table"));
    assert_eq!(flag("list-tables"), Some("--table"));
    assert_eq!(flag("wait-active[Users]"), Some("--only"));
    assert_eq!(flag("verify[Users]"), Some("--skip"));
    let from = Selection { from: patterns("list-tables"), ..Selection::default() };
    assert_eq!(from.apply(&plan).unwrap()[0], Some(LeftOut::From));
}

#[test]
fn a_pattern_that_names_nothing_is_refused_with_what_was_meant() {
    let refused = |selection: Selection, task: &str| {
        let error = selection.apply(&plan(task)).unwrap_err();
        (error.to_string(), error.remedy())
    };
    let (said, remedy) = refused(only("create-table[User]"), SETUP);
    assert_eq!(said, "--only create-table[User]: there is no such step");
    assert_eq!(remedy, "did you mean `create-table[Users]`?");
    let (_, remedy) = refused(only("creat-table"), SETUP);
    assert_eq!(remedy, "did you mean `create-table`?");
    let (_, remedy) = refused(only("deploy*"), SETUP);
    let known = "validate-credentials, create-table, wait-active, verify, list-tables, goodbye";
    assert_eq!(remedy, format!("there are: {known}"));
    let tables = Selection { tables: patterns("Usres"), ..Selection::default() };
    let (said, remedy) = refused(tables, SETUP);
    assert_eq!(said, "--table Usres: no step is about such a table");
    assert_eq!(remedy, "did you mean `Users`?");
    let (_, remedy) = refused(only("first"), "needs base\nstep list-tables");
    assert_eq!(remedy, "did you mean `base/first`?");
    let nothing = Selection { skip: patterns("verify"), ..only("verify") };
    assert_eq!(refused(nothing, SETUP).0, "the flags leave no step to run");
}

#[test]
fn no_pattern_panics() {
    let plan = plan(SETUP);
    for text in ["", "[", "]", "[[", "[]", "[!", "a[b-", "***", "?", "\\", "{a,b}", "**/x"] {
        // Whether it names something is told elsewhere.
        let _ = only(text).apply(&plan);
        let selection = Selection { only: vec![text.to_owned()], ..Selection::default() };
        let _ = selection.apply(&plan);
    }
}
