//! ARNs of the engine and of the simulated account.
//!
//! The engine names a region and an account of its own. The control plane translates what it
//! answers; for the engine's operations this is the one place. Only members that hold ARNs are
//! touched, never what users store.

use dynoxide::streams::LOCAL_REGION;
use serde_json::Value;

use super::super::control_plane::{ENGINE_PREFIX, arn_prefix};
use super::call::{Call, Payload};

/// The members of requests that hold an ARN, or may hold one instead of a name.
const REQUEST_MEMBERS: [&str; 3] = ["TableName", "StreamArn", "ExclusiveStartStreamArn"];

/// The same of answers, at any depth; asked for only where no items are.
const ANSWER_MEMBERS: [&str; 3] = ["StreamArn", "LastEvaluatedStreamArn", "awsRegion"];

/// The operations whose answers name ARNs or the region.
const STREAM_OPERATIONS: [&str; 3] = ["ListStreams", "DescribeStream", "GetRecords"];

/// The region and the beginning of ARNs outside; inside they are the engine's.
#[derive(Debug)]
pub(super) struct Arns {
    region: String,
    outside: String,
}

impl Arns {
    pub(super) fn new(region: &str, account: &str) -> Self {
        Self { region: region.to_owned(), outside: arn_prefix(region, account) }
    }

    /// What the engine gets. It takes names of tables only, where the service takes ARNs too.
    pub(super) fn inward(&self, call: &mut Call) {
        let Payload::Item { request, changed } = &mut call.payload else { return };
        for member in REQUEST_MEMBERS {
            if let Some(Value::String(text)) = request.get_mut(member)
                && let Some(resource) = text.strip_prefix(&self.outside)
            {
                *text = match resource.strip_prefix("table/") {
                    Some(table) if member == "TableName" => table.to_owned(),
                    _ => format!("{ENGINE_PREFIX}{resource}"),
                };
                *changed = true;
            }
        }
    }

    /// Whether answers to this operation name ARNs or the region; messages of errors always may.
    pub(super) fn answered_by(operation: &str) -> bool {
        STREAM_OPERATIONS.contains(&operation)
    }

    /// What the client gets; `None` when that is what the engine said.
    pub(super) fn outward(&self, success: bool, body: &[u8]) -> Option<Vec<u8>> {
        let mut answer: Value = serde_json::from_slice(body).ok()?;
        let changed = if success { self.members(&mut answer) } else { self.message(&mut answer) };
        changed.then(|| answer.to_string().into_bytes())
    }

    fn members(&self, answer: &mut Value) -> bool {
        match answer {
            Value::Array(values) => {
                values.iter_mut().fold(false, |any, value| self.members(value) | any)
            }
            Value::Object(members) => members.iter_mut().fold(false, |any, (name, value)| {
                let changed = match value {
                    // The record of a change holds the item.
                    _ if name == "dynamodb" => false,
                    Value::String(text) => {
                        ANSWER_MEMBERS.contains(&name.as_str()) && self.translate(text)
                    }
                    _ => self.members(value),
                };
                changed | any
            }),
            _ => false,
        }
    }

    fn message(&self, answer: &mut Value) -> bool {
        ["message", "Message"].into_iter().fold(false, |any, member| match answer.get_mut(member) {
            Some(Value::String(text)) => self.translate(text) | any,
            _ => any,
        })
    }

    fn translate(&self, text: &mut String) -> bool {
        if text == LOCAL_REGION {
            text.clone_from(&self.region);
            return true;
        }
        let found = text.contains(ENGINE_PREFIX);
        if found {
            *text = text.replace(ENGINE_PREFIX, &self.outside);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const OUTSIDE: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";
    const INSIDE: &str = "arn:aws:dynamodb:dynoxide:000000000000:table/orders";

    fn inward(request: Value) -> (Value, bool) {
        let mut call = Call {
            operation: String::new(),
            tables: Vec::new(),
            access_key: None,
            session_token: None,
            payload: Payload::Item { request, changed: false },
        };
        Arns::new("eu-west-1", "111122223333").inward(&mut call);
        let Payload::Item { request, changed } = call.payload else { unreachable!() };
        (request, changed)
    }

    fn outward(success: bool, answer: &Value) -> Option<Value> {
        let arns = Arns::new("eu-west-1", "111122223333");
        let changed = arns.outward(success, answer.to_string().as_bytes())?;
        Some(serde_json::from_slice(&changed).unwrap())
    }

    #[test]
    fn requests_name_the_engines_streams_and_tables() {
        let (request, changed) = inward(json!({"StreamArn": format!("{OUTSIDE}/stream/1")}));
        assert_eq!(request, json!({"StreamArn": format!("{INSIDE}/stream/1")}));
        assert!(changed);
        assert_eq!(inward(json!({"TableName": OUTSIDE})), (json!({"TableName": "orders"}), true));
    }

    #[test]
    fn items_are_what_users_make_them() {
        let item = json!({"TableName": "orders", "Item": {"StreamArn": {"S": OUTSIDE}}});
        assert_eq!(inward(item.clone()), (item, false));
        assert!(!Arns::answered_by("GetItem"));
        let image = json!({"NewImage": {"StreamArn": INSIDE}});
        let records = json!({"Records": [{"awsRegion": "dynoxide", "dynamodb": image}]});
        let expected = json!({"Records": [{"awsRegion": "eu-west-1", "dynamodb": image}]});
        assert_eq!(outward(true, &records), Some(expected));
    }

    #[test]
    fn answers_and_messages_name_the_simulated_account() {
        let streams = json!({"Streams": [{"StreamArn": INSIDE}, {"StreamArn": INSIDE}]});
        let expected = json!({"Streams": [{"StreamArn": OUTSIDE}, {"StreamArn": OUTSIDE}]});
        assert_eq!(outward(true, &streams), Some(expected));
        let error = json!({"__type": "x#Y", "message": format!("Stream: {INSIDE} not found")});
        let expected = json!({"__type": "x#Y", "message": format!("Stream: {OUTSIDE} not found")});
        assert_eq!(outward(false, &error), Some(expected));
    }
}
