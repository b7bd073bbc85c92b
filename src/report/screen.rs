//! The terminal that the picture is drawn on.

use std::io;

use console::Term;
use indicatif::{ProgressDrawTarget, TermLike};

/// How often a second it is drawn at most.
const RATE: u8 = 20;

/// The terminal behind stderr. Between two pictures the cursor stands at the start of the last line:
/// at its end, where indicatif leaves it, the `^C` that the terminal shows when it is typed would go
/// to the next line, and the first line of the picture would stay on the screen for good.
#[derive(Debug)]
struct Screen(Term);

/// Draws on the terminal behind stderr.
pub(super) fn stderr() -> ProgressDrawTarget {
    ProgressDrawTarget::term_like_with_hz(Box::new(Screen(Term::buffered_stderr())), RATE)
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        self.0.size().1
    }

    fn height(&self) -> u16 {
        self.0.size().0
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_up(n)
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_down(n)
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_right(n)
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_left(n)
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.0.write_line(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.write_str(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.0.write_str("\r")?;
        self.0.flush()
    }
}
