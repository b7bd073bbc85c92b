//! Random edits of a file.

use fastrand::Rng;

use super::spec::{
    Billing, OF_INDEX, SETTINGS, Table, projection, provisioned, tag_value, units, value,
};

/// A table before and after somebody edited the file.
pub(super) struct Edit {
    pub(super) seed: u64,
    pub(super) before: Table,
    pub(super) after: Table,
}

impl Edit {
    /// The table of a seed, and one to five edits of it at once.
    pub(super) fn random(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut before = Table::random(seed, &mut rng);
        let mut of_vectors = Rng::with_seed(!seed);
        before.add_vectors(&mut of_vectors);
        let mut after = before.clone();
        for _ in 0..rng.usize(1..=5) {
            edit(&mut after, &mut rng);
        }
        // What only a table on demand has goes with the switch.
        if !after.on_demand() {
            after.vectors.clear();
            let of_indexes = after.globals.values_mut().map(|index| &mut index.settings);
            for settings in of_indexes.chain([&mut after.settings]) {
                if settings.contains_key("on-demand-max") {
                    settings.insert("on-demand-max", "#false".to_owned());
                }
            }
        }
        if of_vectors.u8(..3) == 0 {
            after.vectors.pop_first();
        }
        Self { seed, before, after }
    }

    /// What the command line must say so that the indexes may go.
    pub(super) fn flags(&self) -> Vec<String> {
        let mut flags = Vec::new();
        for (name, index) in &self.before.globals {
            let flag = match self.after.globals.get(name) {
                None => "prune",
                Some(after) if after.is_another_than(index) => "replace",
                Some(_) => continue,
            };
            flags.extend([format!("--{flag}"), format!("{}/{name}", self.before.name)]);
        }
        for name in
            self.before.vectors.keys().filter(|name| !self.after.vectors.contains_key(*name))
        {
            flags.extend(["--prune".to_owned(), format!("{}/{name}", self.before.name)]);
        }
        flags
    }
}

fn edit(table: &mut Table, rng: &mut Rng) {
    let on_demand = table.on_demand();
    let index = rng.choice(table.globals.keys().cloned().collect::<Vec<_>>());
    match (rng.u8(..12), index) {
        (0..=3, _) => {
            let node = SETTINGS[rng.usize(..SETTINGS.len())];
            table.settings.insert(node, value(rng, node, on_demand));
        }
        (4, _) => {
            // It stays as it is, and is managed no more.
            table.settings.remove(SETTINGS[rng.usize(..SETTINGS.len())]);
        }
        (5, _) => match rng.choice(["Owner", "Cost Centre", "stage", "new"]) {
            Some(key) if rng.u8(..4) == 0 => drop(table.tags.remove(key)),
            key => drop(table.tags.insert(key.unwrap().to_owned(), tag_value(rng))),
        },
        (6, _) | (_, None) if table.globals.len() < 6 => {
            let index = table.random_global(rng);
            table.globals.insert(format!("global-{}", rng.u8(3..9)), index);
        }
        (7, Some(name)) => drop(table.globals.remove(&name)),
        (8, Some(name)) => {
            let other = table.random_global(rng);
            let index = table.globals.get_mut(&name).unwrap();
            index.projection = projection(rng);
            if rng.bool() {
                index.keys = other.keys;
            }
        }
        (9, Some(name)) => {
            let index = table.globals.get_mut(&name).unwrap();
            let node = OF_INDEX[rng.usize(..OF_INDEX.len())];
            index.settings.insert(node, value(rng, node, on_demand));
        }
        (10, _) => {
            table.billing = if on_demand { provisioned(rng) } else { Billing::OnDemand };
        }
        (_, index) => {
            if let Billing::Provisioned { units: of_table, .. } = &mut table.billing {
                *of_table = units(rng);
            }
            if let Some(index) = index.and_then(|name| table.globals.get_mut(&name)) {
                index.units = units(rng);
            }
        }
    }
}
