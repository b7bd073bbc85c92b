//! What stands in `gsi` and `lsi`, and lists of attributes in `vector-index`.

use super::settings::{AT_LEAST, AT_MOST, RECORDED_KEYS, UNITS};
use super::{Context, FLAG, NodeSpec, PropSpec, ValueType, arg_optional, arg_some};

const GSI: &[Context] = &[Context::Gsi];

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        args: &[arg_some("attributes", ValueType::AttributeName)],
        doc: "The attributes of `projection=include`: 1 to 20 an index, 100 a table.",
        example: "include title status",
        ..NodeSpec::new("include", &[Context::Gsi, Context::Lsi, Context::VectorIndex])
    },
    NodeSpec {
        args: &[arg_some("attributes", ValueType::KeyAttribute)],
        doc: "A partition key of up to four attributes, instead of `hash=`.",
        example: "hash tenantId region",
        ..NodeSpec::new("hash", GSI)
    },
    NodeSpec {
        args: &[arg_some("attributes", ValueType::KeyAttribute)],
        doc: "A sort key of up to four attributes, instead of `range=`.",
        example: "range status (N)createdAt",
        ..NodeSpec::new("range", GSI)
    },
    NodeSpec {
        props: &[
            PropSpec::new("read", UNITS, "read capacity units").required(),
            PropSpec::new("write", UNITS, "write capacity units").required(),
        ],
        doc: "Capacity of the index where its table is provisioned; needed there.",
        example: "provisioned read=5 write=5",
        ..NodeSpec::new("provisioned", GSI)
    },
    NodeSpec {
        args: &[arg_optional("off", ValueType::False)],
        props: AT_MOST,
        doc: "A ceiling of requests on demand on the index; what is left out is not compared.",
        default: "not managed; new indexes have none",
        example: "on-demand-max read=1000 write=500",
        ..NodeSpec::new("on-demand-max", GSI)
    },
    NodeSpec {
        props: AT_LEAST,
        doc: "A floor of readiness of the index: only ever raised, and paid for each time.",
        default: "not managed",
        example: "warm-throughput read=20000 write=8000",
        ..NodeSpec::new("warm-throughput", GSI)
    },
    NodeSpec {
        args: FLAG,
        props: RECORDED_KEYS,
        doc: "Records the most used keys of the index, in CloudWatch, at its price.",
        default: "not managed; new indexes have none",
        example: "contributor-insights",
        ..NodeSpec::new("contributor-insights", GSI)
    },
];
