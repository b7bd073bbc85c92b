//! What stands in `step`: policy.

use crate::model::RetryClass;

use super::{Context, FLAG, NodeSpec, Once, PropSpec, ValueType, arg, arg_any, arg_some, words};

const STEP: &[Context] = &[Context::Step];
const STEP_OR_KIND: &[Context] = &[Context::Step, Context::StepKind, Context::RollbackStep];
const ANY_STEP: &[Context] =
    &[Context::DefaultsStep, Context::Step, Context::StepKind, Context::RollbackStep];

const WEEK: u64 = 7 * 24 * 3600;
const TIMEOUT: ValueType = ValueType::Duration { min: 1, max: WEEK };
const WEIGHT: ValueType = ValueType::Int { min: 1, max: 10_000 };
const EXIT_CODE: ValueType = ValueType::Int { min: 1, max: 255 };
const DELAY: ValueType = ValueType::Duration { min: 0, max: 24 * 3600 };

pub(super) const NODES: &[NodeSpec] = &[
    NodeSpec {
        args: &[arg_some("steps", ValueType::Text)],
        props: &[PropSpec::new(
            "when",
            words(&["succeeded", "failed", "always"]),
            "what must have become of them",
        )
        .or("succeeded")],
        doc: "The ids of the steps that it waits for, instead of the one written before it. \
            Inside a `for-each`, a bare id is the same table's; from outside it means all. With \
            `when=failed` it starts as soon as one of them has failed, or was not run because of a \
            failure before it, and is left out when all of them succeed. With `when=always` it \
            starts when they have ended. Both start even when that failure stops the run, but \
            neither undoes it. The next step still waits for what stands before these two.",
        default: "the step before it",
        example: "after validate-credentials when=failed",
        ..NodeSpec::new("after", STEP)
    },
    NodeSpec {
        args: &[arg("time", TIMEOUT)],
        props: &[PropSpec::new("attempt", TIMEOUT, "the time for one attempt")],
        doc: "The time for the step, all attempts together.",
        default: "the kind's",
        example: "timeout \"10m\" attempt=\"30s\"",
        ..NodeSpec::new("timeout", ANY_STEP)
    },
    NodeSpec {
        args: &[arg("tries", ValueType::Int { min: 0, max: 100 })],
        props: &[
            PropSpec::new(
                "backoff",
                words(&["none", "fixed", "exponential"]),
                "how the time between tries grows",
            )
            .or("exponential"),
            PropSpec::new("delay", DELAY, "the time before the first try again").or("\"500ms\""),
            PropSpec::new("max-delay", DELAY, "the longest time between tries").or("\"20s\""),
            PropSpec::new(
                "jitter",
                words(&["none", "full", "equal"]),
                "how that time is spread, so that steps do not try again all at once",
            )
            .or("full"),
        ],
        inside: Some(Context::Retry),
        doc: "How often a step is tried again after a failure that may pass.",
        default: "4",
        example: "retry 4 backoff=exponential delay=\"500ms\" max-delay=\"20s\" jitter=full",
        ..NodeSpec::new("retry", ANY_STEP)
    },
    NodeSpec {
        args: FLAG,
        doc: "A failure is reported as tolerated, and what depends on the step goes on.",
        example: "tolerate",
        ..NodeSpec::new("tolerate", STEP)
    },
    NodeSpec {
        args: &[arg_some("steps", ValueType::Text)],
        doc: "The ids of the steps, one of which must have changed something: else the step is left \
            out, and what waits for it goes on. It waits for them. They are named as in `after`; \
            `TASK/STEP` is a step of a needed task.",
        example: "only-if-changed create-table",
        ..NodeSpec::new("only-if-changed", STEP)
    },
    NodeSpec {
        args: &[arg_any("classes", words(RetryClass::WORDS))],
        props: &[PropSpec::new("exit-code", EXIT_CODE, "an exit code of the step's program")],
        once: Once::No,
        doc: "What the step is tried again after, and nothing else. `throttling`: the service limits \
            the rate of calls. `network`: no answer, or it was lost. `timeout`: the attempt took longer \
            than `timeout … attempt=`. `server-error`: the service failed (5xx), or its answer cannot be \
            read. `resource-in-use`: another change of the table has to end first. `not-found`: what was \
            just made is not shown yet. `transient`: all of these, exit code 75 (`EX_TEMPFAIL`), and what \
            a plugin answers `retry` to. Further exit codes are written in further `on`. Throttling and \
            `resource-in-use` use no retry up: they are repeated until the step's time is over. Reads \
            inside an attempt are repeated in any case.",
        default: "on transient",
        example: "on transient exit-code=69",
        ..NodeSpec::new("on", &[Context::Retry])
    },
    NodeSpec {
        args: &[arg("which", words(&["aws"]))],
        doc: "Gives the command the environment's region, endpoint and credentials, in the variables \
            that every AWS SDK reads. Without it the command is given none of them. The emulator's \
            are always given.",
        example: "credentials aws",
        ..NodeSpec::new("credentials", STEP_OR_KIND)
    },
    NodeSpec {
        inside: Some(Context::Rollback),
        doc: "The steps that undo this one, for a step that runs a command: built-in kinds, and a \
            `step-kind` with `undo`, know themselves how they are undone. They run in the order \
            written where the step is undone, also where it failed half-way: they must cope with \
            nothing being there. One that fails ends the rollback of the step. See \
            docs/custom-steps.md.",
        example: "rollback {\n    step exec \"tasks/drop-index\" \"{table.name}\" { timeout \"5m\"; }\n}",
        ..NodeSpec::new("rollback", STEP)
    },
    NodeSpec {
        args: &[arg("kind", ValueType::Name), arg_any("words", ValueType::Text)],
        props: &[PropSpec::new("id", ValueType::Name, "what messages call it").or("the kind")],
        open_props: true,
        inside: Some(Context::RollbackStep),
        once: Once::No,
        doc: "A step that undoes another one: `exec`, `shell` or one of a `step-kind`, with its \
            inputs. Its table is that of the step that it undoes, whose outputs it can read as \
            `{out.STEP.KEY}`, beside those of earlier steps. It starts when the one before it in the \
            block has succeeded.",
        example: "step exec \"tasks/drop-index\" \"{table.name}\" { timeout \"5m\"; }",
        ..NodeSpec::new("step", &[Context::Rollback])
    },
    NodeSpec {
        args: &[arg("name", ValueType::Name)],
        props: &[PropSpec::new("weight", WEIGHT, "how much of the pool it takes").or("1")],
        doc: "The pool that it counts to, from its first attempt to its end, pauses between attempts \
             included. It starts when the pool has room for its weight; a step that waits for that \
             keeps no other step from starting, but lighter ones of the same pool do not overtake it. \
             In `finally`, where steps run one by one, a pool changes nothing.",
        example: "pool indexes weight=2",
        ..NodeSpec::new("pool", STEP)
    },
    NodeSpec {
        args: &[arg("name", ValueType::Text), arg("value", ValueType::Text)],
        once: Once::PerArgument,
        doc: "A variable of the command. Its value may have the placeholders that the arguments of \
            `exec` may have.",
        example: "env TABLE \"{table.name}\"",
        ..NodeSpec::new("env", STEP_OR_KIND)
    },
    NodeSpec {
        args: FLAG,
        doc: "The command has the terminal, alone: it reads what is typed, and writes to the screen. It \
            starts when all steps that are under way have ended, and until it has ended no other one \
            starts. Nothing that it shows is kept or masked. It is run once, without `retry`. Without a \
            terminal, in the background, in CI and with `--json` or `--events -`, a run that comes to it is \
            refused before its first step. Only for `exec`, `shell` and kinds with `exec`.",
        example: "interactive",
        ..NodeSpec::new("interactive", STEP)
    },
];
