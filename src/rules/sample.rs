//! A sample that nobody chose, and that anybody can draw again: by a seed (R219).

use sha2::{Digest, Sha256};

/// Where a candidate stands in the order that a seed gives.
pub fn rank(seed: i64, candidate: u128) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(seed.to_be_bytes());
    digest.update(candidate.to_be_bytes());
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R219: the same seed gives the same order, whoever draws and in whatever order they come; another
    /// seed gives another one.
    #[test]
    fn an_order_is_the_seeds_alone() {
        let order = |seed, candidates: &[u128]| {
            let mut candidates = candidates.to_vec();
            candidates.sort_by_key(|candidate| rank(seed, *candidate));
            candidates
        };
        let all: Vec<_> = (0..50).collect();
        let turned: Vec<_> = all.iter().copied().rev().collect();
        assert_eq!(order(7, &all), order(7, &turned));
        assert_ne!(order(7, &all), order(8, &all));
        assert_ne!(order(7, &all), all);
    }
}
