//! The table against itself.

use crate::diagnostic::Sources;
use crate::syntax::{check, parse};

use super::*;

#[test]
fn every_entry_has_a_doc_and_an_example_that_checks() {
    for spec in nodes() {
        assert!(!spec.doc.is_empty(), "{} has no doc", spec.name);
        assert!(spec.props.iter().all(|prop| !prop.doc.is_empty()), "{}: undocumented", spec.name);
        for context in spec.contexts {
            let mut sources = Sources::default();
            let file = sources.add("example", spec.example);
            let document = parse(file, spec.example)
                .unwrap_or_else(|problems| panic!("{}: {problems:?}", spec.name));
            assert_eq!(document.nodes()[0].name().value(), spec.name);
            let problems = check(file, &document, *context);
            let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
            let expected: &[&str] = match spec.support {
                Support::Now => &[],
                Support::NotYet => &["osem::not-supported-yet"],
            };
            assert_eq!(codes, expected, "{}: {problems:?}", spec.name);
        }
    }
}

#[test]
fn no_context_has_two_nodes_of_one_name() {
    for context in Context::ALL {
        let mut names: Vec<_> = nodes_in(context).map(|spec| spec.name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all, "{context:?}");
    }
}

#[test]
fn only_the_last_argument_repeats() {
    for spec in nodes() {
        let before = spec.args.split_last().map_or(&[][..], |(_, before)| before);
        assert!(before.iter().all(|arg| arg.count == Count::One), "{}", spec.name);
    }
}
