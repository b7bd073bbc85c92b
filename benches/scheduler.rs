//! What the engine itself costs: steps that do nothing, in graphs of several shapes, through the real
//! loop.
//!
//! `cargo bench --bench scheduler` prints the time of a whole run, and then, on Linux, what a run takes
//! of the processor and adds to the memory of a process of its own, which holds the plan already.

#![expect(clippy::print_stdout, reason = "the figures are for whoever runs this")]

use std::process::Command;
use std::sync::Arc;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use futures::FutureExt;
use futures::future::BoxFuture;
use osem::diagnostic::{Sources, Span};
use osem::model::{Failure, StepId, When};
use osem::plan::{Plan, PlanNode, PlannedStep};
use osem::run::{Bounds, RunContext, RunSummary, execute};
use osem::step::{Preview, Step, StepContext, StepError, StepSuccess};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
const SHAPES: [(&str, Shape); 3] = [("chain", chain), ("fan-out", fan_out), ("layers", layers)];
/// Names the shape that a process of its own measures.
const SHAPE: &str = "OSEM_BENCH_SHAPE";

type Edges = Vec<(usize, usize, When)>;
type Shape = fn(usize) -> Edges;

struct Nothing;

impl Step for Nothing {
    fn preview<'a>(&'a self, _: &'a StepContext) -> BoxFuture<'a, Result<Preview, Failure>> {
        async { Ok(Preview::default()) }.boxed()
    }

    fn execute<'a>(&'a self, _: &'a StepContext) -> BoxFuture<'a, Result<StepSuccess, StepError>> {
        async { Ok(StepSuccess::unchanged("")) }.boxed()
    }
}

/// Each after the one before.
fn chain(steps: usize) -> Edges {
    (1..steps).map(|step| (step - 1, step, When::Succeeded)).collect()
}

/// One, then all others.
fn fan_out(steps: usize) -> Edges {
    (1..steps).map(|step| (0, step, When::Succeeded)).collect()
}

/// Layers of a hundred, each step after three random ones of the layer before.
fn layers(steps: usize) -> Edges {
    let mut random = fastrand::Rng::with_seed(1);
    let mut edges = Edges::new();
    for step in 100..steps {
        let layer = (step / 100 - 1) * 100;
        edges.extend((0..3).map(|_| (layer + random.usize(..100), step, When::Succeeded)));
    }
    edges
}

fn plan(steps: usize, edges: Shape) -> Plan {
    let span = Span { file: Sources::default().add("bench", ""), start: 0, end: 0 };
    let nothing: Arc<dyn Step> = Arc::new(Nothing);
    let node = |step| {
        let id = StepId::new(&format!("step-{step}"), None);
        PlanNode::Step(Box::new(PlannedStep::of(id, "nothing", Arc::clone(&nothing), span)))
    };
    Plan::of_nodes((0..steps).map(node).collect(), &edges(steps))
}

fn context() -> RunContext {
    RunContext::unconnected(Arc::new(drop))
}

fn run(plan: &Plan, context: &RunContext) -> RunSummary {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("a runtime of one thread needs nothing");
    let bounds = Bounds { jobs: 8, max_fail: None, timeout: None };
    let summary = runtime.block_on(execute(plan, context, bounds));
    assert_eq!(summary.exit_code(true), 0, "steps that do nothing succeed");
    summary
}

fn measure_time(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("steps that do nothing");
    for (shape, edges) in SHAPES {
        for steps in SIZES {
            let (plan, context) = (plan(steps, edges), context());
            group.throughput(Throughput::Elements(steps as u64)).sample_size(10);
            group.bench_function(BenchmarkId::new(shape, steps), |bencher| {
                bencher.iter_batched(|| (), |()| run(&plan, &context), BatchSize::PerIteration);
            });
        }
    }
    group.finish();
}

/// The most memory that this process had resident so far, in bytes; `None` where nobody says.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// The processor time of this process so far, in microseconds; `None` where nobody says.
fn processor_time() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // After the name of the program, which may hold anything: user and system time in hundredths.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut hundredths = || fields.next()?.parse::<u64>().ok();
    Some((hundredths()? + hundredths()?) * 10_000)
}

fn measure_process(shape: &str, edges: Shape) {
    let steps = SIZES[2];
    // What is there once for each process is no cost of a step.
    drop(run(&plan(10, edges), &context()));
    let (plan, context) = (plan(steps, edges), context());
    let before = (peak_memory(), processor_time());
    let summary = run(&plan, &context);
    let after = (peak_memory(), processor_time());
    assert_eq!(summary.results.len(), steps);
    let (Some(memory), Some(memory_before)) = (after.0, before.0) else {
        println!("{shape}: this system does not tell a process what it takes");
        return;
    };
    let bytes = (memory - memory_before) / steps as u64;
    let nanos = after.1.zip(before.1).map(|(after, before)| (after - before) * 1_000);
    let nanos = nanos.unwrap_or_default() / steps as u64;
    println!("{shape}, {steps} steps: {nanos} ns and {bytes} bytes a step, results included");
}

fn main() {
    if let Ok(wanted) = std::env::var(SHAPE) {
        for (shape, edges) in SHAPES.iter().filter(|(shape, _)| *shape == wanted) {
            measure_process(shape, *edges);
        }
        return;
    }
    let mut criterion = Criterion::default().configure_from_args();
    measure_time(&mut criterion);
    criterion.final_summary();
    let this = std::env::current_exe().expect("a running program has a file");
    for (shape, _) in SHAPES {
        let measured = Command::new(&this).env(SHAPE, shape).status();
        assert!(measured.expect("this program can be run again").success());
    }
}
