//! Pools: those that steps name are declared, and large enough.

use crate::config::decode::Declared;
use crate::diagnostic::{Diagnostic, Span};
use crate::model::{PoolShare, Task};

use super::names::Names;

/// The service's control plane: what would be a pool of it is paced, not declared.
const BUILT_IN: &str = "control-plane";

pub(super) fn check(declared: &Declared, problems: &mut Vec<Diagnostic>) {
    for pool in declared.pools.iter().filter(|pool| pool.name.value == BUILT_IN) {
        problems.push(built_in(pool.name.span, "give it another name"));
    }
    let names = Names::new("pool", declared);
    let shares = declared.tasks.iter().flat_map(Task::steps);
    for share in shares.filter_map(|step| step.policy.pool.as_ref()) {
        if share.name.value == BUILT_IN {
            problems.push(built_in(share.name.span, "remove it: every step is paced"));
        } else {
            names.expect(&share.name, problems);
            problems.extend(too_heavy(declared, share));
        }
    }
}

fn built_in(place: Span, help: &str) -> Diagnostic {
    let message = "`control-plane` is no pool: osem finds its limits and keeps to them";
    Diagnostic::error("osem::name", message).label(place, "").help(help)
}

/// A step that the pool never has room for.
fn too_heavy(declared: &Declared, share: &PoolShare) -> Option<Diagnostic> {
    let (name, weight) = (&share.name.value, &share.weight);
    let pool = declared.pools.iter().find(|pool| pool.name.value == *name)?;
    if weight.value <= pool.size {
        return None;
    }
    let message = format!("weight {} is more than all of pool `{name}`", weight.value);
    let problem = Diagnostic::error("osem::pool", message)
        .label(weight.span, "")
        .label(pool.name.span, format!("its size is {}", pool.size));
    Some(problem.help("make the step lighter or the pool larger"))
}
