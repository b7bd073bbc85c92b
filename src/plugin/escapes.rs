//! What a text says of which characters are written as JSON can write them.

/// `text` with each escape of JSON replaced by its character. It need not be JSON: what is no escape
/// stays as it is.
pub(super) fn resolved(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        let (character, length) = character(escape).unwrap_or(('\\', 1));
        out.push_str(before);
        out.push(character);
        rest = &escape[length..];
    }
    out + rest
}

/// The character of the escape that a text begins with, and how long that is in bytes.
fn character(escape: &str) -> Option<(char, usize)> {
    let character = match escape.as_bytes().get(1)? {
        b'u' => return unicode(escape),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        c @ (b'"' | b'\\' | b'/') => char::from(*c),
        _ => return None,
    };
    Some((character, 2))
}

/// The same of one in UTF-16, which takes two escapes for some.
fn unicode(escape: &str) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let digits = escape.get(at..at + 6)?.strip_prefix("\\u")?;
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        u16::from_str_radix(digits, 16).ok().filter(|_| is_hex)
    };
    let units = [unit(0)?].into_iter().chain(unit(6));
    let character = char::decode_utf16(units).next()?.ok()?;
    Some((character, 6 * character.len_utf16()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_escape_stays_as_it_is() {
        for text in ["", "a", "\\", "\\x41", "\\u00e", "\\u+041", "\\ud83d", "\\ué"] {
            assert_eq!(resolved(text), text);
        }
        assert_eq!(resolved(r"\u0061\\u0062 \ud83d\ude00\ud83dx\/"), "a\\u0062 😀\\ud83dx/");
    }

    proptest! {
        #[test]
        fn a_text_is_what_it_was_before_it_was_written_as_json(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(resolved(&json[1..json.len() - 1]), text.clone());
            let units = text.encode_utf16().map(|unit| format!("\\u{unit:04X}"));
            prop_assert_eq!(resolved(&units.collect::<String>()), text);
        }
    }
}
