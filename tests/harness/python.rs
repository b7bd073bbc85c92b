//! boto3, for what needs signatures or somebody else's client.

use std::process::{Command, Stdio};
use std::{io::Write, thread};

use serde_json::Value;

use super::variable;

/// Whether there is a Python 3, which the application's own plugin needs; says so where there is none.
pub(crate) fn has_python() -> bool {
    let asked = Command::new("python3").arg("-c").arg("").stderr(Stdio::null()).status();
    let found = asked.is_ok_and(|status| status.success());
    if !found {
        super::say_skipped("python", "there is no python3");
    }
    found
}

/// Runs a snippet with boto3 at hand; `args` are its `sys.argv[1:]`. What it prints is JSON.
/// `None`, with a word about it, where the interpreter is not known.
#[track_caller]
pub(crate) fn python(snippet: &str, args: &[&str]) -> Option<Value> {
    let interpreter = variable("python", "OSEM_TEST_PYTHON")?;
    let mut child = Command::new(interpreter)
        .arg("-")
        .args(args)
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdin, text) = (child.stdin.take().unwrap(), snippet.to_owned());
    let writer = thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the snippet failed:\n{snippet}\n{stderr}");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}
