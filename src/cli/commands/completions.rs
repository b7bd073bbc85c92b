//! `osem completions`.

use clap_complete::Shell;

use crate::cli::exit;
use crate::cli::terminal::Terminal;

pub(super) fn execute(shell: Shell, terminal: &Terminal) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut crate::cli::command(), "osem", &mut script);
    terminal.result(&String::from_utf8_lossy(&script));
    exit::SUCCESS
}
