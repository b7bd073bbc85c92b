//! `--prune TABLE/INDEX` and `--replace TABLE/INDEX`.

use crate::config::Config;
use crate::diagnostic::did_you_mean;
use crate::model::{Environment, ErrorCode, Failure, IndexKind, IndexRequest};

use super::args::IndexArgs;

/// What is asked to be done to indexes.
///
/// # Errors
/// `USAGE_INVALID` for a table that is not declared, or not for this environment, an index to prune
/// that is, and one to replace that is not.
pub(super) fn read(
    args: &IndexArgs,
    config: &Config,
    environment: &Environment,
) -> Result<Vec<IndexRequest>, Failure> {
    let prune = args.prune.iter().map(|text| (text, false));
    let replace = args.replace.iter().map(|text| (text, true));
    let here = environment.name.value.as_str();
    prune.chain(replace).map(|(text, replace)| one(text, replace, config, here)).collect()
}

fn one(text: &str, replace: bool, config: &Config, here: &str) -> Result<IndexRequest, Failure> {
    let flag = if replace { "--replace" } else { "--prune" };
    let refused =
        |message: String, fix: String| Err(Failure::new(ErrorCode::UsageInvalid, message).fix(fix));
    let Some((table, index)) = text.split_once('/').filter(|(_, index)| !index.is_empty()) else {
        return refused(
            format!("{flag} {text}: not of the form TABLE/INDEX"),
            format!("example: {flag} Users/by-mail"),
        );
    };
    let Some(declared) = config.tables.iter().find(|own| own.name.value == table) else {
        let names = config.tables.iter().map(|own| own.name.value.as_str());
        let fix = did_you_mean(table, names).map_or_else(
            || "see: osem list".to_owned(),
            |close| format!("did you mean `{close}`?"),
        );
        return refused(format!("{flag} {text}: the file declares no table `{table}`"), fix);
    };
    if !declared.environments.includes(here) {
        return refused(
            format!("{flag} {text}: table `{table}` is not in environment `{here}`"),
            "leave it out, or name another environment: --env".to_owned(),
        );
    }
    let own = declared.indexes.iter().find(|own| own.name.value == index);
    let vector = declared.vector_indexes.iter().any(|own| own.name.value == index);
    let replaceable = vector || own.is_some_and(|own| own.kind == IndexKind::Global);
    if !replace && (vector || own.is_some()) {
        return refused(
            format!("{flag} {text}: the file declares this index"),
            "remove it from the file first".to_owned(),
        );
    }
    if replace && !replaceable {
        return refused(
            format!("{flag} {text}: the file declares no such gsi or vector-index"),
            "a live index that is not declared is deleted by --prune".to_owned(),
        );
    }
    Ok(IndexRequest { table: table.to_owned(), index: index.to_owned(), replace })
}
