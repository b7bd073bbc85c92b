//! Names that a task may not have, because they are commands.

/// The commands of osem, less those that are shorthands for tasks (`setup`, `verify`, …).
const COMMANDS: [&str; 21] = [
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
