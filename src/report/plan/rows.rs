//! Lines that text and Markdown have in common.

use crate::table::{TableChange, Unmanaged};

/// A call that cannot be taken back, or not at once.
pub(super) fn lasting(change: &TableChange) -> String {
    format!("{}: {}: {}", change.table_name, what(change), change.reversibility)
}

/// The call, and what it is about.
pub(super) fn what(change: &TableChange) -> String {
    match change.setting.as_str() {
        "" => change.call.to_owned(),
        setting => format!("{} {setting}", change.call),
    }
}

/// What was not looked for; nothing where all was.
pub(super) fn not_looked_for(nodes: &[&str]) -> Option<String> {
    (!nodes.is_empty()).then(|| {
        let nodes = nodes.join(", ");
        format!(
            "Not looked for where the file does not name it: {nodes}. Where no file declares the \
             table, osem import shows it."
        )
    })
}

/// One line a table.
pub(super) fn unmanaged(all: &[Unmanaged]) -> Vec<String> {
    let of_table = |group: &[Unmanaged]| {
        let what: Vec<&str> = group.iter().map(|found| found.what.as_str()).collect();
        format!("{}: {}", group[0].table_name, what.join("; "))
    };
    all.chunk_by(|one, next| one.table_name == next.table_name).map(of_table).collect()
}
