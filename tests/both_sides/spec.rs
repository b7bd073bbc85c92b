//! Random tables, as a file declares them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use fastrand::Rng;

/// A declared table.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) name: String,
    /// Whether it has a sort key.
    pub(super) sorted: bool,
    pub(super) locals: BTreeMap<String, Index>,
    pub(super) globals: BTreeMap<String, Index>,
    /// What stands after the name of each vector index; only edits have some, and only on demand.
    pub(super) vectors: BTreeMap<String, &'static str>,
    pub(super) billing: Billing,
    /// What stands after the node of each setting.
    pub(super) settings: Settings,
    /// `None` declares that a tag is not there.
    pub(super) tags: BTreeMap<String, Option<String>>,
}

pub(super) type Settings = BTreeMap<&'static str, String>;

/// How a table is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Billing {
    /// On demand, and the file says nothing of it.
    Undeclared,
    OnDemand,
    Provisioned {
        units: (u64, u64),
        autoscaled: bool,
    },
}

/// A declared index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) keys: &'static str,
    /// `None` is all; an empty set is the keys only.
    pub(super) projection: Option<BTreeSet<&'static str>>,
    pub(super) units: (u64, u64),
    pub(super) settings: Settings,
}

/// The settings of a table, and those that an index has too.
pub(super) const SETTINGS: [&str; 12] = [
    "on-demand-max",
    "stream",
    "class",
    "encryption",
    "warm-throughput",
    "ttl",
    "point-in-time-recovery",
    "contributor-insights",
    "kinesis-stream",
    "resource-policy",
    "disassociation-protection",
    "deletion-protection",
];
pub(super) const OF_INDEX: [&str; 3] = ["on-demand-max", "warm-throughput", "contributor-insights"];

/// An attribute has one type in all keys of a table.
const GLOBAL_KEYS: [&str; 6] = [
    "hash=team",
    "hash=team range=(N)hour",
    "hash=day range=(N)amount",
    "hash=(B)blob",
    "hash=(N)amount range=team",
    "hash=day range=(B)blob",
];
const LOCAL_KEYS: [&str; 3] = ["range=day", "range=(N)amount", "range=(B)blob"];
const CARRIED: [&str; 4] = ["colour", "height", "weight", "width"];

/// Vectors in one attribute have one length.
const VECTORS: [&str; 4] = [
    "attribute=near dimensions=3",
    "attribute=near dimensions=3 distance=euclidean { hash team; filter (N)amount day; }",
    "attribute=far dimensions=2 distance=dot-product projection=keys-only",
    "attribute=far dimensions=2 projection=include { include colour team; filter day; }",
];

impl Table {
    /// The table of a seed.
    pub(super) fn random(seed: u64, rng: &mut Rng) -> Self {
        let sorted = rng.bool();
        let billing = match rng.u8(..4) {
            0 => Billing::Undeclared,
            1 | 2 => Billing::OnDemand,
            _ => provisioned(rng),
        };
        let mut table = Self {
            name: format!("T{seed}"),
            sorted,
            locals: BTreeMap::new(),
            globals: BTreeMap::new(),
            vectors: BTreeMap::new(),
            billing,
            settings: Settings::new(),
            tags: BTreeMap::new(),
        };
        for number in 0..if sorted { rng.usize(..3) } else { 0 } {
            let keys = LOCAL_KEYS[rng.usize(..LOCAL_KEYS.len())];
            let index = Index { settings: Settings::new(), ..Index::random(rng, true, keys) };
            table.locals.insert(format!("local-{number}"), index);
        }
        for number in 0..rng.usize(..4) {
            table.globals.insert(format!("global-{number}"), table.random_global(rng));
        }
        for node in SETTINGS {
            if rng.u8(..3) == 0 {
                table.settings.insert(node, value(rng, node, table.on_demand()));
            }
        }
        for key in ["Owner", "Cost Centre", "stage"] {
            if rng.u8(..3) == 0 {
                table.tags.insert(key.to_owned(), tag_value(rng));
            }
        }
        table
    }

    pub(super) fn random_global(&self, rng: &mut Rng) -> Index {
        let keys = GLOBAL_KEYS[rng.usize(..GLOBAL_KEYS.len())];
        Index::random(rng, self.on_demand(), keys)
    }

    /// Up to two vector indexes, made with the table: the engine takes 15 seconds for one later.
    pub(super) fn add_vectors(&mut self, rng: &mut Rng) {
        for number in 0..if self.on_demand() { rng.usize(..3) } else { 0 } {
            self.vectors.insert(format!("vector-{number}"), VECTORS[rng.usize(..VECTORS.len())]);
        }
    }

    pub(super) fn on_demand(&self) -> bool {
        !matches!(self.billing, Billing::Provisioned { .. })
    }

    /// The full name.
    pub(super) fn full_name(&self) -> String {
        format!("shop-dev-{}", self.name)
    }

    /// Its block in a file.
    pub(super) fn text(&self) -> String {
        let range = if self.sorted { " range=(N)at" } else { "" };
        let mut text = format!("table {} hash=id{range} {{\n", self.name);
        match self.billing {
            Billing::Undeclared => {}
            Billing::OnDemand => text += "    billing pay-per-request\n",
            Billing::Provisioned { units: (read, write), autoscaled } => {
                let managed = if autoscaled { " managed=autoscaling" } else { "" };
                let _ =
                    writeln!(text, "    billing provisioned read={read} write={write}{managed}");
            }
        }
        for (name, index) in &self.locals {
            text += &index.text("lsi", name, false);
        }
        for (name, index) in &self.globals {
            text += &index.text("gsi", name, !self.on_demand());
        }
        for (name, index) in &self.vectors {
            let _ = writeln!(text, "    vector-index {name} {index}");
        }
        for (node, value) in &self.settings {
            let _ = writeln!(text, "    {node} {value}");
        }
        for (key, value) in &self.tags {
            let value = value.as_ref().map_or("#false".to_owned(), |value| format!("{value:?}"));
            let _ = writeln!(text, "    tag {key:?} {value}");
        }
        text + "}\n"
    }
}

impl Index {
    fn random(rng: &mut Rng, on_demand: bool, keys: &'static str) -> Self {
        let mut settings = Settings::new();
        for node in OF_INDEX {
            if rng.u8(..4) == 0 {
                settings.insert(node, value(rng, node, on_demand));
            }
        }
        Self { keys, projection: projection(rng), units: units(rng), settings }
    }

    /// Whether another one must be made to have this instead of that.
    pub(super) fn is_another_than(&self, other: &Self) -> bool {
        self.keys != other.keys || self.projection != other.projection
    }

    fn text(&self, node: &str, name: &str, provisioned: bool) -> String {
        let mut block = Vec::new();
        let projection = match &self.projection {
            None => "",
            Some(carried) if carried.is_empty() => " projection=keys-only",
            Some(carried) => {
                let names: Vec<_> = carried.iter().copied().collect();
                block.push(format!("include {}", names.join(" ")));
                " projection=include"
            }
        };
        if provisioned {
            let (read, write) = self.units;
            block.push(format!("provisioned read={read} write={write}"));
        }
        block.extend(self.settings.iter().map(|(node, value)| format!("{node} {value}")));
        let block = block.join("; ");
        let block = if block.is_empty() { block } else { format!("{block}; ") };
        format!("    {node} {name} {}{projection} {{ {block}}}\n", self.keys)
    }
}

pub(super) fn projection(rng: &mut Rng) -> Option<BTreeSet<&'static str>> {
    match rng.u8(..4) {
        0 | 1 => None,
        2 => Some(BTreeSet::new()),
        _ => Some(CARRIED.into_iter().filter(|_| rng.bool()).collect()),
    }
}

pub(super) fn units(rng: &mut Rng) -> (u64, u64) {
    (rng.u64(1..=20), rng.u64(1..=20))
}

pub(super) fn provisioned(rng: &mut Rng) -> Billing {
    Billing::Provisioned { units: units(rng), autoscaled: rng.u8(..4) == 0 }
}

pub(super) fn tag_value(rng: &mut Rng) -> Option<String> {
    (rng.u8(..4) > 0).then(|| ["one", "two words", "", "Ünï/+-=._:@"][rng.usize(..4)].to_owned())
}

/// What may stand after the node of a setting.
pub(super) fn value(rng: &mut Rng, node: &str, on_demand: bool) -> String {
    let one_of = |rng: &mut Rng, of: &[&str]| of[rng.usize(..of.len())].to_owned();
    let stream = |name: &str| format!("\"arn:aws:kinesis:us-east-1:000000000000:stream/{name}\"");
    match node {
        "on-demand-max" if !on_demand => "#false".to_owned(),
        "on-demand-max" => match rng.u8(..4) {
            0 => "#false".to_owned(),
            1 => format!("read={}", rng.u64(100..=900)),
            2 => format!("write={}", rng.u64(100..=900)),
            _ => format!("read={} write={}", rng.u64(100..=900), rng.u64(100..=900)),
        },
        "warm-throughput" => match rng.u8(..4) {
            0 => "read=9 write=9".to_owned(),
            1 => format!("read={}", rng.u64(12_500..=20_000)),
            2 => format!("write={}", rng.u64(4_500..=9_000)),
            _ => format!("read={} write=4100", rng.u64(12_500..=20_000)),
        },
        "stream" => {
            one_of(rng, &["#false", "keys-only", "new-image", "old-image", "new-and-old-images"])
        }
        "class" => one_of(rng, &["standard", "standard-infrequent-access"]),
        "encryption" => one_of(
            rng,
            &[
                "aws-owned",
                "aws-managed",
                "kms key=\"arn:aws:kms:us-east-1:000000000000:key/0a1b\"",
                "kms key=\"arn:aws:kms:us-east-1:000000000000:key/2c3d\"",
            ],
        ),
        "ttl" => one_of(rng, &["#false", "expiresAt", "deletedAt"]),
        "point-in-time-recovery" => match rng.u8(..4) {
            0 => "#false".to_owned(),
            1 => String::new(),
            _ => format!("days={}", rng.u64(1..=35)),
        },
        "contributor-insights" => one_of(rng, &["#false", "", "mode=throttled-keys"]),
        "kinesis-stream" => {
            let precision = one_of(rng, &["", "precision=microsecond", "precision=millisecond"]);
            match rng.u8(..4) {
                0 => "#false".to_owned(),
                1 => format!("{} {precision}", stream("one")),
                _ => format!("{} {precision}", stream("two")),
            }
        }
        "resource-policy" => one_of(rng, &["#false", "file=\"one.json\"", "file=\"two.json\""]),
        _ => one_of(rng, &["#false", "#true"]),
    }
}
