//! What stands in `step-kind` and in its `param`.

use super::{Context, FLAG, NodeSpec, Once, PropSpec, ValueType, arg, arg_some, words};

const STEP_KIND: &[Context] = &[Context::StepKind];

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        args: &[arg("name", ValueType::LowerName)],
        inside: Some(Context::StepKind),
        once: Once::No,
        doc: "A step kind of your own: a program with typed parameters, or a plugin. It has `exec` \
            or `plugin`. Steps use it as they use a built-in one, and `osem steps NAME` documents it. \
            It may not have the name of a built-in kind.",
        example: "step-kind load-fixtures {\n    exec \"tasks/load-fixtures\" \"--file\" \
            \"{param.file}\"\n    param file type=path required=#true\n}",
        ..NodeSpec::new("step-kind", &[Context::Root, Context::Included])
    },
    NodeSpec {
        args: &[arg_some("words", ValueType::Text)],
        doc: "The program and its arguments; no shell sees them. Beside the placeholders of \
            `step exec` they may have `{param.NAME}`, and `{param.NAME.name}` for the full name of a \
            table. A program with a `/` is a file in the folder of osem.kdl.",
        example: "exec \"tasks/load-fixtures\" \"--table\" \"{table.name}\"",
        ..NodeSpec::new("exec", STEP_KIND)
    },
    NodeSpec {
        args: &[arg("program", ValueType::Path)],
        doc: "A program that speaks the plugin protocol; see docs/plugins.md. With a `/` it is a \
            file in the folder of osem.kdl.",
        example: "plugin \"tasks/query-check\"",
        ..NodeSpec::new("plugin", STEP_KIND)
    },
    NodeSpec {
        args: &[arg("name", ValueType::LowerName)],
        props: &[
            PropSpec::new(
                "type",
                words(&["string", "int", "bool", "duration", "path", "table", "enum"]),
                "what values it takes; `path` is a file that must be there, relative to the file \
                    that names it",
            )
            .or("string"),
            PropSpec::new("required", ValueType::Bool, "a step must have it").or("#false"),
            PropSpec::new("default", ValueType::Any, "the value where a step has none"),
            PropSpec::new(
                "secret",
                ValueType::Bool,
                "its value names a secret variable; only a plugin has such a parameter, and finds it \
                    on stdin alone",
            )
            .or("#false"),
            PropSpec::new("min", ValueType::Any, "the least, of `int` and `duration`"),
            PropSpec::new("max", ValueType::Any, "the greatest, of `int` and `duration`"),
        ],
        inside: Some(Context::Param),
        once: Once::PerArgument,
        doc: "A parameter: a step gives it as a property. The program finds the value in the \
            variable `OSEM_PARAM_NAME` too, with `_` for `-`. `param table type=table` is the table \
            of the step: `table=`, or that of `for-each`.",
        example: "param batch-size type=int default=25 min=1 max=25",
        ..NodeSpec::new("param", STEP_KIND)
    },
    NodeSpec {
        args: &[arg_some("words", ValueType::Text)],
        doc: "The words that a parameter of type `enum` takes.",
        example: "values plain dynamodb",
        ..NodeSpec::new("values", &[Context::Param])
    },
    NodeSpec {
        args: &[arg("what", words(&["read", "write", "destroy"]))],
        doc: "What it may do; only who wrote it knows. `destroy` needs `allow-in` in the task and \
            `allow-destroy` in the environment.",
        default: "write",
        example: "effect read",
        ..NodeSpec::new("effect", STEP_KIND)
    },
    NodeSpec {
        args: FLAG,
        doc: "Doing it twice is the same as doing it once: it is tried again like a built-in kind. \
            Without it, `retry` is an error.",
        example: "idempotent",
        ..NodeSpec::new("idempotent", STEP_KIND)
    },
    NodeSpec {
        args: &[arg("how", words(&["exec"])), arg_some("words", ValueType::Text)],
        doc: "The program and its arguments that take back what a step did, also where it failed \
            half-way: it must cope with nothing being there. They are written as those of `exec`. A \
            plugin takes back by its verb `undo`.",
        example: "undo exec \"tasks/unload-fixtures\" \"--table\" \"{table.name}\"",
        ..NodeSpec::new("undo", STEP_KIND)
    },
    NodeSpec {
        args: &[arg_some("actions", ValueType::Text)],
        once: Once::No,
        doc: "The IAM actions that it needs.",
        example: "iam \"dynamodb:BatchWriteItem\"",
        ..NodeSpec::new("iam", STEP_KIND)
    },
];
