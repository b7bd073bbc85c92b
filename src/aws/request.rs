//! From osem's own types to the SDK's.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types as sdk;

use crate::model::Tags;

/// Tags in the service's form.
pub(super) fn tags(tags: &Tags) -> Result<Vec<sdk::Tag>, BuildError> {
    tags.iter().map(|(key, value)| sdk::Tag::builder().key(key).value(value).build()).collect()
}
