//! The reference page of the language, as Markdown.

use std::fmt::Write as _;

use super::schema::{self, ArgSpec, Context, Count, NodeSpec, Once, PropSpec, Support};

/// The reference page: every node of the grammar by the block it stands in. The same table that
/// checks files writes it, so it cannot be out of date.
///
/// # Panics
/// Never: writing to a string cannot fail.
#[must_use]
pub fn reference() -> String {
    let mut page = String::from(
        "# Reference of the configuration language\n\n\
         Generated from the table that checks files; do not edit.\n",
    );
    for context in Context::ALL {
        section(&mut page, context).expect("writing to a string cannot fail");
    }
    page
}

fn section(page: &mut String, context: Context) -> std::fmt::Result {
    writeln!(page, "\n## In {}\n", context.name())?;
    for spec in schema::nodes_in(context) {
        let first = spec.contexts.first() == Some(&context);
        if first {
            node(page, spec)?;
        } else {
            let home = spec.contexts[0].name();
            writeln!(page, "- `{}`{}: as in {home}", spec.name, mark(spec.support))?;
        }
    }
    Ok(())
}

const fn mark(support: Support) -> &'static str {
    match support {
        Support::Now => "",
        Support::NotYet => " (not supported yet)",
    }
}

fn node(page: &mut String, spec: &NodeSpec) -> std::fmt::Result {
    writeln!(page, "### `{}`{}\n\n{}\n", spec.name, mark(spec.support), spec.doc)?;
    for arg in spec.args {
        argument(page, arg)?;
    }
    for prop in spec.props {
        property(page, prop)?;
    }
    if spec.open_props {
        writeln!(page, "- other properties: inputs of the kind")?;
    }
    if let Some(inside) = spec.inside {
        writeln!(page, "- block: see \"In {}\"", inside.name())?;
    }
    if !spec.default.is_empty() {
        writeln!(page, "- default: {}", spec.default)?;
    }
    let once = match spec.once {
        Once::Yes => "at most once",
        Once::PerArgument => "at most once for each first argument",
        Once::No => "any number of times",
    };
    writeln!(page, "- {once}\n\n```kdl\n{}\n```\n", spec.example)
}

fn argument(page: &mut String, arg: &ArgSpec) -> std::fmt::Result {
    let count = match arg.count {
        Count::One => "",
        Count::Optional => ", optional",
        Count::Any => ", any number",
        Count::Some => ", one or more",
    };
    writeln!(page, "- argument *{}*{count}: {}", arg.name, arg.ty.describe())
}

fn property(page: &mut String, prop: &PropSpec) -> std::fmt::Result {
    let required = if prop.required { ", required" } else { "" };
    write!(page, "- `{}=`{required}: {}", prop.name, prop.doc)?;
    write!(page, "; {}", prop.ty.describe())?;
    match prop.default {
        "" => writeln!(page),
        default => writeln!(page, " (default: {default})"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_reference_names_every_node_and_is_always_the_same() {
        let page = super::reference();
        assert_eq!(page, super::reference());
        for spec in crate::syntax::schema::nodes() {
            assert!(page.contains(&format!("### `{}`", spec.name)), "{}", spec.name);
        }
        assert!(page.contains("### `replica` (not supported yet)"));
    }
}
