//! `vector-index` and what stands in it.

use crate::model::MOST_DIMENSIONS;

use super::table::PROJECTION;
use super::{Context, NodeSpec, Once, PropSpec, ValueType, arg, arg_some, words};

const INSIDE: &[Context] = &[Context::VectorIndex];

const DIMENSIONS: ValueType = ValueType::Int { min: 1, max: MOST_DIMENSIONS as u64 };

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        args: &[arg("name", ValueType::Name)],
        props: &[
            PropSpec::new(
                "attribute",
                ValueType::AttributeName,
                "the attribute that holds the vector, a list of numbers; no key has it",
            )
            .required(),
            PropSpec::new("dimensions", DIMENSIONS, "how many numbers a vector has").required(),
            PropSpec::new(
                "distance",
                words(&["cosine", "euclidean", "dot-product"]),
                "how vectors are compared",
            )
            .or("`cosine`"),
            PROJECTION,
        ],
        inside: Some(Context::VectorIndex),
        once: Once::No,
        doc: "An index that finds the items whose vectors are nearest to a given one \
            (`SearchVectors`); at most 5 a table, which must be on demand. Nothing of it can be \
            changed: another definition is another index.",
        example: "vector-index by-meaning attribute=embedding dimensions=1024",
        ..NodeSpec::new("vector-index", &[Context::Table])
    },
    NodeSpec {
        args: &[arg("attribute", ValueType::KeyAttribute)],
        doc: "The partition key of the index: every search must name a value of it.",
        default: "none: a search covers all items",
        example: "hash tenantId",
        ..NodeSpec::new("hash", INSIDE)
    },
    NodeSpec {
        args: &[arg_some("attributes", ValueType::KeyAttribute)],
        doc: "Attributes that a search may be narrowed by, inside the index: at most 18.",
        default: "none",
        example: "filter category (N)price",
        ..NodeSpec::new("filter", INSIDE)
    },
];
