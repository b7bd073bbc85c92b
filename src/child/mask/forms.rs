//! The forms in which programs write a secret.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};

use super::quoted::quoted;

/// What is shorter is found by chance in any text.
const SHORTEST: usize = 4;
/// The lines that tools break base64 into: coreutils and MIME, PEM.
const BASE64_LINES: [usize; 2] = [76, 64];
/// The characters beside letters and digits that encoders of URLs leave as they are: RFC 3986,
/// paths, `encodeURIComponent`, forms, `encodeURI`.
const KEPT_IN_URLS: [&str; 5] = ["-_.~", "-_.~/", "-_.!~*'()", "-_.*", "-_.!~*'();/?:@&=+$,#"];

/// How much of a secret in base64 may stand before the end of a line and go unseen, in characters.
const UNSEEN: usize = 3;
/// From how many characters on base64 is looked for without its first ones.
const LONG: usize = 24;

/// A form in which a secret is looked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Form {
    /// What it looks like.
    pub(super) bytes: Vec<u8>,
    /// Whether tools break it into lines.
    pub(super) breaks: bool,
}

/// Every form of a secret: of the whole, and of each of its lines.
pub(super) fn forms(secret: &str) -> BTreeSet<Form> {
    let whole = [secret.to_owned(), secret.trim().to_owned(), secret.replace('\n', "\r\n")];
    let lines = secret.lines().map(|line| line.trim().to_owned());
    let mut forms = BTreeSet::new();
    for piece in whole.into_iter().chain(lines).filter(|piece| piece.len() >= SHORTEST) {
        let form = |text: String| Form { bytes: text.into_bytes(), breaks: false };
        forms.extend(quoted(&piece).into_iter().map(form));
        forms.extend(url(&piece).into_iter().map(form));
        forms
            .extend(base64(piece.as_bytes()).into_iter().map(|bytes| Form { bytes, breaks: true }));
        forms.insert(form(piece));
    }
    forms.retain(|form| form.bytes.len() >= SHORTEST);
    forms
}

fn url(text: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for kept in KEPT_IN_URLS {
        for plus in [false, true] {
            for upper in [false, true] {
                forms.push(url_of(text, kept, plus, upper));
            }
        }
    }
    forms
}

fn url_of(text: &str, kept: &str, plus: bool, upper: bool) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        let c = char::from(byte);
        if byte.is_ascii_alphanumeric() || kept.contains(c) {
            out.push(c);
        } else if plus && c == ' ' {
            out.push('+');
        } else {
            let _ = if upper { write!(out, "%{byte:02X}") } else { write!(out, "%{byte:02x}") };
        }
    }
    out
}

/// In base64, whatever stands before and after: of the three ways in which the bytes can fall into
/// groups, the characters that they decide alone. With it the whole, as it stands by itself.
fn base64(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for engine in [STANDARD, URL_SAFE] {
        for before in 0..3_usize {
            let text = engine.encode([vec![0; before], bytes.to_vec()].concat()).into_bytes();
            // Six bits a character: those that share a bit with a neighbour are not the secret's own.
            let (first, last) = ((before * 8).div_ceil(6), (before + bytes.len()) * 8 / 6);
            let own = &text[first..last];
            forms.push(own.to_vec());
            if own.len() >= LONG {
                forms.extend((1..=UNSEEN).map(|unseen| own[unseen..].to_vec()));
            }
        }
        let whole = engine.encode(bytes);
        forms.push(whole.trim_end_matches('=').as_bytes().to_vec());
        forms.push(whole.into_bytes());
    }
    let whole = STANDARD_NO_PAD.encode(bytes).into_bytes();
    for length in BASE64_LINES.into_iter().filter(|length| whole.len() > *length) {
        forms.extend(whole.chunks(length).map(<[u8]>::to_vec));
    }
    forms
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn has(secret: &str, form: &str) -> bool {
        forms(secret).iter().any(|found| found.bytes == form.as_bytes())
    }

    #[test]
    fn the_forms_of_common_encoders_are_among_them() {
        let secret = "p&ss/w\"ö r<d";
        let wanted = [
            secret,
            // JavaScript, PHP, Go, Python.
            r#"p&ss/w\"ö r<d"#,
            r#"p&ss\/w\"\u00f6 r<d"#,
            r#"p\u0026ss/w\"ö r\u003cd"#,
            r#"p&ss/w\"\u00f6 r<d"#,
            // encodeURIComponent, urllib.parse.quote, a form.
            "p%26ss%2Fw%22%C3%B6%20r%3Cd",
            "p%26ss/w%22%C3%B6%20r%3Cd",
            "p%26ss%2fw%22%c3%b6+r%3cd",
            // base64, base64url without padding.
            "cCZzcy93IsO2IHI8ZA==",
            "cCZzcy93IsO2IHI8ZA",
        ];
        for form in wanted {
            assert!(has(secret, form), "{form}");
        }
    }

    #[test]
    fn every_line_that_is_long_enough_is_looked_for_too() {
        let secret = "-----BEGIN KEY-----\nMIIEvQIBADAN\nab\n-----END KEY-----\n";
        for form in ["MIIEvQIBADAN", "-----END KEY-----", r"KEY-----\nMIIEvQIBADAN\nab\n-----END"] {
            let found = forms(secret);
            let found =
                found.iter().any(|found| String::from_utf8_lossy(&found.bytes).contains(form));
            assert!(found, "{form}");
        }
        assert!(!has(secret, "ab"));
        assert!(has(secret, secret.trim_end()));
    }

    #[test]
    fn a_long_secret_is_found_in_broken_base64() {
        let secret = "x1".repeat(100);
        let encoded = STANDARD.encode(&secret);
        assert!(has(&secret, &encoded[76..152]) && has(&secret, &encoded[64..128]));
    }

    proptest! {
        #[test]
        fn base64_has_a_form_of_the_secret_whatever_stands_around_it(
            before in proptest::collection::vec(any::<u8>(), 0..6),
            secret in "[ -~]{4,20}",
            after in proptest::collection::vec(any::<u8>(), 0..6),
        ) {
            let all = [before, secret.clone().into_bytes(), after].concat();
            let forms = forms(&secret);
            for text in [STANDARD.encode(&all), URL_SAFE.encode(&all)] {
                let found = forms.iter().any(|form| {
                    text.as_bytes().windows(form.bytes.len()).any(|window| window == form.bytes)
                });
                prop_assert!(found, "{}", text);
            }
        }
    }
}
