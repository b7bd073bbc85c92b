//! "Did you mean …?"

/// The candidate most like `name`, if one is close enough to be a likely slip.
///
/// Close means: equal but for case and `_`/`-`, or a Damerau-Levenshtein distance of at most one
/// third of the longer name's length.
pub fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted = folded(name);
    candidates
        .into_iter()
        .map(|candidate| {
            let known = folded(candidate);
            let longer = wanted.chars().count().max(known.chars().count());
            (strsim::damerau_levenshtein(&wanted, &known), longer, candidate)
        })
        .filter(|(distance, longer, _)| distance * 3 <= *longer)
        .min_by_key(|(distance, _, _)| *distance)
        .map(|(_, _, candidate)| candidate)
}

fn folded(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let known = ["hash", "range", "projection"];
        assert_eq!(did_you_mean("hsah", known), Some("hash"));
        assert_eq!(did_you_mean("Projecton", known), Some("projection"));
        assert_eq!(did_you_mean("colour", known), None);
    }
}
