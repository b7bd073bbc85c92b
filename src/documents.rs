//! Holds the documents to the program: generated pages are current, examples work.
//!
//! `OSEM_WRITE_DOCS=1 cargo test --lib documents` writes the generated pages.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::config;
use crate::diagnostic::{Diagnostics, RenderStyle};
use crate::step::Registry;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn is_current(page: &str, text: &str) {
    let path = root().join(page);
    if std::env::var_os("OSEM_WRITE_DOCS").is_some() {
        fs::write(&path, text).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "{page} is not current: OSEM_WRITE_DOCS=1 cargo test --lib documents");
}

#[test]
fn the_dsl_reference_is_current() {
    is_current("docs/dsl.md", &crate::syntax::reference());
}

#[test]
fn the_command_line_reference_is_current() {
    let mut page = "# Command line\n\nGenerated from the program's own help.\n".to_owned();
    let mut command = crate::cli::command().term_width(100);
    command.build();
    section(&mut page, &mut command);
    is_current("docs/cli.md", &page);
}

fn section(page: &mut String, command: &mut clap::Command) {
    let name = command.get_bin_name().unwrap_or("osem").to_owned();
    let help = command.render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    let help = help.join("\n");
    writeln!(page, "\n## {name}\n\n```text\n{}\n```", help.trim_end()).unwrap();
    for subcommand in command.get_subcommands_mut().filter(|command| command.get_name() != "help") {
        section(page, subcommand);
    }
}

/// The pages whose examples are held to the program.
const PAGES: [&str; 11] = [
    "README.md",
    "docs/simulator.md",
    "docs/journal.md",
    "docs/import.md",
    "docs/custom-steps.md",
    "docs/iam.md",
    "docs/planner.md",
    "docs/plugins.md",
    "docs/rollback.md",
    "docs/tables.md",
    "docs/variables.md",
];

/// The blocks of one language in these pages.
fn examples(language: &str) -> Vec<String> {
    let found: Vec<_> = PAGES.iter().map(|page| blocks(page, language)).collect();
    found.concat()
}

/// The blocks of one language in a document.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let fence = format!("```{language}");
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() == fence {
            let block = lines.by_ref().take_while(|line| line.trim() != "```");
            found.push(block.collect::<Vec<_>>().join("\n"));
        }
    }
    found
}

fn load(text: &str) -> Result<config::Config, Diagnostics> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("osem.kdl");
    fs::write(&file, text).unwrap();
    config::load(&file, &Registry::built_in().catalog())
}

#[test]
fn kdl_of_the_pages_loads() {
    let examples = examples("kdl");
    assert!(examples.len() > 2);
    for example in examples {
        // What stands in an environment is shown without one.
        let whole = !example.starts_with("emulator");
        let inside = if whole { "emulator" } else { &example };
        let outside = if whole { &*example } else { "" };
        let text = format!("osem 1\nproject page\nenvironment local {{\n{inside}\n}}\n{outside}");
        if let Err(found) = load(&text) {
            panic!("{}", found.render(RenderStyle::default()));
        }
    }
}

#[test]
fn the_shipped_files_load_without_a_remark() {
    let loaded = config::load(&root().join("osem.kdl"), &Registry::built_in().catalog());
    let config = loaded.unwrap_or_else(|found| panic!("{}", found.render(RenderStyle::default())));
    assert_eq!(config.warnings, []);
    assert_eq!(config.tables.len(), 6);
    assert_eq!(config.tables.iter().map(|table| table.indexes.len()).sum::<usize>(), 8);
}

#[test]
fn json_of_the_pages_is_json() {
    for block in examples("json") {
        serde_json::from_str::<serde_json::Value>(&block).unwrap();
    }
}

/// The words of a command as a shell reads them, up to a comment or another command.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            '#' | '|' | '>' if !quoted => break,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().unwrap().push(c),
        }
    }
    assert!(!quoted, "a quote is left open: {line}");
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn commands_of_the_pages_are_commands() {
    let tasks = ["env-file", "seed", "setup", "verify", "list-tables", "delete-tables"];
    let command = crate::cli::command();
    let known: BTreeSet<&str> =
        command.get_subcommands().map(clap::Command::get_name).chain(tasks).collect();
    let shell = examples("sh").join("\n");
    let typed = shell.lines().filter_map(|line| line.trim().strip_prefix("osem "));
    let mut seen = 0;
    for line in typed {
        let words = words(line);
        let first = words[0].as_str();
        assert!(known.contains(first), "`osem {first}` is no command");
        let run = if tasks.contains(&first) { vec!["osem", "run"] } else { vec!["osem"] };
        let run = run.into_iter().chain(words.iter().map(String::as_str));
        let parsed = crate::cli::command().try_get_matches_from(run);
        assert!(parsed.is_ok(), "{}", parsed.unwrap_err());
        seen += 1;
    }
    assert!(seen > 6, "the pages show commands");
}

#[test]
fn every_error_code_is_in_the_readme() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let failure = fs::read_to_string(root().join("src/model/failure.rs")).unwrap();
    let file = syn::parse_file(&failure).unwrap();
    let codes = file.items.iter().find_map(|item| match item {
        syn::Item::Enum(item) if item.ident == "ErrorCode" => Some(&item.variants),
        _ => None,
    });
    for variant in codes.unwrap() {
        let screaming = variant.ident.to_string().chars().fold(String::new(), |name, c| {
            let gap = if c.is_uppercase() && !name.is_empty() { "_" } else { "" };
            name + gap + &c.to_uppercase().to_string()
        });
        let unexplained = screaming == "UNKNOWN_ERROR";
        assert!(unexplained || readme.contains(&format!("`{screaming}`")), "{screaming}");
    }
}

#[test]
fn the_changelog_has_an_unreleased_section() {
    let changelog = fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    assert!(changelog.contains("## [Unreleased]"));
}
