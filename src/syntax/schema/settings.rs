//! Settings of tables: in `defaults/table`, `table`, `environment/table` and `table/in`.

use super::top::PROJECTION_DEFAULT;
use super::{Context, FLAG, NodeSpec, Once, PropSpec, ValueType, arg, arg_optional, words};

const SETTINGS: &[Context] =
    &[Context::DefaultsTable, Context::EnvironmentTable, Context::Table, Context::In];

/// Units of capacity or requests, a second.
pub(super) const UNITS: ValueType = ValueType::Int { min: 1, max: 1_000_000_000 };

/// A ceiling, of a table or an index.
pub(super) const AT_MOST: &[PropSpec] = &[
    PropSpec::new("read", UNITS, "read request units a second at most"),
    PropSpec::new("write", UNITS, "write request units a second at most"),
];

/// A floor, of a table or an index.
pub(super) const AT_LEAST: &[PropSpec] = &[
    PropSpec::new("read", UNITS, "read units a second"),
    PropSpec::new("write", UNITS, "write units a second"),
];

/// What is recorded of the keys of a table or an index.
pub(super) const RECORDED_KEYS: &[PropSpec] = &[PropSpec::new(
    "mode",
    words(&["accessed-and-throttled-keys", "throttled-keys"]),
    "which keys are recorded",
)
.or("`accessed-and-throttled-keys`")];

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
    NodeSpec {
        args: &[arg_optional("off", ValueType::False)],
        props: AT_MOST,
        doc: "A ceiling of requests on demand; what is left out is not compared.",
        default: "not managed; new tables have none",
        example: "on-demand-max read=1000 write=500",
        ..NodeSpec::new("on-demand-max", SETTINGS)
    },
    NodeSpec {
        props: AT_LEAST,
        doc: "A floor of readiness: how much the table serves at once. It is only ever raised, and \
            costs each time.",
        default: "not managed; new tables on demand have 12000 and 4000",
        example: "warm-throughput read=20000 write=8000",
        ..NodeSpec::new("warm-throughput", SETTINGS)
    },
    NodeSpec {
        args: &[arg("attribute", ValueType::AttributeOrFalse)],
        doc: "The attribute with the time of expiry, in seconds since 1970. It can be changed only \
            once in 31 minutes to an hour, and another attribute takes two changes.",
        default: "not managed; new tables have none",
        example: "ttl expiresAt",
        ..NodeSpec::new("ttl", SETTINGS)
    },
    NodeSpec {
        args: &[arg(
            "view",
            ValueType::WordOrFalse(&["keys-only", "new-image", "old-image", "new-and-old-images"]),
        )],
        doc: "A stream of changes, and what its records show. Another view is another stream, with \
            another ARN.",
        default: "not managed; new tables have none",
        example: "stream new-and-old-images",
        ..NodeSpec::new("stream", SETTINGS)
    },
    NodeSpec {
        args: &[arg("stream", ValueType::StreamArnOrFalse)],
        props: &[PropSpec::new(
            "precision",
            words(&["millisecond", "microsecond"]),
            "of the times of changes; left out, that is not compared",
        )],
        doc: "A Kinesis stream that gets the changes of the table; it takes the place of any other.",
        default: "not managed; new tables have none",
        example: "kinesis-stream \"arn:aws:kinesis:us-east-1:012345678901:stream/changes\"",
        ..NodeSpec::new("kinesis-stream", SETTINGS)
    },
    NodeSpec {
        args: FLAG,
        props: &[PropSpec::new(
            "days",
            ValueType::Int { min: 1, max: 35 },
            "how far back it reaches; left out, that is not compared",
        )],
        doc: "Continuous backups, to which the table can be restored as of any second.",
        default: "not managed; new tables have none",
        example: "point-in-time-recovery days=35",
        ..NodeSpec::new("point-in-time-recovery", SETTINGS)
    },
    NodeSpec {
        args: &[arg("by", words(&["aws-owned", "aws-managed", "kms"]))],
        props: &[PropSpec::new("key", ValueType::KmsKeyArn, "the key, with `kms`")],
        doc: "The key of the data at rest. The service does not tell the account's key that AWS \
            manages from one of your own: `aws-managed` is met by either.",
        default: "not managed; new tables have a key that AWS owns",
        example: "encryption kms key=\"arn:aws:kms:us-east-1:012345678901:key/0a1b\"",
        ..NodeSpec::new("encryption", SETTINGS)
    },
    NodeSpec {
        args: &[arg("class", words(&["standard", "standard-infrequent-access"]))],
        doc: "The class of storage; it can be changed twice in 30 days.",
        default: "not managed; new tables are standard",
        example: "class standard-infrequent-access",
        ..NodeSpec::new("class", SETTINGS)
    },
    NodeSpec {
        args: FLAG,
        doc: "The service refuses to delete the table, and so does osem.",
        default: "not managed; new tables are not protected",
        example: "deletion-protection",
        ..NodeSpec::new("deletion-protection", SETTINGS)
    },
    NodeSpec {
        args: FLAG,
        doc: "The service refuses to part the table from its replicas.",
        default: "not managed; new tables are not protected",
        example: "disassociation-protection",
        ..NodeSpec::new("disassociation-protection", SETTINGS)
    },
    NodeSpec {
        args: FLAG,
        props: RECORDED_KEYS,
        doc: "Records the most used keys, in CloudWatch, at its price.",
        default: "not managed; new tables have none",
        example: "contributor-insights mode=throttled-keys",
        ..NodeSpec::new("contributor-insights", SETTINGS)
    },
    NodeSpec {
        args: &[arg_optional("off", ValueType::False)],
        props: &[PropSpec::new(
            "file",
            ValueType::Path,
            "the policy as JSON with a \"Version\", relative to the folder of the file that it is \
             written in; up to 20480 bytes",
        )],
        doc: "Who may use the table, beside what their own policies allow.",
        default: "not managed; new tables have none",
        example: "resource-policy file=\"policy.json\"",
        ..NodeSpec::new("resource-policy", SETTINGS)
    },
    NodeSpec {
        once: Once::No,
        ..NodeSpec::later("replica", SETTINGS, "A copy in another region.", "replica eu-west-1")
    },
    NodeSpec::later("consistency", SETTINGS, "Of its replicas.", "consistency strong"),
    NodeSpec::later("witness", SETTINGS, "The region that only votes.", "witness us-west-2"),
];
