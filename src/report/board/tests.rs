use super::super::Style;
use super::super::fixture::{self, ASCII, START, UNICODE, at, id};
use super::*;

const CHAIN: [&str; 3] = ["create-table", "wait-active", "verify"];

fn frame(ms: u64, width: usize, height: usize, style: Style) -> Frame {
    Frame { now: START + ms, width, height, style }
}

/// A board of a step without table and of chains of [`CHAIN`] for the tables.
fn board(tables: &[&str]) -> Board {
    let chains = tables.iter().flat_map(|table| CHAIN.map(|kind| (kind, *table)));
    let steps: Vec<_> = std::iter::once(("validate-credentials", "")).chain(chains).collect();
    let mut board = Board::default();
    board.record(&at(0, RunEvent::RunStarted(Box::new(fixture::header("setup", &steps)))));
    board
}

fn start(board: &mut Board, ms: u64, kind: &str, table: &str) {
    board.record(&at(ms, RunEvent::StepStarted { step: id(kind, table) }));
}

fn end(board: &mut Board, result: StepResult) {
    board.record(&at(0, RunEvent::StepFinished(Box::new(result))));
}

fn busy() -> Board {
    let mut board = board(&["Users", "Teams", "Plans"]);
    end(&mut board, fixture::result("validate-credentials", "", "who you are", 10));
    start(&mut board, 0, "create-table", "Users");
    end(&mut board, fixture::result("create-table", "Users", "created with 2 indexes", 900));
    start(&mut board, 1_000, "wait-active", "Users");
    let (step, message) = (id("wait-active", "Users"), "CREATING\x1b[2J".to_owned());
    board.record(&at(1_100, RunEvent::StepProgress { step, message }));
    end(&mut board, fixture::failed("create-table", "Teams", fixture::denied(), 10));
    let upstream = crate::journal::SkipReason::RunEnding;
    end(&mut board, fixture::skipped("wait-active", "Teams", upstream.clone()));
    end(&mut board, fixture::skipped("verify", "Teams", upstream));
    board
}

#[test]
fn a_wide_terminal_shows_the_names_of_steps() {
    assert_eq!(
        busy().draw(frame(4_200, 100, 24, UNICODE)),
        [
            "  setup  ✓ validate-credentials  who you are  10ms",
            "  Users  ✓ create-table  ⠸ wait-active  · verify  CREATING  3s",
            "  Teams  ✗ create-table  – wait-active  – verify  not allowed to create osem-local-Teams",
            "  Plans  · create-table  · wait-active  · verify",
            "  ━━━━━━━━━━━━────────────  5/10 steps  4s  1 failed",
        ]
    );
}

#[test]
fn a_narrow_terminal_shows_symbols_and_cuts_messages() {
    assert_eq!(
        busy().draw(frame(4_200, 44, 24, ASCII)),
        [
            "  setup  +  who you are  10ms",
            "  Users  +/.  wait-active  CREATING  3s",
            "  Teams  x--  create-table  not allowed t...",
            "  Plans  ...",
            "  #####------  5/10 steps  4s  1 failed",
        ]
    );
}

#[test]
fn with_more_chains_than_lines_running_ones_are_shown_and_the_rest_counted() {
    assert_eq!(
        busy().draw(frame(4_200, 100, 4, ASCII)),
        [
            "  Users  + create-table  / wait-active  . verify  CREATING  3s",
            "  ... 1 waiting, 1 done, 1 failed",
            "  ############------------  5/10 steps  4s  1 failed",
        ]
    );
}

#[test]
fn a_retry_says_what_failed() {
    let mut board = board(&["Users"]);
    start(&mut board, 0, "create-table", "Users");
    let (step, failure) = (id("create-table", "Users"), fixture::denied());
    board.record(&at(1, RunEvent::StepRetrying { step, attempt: 1, delay_ms: 5, failure }));
    let lines = board.draw(frame(500, 120, 24, ASCII));
    assert!(lines[1].ends_with("attempt 1 failed: not allowed to create osem-local-Teams"));
}

#[test]
fn no_line_is_wider_and_no_picture_higher_than_the_terminal() {
    let mut board = busy();
    board.record(&at(9, RunEvent::Cancelling { reason: "SIGINT".to_owned() }));
    for style in [ASCII, UNICODE, Style { color: true, unicode: true }] {
        for width in 0..130 {
            for height in 0..9 {
                let lines = board.draw(frame(4_200, width, height, style));
                assert!(lines.len() < height.max(2), "{width}x{height}: {lines:#?}");
                for line in lines {
                    assert!(console::measure_text_width(&line) <= width, "{width}: {line:?}");
                    assert!(!line.contains("\x1b[2J"), "{line:?}");
                }
            }
        }
    }
}

#[test]
fn before_the_run_there_is_no_picture() {
    assert!(Board::default().draw(frame(0, 80, 24, UNICODE)).is_empty());
}
