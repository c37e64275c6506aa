//! How a queue spreads its calls over its agents.

/// How a queue spreads its calls over its agents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// Every ready agent at once; the first to answer has the call.
    RingAll,
    /// One at a time, the one longest without a call first.
    #[default]
    LongestIdle,
    /// One at a time in a fixed order; each call goes on behind whoever was rung last (轮位, R015).
    RoundRobin,
    /// One at a time, whoever has answered the fewest calls of the day first.
    FewestCalls,
    /// One at a time in a fixed order, each call from its beginning.
    Linear,
    /// One at a time, whose skills fit best first, then the one longest without a call (R114).
    Skills,
}

impl Strategy {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::RingAll,
        Self::LongestIdle,
        Self::RoundRobin,
        Self::FewestCalls,
        Self::Linear,
        Self::Skills,
    ];

    /// Whether it rings one agent at a time.
    pub fn is_one_by_one(self) -> bool {
        self != Self::RingAll
    }
}
