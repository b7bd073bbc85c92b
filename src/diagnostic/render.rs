//! Drawing a diagnostic with its source lines (by miette), and as JSON.

use std::fmt;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, ThemeCharacters};

use super::{Diagnostic, FileId, Severity, Sources, is_dangerous};

/// How text for a person is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RenderStyle {
    /// Whether ANSI colours may be used.
    pub color: bool,
    /// Whether characters outside ASCII may be used.
    pub unicode: bool,
    /// The columns of the terminal that it is drawn on, where it is.
    pub columns: Option<usize>,
}

/// The columns of text that is nowhere shown, and the fewest and the most that a terminal's text has.
const COLUMNS: usize = 100;
const FEWEST: usize = 40;

/// One diagnostic as text that ends in a newline.
pub(super) fn text(sources: &Sources, diagnostic: &Diagnostic, style: RenderStyle) -> String {
    let mut theme = if style.color { GraphicalTheme::ascii() } else { GraphicalTheme::none() };
    if style.unicode {
        theme.characters = ThemeCharacters::unicode();
    }
    let report = Report::new(sources, diagnostic);
    let mut out = String::new();
    GraphicalReportHandler::new_themed(theme)
        .with_width(style.columns.unwrap_or(COLUMNS).clamp(FEWEST, COLUMNS))
        .with_links(false)
        .render_report(&mut out, &report)
        .expect("writing to a string cannot fail");
    out
}

/// All of `list` as a JSON array: `code severity message help labels[{file line column text}]`.
#[must_use]
pub fn to_json(sources: &Sources, list: &[Diagnostic]) -> serde_json::Value {
    list.iter()
        .map(|diagnostic| {
            let labels = diagnostic.labels.iter().map(|label| {
                let (line, column) = sources.line_column(label.span);
                serde_json::json!({
                    "file": sources.file(label.span.file).name, "line": line, "column": column,
                    "text": label.text,
                })
            });
            serde_json::json!({
                "code": diagnostic.code, "severity": diagnostic.severity,
                "message": diagnostic.message, "help": diagnostic.help,
                "labels": labels.collect::<Vec<_>>(),
            })
        })
        .collect()
}

/// A diagnostic in miette's terms. Labels in a second file become a related report, because one
/// miette report draws one file.
#[derive(Debug)]
struct Report {
    message: String,
    code: Option<&'static str>,
    severity: miette::Severity,
    help: Option<String>,
    source: Option<NamedSource<String>>,
    labels: Vec<LabeledSpan>,
    related: Vec<Report>,
}

impl Report {
    fn new(sources: &Sources, diagnostic: &Diagnostic) -> Self {
        let mut files: Vec<FileId> = Vec::new();
        for label in &diagnostic.labels {
            if !files.contains(&label.span.file) {
                files.push(label.span.file);
            }
        }
        let severity = match diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        };
        let mut parts = files.into_iter().map(|file| Self {
            message: "see also".to_owned(),
            code: None,
            severity: miette::Severity::Advice,
            help: None,
            source: Some(named_source(sources, file)),
            labels: labels_in(sources, diagnostic, file),
            related: Vec::new(),
        });
        let first = parts.next();
        let (source, labels) = first.map_or((None, Vec::new()), |part| (part.source, part.labels));
        Self {
            message: visible(&diagnostic.message),
            code: Some(diagnostic.code),
            severity,
            help: diagnostic.help.as_deref().map(visible),
            source,
            labels,
            related: parts.collect(),
        }
    }
}

fn named_source(sources: &Sources, file: FileId) -> NamedSource<String> {
    let file = sources.file(file);
    NamedSource::new(&file.name, printable(&file.text))
}

/// Characters that could drive the terminal become `?`, byte for byte, so that spans still fit.
fn printable(text: &str) -> String {
    let harmless = |c: &char| matches!(c, '\n' | '\t') || !is_dangerous(*c);
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if harmless(&c) {
            out.push(c);
        } else {
            out.extend(std::iter::repeat_n('?', c.len_utf8()));
        }
        out
    })
}

/// What a message quotes from a file, with what could drive the terminal written out.
fn visible(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if c != '\n' && is_dangerous(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
        out
    })
}

fn labels_in(sources: &Sources, diagnostic: &Diagnostic, file: FileId) -> Vec<LabeledSpan> {
    let text = &sources.file(file).text;
    let mut labels = Vec::new();
    for label in diagnostic.labels.iter().filter(|label| label.span.file == file) {
        let start = floor_char_boundary(text, label.span.start);
        let end = floor_char_boundary(text, label.span.end.max(start));
        // One line is enough to point with; a label over many lines hides the others.
        let end = text[start..end].find('\n').map_or(end, |newline| start + newline);
        let text = (!label.text.is_empty()).then(|| visible(&label.text));
        labels.push(LabeledSpan::new(text, start, end - start));
    }
    labels
}

fn floor_char_boundary(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl miette::Diagnostic for Report {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.source.as_ref().map(|source| source as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty())
            .then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = LabeledSpan>>)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        (!self.related.is_empty()).then(|| {
            let related = self.related.iter().map(|report| report as &dyn miette::Diagnostic);
            Box::new(related) as Box<dyn Iterator<Item = _>>
        })
    }
}
