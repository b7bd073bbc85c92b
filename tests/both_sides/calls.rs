//! The calls that a plan prints, and those that are made.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::harness::{Project, Relay, Run, Simulator, say};

use super::edits::Edit;
use super::{project, seeds, simulator};

#[test]
fn the_calls_that_a_plan_prints_are_the_calls_that_are_made_whatever_is_edited() {
    let groups = seeds(12);
    let made: usize = thread::scope(|scope| {
        let halves = groups.chunks(groups.len().div_ceil(2));
        let halves: Vec<_> = halves
            .map(|groups| scope.spawn(|| groups.iter().map(|seeds| group(seeds)).sum::<usize>()))
            .collect();
        halves.into_iter().map(|half| half.join().unwrap_or_else(|_| panic!("see above"))).sum()
    });
    let edits: usize = groups.iter().map(Vec::len).sum();
    say(&format!("{edits} random edits took {made} calls, each as planned"));
    assert!(made > 0);
}

/// Calls with their requests, of each table in their order.
type Calls = BTreeMap<String, Vec<(String, Value)>>;

/// What is between osem and a table, and where both are written down.
struct Place<'a> {
    simulator: &'a Simulator,
    flags: Vec<String>,
    edits: &'a [Edit],
}

/// Tables that share a server; how many calls their edits took.
fn group(seeds: &[u64]) -> usize {
    let edits: Vec<Edit> = seeds.iter().map(|seed| Edit::random(*seed)).collect();
    let simulator = simulator();
    let before = project(edits.iter().map(|edit| &edit.before));
    let mut place = Place { simulator: &simulator, flags: Vec::new(), edits: &edits };
    let new = place.carry_out(&before, &place.planned(&before));
    assert!(new.values().all(|calls| calls[0].0 == "CreateTable"), "{new:#?}");
    place.expect_done(&before);

    // Over are the times in which the service does not take another change of the same kind.
    simulator.advance("2h");
    place.flags = edits.iter().flat_map(Edit::flags).collect();
    let after = project(edits.iter().map(|edit| &edit.after));
    let planned = place.planned(&after);
    let mut made = place.carry_out(&after, &planned);
    if made.values().flatten().count() < planned.values().flatten().count() {
        simulator.advance("1h");
        for (table, calls) in place.carry_out(&after, &place.planned(&after)) {
            made.entry(table).or_default().extend(calls);
        }
    }
    place.expect_same("calls over both runs", &made, &planned);
    place.expect_done(&after);
    made.values().map(Vec::len).sum()
}

impl Place<'_> {
    fn osem(&self, project: &Project, line: &str) -> Run {
        let run = project.osem(line).args(["--strict"]).patience(Duration::from_mins(5));
        let flags = if line.starts_with("verify") { &[][..] } else { &self.flags };
        run.args(flags)
    }

    fn planned(&self, project: &Project) -> Calls {
        let plan = self.osem(project, "plan").args(["--endpoint-url", &self.simulator.url]);
        let plan = plan.json(0);
        let mut calls = Calls::new();
        for change in plan["data"]["changes"].as_array().unwrap() {
            let call = (change["call"].as_str().unwrap().to_owned(), change["request"].clone());
            calls.entry(change["tableName"].as_str().unwrap().to_owned()).or_default().push(call);
        }
        calls
    }

    /// Runs `setup`, which must make these calls. It ends well, but where time to live gets another
    /// attribute so soon that the service refuses: then the calls from there on are left.
    fn carry_out(&self, project: &Project, planned: &Calls) -> Calls {
        let last = self.simulator.calls(0).last().map_or(0, |call| call["n"].as_u64().unwrap());
        let relay = Relay::to(&self.simulator.url, |_, _| {});
        let run = self.osem(project, "setup --confirm dev").args(["--endpoint-url", relay.url()]);
        let outcome = run.output();
        let mut made = Calls::new();
        for (call, mut request) in relay.sent() {
            let table = table_of(&request);
            if call == "TagResource" || call == "UntagResource" {
                // The plan names the table by its name.
                request.as_object_mut().unwrap().remove("ResourceArn").unwrap();
            }
            made.entry(table).or_default().push((call, request));
        }
        let mut expected = planned.clone();
        for (table, calls) in &mut expected {
            let halted =
                phased(calls).filter(|end| made.get(table).is_some_and(|made| made.len() == *end));
            calls.truncate(halted.unwrap_or(calls.len()));
        }
        let code = if expected == *planned { 0 } else { 2 };
        self.expect_same("calls", &made, &expected);
        assert_eq!(outcome.code(), Some(code), "{outcome}\n{}", self.all_told());
        self.expect_logged(last, &made);
        made
    }

    /// The server must have written down the same.
    fn expect_logged(&self, last: u64, made: &Calls) {
        let mut logged: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let calls = self.simulator.calls(last);
        assert!(calls.len() < 10_000, "the log may have lost some");
        for call in calls {
            let operation = call["operation"].as_str().unwrap();
            let reads = ["Describe", "List", "Get"].iter().any(|verb| operation.starts_with(verb));
            if !reads && call["outcome"] == "applied" {
                let table = call["table"].as_str().unwrap().to_owned();
                logged.entry(table).or_default().push(operation.to_owned());
            }
        }
        let names = |calls: &[(String, Value)]| -> Vec<String> {
            calls.iter().map(|(call, _)| call.clone()).collect()
        };
        let made: BTreeMap<String, Vec<String>> =
            made.iter().map(|(table, calls)| (table.clone(), names(calls))).collect();
        assert_eq!(logged, made);
    }

    fn expect_same(&self, what: &str, made: &Calls, planned: &Calls) {
        let shown = |calls: &Calls, table: &str| {
            let calls = calls.get(table).map(Vec::as_slice).unwrap_or_default();
            let lines = calls.iter().map(|(call, request)| format!("{call} {request}"));
            lines.collect::<Vec<_>>().join("\n")
        };
        let mut differ = String::new();
        for table in made.keys().chain(planned.keys()).collect::<BTreeSet<_>>() {
            let (made, planned) = (shown(made, table), shown(planned, table));
            if made != planned {
                let told = self.told(table);
                let _ = write!(differ, "{told}{what} made:\n{made}\nplanned:\n{planned}\n\n");
            }
        }
        assert!(differ.is_empty(), "{differ}");
    }

    /// `verify` finds nothing, and there is nothing left to do.
    fn expect_done(&self, project: &Project) {
        let verify = self.osem(project, "verify").args(["--endpoint-url", &self.simulator.url]);
        let outcome = verify.args(["--json"]).output();
        assert_eq!(outcome.code(), Some(0), "{outcome}\n{}", self.all_told());
        let left = self.planned(project);
        if let Some((table, calls)) = left.first_key_value() {
            panic!("left: {calls:#?}\n{}", self.told(table));
        }
    }

    /// The edit of a table, to repeat it.
    fn told(&self, table: &str) -> String {
        let edit = self.edits.iter().find(|edit| edit.before.full_name() == table).unwrap();
        let (before, after) = (edit.before.text(), edit.after.text());
        format!("OSEM_TEST_SEED={}\nbefore:\n{before}after:\n{after}", edit.seed)
    }

    fn all_told(&self) -> String {
        self.edits.iter().map(|edit| self.told(&edit.before.full_name())).collect()
    }
}

/// Where a change of two phases ends its first one.
fn phased(calls: &[(String, Value)]) -> Option<usize> {
    let of_ttl = |(call, _): &(String, Value)| call == "UpdateTimeToLive";
    let first = calls.iter().position(of_ttl)?;
    calls.get(first + 1).is_some_and(of_ttl).then_some(first + 1)
}

/// The table that a request is about.
fn table_of(request: &Value) -> String {
    let arn = || request["ResourceArn"].as_str()?.rsplit('/').next();
    request["TableName"].as_str().or_else(arn).unwrap().to_owned()
}
