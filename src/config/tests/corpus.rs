//! Files that are broken in ways people break files.

use std::time::Instant;

use super::*;

/// Generous: debug builds on busy machines.
const PATIENCE: Duration = Duration::from_secs(20);

fn broken(name: &str, text: &[u8]) -> Diagnostics {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "osem.kdl", text);
    let started = Instant::now();
    let found = load(&folder.path().join("osem.kdl"), &catalog());
    let took = started.elapsed();
    assert!(took < PATIENCE, "{name} took {took:?}");
    found.err().unwrap_or_else(|| panic!("{name} has no problem"))
}

#[test]
fn every_file_of_the_corpus_has_an_error_with_a_place() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<_> =
        std::fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 40);
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        // Cycles of steps and missing programs show only when a plan is made.
        let later = [
            "cycle.kdl",
            "only-if-changed-of-itself.kdl",
            "exec-missing-program.kdl",
            "exec-output-placeholder.kdl",
        ];
        if later.contains(&&*name) {
            let text = std::fs::read_to_string(&file).unwrap();
            assert_eq!(told(&text), "");
            continue;
        }
        let found = broken(&name, &std::fs::read(&file).unwrap());
        let placed = found.list.iter().any(|problem| problem.span().is_some());
        let unreadable = found.list.iter().any(|problem| problem.code == "osem::file");
        assert!(placed || unreadable, "{name}: no place");
        assert!(found.has_errors(), "{name}");
        let drawn = found.render(crate::diagnostic::RenderStyle::default());
        assert!(!drawn.is_empty());
    }
}

#[test]
fn ten_thousand_bad_lines_give_a_page_of_errors() {
    let head = "osem 1\nproject x\nenvironment dev\n";
    for line in [
        "key = value\n",
        "tabel X hash=a\n",
        "}\n",
        "table a hash=b { replica x; }\n",
        "step = [a, b]\n",
        "table A hash=a\n",
        "task a { step nothing; }\n",
        "\"unclosed\n",
        "a: 5m\n",
    ] {
        let found = broken(line, format!("{head}{}", line.repeat(10_000)).as_bytes());
        let count = found.list.len();
        assert!((1..=crate::syntax::MOST_PROBLEMS + 2).contains(&count), "{line}: {count}");
    }
}

#[test]
fn a_file_that_is_too_large_is_refused() {
    let line = "table A hash=a\n";
    let text = line.repeat(300 * 1024 / line.len());
    let found = broken("large", text.as_bytes());
    assert!(shown(&found).starts_with("the file has "), "{}", shown(&found));
    let found = broken("large é", "é".repeat(200 * 1024).as_bytes());
    assert!(shown(&found).starts_with("the file has "));
}
