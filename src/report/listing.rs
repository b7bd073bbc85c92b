//! The rows of `list-tables`, for people.

use crate::step::{Fact, ListedTable};

use super::style::Paint;
use super::{RunFold, Style, sanitize, text};

/// The tables that the run listed, aligned under a heading; empty when it listed none.
pub(super) fn render(run: &RunFold, style: Style) -> String {
    let lists = run.facts().filter_map(|(_, fact)| match fact {
        Fact::Tables { tables } => Some(tables),
        _ => None,
    });
    lists.map(|tables| table(tables, style)).collect()
}

fn table(tables: &[ListedTable], style: Style) -> String {
    let heading = ["TABLE", "STATUS", "DECLARED", "INDEXES", "ITEMS", "KEYS"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(heading).chain(tables.iter().map(row)).collect();
    let mut lines = text::columns(&rows).into_iter();
    let heading = lines.next().map(|line| style.paint(Paint::Bold, &line));
    heading.into_iter().chain(lines).map(|line| line + "\n").collect()
}

fn row(table: &ListedTable) -> [String; 6] {
    let exists = table.status.is_some();
    let items = table.approximate_items.map_or_else(|| "-".to_owned(), |n| format!("~{n}"));
    [
        sanitize::line(&table.table_name),
        table.status.as_deref().map_or_else(|| "MISSING".to_owned(), sanitize::line),
        if table.declared { "yes" } else { "no" }.to_owned(),
        if exists { table.indexes.to_string() } else { "-".to_owned() },
        items,
        sanitize::line(&table.keys),
    ]
}
