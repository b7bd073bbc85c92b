//! The files of resource-based policies, read into the settings that name them.

use serde_json::Value;

use crate::config::decode::Declared;
use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{Setting, TableSettings};

use super::files::Files;

/// What the service takes, in bytes: AWS, "Quotas in Amazon DynamoDB".
const LONGEST: usize = 20_480;

/// Puts the text of each policy, as canonical JSON, in the place of its path.
pub(super) fn read(declared: &mut Declared, files: &mut Files) -> Vec<Diagnostic> {
    let tables = declared.tables.iter_mut().flat_map(|table| {
        let overrides = table.overrides.iter_mut().map(|(_, settings)| settings);
        std::iter::once(&mut table.settings).chain(overrides)
    });
    let environments =
        declared.environments.iter_mut().map(|environment| &mut environment.settings);
    let all = std::iter::once(&mut declared.defaults.table).chain(environments).chain(tables);
    all.filter_map(|settings| policy(settings, files)).collect()
}

fn policy(settings: &mut TableSettings, files: &mut Files) -> Option<Diagnostic> {
    let Spanned { value, span } = settings.others.get_mut("resource-policy")?;
    let Setting::ResourcePolicy(Some(policy)) = value else { return None };
    match files.text(span.file, policy).and_then(|text| canonical(&text)) {
        Ok(text) => {
            *policy = text;
            None
        }
        Err(why) => {
            let message = format!("the policy in {policy} cannot be used: {why}");
            let problem = Diagnostic::error("osem::policy", message).label(*span, "named here");
            Some(problem.help("a path is relative to the folder of the file that it is written in"))
        }
    }
}

/// A policy as it is sent and compared.
fn canonical(text: &str) -> Result<String, String> {
    let document: Value =
        serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
    if document.get("Version").and_then(Value::as_str).is_none() {
        // The service would add the oldest one, and show another policy than the file's.
        return Err("it has no \"Version\"; write \"Version\": \"2012-10-17\"".to_owned());
    }
    if document.get("Statement").is_none() {
        return Err("it has no \"Statement\"".to_owned());
    }
    let text = document.to_string();
    if text.len() > LONGEST {
        return Err(format!("it has {} bytes; the service takes {LONGEST}", text.len()));
    }
    Ok(text)
}
