//! Broken files that are too big to keep.

use std::fmt::Write as _;

use super::{check, expect_refused, expect_refused_at};
use crate::harness::Project;

const START: &str = "osem 1\nproject x { table-name \"x-{env}-{table}\"; }\n";

#[test]
fn ten_thousand_bad_lines() {
    for line in ["tabel X hash=y", "\"", "}", "{", "a b=c {", "=", "#", "/*", "\\ x", "tag a=b=c"] {
        let text = START.to_owned() + &format!("{line}\n").repeat(10_000);
        let outcome = check(text);
        expect_refused_at(&outcome, "osem.kdl");
        // Nobody reads ten thousand errors.
        assert!(outcome.raw_stderr.len() < 200_000, "{line}: {}", outcome.raw_stderr.len());
    }
}

#[test]
fn three_hundred_kibibytes() {
    let comment = format!("{START}// {}\n", "x".repeat(300 * 1024));
    let outcome = check(comment);
    expect_refused(&outcome);
    outcome.expect_stderr("256 KiB");
    expect_refused(&check("x".repeat(300 * 1024)));
    expect_refused(&check(vec![0; 300 * 1024]));
}

#[test]
fn a_file_within_the_limit_is_read() {
    let mut text = START.to_owned();
    text += "environment local default=#true { emulator memory; region us-east-1; }\n";
    text += "task look { step list-tables; }\n";
    while text.len() < 250 * 1024 {
        writeln!(text, "// a comment of no interest whatsoever to anybody at all").unwrap();
    }
    Project::of(text).osem("check").success();
}

#[test]
fn five_thousand_levels() {
    for (open, close) in [("a {\n", "}\n"), ("a { ", "} "), ("(", ")"), ("/*", "*/"), ("a {", "")] {
        let text = START.to_owned() + &open.repeat(5_000) + &close.repeat(5_000);
        let outcome = check(text);
        expect_refused(&outcome);
    }
    let task = format!("{START}task t {{ {}{} }}", "parallel { ".repeat(5_000), "}".repeat(5_000));
    expect_refused_at(&check(task), "osem.kdl");
}

#[test]
fn nested_slashdashes() {
    for text in [
        "/-".repeat(30) + "a",
        "/- a { ".repeat(30) + &"}".repeat(30),
        "a /- { ".repeat(30) + &"}".repeat(30),
        "/- ".repeat(10_000),
        "a ".to_owned() + &"/- b ".repeat(30) + "/-",
    ] {
        expect_refused(&check(START.to_owned() + &text + "\n"));
    }
}

#[test]
fn binary_garbage() {
    // A generator of the simplest kind, so that every call sees the same bytes.
    let mut state: u32 = 1;
    let mut byte = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        u8::try_from(state >> 24).unwrap()
    };
    for length in [1, 10, 1_000, 100_000] {
        let bytes: Vec<u8> = (0..length).map(|_| byte()).collect();
        expect_refused(&check(bytes));
    }
    expect_refused(&check([0; 100]));
    expect_refused(&check([0xff, 0xfe, b'o', 0]));
}

#[test]
fn what_could_drive_a_terminal_does_not_reach_it() {
    for text in [
        "osem 1\nproject \u{202e}\u{200b}\u{9b}31m",
        "osem 1\nproject \"\u{9b}2J\"\n",
        "osem 1\nproject x { table-name \"\u{85}\u{2066}{table}\"; }\n",
        "\u{1b}[2Josem 1\n",
        "osem 1\ntabel \"\\u{1b}]0;x\\u{7}\"\n",
        "osem 1\n\"\\u{1b}[2J\" x\n",
    ] {
        let outcome = check(text);
        expect_refused(&outcome);
        let drives = |c: char| {
            c.is_control() && c != '\n'
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        let found: Vec<char> = outcome.raw_stderr.chars().filter(|c| drives(*c)).collect();
        assert!(found.is_empty(), "{found:?}\n{outcome}");
    }
}

#[test]
fn a_byte_order_mark_is_no_error() {
    let text = "\u{feff}osem 1\nproject x { table-name \"x-{env}-{table}\"; }\n\
                environment local default=#true { emulator memory; region us-east-1; }\n\
                task look { step list-tables; }\n";
    Project::of(text).osem("check").success();
    Project::of(text.replace('\n', "\r\n")).osem("check").success();
}

#[test]
fn an_empty_file() {
    for text in ["", "\n", "   ", "// nothing\n", "/- osem 1\n"] {
        expect_refused_at(&check(text), "osem.kdl");
    }
}

#[test]
fn a_folder_where_the_file_should_be() {
    let project = Project::empty().file("osem.kdl/readme", "");
    let outcome = project.osem("check -c osem.kdl").output();
    expect_refused(&outcome);
}

#[test]
fn a_file_that_is_not_there() {
    let outcome = Project::empty().osem("check -c nowhere.kdl").output();
    expect_refused(&outcome);
    outcome.expect_stderr("cannot read nowhere.kdl: No such file or directory");
    expect_refused(&Project::empty().osem("check").output());
}

#[test]
fn errors_of_all_files_are_reported_together() {
    let project = Project::new()
        .edit("project osem-ladders", "projekt osem-ladders")
        .file("tasks/more.kdl", "task look { setp list-tables; }\n")
        .file("tasks/worse.kdl", "task other { step \n");
    let outcome = project.osem("check").output();
    for file in ["osem.kdl", "tasks/more.kdl", "tasks/worse.kdl"] {
        expect_refused_at(&outcome, file);
    }
}

#[test]
fn a_thousand_tables_with_the_same_name() {
    let text = START.to_owned() + &"table Users hash=id\n".repeat(1_000);
    expect_refused_at(&check(text), "osem.kdl");
}

#[test]
fn very_long_names_and_lines() {
    let long = "n".repeat(100_000);
    for text in [
        format!("{START}table {long} hash=id\n"),
        format!("{START}{long}\n"),
        format!("{START}table X hash=id {long}={long}\n"),
        format!("{START}table X hash=id {}\n", "a ".repeat(50_000)),
    ] {
        let outcome = check(text);
        expect_refused_at(&outcome, "osem.kdl");
        assert!(outcome.raw_stderr.len() < 1_000_000, "{}", outcome.raw_stderr.len());
    }
}
