//! The callers who wait for an agent, first come, first served.

use std::collections::VecDeque;

use super::Attempted;
use crate::id::{CallId, LineId};

/// A call that wants an agent.
#[derive(Clone, Debug)]
pub struct WaitingCall {
    /// Which call.
    pub call: CallId,
    /// Its place among all calls that ever arrived: lower came earlier.
    pub arrival: u64,
    /// Which line's agents may take it.
    pub line: LineId,
    /// Whom it has already rung.
    pub attempted: Attempted,
    /// The call knows that it has to wait.
    pub told: bool,
}

/// Everybody who waits, in order of arrival over all lines: lines may share agents.
#[derive(Debug, Default)]
pub struct Waiting {
    calls: VecDeque<WaitingCall>,
}

impl Waiting {
    /// Lets a call wait at the place that its arrival gives it: behind whoever came before, and in
    /// front of whoever came after. A call that is waiting already keeps its place.
    pub fn join(&mut self, call: CallId, arrival: u64, line: &LineId) {
        if !self.contains(call) {
            let ahead = self.calls.partition_point(|other| other.arrival < arrival);
            self.calls.insert(
                ahead,
                WaitingCall {
                    call,
                    arrival,
                    line: line.clone(),
                    attempted: Attempted::default(),
                    told: false,
                },
            );
        }
    }

    /// A call's position among the calls of its line; 1 is next.
    pub fn place(&self, call: CallId, line: &LineId) -> u32 {
        let ahead = self.calls.iter().take_while(|waiting| waiting.call != call);
        let ahead = ahead.filter(|waiting| waiting.line == *line).count();
        u32::try_from(ahead).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// Takes a call out, wherever it stands.
    pub fn leave(&mut self, call: CallId) {
        self.calls.retain(|waiting| waiting.call != call);
    }

    /// Whether the call waits.
    pub fn contains(&self, call: CallId) -> bool {
        self.calls.iter().any(|waiting| waiting.call == call)
    }

    /// Who waits, the first to be served first.
    pub fn iter(&self) -> impl Iterator<Item = &WaitingCall> {
        self.calls.iter()
    }

    /// The entry of one call.
    pub fn entry(&mut self, call: CallId) -> Option<&mut WaitingCall> {
        self.calls.iter_mut().find(|waiting| waiting.call == call)
    }

    /// How many wait on a line.
    pub fn count(&self, line: &LineId) -> usize {
        self.calls
            .iter()
            .filter(|waiting| waiting.line == *line)
            .count()
    }

    /// Nobody waits.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R009: whoever comes first is served first, and nobody loses the place.
    #[test]
    fn place_is_kept_and_counted_within_the_line() {
        let call = |n| CallId(uuid::Uuid::from_u128(n));
        let (hotline, sales) = (LineId::from("hotline"), LineId::from("sales"));
        let mut waiting = Waiting::default();
        // The log may make a later call's row durable first.
        waiting.join(call(3), 3, &hotline);
        waiting.join(call(1), 1, &hotline);
        waiting.join(call(2), 2, &sales);
        waiting.join(call(1), 1, &hotline);
        assert_eq!(waiting.place(call(1), &hotline), 1);
        assert_eq!(waiting.place(call(2), &sales), 1);
        assert_eq!(waiting.place(call(3), &hotline), 2);

        waiting.leave(call(1));
        let order: Vec<_> = waiting.iter().map(|waiting| waiting.call).collect();
        assert_eq!(order, [call(2), call(3)]);
        assert_eq!(waiting.count(&hotline), 1);
    }
}
