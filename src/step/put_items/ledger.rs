//! What is known of each item of a file, over all attempts of a step: four bits an item.

use crate::model::Fingerprint;

use super::places::Places;

/// A set of positions.
#[derive(Debug, Default)]
struct Bits(Vec<u64>);

impl Bits {
    fn set(&mut self, position: usize, value: bool) {
        let (word, bit) = (position / 64, 1_u64 << (position % 64));
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if value { self.0[word] |= bit } else { self.0[word] &= !bit }
    }

    fn has(&self, position: usize) -> bool {
        self.0.get(position / 64).is_some_and(|word| word >> (position % 64) & 1 == 1)
    }

    fn add(&mut self, other: &Self) {
        self.0.resize(self.0.len().max(other.0.len()), 0);
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            *own |= other;
        }
    }

    fn positions(&self) -> impl Iterator<Item = usize> {
        (0..self.0.len() * 64).filter(|position| self.has(*position))
    }

    fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }
}

/// Which items of a file this step has put, by their place in the file.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// The file that the places are those of.
    mark: Option<Fingerprint>,
    put: Bits,
    /// A call was sent, and what became of it is not known.
    unsure: Bits,
    /// A call was sent, its answer was lost, and the item is there as it was to be put: by that call,
    /// or by somebody else before it.
    assumed: Bits,
    /// Which of those that were put were told before.
    told: Bits,
}

impl Ledger {
    /// Before an attempt: what was written down of another file counts no more.
    pub(super) fn open(&mut self, mark: Fingerprint) {
        if self.mark != Some(mark) {
            *self = Self { mark: Some(mark), ..Self::default() };
        }
    }

    /// A call is about to be sent.
    pub(super) fn sends(&mut self, position: usize) {
        self.unsure.set(position, true);
    }

    /// The call was answered: the item was put by it, or not.
    pub(super) fn knows(&mut self, position: usize, put: bool) {
        self.unsure.set(position, false);
        if put {
            self.put.set(position, true);
        }
    }

    /// The answer to an earlier call was lost, and the item is there.
    pub(super) fn assumes(&mut self, position: usize) {
        self.knows(position, false);
        self.assumed.set(position, true);
    }

    /// Whether an item may have been put by a call whose answer was lost.
    pub(super) fn is_unsure(&self, position: usize) -> bool {
        self.unsure.has(position)
    }

    /// Whether this step has put an item, by all that can be seen.
    pub(super) fn has_put(&self, position: usize) -> bool {
        self.put.has(position) || self.assumed.has(position)
    }

    /// How many items this step has put, by all that can be seen.
    pub(super) fn put(&self) -> u64 {
        self.put.count() + self.assumed.count()
    }

    /// The items that this step has provably put, and how many others it is assumed to have put, as
    /// far as they were not told before.
    pub(super) fn newly_put(&mut self) -> (Places, usize) {
        let new = |bits: &Bits| -> Places {
            bits.positions().filter(|position| !self.told.has(*position)).collect()
        };
        let (put, assumed) = (new(&self.put), new(&self.assumed).count());
        self.told.add(&self.put);
        self.told.add(&self.assumed);
        (put, assumed)
    }

    /// Of how many items it is not known whether this step has put them.
    pub(super) fn unsure(&self) -> u64 {
        self.unsure.count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_counts_once_over_all_attempts() {
        let mark = Fingerprint::default();
        let mut ledger = Ledger::default();
        ledger.open(mark);
        for position in [0, 63, 64, 200] {
            ledger.sends(position);
        }
        ledger.knows(0, true);
        ledger.knows(63, false);
        assert_eq!((ledger.put(), ledger.unsure()), (1, 2));
        ledger.open(mark);
        ledger.sends(0);
        ledger.knows(0, true);
        ledger.knows(200, true);
        assert_eq!((ledger.put(), ledger.unsure()), (2, 1));
        assert_eq!(ledger.newly_put(), (Places::from_iter([0, 200]), 0));
        ledger.knows(1, true);
        assert_eq!(ledger.newly_put(), (Places::from_iter([1]), 0), "each is told once");
        assert!(ledger.has_put(0) && ledger.is_unsure(64) && !ledger.is_unsure(63));
    }

    #[test]
    fn an_item_that_is_there_after_a_lost_answer_counts_and_proves_nothing() {
        let mut ledger = Ledger::default();
        ledger.open(Fingerprint::default());
        ledger.sends(3);
        ledger.assumes(3);
        assert_eq!((ledger.put(), ledger.unsure()), (1, 0));
        assert_eq!(ledger.newly_put(), (Places::default(), 1));
        assert_eq!(ledger.newly_put(), (Places::default(), 0));
    }

    #[test]
    fn places_of_another_file_count_no_more() {
        let mut ledger = Ledger::default();
        ledger.open(Fingerprint::default());
        ledger.knows(5, true);
        let mut other = Fingerprint::default();
        other.update(b"x");
        ledger.open(other);
        assert_eq!(ledger.put(), 0);
    }
}
