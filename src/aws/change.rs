//! Mutating calls whose request stands already in the service's own JSON.
//!
//! The request that a plan showed is the one that is sent: the SDK adds endpoint, credentials and
//! signature, and its own body is replaced before it signs.

use aws_sdk_dynamodb::Client;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

use crate::model::{TableName, TableState};

use super::error::ServiceError;
use super::table_api::{garbled, spawned};
use super::{TableApi, convert};

/// Puts a body in the place of the one that was made.
fn with_body(text: String) -> impl Fn(&mut HttpRequest) + Send + Sync + 'static {
    move |request| {
        let length = text.len().to_string();
        request.headers_mut().insert("content-length", length);
        *request.body_mut() = SdkBody::from(text.as_str());
    }
}

/// One operation by its name in the SDK: what it takes is set only as far as the SDK itself needs
/// it to find the endpoint.
macro_rules! send {
    ($client:expr, $operation:ident, $setter:ident, $resource:expr, $name:expr, $body:expr) => {{
        let call = $client.$operation().$setter($resource).customize();
        let answer = call.mutate_request(with_body($body)).send().await;
        answer.map(drop).map_err(|error| ServiceError::new($name, Some($resource), &error))
    }};
}

async fn send(
    client: &Client,
    operation: &'static str,
    resource: &str,
    body: String,
) -> Result<(), ServiceError> {
    match operation {
        "UpdateTable" => send!(client, update_table, table_name, resource, operation, body),
        "UpdateTimeToLive" => {
            send!(client, update_time_to_live, table_name, resource, operation, body)
        }
        "UpdateContinuousBackups" => {
            send!(client, update_continuous_backups, table_name, resource, operation, body)
        }
        "UpdateContributorInsights" => {
            send!(client, update_contributor_insights, table_name, resource, operation, body)
        }
        "EnableKinesisStreamingDestination" => {
            send!(
                client,
                enable_kinesis_streaming_destination,
                table_name,
                resource,
                operation,
                body
            )
        }
        "DisableKinesisStreamingDestination" => {
            send!(
                client,
                disable_kinesis_streaming_destination,
                table_name,
                resource,
                operation,
                body
            )
        }
        "UpdateKinesisStreamingDestination" => {
            send!(
                client,
                update_kinesis_streaming_destination,
                table_name,
                resource,
                operation,
                body
            )
        }
        "PutResourcePolicy" => {
            send!(client, put_resource_policy, resource_arn, resource, operation, body)
        }
        "DeleteResourcePolicy" => {
            send!(client, delete_resource_policy, resource_arn, resource, operation, body)
        }
        _ => Err(garbled(operation, resource, "osem does not know this operation")),
    }
}

impl TableApi {
    /// `CreateTable` with this request.
    ///
    /// # Errors
    /// Whatever the service or the network says. After [`ErrorKind::Network`] and
    /// [`ErrorKind::Server`] the table may or may not have been created.
    ///
    /// [`ErrorKind::Network`]: super::ErrorKind::Network
    /// [`ErrorKind::Server`]: super::ErrorKind::Server
    pub async fn create(
        &self,
        name: &TableName,
        request: &Value,
    ) -> Result<TableState, ServiceError> {
        let (client, target, body) = (self.writes.clone(), name.clone(), request.to_string());
        let call = spawned("CreateTable", name.as_str(), async move {
            let call = client.create_table().table_name(target.as_str()).customize();
            let answer = call.mutate_request(with_body(body)).send().await;
            answer.map_err(|error| ServiceError::new("CreateTable", Some(target.as_str()), &error))
        });
        let answer = self.observe("CreateTable", name.as_str(), call).await?;
        let Some(table) = answer.table_description() else {
            return Err(garbled("CreateTable", name.as_str(), "the answer holds no table"));
        };
        let state = convert::table_state(name, table);
        self.check_account("CreateTable", &state)?;
        Ok(state)
    }

    /// A call that changes a table, with this request.
    ///
    /// # Errors
    /// Whatever the service or the network says.
    pub async fn change(
        &self,
        operation: &'static str,
        resource: &str,
        request: &Value,
    ) -> Result<(), ServiceError> {
        let (client, target, body) =
            (self.writes.clone(), resource.to_owned(), request.to_string());
        let call = async move { send(&client, operation, &target, body).await };
        self.observe(operation, resource, spawned(operation, resource, call)).await
    }
}
