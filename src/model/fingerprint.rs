//! A hash that is the same in every version and on every machine.

use std::fmt;

/// FNV-1a with 128 bits: it tells that something was changed; it keeps nothing secret and withstands
/// no forger.
const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

/// The hash of the bytes so far. It prints as 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u128);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(OFFSET)
    }
}

impl Fingerprint {
    /// Takes further bytes in.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0 =
            bytes.iter().fold(self.0, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME));
    }

    /// Takes a text in so that where it ends counts too.
    pub fn update_text(&mut self, bytes: &[u8]) {
        self.update(&(bytes.len() as u64).to_be_bytes());
        self.update(bytes);
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_algorithm_s_authors() {
        let hash = |text: &str| {
            let mut hash = Fingerprint::default();
            hash.update(text.as_bytes());
            hash.to_string()
        };
        assert_eq!(hash(""), "6c62272e07bb014262b821756295c58d");
        assert_eq!(hash("foobar"), "343e1662793c64bf6f0d3597ba446f18");
    }

    #[test]
    fn where_a_text_ends_counts() {
        let hash = |texts: [&str; 2]| {
            let mut hash = Fingerprint::default();
            for text in texts {
                hash.update_text(text.as_bytes());
            }
            hash
        };
        assert_ne!(hash(["ab", "c"]), hash(["a", "bc"]));
    }
}
