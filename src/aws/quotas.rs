//! What the account may have in the region.

use super::TableApi;
use super::error::ServiceError;

/// The account's quotas of provisioned capacity in a region, in units per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapacityQuotas {
    /// Reads of all tables together.
    pub account_read: i64,
    /// Writes of all tables together.
    pub account_write: i64,
    /// Reads of one table with its indexes.
    pub table_read: i64,
    /// Writes of one table with its indexes.
    pub table_write: i64,
}

impl TableApi {
    /// `DescribeLimits`; `None` where the endpoint tells none.
    ///
    /// # Errors
    /// Whatever the service or the network says.
    pub async fn capacity_quotas(&self) -> Result<Option<CapacityQuotas>, ServiceError> {
        const CALL: &str = "DescribeLimits";
        let call = async {
            let answer = self.reads.describe_limits().send().await;
            answer.map_err(|error| ServiceError::new(CALL, None, &error))
        };
        let answer = self.observe(CALL, "", call).await?;
        let quotas = || {
            Some(CapacityQuotas {
                account_read: answer.account_max_read_capacity_units()?,
                account_write: answer.account_max_write_capacity_units()?,
                table_read: answer.table_max_read_capacity_units()?,
                table_write: answer.table_max_write_capacity_units()?,
            })
        };
        Ok(quotas())
    }
}
