//! Vector indexes as they are in one environment.

use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{Billing, Projection, TableDecl, TableSettings, VectorIndex, VectorIndexDecl};

/// The vector indexes of a table, whose settings are merged.
pub(super) fn indexes(
    table: &TableDecl,
    settings: &TableSettings,
    problems: &mut Vec<Diagnostic>,
) -> Vec<VectorIndex> {
    let provisioned = settings
        .billing
        .as_ref()
        .filter(|billing| matches!(billing.value, Billing::Provisioned { .. }));
    let indexes = table.vector_indexes.iter();
    problems.extend(
        provisioned
            .into_iter()
            .flat_map(|billing| indexes.clone().map(move |index| of_provisioned(index, billing))),
    );
    indexes.map(|index| resolved(index, settings)).collect()
}

/// The service has vector indexes only of tables on demand.
fn of_provisioned(index: &VectorIndexDecl, billing: &Spanned<Billing>) -> Diagnostic {
    let message = format!("vector index `{}` needs a table on demand", index.name.value);
    Diagnostic::error("osem::billing", message)
        .label(index.name.span, "this index")
        .label(billing.span, "its table is provisioned here")
        .help("write: billing pay-per-request, or remove the index")
}

fn resolved(index: &VectorIndexDecl, settings: &TableSettings) -> VectorIndex {
    let projection = index.projection.clone().or_else(|| settings.projection.clone());
    VectorIndex {
        name: index.name.value.clone(),
        attribute: index.attribute.value.clone(),
        dimensions: index.dimensions.value,
        distance: index.distance.clone(),
        hash: index.hash.as_ref().map(|hash| hash.value.clone()),
        filters: index.filters.iter().map(|filter| filter.value.clone()).collect(),
        projection: projection.unwrap_or(Projection::All),
    }
}
