//! Takes secrets out of texts and outputs, in whatever pieces they come.
//!
//! A secret is looked for in every form that programs commonly write it in ([`forms`]); all that any
//! of them covers becomes [`HIDDEN`]. What might be the start of one is held back until it is known
//! to be none, so that how an output is cut into pieces makes no difference.

mod forms;
mod quoted;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use forms::Form;

/// What stands in the place of a secret.
const HIDDEN: &str = "***";

/// What stands between two lines: as it is, and in a text of JSON.
const LINE_ENDS: [&[u8]; 4] = [b"\r\n", b"\n", b"\\r\\n", b"\\n"];
/// How much of a form must stand before the end of a line: less would keep every other line waiting
/// for the next one.
const BEFORE_A_BREAK: usize = 4;

/// The secrets to be taken out; cheap to clone.
#[derive(Clone, Default)]
pub struct Mask {
    /// All forms, by their first byte; empty when there is nothing to hide.
    forms: Arc<[Vec<Form>]>,
}

/// What stands at the start of a text.
enum Look {
    /// No secret.
    Nothing,
    /// A secret of this length.
    Found(usize),
    /// What may be the start of one: the text is too short to say.
    Open,
}

impl Mask {
    /// A mask for these secrets.
    pub fn of<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut by_first: Vec<Vec<Form>> = vec![Vec::new(); 256];
        let mut any = false;
        for form in secrets.into_iter().flat_map(forms::forms) {
            any = true;
            by_first[usize::from(form.bytes[0])].push(form);
        }
        Self { forms: if any { by_first.into() } else { Arc::default() } }
    }

    /// A mask that hides these, too.
    #[must_use]
    pub fn and(&self, secrets: &[String]) -> Self {
        let mut more = Self::of(secrets.iter().map(String::as_str));
        if self.is_empty() || more.is_empty() {
            return if more.is_empty() { self.clone() } else { more };
        }
        let forms = more.forms.iter().zip(self.forms.iter());
        more.forms = forms.map(|(one, other)| [&one[..], other].concat()).collect();
        more
    }

    /// Whether a text has a secret in it.
    #[must_use]
    pub fn hides(&self, text: &str) -> bool {
        self.text(text) != text
    }

    /// Whether there is nothing to hide.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }

    /// A whole text without the secrets.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        if self.is_empty() {
            return text.to_owned();
        }
        let mut stream = MaskedStream { held: text.as_bytes().to_vec(), ..self.stream() };
        // Forms begin and end between characters, so that what is left is text.
        String::from_utf8_lossy(&stream.finish()).into_owned()
    }

    /// A stream without the secrets.
    pub(super) fn stream(&self) -> MaskedStream {
        MaskedStream { mask: self.clone(), ..MaskedStream::default() }
    }

    /// What stands at the start of `rest`, which is not empty. Of several forms, the longest.
    fn look(&self, rest: &[u8], is_last: bool) -> Look {
        let mut longest = None;
        for form in &self.forms[usize::from(rest[0])] {
            match form.look(rest) {
                Look::Found(length) => longest = longest.max(Some(length)),
                Look::Open if !is_last => return Look::Open,
                Look::Open | Look::Nothing => {}
            }
        }
        longest.map_or(Look::Nothing, Look::Found)
    }
}

impl Form {
    /// Whether this form stands at the start of `rest`.
    fn look(&self, rest: &[u8]) -> Look {
        if !self.breaks {
            return match rest {
                rest if rest.starts_with(&self.bytes) => Look::Found(self.bytes.len()),
                rest if self.bytes.starts_with(rest) => Look::Open,
                _ => Look::Nothing,
            };
        }
        let mut at = 0;
        for (matched, byte) in self.bytes.iter().enumerate() {
            let left = &rest[at..];
            if matched >= BEFORE_A_BREAK && left.first().is_some_and(|first| first != byte) {
                if let Some(end) = LINE_ENDS.iter().find(|end| left.starts_with(end)) {
                    at += end.len();
                } else if LINE_ENDS.iter().any(|end| end.starts_with(left)) {
                    return Look::Open;
                }
            }
            match rest.get(at) {
                Some(next) if next == byte => at += 1,
                Some(_) => return Look::Nothing,
                None => return Look::Open,
            }
        }
        Look::Found(at)
    }
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mask(***)")
    }
}

/// An output from which secrets are taken as it comes.
#[derive(Debug, Default)]
pub(super) struct MaskedStream {
    mask: Mask,
    /// What is not known to be harmless yet; never longer than the longest form with line ends in it.
    held: Vec<u8>,
    /// How much of it is part of a secret of which the start has been replaced already.
    covered: usize,
}

impl MaskedStream {
    /// Takes the next bytes; gives those that can be passed on.
    pub(super) fn take<'b>(&mut self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        if self.mask.is_empty() {
            return Cow::Borrowed(bytes);
        }
        self.held.extend_from_slice(bytes);
        Cow::Owned(self.advance(false))
    }

    /// Gives the rest: nothing follows.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        self.advance(true)
    }

    fn advance(&mut self, is_last: bool) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.held.len());
        let (mut at, mut covered) = (0, self.covered);
        while at < self.held.len() {
            match self.mask.look(&self.held[at..], is_last) {
                // Nothing before this place can be covered by what begins later.
                Look::Open => break,
                Look::Found(length) => {
                    if at >= covered {
                        out.extend_from_slice(HIDDEN.as_bytes());
                    }
                    covered = covered.max(at + length);
                }
                Look::Nothing if at >= covered => out.push(self.held[at]),
                Look::Nothing => {}
            }
            at += 1;
        }
        self.held.drain(..at);
        self.covered = covered.saturating_sub(at);
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is left of these pieces.
    fn masked(mask: &Mask, pieces: &[&[u8]]) -> Vec<u8> {
        let mut stream = mask.stream();
        let mut out: Vec<u8> = Vec::new();
        for piece in pieces {
            out.extend_from_slice(&stream.take(piece));
        }
        out.extend(stream.finish());
        out
    }

    #[test]
    fn a_secret_is_hidden_wherever_an_output_is_cut() {
        let mask = Mask::of(["hunter2-hunter2"]);
        let text = b"a hunter2-hunter2 b hunter2-hunter";
        for cut in 0..text.len() {
            let (first, rest) = text.split_at(cut);
            assert_eq!(masked(&mask, &[first, rest]), b"a *** b hunter2-hunter", "{cut}");
        }
    }

    #[test]
    fn a_line_that_can_be_no_secret_is_passed_on_at_once() {
        let mut stream = Mask::of(["secret-value"]).stream();
        assert_eq!(&*stream.take(b"ready\n"), b"ready\n");
        assert_eq!(&*stream.take(b"a sec"), b"a ");
        assert_eq!(&*stream.take(b"ond\n"), b"second\n");
    }

    #[test]
    fn secrets_that_overlap_are_hidden_together() {
        let mask = Mask::of(["abcdef", "defghi", "cdef"]);
        assert_eq!(masked(&mask, &[b"x abcdefghi y abcdefabcdef z"]), b"x *** y ****** z");
        assert_eq!(mask.text("abcdef"), "***");
    }

    #[test]
    fn an_endless_run_of_one_secret_takes_no_memory() {
        let mut stream = Mask::of(["aaaa"]).stream();
        let mut out = 0;
        for _ in 0..1000 {
            out += stream.take(&[b'a'; 100]).len();
            assert!(stream.held.len() < 200);
        }
        assert_eq!(out + stream.finish().len(), 3);
    }

    #[test]
    fn two_masks_together_hide_what_both_hide() {
        let both = Mask::of(["abcdef"]).and(&["abxyz".to_owned(), "abc".to_owned()]);
        assert_eq!(both.text("abcdef abxyz abc"), "*** *** abc");
        assert_eq!(Mask::default().and(&["abxyz".to_owned()]).text("abxyz"), "***");
        assert_eq!(Mask::of(["abxyz"]).and(&[]).text("abxyz"), "***");
        assert!(both.hides("x abxyz") && !both.hides("x"));
    }

    #[test]
    fn without_secrets_bytes_are_passed_on_as_they_are() {
        let mask = Mask::default();
        assert!(matches!(mask.stream().take(b"x\xff"), Cow::Borrowed(b"x\xff")));
        assert_eq!(mask.text("plain"), "plain");
    }

    #[test]
    fn a_line_waits_for_the_next_only_where_a_secret_may_go_on_there() {
        let mut stream = Mask::of(["secret-value-secret-value"]).stream();
        // In base64: c2VjcmV0LXZhbHVlLXNlY3JldC12YWx1ZQ.
        assert_eq!(&*stream.take(b"ends with c2V\n"), b"ends with c2V\n");
        assert_eq!(&*stream.take(b"c2VjcmV0\n"), b"");
        assert_eq!(&*stream.take(b"other\n"), b"c2VjcmV0\nother\n");
    }

    proptest! {
        #[test]
        fn a_secret_in_base64_is_found_in_lines_of_any_length(
            before in proptest::collection::vec(any::<u8>(), 0..100),
            secret in "[ -~]{24,200}",
            after in proptest::collection::vec(any::<u8>(), 0..100),
            length in 8..90_usize,
            end in proptest::sample::select(&LINE_ENDS[..]),
            cut in 0..600_usize,
        ) {
            use base64::Engine as _;
            let mask = Mask::of([&*secret]);
            let all = [before, secret.clone().into_bytes(), after].concat();
            let encoded = base64::engine::general_purpose::STANDARD.encode(all).into_bytes();
            let lines: Vec<&[u8]> = encoded.chunks(length).collect();
            let text = lines.join(end);
            let (first, rest) = text.split_at(cut.min(text.len()));
            let left = String::from_utf8(masked(&mask, &[first, rest])).unwrap();
            prop_assert!(left.contains(HIDDEN), "{}", left);
            // Nothing but the first characters and those shared with neighbours is left of it.
            let most = encoded.len() - secret.len() * 8 / 6 + 6;
            let shown = left.replace(HIDDEN, "").replace(std::str::from_utf8(end).unwrap(), "");
            prop_assert!(shown.len() <= most, "{} of {}", shown.len(), most);
        }

        #[test]
        fn cuts_make_no_difference_and_no_secret_is_left(
            text in "(abca|bcab|abcabc|YWJj|[abc\n ]){0,30}",
            cuts in proptest::collection::vec(0..60_usize, 0..6),
        ) {
            let secrets = ["abcab", "bcabcb", "abc\nabca"];
            let mask = Mask::of(secrets);
            let whole = masked(&mask, &[text.as_bytes()]);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
            cuts.sort_unstable();
            let mut pieces: Vec<&[u8]> = Vec::new();
            let mut start = 0;
            for cut in cuts {
                pieces.push(&text.as_bytes()[start..cut]);
                start = cut;
            }
            pieces.push(&text.as_bytes()[start..]);
            prop_assert_eq!(masked(&mask, &pieces), whole.clone());
            let left = String::from_utf8(whole).unwrap();
            for secret in secrets {
                for form in forms::forms(secret) {
                    let form = std::str::from_utf8(&form.bytes).unwrap();
                    prop_assert!(!left.contains(form), "{}", left);
                }
            }
            if !secrets.iter().any(|secret| text.contains(&secret[..4])) && !text.contains("YW") {
                prop_assert_eq!(left, text);
            }
        }

        #[test]
        fn bytes_that_are_no_text_come_through(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let mask = Mask::of(["a-very-long-secret-that-is-not-there"]);
            let (first, rest) = bytes.split_at(bytes.len() / 2);
            prop_assert_eq!(masked(&mask, &[first, rest]), bytes.clone());
        }
    }
}
