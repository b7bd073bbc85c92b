//! How the emulator answers control-plane calls.

use std::time::Duration;

use super::AccountId;

/// The behaviour of the emulator's control plane.
#[derive(Debug, Clone, PartialEq)]
pub enum ControlPlane {
    /// Every change is in effect when it is answered.
    Instant,
    /// States that last, limits, cooldowns and quotas, as the service has them.
    Realistic(Simulation),
}

/// The settings of a realistic control plane.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    /// How many times faster than the service's usual times states end and windows pass; above 0.
    pub time_scale: f64,
    /// The account that ARNs and STS name.
    pub account: AccountId,
    /// The account's limit on mutating control-plane calls. Not scaled: clients pace themselves in
    /// real time.
    pub mutations: RateLimit,
    /// Tables of the account in the region.
    pub max_tables: usize,
    /// Table operations under way at once.
    pub max_operations: usize,
    /// Operations under way at once on tables with secondary indexes.
    pub max_indexed_operations: usize,
    /// Failures to make.
    pub faults: Vec<FaultRule>,
    /// The seed of all randomness: durations within their ranges, and which calls faults meet.
    pub seed: u64,
}

impl Default for Simulation {
    fn default() -> Self {
        Self {
            time_scale: 1.0,
            account: AccountId::parse("000000000000").expect("twelve digits"),
            // An assumption: the service does not publish its figures. Of ten creates or deletes
            // sent at once, six were seen to pass.
            mutations: RateLimit { per_second: 5.0, burst: 6 },
            // The quotas of today's accounts: AWS, "Quotas in Amazon DynamoDB".
            max_tables: 2500,
            max_operations: 500,
            max_indexed_operations: 250,
            faults: Vec::new(),
            seed: 0,
        }
    }
}

/// A token bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateLimit {
    /// Tokens added a second; above 0.
    pub per_second: f64,
    /// Tokens it holds at most; at least 1.
    pub burst: u32,
}

/// One `fault` node: what happens to which calls.
#[derive(Debug, Clone, PartialEq)]
pub struct FaultRule {
    /// What happens.
    pub fault: Fault,
    /// The operation it meets, such as `CreateTable`; any when absent.
    pub on: Option<String>,
    /// The full table name it meets, `*` and `?` allowed; any when absent.
    pub table: Option<String>,
    /// The part of those calls that it meets, 0 to 1.
    pub rate: f64,
    /// How many of those calls pass before it meets the first.
    pub skip: u32,
    /// How many it meets at most; no end when absent.
    pub count: Option<u32>,
}

/// A failure of the service or the network.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// `ThrottlingException`; the call is not applied.
    Throttle,
    /// The call is applied, and the connection closed without an answer.
    LoseResponse,
    /// This code; the call is not applied. `InternalServerError` and the like have status 500.
    Error {
        /// Such as `InternalServerError`.
        code: String,
        /// The message; the service's usual one, or none, when absent.
        message: Option<String>,
    },
    /// The answer comes this much later.
    Delay(Duration),
    /// The call is not applied, and no answer ever comes.
    Hang,
    /// The call is not applied, and the connection is reset.
    Reset,
    /// The call is applied, and the answer is not the protocol.
    Garbage,
    /// `AccessDeniedException` in the service's words; the call is not applied.
    Deny,
    /// An access key is expired this long after it was first seen.
    ExpireCredentials(Duration),
}
