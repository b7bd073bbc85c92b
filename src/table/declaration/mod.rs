//! A live table as the node that declares it.
//!
//! What the table inherits from its project and has is left out, and so is what a new table has
//! anyway. What it inherits and does not have is said, with `#false` where it is off. A setting that
//! the environment itself declares is said in a block of that environment, which has the last word.
//! Whether the node really means the table is not decided here: that is for [`diff()`](super::diff())
//! to say, once the files were read with it.

mod settings;
mod vector;

use crate::config::Inherited;
use crate::model::{
    Billing, Features, IndexKind, IndexState, KeyAttribute, KeySchema, Projection, ScalarType,
    Setting, TableState, Tags, Throughput, without_placeholders,
};
use crate::syntax::write::{Written, value};

use super::setting::{self, Live};

use settings::{ceilings, is_said, live_settings, positive, raised, setting_node};

/// A live table, as far as it was read.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// Its description.
    pub state: &'a TableState,
    /// Its settings that have calls of their own.
    pub features: &'a Features,
    /// Its tags; `None` where they were not read.
    pub tags: Option<&'a Tags>,
}

/// Where a table is declared, and what it has there without saying it.
#[derive(Debug, Clone, Copy)]
pub struct Home<'a> {
    /// The name after `table`.
    pub declared: &'a str,
    /// The environment that the live table belongs to.
    pub environment: &'a str,
    /// What the table inherits there.
    pub inherited: &'a Inherited,
    /// The file that a policy can be written to, as the node names it.
    pub policy_file: Option<&'a str>,
}

/// The text that declares a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// The node, whole lines.
    pub text: String,
    /// The policy that it names by a file.
    pub policy: Option<String>,
    /// What the table has and the node does not say, in words.
    pub left_out: Vec<String>,
}

/// The node for a live table.
#[must_use]
pub fn declaration(home: Home<'_>, found: Found<'_>) -> Declaration {
    let mut writer = Writer {
        home,
        found,
        own: Vec::new(),
        here: Vec::new(),
        policy: None,
        left_out: Vec::new(),
    };
    writer.indexes();
    writer.vector_indexes();
    writer.billing();
    for setting in live_settings(found) {
        writer.setting(&setting);
    }
    writer.tags();
    writer.beyond();
    writer.finish()
}

struct Writer<'a> {
    home: Home<'a>,
    found: Found<'a>,
    /// Children of the table.
    own: Vec<Written>,
    /// Children of its block for the environment.
    here: Vec<Written>,
    policy: Option<String>,
    left_out: Vec<String>,
}

impl Writer<'_> {
    fn indexes(&mut self) {
        let mut indexes: Vec<&IndexState> = self.found.state.indexes.iter().collect();
        indexes.sort_by_key(|index| (index.kind == IndexKind::Local, &index.name));
        for index in indexes {
            let written = self.index(index);
            self.own.push(written);
        }
    }

    fn index(&self, index: &IndexState) -> Written {
        let state = self.found.state;
        let mut node = match index.kind {
            IndexKind::Global => {
                key(Written::node("gsi").arg(&index.name), "hash", &index.keys.hash)
            }
            IndexKind::Local => Written::node("lsi").arg(&index.name),
        };
        node = key(node, "range", &index.keys.range);
        let mut children = key_nodes(index);
        let (projected, include) = self.projected(node, &index.projection);
        node = projected;
        children.extend(include);
        if index.kind == IndexKind::Global {
            children.extend(
                index.throughput.map(|units| capacity(Written::node("provisioned"), units)),
            );
            let insights = self.found.features.insights.get(&index.name).copied().flatten();
            let settings = [
                Setting::OnDemandMax(ceilings(state, index.on_demand_max)),
                Setting::WarmThroughput(raised(index.warm, index.throughput)),
                Setting::ContributorInsights(insights),
            ];
            children.extend(settings.iter().filter(|own| is_said(own)).map(setting_node));
        }
        node.with(children)
    }

    /// The node of an index with its projection, where it has another one than by default, and the
    /// child that lists attributes.
    fn projected(&self, node: Written, projection: &Projection) -> (Written, Option<Written>) {
        let by_default = self.home.inherited.projection.as_ref().unwrap_or(&Projection::All);
        match projection {
            own if own == by_default => (node, None),
            Projection::All => (node.raw("projection=all"), None),
            Projection::KeysOnly => (node.raw("projection=keys-only"), None),
            Projection::Include(names) => {
                let include = Written::node("include");
                let mut include = names.iter().fold(include, |node, name| node.arg(name));
                if names.is_empty() {
                    // The service does not echo keys that were named.
                    let keys = self.found.state.keys.hash.iter();
                    include = keys.fold(include, |node, key| node.arg(&key.name));
                }
                (node.raw("projection=include"), Some(include))
            }
        }
    }

    fn billing(&mut self) {
        let state = self.found.state;
        let is_met = match self.home.inherited.billing {
            None | Some(Billing::PayPerRequest) => state.pay_per_request,
            Some(Billing::Provisioned { throughput, autoscaled }) => {
                !state.pay_per_request && (autoscaled || state.throughput == Some(throughput))
            }
        };
        if is_met {
            return;
        }
        let node = match state.throughput.filter(|_| !state.pay_per_request) {
            Some(throughput) => capacity(Written::node("billing").raw("provisioned"), throughput),
            None => Written::node("billing").raw("pay-per-request"),
        };
        self.place("billing", node);
    }

    /// One setting, as it is live.
    fn setting(&mut self, live: &Setting) {
        let of = Live { state: self.found.state, features: self.found.features, index: None };
        let mut inherited = self.home.inherited.settings.iter();
        let inherited = inherited.find(|own| own.node() == live.node());
        let wanted = match inherited {
            Some(inherited) => setting::difference(inherited, of).is_some(),
            None => is_said(live),
        };
        if !wanted {
            return;
        }
        if let Setting::ResourcePolicy(Some(policy)) = live {
            return self.policy(policy, inherited.is_some());
        }
        let mut live = live.clone();
        if let (Setting::WarmThroughput(floor), Some(_)) = (&mut live, inherited) {
            // The inherited one is more than what is there.
            *floor = positive(self.found.state.warm.unwrap_or_default());
            if floor.is_open() {
                return;
            }
        }
        let node = setting_node(&live);
        self.place(live.node(), node);
    }

    fn policy(&mut self, policy: &str, is_inherited: bool) {
        let Some(file) = self.home.policy_file else {
            let without = if is_inherited { "another one than it inherits" } else { "not managed" };
            self.left_out.push(format!("its resource-policy ({without}); --out FILE writes it"));
            return;
        };
        if !is_usable(policy) {
            self.left_out.push("its resource-policy, which has no Version or Statement".to_owned());
            return;
        }
        self.policy = Some(policy.to_owned());
        let node = Written::node("resource-policy").raw(&format!("file={}", quoted(file)));
        self.place("resource-policy", node);
    }

    fn tags(&mut self) {
        let Some(live) = self.found.tags else { return };
        let inherited = self.home.inherited;
        for (key, value) in
            live.iter().filter(|(key, value)| inherited.tags.get(*key) != Some(*value))
        {
            let text = without_placeholders(value);
            self.tag(key, Written::node("tag").arg(key).arg(&text));
        }
        for key in inherited.tags.keys().filter(|key| !live.contains_key(*key)) {
            self.tag(key, Written::node("tag").arg(key).raw("#false"));
        }
    }

    fn tag(&mut self, key: &str, node: Written) {
        let of_environment = self.home.inherited.tags_of_environment.contains(key);
        if of_environment { self.here.push(node) } else { self.own.push(node) }
    }

    /// What no node of this version says.
    fn beyond(&mut self) {
        let Found { state, features, .. } = self.found;
        if !state.replicas.is_empty() {
            self.left_out.push(format!("its replicas in {}", state.replicas.join(", ")));
        }
        if let Some(streams) = features.kinesis.as_ref().filter(|streams| streams.len() > 1) {
            let arns: Vec<&str> = streams.iter().map(|stream| stream.arn.as_str()).collect();
            self.left_out
                .push(format!("its Kinesis streams, of which a file has one: {}", arns.join(", ")));
        }
    }

    fn place(&mut self, name: &str, node: Written) {
        let of_environment = self.home.inherited.nodes_of_environment.contains(name);
        if of_environment { self.here.push(node) } else { self.own.push(node) }
    }

    fn finish(self) -> Declaration {
        let KeySchema { hash, range } = &self.found.state.keys;
        let table = Written::node("table").arg(self.home.declared);
        let table = key(key(table, "hash", hash), "range", range).with(self.own);
        let here = Written::node("in").arg(self.home.environment);
        let here = (!self.here.is_empty()).then(|| here.with(self.here));
        Declaration {
            text: table.with(here).to_text(),
            policy: self.policy,
            left_out: self.left_out,
        }
    }
}

/// One half of a key as a property; a half of several attributes is a child.
fn key(node: Written, half: &str, attributes: &[KeyAttribute]) -> Written {
    match attributes {
        [one] => node.raw(&format!("{half}={}", attribute(one))),
        _ => node,
    }
}

/// The halves of a key that have several attributes.
fn key_nodes(index: &IndexState) -> Vec<Written> {
    let halves = [("hash", &index.keys.hash), ("range", &index.keys.range)];
    let several = halves.into_iter().filter(|(_, attributes)| attributes.len() > 1);
    let all = several.map(|(half, attributes)| {
        attributes.iter().fold(Written::node(half), |node, one| node.raw(&attribute(one)))
    });
    all.filter(|_| index.kind == IndexKind::Global).collect()
}

fn attribute(KeyAttribute { name, ty }: &KeyAttribute) -> String {
    let name = value(name);
    if *ty == ScalarType::S { name } else { format!("({ty}){name}") }
}

fn capacity(node: Written, Throughput { read, write }: Throughput) -> Written {
    node.number("read", Some(read)).number("write", Some(write))
}

fn quoted(path: &str) -> String {
    let written = value(path);
    if written.starts_with('"') { written } else { format!("\"{written}\"") }
}

/// Whether a policy has what its file must have.
fn is_usable(policy: &str) -> bool {
    let document: Option<serde_json::Value> = serde_json::from_str(policy).ok();
    document
        .is_some_and(|policy| policy["Version"].is_string() && policy.get("Statement").is_some())
}

#[cfg(test)]
mod tests;
