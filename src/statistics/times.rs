//! How long something took, many times: exact in count and sum, to a tenth of a second in rank.

use std::collections::BTreeMap;

/// A step of the ranks, in milliseconds.
const STEP_MS: u64 = 100;

/// Lengths of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times {
    count: u64,
    sum_ms: u64,
    /// How many, by tenths of a second begun.
    steps: BTreeMap<u64, u64>,
    longest_ms: u64,
}

impl Times {
    /// One more.
    pub fn add(&mut self, ms: u64) {
        self.count += 1;
        self.sum_ms = self.sum_ms.saturating_add(ms);
        *self.steps.entry(ms / STEP_MS).or_default() += 1;
        self.longest_ms = self.longest_ms.max(ms);
    }

    /// `count` more that began the same tenth of a second, as a database has added them up.
    pub fn add_step(&mut self, step: u64, count: u64, sum_ms: u64, longest_ms: u64) {
        self.count += count;
        self.sum_ms = self.sum_ms.saturating_add(sum_ms);
        *self.steps.entry(step).or_default() += count;
        self.longest_ms = self.longest_ms.max(longest_ms);
    }

    /// All of `other` as well.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum_ms = self.sum_ms.saturating_add(other.sum_ms);
        for (step, count) in &other.steps {
            *self.steps.entry(*step).or_default() += count;
        }
        self.longest_ms = self.longest_ms.max(other.longest_ms);
    }

    /// How many.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// All together, in milliseconds.
    pub const fn sum_ms(&self) -> u64 {
        self.sum_ms
    }

    /// The mean in milliseconds; `None` of none.
    pub const fn mean_ms(&self) -> Option<u64> {
        self.sum_ms.checked_div(self.count)
    }

    /// The longest in milliseconds; `None` of none.
    pub fn longest_ms(&self) -> Option<u64> {
        (self.count > 0).then_some(self.longest_ms)
    }

    /// How many were shorter than each of these bounds and not than the one before, and how many were
    /// not shorter than the last: a histogram (R014). Bounds are whole tenths of a second, ascending.
    pub fn histogram<const N: usize>(&self, bounds_ms: [u64; N]) -> ([u64; N], u64) {
        let mut counts = [0; N];
        let mut rest = 0;
        for (step, count) in &self.steps {
            let bounds = bounds_ms.iter().zip(&mut counts);
            let mut wider = bounds.filter(|(bound, _)| step * STEP_MS < **bound);
            match wider.next() {
                Some((_, column)) => *column += count,
                None => rest += count,
            }
        }
        (counts, rest)
    }

    /// What `percent` of a hundred did not exceed (nearest rank), up to a tenth of a second.
    pub fn percentile_ms(&self, percent: u64) -> Option<u64> {
        let rank = (self.count * percent.min(100)).div_ceil(100).max(1);
        let mut passed = 0;
        let mut steps = self.steps.iter();
        let (step, _) = steps.find(|(_, count)| {
            passed += **count;
            passed >= rank
        })?;
        Some((step * STEP_MS + STEP_MS - 1).min(self.longest_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_the_sorted_list() {
        let mut times = Times::default();
        assert_eq!((times.mean_ms(), times.percentile_ms(50)), (None, None));
        for ms in [1_000, 3_000, 2_000, 10_000] {
            times.add(ms);
        }
        assert_eq!((times.count(), times.mean_ms()), (4, Some(4_000)));
        assert_eq!(times.percentile_ms(50), Some(2_099));
        assert_eq!(times.percentile_ms(75), Some(3_099));
        assert_eq!(times.percentile_ms(100), Some(10_000));
        assert_eq!(times.percentile_ms(0), Some(1_099));
        assert_eq!(times.longest_ms(), Some(10_000));
    }

    /// What a database has added up is what each by itself would be.
    #[test]
    fn added_up_by_tenths_is_the_same() {
        let (mut one_by_one, mut added) = (Times::default(), Times::default());
        for ms in [1_010, 1_090, 2_500] {
            one_by_one.add(ms);
        }
        added.add_step(10, 2, 2_100, 1_090);
        added.add_step(25, 1, 2_500, 2_500);
        assert_eq!(added, one_by_one);
    }

    /// R014: each stands in the first column that it is shorter than, an edge in the next one.
    #[test]
    fn a_histogram_has_everything_once() {
        let mut times = Times::default();
        for ms in [0, 4_999, 5_000, 9_900, 15_000, 70_000] {
            times.add(ms);
        }
        let bounds = [5_000, 10_000, 15_000];
        assert_eq!(times.histogram(bounds), ([2, 2, 0], 2));
        assert_eq!(Times::default().histogram(bounds), ([0, 0, 0], 0));
    }

    #[test]
    fn a_sum_is_what_all_its_parts_are() {
        let (mut all, mut one, mut other) = (Times::default(), Times::default(), Times::default());
        for ms in [10, 250, 4_000] {
            all.add(ms);
            one.add(ms);
        }
        for ms in [90, 7_000] {
            all.add(ms);
            other.add(ms);
        }
        one.merge(&other);
        assert_eq!(one, all);
    }
}
