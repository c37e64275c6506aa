//! Agents who are rung together or in turn: who is ready, in the order of the group's strategy, kept
//! sorted at every change so that a ring decision looks at few of them.

use std::collections::BTreeSet;
use std::ops::Bound;

use super::Strategy;
use super::rank::Rank;

/// Some agents, by their number.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) strategy: Strategy,
    /// In the order of the list.
    pub(super) members: Vec<usize>,
    /// Who is ready, the first to be rung first.
    ready: BTreeSet<(Rank, usize)>,
    /// How many serve callers, free or not.
    pub(super) staffed: usize,
    /// Whoever was rung last, by position: the next one is behind.
    pub(super) rung_last: Option<u32>,
}

impl Group {
    pub(super) const fn new(strategy: Strategy, members: Vec<usize>) -> Self {
        Self {
            strategy,
            members,
            ready: BTreeSet::new(),
            staffed: 0,
            rung_last: None,
        }
    }

    /// Puts an agent where he stands now.
    pub(super) fn rank(&mut self, agent: usize, old: Option<Rank>, new: Option<Rank>) {
        if let Some(old) = old {
            self.ready.remove(&(old, agent));
        }
        if let Some(new) = new {
            self.ready.insert((new, agent));
        }
    }

    /// The ready ones, the first to be rung first.
    pub(super) fn ready(&self) -> impl Iterator<Item = usize> {
        let last = self
            .rung_last
            .filter(|_| self.strategy == Strategy::RoundRobin);
        // Nobody's number is so large: the bound is behind whoever has that position.
        let behind = last.map_or(Bound::Unbounded, |position| {
            Bound::Excluded((Rank::at(position), usize::MAX))
        });
        let behind = self.ready.range((behind, Bound::Unbounded));
        let before = last.map(|position| self.ready.range(..=(Rank::at(position), usize::MAX)));
        let all = behind.chain(before.into_iter().flatten());
        all.map(|(_, agent)| *agent)
    }

    /// The agent at this position is being rung: the next call begins behind.
    pub(super) const fn rings(&mut self, position: u32) {
        self.rung_last = Some(position);
    }

    /// The members stand in another order; each call begins at its beginning again.
    pub(super) fn reorder(&mut self, members: Vec<usize>) {
        self.members = members;
        self.rung_last = None;
    }
}
