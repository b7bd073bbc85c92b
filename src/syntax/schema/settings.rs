//! Settings of tables: in `defaults/table`, `table`, `environment/table` and `table/in`.

use super::top::PROJECTION_DEFAULT;
use super::{Context, NodeSpec, Once, PropSpec, ValueType, arg, words};

const SETTINGS: &[Context] =
    &[Context::DefaultsTable, Context::EnvironmentTable, Context::Table, Context::In];

const UNITS: ValueType = ValueType::Int { min: 1, max: 1_000_000_000 };

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        args: &[arg("mode", words(&["pay-per-request", "provisioned"]))],
        props: &[
            PropSpec::new("read", UNITS, "read capacity units, with `provisioned`"),
            PropSpec::new("write", UNITS, "write capacity units, with `provisioned`"),
            PropSpec::new(
                "managed",
                words(&["autoscaling"]),
                "something else changes the capacity: it is set at creation and not compared",
            ),
        ],
        doc: "How the table is paid for.",
        default: "not managed; new tables are on demand",
        example: "billing provisioned read=5 write=5",
        ..NodeSpec::new("billing", SETTINGS)
    },
    NodeSpec {
        args: &[arg("attributes", PROJECTION_DEFAULT)],
        doc: "The projection of indexes that name none.",
        default: "all",
        example: "projection keys-only",
        ..NodeSpec::new("projection", SETTINGS)
    },
    NodeSpec {
        args: &[arg("key", ValueType::Text), arg("value", ValueType::TagValue)],
        once: Once::PerArgument,
        doc: "A tag: at most 50 a table; other tags of the table are left alone. `#false` takes \
            the tag away.",
        example: "tag Environment \"{env}\"",
        ..NodeSpec::new("tag", SETTINGS)
    },
    NodeSpec::later("on-demand-max", SETTINGS, "A ceiling on demand.", "on-demand-max read=100"),
    NodeSpec::later("warm-throughput", SETTINGS, "A floor of readiness.", "warm-throughput read=1"),
    NodeSpec::later("ttl", SETTINGS, "The attribute with the time of expiry.", "ttl expiresAt"),
    NodeSpec::later("stream", SETTINGS, "A stream of changes.", "stream new-image"),
    NodeSpec {
        once: Once::No,
        ..NodeSpec::later(
            "kinesis-stream",
            SETTINGS,
            "A Kinesis stream of changes.",
            "kinesis-stream \"arn:aws:kinesis:us-east-1:012345678901:stream/x\"",
        )
    },
    NodeSpec::later(
        "point-in-time-recovery",
        SETTINGS,
        "Continuous backups.",
        "point-in-time-recovery days=35",
    ),
    NodeSpec::later(
        "encryption",
        SETTINGS,
        "The key of the data at rest.",
        "encryption aws-managed",
    ),
    NodeSpec::later("class", SETTINGS, "The class of storage.", "class standard"),
    NodeSpec::later(
        "deletion-protection",
        SETTINGS,
        "The service refuses to delete the table.",
        "deletion-protection",
    ),
    NodeSpec::later(
        "disassociation-protection",
        SETTINGS,
        "The service refuses to part the table from its replicas.",
        "disassociation-protection",
    ),
    NodeSpec::later(
        "contributor-insights",
        SETTINGS,
        "Its most used keys.",
        "contributor-insights",
    ),
    NodeSpec::later(
        "resource-policy",
        SETTINGS,
        "Who may use the table.",
        "resource-policy file=\"policy.json\"",
    ),
    NodeSpec {
        once: Once::No,
        ..NodeSpec::later("replica", SETTINGS, "A copy in another region.", "replica eu-west-1")
    },
    NodeSpec::later("consistency", SETTINGS, "Of its replicas.", "consistency strong"),
    NodeSpec::later("witness", SETTINGS, "The region that only votes.", "witness us-west-2"),
];
