//! Folders of tasks and globs that cannot be read.

use std::os::unix::fs::symlink;
use std::time::Instant;

use super::*;

const ROOT: &str = "osem 1\nproject x\nenvironment dev\n";

/// The problems of a project with `text` in its root file, its folder's path left out.
fn problems(text: &str, prepare: impl FnOnce(&Path)) -> String {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "osem.kdl", text);
    prepare(folder.path());
    let found = load(&folder.path().join("osem.kdl"), &catalog());
    let told = found.map_or_else(|found| shown(&found), |_| String::new());
    told.replace(&format!("{}/", folder.path().display()), "")
}

fn pipe(path: &Path) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn only_the_default_folder_of_tasks_may_be_missing() {
    assert_eq!(problems(ROOT, |_| {}), "");
    let declared = "osem 1\nproject x { tasks-dir \"tasks\"; }\nenvironment dev\n";
    assert_eq!(
        problems(declared, |_| {}),
        "cannot read tasks: No such file or directory (os error 2) @2:23 `\"tasks\"` \
         (asked for here) -> make it a folder that can be read, or correct `tasks-dir`\n"
    );
}

#[test]
fn a_folder_of_tasks_that_is_none_is_an_error() {
    let told = problems(ROOT, |root| write(root, "tasks", ""));
    assert!(told.starts_with("cannot read tasks: it is not a folder -> tasks are"), "{told}");
    let told = problems(ROOT, |root| symlink("tasks", root.join("tasks")).unwrap());
    assert!(told.starts_with("cannot read tasks: it is a symbolic link to tasks: Too"), "{told}");
    let told = problems(ROOT, |root| symlink("nowhere", root.join("tasks")).unwrap());
    assert!(told.contains("symbolic link to nowhere: No such file"), "{told}");
}

#[test]
fn what_is_called_kdl_must_be_a_file() {
    let told = problems(ROOT, |root| {
        std::fs::create_dir_all(root.join("tasks/folder.kdl")).unwrap();
        symlink("nowhere", root.join("tasks/dangling.kdl")).unwrap();
        symlink("loop.kdl", root.join("tasks/loop.kdl")).unwrap();
        symlink("somebody@host.1", root.join("tasks/.#edited.kdl")).unwrap();
        pipe(&root.join("tasks/pipe.kdl"));
        write(root, "tasks/readme.txt", "not read");
    });
    for expected in [
        "cannot read tasks/folder.kdl: it is a folder, not a file -> every *.kdl",
        "cannot read tasks/dangling.kdl: it is a symbolic link to nowhere: No such file",
        "cannot read tasks/loop.kdl: it is a symbolic link to loop.kdl: Too many levels",
        "cannot read tasks/pipe.kdl: it is a pipe, a socket or a device, not a file",
    ] {
        assert!(told.contains(expected), "{expected}\n-- not in --\n{told}");
    }
    assert_eq!(told.lines().count(), 4, "{told}");
}

#[test]
fn what_an_include_matches_must_be_a_file() {
    let text = format!("{ROOT}include \"more/**/*.kdl\" optional=#true\n");
    let told = problems(&text, |root| {
        std::fs::create_dir_all(root.join("more/folder.kdl")).unwrap();
        symlink("nowhere", root.join("more/dangling.kdl")).unwrap();
        symlink(".", root.join("more/circle")).unwrap();
        pipe(&root.join("more/deep/pipe.kdl"));
        write(root, "more/deep/good.kdl", "table A hash=a");
    });
    for expected in [
        "folder.kdl: it is a folder, not a file @4:9 `\"more/**/*.kdl\"` (asked for here) -> every",
        "cannot read more/dangling.kdl: it is a symbolic link to nowhere: No such file",
        "cannot read more/deep/pipe.kdl: it is a pipe",
    ] {
        assert!(told.contains(expected), "{expected}\n-- not in --\n{told}");
    }
    assert_eq!(told.lines().count(), 3, "{told}");
}

#[test]
fn globs_stay_inside_the_project() {
    let started = Instant::now();
    for (glob, expected) in [
        ("/**/*.kdl", "`/**/*.kdl` is an absolute path @4:9"),
        ("/proc/self/**", "`/proc/self/**` is an absolute path @4:9"),
        ("a/../../*.kdl", "`a/../../*.kdl` leads up with `..` @4:9"),
        ("tables/**", "`tables/**` names folders, not files @4:9"),
        ("tables/", "`tables/` names folders, not files @4:9"),
        ("a/***", "`a/***`: wildcards are either regular `*` or recursive `**` @4:9"),
        ("[a/b]", "`[a/b]`: invalid range pattern @4:9"),
    ] {
        let told = problems(&format!("{ROOT}include \"{glob}\""), |_| {});
        assert!(told.starts_with(expected), "{expected}\n-- not --\n{told}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn globs_match_names_and_folders() {
    for glob in ["./a/b/c.kdl", "a/*/c.kdl", "**/c.kdl", "a/**/b/**/c.*", "**/**/[c]?kdl"] {
        let text = format!("{ROOT}include \"{glob}\"\ntask t {{ step verify table=T; }}");
        let told = problems(&text, |root| {
            write(root, "a/b/c.kdl", "table T hash=h");
            write(root, "a/file", "");
        });
        assert_eq!(told, "", "{glob}");
    }
}

#[test]
fn a_glob_gives_up_in_a_large_tree() {
    // Folders in folders stand for a large tree: there are many ways through them.
    let glob = "**/a/**/a/**/a/**/a/**/*.kdl";
    let text = format!("{ROOT}include \"{glob}\"\n");
    let started = Instant::now();
    let told = problems(&text, |root| std::fs::create_dir_all(root.join("a/".repeat(60))).unwrap());
    assert_eq!(
        told,
        format!(
            "`{glob}` leads through more than 100000 files @4:9 `\"{glob}\"` (asked for here) \
             -> name folders instead of `**`, as in: tables/*.kdl\n"
        )
    );
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn too_many_files_are_one_problem() {
    let told = problems(ROOT, |root| {
        for number in 0..1100 {
            write(root, &format!("tasks/{number}.kdl"), "");
        }
    });
    assert_eq!(told, "a project has at most 1000 files -> join some of them, or include fewer\n");
}
