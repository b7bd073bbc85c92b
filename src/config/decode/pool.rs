//! `pool`, at the top of a file and in `step`.

use crate::diagnostic::Spanned;
use crate::model::{Pool, PoolShare};
use crate::syntax::NodeReader;

const LARGEST: u64 = 10_000;

pub(super) fn pool(node: &mut NodeReader<'_>) -> Option<Pool> {
    let name = node.arg_as(|value| value.name("the name of `pool`"))?;
    let size = node.arg_as(|value| value.int("the size of `pool`", 1, LARGEST))?;
    Some(Pool { name, size: u32::try_from(size).expect("the bound above fits") })
}

/// The pool that a step counts to.
pub(super) fn share(step: &mut NodeReader<'_>) -> Option<PoolShare> {
    let mut node = step.child("pool")?;
    let name = node.arg_as(|value| value.name("`pool`"))?;
    let weight = node.prop_as("weight", |value| {
        let weight = value.int("property `weight`", 1, LARGEST)?;
        Ok(Spanned::new(u32::try_from(weight).expect("the bound above fits"), value.whole()))
    });
    let weight = weight.unwrap_or_else(|| Spanned::new(1, name.span));
    Some(PoolShare { name, weight })
}
