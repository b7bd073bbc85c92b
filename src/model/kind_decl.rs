//! Step kinds that the files declare.

use std::sync::Arc;
use std::time::Duration;

use crate::diagnostic::Spanned;

use super::{
    Effect, InputValue, KindScope, KindSpec, ParamSpec, ParamType, RetryCause, RetryPolicy,
};

/// The time for a step of such a kind where nothing says another.
const TIMEOUT: Duration = Duration::from_mins(10);
/// How long such a step is taken to last.
const USUAL: Duration = Duration::from_secs(1);

/// The `step-kind` node.
#[derive(Debug, Clone)]
pub struct KindDecl {
    /// The name after `step-kind`.
    pub name: Spanned<String>,
    /// One sentence for lists.
    pub description: Option<String>,
    /// What runs.
    pub program: KindProgram,
    /// Its parameters, written as properties of `step`.
    pub params: Vec<ParamDecl>,
    /// What it may do.
    pub effect: Effect,
    /// Whether doing it twice is the same as doing it once.
    pub idempotent: bool,
    /// Whether it is given the environment's credentials.
    pub credentials: bool,
    /// Variables: name and value.
    pub env: Vec<(Spanned<String>, Spanned<String>)>,
    /// The time for all attempts together.
    pub timeout: Option<Duration>,
    /// The time for one attempt.
    pub attempt_timeout: Option<Duration>,
    /// Retries, and where they stand.
    pub retry: Option<Spanned<RetryPolicy>>,
    /// What its `on` names.
    pub retry_on: Vec<Spanned<RetryCause>>,
    /// The program and the arguments that take back what it did.
    pub undo: Option<Vec<Spanned<String>>>,
    /// The IAM actions that it needs.
    pub iam: Vec<Spanned<String>>,
}

/// What steps of a kind run.
#[derive(Debug, Clone)]
pub enum KindProgram {
    /// A program and its arguments.
    Exec(Vec<Spanned<String>>),
    /// A program that speaks the plugin protocol.
    Plugin(Spanned<String>),
}

/// The `param` node.
#[derive(Debug, Clone)]
pub struct ParamDecl {
    /// The name after `param`.
    pub name: Spanned<String>,
    /// One sentence.
    pub description: Option<String>,
    /// What values it takes.
    pub ty: ParamType,
    /// Whether a step must have it.
    pub required: bool,
    /// The value where a step has none.
    pub default: Option<Spanned<InputValue>>,
    /// Whether its value names a secret, which the plugin is given on stdin and nobody is shown.
    pub secret: bool,
}

impl ParamDecl {
    /// The parameter of this name is the step's table.
    pub const TABLE: &'static str = "table";

    /// The variable that a program finds its value in: `OSEM_PARAM_BATCH_SIZE`.
    #[must_use]
    pub fn variable(name: &str) -> String {
        format!("OSEM_PARAM_{}", name.to_uppercase().replace('-', "_"))
    }
}

impl KindDecl {
    /// A parameter by name.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&ParamDecl> {
        self.params.iter().find(|param| param.name.value == name)
    }

    /// Whether it is a plugin.
    #[must_use]
    pub const fn is_plugin(&self) -> bool {
        matches!(self.program, KindProgram::Plugin(_))
    }

    /// All texts that may name parameters, the values of variables included.
    pub fn texts(&self) -> impl Iterator<Item = &Spanned<String>> {
        let words = match &self.program {
            KindProgram::Exec(words) => &words[..],
            KindProgram::Plugin(_) => &[],
        };
        let env = self.env.iter().map(|(_, value)| value);
        words.iter().chain(self.undo.iter().flatten()).chain(env)
    }

    /// The facts of the kind.
    #[must_use]
    pub fn spec(self: &Arc<Self>) -> KindSpec {
        let needs_table = self.param(ParamDecl::TABLE).is_some_and(|param| param.required);
        // The table is a word of `step` itself.
        let params = self.params.iter().filter(|param| param.name.value != ParamDecl::TABLE);
        KindSpec {
            outputs: Vec::new(),
            name: self.name.value.clone(),
            summary: self.description.clone().unwrap_or_default(),
            effect: self.effect,
            scope: if needs_table { KindScope::Table } else { KindScope::Either },
            params: params.map(ParamDecl::spec).collect(),
            command: None,
            declared: Some(Arc::clone(self)),
            effect_by: Vec::new(),
            timeout: self.timeout.unwrap_or(TIMEOUT),
            usual: USUAL,
        }
    }
}

impl ParamDecl {
    fn spec(&self) -> ParamSpec {
        ParamSpec {
            name: self.name.value.clone(),
            doc: self.description.clone().unwrap_or_default(),
            ty: self.ty.clone(),
            required: self.required,
            default: self.default.as_ref().map(|value| value.value.to_string()),
        }
    }
}
