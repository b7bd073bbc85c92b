//! `osem local --control-plane realistic`: the service's behaviour on demand, and osem in front of
//! it.

mod boto3;
mod faults;
mod killed;
mod pacing;
mod refusals;
mod silence;
mod waits;
