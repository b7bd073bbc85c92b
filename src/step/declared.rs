//! Kinds that the files declare: a program with parameters.

use std::sync::Arc;

use crate::model::{Inputs, KindDecl, KindSpec};

use super::{Step, StepKind, command};

/// A `step-kind`.
pub(super) struct Declared(pub(super) Arc<KindDecl>);

impl StepKind for Declared {
    fn spec(&self) -> KindSpec {
        self.0.spec()
    }

    fn prepare(&self, _: &Inputs) -> Arc<dyn Step> {
        Arc::new(command::RunCommand)
    }
}
