//! `environment`.

use std::path::PathBuf;
use std::time::Duration;

use crate::diagnostic::{Diagnostic, Span, Spanned};
use crate::model::{
    AssumeRole, ControlPlane, EmulatorData, EmulatorDecl, EndpointDecl, Environment,
};
use crate::syntax::NodeReader;

use super::{excluded, settings};

pub(super) fn environment(reader: &mut NodeReader<'_>) -> Option<Environment> {
    let name = reader.arg_as(|value| value.name("the name of `environment`"))?;
    let default = reader.prop("default");
    let is_default = default.and_then(|value| reader.sink().take(value.bool("property `default`")));
    let nodes = Nodes::of(reader);
    let table = reader.child("table").map(|mut node| settings::settings(&mut node));
    let mut settings = table.unwrap_or_default();
    settings::tags(reader, &mut settings);
    let environment = Environment {
        region: reader
            .child("region")
            .and_then(|mut node| node.arg_as(|value| value.region("`region`"))),
        account: nodes.account,
        profile: nodes.profile,
        assume_role: nodes.assume_role.map(|role| role.value),
        endpoint: nodes.endpoint.map(|endpoint| endpoint.value),
        emulator: reader.child("emulator").map(|mut node| emulator(&mut node, &name.value)),
        is_default: is_default.unwrap_or(false),
        allow_destroy: nodes.spans.allow_destroy.is_some(),
        protected: nodes.spans.protected.is_some(),
        settings,
        name,
    };
    contradictions(reader, &environment, &nodes.spans);
    Some(environment)
}

/// Children that exclude others, with their places.
struct Nodes {
    account: Option<Spanned<crate::model::AccountId>>,
    profile: Option<Spanned<String>>,
    assume_role: Option<Spanned<AssumeRole>>,
    endpoint: Option<Spanned<EndpointDecl>>,
    spans: Spans,
}

#[derive(Default)]
struct Spans {
    allow_destroy: Option<Span>,
    protected: Option<Span>,
    /// What an emulator excludes: `account` and the like.
    remote: Vec<(&'static str, Span)>,
}

impl Nodes {
    fn of(reader: &mut NodeReader<'_>) -> Self {
        let mut spans = Spans::default();
        let account = child(reader, "account", &mut spans, |node| {
            node.arg_as(|value| value.account("`account`"))
        });
        let profile = child(reader, "profile", &mut spans, |node| {
            let text = node.arg_as(|value| value.string("`profile`"))?;
            Some(text.map(str::to_owned))
        });
        let assume_role = child(reader, "assume-role", &mut spans, assume_role);
        let endpoint = child(reader, "endpoint", &mut spans, endpoint);
        let on = |flag: Option<Spanned<bool>>| flag.filter(|flag| flag.value).map(|flag| flag.span);
        spans.allow_destroy = on(reader.flag("allow-destroy"));
        spans.protected = on(reader.flag("protected"));
        Self { account, profile, assume_role, endpoint, spans }
    }
}

fn child<'a, T>(
    reader: &mut NodeReader<'a>,
    name: &'static str,
    spans: &mut Spans,
    read: impl FnOnce(&mut NodeReader<'a>) -> Option<T>,
) -> Option<T> {
    let mut node = reader.child(name)?;
    spans.remote.push((name, node.span()));
    read(&mut node)
}

fn assume_role(node: &mut NodeReader<'_>) -> Option<Spanned<AssumeRole>> {
    let text = |node: &mut NodeReader<'_>, name: &str| {
        let text = node.prop_as(name, |value| value.string(&format!("property `{name}`")))?;
        Some(text.value.to_owned())
    };
    let external_id = text(node, "external-id");
    let session_name = text(node, "session-name");
    let (min, max) = (Duration::from_mins(15), Duration::from_hours(12));
    let duration =
        |value: crate::syntax::Value<'_>| value.duration("property `duration`", min, max);
    let duration = node.prop_as("duration", duration);
    let arn = node.arg_as(|value| value.role_arn("`assume-role`"))?;
    let span = arn.span;
    Some(Spanned::new(AssumeRole { arn, external_id, session_name, duration }, span))
}

fn endpoint(node: &mut NodeReader<'_>) -> Option<Spanned<EndpointDecl>> {
    let sts = node.prop_as("sts", |value| value.url("property `sts`"));
    let url = node.arg_as(|value| value.url("`endpoint`"))?;
    let span = url.span;
    Some(Spanned::new(EndpointDecl { url, sts }, span))
}

fn emulator(node: &mut NodeReader<'_>, environment: &str) -> EmulatorDecl {
    let span = node.span();
    let memory = node.arg();
    let word =
        memory.and_then(|value| node.sink().take(value.word("`emulator`", &["memory"], &[])));
    let file = node.prop("data");
    if let (Some(memory), Some(file)) = (memory, file) {
        let problem = excluded(("`memory`", memory.span()), ("the property `data`", file.whole()));
        node.sink().push(problem);
    }
    let path = file.and_then(|value| node.sink().take(value.path("property `data`")));
    let standard = || PathBuf::from(format!(".osem/{environment}.db"));
    let data = match word {
        Some(_) => EmulatorData::Memory,
        None => EmulatorData::File(path.map_or_else(standard, |path| path.value)),
    };
    EmulatorDecl { span, data, control_plane: ControlPlane::Instant }
}

fn contradictions(reader: &NodeReader<'_>, environment: &Environment, spans: &Spans) {
    let emulator = environment.emulator.as_ref().map(|emulator| ("`emulator`", emulator.span));
    if let Some(emulator) = emulator {
        for (name, span) in &spans.remote {
            reader.sink().push(excluded(emulator, (&format!("`{name}`"), *span)));
        }
    }
    if let Some(protected) = spans.protected {
        let protected = ("`protected`", protected);
        let destroy = spans.allow_destroy.map(|span| ("`allow-destroy`", span));
        for other in [destroy, emulator].into_iter().flatten() {
            reader.sink().push(excluded(protected, other));
        }
        if environment.account.is_none() && emulator.is_none() {
            let message = "a protected environment needs `account`";
            let problem = Diagnostic::error("osem::missing", message)
                .label(protected.1, "protected here")
                .help("example: account \"012345678901\"");
            reader.sink().push(problem);
        }
    }
    foreign_role(reader, environment);
}

/// The credentials of a role belong to the role's account, so another `account` never matches.
fn foreign_role(reader: &NodeReader<'_>, environment: &Environment) {
    let (Some(role), Some(account)) = (&environment.assume_role, &environment.account) else {
        return;
    };
    let owner = role.arn.value.split(':').nth(4).unwrap_or_default();
    if owner != account.value.as_str() {
        let message = format!("the role belongs to account {owner}, not to {}", account.value);
        let problem = Diagnostic::error("osem::account", message)
            .label(role.arn.span, "this role")
            .label(account.span, "the environment's account");
        reader.sink().push(problem);
    }
}
