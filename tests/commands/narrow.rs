//! Text on a terminal with few columns: broken between words, and what is to be copied stays whole.

use crate::harness::{Project, Session};

/// What a command writes on a terminal of so many columns, as lines.
#[track_caller]
fn shown(project: &Project, columns: u16, words: &str, code: i32) -> Vec<String> {
    let text = Session::osem_in_columns(project, columns, words).until_ended(code);
    text.lines().map(|line| console_text(line).trim_end().to_owned()).collect()
}

/// A line without the sequences that colour it.
fn console_text(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let end = part.find(|c: char| c.is_ascii_alphabetic()).map_or(part.len(), |at| at + 1);
        text + &part[end..]
    })
}

/// The words of lines, in order.
fn words(lines: &[String]) -> Vec<&str> {
    lines.iter().flat_map(|line| line.split_whitespace()).collect()
}

#[track_caller]
fn expect_fit(lines: &[String], columns: usize) {
    for line in lines {
        assert!(line.chars().count() <= columns, "{line:?} in\n{}", lines.join("\n"));
    }
}

#[test]
fn long_lines_are_broken_between_words_in_every_command_that_shows_something() {
    let project = Project::new();
    project.osem("run setup --env dev --rehearse --time-scale 1000").success();
    for (command, code) in [
        ("plan --env prod --rehearse", 0),
        ("resume -n", 0),
        ("rollback last --env dev -n", 0),
        ("runs", 0),
        ("runs show last", 0),
        ("list", 0),
        ("steps", 0),
        ("steps put-items", 0),
        ("doctor --env local", 0),
    ] {
        let narrow = shown(&project, 60, command, code);
        expect_fit(&narrow, 60);
        let wide = shown(&project, 400, command, code);
        assert_eq!(words(&narrow), words(&wide), "{command}");
    }
}

#[test]
fn the_preview_before_a_question_is_broken_between_words_and_its_answer_is_one_word() {
    let project = Project::new();
    let mut session = Session::osem_in_columns(&project, 60, "setup --env prod --rehearse");
    let text = session.until_shown("to do this: ");
    let lines: Vec<String> = text.lines().map(console_text).collect();
    assert!(lines.iter().any(|line| line.ends_with("(the table is not there;")), "{text}");
    assert!(lines.iter().any(|line| line == "    reversible while the table is empty)"), "{text}");
    session.type_in("no\n");
    session.until_ended(77);
}

#[test]
fn a_command_that_is_to_be_copied_stands_on_one_line() {
    let project = Project::new();
    let lines = shown(&project, 44, "verify --env dev", 1);
    for command in ["aws configure --profile osem-dev,", "aws sso login --profile osem-dev"] {
        assert!(lines.iter().any(|line| line.ends_with(command)), "{}", lines.join("\n"));
    }
    let project = Project::emulated("bare", "task t { step shell \"exit 1\"; }");
    let lines = shown(&project, 35, "t", 2);
    let run = project.runs().pop().unwrap();
    let command = format!("osem resume {}", run.file_name().unwrap().display());
    assert!(lines.contains(&command), "{}", lines.join("\n"));
}

#[test]
fn what_goes_into_a_file_is_neither_coloured_nor_broken() {
    let project = Project::new();
    let mut shell = Session::shell(&project);
    shell.until_shown("$ ");
    shell.type_in("osem plan > plan.txt; osem doctor > doctor.txt; echo en''ded\n");
    shell.until_shown("ended");
    for name in ["plan.txt", "doctor.txt"] {
        let text = std::fs::read_to_string(project.path().join(name)).unwrap();
        assert!(text.contains("osem-local-") || text.contains("us-east-1"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }
    let plan = std::fs::read_to_string(project.path().join("plan.txt")).unwrap();
    assert!(plan.lines().any(|line| line.len() > 80), "{plan}");
}
