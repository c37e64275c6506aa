//! The callers who wait for an agent: by urgency, then first come, first served. Whoever has waited
//! for longer becomes more urgent, so that nobody waits for ever.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use super::Attempted;
use crate::id::{CallId, QueueId};

/// The highest urgency that a line can have; 0 is the lowest.
pub const MOST_URGENT: u32 = 9;

/// A minute of waiting is worth as much as one degree of urgency. All callers age alike, so that
/// their order never changes while they wait.
const DEGREE: Duration = Duration::from_mins(1);

/// What decides a caller's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The place among all calls that ever arrived: lower came earlier.
    pub arrival: u64,
    /// When the call arrived. Whoever comes back to the queue has waited since then.
    pub since: Instant,
    /// From 0 to [`MOST_URGENT`].
    pub urgency: u32,
    /// Behind everybody else, however long the wait.
    pub is_last: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    is_last: bool,
    turn: Instant,
    arrival: u64,
}

impl From<Turn> for Place {
    fn from(turn: Turn) -> Self {
        let behind = DEGREE * MOST_URGENT.saturating_sub(turn.urgency);
        Self {
            is_last: turn.is_last,
            turn: turn.since + behind,
            arrival: turn.arrival,
        }
    }
}

/// A call that wants an agent.
#[derive(Clone, Debug)]
pub struct WaitingCall {
    /// Which call.
    pub call: CallId,
    /// Which queue's agents may take it.
    pub queue: QueueId,
    /// Since when it waits.
    pub since: Instant,
    /// Whom it has already rung.
    pub attempted: Attempted,
    /// The call knows that it has to wait.
    pub told: bool,
}

/// Everybody who waits, in one order over all queues: queues may share agents.
#[derive(Debug, Default)]
pub struct Waiting {
    calls: BTreeMap<Place, WaitingCall>,
    places: HashMap<CallId, Place>,
    queues: BTreeMap<QueueId, BTreeSet<Place>>,
    /// Queues that somebody has joined or left since this was last asked.
    touched: BTreeSet<QueueId>,
}

impl Waiting {
    /// Lets a call wait at its place: behind whoever is as urgent and came before, and in front of
    /// whoever came after. A call that is waiting already keeps its place.
    pub fn join(&mut self, call: CallId, turn: Turn, queue: &QueueId) {
        if self.contains(call) {
            return;
        }
        let place = Place::from(turn);
        self.places.insert(call, place);
        self.queues.entry(queue.clone()).or_default().insert(place);
        self.touched.insert(queue.clone());
        let waiting = WaitingCall {
            call,
            queue: queue.clone(),
            since: turn.since,
            attempted: Attempted::default(),
            told: false,
        };
        self.calls.insert(place, waiting);
    }

    /// A call's position in its queue; 1 is next.
    pub fn place(&self, call: CallId) -> Option<u32> {
        let place = self.places.get(&call)?;
        let queue = self.queues.get(&self.calls.get(place)?.queue)?;
        let ahead = queue.range(..place).count();
        Some(u32::try_from(ahead).unwrap_or(u32::MAX).saturating_add(1))
    }

    /// Takes a call out, wherever it stands.
    pub fn leave(&mut self, call: CallId) {
        let Some(place) = self.places.remove(&call) else {
            return;
        };
        let Some(waiting) = self.calls.remove(&place) else {
            return;
        };
        if let Some(queue) = self.queues.get_mut(&waiting.queue) {
            queue.remove(&place);
            if queue.is_empty() {
                self.queues.remove(&waiting.queue);
            }
        }
        self.touched.insert(waiting.queue);
    }

    /// A call waits in another queue from now on, at the place that it has.
    pub fn move_to(&mut self, call: CallId, queue: &QueueId) {
        let Some(place) = self.places.get(&call).copied() else {
            return;
        };
        let Some(waiting) = self.calls.get_mut(&place) else {
            return;
        };
        let left = std::mem::replace(&mut waiting.queue, queue.clone());
        if let Some(places) = self.queues.get_mut(&left) {
            places.remove(&place);
            if places.is_empty() {
                self.queues.remove(&left);
            }
        }
        let places = self.queues.entry(queue.clone()).or_default();
        places.insert(place);
        self.touched.extend([left, queue.clone()]);
    }

    /// Whether the call waits.
    pub fn contains(&self, call: CallId) -> bool {
        self.places.contains_key(&call)
    }

    /// Who waits, the first to be served first.
    pub fn calls(&self) -> impl Iterator<Item = &WaitingCall> {
        self.calls.values()
    }

    /// Who waits in one queue, the first to be served first.
    pub fn calls_in(&self, queue: &QueueId) -> impl Iterator<Item = &WaitingCall> {
        let places = self.queues.get(queue).into_iter().flatten();
        places.filter_map(|place| self.calls.get(place))
    }

    /// One call that waits.
    pub fn get(&self, call: CallId) -> Option<&WaitingCall> {
        self.calls.get(self.places.get(&call)?)
    }

    /// The entry of one call.
    pub fn entry(&mut self, call: CallId) -> Option<&mut WaitingCall> {
        self.calls.get_mut(self.places.get(&call)?)
    }

    /// How many wait in a queue.
    pub fn count(&self, queue: &QueueId) -> usize {
        self.queues.get(queue).map_or(0, BTreeSet::len)
    }

    /// How long the one in a queue has waited who has waited longest.
    pub fn longest(&self, queue: &QueueId, now: Instant) -> Option<Duration> {
        let since = self.calls_in(queue).map(|waiting| waiting.since).min()?;
        Some(now.saturating_duration_since(since))
    }

    /// The queues that somebody has joined or left since this was last asked.
    pub fn take_changes(&mut self) -> BTreeSet<QueueId> {
        std::mem::take(&mut self.touched)
    }

    /// Nobody waits.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use super::*;

    fn call(n: u64) -> CallId {
        CallId(uuid::Uuid::from_u128(u128::from(n)))
    }

    fn turn(arrival: u64, since: Instant, urgency: u32) -> Turn {
        Turn {
            arrival,
            since,
            urgency,
            is_last: false,
        }
    }

    fn order(waiting: &Waiting) -> Vec<CallId> {
        waiting.calls().map(|waiting| waiting.call).collect()
    }

    /// R009: whoever comes first is served first, and nobody loses the place.
    #[test]
    fn place_is_kept_and_counted_within_the_queue() {
        let start = Instant::now();
        let (hotline, sales) = (QueueId::from("hotline"), QueueId::from("sales"));
        let mut waiting = Waiting::default();
        // The log may make a later call's row durable first.
        for (n, queue) in [(3, &hotline), (1, &hotline), (2, &sales), (1, &hotline)] {
            waiting.join(call(n), turn(n, start, 0), queue);
        }
        assert_eq!(waiting.place(call(1)), Some(1));
        assert_eq!(waiting.place(call(2)), Some(1));
        assert_eq!(waiting.place(call(3)), Some(2));

        waiting.leave(call(1));
        assert_eq!(order(&waiting), [call(2), call(3)]);
        assert_eq!((waiting.count(&hotline), waiting.place(call(1))), (1, None));
    }

    /// R009, R020: an urgent line goes before, and yet nobody is overtaken for ever.
    #[test]
    fn urgency_is_worth_a_minute_a_degree() {
        let start = Instant::now();
        let queue = QueueId::from("hotline");
        let mut waiting = Waiting::default();
        waiting.join(call(1), turn(1, start, 0), &queue);
        let after = |seconds| start + Duration::from_secs(seconds);
        waiting.join(call(2), turn(2, after(119), 2), &queue);
        waiting.join(call(3), turn(3, after(121), 2), &queue);
        assert_eq!(order(&waiting), [call(2), call(1), call(3)]);
    }

    #[test]
    fn who_is_to_wait_behind_all_others_does_however_urgent_the_line() {
        let start = Instant::now();
        let queue = QueueId::from("hotline");
        let mut waiting = Waiting::default();
        let last = Turn {
            is_last: true,
            ..turn(1, start, MOST_URGENT)
        };
        waiting.join(call(1), last, &queue);
        waiting.join(call(2), turn(2, start + Duration::from_hours(1), 0), &queue);
        assert_eq!(order(&waiting), [call(2), call(1)]);
        let now = start + Duration::from_hours(2);
        assert_eq!(waiting.longest(&queue, now), Some(Duration::from_hours(2)));
    }
}
