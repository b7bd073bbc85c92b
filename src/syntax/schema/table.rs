//! What stands in `table` only: indexes, and where the table is.

use super::{Context, NodeSpec, Once, PropSpec, ValueType, arg, arg_some, words};

const TABLE: &[Context] = &[Context::Table];
const FILTERED: &[Context] = &[Context::Table, Context::Step, Context::RollbackStep];

pub(super) const PROJECTION: PropSpec = PropSpec::new(
    "projection",
    words(&["all", "keys-only", "include"]),
    "the attributes it carries; `include` lists them in a child",
)
.or("the table's `projection`");

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        args: &[arg("name", ValueType::Name)],
        props: &[
            PropSpec::new("hash", ValueType::KeyAttribute, "the partition key"),
            PropSpec::new("range", ValueType::KeyAttribute, "the sort key"),
            PROJECTION,
        ],
        inside: Some(Context::Gsi),
        once: Once::No,
        doc: "A global secondary index; at most 20 a table.",
        example: "gsi status-index hash=status range=(N)createdAt",
        ..NodeSpec::new("gsi", TABLE)
    },
    NodeSpec {
        args: &[arg("name", ValueType::Name)],
        props: &[
            PropSpec::new("range", ValueType::KeyAttribute, "the sort key").required(),
            PROJECTION,
        ],
        inside: Some(Context::Lsi),
        once: Once::No,
        doc: "A local secondary index: the table's partition key with another sort key. At most 5 \
            a table, which needs a `range` key of its own; made only with the table.",
        example: "lsi createdAt-index range=(N)createdAt",
        ..NodeSpec::new("lsi", TABLE)
    },
    NodeSpec {
        args: &[arg_some("environments", ValueType::Name)],
        doc: "The environments that have the table, or run the step.",
        default: "all",
        example: "only-in dev staging",
        ..NodeSpec::new("only-in", FILTERED)
    },
    NodeSpec {
        args: &[arg_some("environments", ValueType::Name)],
        doc: "The environments that do not have the table, or do not run the step.",
        default: "none",
        example: "except-in prod",
        ..NodeSpec::new("except-in", FILTERED)
    },
    NodeSpec {
        args: &[arg_some("environments", ValueType::Name)],
        inside: Some(Context::In),
        once: Once::No,
        doc: "Settings of the table for some environments only; later blocks win.",
        example: "in prod { tag Tier gold; }",
        ..NodeSpec::new("in", TABLE)
    },
];
