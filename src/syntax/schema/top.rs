//! What stands at the top of a file, and in `project` and `defaults`.

use super::{Context, NodeSpec, Once, PropSpec, ValueType, arg, arg_optional, words};

const ROOT: &[Context] = &[Context::Root];
const ANY_FILE: &[Context] = &[Context::Root, Context::Included];

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        args: &[arg("edition", ValueType::Int { min: 1, max: 1 })],
        props: &[PropSpec::new(
            "min",
            ValueType::Version,
            "the oldest osem that may read this file",
        )],
        doc: "The edition of the language. Must be the first node of the root file.",
        example: "osem 1 min=\"0.1.0\"",
        ..NodeSpec::new("osem", ROOT)
    },
    NodeSpec {
        args: &[arg("name", ValueType::LowerName)],
        inside: Some(Context::Project),
        doc: "Names the project. Required, once, in the root file.",
        example: "project osem-ladders {\n    table-name \"osem-{env}-{table}\"\n}",
        ..NodeSpec::new("project", ROOT)
    },
    NodeSpec {
        inside: Some(Context::Defaults),
        doc: "What holds where a table or a step says nothing.",
        example: "defaults {\n    table { billing pay-per-request; }\n    step { timeout \"2m\"; }\n}",
        ..NodeSpec::new("defaults", ROOT)
    },
    NodeSpec {
        args: &[arg("name", ValueType::Name)],
        props: &[PropSpec::new(
            "default",
            ValueType::Bool,
            "used when no environment is named; \
            at most one, and never a protected one",
        )
        .or("#false")],
        inside: Some(Context::Environment),
        once: Once::No,
        doc: "A place where the tables live. Chosen by `--env` or `OSEM_ENV`.",
        example: "environment dev {\n    region us-east-1\n    account \"111111111111\"\n}",
        ..NodeSpec::new("environment", ROOT)
    },
    NodeSpec {
        args: &[arg("name", ValueType::Name)],
        props: &[
            PropSpec::new("hash", ValueType::KeyAttribute, "the partition key").required(),
            PropSpec::new("range", ValueType::KeyAttribute, "the sort key"),
        ],
        inside: Some(Context::Table),
        once: Once::No,
        doc: "A table. What is declared is managed; what is not declared is left alone.",
        example: "table Teams hash=teamId {\n    gsi managerId-index hash=managerId\n}",
        ..NodeSpec::new("table", ANY_FILE)
    },
    NodeSpec {
        args: &[arg("name", ValueType::Name)],
        inside: Some(Context::Task),
        once: Once::No,
        doc: "A named list of steps: what `osem run NAME` does. A task may not have a command's name.",
        example: "task verify {\n    step validate-credentials\n    for-each table { step verify; }\n}",
        ..NodeSpec::new("task", ANY_FILE)
    },
    NodeSpec {
        args: &[arg("glob", ValueType::Path)],
        props: &[PropSpec::new("optional", ValueType::Bool, "no match is no error").or("#false")],
        once: Once::No,
        doc: "Reads more files, relative to the root file's folder. They may hold `table`, `task`, \
            `step-kind`, `var` and `pool`. The files of `tasks-dir` are read by themselves.",
        example: "include \"tables/*.kdl\"",
        ..NodeSpec::new("include", ROOT)
    },
    NodeSpec {
        args: &[arg("name", ValueType::Name), arg_optional("value", ValueType::Text)],
        props: &[
            PropSpec::new("env", ValueType::Text, "the variable of the shell that it is read from"),
            PropSpec::new("default", ValueType::Text, "its value where nobody gives another one"),
            PropSpec::new("required", ValueType::Bool, "nothing runs without a value").or("#false"),
            PropSpec::new(
                "secret",
                ValueType::Bool,
                "its value is shown and recorded nowhere; it is read from `env` alone, and may \
                stand only in the value of a step's `env` and in a secret parameter of a plugin",
            )
            .or("#false"),
        ],
        once: Once::No,
        doc: "A value for `{var.NAME}`. `--var NAME=VALUE` on the command line wins over `env`, \
            and that over what stands in the file. See docs/variables.md.",
        example: "var owner \"team-a\"",
        ..NodeSpec::new("var", ANY_FILE)
    },
    NodeSpec {
        args: &[arg("name", ValueType::Name), arg("size", ValueType::Int { min: 1, max: 10_000 })],
        once: Once::No,
        doc: "A limit on how many of the steps that name it run at once: their weights together are \
            never more than the size. The control plane of the service needs none: osem finds its \
            limits and keeps to them.",
        example: "pool indexes 2",
        ..NodeSpec::new("pool", ANY_FILE)
    },
    NodeSpec {
        args: &[arg("template", ValueType::Template)],
        doc: "How the full name of a table is made. Must contain `{table}`; may contain `{env}`, \
            `{project}`, `{region}` and `{account}`. `OSEM_DB_PREFIX` replaces everything before \
            `{table}`.",
        default: "\"{project}-{env}-{table}\"",
        example: "table-name \"osem-{env}-{table}\"",
        ..NodeSpec::new("table-name", &[Context::Project])
    },
    NodeSpec {
        args: &[arg("steps", ValueType::Int { min: 1, max: 256 })],
        doc: "How many steps are at work at once. One that only waits does not count; with 1, steps \
              run strictly one after the other.",
        default: "8",
        example: "jobs 8",
        ..NodeSpec::new("jobs", &[Context::Project])
    },
    NodeSpec {
        args: &[arg("path", ValueType::Path)],
        doc: "The folder whose `*.kdl` files are read by themselves.",
        default: "\"tasks\"",
        example: "tasks-dir \"tasks\"",
        ..NodeSpec::new("tasks-dir", &[Context::Project])
    },
    NodeSpec::later(
        "state",
        &[Context::Project],
        "Where journals of runs are kept.",
        "state \"x\"",
    ),
    NodeSpec {
        inside: Some(Context::DefaultsTable),
        doc: "Settings for every table.",
        example: "table {\n    billing pay-per-request\n    tag Environment \"{env}\"\n}",
        ..NodeSpec::new("table", &[Context::Defaults])
    },
    NodeSpec {
        inside: Some(Context::DefaultsStep),
        doc: "Policy for every step.",
        example: "step {\n    timeout \"2m\"\n    retry 4 delay=\"500ms\"\n}",
        ..NodeSpec::new("step", &[Context::Defaults])
    },
];

/// Words of `projection` where no index is near that could list attributes.
pub(super) const PROJECTION_DEFAULT: ValueType = words(&["all", "keys-only"]);
