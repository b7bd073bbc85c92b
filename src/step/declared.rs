//! Kinds that the files declare: a program with parameters.

use std::sync::Arc;

use crate::model::{Inputs, KindDecl, KindSpec};

use super::{Step, StepKind, command, plugin};

/// A `step-kind`.
pub(super) struct Declared(pub(super) Arc<KindDecl>);

impl StepKind for Declared {
    fn spec(&self) -> KindSpec {
        self.0.spec()
    }

    fn prepare(&self, _: &Inputs) -> Arc<dyn Step> {
        if self.0.is_plugin() {
            return Arc::new(plugin::RunPlugin(Arc::clone(&self.0)));
        }
        Arc::new(command::RunCommand)
    }
}
