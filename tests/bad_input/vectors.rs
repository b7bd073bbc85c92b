//! Vector indexes that the service would refuse, each with the place of what is wrong.

use super::{check, expect_refused_at};

/// A project whose one table has this in its block.
fn project(table: &str) -> String {
    format!(
        "osem 1\n\
         project shop {{ table-name \"shop-{{env}}-{{table}}\"; }}\n\
         environment dev {{ region us-east-1; }}\n\
         environment prod {{ region us-east-1; }}\n\
         table Orders hash=id range=at {{\n{table}\n}}\n"
    )
}

#[test]
fn every_rule_of_the_service_is_held_against_the_file() {
    let near = "vector-index near attribute=e dimensions=3";
    let many = |count: usize| {
        let one = |number: usize| format!("vector-index v-{number} attribute=e dimensions=3\n");
        (0..count).map(one).collect::<String>()
    };
    let named = |count: usize| (0..count).map(|i| format!("a{i}")).collect::<Vec<_>>().join(" ");
    let (filters, included) = (named(19), named(21));
    let rows = [
        ("vector-index near dimensions=3".to_owned(), "osem::missing", "attribute"),
        ("vector-index near attribute=e".to_owned(), "osem::missing", "dimensions"),
        (
            "vector-index near attribute=e dimensions=0".to_owned(),
            "osem::type",
            "must be a whole number from 1 to 4096",
        ),
        (
            "vector-index near attribute=e dimensions=4097".to_owned(),
            "osem::type",
            "must be a whole number from 1 to 4096",
        ),
        (format!("{near} distance=cosin"), "osem::type", "did you mean `cosine`?"),
        (format!("{near} projection=include"), "osem::missing", "needs the attributes to include"),
        (format!("{near} {{ include title; }}"), "osem::projection", "projection=include"),
        (
            format!("{near} projection=include {{ include {included}; }}"),
            "osem::limit",
            "at most 20 attributes",
        ),
        (format!("{near} {{ hash a b; }}"), "osem::", "hash"),
        (format!("{near} {{ filter {filters}; }}"), "osem::limit", "at most 18 attributes"),
        (format!("{near} {{ hash a; filter b a; }}"), "osem::key", "`a` stands twice in one key"),
        (format!("{near} {{ range a; }}"), "osem::unknown-node", "range"),
        (
            format!(
                "{near}\ngsi by-team hash=(S)team\nvector-index far attribute=f dimensions=3 {{ filter (N)team; }}"
            ),
            "osem::key-type",
            "attribute `team` has two types",
        ),
        (
            "vector-index near attribute=id dimensions=3".to_owned(),
            "osem::key",
            "`id` cannot hold a vector: it is part of a key",
        ),
        (format!("{near}\ngsi by-e hash=e"), "osem::key", "`e` cannot hold a vector"),
        (
            format!("{near}\nvector-index far attribute=f dimensions=3 {{ filter e; }}"),
            "osem::key",
            "`e` cannot hold a vector",
        ),
        (
            format!("{near}\nvector-index far attribute=e dimensions=4"),
            "osem::dimensions",
            "vectors in `e` have two lengths",
        ),
        (
            format!("{near}\ngsi near hash=team"),
            "osem::duplicate",
            "index `near` is declared twice",
        ),
        (format!("{near}\n{near}"), "osem::duplicate", "index `near` is declared twice"),
        (
            "vector-index v attribute=e dimensions=3".to_owned(),
            "osem::name",
            "the index name `v` has 1 characters",
        ),
        (many(6), "osem::limit", "a table has at most 5 `vector-index`"),
        (
            format!("{near}\nbilling provisioned read=5 write=5"),
            "osem::billing",
            "vector index `near` needs a table on demand",
        ),
        (
            format!("{near}\nin prod {{ billing provisioned read=5 write=5; }}"),
            "osem::billing",
            "vector index `near` needs a table on demand",
        ),
    ];
    for (table, code, text) in rows {
        let outcome = check(project(&table));
        expect_refused_at(&outcome, "osem.kdl");
        outcome.expect_stderr(code);
        outcome.expect_stderr(text);
    }
    check(project(&many(5))).expect_code(0);
}

#[test]
fn the_vector_in_a_key_is_shown_with_the_key() {
    let said = check(project("vector-index near attribute=e dimensions=3\ngsi by-e hash=e"));
    insta::assert_snapshot!(said.stderr(), @"
    osem::key

      × `e` cannot hold a vector: it is part of a key
       ╭─[osem.kdl:6:29]
     5 │ table Orders hash=id range=at {
     6 │ vector-index near attribute=e dimensions=3
       ·                             ┬
       ·                             ╰── a list of numbers
     7 │ gsi by-e hash=e
       ·               ┬
       ·               ╰── one text, number or binary value
     8 │ }
       ╰────
      help: keep the vector in an attribute of its own
    1 error in the configuration
    ");
}
