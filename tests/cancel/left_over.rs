//! What an osem that was killed leaves beside its record, and who clears it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::harness::{Process, Project, living, wait_for_living};

/// Puts a value out and waits.
const WAITS: &str =
    "echo token=hunter2 >> $OSEM_OUTPUT; touch begun; until test -e go; do sleep 0.05; done";

fn project(tasks: &str) -> Project {
    let project = Project::of(format!(
        "osem 1\n\
         project left {{ table-name \"left-{{env}}-{{table}}\"; }}\n\
         environment local default=#true {{ region us-east-1; emulator; allow-destroy; }}\n\
         table Users hash=userId\n{tasks}\n"
    ));
    fs::create_dir(project.path().join("tmp")).unwrap();
    project
}

/// Starts osem with a folder of temporary files that nobody else has.
fn start(project: &Project, line: &str) -> Process {
    let mark = project.path().display().to_string();
    project.osem(line).env("TMPDIR", temporary(project)).env("MARK", mark).start()
}

fn temporary(project: &Project) -> PathBuf {
    project.path().join("tmp")
}

/// The files for outputs below a folder.
fn outputs(folder: &Path) -> Vec<PathBuf> {
    files(folder, "output-")
}

/// The files below a folder whose names start so.
fn files(folder: &Path, start: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            found.extend(files(&path, start));
        } else if name.to_str().unwrap().starts_with(start) {
            found.push(path);
        }
    }
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .map_or_else(|_| Vec::new(), |found| found.map(|entry| entry.unwrap().path()).collect())
}

#[track_caller]
fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[track_caller]
fn wait_for_begun(project: &Project) {
    while !project.path().join("begun").exists() {
        thread::sleep(Duration::from_millis(5));
    }
}

/// A program may be at work for a moment before osem has noted it.
#[track_caller]
fn wait_for_note(project: &Project) {
    while files(&project.path(), "child-").is_empty() {
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn the_outputs_of_a_run_that_was_killed_are_for_its_owner_alone_and_gone_after_a_resume() {
    let project = project(&format!("task t {{ step shell \"{WAITS}\"; }}"));
    let state = project.path().join(".osem");
    let run = start(&project, "t");
    wait_for_begun(&project);
    let found = outputs(&state);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(fs::read_to_string(&found[0]).unwrap(), "token=hunter2\n");
    assert_eq!((mode(&found[0]), mode(found[0].parent().unwrap())), (0o600, 0o700));
    assert_eq!(entries(&temporary(&project)), Vec::<PathBuf>::new());
    run.signal("KILL");
    assert_eq!(run.finish().code(), None);
    assert_eq!(outputs(&state), found, "nobody removed it");
    let project = project.file("go", "");
    let resumed = start(&project, "resume").finish();
    assert_eq!(resumed.code(), Some(0), "{resumed}");
    assert!(!state.join("scratch").exists());
    assert_eq!(entries(&temporary(&project)), Vec::<PathBuf>::new());
}

#[test]
fn a_run_that_ends_leaves_no_file_for_outputs() {
    let project = project(
        "task t { step shell \"echo a=b > $OSEM_OUTPUT\"; step exec \"false\" { tolerate; }; }\n\
         task look { step shell \"echo a=b > $OSEM_OUTPUT; ls tmp > seen\" effect=read; }",
    );
    for line in ["t", "look"] {
        start(&project, line).finish();
        assert!(!project.path().join(".osem/scratch").exists(), "{line}");
        assert_eq!(entries(&temporary(&project)), Vec::<PathBuf>::new(), "{line}");
    }
    let seen = fs::read_to_string(project.path().join("seen")).unwrap();
    assert!(seen.starts_with("osem-scratch-"), "{seen}");
}

#[test]
fn the_program_and_the_outputs_of_a_killed_run_without_a_record_are_ended_and_removed_by_the_next()
{
    let project = project(&format!(
        "task t {{ step shell \"{WAITS}\" effect=read; }}\ntask quick {{ step shell \"true\"; }}"
    ));
    let mark = project.path().display().to_string();
    let run = start(&project, "t");
    wait_for_begun(&project);
    wait_for_note(&project);
    assert_eq!(outputs(&temporary(&project)).len(), 1);
    run.signal("KILL");
    run.finish();
    assert!(!living("MARK", &mark).is_empty(), "nobody ended it");
    let next = start(&project, "quick").finish();
    next.expect_stderr("a program of an osem that was killed still runs (process [PID])");
    assert_eq!(living("MARK", &mark), Vec::<u32>::new());
    assert_eq!(entries(&temporary(&project)), Vec::<PathBuf>::new());
    start(&project, "quick").finish().refuse_stderr("still runs");
}

#[test]
fn a_program_of_a_preview_that_was_killed_is_ended_by_whoever_comes_next() {
    let project = project(
        "step-kind look { plugin \"./look\"; effect read; idempotent; }\n\
         task t { step look; step shell \"true\"; }\ntask quick { step shell \"true\"; }",
    );
    let project = project.file(
        "look",
        "#!/bin/sh\ncase $1 in\ndescribe) test ! -e slow || sleep 507\n\
         echo '{\"protocol\":1,\"name\":\"look\",\"verbs\":[\"plan\"]}';;\n\
         *) sleep 508 & sleep 509;;\nesac\n",
    );
    crate::children::executable(&project.path().join("look"));
    let mark = project.path().display().to_string();
    let killed = |line: &str, programs: usize, next: &str| {
        let run = start(&project, line);
        // Those of osem itself, too.
        wait_for_living("MARK", &mark, programs + 1);
        wait_for_note(&project);
        run.signal("KILL");
        run.finish();
        wait_for_living("MARK", &mark, programs);
        let next = start(&project, next).finish();
        next.expect_stderr("a program of an osem that was killed still runs (process [PID])");
        assert_eq!(living("MARK", &mark), Vec::<u32>::new(), "{line}");
        assert_eq!(entries(&temporary(&project)), Vec::<PathBuf>::new(), "{line}");
        assert!(!project.path().join(".osem/scratch").exists(), "{line}");
    };
    killed("plan t", 3, "quick");
    killed("run t --yes", 3, "quick");
    fs::write(project.path().join("slow"), "").unwrap();
    fs::write(
        project.path().join("look"),
        fs::read_to_string(project.path().join("look")).unwrap() + "\n",
    )
    .unwrap();
    killed("check --plugins", 2, "plan quick");
}

#[test]
fn an_empty_tmpdir_names_no_folder() {
    let project =
        project("task look { step shell \"echo $OSEM_OUTPUT > seen; ls >> seen\" effect=read; }");
    project.osem("look").env("TMPDIR", "").success();
    let seen = fs::read_to_string(project.path().join("seen")).unwrap();
    assert!(seen.starts_with("/tmp/osem-scratch-"), "{seen}");
    assert!(!seen.contains("\nosem-scratch-"), "{seen}");
}
