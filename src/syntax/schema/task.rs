//! What stands in `task` and in its blocks.

use super::{
    ArgSpec, Context, FLAG, NodeSpec, Once, PropSpec, ValueType, arg, arg_any, arg_some, words,
};

const TASK: &[Context] = &[Context::Task];
const BODY: &[Context] = &[Context::Task, Context::ForEach];
const TIMEOUT: ValueType = ValueType::Duration { min: 1, max: 7 * 24 * 3600 };
const STEPS: &[Context] = &[Context::Task, Context::ForEach, Context::Parallel, Context::Finally];

pub(super) const ON_FAILURE: &[ArgSpec] =
    &[arg("what", words(&["stop", "keep-going", "rollback"]))];

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        args: &[arg("text", ValueType::Text)],
        doc: "One sentence for lists.",
        example: "description \"Create every table\"",
        ..NodeSpec::new("description", &[Context::Task, Context::StepKind, Context::Param])
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
            `keep-going`: other chains go on; the failure stays a failure. `rollback`: what the run \
            did is undone, where the environment says `allow-destroy`. Its place is its scope: in \
            `task`, all that the run did, once running steps have ended; in `for-each` or `step`, \
            what it did in the failing chain, while the other chains go on. Only what this run \
            provably made itself is removed, and a table only while it is empty.",
        default: "stop",
        example: "on-failure rollback",
        ..NodeSpec::new("on-failure", &[Context::Task, Context::ForEach, Context::Step])
    },
    NodeSpec {
        args: &[arg("kind", ValueType::Name), arg_any("words", ValueType::Text)],
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
            inputs of its kind. Two kinds run a command and take words: `exec` a program and its \
            arguments, `shell` one text for `sh`. What may stand in the arguments of `exec`: \
            `{env}`, `{project}`, `{region}`, `{account}`, `{table}` (the declared name), \
            `{table.name}` (the full one), `{item}` and `{run.id}`.",
        example: "step exec \"node\" \"scripts/seed.js\" \"{table.name}\" { retry 2; }",
        ..NodeSpec::new("step", STEPS)
    },
    NodeSpec {
        args: &[arg("collection", words(&["table", "item"])), arg_any("names", ValueType::Name)],
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
            the environment. `for-each item` has a chain for each of the values that follow, in \
            which commands read the value as `{item}`.",
        example: "for-each table order=reverse {\n    step create-table\n    step wait-active\n}",
        ..NodeSpec::new("for-each", TASK)
    },
    NodeSpec {
        args: &[arg_some("tasks", ValueType::Name)],
        doc: "Tasks that run first, once, as if their steps stood before those of this one, in the \
            order written. Their steps are called `TASK/STEP`. It may run only where all of them \
            may; the strictest `confirm` of all holds.",
        example: "needs setup",
        ..NodeSpec::new("needs", TASK)
    },
    NodeSpec {
        args: &[arg("time", TIMEOUT)],
        doc: "The time for the whole run of the task, with the tasks that it needs; of a task that \
            another one needs, the time from its first step's start to its last one's end. When it \
            is over, nothing new starts, waits end, calls under way come to their end, and the \
            exit code is 124. `--timeout` limits a run as well.",
        default: "none",
        example: "timeout \"30m\"",
        ..NodeSpec::new("timeout", TASK)
    },
    NodeSpec {
        inside: Some(Context::Parallel),
        once: Once::No,
        doc: "Steps that run at once. What follows waits for all of them.",
        example: "parallel {\n    step verify\n    step tag\n}",
        ..NodeSpec::new("parallel", BODY)
    },
    NodeSpec {
        inside: Some(Context::Finally),
        doc: "Steps that run last and whatever happened, one after the other: also after a failure \
            that stopped the run, after its timeout and after the first signal, each with its own \
            timeout. Those of needed tasks run last too. A second signal leaves them out. When \
            one fails, the run has failed. They delete only what the plan showed at the start: a \
            table that the same run created is deleted by a task of its own.",
        example: "finally { step list-tables; }",
        ..NodeSpec::new("finally", TASK)
    },
    NodeSpec {
        args: FLAG,
        doc: "Each chain starts when the one before it has ended, well or not. Whether a failure \
            lets the next one start is said by `on-failure`.",
        example: "serial",
        ..NodeSpec::new("serial", &[Context::ForEach])
    },
];
