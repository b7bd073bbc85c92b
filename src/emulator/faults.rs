//! Which calls the declared faults meet.
//!
//! Pure: the caller says what is called and when, and carries out what it is told. Each rule counts
//! the calls it matches by itself, and its decision on the n-th of them depends on nothing but the
//! seed, the rule's place and n: other calls in between, and other rules, change nothing. The counts
//! live as long as the process.

use std::collections::HashMap;
use std::time::Duration;

use glob::Pattern;

use super::control_plane::Millis;
use crate::model::{Fault, FaultRule};

/// A call as the rules see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'a> {
    /// Such as `CreateTable`.
    pub(super) operation: &'a str,
    /// Whether it writes tags along: then it needs leave for `TagResource` too.
    pub(super) tags: bool,
    /// The tables it names.
    pub(super) tables: &'a [String],
    /// Whose credentials sign it.
    pub(super) access_key: Option<&'a str>,
}

/// What a call with tags needs leave for beside its own operation.
const TAGGING: &str = "TagResource";

/// A fault that meets a call.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Met {
    pub(super) fault: Fault,
    /// The operation that the rule names.
    pub(super) on: Option<String>,
}

/// All rules, with what they have seen.
#[derive(Debug)]
pub(super) struct Faults {
    rules: Vec<Rule>,
    /// When each access key was first seen.
    first_seen: HashMap<String, Millis>,
}

#[derive(Debug)]
struct Rule {
    declared: FaultRule,
    table: Option<Pattern>,
    /// Mixed from the seed and the rule's place.
    seed: u64,
    /// The calls that it matched.
    matched: u64,
    /// The calls that it met.
    met: u32,
}

impl Faults {
    /// The rules in the order they are declared in.
    pub(super) fn new(rules: Vec<FaultRule>, seed: u64) -> Self {
        let rules = rules.into_iter().zip(1..).map(|(rule, place)| Rule::new(rule, seed, place));
        Self { rules: rules.collect(), first_seen: HashMap::new() }
    }

    /// The faults that meet this call, in the order they are declared in.
    pub(super) fn meet(&mut self, target: Target<'_>, now: Millis) -> Vec<Met> {
        let age = target.access_key.map_or(0, |key| {
            let first = *self.first_seen.entry(key.to_owned()).or_insert(now);
            now.saturating_sub(first)
        });
        let age = Duration::from_millis(age);
        let met = self.rules.iter_mut().filter(|rule| rule.matches(target, age));
        met.filter_map(Rule::meet).collect()
    }
}

impl Rule {
    fn new(declared: FaultRule, seed: u64, place: u64) -> Self {
        // What is not a pattern is a name.
        let table = declared.table.as_deref().map(|table| {
            let name =
                || Pattern::new(&Pattern::escape(table)).expect("an escaped text is a pattern");
            Pattern::new(table).unwrap_or_else(|_| name())
        });
        Self { declared, table, seed: seed ^ spread(place), matched: 0, met: 0 }
    }

    fn matches(&self, target: Target<'_>, age: Duration) -> bool {
        let FaultRule { fault, on, .. } = &self.declared;
        let tags = target.tags && matches!(fault, Fault::Deny);
        on.as_deref().is_none_or(|on| on == target.operation || (tags && on == TAGGING))
            && self
                .table
                .as_ref()
                .is_none_or(|table| target.tables.iter().any(|name| table.matches(name)))
            && !matches!(fault, Fault::ExpireCredentials(after) if age < *after)
    }

    /// Counts a call that matches and says whether it is met.
    fn meet(&mut self) -> Option<Met> {
        let nth = self.matched;
        self.matched += 1;
        let FaultRule { fault, on, rate, skip, count, .. } = &self.declared;
        let due = nth >= u64::from(*skip)
            && count.is_none_or(|count| self.met < count)
            && fastrand::Rng::with_seed(self.seed ^ spread(nth.wrapping_add(1)).rotate_left(32))
                .f64()
                < *rate;
        self.met = self.met.saturating_add(u32::from(due));
        due.then(|| Met { fault: fault.clone(), on: on.clone() })
    }
}

/// Small numbers to numbers that differ in all their bits: the odd constant is the golden ratio's.
fn spread(number: u64) -> u64 {
    number.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The name of a fault in the grammar.
pub(super) fn name(fault: &Fault) -> &'static str {
    match fault {
        Fault::Throttle => "throttle",
        Fault::LoseResponse => "lose-response",
        Fault::Error { .. } => "error",
        Fault::Delay(_) => "delay",
        Fault::Hang => "hang",
        Fault::Reset => "reset",
        Fault::Garbage => "garbage",
        Fault::Deny => "deny",
        Fault::ExpireCredentials(_) => "expire-credentials",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(fault: Fault) -> FaultRule {
        FaultRule { fault, on: None, table: None, rate: 1.0, skip: 0, count: None }
    }

    fn met(faults: &mut Faults, operation: &str, table: &str) -> Vec<Fault> {
        let tables = [table.to_owned()];
        let target = Target { operation, tags: false, tables: &tables, access_key: None };
        plain(faults.meet(target, 0))
    }

    fn plain(met: Vec<Met>) -> Vec<Fault> {
        met.into_iter().map(|met| met.fault).collect()
    }

    /// Which of the first calls of one operation are met.
    fn pattern(faults: &mut Faults, operation: &str, calls: usize) -> Vec<bool> {
        (0..calls).map(|_| !met(faults, operation, "orders").is_empty()).collect()
    }

    #[test]
    fn a_rule_meets_its_operation_and_its_tables_only() {
        let on = Some("CreateTable".to_owned());
        let table = Some("app-*".to_owned());
        let mut faults = Faults::new(vec![FaultRule { on, table, ..rule(Fault::Reset) }], 1);
        assert_eq!(met(&mut faults, "CreateTable", "app-orders"), [Fault::Reset]);
        assert_eq!(met(&mut faults, "DeleteTable", "app-orders"), []);
        assert_eq!(met(&mut faults, "CreateTable", "orders"), []);
        let tables = [];
        let (operation, tags) = ("CreateTable", false);
        let target = Target { operation, tags, tables: &tables, access_key: None };
        assert_eq!(faults.meet(target, 0), []);
    }

    #[test]
    fn who_may_not_tag_may_not_create_with_tags() {
        let on = Some("TagResource".to_owned());
        let mut faults = Faults::new(vec![FaultRule { on: on.clone(), ..rule(Fault::Deny) }], 1);
        let create =
            |tags| Target { operation: "CreateTable", tags, tables: &[], access_key: None };
        assert_eq!(faults.meet(create(false), 0), []);
        assert_eq!(faults.meet(create(true), 0), [Met { fault: Fault::Deny, on }]);
    }

    #[test]
    fn a_pattern_that_is_none_is_a_name() {
        let table = Some("a***".to_owned());
        let mut faults = Faults::new(vec![FaultRule { table, ..rule(Fault::Reset) }], 1);
        assert_eq!(met(&mut faults, "Scan", "a***"), [Fault::Reset]);
        assert_eq!(met(&mut faults, "Scan", "abcd"), []);
    }

    #[test]
    fn skip_lets_the_first_calls_pass_and_count_ends_the_fault() {
        let declared = FaultRule { skip: 2, count: Some(3), ..rule(Fault::Throttle) };
        let mut faults = Faults::new(vec![declared], 1);
        let expected = [false, false, true, true, true, false, false];
        assert_eq!(pattern(&mut faults, "Scan", 7), expected);
    }

    #[test]
    fn the_rate_is_the_part_that_is_met() {
        for (rate, few, many) in [(0.0, 0, 0), (0.1, 850, 1150), (1.0, 10_000, 10_000)] {
            let mut faults = Faults::new(vec![FaultRule { rate, ..rule(Fault::Throttle) }], 42);
            let met = pattern(&mut faults, "Scan", 10_000).into_iter().filter(|met| *met).count();
            assert!((few..=many).contains(&met), "{met} of 10,000 at rate {rate}");
        }
    }

    #[test]
    fn other_calls_in_between_do_not_change_which_calls_are_met() {
        let on = |operation: &str| {
            let on = Some(operation.to_owned());
            FaultRule { on, rate: 0.5, ..rule(Fault::Throttle) }
        };
        let rules = || vec![on("Scan"), on("Query")];
        let mut alone = Faults::new(rules(), 7);
        let expected = pattern(&mut alone, "Scan", 64);
        let mut mixed = Faults::new(rules(), 7);
        let seen: Vec<_> = (0..64)
            .map(|nth| {
                pattern(&mut mixed, "Query", nth % 3);
                !met(&mut mixed, "Scan", "other").is_empty()
            })
            .collect();
        assert_eq!(seen, expected);
        assert!(expected.contains(&true) && expected.contains(&false));
    }

    #[test]
    fn seeds_and_rules_differ_in_the_calls_they_meet() {
        let half = || FaultRule { rate: 0.5, ..rule(Fault::Throttle) };
        let mut first = Faults::new(vec![half()], 1);
        let mut second = Faults::new(vec![half()], 2);
        assert_ne!(pattern(&mut first, "Scan", 64), pattern(&mut second, "Scan", 64));
        let mut both = Faults::new(vec![half(), half()], 1);
        let counts: Vec<_> = (0..64).map(|_| met(&mut both, "Scan", "orders").len()).collect();
        assert!(counts.contains(&1), "two rules that always agree: {counts:?}");
    }

    #[test]
    fn credentials_expire_some_time_after_they_were_first_seen() {
        let expiry = Fault::ExpireCredentials(Duration::from_secs(2));
        let mut faults = Faults::new(vec![rule(expiry.clone())], 1);
        let mut call = |key, now| {
            let (operation, access_key) = ("Scan", Some(key));
            let target = Target { operation, tags: false, tables: &[], access_key };
            plain(faults.meet(target, now))
        };
        assert_eq!(call("AKIA1", 1_000), []);
        assert_eq!(call("AKIA1", 2_999), []);
        assert_eq!(call("AKIA1", 3_000), [expiry]);
        assert_eq!(call("AKIA2", 3_000), []);
    }
}
