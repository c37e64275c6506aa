//! How long somebody who waits has still to wait.
//!
//! With `n` agents who are all busy and calls that occupy one for `h` on average, an agent becomes
//! free every `h / n` on average, so that the caller at place `k` is answered after `k * h / n`:
//! exactly that in a system with exponential handle times (M/M/n), and to the first order whatever
//! the times are. Callers who give up ahead make the wait shorter, agents who serve other queues as
//! well make it longer: it is said as an expectation, never as a promise.

use std::time::Duration;

/// So many calls are averaged alike; from then on the older ones fade, so that a change of the
/// day's calls is followed.
const MEMORY: u32 = 32;

/// How long calls occupy an agent, from the answer to the end of the work after it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HandleTime {
    mean: Duration,
    count: u32,
}

impl HandleTime {
    /// One more call.
    pub(super) fn note(&mut self, took: Duration) {
        self.count = (self.count + 1).min(MEMORY);
        let step = |length: Duration| length / self.count;
        let above = took.saturating_sub(self.mean);
        let below = self.mean.saturating_sub(took);
        self.mean = (self.mean + step(above)).saturating_sub(step(below));
    }

    /// For whoever is at this place, 1 is next, where so many agents serve; `None` before the first
    /// call, or with nobody.
    pub(super) fn expected_wait(&self, place: u32, agents: usize) -> Option<Duration> {
        let agents = u32::try_from(agents).unwrap_or(u32::MAX);
        let is_known = self.count > 0 && agents > 0;
        is_known.then(|| self.mean.saturating_mul(place) / agents)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_is_place_times_handle_time_over_agents() {
        let mut handled = HandleTime::default();
        assert_eq!(handled.expected_wait(1, 4), None);
        for seconds in [100, 200] {
            handled.note(Duration::from_secs(seconds));
        }
        assert_eq!(handled.expected_wait(3, 5), Some(Duration::from_secs(90)));
        assert_eq!(handled.expected_wait(3, 0), None);
    }

    #[test]
    fn a_change_of_the_calls_is_followed() {
        let mut handled = HandleTime::default();
        for _ in 0..1_000 {
            handled.note(Duration::from_mins(1));
        }
        for _ in 0..200 {
            handled.note(Duration::from_mins(2));
        }
        let wait = handled.expected_wait(1, 1).unwrap_or_default();
        assert!((118..=120).contains(&wait.as_secs()), "{wait:?}");
    }
}
