//! What was not heard, or heard and refused, and why: a closed list, for counters.

/// Why something that came by the wire was refused or dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Its source is banned; dropped unread.
    Banned,
    /// Its source, a stranger, sends more than a stranger may; dropped unread.
    Flooding,
    /// All strangers together send more than we answer; dropped unread.
    Overload,
    /// Larger than anything a stranger has to say; dropped unread.
    Oversize,
    /// A stranger's, and no SIP message; dropped.
    Malformed,
    /// A stranger's request that only peers of ours may make; answered with 403.
    Forbidden,
    /// Credentials that are not right; answered with 401.
    Unauthorized,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::Banned,
        Self::Flooding,
        Self::Overload,
        Self::Oversize,
        Self::Malformed,
        Self::Forbidden,
        Self::Unauthorized,
    ];

    /// Its name in counters.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Banned => "banned",
            Self::Flooding => "flooding",
            Self::Overload => "overload",
            Self::Oversize => "oversize",
            Self::Malformed => "malformed",
            Self::Forbidden => "forbidden",
            Self::Unauthorized => "unauthorized",
        }
    }
}

/// How many were refused, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refusals([u64; Reason::ALL.len()]);

impl Refusals {
    /// Counts one.
    pub fn count(&mut self, reason: Reason) {
        if let Some(count) = self.0.get_mut(reason as usize) {
            *count += 1;
        }
    }

    /// Each reason and its count.
    pub fn iter(&self) -> impl Iterator<Item = (Reason, u64)> {
        Reason::ALL.into_iter().zip(self.0)
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// What was counted since `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let mut counts = self.0.iter().zip(earlier.0);
        Self(std::array::from_fn(|_| {
            let pair = counts.next();
            pair.map_or(0, |(now, then)| now.saturating_sub(then))
        }))
    }

    /// Both together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let mut counts = self.0.iter().zip(other.0);
        Self(std::array::from_fn(|_| {
            counts.next().map_or(0, |(a, b)| a + b)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_a_count_of_its_own() {
        let mut refusals = Refusals::default();
        for (n, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, n);
            (0..=n).for_each(|_| refusals.count(reason));
        }
        let counts: Vec<_> = refusals.iter().map(|(_, count)| count).collect();
        assert_eq!(counts, [1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(refusals.plus(&refusals).since(&refusals), refusals);
        assert_eq!(refusals.total(), 28);
    }
}
