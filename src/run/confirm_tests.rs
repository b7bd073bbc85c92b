//! The whole table of the rules: environment by change.

use super::*;
use crate::run::plan_testing::{plan_of, previews};
use crate::table::TableChange;

use ChangeClass::{Create, Destroy, Lossy, Put, RemoveIndex, Tag, Update};
use Confirm::{Never, TypeEnvironment, YesNo};

const CLASSES: [ChangeClass; 7] = [Create, Tag, Put, Update, Lossy, RemoveIndex, Destroy];

/// What is asked for one call of a class, by a task that says this of itself.
fn asked(confirm: &str, environment: &str, class: Option<ChangeClass>) -> Confirm {
    let text = format!(
        "table Users hash=id\n\
         task t {{ {confirm}\nstep create-table table=Users; }}"
    );
    let (plan, environment) = plan_of(&text, environment);
    let previews = previews(&plan, |step| {
        let change = TableChange::create(step.table.as_ref().unwrap());
        class.map(|class| TableChange { class, ..change }).into_iter().collect()
    });
    required_confirmation(&plan, &previews, &environment)
}

fn of_all(confirm: &str, environment: &str) -> [Confirm; 7] {
    CLASSES.map(|class| asked(confirm, environment, Some(class)))
}

#[test]
fn where_nothing_changes_nothing_is_asked_whatever_the_task_wants() {
    for environment in ["local", "dev", "prod"] {
        for confirm in ["", "confirm yes-no", "confirm type-environment"] {
            assert_eq!(asked(confirm, environment, None), Never, "{environment} {confirm}");
        }
    }
}

#[test]
fn on_an_emulator_only_what_destroys_is_asked_about() {
    let wanted = [Never, Never, Never, Never, Never, TypeEnvironment, TypeEnvironment];
    assert_eq!(of_all("", "local"), wanted);
}

#[test]
fn elsewhere_what_is_lost_is_asked_about_and_what_is_only_added_is_not() {
    let wanted = [Never, Never, Never, Never, YesNo, TypeEnvironment, TypeEnvironment];
    assert_eq!(of_all("", "dev"), wanted);
}

#[test]
fn in_a_protected_environment_every_write_needs_its_name() {
    assert_eq!(of_all("", "prod"), [TypeEnvironment; 7]);
}

#[test]
fn the_task_makes_it_stricter_and_never_laxer() {
    let wanted = [YesNo, YesNo, YesNo, YesNo, YesNo, TypeEnvironment, TypeEnvironment];
    assert_eq!(of_all("confirm yes-no", "dev"), wanted);
    assert_eq!(of_all("confirm yes-no", "local"), wanted);
    assert_eq!(of_all("confirm yes-no", "prod"), [TypeEnvironment; 7]);
    assert_eq!(of_all("confirm type-environment", "local"), [TypeEnvironment; 7]);
}

/// What is asked for a command of an effect.
fn commanded(effect: &str, environment: &str) -> Confirm {
    let allow = if effect == "destroy" { "allow-in local dev" } else { "description x" };
    let text = format!("task t {{ {allow}\nstep exec \"true\" effect={effect}; }}");
    let (plan, environment) = plan_of(&text, environment);
    required_confirmation(&plan, &previews(&plan, |_| Vec::new()), &environment)
}

#[test]
fn a_command_is_asked_about_by_what_it_may_do() {
    let of = |environment| ["read", "write"].map(|effect| commanded(effect, environment));
    assert_eq!(of("local"), [Never, Never]);
    assert_eq!(of("dev"), [Never, YesNo]);
    assert_eq!(of("prod"), [Never, TypeEnvironment]);
    for environment in ["local", "dev"] {
        assert_eq!(commanded("destroy", environment), TypeEnvironment);
    }
}
