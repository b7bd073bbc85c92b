//! What a load came to, in words.

use crate::model::{ErrorCode, Failure, FailureClass, TableName};
use crate::step::{Fact, MutationOutcome, StepError, StepSuccess};

use super::OnExisting;
use super::load::Counts;
use super::survey::Survey;

/// What became of the one intent of all calls.
pub(super) fn outcome(counts: Counts, ended: &Result<(), Failure>) -> MutationOutcome {
    match ended {
        Ok(()) => MutationOutcome::Applied,
        Err(_) if counts.put + counts.unknown > 0 => MutationOutcome::Unknown,
        Err(_) => MutationOutcome::Refused,
    }
}

pub(super) fn success(on_existing: OnExisting, counts: Counts) -> StepSuccess {
    let Counts { put, there, .. } = counts;
    let items =
        |count: u64| format!("{} item{}", grouped(count), if count == 1 { "" } else { "s" });
    match (put, there) {
        (0, 1) => StepSuccess::unchanged("1 item was there"),
        (0, _) => StepSuccess::unchanged(format!("{} were there", items(there))),
        _ if on_existing == OnExisting::Overwrite => {
            StepSuccess::changed(format!("put {}, in the place of what was there", items(put)))
        }
        (_, 0) => StepSuccess::changed(format!("put {}", items(put))),
        (_, 1) => StepSuccess::changed(format!("put {}, 1 was there", items(put))),
        _ => StepSuccess::changed(format!("put {}, {} were there", items(put), grouped(there))),
    }
}

/// A load that did not come to its end says how far it got.
pub(super) fn failed(failure: Failure, counts: Counts, found: Survey, fact: Fact) -> StepError {
    let changed = counts.put + counts.unknown > 0;
    let (put, total) = (grouped(counts.put), grouped(found.items as u64));
    let place = failure.details.get("place").map(|place| format!("at {place}"));
    let far = changed.then(|| format!("{put} of {total} items were put"));
    let remarks: Vec<String> = place.into_iter().chain(far).collect();
    let failure = if remarks.is_empty() {
        failure
    } else {
        let message = format!("{} ({})", failure.message, remarks.join("; "));
        Failure { message, ..failure }
    };
    StepError { facts: vec![fact], changed, ..StepError::from(failure) }
}

/// `on-existing=fail`.
pub(super) fn there_already(place: &str, table: &TableName) -> Failure {
    let message = format!("the item at {place} is in {table} already");
    Failure::new(ErrorCode::StepFailed, message)
        .fix("on-existing=keep leaves such items as they are")
}

/// The limits on items are those of the table, not of the account.
pub(super) fn throttled(failure: Failure) -> Failure {
    failure
        .class(FailureClass::Throttled)
        .cause("the table, or one of its indexes, takes no more writes at the moment")
        .fix("run again: what is there already is not put again; or give the step more time (timeout)")
}

/// `12000` as `12,000`.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_thousands() {
        assert_eq!(
            [0, 999, 1000, 12_000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "12,000", "1,234,567"]
        );
    }

    #[test]
    fn the_message_counts_what_was_put_and_what_was_there() {
        let message = |put, there| {
            success(OnExisting::Keep, Counts { put, there, ..Counts::default() }).message
        };
        assert_eq!(message(8, 2), "put 8 items, 2 were there");
        assert_eq!(message(1, 1), "put 1 item, 1 was there");
        assert_eq!(message(8, 0), "put 8 items");
        assert_eq!(message(0, 8), "8 items were there");
        assert!(!success(OnExisting::Keep, Counts::default()).changed);
    }
}
