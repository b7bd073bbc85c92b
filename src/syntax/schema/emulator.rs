//! What stands in `emulator`: how its control plane behaves.

use super::{Context, NodeSpec, Once, PropSpec, ValueType, arg, words};

const HERE: &[Context] = &[Context::Emulator];

/// The faults by their names.
pub const FAULTS: &[&str] = &[
    "throttle",
    "lose-response",
    "error",
    "delay",
    "hang",
    "reset",
    "garbage",
    "deny",
    "expire-credentials",
];

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        args: &[arg("kind", words(&["realistic", "instant"]))],
        doc: "How tables are created and changed. `realistic`: with states that last, one change \
            at a time, cooldowns, quotas and limits, in the service's own codes and texts. \
            `instant`: every change is in effect when it is answered. All other nodes here need \
            `realistic`.",
        default: "instant",
        example: "control-plane realistic",
        ..NodeSpec::new("control-plane", HERE)
    },
    NodeSpec {
        args: &[arg("factor", ValueType::Number { min: 1, max: 100_000_000 })],
        doc: "How many times faster than the service's usual times states end and windows pass.",
        default: "1",
        example: "time-scale 100",
        ..NodeSpec::new("time-scale", HERE)
    },
    NodeSpec {
        args: &[arg("calls", ValueType::Number { min: 1, max: 1_000_000_000 })],
        props: &[PropSpec::new(
            "burst",
            ValueType::Int { min: 1, max: 1_000_000 },
            "how many may come at once",
        )
        .or("6")],
        doc: "The account's limit on mutating calls of the control plane, in calls a second of \
            real time, whatever the `time-scale`. An assumption: the service does not publish its \
            own.",
        default: "5 burst=6",
        example: "mutation-rate 5 burst=6",
        ..NodeSpec::new("mutation-rate", HERE)
    },
    NodeSpec {
        args: &[arg("tables", ValueType::Int { min: 1, max: 1_000_000 })],
        doc: "The account's quota of tables in the region.",
        default: "2500",
        example: "max-tables 2500",
        ..NodeSpec::new("max-tables", HERE)
    },
    NodeSpec {
        args: &[arg("operations", ValueType::Int { min: 1, max: 1_000_000 })],
        props: &[PropSpec::new(
            "indexed",
            ValueType::Int { min: 1, max: 1_000_000 },
            "of these, on tables with secondary indexes",
        )
        .or("250, or all where that is less")],
        doc: "The account's quota of table operations under way at once.",
        default: "500 indexed=250",
        example: "max-operations 500 indexed=250",
        ..NodeSpec::new("max-operations", HERE)
    },
    NodeSpec {
        args: &[arg("kind", words(FAULTS))],
        props: &[
            PropSpec::new("on", ValueType::Operation, "the operation that it meets").or("any"),
            PropSpec::new(
                "table",
                ValueType::Text,
                "the full name of the table that it meets; `*` and `?` stand for any characters \
                and any one",
            )
            .or("any"),
            PropSpec::new(
                "rate",
                ValueType::Number { min: 0, max: 1000 },
                "the part of these calls that it meets",
            )
            .or("1"),
            PropSpec::new(
                "skip",
                ValueType::Int { min: 0, max: 4_294_967_295 },
                "how many of these calls pass before it meets the first",
            )
            .or("0"),
            PropSpec::new(
                "count",
                ValueType::Int { min: 1, max: 4_294_967_295 },
                "how many calls it meets at most",
            )
            .or("no end"),
            PropSpec::new(
                "by",
                ValueType::Duration { min: 0, max: 3600 },
                "with `delay`, which needs it: how much later the answer comes",
            ),
            PropSpec::new(
                "after",
                ValueType::Duration { min: 0, max: 86_400 },
                "with `expire-credentials`, which needs it: how long after they were first seen",
            ),
            PropSpec::new(
                "code",
                ValueType::Name,
                "with `error`, which needs it: such as `InternalServerError`",
            ),
            PropSpec::new("message", ValueType::Text, "with `error`: its message")
                .or("the service's usual one"),
        ],
        once: Once::No,
        doc: "A failure of the service or the network, met by the calls that its properties \
            select. `throttle`, `error` and `deny` answer so and do nothing; `lose-response` and \
            `garbage` apply the call, and the answer is lost or nonsense; `hang` and `reset` do \
            nothing, and no answer comes or the connection breaks; `delay` answers late; \
            `expire-credentials` refuses keys that were used for so long.",
        example: "fault throttle on=CreateTable rate=0.1",
        ..NodeSpec::new("fault", HERE)
    },
    NodeSpec {
        args: &[arg("number", ValueType::Int { min: 0, max: u64::MAX })],
        doc: "The seed of all randomness: durations within their ranges, and which calls faults \
            meet.",
        default: "0",
        example: "seed 42",
        ..NodeSpec::new("seed", HERE)
    },
];
