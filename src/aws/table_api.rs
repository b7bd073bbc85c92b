//! The calls that osem makes, in osem's own types.
//!
//! Reads are repeated by the SDK. Mutations go out once, so that retries of two layers do not
//! multiply, and on a task of their own, so that a caller who stops waiting does not abandon a
//! request whose fate nobody would know.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;

use crate::model::{AccountId, TableName, TableState, Tags};

use super::error::{ErrorKind, ServiceError};
use super::pace::Pacer;
use super::{ApiCall, ApiObserver, convert, request};

/// How long a mutation may take before its answer counts as lost.
const MUTATION_TIMEOUT: Duration = Duration::from_secs(30);

/// DynamoDB's control plane, as far as osem uses it.
#[derive(Clone)]
pub struct TableApi {
    pub(super) reads: Client,
    pub(super) writes: Client,
    account: Option<AccountId>,
    observer: ApiObserver,
    /// Shared by all that calls the same account and region.
    pub(super) pacer: Arc<Pacer>,
}

impl std::fmt::Debug for TableApi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableApi").field("account", &self.account).finish_non_exhaustive()
    }
}

impl TableApi {
    /// Calls that reach nobody, for steps that make none.
    #[must_use]
    pub(crate) fn unconnected() -> Self {
        let nowhere = "http://127.0.0.1:9";
        let config = super::credentials::dummy_config("us-east-1", nowhere);
        Self::new(&config, Some(nowhere), None, Arc::new(|_| {}))
    }
}

impl TableApi {
    /// Calls with these settings; tables must belong to `account` where one is declared.
    pub(super) fn new(
        config: &SdkConfig,
        url: Option<&str>,
        account: Option<AccountId>,
        observer: ApiObserver,
    ) -> Self {
        let settings = || {
            let mut builder = aws_sdk_dynamodb::config::Builder::from(config);
            builder.set_endpoint_url(url.map(str::to_owned));
            builder
        };
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(3))
            .operation_attempt_timeout(MUTATION_TIMEOUT)
            .build();
        let writes =
            settings().retry_config(RetryConfig::disabled()).timeout_config(timeouts).build();
        Self {
            reads: Client::from_conf(settings().build()),
            writes: Client::from_conf(writes),
            account,
            observer,
            pacer: Arc::new(Pacer::new(true)),
        }
    }

    /// The same calls, paced from the first one on. Others are only once a call was refused: most
    /// endpoints that are not the service have no limits.
    #[must_use]
    pub fn paced(&self) -> Self {
        Self { pacer: Arc::new(Pacer::new(false)), ..self.clone() }
    }

    /// The same calls, reported to another observer.
    #[must_use]
    pub fn observed_by(&self, observer: ApiObserver) -> Self {
        Self { observer, ..self.clone() }
    }

    /// `DescribeTable`; `None` when there is no such table.
    ///
    /// # Errors
    /// Whatever the service or the network says, and an account that is not the declared one.
    pub async fn describe(&self, name: &TableName) -> Result<Option<TableState>, ServiceError> {
        let call = async {
            let answer = self.reads.describe_table().table_name(name.as_str()).send().await;
            answer.map_err(|error| ServiceError::new("DescribeTable", Some(name.as_str()), &error))
        };
        let answer = match self.observe("DescribeTable", name.as_str(), call).await {
            Err(error) if error.kind == ErrorKind::NotFound => {
                self.pacer.seen(name, None);
                return Ok(None);
            }
            answer => answer?,
        };
        let Some(table) = answer.table() else {
            return Err(garbled("DescribeTable", name.as_str(), "the answer holds no table"));
        };
        let state = convert::table_state(name, table);
        self.pacer.seen(name, Some(&state));
        self.check_account("DescribeTable", &state)?;
        Ok(Some(state))
    }

    /// `DeleteTable`.
    ///
    /// # Errors
    /// Whatever the service or the network says.
    pub async fn delete(&self, name: &TableName) -> Result<(), ServiceError> {
        let (client, target) = (self.writes.clone(), name.clone());
        let call = spawned("DeleteTable", name.as_str(), async move {
            let answer = client.delete_table().table_name(target.as_str()).send().await;
            answer.map_err(|error| ServiceError::new("DeleteTable", Some(target.as_str()), &error))
        });
        self.observe("DeleteTable", name.as_str(), call).await.map(drop)
    }

    /// Whether a strongly consistent `Scan` of one item finds nothing.
    ///
    /// # Errors
    /// Whatever the service or the network says.
    pub async fn is_empty(&self, name: &TableName) -> Result<bool, ServiceError> {
        let scan = self.reads.scan().table_name(name.as_str()).limit(1).consistent_read(true);
        let call = async {
            let answer = scan.send().await;
            answer.map_err(|error| ServiceError::new("Scan", Some(name.as_str()), &error))
        };
        let answer = self.observe("Scan", name.as_str(), call).await?;
        Ok(answer.count() == 0 && answer.items().is_empty())
    }

    /// All table names, all pages, sorted.
    ///
    /// # Errors
    /// Whatever the service or the network says.
    pub async fn list(&self) -> Result<Vec<String>, ServiceError> {
        let mut names = Vec::new();
        let mut start: Option<String> = None;
        loop {
            let page = self.reads.list_tables().set_exclusive_start_table_name(start.clone());
            let call = async {
                page.send().await.map_err(|error| ServiceError::new("ListTables", None, &error))
            };
            let page = self.observe("ListTables", "", call).await?;
            names.extend_from_slice(page.table_names());
            match page.last_evaluated_table_name() {
                // A server that repeats itself would be asked for ever.
                Some(last) if start.as_deref() != Some(last) => start = Some(last.to_owned()),
                _ => break,
            }
        }
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// One page of `ListTables` of one name: is anybody there?
    pub(super) async fn list_page(&self) -> Result<(), ServiceError> {
        let call = async {
            let answer = self.reads.list_tables().limit(1).send().await;
            answer.map_err(|error| ServiceError::new("ListTables", None, &error))
        };
        self.observe("ListTables", "", call).await.map(drop)
    }

    /// All tags of a table, all pages, those of AWS itself left out.
    ///
    /// # Errors
    /// Whatever the service or the network says.
    pub async fn tags(&self, arn: &str) -> Result<Tags, ServiceError> {
        let mut tags = Tags::new();
        let mut token: Option<String> = None;
        loop {
            let page =
                self.reads.list_tags_of_resource().resource_arn(arn).set_next_token(token.clone());
            let call = async {
                let answer = page.send().await;
                answer.map_err(|error| ServiceError::new("ListTagsOfResource", Some(arn), &error))
            };
            let page = self.observe("ListTagsOfResource", arn, call).await?;
            let own = page.tags().iter().filter(|tag| !tag.key().starts_with("aws:"));
            tags.extend(own.map(|tag| (tag.key().to_owned(), tag.value().to_owned())));
            let next = page.next_token().map(str::to_owned);
            // A server that repeats itself would be asked for ever.
            if next.is_none() || next == token {
                return Ok(tags);
            }
            token = next;
        }
    }

    /// `TagResource`: writes these tags, leaves the others.
    ///
    /// # Errors
    /// Whatever the service or the network says.
    pub async fn tag(&self, arn: &str, tags: &Tags) -> Result<(), ServiceError> {
        let tags = request::tags(tags).map_err(|error| unbuildable("TagResource", arn, &error))?;
        let request = self.writes.tag_resource().resource_arn(arn).set_tags(Some(tags));
        let resource = arn.to_owned();
        let call = spawned("TagResource", arn, async move {
            let answer = request.send().await;
            answer.map_err(|error| ServiceError::new("TagResource", Some(&resource), &error))
        });
        self.observe("TagResource", arn, call).await.map(drop)
    }

    /// `UntagResource`.
    ///
    /// # Errors
    /// Whatever the service or the network says.
    pub async fn untag(&self, arn: &str, keys: &[String]) -> Result<(), ServiceError> {
        let request =
            self.writes.untag_resource().resource_arn(arn).set_tag_keys(Some(keys.to_vec()));
        let resource = arn.to_owned();
        let call = spawned("UntagResource", arn, async move {
            let answer = request.send().await;
            answer.map_err(|error| ServiceError::new("UntagResource", Some(&resource), &error))
        });
        self.observe("UntagResource", arn, call).await.map(drop)
    }

    pub(super) async fn observe<T>(
        &self,
        operation: &'static str,
        resource: &str,
        call: impl Future<Output = Result<T, ServiceError>>,
    ) -> Result<T, ServiceError> {
        let started = Instant::now();
        let answer = call.await;
        let error = answer.as_ref().err();
        (self.observer)(ApiCall {
            operation,
            resource: (!resource.is_empty()).then(|| resource.to_owned()),
            duration: started.elapsed(),
            error: error.map(|e| e.code.clone().unwrap_or_else(|| format!("{:?}", e.kind))),
        });
        answer
    }

    /// A table of another account under a declared one's name is never touched.
    pub(super) fn check_account(
        &self,
        operation: &'static str,
        state: &TableState,
    ) -> Result<(), ServiceError> {
        let (Some(declared), Some(arn)) = (&self.account, &state.arn) else { return Ok(()) };
        let found = arn.split(':').nth(4).unwrap_or_default();
        if found == declared.as_str() {
            return Ok(());
        }
        let message = format!("the table's ARN {arn} is not in account {declared}");
        Err(ServiceError {
            kind: ErrorKind::WrongAccount,
            ..garbled(operation, state.name.as_str(), &message)
        })
    }
}

/// Runs a mutation to its end even when nobody waits for it any more.
pub(super) async fn spawned<T: Send + 'static>(
    operation: &'static str,
    resource: &str,
    call: impl Future<Output = Result<T, ServiceError>> + Send + 'static,
) -> Result<T, ServiceError> {
    let ended = tokio::spawn(call).await;
    ended.unwrap_or_else(|panic| Err(garbled(operation, resource, &panic.to_string())))
}

pub(super) fn garbled(operation: &'static str, resource: &str, message: &str) -> ServiceError {
    ServiceError {
        operation,
        resource: Some(resource.to_owned()),
        kind: ErrorKind::Garbled,
        code: None,
        message: message.to_owned(),
        request_id: None,
    }
}

pub(super) fn unbuildable(
    operation: &'static str,
    resource: &str,
    error: &BuildError,
) -> ServiceError {
    ServiceError { kind: ErrorKind::Validation, ..garbled(operation, resource, &error.to_string()) }
}
