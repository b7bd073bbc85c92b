//! Secrets that stand in the files after all: what a file says is shown and recorded.

use crate::child::Mask;
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Sources};
use crate::model::Secret;
use crate::syntax::values;

/// From how many bytes on a secret is looked for in what people write: shorter ones (`test`, `local`)
/// stand there by chance, and so they tell nothing about the secret.
const LONG: usize = 8;

/// A secret, to be looked for in what people write.
pub(super) struct Sought<'s> {
    whole: &'s str,
    /// Each of its lines.
    lines: Mask,
}

impl<'s> Sought<'s> {
    pub(super) fn of(secret: &'s Secret) -> Self {
        let whole = secret.expose();
        let lines = whole.lines().map(str::trim).filter(|line| line.len() >= LONG);
        Self { whole, lines: Mask::of(lines) }
    }

    /// Whether it, or one of its lines, stands in a text in any form.
    pub(super) fn stands_in(&self, text: &str) -> bool {
        let whole = self.whole.len() >= LONG && text.contains(self.whole);
        whole || self.lines.hides(text)
    }
}

/// The errors for values of the files with a secret in them, one for each secret. They have no label:
/// it would show the line.
pub(super) fn written_secrets(config: &Config) -> Vec<Diagnostic> {
    let secrets = config.variables.secrets();
    if secrets.is_empty() {
        return Vec::new();
    }
    let mut sources = Sources::default();
    let files = config.sources.files();
    let values: Vec<_> = files
        .flat_map(|file| values(sources.add(file.name.clone(), file.text.clone()), &file.text))
        .collect();
    let found = secrets.iter().filter_map(|(name, secret)| {
        let sought = Sought::of(secret);
        let stands_in = |value: &str| sought.stands_in(value) || sought.stands_in(&unescaped(value));
        let value = values.iter().find(|value| stands_in(&value.value))?;
        let (line, _) = sources.line_column(value.span);
        let file = &sources.file(value.span.file).name;
        let message = format!("the secret `{name}` is written in {file}, line {line}");
        let problem = Diagnostic::error("osem::secret", message);
        Some(problem.help(format!(
            "what is written there is shown and recorded: give the secret another value, and name it \
             where a secret may stand: {{var.{name}}}"
        )))
    });
    found.collect()
}

/// A text in which braces stand for themselves, as what it says.
fn unescaped(text: &str) -> String {
    text.replace("{{", "{").replace("}}", "}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_secret_and_a_short_line_of_one_tell_nothing_and_a_long_one_is_found_within() {
        for (secret, text, found) in [
            ("local", "local", false),
            ("test\n", "a test", false),
            ("hunter2", "hunter2", false),
            ("hunter22", "-hunter22-", true),
            ("hunter22", "aHVudGVyMjI=", true),
            ("user\nhunter22", "user", false),
            ("user\nhunter22", "hunter22", true),
            ("user\npass", "user\npass", true),
            ("user\npass", "pass", false),
        ] {
            let secret = Secret::new(secret.to_owned());
            assert_eq!(Sought::of(&secret).stands_in(text), found, "{text}");
        }
    }
}
