//! Secrets that a program was given, and that its output is not to show.

/// What stands in the place of a secret.
const HIDDEN: &[u8] = b"***";
/// What is shorter is no secret, and would hide half of an output.
const SHORTEST: usize = 4;

/// Takes an output in pieces and gives it without the secrets, wherever a piece ends. What may be the
/// start of a secret is held back.
#[derive(Debug, Default)]
pub(super) struct Mask {
    secrets: Vec<Vec<u8>>,
    held: Vec<u8>,
}

impl Mask {
    /// Hides these values, as they are and as a URL has them.
    pub(super) fn of(values: &[String]) -> Self {
        let values = values.iter().filter(|value| value.len() >= SHORTEST);
        let mut secrets: Vec<Vec<u8>> =
            values.flat_map(|value| [value.clone().into_bytes(), in_url(value)]).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        Self { secrets, held: Vec::new() }
    }

    /// The next bytes as they may be shown.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut text = std::mem::take(&mut self.held);
        text.extend_from_slice(bytes);
        let mut shown = Vec::with_capacity(text.len());
        let mut rest = &text[..];
        while let [first, others @ ..] = rest {
            if let Some(after) =
                self.secrets.iter().find_map(|secret| rest.strip_prefix(&secret[..]))
            {
                shown.extend_from_slice(HIDDEN);
                rest = after;
            } else if self.secrets.iter().any(|secret| secret.starts_with(rest)) {
                self.held = rest.to_vec();
                break;
            } else {
                shown.push(*first);
                rest = others;
            }
        }
        shown
    }

    /// What was held back, when nothing follows.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }
}

/// Percent-encoding, all that is reserved in a URL included.
fn in_url(value: &str) -> Vec<u8> {
    let encoded = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => vec![byte],
        other => format!("%{other:02X}").into_bytes(),
    };
    value.bytes().flat_map(encoded).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(secrets: &[&str], pieces: &[&[u8]]) -> String {
        let secrets: Vec<String> = secrets.iter().map(|secret| (*secret).to_owned()).collect();
        let mut mask = Mask::of(&secrets);
        let mut shown: Vec<u8> = pieces.iter().flat_map(|piece| mask.take(piece)).collect();
        shown.extend(mask.rest());
        String::from_utf8(shown).unwrap()
    }

    #[test]
    fn a_secret_is_hidden_as_it_is_and_in_a_url() {
        let text: &[u8] = b"key=ab/cd+e url=ab%2Fcd%2Be ab/cd+";
        assert_eq!(shown(&["ab/cd+e"], &[text]), "key=*** url=*** ab/cd+");
        assert_eq!(shown(&["abc"], &[b"abc"]), "abc", "too short to be one");
        assert_eq!(shown(&[], &[b"abc"]), "abc");
    }

    proptest! {
        #[test]
        fn where_a_piece_ends_makes_no_difference(
            text in "[ab]{0,40}",
            secret in "[ab]{4,8}",
            cuts in prop::collection::vec(0..40_usize, 0..6),
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> =
                cuts.windows(2).map(|pair| &text.as_bytes()[pair[0]..pair[1]]).collect();
            prop_assert_eq!(shown(&[&secret], &pieces), text.replace(&secret, "***"));
        }
    }
}
