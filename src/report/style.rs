//! Symbols and colours: a colour never stands alone, and without UTF-8 everything is ASCII.

use crate::diagnostic::RenderStyle;

/// How text for a person is drawn. The command line decides, from `--color`, `NO_COLOR`, the
/// stream and the locale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Whether ANSI colours may be used.
    pub color: bool,
    /// Whether characters outside ASCII may be used for what osem itself draws.
    pub unicode: bool,
}

impl From<Style> for RenderStyle {
    fn from(style: Style) -> Self {
        Self { color: style.color, unicode: style.unicode, columns: None }
    }
}

/// A colour or weight, as its SGR parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
    Cyan,
}

/// What a symbol says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Symbol {
    Done,
    Failed,
    Warning,
    Info,
    Skipped,
    Waiting,
}

impl Symbol {
    const fn paint(self) -> Paint {
        match self {
            Self::Done => Paint::Green,
            Self::Failed => Paint::Red,
            Self::Warning => Paint::Yellow,
            Self::Info => Paint::Cyan,
            Self::Skipped | Self::Waiting => Paint::Dim,
        }
    }

    const fn unicode(self) -> &'static str {
        match self {
            Self::Done => "✓",
            Self::Failed => "✗",
            Self::Warning => "⚠",
            Self::Info => "ℹ",
            Self::Skipped => "–",
            Self::Waiting => "·",
        }
    }

    const fn ascii(self) -> &'static str {
        match self {
            Self::Done => "ok",
            Self::Failed => "x",
            Self::Warning => "!",
            Self::Info => "i",
            Self::Skipped => "-",
            Self::Waiting => ".",
        }
    }
}

const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/// Without `-`, which stands for a skipped step.
const ASCII_SPINNER: [&str; 4] = ["|", "/", "|", "\\"];

impl Style {
    /// A symbol at the start of a text.
    pub(super) fn symbol(self, symbol: Symbol) -> String {
        let text = if self.unicode { symbol.unicode() } else { symbol.ascii() };
        self.paint(symbol.paint(), text)
    }

    /// A symbol in a column: as wide as the widest of its set.
    pub(super) fn symbol_cell(self, symbol: Symbol) -> String {
        let text = if self.unicode { symbol.unicode() } else { symbol.ascii() };
        let width = if self.unicode { 1 } else { 2 };
        self.paint(symbol.paint(), &format!("{text:<width$}"))
    }

    /// A symbol in a strip of them: one column wide.
    pub(super) fn symbol_mark(self, symbol: Symbol) -> String {
        match symbol {
            Symbol::Done if !self.unicode => self.paint(symbol.paint(), "+"),
            _ => self.symbol(symbol),
        }
    }

    /// The picture of something running at a moment.
    pub(super) fn spinner(self, tick: u64) -> String {
        let frames: &[&str] = if self.unicode { &SPINNER } else { &ASCII_SPINNER };
        let index = usize::try_from(tick % frames.len() as u64).unwrap_or(0);
        self.paint(Paint::Cyan, frames[index])
    }

    /// What stands for left-out text.
    pub(super) const fn ellipsis(self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }

    /// `text` in a colour, where colours may be used.
    pub(super) fn paint(self, paint: Paint, text: &str) -> String {
        if !self.color || text.is_empty() {
            return text.to_owned();
        }
        let code = match paint {
            Paint::Bold => 1,
            Paint::Dim => 2,
            Paint::Red => 31,
            Paint::Green => 32,
            Paint::Yellow => 33,
            Paint::Cyan => 36,
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Symbol; 6] = [
        Symbol::Done,
        Symbol::Failed,
        Symbol::Warning,
        Symbol::Info,
        Symbol::Skipped,
        Symbol::Waiting,
    ];

    #[test]
    fn without_unicode_everything_drawn_is_ascii() {
        let style = Style::default();
        for symbol in ALL {
            assert!(style.symbol(symbol).is_ascii());
            assert_eq!(style.symbol_cell(symbol).len(), 2);
            assert_eq!(style.symbol_mark(symbol).len(), 1);
        }
        assert!((0..20).all(|tick| style.spinner(tick).is_ascii()));
        assert!(style.ellipsis().is_ascii());
    }

    #[test]
    fn a_colour_never_stands_without_its_symbol() {
        let plain = Style { color: false, unicode: true };
        let coloured = Style { color: true, unicode: true };
        for symbol in ALL {
            let text = coloured.symbol(symbol);
            assert_eq!(console::strip_ansi_codes(&text), plain.symbol(symbol));
        }
    }
}
