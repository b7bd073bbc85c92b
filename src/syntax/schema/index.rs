//! What stands in `gsi` and `lsi`.

use super::{Context, NodeSpec, PropSpec, ValueType, arg_some};

const GSI: &[Context] = &[Context::Gsi];

const UNITS: ValueType = ValueType::Int { min: 1, max: 1_000_000_000 };

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        args: &[arg_some("attributes", ValueType::AttributeName)],
        doc: "The attributes of `projection=include`: 1 to 20 an index, 100 a table.",
        example: "include title status",
        ..NodeSpec::new("include", &[Context::Gsi, Context::Lsi])
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
    NodeSpec::later("on-demand-max", GSI, "A ceiling on demand.", "on-demand-max read=100"),
    NodeSpec::later("warm-throughput", GSI, "A floor of readiness.", "warm-throughput read=100"),
    NodeSpec::later("contributor-insights", GSI, "Its most used keys.", "contributor-insights"),
];
