//! What a person is told about a `rollback` that makes no sense.

use super::*;

/// A step and, behind `--`, what is told of it.
const TOLD: &str = r#"
step exec a { rollback; }
-- `rollback` names no step @6:24 `rollback` -> name what undoes this one: rollback { step exec "tasks/drop"; }
step exec a { rollback { }; }
-- `rollback` names no step @6:24 `rollback` -> name what undoes this one: rollback { step exec "tasks/drop"; }
step exec a { rollback x { step exec b; }; }
-- `rollback` takes no argument @6:33 `x` -> example: rollback
step exec a { rollback { step exec b { after a; }; }; }
-- `after` cannot stand in a step of `rollback` @6:49 `after` -> remove it: its steps run in the order written, each when the one before it has succeeded
step exec a { rollback { step exec b { rollback { step exec c; }; on-failure stop; tolerate; only-if-changed a; pool p; }; }; }
-- `rollback` cannot stand in a step of `rollback` @6:49 `rollback` -> remove it: what undoes a step is not undone itself
-- `on-failure` cannot stand in a step of `rollback` @6:76 `on-failure` -> remove it: a failure ends the rollback of the step, and is always told
-- `tolerate` cannot stand in a step of `rollback` @6:93 `tolerate` -> remove it: a failure ends the rollback of the step, and is always told
-- `only-if-changed` cannot stand in a step of `rollback` @6:103 `only-if-changed` -> remove it: its steps run in the order written, each when the one before it has succeeded
-- `pool` cannot stand in a step of `rollback` @6:122 `pool` -> remove it: it has no part in undoing
step exec a { rollback { step exec b table=T; }; }
-- the table is that of the step that is undone @6:47 `table=T` -> write it there, and remove it here
step exec a { rollback { parallel { step exec b; }; }; }
-- unknown node `parallel` @6:35 `parallel` (not known in `rollback`) -> it may stand in `task`, `for-each`
step exec a { rollback { step verify; }; }
-- step `verify` runs no command, so it cannot undo another one @6:40 `verify` -> `exec`, `shell` and step kinds of your own can stand in `rollback`
step exec a { rollback { step exce b; }; }
-- unknown step kind `exce` @6:40 `exce` -> did you mean `exec`?
step exec a { rollback { step exec; step shell a b; }; }
-- `exec` needs a program to run @6:40 `exec` -> example: step exec "node" "scripts/seed.js"
-- `shell` takes one text @6:59 `b` -> quote the whole, or use `exec`, which takes words
step exec a { rollback { step exec b "{table}" "{item}"; }; }
-- `{table}` has no value: the step is about no table @6:47 `"{table}"` -> put the step into `for-each table { … }`, or add table=…
-- `{item}` has no value: the step is about no item @6:57 `"{item}"` -> put the step into: for-each item a b { … }
step exec a { rollback { step needs-table; }; }
-- step `needs-table` is about one table @6:40 `needs-table` -> put it into `for-each table { … }`, or add table=…
step exec a { rollback { step exec b "{var.token}"; }; }
-- `{var.token}` is secret, and this would be seen @6:47 `"{var.token}"` @5:5 `token` (declared secret here) -> a command is given a secret as a variable: env NAME "{var.token}"
step exec a { rollback { step plain { retry 2; }; }; }
-- step kind `plain` does not say that it may be repeated @6:48 `retry 2` (tried again here) @9:11 `plain` (this kind) -> add `idempotent` to the kind, if doing it twice is the same as doing it once
step exec a effect=read { rollback { step exec b; }; }
-- step `exec` only reads, so nothing is to be undone @6:36 `rollback` @6:10 `step exec` -> remove `rollback`, or correct `effect`
step list-tables { rollback { step exec b; }; }
-- step `list-tables` only reads, so nothing is to be undone @6:29 `rollback` @6:10 `step list-tables` -> remove `rollback`
step create-table table=T { rollback { step exec b; }; }
-- step `create-table` is built in, and is undone as far as that is safe @6:38 `rollback` @6:10 `step create-table` -> remove `rollback`; what undoes it is told by: osem steps create-table
step undoes { rollback { step exec b; }; }
-- step kind `undoes` says itself how it is undone @6:24 `rollback` @6:10 `step undoes` @8:38 `b` (by this) -> remove `rollback`, or `undo` from the step-kind
step exec a table=T { rollback { step exec b "{table.name}" { timeout "1m"; retry 2; credentials aws; env A b; except-in dev; }; step needs-table; }; }
-- 
"#;

#[test]
fn each_slip_is_told_with_its_place() {
    let head = "osem 1\nproject x\nenvironment dev { allow-destroy; }\ntable T hash=a\nvar token \
                env=TOKEN secret=#true\ntask t { ";
    let kinds = "\npool p 1\nstep-kind undoes { exec a; undo exec b; }\nstep-kind plain { exec a; }\n\
                 step-kind needs-table { exec a; param table type=table required=#true; }\n";
    let mut all = String::from("\n");
    let mut lines = TOLD.trim_start_matches('\n').lines().peekable();
    while let Some(step) = lines.next() {
        let _ = writeln!(all, "{step}");
        while lines.next_if(|line| line.starts_with("--")).is_some() {}
        let told = told(&format!("{head}{step}; }}{kinds}"));
        let told: Vec<&str> = told.lines().collect();
        let told = if told.is_empty() { vec![""] } else { told };
        for line in told {
            let _ = writeln!(all, "-- {line}");
        }
    }
    assert_eq!(all, TOLD, "{all}");
}
