//! A chain that is as long as any: nothing on its way recurses, and nothing is quadratic.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::model::{Effect, Failure, Inputs, KindScope, KindSpec};
use crate::plan::{self, PlanOptions};
use crate::step::{Preview, Registry, Step, StepContext, StepError, StepKind, StepSuccess};

use super::testing::context;
use super::{Bounds, execute};

/// Steps that only count.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicUsize>);

impl StepKind for Counting {
    fn spec(&self) -> KindSpec {
        KindSpec {
            name: "count".to_owned(),
            summary: "Counts how often it runs".to_owned(),
            effect: Effect::Read,
            scope: KindScope::Table,
            params: Vec::new(),
            effect_by: Vec::new(),
            outputs: Vec::new(),
            command: None,
            declared: None,
            timeout: Duration::from_mins(1),
            usual: Duration::from_secs(1),
        }
    }

    fn prepare(&self, _: &Inputs) -> Arc<dyn Step> {
        Arc::new(self.clone())
    }
}

impl Step for Counting {
    fn preview<'a>(&'a self, _: &'a StepContext) -> BoxFuture<'a, Result<Preview, Failure>> {
        async { Ok(Preview::default()) }.boxed()
    }

    fn execute<'a>(&'a self, _: &'a StepContext) -> BoxFuture<'a, Result<StepSuccess, StepError>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        async { Ok(StepSuccess::unchanged("counted")) }.boxed()
    }
}

/// Tables behind each other, each with so many steps.
fn chain(tables: usize, steps: usize) -> String {
    let mut text = "osem 1\nproject p\nenvironment local default=#true { emulator; }\n".to_owned();
    for table in 0..tables {
        writeln!(text, "table T{table} hash=id").unwrap();
    }
    text.push_str("task t { for-each table { serial\n");
    for step in 0..steps {
        writeln!(text, "step count id=s{step}").unwrap();
    }
    text + "}; }\n"
}

#[tokio::test]
async fn a_chain_of_a_hundred_thousand_steps_is_planned_and_carried_out() {
    let counting = Counting::default();
    let registry = Registry::built_in().with(Arc::new(counting.clone())).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("osem.kdl");
    std::fs::write(&file, chain(1_000, 100)).unwrap();
    let config = crate::config::load(&file, &registry.catalog()).unwrap();
    let (task, environment) = (config.task("t").unwrap(), config.environment("local").unwrap());
    let options = PlanOptions { region: "us-east-1", ..PlanOptions::default() };
    let plan = plan::build(&config, &registry, task, environment, options).unwrap();
    let (run, _) = context();
    let summary = execute(&plan, &run, Bounds { jobs: 8, max_fail: None, timeout: None }).await;
    assert_eq!(counting.0.load(Ordering::Relaxed), 100_000);
    assert_eq!((summary.results.len(), summary.exit_code(true)), (100_000, 0));
}
