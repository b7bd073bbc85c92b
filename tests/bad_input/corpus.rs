//! Every broken file of `tests/corpus`.

use std::fs;
use std::path::{Path, PathBuf};

use super::{expect_refused, expect_refused_at};
use crate::harness::Project;

fn corpus() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "kdl"));
    files.sort();
    files
}

#[test]
fn every_broken_file_is_refused_with_a_place() {
    let files = corpus();
    assert!(files.len() >= 30, "only {} files", files.len());
    for file in files {
        with_file(&file, |project| {
            let outcome = project.osem("check").output();
            expect_refused_at(&outcome, "osem.kdl");
        });
    }
}

#[test]
fn every_broken_file_stops_every_command_alike() {
    for file in corpus() {
        with_file(&file, |project| {
            for line in ["setup --env dev", "plan --env dev"] {
                let run = project.osem(line).env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
                let outcome = run.output();
                // Some are broken only for a task or an environment that is not asked for here.
                assert!(matches!(outcome.code(), Some(1 | 64 | 65)), "{outcome}");
                outcome.refuse_stderr("panicked");
                assert!(!project.path().join(".osem").exists(), "{outcome}");
            }
        });
    }
}

#[test]
fn the_document_of_a_broken_file_has_its_diagnostics() {
    for file in corpus() {
        with_file(&file, |project| {
            let document = project.osem("check").json(65);
            let diagnostics = document["data"]["diagnostics"].as_array().unwrap();
            assert!(!diagnostics.is_empty());
            for diagnostic in diagnostics {
                assert!(diagnostic["code"].as_str().unwrap().starts_with("osem::"));
                assert!(!diagnostic["message"].as_str().unwrap().is_empty());
            }
        });
    }
}

#[test]
fn the_file_is_found_wherever_it_is() {
    let file = corpus().into_iter().find(|file| file.ends_with("cycle.kdl")).unwrap();
    let outcome = Project::empty().osem("check -c").args([&file]).output();
    expect_refused(&outcome);
    expect_refused_at(&outcome, "cycle.kdl");
}

/// Runs a test on a file; a failure names the file.
fn with_file(file: &Path, test: impl FnOnce(&Project)) {
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let project = Project::of(fs::read(file).unwrap());
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(&project)));
    assert!(ended.is_ok(), "tests/corpus/{name}: see above");
}
