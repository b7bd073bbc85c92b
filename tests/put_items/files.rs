//! What files may hold, and what is said of what they may not.

use serde_json::{Value, json};

use super::{PUT, items, project, put, users};
use crate::harness::{Dynamo, Outcome, serve};

/// Puts a file into an empty table; what the document says, and what is in the table then.
fn after(step: &str, file: impl AsRef<[u8]>) -> (Outcome, Vec<Value>) {
    let project = project(step, file);
    let (_local, url) = serve(&project);
    project.osem("setup").success();
    let outcome = project.osem("run put --json").output();
    (outcome, items(&Dynamo::new(&url), "put-local-Users"))
}

#[test]
fn plain_json_gets_the_types_that_it_has() {
    let text = "[\n  {\"userId\": \"a\", \"n\": 12345678901234567890.12, \"t\": true, \"z\": null,\n   \
                \"l\": [1, \"x\"], \"m\": {\"k\": \"é\"}},\n  {\"userId\": \"b\"}\n]\n";
    let (outcome, items) = after(PUT, text);
    assert_eq!(put(&outcome.json()), (2, 2, 0));
    let wanted = json!([
        { "l": { "L": [{ "N": "1" }, { "S": "x" }] }, "m": { "M": { "k": { "S": "é" } } },
          "n": { "N": "12345678901234567890.12" }, "t": { "BOOL": true }, "userId": { "S": "a" },
          "z": { "NULL": true } },
        { "userId": { "S": "b" } },
    ]);
    assert_eq!(json!(items), wanted);
}

#[test]
fn dynamodb_s_own_json_has_all_types() {
    let item = json!({
        "userId": { "S": "a" }, "ss": { "SS": ["x", "y"] }, "ns": { "NS": ["1", "2"] },
        "bs": { "BS": ["AP8="] }, "b": { "B": "AA==" }, "n": { "N": "-1.5" },
        "l": { "L": [{ "BOOL": false }, { "NULL": true }] }, "m": { "M": { "k": { "S": "" } } },
    });
    let (outcome, items) = after(&PUT.replace(';', " format=dynamodb;"), item.to_string());
    assert_eq!(put(&outcome.json()), (1, 1, 0));
    assert_eq!(items, [item]);
}

#[test]
fn a_byte_order_mark_windows_lines_and_blank_lines_are_no_faults() {
    let text = "\u{feff}{\"userId\":\"a\"}\r\n\r\n{\"userId\":\"b\"}\r\n\n";
    let (outcome, items) = after(PUT, text);
    assert_eq!(put(&outcome.json()), (2, 2, 0));
    assert_eq!(items.len(), 2);
}

#[test]
fn a_file_without_items_is_nothing_to_do() {
    for text in ["", "\n \n", "[]", " [ ] \n"] {
        let (outcome, _) = after(PUT, text);
        outcome.expect_code(0);
        let step = &outcome.json()["data"]["steps"][0];
        assert_eq!(step["message"], "users.jsonl has no items");
        assert_eq!(step["changed"], false);
    }
}

#[test]
fn every_fault_is_told_with_its_line_and_nothing_is_put() {
    let good = users(3);
    let large = "x".repeat(410_000);
    let deep = format!("{}1{}", "[".repeat(40), "]".repeat(40));
    for (line, said) in [
        ("{\"name\":\"x\"}".to_owned(), "users.jsonl:4: key attribute `userId` is missing"),
        ("{\"userId\":7}".to_owned(), "users.jsonl:4: key attribute `userId` is of type N, not S"),
        ("{\"userId\":\"\"}".to_owned(), "users.jsonl:4: key attribute `userId` is empty"),
        (
            "{\"userId\":\"x\",\"state\":1}".to_owned(),
            "users.jsonl:4: attribute `state`, a key of by-state, is of type N, not S",
        ),
        ("{\"userId\":\"u1\"}".to_owned(), "users.jsonl:4: the key is that of the item at line 2"),
        ("7".to_owned(), "users.jsonl:4: it is a number, not an object"),
        (
            "{\"userId\":\"x\",}".to_owned(),
            "users.jsonl:4: it is not JSON: trailing comma (column 15)",
        ),
        (
            "{\"userId\":\"x\"".to_owned(),
            "users.jsonl:4: it is not JSON: EOF while parsing an object",
        ),
        (
            "{\"userId\":\"x\",\"n\":1e200}".to_owned(),
            "users.jsonl:4: attribute `n`: the number is beyond DynamoDB's range",
        ),
        (
            "{\"userId\":\"x\",\"n\":123456789012345678901234567890123456789}".to_owned(),
            "users.jsonl:4: attribute `n`: the number has 39 significant digits",
        ),
        (
            format!("{{\"userId\":\"x\",\"t\":\"{large}\"}}"),
            "users.jsonl:4: the item has 410008 bytes; DynamoDB takes up to 409600",
        ),
        (format!("{{\"userId\":\"x\",\"d\":{deep}}}"), "values are nested deeper than 32 levels"),
        (
            "{\"userId\":\"x\",\"a\":1,\"a\":2}".to_owned(),
            "users.jsonl:4: attribute `a`: it is written twice",
        ),
        ("{\"userId\":{\"S\":\"x\"}}".to_owned(), "which needs format=dynamodb"),
    ] {
        let (outcome, items) = after(PUT, format!("{good}{line}\n"));
        outcome.expect_code(1);
        let document = outcome.json();
        let message = document["error"]["message"].as_str().unwrap();
        assert!(message.contains(said), "{message}");
        assert!(items.is_empty(), "{message}");
    }
}

#[test]
fn what_is_no_text_is_told_with_its_line() {
    let bytes = [users(1).as_bytes(), b"{\"userId\":\"\xff\"}\n"].concat();
    let (outcome, _) = after(PUT, bytes);
    assert_eq!(outcome.json()["error"]["message"], "users.jsonl:2: it is not UTF-8 text");
    let endless = format!("{}{{\"userId\":\"{}", users(1), "x".repeat(5 * 1024 * 1024));
    let (outcome, _) = after(PUT, endless);
    let message = "users.jsonl:2: the item has more than 4 MiB of text";
    assert_eq!(outcome.json()["error"]["message"], message);
}

#[test]
fn many_faults_are_told_together() {
    let text = users(2) + &"{}\n".repeat(30);
    let project = project(PUT, text);
    project.osem("setup").success();
    let outcome = project.osem("run put").status(1);
    let stderr = outcome.stderr();
    for line in [
        "✗ users.jsonl has 30 items that cannot be put",
        "said:  users.jsonl:3: key attribute `userId` is missing",
        "users.jsonl:22: key attribute `userId` is missing",
        "and 10 more",
        "found before the first write: nothing was changed",
        "fix:   correct the file: one JSON object a line, or one array of objects",
    ] {
        assert!(stderr.contains(line), "{line}\n{stderr}");
    }
    assert!(!stderr.contains("users.jsonl:23:"), "{stderr}");
}

#[test]
fn a_fault_is_found_before_the_tables_are_made() {
    let text = super::text(&format!("needs setup; {PUT}"));
    let project = crate::harness::Project::of(text).file("users.jsonl", "{}");
    let document = project.osem("run put").json(1);
    assert_eq!(document["error"]["details"]["step"], "put-items", "{document:#}");
    let listed = project.osem("run setup").json(0);
    assert_eq!(listed["data"]["tablesCreated"][0]["status"], "created", "nothing was there");
}

#[test]
fn no_value_of_an_item_is_ever_shown_or_kept() {
    let secret = "correct-horse-battery";
    let text = format!("{{\"userId\":\"{secret}\"}}\n{{\"userId\":\"{secret}\"}}\n\"{secret}\"\n");
    for text in [text.clone(), text.lines().next().unwrap().to_owned()] {
        let project = project(PUT, text);
        project.osem("setup").success();
        let outcome = project.osem("run put -vv").output();
        assert!(!outcome.raw_stderr.contains(secret), "{outcome}");
        let runs = project.path().join(".osem/runs");
        for run in std::fs::read_dir(runs).unwrap().map(|run| run.unwrap().path()) {
            let Ok(events) = std::fs::read_to_string(run.join("events.ndjson")) else { continue };
            assert!(!events.contains(secret), "{events}");
        }
    }
}

#[test]
fn half_of_a_surrogate_pair_is_told_with_its_line_wherever_it_stands() {
    let half = "half of a surrogate pair (\\ud800 to \\udfff) stands alone in";
    let typed = PUT.replace("step put-items", "step put-items format=dynamodb");
    assert_ne!(typed, PUT);
    let good = "{\"userId\":{\"S\":\"u1\"}}\n\n";
    for (line, said) in [
        (r#""s":{"SS":["x","\ud800"]}"#, format!("attribute `s[1]`: {half} it")),
        (r#""s":{"S":"\udfff"}"#, format!("attribute `s`: {half} it")),
        (r#""m":{"M":{"\ud83d":{"S":"x"}}}"#, format!("attribute `m`: {half} a name in it")),
        (r#""\ud83d":{"S":"x"}"#, format!("{half} a name in it")),
    ] {
        let text = format!("{good}{{\"userId\":{{\"S\":\"u2\"}},{line}}}\n");
        let (outcome, items) = after(&typed, text);
        outcome.expect_code(1);
        assert_eq!(outcome.json()["error"]["message"], format!("users.jsonl:3: {said}"));
        assert!(items.is_empty());
    }
}
