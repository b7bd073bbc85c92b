//! Random damage to a good file.

use proptest::prelude::*;

use super::*;

const FRAGMENTS: [&str; 24] = [
    "{", "}", "\"", "/-", "/*", "*/", "//", "\\", "#", "=", "(", ")", ";", "\n", " ", ",", "#\"",
    "\"\"\"", "#true", "5m", "{env}", "é", "\0", "table",
];

#[derive(Debug, Clone)]
struct Damage {
    at: usize,
    remove: usize,
    insert: &'static str,
}

fn damage() -> impl Strategy<Value = Damage> {
    (0..4000usize, 0..30usize, prop::sample::select(&FRAGMENTS[..]))
        .prop_map(|(at, remove, insert)| Damage { at, remove, insert })
}

fn damaged(text: &str, list: &[Damage]) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for damage in list {
        let at = damage.at % (text.len() + 1);
        let end = (at + damage.remove).min(text.len());
        text.splice(at..end, damage.insert.chars());
    }
    text.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_makes_loading_panic(list in prop::collection::vec(damage(), 1..6)) {
        let text = damaged(EXAMPLE, &list);
        if let Err(found) = load_text(&text) {
            prop_assert!(found.has_errors());
            let drawn = found.render(crate::diagnostic::RenderStyle::default());
            prop_assert!(!drawn.is_empty());
        }
    }
}
