//! What stands in `task` and in its blocks.

use super::{ArgSpec, Context, NodeSpec, Once, PropSpec, ValueType, arg, arg_any, arg_some, words};

const TASK: &[Context] = &[Context::Task];
const BODY: &[Context] = &[Context::Task, Context::ForEach];

pub(super) const ON_FAILURE: &[ArgSpec] =
    &[arg("what", ValueType::Enum { now: &["stop", "keep-going"], later: &["rollback"] })];

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        args: &[arg("text", ValueType::Text)],
        doc: "One sentence for lists.",
        example: "description \"Create every table\"",
        ..NodeSpec::new("description", TASK)
    },
    NodeSpec {
        args: &[arg_some("environments", ValueType::Name)],
        doc: "The environments it may run in; refused elsewhere. Required when a step destroys.",
        default: "all",
        example: "allow-in local dev",
        ..NodeSpec::new("allow-in", TASK)
    },
    NodeSpec {
        args: &[arg("how", words(&["yes-no", "type-environment"]))],
        doc: "The question that is asked at least, once, before the first write.",
        default: "by what the plan would change",
        example: "confirm type-environment",
        ..NodeSpec::new("confirm", TASK)
    },
    NodeSpec {
        args: ON_FAILURE,
        doc: "What a failure does. `stop`: nothing new starts, and what is done stands. \
            `keep-going`: other chains go on; the failure stays a failure.",
        default: "stop",
        example: "on-failure keep-going",
        ..NodeSpec::new("on-failure", &[Context::Task, Context::ForEach, Context::Step])
    },
    NodeSpec {
        args: &[arg("kind", ValueType::Name)],
        props: &[
            PropSpec::new("id", ValueType::Name, "its name; needed when a kind is used twice")
                .or("the kind"),
            PropSpec::new(
                "table",
                ValueType::Name,
                "its table, for a table step outside `for-each`",
            ),
        ],
        open_props: true,
        inside: Some(Context::Step),
        once: Once::No,
        doc: "A step. It starts when the one before it has succeeded. Its other properties are \
            inputs of its kind.",
        example: "step delete-table missing=ok { timeout \"10m\"; }",
        ..NodeSpec::new("step", BODY)
    },
    NodeSpec {
        args: &[
            arg("collection", ValueType::Enum { now: &["table"], later: &["item"] }),
            arg_any("names", ValueType::Name),
        ],
        props: &[PropSpec::new(
            "order",
            words(&["declared", "reverse"]),
            "the order in which \
            chains start",
        )
        .or("declared")],
        inside: Some(Context::ForEach),
        once: Once::No,
        doc: "One chain of steps for each table, all at once; without names, for every table of \
            the environment.",
        example: "for-each table order=reverse {\n    step create-table\n    step wait-active\n}",
        ..NodeSpec::new("for-each", TASK)
    },
    NodeSpec::later("needs", TASK, "Tasks that run first, once.", "needs setup"),
    NodeSpec::later("timeout", TASK, "The time for the whole task.", "timeout \"30m\""),
    NodeSpec {
        once: Once::No,
        ..NodeSpec::later("parallel", BODY, "Steps that run at once.", "parallel { step verify; }")
    },
    NodeSpec::later("finally", TASK, "Steps that always run, last.", "finally { step verify; }"),
    NodeSpec::later("serial", &[Context::ForEach], "One chain after the other.", "serial"),
];
