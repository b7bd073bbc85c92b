//! Settings that a node each declares, merged: put in their order and held against each other.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{Billing, IndexDecl, Setting, TableSettings};

/// The settings in the order in which they are changed.
pub(super) fn settings(
    merged: &TableSettings,
    indexes: &[IndexDecl],
    problems: &mut Vec<Diagnostic>,
) -> Vec<Setting> {
    let of_indexes = indexes.iter().map(|index| &index.settings);
    let all = std::iter::once(&merged.others).chain(of_indexes);
    problems.extend(all.filter_map(|own| ceiling_of_provisioned(merged, own)));
    in_order(merged.others.values())
}

/// Settings in the order in which they are changed.
pub(super) fn in_order<'a>(settings: impl Iterator<Item = &'a Spanned<Setting>>) -> Vec<Setting> {
    let mut settings: Vec<Setting> = settings.map(|setting| setting.value.clone()).collect();
    settings.sort();
    settings
}

fn ceiling_of_provisioned(
    merged: &TableSettings,
    own: &BTreeMap<&'static str, Spanned<Setting>>,
) -> Option<Diagnostic> {
    let billing = merged.billing.as_ref()?;
    let ceiling = own.get("on-demand-max")?;
    let provisioned = matches!(billing.value, Billing::Provisioned { .. });
    if !provisioned || ceiling.value == Setting::OnDemandMax(None) {
        return None;
    }
    let message = "only a table on demand has a ceiling";
    let problem = Diagnostic::error("osem::billing", message)
        .label(ceiling.span, "this ceiling")
        .label(billing.span, "the table is provisioned here");
    Some(problem.help("remove one of the two, or write: on-demand-max #false"))
}
