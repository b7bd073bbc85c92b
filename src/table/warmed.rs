//! What a table and its indexes are warm for once their capacity is as declared.
//!
//! Warm throughput follows capacity that is raised, and never falls. A plan that did not know this
//! would hold calls that nobody has to make.

use crate::model::{Billing, TableSpec, TableState, Throughput, Units, warm_at_first};

/// The table with the warm throughput that it has once the calls for billing and capacity are made.
pub(super) fn warmed(spec: &TableSpec, state: &TableState) -> TableState {
    let mut warmed = state.clone();
    let (of_table, on_demand) = match spec.billing {
        None => return warmed,
        Some(Billing::PayPerRequest) => (None, true),
        Some(Billing::Provisioned { throughput, autoscaled }) => {
            if autoscaled && !state.pay_per_request {
                return warmed;
            }
            (Some(throughput), false)
        }
    };
    let switches = on_demand != state.pay_per_request;
    if switches || of_table != state.throughput {
        warm(&mut warmed.warm, of_table);
    }
    for index in &mut warmed.indexes {
        let own = spec.indexes.iter().find(|own| own.name == index.name);
        let Some(own) = own else { continue };
        if switches || own.throughput != index.throughput {
            warm(&mut index.warm, own.throughput);
        }
    }
    warmed
}

/// Raises what an endpoint shows; one that shows nothing keeps nothing.
fn warm(live: &mut Option<Units>, capacity: Option<Throughput>) {
    let Some(live) = live else { return };
    let reached = warm_at_first(capacity);
    *live = Units { read: live.read.max(reached.read), write: live.write.max(reached.write) };
}
