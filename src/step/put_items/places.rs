//! Places of items in a file.

use serde::{Deserialize, Serialize};

/// Places, counted from 0, as the ranges that they make: `[[0,9],[12,12]]` are eleven.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Places(Vec<(usize, usize)>);

impl Places {
    /// Whether a place is among them.
    pub(super) fn contains(&self, place: usize) -> bool {
        let after = self.0.partition_point(|(first, _)| *first <= place);
        after > 0 && place <= self.0[after - 1].1
    }

    /// How many they are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.iter().map(|(first, last)| last + 1 - first).sum()
    }
}

/// From places in their order.
impl FromIterator<usize> for Places {
    fn from_iter<I: IntoIterator<Item = usize>>(places: I) -> Self {
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for place in places {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == place => *last = place,
                _ => ranges.push((place, place)),
            }
        }
        Self(ranges)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_kept_as_ranges() {
        let some = [0, 1, 2, 5, 9, 10];
        let places = Places::from_iter(some);
        assert_eq!(serde_json::to_string(&places).unwrap(), "[[0,2],[5,5],[9,10]]");
        assert_eq!(places.count(), some.len());
        let found: Vec<usize> = (0..12).filter(|place| places.contains(*place)).collect();
        assert_eq!(found, some);
        assert!(!Places::default().contains(0));
    }
}
