//! Help, version and completions.

use crate::harness::Project;

#[test]
fn help_has_the_commands_the_examples_and_the_exit_codes() {
    let outcome = Project::empty().osem("--help").stderr("").success();
    let help = outcome.stdout();
    for text in [
        "Usage: osem [OPTIONS] <COMMAND>",
        "  run          Run a task\n",
        "  plan         Show what a task would do; change nothing\n",
        "  osem run setup                      create the tables in the embedded emulator\n",
        "The name of a task is a command: `osem setup` is `osem run setup`.\n",
        "3 undoing failed",
        "4 changes (plan --exit-code), 64 usage, 65 configuration",
        "77 not confirmed",
    ] {
        assert!(help.contains(text), "no {text:?} in\n{help}");
    }
}

#[test]
fn every_command_has_help_with_its_flags() {
    let project = Project::empty();
    for (command, flags) in [
        (
            "run",
            &[
                "--env",
                "--region",
                "--endpoint-url",
                "--rehearse",
                "--time-scale",
                "--fault",
                "--jobs",
                "--keep-going",
                "--confirm",
            ][..],
        ),
        (
            "plan",
            &[
                "--env",
                "--region",
                "--endpoint-url",
                "--rehearse",
                "--json",
                "--format",
                "--exit-code",
            ],
        ),
        ("check", &["--config", "--json"]),
        ("list", &["--json"]),
        (
            "local",
            &[
                "--env",
                "--port",
                "--control-plane",
                "--time-scale",
                "--account",
                "--fault",
                "--seed",
            ],
        ),
        ("rollback", &["<RUN>", "--confirm", "--lock-wait", "--state-dir"]),
        ("completions", &["<SHELL>"]),
    ] {
        let outcome = project.osem(command).args(["--help"]).stderr("").success();
        for flag in flags {
            assert!(outcome.stdout().contains(flag), "no {flag}\n{outcome}");
        }
        assert!(outcome.stdout().contains("Usage: osem "), "{outcome}");
    }
}

#[test]
fn the_flags_that_may_not_be_variables_have_none() {
    let help = Project::empty().osem("run --help").success().stdout();
    for name in ["OSEM_CONFIRM", "OSEM_FORCE"] {
        assert!(!help.contains(name), "{help}");
    }
}

#[test]
fn the_version_is_that_of_the_crate() {
    let wanted = concat!("osem ", env!("CARGO_PKG_VERSION"), "\n");
    Project::empty().osem("--version").stdout(wanted).stderr("").success();
}

#[test]
fn there_are_completions_for_the_usual_shells() {
    for (shell, text) in
        [("bash", "complete -F _osem"), ("zsh", "#compdef osem"), ("fish", "complete -c osem")]
    {
        let run = Project::empty().osem("completions").args([shell]);
        let outcome = run.stderr("").success();
        assert!(outcome.stdout().contains(text), "{shell}: no {text:?}");
        assert!(outcome.stdout().contains("endpoint-url"), "{shell}: no flags");
    }
}

#[test]
fn the_examples_for_completions_can_be_pasted() {
    let project = Project::empty();
    let help = project.osem("completions --help").success().stdout();
    let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1);
    let script = lines.map(str::trim).collect::<Vec<_>>().join("\n");
    let osem = std::path::Path::new(env!("CARGO_BIN_EXE_osem")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let home = project.path();
    let mut shell = std::process::Command::new("sh");
    shell.args(["-e", "-c", &script]).env("HOME", &home);
    shell.env("PATH", format!("{}:{path}", osem.display()));
    assert!(shell.status().unwrap().success(), "{script}");
    for file in [".zfunc/_osem", ".local/share/bash-completion/completions/osem"] {
        assert!(home.join(file).metadata().unwrap().len() > 0, "{file}");
    }
}

#[test]
fn no_line_of_help_is_broken_where_nobody_meant_it() {
    let project = Project::empty();
    for command in ["", "run", "resume", "plan", "check", "runs", "runs list", "rollback", "doctor"]
        .into_iter()
        .chain(["list", "steps", "iam-policy", "local", "import", "completions"])
    {
        let help = project.osem(command).args(["--help"]).success().stdout();
        let examples = help.lines().skip_while(|line| *line != "Examples:");
        for line in examples.filter(|line| !line.is_empty()) {
            // A line that was too long leaves a word or two behind.
            assert!(
                line.contains(' ') && line.chars().count() <= 100 || line == "Examples:",
                "{line:?}"
            );
        }
    }
}
