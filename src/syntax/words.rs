//! Bare words: which of them are numbers, and which are slips that deserve their own message.

/// What is wrong with a bare word: message and help.
pub(super) struct Slip {
    pub(super) message: String,
    pub(super) help: String,
}

/// Looks at a bare word for the common slips; `None` when it is a good identifier or number.
pub(super) fn slip(word: &str) -> Option<Slip> {
    if word.contains(',') && !word.trim_matches(',').contains(',') {
        let message = "KDL has no commas".to_owned();
        return Some(Slip { message, help: "separate with spaces only".to_owned() });
    }
    if let "true" | "false" | "null" | "inf" | "-inf" | "nan" = word {
        let message = format!("`{word}` must be written `#{word}`");
        return Some(Slip { message, help: format!("write: #{word}") });
    }
    if word.starts_with(['\'', '`']) {
        let bare = word.trim_matches(['\'', '`']);
        let message = "text is quoted with `\"`".to_owned();
        return Some(Slip { message, help: format!("write: \"{bare}\"") });
    }
    if !looks_like_number(word) || is_number(word) {
        return None;
    }
    let with_zero = word.strip_prefix('.').map(|digits| format!("0.{digits}"));
    if let Some(number) = with_zero.filter(|number| is_number(number)) {
        let message = format!("`{word}` needs a digit before the point");
        return Some(Slip { message, help: format!("write: {number}") });
    }
    let message = if word.chars().all(|c| c.is_ascii_digit()) {
        format!("`{word}` is too large for a number")
    } else {
        format!("`{word}` must be quoted")
    };
    Some(Slip { message, help: format!("write: \"{word}\"") })
}

/// Whether KDL would read a word as a number, or refuse it for looking like one.
pub(super) fn looks_like_number(word: &str) -> bool {
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    let unsigned = unsigned.strip_prefix('.').unwrap_or(unsigned);
    unsigned.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether a word is a KDL number that fits (integers have at most 38 decimal digits).
fn is_number(word: &str) -> bool {
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(rest) = unsigned.strip_prefix(prefix) {
            let plain = rest.replace('_', "");
            return is_digits(rest, radix) && i128::from_str_radix(&plain, radix).is_ok();
        }
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let exponent_ok = exponent.is_none_or(|exponent| {
        is_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent), 10)
    });
    match mantissa.split_once('.') {
        Some((whole, fraction)) => exponent_ok && is_digits(whole, 10) && is_digits(fraction, 10),
        None if exponent.is_some() => exponent_ok && is_digits(mantissa, 10),
        None => is_digits(mantissa, 10) && mantissa.replace('_', "").parse::<i128>().is_ok(),
    }
}

fn is_digits(text: &str, radix: u32) -> bool {
    text.starts_with(|c: char| c.is_digit(radix))
        && text.chars().all(|c| c == '_' || c.is_digit(radix))
}

/// Whether the text between two braces is what a placeholder looks like.
pub(super) fn is_placeholder(name: &str) -> bool {
    let known = crate::model::Scope::Settings.known().contains(&name);
    let dotted = ["param.", "var.", "out.", "run."].iter().any(|start| name.starts_with(start));
    known || dotted || name == "item"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_kdl_are_not_slips() {
        for good in
            ["5", "-5", "+1_000", "0xff", "1.5", "1e9", "1.5E-3", "0b1", "00", "033333333333"]
        {
            assert!(slip(good).is_none(), "{good}");
        }
        for bad in ["5m", "1.", "10.0.0.1", "2026-11-23", "0x", "1e", ".5", "-5x", "0b2"] {
            assert!(slip(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn numbers_that_do_not_fit_are_refused() {
        assert!(slip(&"9".repeat(39)).is_some());
        assert!(slip(&"9".repeat(38)).is_none());
    }
}
