//! `validate-credentials`: reports who the credentials belong to.
//!
//! The checks themselves (credentials, account, region) run in `aws::connect`, before any step of
//! any task; this step puts their result into the record of the run.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::model::{Effect, Failure, Inputs, KindScope, KindSpec};

use super::{
    Fact, Permission, PermissionScope, Permissions, Preview, Resource, Step, StepContext,
    StepError, StepKind, StepSuccess, kind,
};

pub(super) struct ValidateCredentials;

impl StepKind for ValidateCredentials {
    fn spec(&self) -> KindSpec {
        let spec = kind::spec(
            "validate-credentials",
            "Report the account and principal that the credentials belong to",
            Effect::Read,
            KindScope::Environment,
            (30, 50),
        );
        let outputs = [
            ("account", "the account, where one answers"),
            ("arn", "the principal, where one answers"),
        ];
        KindSpec { outputs: kind::outputs(&outputs), ..spec }
    }

    fn prepare(&self, _: &Inputs) -> Arc<dyn Step> {
        Arc::new(Self)
    }
}

impl Step for ValidateCredentials {
    fn preview<'a>(&'a self, _: &'a StepContext) -> BoxFuture<'a, Result<Preview, Failure>> {
        async { Ok(Preview::default()) }.boxed()
    }

    fn execute<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<StepSuccess, StepError>> {
        async move {
            let facts = &cx.facts;
            let identity = facts.identity.as_ref();
            let message = identity.map_or_else(
                || format!("{}, credentials: {}", facts.endpoint, facts.credential_source),
                |who| format!("{} in account {}", who.arn, who.account),
            );
            let account = identity.map(|who| who.account.clone());
            let arn = identity.map(|who| who.arn.clone());
            let success = StepSuccess::unchanged(message);
            let success = success.output("account", account.clone()).output("arn", arn.clone());
            let source = facts.credential_source.clone();
            Ok(success.fact(Fact::Identity { account, arn, source }))
        }
        .boxed()
    }

    fn permissions(&self, _: &PermissionScope<'_>) -> Option<Permissions> {
        // Every run asks this before its first step; here it is only told.
        let asked = Permission::new("sts:GetCallerIdentity", Resource::All);
        Some(Permissions::of_run(vec![asked]))
    }
}
