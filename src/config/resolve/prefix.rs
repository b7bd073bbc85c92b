//! `OSEM_DB_PREFIX` itself.

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::model::{NameError, check_resource_name};

use super::fill::shown;

/// The error for a prefix that no table name can have.
pub(super) fn check(config: &Config, prefix: &str) -> Option<Diagnostic> {
    let why = match check_resource_name(prefix) {
        // Something comes behind it.
        Ok(()) | Err(NameError::Length(..=255)) => return None,
        Err(why) => why,
    };
    let message = format!("OSEM_DB_PREFIX is `{}`, which {why}", shown(prefix));
    let problem = Diagnostic::error("osem::prefix", message);
    let place = config.project.table_name.span;
    let problem = problem.label(place, "the variable would replace the start of this");
    Some(problem.help("correct the variable, or unset it"))
}
