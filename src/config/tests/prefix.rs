//! `OSEM_DB_PREFIX`, and environments that it makes meet.

use super::*;

fn config(text: &str) -> Config {
    load_text(&format!("osem 1\n{text}")).unwrap_or_else(|found| panic!("{}", shown(&found)))
}

fn messages(config: &Config, list: Vec<crate::diagnostic::Diagnostic>) -> String {
    shown(&Diagnostics { sources: config.sources.clone(), list })
}

#[test]
fn a_prefix_may_make_environments_meet() {
    let config = config(
        "project x\nenvironment a\nenvironment b\n\
         environment c { account \"111111111111\"; }\n\
         environment d { account \"222222222222\"; }\nenvironment e { emulator; }\ntable T hash=h",
    );
    assert_eq!(config.shared_names(None, None), []);
    assert_eq!(config.shared_names(Some("my-"), None).len(), 5);
    let only = config.environment("c");
    let told = messages(&config, config.shared_names(Some("my-"), only));
    assert_eq!(told.lines().count(), 2, "{told}");
    assert!(
        told.starts_with(
            "OSEM_DB_PREFIX is `my-`, so `a` and `c` could both mean the table `my-T` @5:13 `c` \
             (this environment) @3:13 `a` (could be the same account and region as this one) \
             -> use a prefix that differs by environment, or unset the variable\n"
        ),
        "{told}"
    );
    assert_eq!(config.shared_names(Some("my-"), config.environment("e")), []);
}

#[test]
fn emulators_of_one_file_may_not_meet() {
    let project = "osem 1\nproject x { table-name \"x-{table}\"; }\ntable T hash=h\n";
    for together in ["emulator data=\".osem/a.db\"", "emulator data=\"./x/../.osem/a.db\""] {
        let told = told(&format!(
            "{project}environment a {{ emulator; }}\nenvironment b {{ {together}; }}"
        ));
        assert!(told.starts_with("`a` and `b` could both mean the table `x-T` @5:13"), "{told}");
        assert!(told.contains("(this one keeps its tables in the same file) -> put"), "{told}");
    }
    for apart in ["emulator", "emulator memory"] {
        let text = format!("environment a {{ {apart}; }}\nenvironment b {{ {apart}; }}");
        assert_eq!(told(&format!("{project}{text}")), "");
    }
}

#[test]
fn what_stands_before_table_is_known() {
    let config = config(
        "project x { table-name \"{project}-{env}-{region}-{table}-{env}\"; }\nenvironment a",
    );
    let environment = config.environment("a").unwrap();
    let prefix = |prefix| config.table_prefix(environment, "eu-west-1", prefix);
    assert_eq!(prefix(None), "x-a-eu-west-1-");
    assert_eq!(prefix(Some("my-")), "my-");
}

#[test]
fn a_bad_prefix_is_one_problem_that_names_the_variable() {
    let config = config("project x\nenvironment a\ntable T hash=h\ntable U hash=h");
    let environment = config.environment("a").unwrap();
    let told = |prefix: &str| {
        let found = config.tables_in(environment, "eu-west-1", Some(prefix));
        messages(&config, found.unwrap_err())
    };
    assert_eq!(
        told("bad name/"),
        "OSEM_DB_PREFIX is `bad name/`, which contains ' '; the service takes only letters, \
         digits, `_`, `.` and `-` @2:9 `x` (the variable would replace the start of this) \
         -> correct the variable, or unset it\n"
    );
    assert!(told("a\u{1b}[1m").starts_with("OSEM_DB_PREFIX is `a\\u{1b}[1m`, which contains"));
    assert_eq!(told(&"p".repeat(300)).lines().count(), 1);
    // Too short only together with the table's name.
    assert!(told("p").contains("(OSEM_DB_PREFIX replaces the start of this by `p`)"));
    assert_eq!(config.tables_in(environment, "eu-west-1", Some("p_.-9")).unwrap().len(), 2);
}
