//! What a plan says, in each of its forms, and that it only reads.

mod beside;
mod data;
mod exit_code;
mod lives;
mod markdown;
mod may_work;
mod missed;
mod reads;

use serde_json::Value;

/// The step of an id in `data.plan`.
#[track_caller]
fn step<'d>(document: &'d Value, id: &str) -> &'d Value {
    let steps = document["data"]["plan"]["steps"].as_array().unwrap();
    steps.iter().find(|step| step["id"] == id).unwrap_or_else(|| panic!("{document:#}"))
}
