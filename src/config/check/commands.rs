//! Names that a task may not have, because they are commands.

/// The names of commands, those of later versions included, less those that are shorthands for
/// tasks (`setup`, `verify`, …): no task may have one of them.
pub const COMMANDS: &[&str] = &[
    "run",
    "resume",
    "rollback",
    "plan",
    "list",
    "graph",
    "runs",
    "check",
    "fmt",
    "init",
    "import",
    "schema",
    "explain",
    "steps",
    "iam-policy",
    "doctor",
    "local",
    "completions",
    "man",
    "version",
    "help",
];

pub(super) fn is_command(name: &str) -> bool {
    COMMANDS.contains(&name)
}
