//! Several files.

use super::*;
use crate::config::find;

const ROOT: &str = "osem 1\nproject x\nenvironment dev\n";

#[test]
fn the_root_file_is_found_from_below() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "osem.kdl", ROOT);
    std::fs::create_dir_all(folder.path().join("a/b")).unwrap();
    assert_eq!(find(&folder.path().join("a/b")), Some(folder.path().join("osem.kdl")));
}

#[test]
fn included_files_and_tasks_are_read_once() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "osem.kdl", format!("{ROOT}include \"t/*.kdl\"\ninclude \"t/a*\"\n"));
    write(folder.path(), "t/a.kdl", "table A hash=a");
    write(folder.path(), "t/b.kdl", "table B hash=b");
    write(
        folder.path(),
        "tasks/check-all.kdl",
        "task check-all { for-each table { step verify; }; }",
    );
    let config = load(&folder.path().join("osem.kdl"), &catalog());
    let config = config.unwrap_or_else(|found| panic!("{}", shown(&found)));
    assert_eq!(config.tables.len(), 2);
    assert!(config.task("check-all").is_some());
    assert_eq!(config.root, folder.path());
}

#[test]
fn problems_of_all_files_come_together() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "osem.kdl", format!("{ROOT}include \"nothing/*.kdl\"\ntabel A\n"));
    write(folder.path(), "tasks/a.kdl", "environment prod\ntask a { step create-tabel; }");
    write(folder.path(), "tasks/b.kdl", "task a\ntask c { confirm yes; }");
    write(folder.path(), "tasks/c.kdl", "task d {");
    write(folder.path(), "tasks/d.kdl", b"task \xff");
    let found = load(&folder.path().join("osem.kdl"), &catalog()).unwrap_err();
    let told = shown(&found);
    for expected in [
        "`nothing/*.kdl` matches no file @4:9",
        "unknown node `tabel`",
        "unknown node `environment` @1:1 `environment` (not known in an included file) \
         -> `environment` may stand only in the root file",
        "unknown step kind `create-tabel` @2:15 `create-tabel` -> did you mean `create-table`?",
        "task `a` is declared twice @1:6 `a` (declared again here) @2:6 `a` (first declared here)",
        "`confirm` cannot be `yes`",
        "this block is not closed",
        "the file is not UTF-8 text @1:6",
    ] {
        assert!(told.contains(expected), "{expected}\n-- not in --\n{told}");
    }
}

#[test]
fn a_missing_root_file_is_a_diagnostic() {
    let folder = tempfile::tempdir().unwrap();
    let found = load(&folder.path().join("osem.kdl"), &catalog()).unwrap_err();
    assert!(found.list[0].message.contains("No such file"), "{}", found.list[0].message);
    let found = load(folder.path(), &catalog()).unwrap_err();
    assert!(found.list[0].message.contains("not a file"), "{}", found.list[0].message);
}

#[test]
fn an_optional_include_may_match_nothing() {
    assert_eq!(told(&format!("{ROOT}include \"x/*.kdl\" optional=#true")), "");
}

#[test]
fn the_root_file_is_named_as_it_was_typed() {
    let found = load(Path::new("."), &catalog()).unwrap_err();
    assert_eq!(
        shown(&found),
        "cannot read .: it is a folder, not a file \
         -> name a root file that can be read: osem -c path/to/osem.kdl\n"
    );
}
