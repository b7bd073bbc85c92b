//! Secrets that stand in the files after all: what a file says is shown and recorded.

use crate::child::Mask;
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Sources};
use crate::model::Secret;
use crate::syntax::values;

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
        let mask = Mask::of([Secret::expose(secret)]);
        let value = values.iter().find(|value| mask.hides(&value.value))?;
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
