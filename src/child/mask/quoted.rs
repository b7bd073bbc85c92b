//! How texts are quoted: in JSON, in HTML, by shells, by programs that show their values.

use std::fmt::Write as _;

/// Characters that encoders of JSON escape beyond what they must: Go; Gson; PHP's `JSON_HEX_*`; .NET.
const ESCAPED_IN_JSON: [&str; 5] = ["", "<>&", "<>&='", "<>&'\"", "<>&'\"+`\u{7f}"];
/// The ways to write `"` and `'` in HTML.
const IN_HTML: ([&str; 3], [&str; 4]) =
    (["\"", "&quot;", "&#34;"], ["'", "&#39;", "&#x27;", "&apos;"]);

/// Every common way to quote a text.
pub(super) fn quoted(text: &str) -> Vec<String> {
    let json = json(text);
    // A text of JSON in a text of JSON.
    let again = json.iter().map(|text| json_by(text, "", [false; 3])).collect();
    let shell = [r"'\''", r#"'"'"'"#].map(|quote| text.replace('\'', quote)).to_vec();
    let shown = [(false, false), (false, true), (true, false), (true, true)];
    let shown = shown.map(|(apostrophe, ascii)| shown_by(text, apostrophe, ascii)).to_vec();
    [json, again, html(text), shell, shown, debug(text)].concat()
}

/// As text of JSON, by every combination of habits: which characters are escaped, and whether slashes
/// (PHP) and all that is not ASCII (Python) are, and with digits in upper case.
fn json(text: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for escaped in ESCAPED_IN_JSON {
        for habits in 0..8_u8 {
            forms.push(json_by(text, escaped, [1, 2, 4].map(|habit| habits & habit != 0)));
        }
    }
    forms.sort_unstable();
    forms.dedup();
    forms
}

fn json_by(text: &str, escaped: &str, [slashes, ascii, upper]: [bool; 3]) -> String {
    let mut out = String::new();
    let unit = |out: &mut String, unit: u16| {
        let _ = if upper { write!(out, "\\u{unit:04X}") } else { write!(out, "\\u{unit:04x}") };
    };
    for c in text.chars() {
        match c {
            c if escaped.contains(c) || ascii && !c.is_ascii() => {
                c.encode_utf16(&mut [0; 2]).iter().for_each(|part| unit(&mut out, *part));
            }
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '/' if slashes => out.push_str("\\/"),
            c if c < ' ' => unit(&mut out, c as u16),
            c => out.push(c),
        }
    }
    out
}

fn html(text: &str) -> Vec<String> {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let (quotes, apostrophes) = IN_HTML;
    let quotes = quotes.map(|quote| text.replace('"', quote));
    let both = quotes.iter().flat_map(|text| apostrophes.map(|with| text.replace('\'', with)));
    both.collect()
}

/// As Python shows a text, and where all is `ascii`, bytes.
fn shown_by(text: &str, apostrophe: bool, ascii: bool) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\'' if apostrophe => out.push_str("\\'"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_ascii_control() || ascii && !c.is_ascii() => {
                c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| {
                    let _ = write!(out, "\\x{byte:02x}");
                });
            }
            c => out.push(c),
        }
    }
    out
}

/// As Rust shows a text for debugging, osem's own parser of JSON too; and its characters one by one.
fn debug(text: &str) -> Vec<String> {
    let shown = format!("{text:?}");
    vec![shown[1..shown.len() - 1].to_owned(), text.chars().flat_map(char::escape_debug).collect()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_habits_of_common_programs_are_among_them() {
        let secret = "it's+p&\"ö=/\n\\<";
        let forms = quoted(secret);
        for form in [
            // JavaScript, PHP, Go, Gson, .NET.
            r#"it's+p&\"ö=/\n\\<"#,
            r#"it's+p&\"\u00f6=\/\n\\<"#,
            r#"it's+p\u0026\"ö=/\n\\\u003c"#,
            r#"it\u0027s+p\u0026\"ö\u003d/\n\\\u003c"#,
            r"it\u0027s\u002Bp\u0026\u0022\u00F6=/\n\\\u003C",
            // JSON in JSON.
            r#"it's+p&\\\"ö=/\\n\\\\<"#,
            // HTML: Python, PHP, Go.
            "it&#x27;s+p&amp;&quot;ö=/\n\\&lt;",
            "it&#39;s+p&amp;&quot;ö=/\n\\&lt;",
            "it&#39;s+p&amp;&#34;ö=/\n\\&lt;",
            // Shells.
            "it'\\''s+p&\"ö=/\n\\<",
            "it'\"'\"'s+p&\"ö=/\n\\<",
            // Python.
            r#"it\'s+p&"ö=/\n\\<"#,
            r#"it\'s+p&"\xc3\xb6=/\n\\<"#,
        ] {
            assert!(forms.iter().any(|found| found == form), "{form}");
        }
    }

    #[test]
    fn control_and_combining_characters_are_found_as_rust_shows_them() {
        let forms = quoted("it's\u{1b}e\u{301}");
        for form in [r"it's\u{1b}e\u{301}", r"it\'s\u{1b}e\u{301}"] {
            assert!(forms.iter().any(|found| found == form), "{form} in {forms:?}");
        }
    }
}
