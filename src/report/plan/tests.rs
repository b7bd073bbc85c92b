use super::*;
use crate::model::{Failure, TableState};
use crate::run::plan_testing::{creating, plan_of, previews};
use crate::run::{Beside, Expecting, Narrowing, Pace};
use crate::table::{ChangeClass, Unmanaged, UnmanagedKind};

/// Everything that Markdown, HTML or GitHub could take for something.
const HOSTILE: &str = "</details><script>alert(1)</script> `x` ``` | a \\| b \\\\ *b* _i_ ~~s~~ [l](javascript:x) \
    ![i](http://e.vil/x.png) https://e.vil www.e.vil me@e.vil @team #1 :smile: &lt; <!-- -->\n# h\n- l\n| c |";

const TEXT: &str = "table Users hash=id { gsi by-team hash=team; }\ntable Teams hash=id\n\
    task t { for-each table { step create-table; step wait-active; step update-table; }\n\
    step exec \"true\" id=load; }";

/// A plan whose previews were meddled with, as Markdown and as text.
fn rendered(
    meddle: impl FnOnce(&mut Vec<StepPreview>),
    unmanaged: Vec<Unmanaged>,
) -> (String, String) {
    let (plan, environment) = plan_of(TEXT, "prod");
    let mut previews = previews(&plan, creating);
    meddle(&mut previews);
    let (recorded, narrowing) = Default::default();
    let (recorded, narrowing): (&_, &Narrowing) = (&recorded, &narrowing);
    let pace = Pace::Service { faster: 1.0 };
    let expecting = Expecting { pace, recorded, jobs: 8, narrowing };
    let overview = &Overview::new(&plan, &previews, &environment, expecting);
    let overview =
        &overview.clone().with_unmanaged(Beside { found: unmanaged, ..Beside::default() });
    let (plan, previews) = (&plan, &previews);
    let report = PlanReport { plan, previews, overview, place: "us-east-1, DynamoDB" };
    (render_plan_markdown(report), render_plan(report, true, Style::default()))
}

/// The page without its blocks of code, each of which must be closed.
fn without_blocks(page: &str) -> String {
    let mut out = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        if ticks < 3 {
            out += line;
            out.push('\n');
            continue;
        }
        let end = |line: &str| line.chars().all(|c| c == '`') && line.len() >= ticks;
        assert!(lines.any(end), "a block is not closed: {page}");
    }
    out
}

/// The page without spans of code; what is left is what Markdown interprets.
fn interpreted(page: &str) -> String {
    let pieces = without_blocks(page);
    pieces
        .lines()
        .map(|line| {
            let pieces: Vec<&str> = line.split('`').collect();
            assert!(pieces.len() % 2 == 1, "a span is not closed: {line}");
            pieces.into_iter().step_by(2).collect::<Vec<_>>().join("") + "\n"
        })
        .collect()
}

/// Fails where anything in a page could be taken for what it is not.
fn is_harmless(page: &str) {
    let text = interpreted(page);
    let mut rest = text.as_str();
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        let ours =
            ["<br>", "<code>", "</code>", "<details>", "</details>", "<summary>", "</summary>"];
        assert!(ours.iter().any(|tag| rest.starts_with(tag)), "{rest}");
        rest = &rest[1..];
    }
    for c in ["@", "](", "![", "www.", "://", ":s", "~~", " #1"] {
        let at = text.find(c);
        assert_eq!(at, None, "{c} in {:?}", &text[at.unwrap_or(0)..].get(..80));
    }
    for (open, close) in [("<details>", "</details>"), ("<code>", "</code>")] {
        assert_eq!(text.matches(open).count(), text.matches(close).count());
    }
    for row in without_blocks(page).lines().filter(|line| line.starts_with('|')) {
        assert_eq!(row.matches('|').count(), 8, "{row}");
    }
}

fn hostile_unmanaged() -> Unmanaged {
    Unmanaged {
        table: "Users".to_owned(),
        table_name: "p-prod-Users".to_owned(),
        kind: UnmanagedKind::Tag,
        what: format!("tag owner = {HOSTILE}"),
    }
}

#[test]
fn nothing_foreign_is_taken_for_markdown_or_html() {
    let (page, text) = rendered(
        |previews| {
            for change in previews.iter_mut().flat_map(|preview| &mut preview.changes) {
                change.details.push(HOSTILE.to_owned());
                change.before = Some(HOSTILE.to_owned());
                change.after = Some(HOSTILE.to_owned());
                change.setting = HOSTILE.to_owned();
                change.reason = HOSTILE.to_owned();
                change.request["Tags"] = HOSTILE.into();
            }
            let failure = Failure::new(crate::model::ErrorCode::StepFailed, HOSTILE);
            previews[1].problem = Some(failure.said(HOSTILE).cause(HOSTILE).fix(HOSTILE));
            previews[1].notes.push(HOSTILE.to_owned());
            previews.last_mut().unwrap().command.as_mut().unwrap().runs = HOSTILE.to_owned();
        },
        vec![hostile_unmanaged()],
    );
    is_harmless(&page);
    assert_eq!(page.matches("alert").count(), 17, "everything is shown: {page}");
    assert!(text.lines().all(|line| !line.starts_with("# h")), "{text}");
}

#[test]
fn an_ordinary_page_is_harmless_and_says_what_counts() {
    let (page, _) = rendered(|_| (), Vec::new());
    is_harmless(&page);
    assert!(page.starts_with("## `t` in `prod`\n\n**2 tables to create, 1 command**\n"), "{page}");
    assert!(page.contains("\n- takes about 15s to 23s\n"), "{page}");
    assert!(
        page.contains("\n- longest way: `create-table[Users] → wait-active[Users]`\n"),
        "{page}"
    );
    assert!(page.contains("not known how long it takes: `load`\n"), "{page}");
    assert!(page.contains("(--confirm prod)\n"), "{page}");
    assert!(
        page.contains("| 3 |  | &gt; `load` | runs `exec` | may write | ? | not known |"),
        "{page}"
    );
    assert!(page.contains("\n**2** `CreateTable` `p-prod-Teams`\n"), "{page}");
}

#[test]
fn a_page_is_never_longer_than_a_comment_may_be_and_says_what_it_leaves_out() {
    let (page, _) = rendered(
        |previews| {
            let many = vec![previews[0].changes[0].clone(); 2_000];
            previews[0].changes = many;
        },
        Vec::new(),
    );
    is_harmless(&page);
    assert!(page.len() <= 60_000, "{}", page.len());
    assert!(page.len() > 20_000, "as much as there is room for: {}", page.len());
    assert!(page.contains("of 2002 are left out here"), "{page}");
    assert!(page.contains("The requests are left out here"), "{page}");
    assert!(!page.contains("<details>"), "{page}");
}

#[test]
fn a_page_of_nothing_but_the_worst_has_room_too() {
    let (page, _) = rendered(
        |previews| {
            for preview in previews.iter_mut() {
                let failure = Failure::new(crate::model::ErrorCode::StepFailed, HOSTILE.repeat(90));
                preview.problem = Some(failure);
                preview.notes = vec![HOSTILE.repeat(3); 90];
            }
            let change = &mut previews[0].changes[0];
            change.details = vec![HOSTILE.repeat(3); 90];
            change.reversibility = Reversibility::Irreversible.alone();
            change.class = ChangeClass::Destroy;
            let change = change.clone();
            previews[0].changes = vec![change; 90];
        },
        vec![hostile_unmanaged(); 900],
    );
    is_harmless(&page);
    assert!(page.len() <= 60_000, "{}", page.len());
}

#[test]
fn the_text_has_sections_for_what_lasts_and_for_what_is_not_managed() {
    let (page, text) = rendered(
        |previews| {
            previews.truncate(1);
            let spec = plan_of(TEXT, "prod").0.tables[0].clone();
            previews[0].changes = vec![TableChange::delete(&TableState::created(&spec))];
        },
        vec![Unmanaged { what: "stream KEYS_ONLY".to_owned(), ..hostile_unmanaged() }],
    );
    let end = "Cannot be taken back, or not at once:\n\
        \x20 p-prod-Users: DeleteTable: irreversible\n\
        Live, but not in the file (left as it is):\n\
        \x20 p-prod-Users: stream KEYS_ONLY\n\
        1 DeleteTable for 2 tables\n\
        takes less than a second\n\
        asks first: the environment's name, typed (--confirm prod)\n";
    assert!(text.ends_with(end), "{text}");
    assert!(page.contains("**1 call to destroy, 1 call that cannot be taken back**"), "{page}");
    assert!(page.contains("- `p-prod-Users`: `DeleteTable`: **irreversible**\n"), "{page}");
    assert!(page.contains("- `p-prod-Users`: `stream KEYS_ONLY`\n"), "{page}");
}

#[test]
fn numbers_of_calls_go_through_the_whole_plan() {
    let (plan, environment) = plan_of(TEXT, "prod");
    let previews = previews(&plan, creating);
    let (recorded, narrowing) = Default::default();
    let pace = Pace::Service { faster: 10.0 };
    let expecting = Expecting { pace, recorded: &recorded, jobs: 8, narrowing: &narrowing };
    let overview = &Overview::new(&plan, &previews, &environment, expecting);
    let report = PlanReport { plan: &plan, previews: &previews, overview, place: "here" };
    let data = serde_json::to_value(plan_data(report)).unwrap();
    let steps = data["steps"].as_array().unwrap();
    let numbers: Vec<_> = steps
        .iter()
        .flat_map(|step| step["changes"].as_array().unwrap())
        .map(|change| (change["number"].as_u64().unwrap(), change["expectedMs"].clone()))
        .collect();
    assert_eq!(
        numbers,
        [(1, serde_json::json!([1_400, 2_200])), (2, serde_json::json!([100, 600]))]
    );
    assert_eq!(steps[6]["id"], "load");
    assert_eq!(steps[6]["acts"], true);
    assert_eq!(steps[6]["expectedMs"], serde_json::Value::Null);
    assert_eq!(steps[1]["acts"], false);
    assert_eq!(data["confirmation"], "type-environment");
    assert_eq!(data["estimate"]["unknown"][0], "load");
}
