//! How much an agent may dial outside: what stands between a stolen password and the bill.
//!
//! Every call that was let through is remembered for a day, on the monotonic clock, so that no
//! change of the wall clock gives anybody a second day. Pure: a ledger, a number and a moment in,
//! a verdict out. An account holds at most [`Limits::per_day`] calls.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use crate::call::event::OutboundRefusal;
use crate::id::{AgentId, CallId};

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// What one agent may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Calls open at once.
    pub concurrent: usize,
    /// Calls begun within any minute.
    pub per_minute: usize,
    /// Calls begun within any 24 hours.
    pub per_day: usize,
    /// The longest run of adjacent numbers within 24 hours.
    pub sequential: usize,
    /// Time in calls within 24 hours, from dialling to the end.
    pub time_per_day: Duration,
}

impl Default for Limits {
    /// Enough for a person at a desk, too little for a programme.
    fn default() -> Self {
        Self {
            concurrent: 2,
            per_minute: 6,
            per_day: 200,
            sequential: 5,
            time_per_day: Duration::from_hours(6),
        }
    }
}

/// What every agent has dialled within a day.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    accounts: BTreeMap<AgentId, VecDeque<Dialled>>,
}

/// One call that was let through.
#[derive(Debug)]
struct Dialled {
    call: CallId,
    number: Option<u128>,
    began: Instant,
    ended: Option<Instant>,
}

impl Dialled {
    fn time(&self, now: Instant) -> Duration {
        let until = self.ended.unwrap_or(now);
        until.saturating_duration_since(self.began)
    }
}

impl Ledger {
    /// Lets a call through and remembers it, or says which limit it would break.
    ///
    /// # Errors
    /// The limit; nothing is remembered of the call then.
    pub(super) fn admit(
        &mut self,
        agent: &AgentId,
        call: CallId,
        number: &str,
        limits: &Limits,
        now: Instant,
    ) -> Result<(), OutboundRefusal> {
        let account = self.accounts.entry(agent.clone()).or_default();
        account.retain(|one| is_recent(one, DAY, now));
        let number = ordinal(number);
        let open = account.iter().filter(|one| one.ended.is_none()).count();
        let this_minute = account.iter().filter(|one| is_within(one, MINUTE, now));
        let time: Duration = account.iter().map(|one| one.time(now)).sum();
        let refusal = if open >= limits.concurrent {
            OutboundRefusal::Concurrent
        } else if this_minute.count() >= limits.per_minute {
            OutboundRefusal::PerMinute
        } else if account.len() >= limits.per_day {
            OutboundRefusal::PerDay
        } else if time >= limits.time_per_day {
            OutboundRefusal::Duration
        } else if run_with(account, number) > limits.sequential {
            OutboundRefusal::Sequential
        } else {
            account.push_back(Dialled {
                call,
                number,
                began: now,
                ended: None,
            });
            return Ok(());
        };
        Err(refusal)
    }

    /// Every leg of this call that an agent answers for is over.
    pub(super) fn ended(&mut self, agent: &AgentId, call: CallId, now: Instant) {
        let Some(account) = self.accounts.get_mut(agent) else {
            return;
        };
        for one in account.iter_mut().filter(|one| one.call == call) {
            one.ended.get_or_insert(now);
        }
    }

    /// The agent's outside leg goes on in another call.
    pub(super) fn hand_over(&mut self, agent: &AgentId, from: CallId, to: CallId) {
        let account = self.accounts.get_mut(agent);
        for one in account.into_iter().flatten() {
            if one.call == from && one.ended.is_none() {
                one.call = to;
            }
        }
    }

    /// No call is open.
    pub(super) fn is_idle(&self) -> bool {
        let mut all = self.accounts.values().flatten();
        all.all(|one| one.ended.is_some())
    }
}

/// What is still open counts, however old it is.
fn is_recent(one: &Dialled, window: Duration, now: Instant) -> bool {
    one.ended.is_none() || is_within(one, window, now)
}

fn is_within(one: &Dialled, window: Duration, now: Instant) -> bool {
    now.saturating_duration_since(one.began) < window
}

/// A number's place among all numbers; a leading 1 keeps leading zeros apart from none.
fn ordinal(number: &str) -> Option<u128> {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    format!("1{digits}").parse().ok()
}

/// How long the run of adjacent numbers becomes with this one, in whatever order they came.
fn run_with(account: &VecDeque<Dialled>, number: Option<u128>) -> usize {
    let Some(number) = number else {
        return 1;
    };
    let dialled: BTreeSet<u128> = account.iter().filter_map(|one| one.number).collect();
    if dialled.contains(&number) {
        return 1; // somebody who was called before is called again
    }
    let above = (1..).take_while(|step| {
        let next = number.checked_add(*step);
        next.is_some_and(|next| dialled.contains(&next))
    });
    let below = (1..).take_while(|step| {
        let next = number.checked_sub(*step);
        next.is_some_and(|next| dialled.contains(&next))
    });
    1 + above.count() + below.count()
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    struct Desk {
        ledger: Ledger,
        limits: Limits,
        now: Instant,
        calls: u128,
    }

    impl Desk {
        fn new(limits: Limits) -> Self {
            Self {
                ledger: Ledger::default(),
                limits,
                now: Instant::now(),
                calls: 0,
            }
        }

        fn dial(&mut self, number: &str) -> Result<CallId, OutboundRefusal> {
            self.calls += 1;
            let call = CallId(uuid::Uuid::from_u128(self.calls));
            let agent = AgentId::from("1001");
            let verdict = self
                .ledger
                .admit(&agent, call, number, &self.limits, self.now);
            verdict.map(|()| call)
        }

        /// A call of this length, from dialling to the end.
        fn talk(&mut self, number: &str, length: Duration) -> Result<(), OutboundRefusal> {
            let call = self.dial(number)?;
            self.now += length;
            self.ledger.ended(&AgentId::from("1001"), call, self.now);
            Ok(())
        }
    }

    /// Threat: toll fraud, open relay. Control: the call before the last that fits is let through.
    #[test]
    fn calls_open_at_once_are_bounded() {
        let mut desk = Desk::new(Limits {
            concurrent: 2,
            ..Limits::default()
        });
        let first = desk.dial("010111").unwrap();
        desk.dial("010222").unwrap();
        assert_eq!(desk.dial("010333"), Err(OutboundRefusal::Concurrent));
        desk.ledger.ended(&AgentId::from("1001"), first, desk.now);
        desk.dial("010333").unwrap();
        assert!(!desk.ledger.is_idle());
    }

    /// Threat: toll fraud, open relay.
    #[test]
    fn calls_within_a_minute_are_bounded() {
        let mut desk = Desk::new(Limits {
            per_minute: 3,
            ..Limits::default()
        });
        for number in ["010111", "010222", "010333"] {
            desk.talk(number, SECOND).unwrap();
        }
        assert_eq!(desk.dial("010444"), Err(OutboundRefusal::PerMinute));
        desk.now += SECOND * 57;
        desk.dial("010444").unwrap();
    }

    /// Threat: toll fraud, open relay.
    #[test]
    fn calls_within_a_day_are_bounded_and_come_back_with_the_day() {
        let mut desk = Desk::new(Limits {
            per_day: 3,
            ..Limits::default()
        });
        for number in ["010111", "010222", "010333"] {
            desk.talk(number, MINUTE).unwrap();
        }
        assert_eq!(desk.dial("010444"), Err(OutboundRefusal::PerDay));
        desk.now += MINUTE * (24 * 60 - 3);
        desk.dial("010444").unwrap();
    }

    /// Threat: toll fraud, open relay.
    #[test]
    fn a_run_of_adjacent_numbers_is_bounded_in_any_order() {
        let mut desk = Desk::new(Limits {
            sequential: 3,
            ..Limits::default()
        });
        for number in ["0101002", "0101000", "0101001", "0101002"] {
            desk.talk(number, MINUTE).unwrap();
        }
        assert_eq!(desk.dial("0101003"), Err(OutboundRefusal::Sequential));
        // Not adjacent, and not the same number without its zero.
        desk.talk("0101005", MINUTE).unwrap();
        desk.talk("101003", MINUTE).unwrap();
    }

    /// Threat: toll fraud, open relay.
    #[test]
    fn time_within_a_day_is_bounded() {
        let mut desk = Desk::new(Limits {
            time_per_day: MINUTE * 10,
            ..Limits::default()
        });
        desk.talk("010111", MINUTE * 9).unwrap();
        desk.talk("010222", MINUTE).unwrap();
        assert_eq!(desk.dial("010333"), Err(OutboundRefusal::Duration));
        assert!(desk.ledger.is_idle());
    }

    /// Threat: toll fraud, open relay: a call that never ends uses up the day too.
    #[test]
    fn an_open_call_counts_as_long_as_it_lasts() {
        let mut desk = Desk::new(Limits {
            time_per_day: MINUTE * 10,
            ..Limits::default()
        });
        desk.dial("010111").unwrap();
        desk.now += DAY * 2;
        assert_eq!(desk.dial("010222"), Err(OutboundRefusal::Duration));
    }
}
