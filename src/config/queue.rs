//! `[[queue]]` and `[desk]`: who answers together, in what order, who joins when it takes long, and
//! what agents say of themselves.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::rules::{ScreenPop, ScreenPopFault};

/// A queue that lines share, or that needs more than a list of agents.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// Its name in lines, metrics and other queues. No default.
    pub name: String,
    /// Extensions of the agents who answer it, in the order of the list. No default.
    pub agents: Vec<String>,
    /// Whose phone rings. Default `longest_idle`.
    #[serde(default)]
    pub strategy: Strategy,
    /// For the strategy `skills`: how much each skill of an agent weighs, 1 to 100; the sum of
    /// weight times level decides. Who has none of the skills is never rung (R114). Default none.
    #[serde(default)]
    pub skills: BTreeMap<String, u32>,
    /// Who else is rung when a caller has waited for so long. Default `[]`: nobody.
    #[serde(default)]
    pub overflow: Vec<Overflow>,
    /// How many agents must serve callers, with one now or free for the next; fewer are an alarm
    /// (R018). Default 0: none.
    #[serde(default)]
    pub minimum: u32,
    /// How many there must be at certain hours instead; the first that fits counts. Default `[]`.
    #[serde(default)]
    pub minimum_at: Vec<MinimumAt>,
}

/// How many agents there must be at some hours of the week.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinimumAt {
    /// The hours: `mon-fri 09:00-12:00`. No default.
    pub hours: Vec<String>,
    /// How many. No default.
    pub agents: u32,
}

/// Who rings next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Every ready phone at once; the first to answer has the call.
    RingAll,
    /// One phone: the agent who has been idle for longest.
    #[default]
    LongestIdle,
    /// One phone: in the order of the list, which the duty lead may change, behind whoever was rung
    /// last (轮位, R015).
    RoundRobin,
    /// One phone: the agent who has answered the fewest calls of the day.
    FewestCalls,
    /// One phone: in the order of the list, each call from its beginning.
    Linear,
    /// One phone: the agent whose skills fit best.
    Skills,
}

/// One step of a queue's ladder: when, and who joins. Who has joined stays.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overflow {
    /// When the caller has waited for so long. A step needs this or `rings`.
    #[serde(with = "humantime_serde", default)]
    pub after: Option<Duration>,
    /// When the caller has heard it ring so often.
    #[serde(default)]
    pub rings: Option<u32>,
    /// Extensions of those who join. A step needs this or `queue`.
    #[serde(default)]
    pub agents: Vec<String>,
    /// The queue whose agents join.
    #[serde(default)]
    pub queue: Option<String>,
}

/// What agents say of themselves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Desk {
    /// Whether agents log in: who has not is not rung. Default `false`: who has a phone that is
    /// registered is at work.
    pub log_in: bool,
    /// Whether a break begins only when somebody has allowed it. Default `false`: at once.
    pub approve_breaks: bool,
    /// Breaks that are known beforehand, and how long they may last. Default `[]`: none is too long.
    pub breaks: Vec<BreakRule>,
    /// So many calls in a row that an agent's phone rang for in vain, and the agent is absent (R265)
    /// until somebody says otherwise; not where all phones ring at once. At least 1. Default: 2 with
    /// `log_in`, and never without.
    pub most_missed: Option<u32>,
    /// With `log_in`: an agent at work whose phone has not been registered for so long is absent
    /// (R265). At least 1 s. Default 1 minute.
    #[serde(with = "humantime_serde")]
    pub absent_after: Duration,
    /// The page that opens on an agent's screen with a call: a URL with `{number}`, `{call}`,
    /// `{line}`, `{agent}` or `{customer}` after the host. Default none.
    pub screen_pop: Option<String>,
    /// A message that nobody has read for so long is told of, and counts in
    /// `thirdring_messages_unread` (R184). At least 1 s. Default 30 minutes.
    #[serde(with = "humantime_serde")]
    pub unread_within: Duration,
    /// How often somebody has called is counted for so long before a call, by number and what for
    /// (R072). Default 7 days.
    #[serde(with = "humantime_serde")]
    pub lately: Duration,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            log_in: false,
            approve_breaks: false,
            most_missed: None,
            absent_after: Duration::from_mins(1),
            screen_pop: None,
            breaks: Vec::new(),
            unread_within: Duration::from_mins(30),
            lately: Duration::from_hours(7 * 24),
        }
    }
}

/// How long a break may last for one reason.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakRule {
    /// The reason that agents give. No default.
    pub reason: String,
    /// The longest such break; a longer one is shown and counted. No default.
    #[serde(with = "humantime_serde")]
    pub longest: Duration,
    /// Whether it begins at once although breaks have to be allowed: for a visitor at the desk.
    /// Default `false`.
    #[serde(default)]
    pub at_once: bool,
}

impl Desk {
    /// The page that opens with a call, ready to be filled in.
    ///
    /// # Errors
    /// It is no such URL; loading a configuration rules it out.
    pub fn screen_pop(&self) -> Result<Option<ScreenPop>, ScreenPopFault> {
        let template = self.screen_pop.as_deref();
        template.map(ScreenPop::parse).transpose()
    }

    /// After how many missed calls in a row an agent is taken out.
    pub fn missed(&self) -> Option<u32> {
        self.most_missed.or(self.log_in.then_some(2))
    }
}
