//! What a person is told about text that is not good.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::schema::Context;
use super::{check, parse};
use crate::diagnostic::{Diagnostic, Sources};

/// All problems of a root file: `line:column message (label) [line:column label …] -> help`.
fn told(text: &str) -> String {
    let mut sources = Sources::default();
    let file = sources.add("osem.kdl", text);
    let problems = match parse(file, text) {
        Ok(document) => check(file, &document, Context::Root),
        Err(problems) => problems,
    };
    let mut out = String::new();
    for problem in problems {
        out += &shown(&sources, &problem);
    }
    out
}

fn shown(sources: &Sources, problem: &Diagnostic) -> String {
    let mut line = problem.message.clone();
    for label in &problem.labels {
        let (row, column) = sources.line_column(label.span);
        write!(line, " @{row}:{column} `{}`", sources.text(label.span)).unwrap();
        if !label.text.is_empty() {
            write!(line, " ({})", label.text).unwrap();
        }
    }
    if let Some(help) = &problem.help {
        write!(line, " -> {help}").unwrap();
    }
    line + "\n"
}

macro_rules! tells {
    ($($name:ident: $text:expr => $told:expr;)*) => {
        $(#[test] fn $name() { assert_eq!(told($text), $told); })*
    };
}

tells! {
    boolean_as_bare_word: "environment a { protected=true; }" =>
        "`true` must be written `#true` @1:27 `true` -> write: #true\n";
    bare_duration: "task a { step b { timeout 5m; }; }" =>
        "`5m` must be quoted @1:27 `5m` -> write: \"5m\"\n";
    equals_after_a_node: "task a { step b {\n retry = 5\n }\n }" =>
        "a node's value follows it without `=` @2:8 `=` -> write: retry 5\n";
    hash_comment: "# a comment\nosem 1" =>
        "comments start with `//`, not `#` @1:1 `# a comment` -> write: // a comment\n";
    placeholder_without_quotes: "project x { table-name osem-{env}-{table}; }" =>
        "text with braces must be quoted @1:24 `osem-{env}-{table}` -> write: \"osem-{env}-{table}\"\n";
    placeholder_alone_without_quotes: "project x { table-name {env}; }" =>
        "text with braces must be quoted @1:24 `{env}` -> write: \"{env}\"\n";
    commas: "task a { allow-in a, b; }" =>
        "KDL has no commas @1:19 `a,` -> separate with spaces only\n";
    old_raw_string: "environment a { profile r#\"x\"#; }" =>
        "raw strings are written #\"…\"# @1:25 `r#\"x\"#` -> KDL 2 has no `r` before a raw string: #\"…\"#\n";
    bare_account: "environment a { account 033333333333; }" =>
        "an AWS account id must be quoted @1:25 `033333333333` (KDL reads this as the number 33333333333) -> write: \"033333333333\"\n";
    block_left_open: "task a {\n    step b\n    for-each table {\n        step c\n\ntask d {\n}\n" =>
        "this block is not closed @3:20 `{` (opened here) @6:1 `t` (it probably ends before this, which is indented less) -> add the missing `}`\n";
    surplus_brace: "task a {\n}\n}\n" =>
        "there is no `{` for this `}` @3:1 `}` -> remove it\n";
    brace_on_its_own_line: "table A hash=a\n{\n}\n" =>
        "this block belongs to no node @2:1 `{` -> put `{` on the line of its node, and only after a node's name\n";
    misspelled_property: "table A hsah=b" =>
        "unknown property `hsah` on `table` @1:9 `hsah` (expected one of: hash, range) -> did you mean `hash`?\n";
    property_twice: "table A hash=b hash=c" =>
        "property `hash` is given twice @1:16 `hash` (given again here) @1:9 `hash` (first given here) -> remove one of the two\n";
    node_twice: "osem 1\nosem 1" =>
        "`osem` is given twice @2:1 `osem` (given again here) @1:1 `osem` (first given here) -> remove one of the two\n";
    misspelled_node: "tabel A hash=b" =>
        "unknown node `tabel` @1:1 `tabel` (not known in the root file) -> did you mean `table`?\n";
    node_in_the_wrong_place: "gsi A hash=b" =>
        "unknown node `gsi` @1:1 `gsi` (not known in the root file) -> it may stand in `table`\n";
    colon_after_a_node: "task a { step b { retry: 5; }; }" =>
        "unknown node `retry:` @1:19 `retry:` (not known in `step`) -> did you mean `retry`?\n";
    missing_space: "environment a { region \"us-east-1\"x; }" =>
        "a space is missing before this @1:35 `x`\n";
    single_quotes: "environment a { region 'us-east-1'; }" =>
        "text is quoted with `\"` @1:24 `'us-east-1'` -> write: \"us-east-1\"\n";
    bare_address: "environment a { endpoint http://localhost:8000; }" =>
        "text with `/` must be quoted @1:26 `http://localhost:8000` -> write: \"http://localhost:8000\"\n";
    bare_glob: "include tasks/*.kdl" =>
        "text with `/` must be quoted @1:9 `tasks/*.kdl` -> write: \"tasks/*.kdl\"\n";
    tab_in_a_path: "environment a { emulator data=\"C:\\temp\"; }" =>
        "property `data` contains the character '\\t' @1:31 `\"C:\\temp\"` -> write `\\\\` for a backslash, or a raw string: #\"C:\\temp\"#\n";
    backslash_in_text: "environment a { emulator data=\"C:\\Users\"; }" =>
        "`\\U` is not an escape @1:34 `\\U` -> write `\\\\` for a backslash, or a raw string: #\"…\"#\n";
    node_of_a_later_version: "table A hash=b { replica x; }" =>
        "`replica` is not supported yet @1:18 `replica` -> this version would not carry it out: remove it\n";
    quoted_number_as_duration: "task a { step b { timeout \"5\"; }; }" =>
        "`timeout` must be a duration with a unit @1:27 `\"5\"` -> write: \"5s\" for seconds, \"5m\" for minutes\n";
    number_as_duration: "task a { step b { timeout 5; }; }" =>
        "`timeout` must be a duration with a unit @1:27 `5` -> write: \"5s\" for seconds, \"5m\" for minutes\n";
    policy_as_a_property: "task a { step b timeout=\"5m\"; }" =>
        "unknown property `timeout` on `step` @1:17 `timeout` -> write it in a block: { timeout … }\n";
    key_type_and_tag_twice: "table A hash=(X)b range=(N)c { tag a b; tag a c; }" =>
        "`X` is not a type of keys @1:15 `X` -> keys are (S) text, (N) numbers or (B) binary\n`tag a` is given twice @1:45 `a` (given again here) @1:36 `a` (first given here) -> remove one of the two\n";
    several_at_once: "project Osem {\n jobs \"8\"\n jobs 8 9\n}" =>
        "the name of `project` must be a name in lower case @1:9 `Osem` -> it has lower-case letters, digits and `-`, and starts with a letter\n`jobs` is given twice @3:2 `jobs` (given again here) @2:2 `jobs` (first given here) -> remove one of the two\n`jobs` must be a whole number from 1 to 256 @2:7 `\"8\"` -> numbers are not quoted; write: 8\n`jobs` takes one argument @3:9 `9` -> example: jobs 8\n";
    version_of_kdl: "/- kdl-version 1\nosem 1" =>
        "this file says KDL version 1 @1:16 `1` (osem reads KDL 2 only)\n";
    text_left_open: "environment a { region \"us-east-1\n account \"111111111111\"; }\n" =>
        "this text is not closed @1:24 `\"us-east-1` (starts here) -> close it with `\"`\n";
    comment_left_open: "environment a { /* never closed\n }" =>
        "this comment is not closed @1:17 `/*` (starts here) -> add `*/`\n";
    misspelled_keyword: "environment a { region (S)us-east-1; protected #yes; allow-destroy yes; }" =>
        "unknown keyword @1:48 `#yes` -> write: #true\n";
    shell_variable: "exec \"x\" ${y}" =>
        "text with braces must be quoted @1:10 `${y}` -> write: \"${y}\"\n";
    property_as_a_node: "table A hash=b { gsi x { projection all; }; }" =>
        "unknown node `projection` @1:26 `projection` (not known in `gsi`) -> write it as a property: gsi … projection=…\n";
    list_in_brackets: "include [a b]" =>
        "`[` must be quoted @1:9 `[` (not allowed in bare text) -> lists are written as arguments: allow-in local dev\n`]` must be quoted @1:13 `]` (not allowed in bare text) -> lists are written as arguments: allow-in local dev\n";
    property_without_value: "table A hash=" =>
        "a value is missing after `=` @1:13 `=` -> write: name=value\n";
    two_nodes_on_a_line: "table A hash=b {} table B hash=c" =>
        "a node ends after its block @1:19 `table` -> start a new line, or write `;`\n";
    unknown_placeholder: "project x { table-name \"{evn}-{table}\"; }" =>
        "unknown placeholder `{evn}` @1:24 `\"{evn}-{table}\"` -> did you mean `env`?\n";
    nothing_after_table: "table" =>
        "`table` needs an argument: name @1:1 `table` -> example: table Teams hash=teamId\n`table` needs the property `hash` @1:1 `table` -> example: table Teams hash=teamId\n";
    number_as_node: "5 a" =>
        "`5` cannot be a node @1:1 `5` -> a line starts with a node's name\n";
    multi_line_text_on_one_line: "task a { description \"\"\"x\"\"\"; }" =>
        "text in `\"\"\"` starts on a line of its own @1:22 `\"\"\"` -> use a single `\"` for text on one line\n";
    multi_line_text_with_bad_indentation: "task a { description \"\"\"\n  x\n y\n  \"\"\"; }" =>
        "this line is indented less than the closing `\"\"\"` @3:1 ` y` -> indent both with the same blanks\n";
    multi_line_text_that_ends_in_a_line: "task a { description \"\"\"\n  x\"\"\"; }" =>
        "the end of text in `\"\"\"` stands on a line of its own @2:4 `\"\"\"` -> start a new line before it\n";
    glued_annotation: "table a hash=b(N)c" => "a space is missing before this @1:15 `(`\n";
    glued_slashdash: "table a/-b" => "a space is missing before this @1:8 `/-`\n";
    role_and_duration_out_of_range: "environment a { assume-role \"arn:aws:iam::03333333333:role/x\" duration=\"5s\"; }" =>
        "`assume-role` must be the ARN of a role @1:29 `\"arn:aws:iam::03333333333:role/x\"` -> example: \"arn:aws:iam::012345678901:role/deployer\"\nproperty `duration` must be 15m to 12h @1:72 `\"5s\"`\n";
    comment_at_the_end_of_a_line: "environment a { region us-east-1 # trailing\n }" =>
        "comments start with `//`, not `#` @1:34 `# trailing` -> write: // trailing\n";
}

/// The longest that one file may take in a debug build, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// Parses and checks; neither may crash or stall.
fn survives(text: &str) {
    let started = Instant::now();
    let mut sources = Sources::default();
    let file = sources.add("osem.kdl", text);
    match parse(file, text) {
        Ok(document) => drop(check(file, &document, Context::Root)),
        Err(problems) => assert!((1..=super::MOST_PROBLEMS + 1).contains(&problems.len())),
    }
    let took = started.elapsed();
    assert!(took < PATIENCE, "{took:?} for {:?}", text.chars().take(40).collect::<String>());
}

const FRAGMENTS: [&str; 61] = [
    "}",
    "}\n",
    "{",
    "{\n",
    "(",
    ")",
    "=",
    ";",
    "\\",
    "\\\n",
    "/",
    "/-",
    "/- ",
    "/-\n",
    "/-a ",
    "a /-",
    "a /-{",
    "a /-{}\n",
    "/- a { b ",
    "/*",
    "/*/",
    "*/",
    "//",
    "\"",
    "\"\"\"",
    "\"\"\"\n",
    "#\"",
    "#\"\"\"\n",
    "#",
    "##",
    "key = value\n",
    "a\n",
    "a;",
    "a ",
    "a{",
    "a {\n",
    "a {}\n",
    "a=b\n",
    "a=b ",
    "a b=(N)c ",
    "(a)b\n",
    "5m ",
    "[",
    "]",
    ",",
    "'",
    "é",
    "\u{2028}",
    "\"\\u{110000}\" ",
    "\"\\q\" ",
    "a \"\"\"\n  x\n y\n  \"\"\"\n",
    "a #true ",
    "- ",
    "-5 ",
    "a -\n",
    ". ",
    "+. ",
    "a 0x\n",
    "a \\\n",
    "r#\"",
    "{env}",
];

#[test]
fn no_repeated_fragment_overflows_or_stalls_the_parser() {
    // The unoptimised parser is ten times slower: a smaller file says as much.
    let size = if cfg!(debug_assertions) { 24 } else { 256 } * 1024;
    for fragment in FRAGMENTS {
        survives(&fragment.repeat(size / fragment.len()));
        survives(&format!("a {}", fragment.repeat(1_000)));
    }
}

#[test]
fn slashdash_within_the_limit_is_quick() {
    for fragment in ["a /-{", "/- a { b ", "/- a { ", "a /-b { ", "a /-b /-c "] {
        for depth in 1..=4 {
            let closing = "}".repeat(depth * fragment.matches('{').count());
            survives(&(fragment.repeat(depth) + &closing));
        }
    }
}

#[test]
fn nesting_up_to_the_limit_is_read() {
    assert!(parse_alone(&format!("{}{}", "a { ".repeat(32), "}".repeat(32))).is_ok());
    assert!(parse_alone(&format!("{}{}", "a { ".repeat(33), "}".repeat(33))).is_err());
    assert!(parse_alone(&format!("{}{}\n", "/*".repeat(32), "*/".repeat(32))).is_ok());
    assert!(parse_alone(&format!("{}{}\n", "/*".repeat(33), "*/".repeat(33))).is_err());
    assert!(parse_alone("a /-{ b /-{ c /-{ d /-{ e; }; }; }; }").is_ok());
    assert!(parse_alone("a /-{ b /-{ c /-{ d /-{ e /-{ f; }; }; }; }; }").is_err());
}

fn parse_alone(text: &str) -> Result<kdl::KdlDocument, Vec<Diagnostic>> {
    parse(Sources::default().add("a.kdl", text), text)
}

#[test]
fn what_the_guard_lets_pass_is_kdl() {
    let good = "\u{feff}/- kdl-version 2\nosem 1; a \"x\\u{e9}\\s\" #\"a\\b\"# { b /-c d=1 e = 2 \\ // x\n\
                (t)f /* a /* b */ */ (S)\"\"\"\n  x\n  y\n  \"\"\" }\na -1.5e3 0xff_ff #-inf .a +b -\n/-\nz\ny{}";
    let document = parse_alone(good).unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!(document.nodes().len(), 4);
}

#[test]
fn kdl_still_has_the_traits_that_are_relied_on() {
    let text = "tablé x=(N)01 x=\"é\" 5";
    let document = parse_alone(text).unwrap();
    let entries = document.nodes()[0].entries();
    assert_eq!(entries.len(), 3, "both duplicates are kept");
    let format = entries[0].format().unwrap();
    assert_eq!(format.value_repr, "01", "without the annotation");
    let span = entries[1].span();
    assert_eq!(&text[span.offset()..span.offset() + span.len()], "x=\"é\"", "bytes");
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config {
        cases: 400, failure_persistence: None, ..Default::default()
    })]

    #[test]
    fn no_mixture_of_fragments_crashes_or_stalls(
        parts in proptest::collection::vec(proptest::sample::select(&FRAGMENTS[..]), 0..40)
    ) {
        survives(&parts.concat());
    }
}
