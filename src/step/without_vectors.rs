//! Endpoints that know nothing of vector indexes, when a table is to be created with some.
//!
//! The service is told the types of the attributes that searches are narrowed by, together with
//! those of keys, and nothing that is no key. An endpoint that ignores the indexes is left with
//! attributes that it has no use for, and refuses the table (DynamoDB Local 2.5, moto 5).

use crate::aws::ErrorKind;
use crate::model::{ErrorCode, Failure, FailureClass, TableSpec};

use super::{CallError, StepContext};

/// What such endpoints say, in small letters.
const SURPLUS: [&str; 2] =
    ["attributes defined in attribute", "some attributedefinitions are not used"];

/// The table without its vector indexes, with a warning for each, where a refusal means that the
/// endpoint does not have them. On the service it never does.
///
/// # Errors
/// Under `--strict`.
pub(super) fn without_vector_indexes(
    cx: &StepContext,
    refused: &CallError,
) -> Result<Option<(TableSpec, Vec<String>)>, CallError> {
    let spec = cx.spec();
    let searched = spec.vector_indexes.iter().any(|own| own.search_attributes().next().is_some());
    let said = refused.failure.said.as_deref().unwrap_or_default().to_lowercase();
    let surplus = SURPLUS.iter().any(|text| said.contains(text));
    let invalid = refused.kind == Some(ErrorKind::Validation);
    if cx.facts.is_service || !searched || !invalid || !surplus {
        return Ok(None);
    }
    let mut warnings = Vec::new();
    for index in &spec.vector_indexes {
        let feature = index.node();
        warnings.push(cx.unsupported(unsupported(refused, &feature), &feature)?);
        cx.left_out.add(spec.name.as_str(), &feature);
    }
    Ok(Some((TableSpec { vector_indexes: Vec::new(), ..spec.clone() }, warnings)))
}

fn unsupported(refused: &CallError, feature: &str) -> CallError {
    let message = format!("{feature}: the endpoint does not know it");
    let failure = Failure::new(ErrorCode::UnsupportedByEndpoint, message)
        .cause("it takes the attributes that searches are narrowed by for surplus")
        .fix("without --strict the index is left out; or use an endpoint that has vector indexes")
        .class(FailureClass::Permanent);
    let failure = match &refused.failure.said {
        Some(said) => failure.said(said.clone()),
        None => failure,
    };
    CallError { kind: Some(ErrorKind::Unsupported), ..failure.into() }
}
