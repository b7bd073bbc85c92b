//! The calls on items, in osem's own types.
//!
//! They are many: the observer is not told of each one. Whoever makes them counts them.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types as sdk;

use crate::model::{AttributeValue, Item, Number, TableName};

use super::error::ServiceError;
use super::table_api::{TableApi, spawned, unbuildable};

/// What became of an item that was to be put where none was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// It is there now.
    Done,
    /// There is an item of this key: what it is, where that was asked for and told.
    There(Option<Item>),
}

impl TableApi {
    /// `PutItem`, unless there is an item of the same key. `hash` is the name of the table's
    /// partition key; with `look`, the item that is there is told.
    ///
    /// # Errors
    /// Whatever the service or the network says. After a lost answer the item may be there.
    pub async fn put_if_absent(
        &self,
        table: &TableName,
        hash: &str,
        item: &Item,
        look: bool,
    ) -> Result<Put, ServiceError> {
        let request = self
            .writes
            .put_item()
            .table_name(table.as_str())
            .set_item(Some(to_sdk(item)))
            .condition_expression("attribute_not_exists(#key)")
            .expression_attribute_names("#key", hash)
            .set_return_values_on_condition_check_failure(
                look.then_some(sdk::ReturnValuesOnConditionCheckFailure::AllOld),
            );
        let resource = table.to_string();
        spawned("PutItem", table.as_str(), async move {
            match request.send().await {
                Ok(_) => Ok(Put::Done),
                Err(error) => match error.as_service_error() {
                    Some(refused) if refused.is_conditional_check_failed_exception() => {
                        Ok(Put::There(found(refused)))
                    }
                    _ => Err(ServiceError::new("PutItem", Some(&resource), &error)),
                },
            }
        })
        .await
    }

    /// `BatchWriteItem` of up to 25 items, whatever is there; gives those that were not processed.
    ///
    /// # Errors
    /// Whatever the service or the network says. After a lost answer any of the items may be there.
    pub async fn put_batch(
        &self,
        table: &TableName,
        items: &[Item],
    ) -> Result<Vec<Item>, ServiceError> {
        let name = table.as_str();
        let writes: Result<Vec<_>, BuildError> = items.iter().map(write_request).collect();
        let writes = writes.map_err(|error| unbuildable("BatchWriteItem", name, &error))?;
        let request = self.writes.batch_write_item().request_items(name, writes);
        let resource = table.to_string();
        spawned("BatchWriteItem", name, async move {
            let answer = request
                .send()
                .await
                .map_err(|error| ServiceError::new("BatchWriteItem", Some(&resource), &error))?;
            let left = answer.unprocessed_items().into_iter().flat_map(HashMap::values).flatten();
            Ok(left
                .filter_map(sdk::WriteRequest::put_request)
                .map(|put| from_sdk(put.item()))
                .collect())
        })
        .await
    }
}

/// Attributes that a delete compares: an expression has at most 300 operators (AWS, "Quotas").
const MOST_COMPARED: usize = 100;

impl TableApi {
    /// `GetItem`, strongly consistent.
    ///
    /// # Errors
    /// Whatever the service or the network says.
    pub async fn item(&self, table: &TableName, key: &Item) -> Result<Option<Item>, ServiceError> {
        let name = table.as_str();
        let request = self.reads.get_item().table_name(name).set_key(Some(to_sdk(key)));
        let answer = request.consistent_read(true).send().await;
        let answer = answer.map_err(|error| ServiceError::new("GetItem", Some(name), &error))?;
        Ok(answer.item().map(from_sdk))
    }

    /// `DeleteItem`, if the attributes of `item` still have these values; gives whether it was
    /// deleted. Only the first hundred attributes are compared, and one that was added since is not
    /// seen.
    ///
    /// # Errors
    /// Whatever the service or the network says. After a lost answer the item may be gone.
    pub async fn delete_if_equal(
        &self,
        table: &TableName,
        key: &Item,
        item: &Item,
    ) -> Result<bool, ServiceError> {
        let name = table.as_str();
        let mut request = self.writes.delete_item().table_name(name).set_key(Some(to_sdk(key)));
        let mut conditions = Vec::new();
        for (at, (name, value)) in item.iter().take(MOST_COMPARED).enumerate() {
            request = request
                .expression_attribute_names(format!("#n{at}"), name)
                .expression_attribute_values(format!(":v{at}"), value_to_sdk(value));
            conditions.push(format!("#n{at} = :v{at}"));
        }
        let request = request.condition_expression(conditions.join(" AND "));
        let resource = table.to_string();
        spawned("DeleteItem", name, async move {
            match request.send().await {
                Ok(_) => Ok(true),
                Err(error) => match error.as_service_error() {
                    Some(refused) if refused.is_conditional_check_failed_exception() => Ok(false),
                    _ => Err(ServiceError::new("DeleteItem", Some(&resource), &error)),
                },
            }
        })
        .await
    }
}

fn found(refused: &aws_sdk_dynamodb::operation::put_item::PutItemError) -> Option<Item> {
    use aws_sdk_dynamodb::operation::put_item::PutItemError;
    let PutItemError::ConditionalCheckFailedException(refused) = refused else { return None };
    refused.item().map(from_sdk)
}

fn write_request(item: &Item) -> Result<sdk::WriteRequest, BuildError> {
    let put = sdk::PutRequest::builder().set_item(Some(to_sdk(item))).build()?;
    Ok(sdk::WriteRequest::builder().put_request(put).build())
}

fn to_sdk(item: &Item) -> HashMap<String, sdk::AttributeValue> {
    item.iter().map(|(name, value)| (name.clone(), value_to_sdk(value))).collect()
}

fn value_to_sdk(value: &AttributeValue) -> sdk::AttributeValue {
    use sdk::AttributeValue as To;
    match value {
        AttributeValue::S(text) => To::S(text.clone()),
        AttributeValue::N(number) => To::N(number.to_string()),
        AttributeValue::B(bytes) => To::B(Blob::new(bytes.clone())),
        AttributeValue::Bool(value) => To::Bool(*value),
        AttributeValue::Null => To::Null(true),
        AttributeValue::L(values) => To::L(values.iter().map(value_to_sdk).collect()),
        AttributeValue::M(values) => To::M(to_sdk(values)),
        AttributeValue::Ss(texts) => To::Ss(texts.iter().cloned().collect()),
        AttributeValue::Ns(numbers) => To::Ns(numbers.iter().map(Number::to_string).collect()),
        AttributeValue::Bs(values) => To::Bs(values.iter().cloned().map(Blob::new).collect()),
    }
}

/// What a server tells of an item. A value that this version does not know equals none: it comes
/// out as `NULL`.
fn from_sdk(item: &HashMap<String, sdk::AttributeValue>) -> Item {
    item.iter().map(|(name, value)| (name.clone(), value_from_sdk(value))).collect()
}

fn value_from_sdk(value: &sdk::AttributeValue) -> AttributeValue {
    use sdk::AttributeValue as From;
    let number = |text: &String| Number::parse(text).ok();
    match value {
        From::S(text) => AttributeValue::S(text.clone()),
        From::N(text) => number(text).map_or(AttributeValue::Null, AttributeValue::N),
        From::B(bytes) => AttributeValue::B(bytes.as_ref().to_vec()),
        From::Bool(value) => AttributeValue::Bool(*value),
        From::L(values) => AttributeValue::L(values.iter().map(value_from_sdk).collect()),
        From::M(values) => AttributeValue::M(from_sdk(values)),
        From::Ss(texts) => AttributeValue::Ss(texts.iter().cloned().collect()),
        From::Ns(texts) => AttributeValue::Ns(texts.iter().filter_map(number).collect()),
        From::Bs(values) => {
            AttributeValue::Bs(values.iter().map(|value| value.as_ref().to_vec()).collect())
        }
        _ => AttributeValue::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_comes_back_from_the_service_s_form_as_it_was() {
        let number = |text| Number::parse(text).unwrap();
        let values = [
            AttributeValue::S("é".to_owned()),
            AttributeValue::N(number("12345678901234567890.5")),
            AttributeValue::B(vec![0, 255]),
            AttributeValue::Bool(false),
            AttributeValue::Null,
            AttributeValue::L(vec![AttributeValue::Null]),
            AttributeValue::M(Item::from([("a".to_owned(), AttributeValue::Null)])),
            AttributeValue::Ss(["a".to_owned()].into()),
            AttributeValue::Ns([number("1"), number("-2.5")].into()),
            AttributeValue::Bs([vec![1]].into()),
        ];
        let item: Item =
            values.into_iter().enumerate().map(|(n, value)| (n.to_string(), value)).collect();
        assert_eq!(from_sdk(&to_sdk(&item)), item);
    }
}
