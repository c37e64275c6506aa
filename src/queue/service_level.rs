//! What queueing theory expects of a queue: Erlang C, where every caller waits, and Erlang A, where
//! callers lose patience. Arrivals are Poisson, handle times and patience exponential. A real day is
//! compared with it, and agents are planned by it.

use std::time::Duration;

/// What comes in, and who is there for it.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Calls a second.
    pub arrivals_per_s: f64,
    /// How long a call occupies an agent on average.
    pub handle_s: f64,
    /// Agents.
    pub agents: u32,
}

impl Load {
    /// The traffic offered, in erlangs: how many agents it would occupy if there were enough.
    pub fn erlangs(&self) -> f64 {
        self.arrivals_per_s * self.handle_s
    }

    /// Erlang B: the part of calls that finds every agent busy, where none may wait. By the
    /// recursion in the number of agents, which stays within the range of numbers.
    pub fn blocked(&self) -> f64 {
        let traffic = self.erlangs();
        (1..=self.agents).fold(1.0, |blocked, agents| {
            traffic * blocked / (f64::from(agents) + traffic * blocked)
        })
    }

    /// Erlang C: the part of calls that has to wait, where all wait as long as it takes; 1 where
    /// there is too much traffic for the agents.
    pub fn waits(&self) -> f64 {
        let used = self.erlangs() / f64::from(self.agents);
        if used >= 1.0 {
            return 1.0;
        }
        let blocked = self.blocked();
        blocked / (1.0 - used * (1.0 - blocked))
    }

    /// Erlang C: the part of calls that is answered within that time.
    pub fn answered_within(&self, wait: Duration) -> f64 {
        let spare = f64::from(self.agents) - self.erlangs();
        if spare <= 0.0 {
            return 0.0;
        }
        1.0 - self.waits() * (-spare * wait.as_secs_f64() / self.handle_s).exp()
    }

    /// Erlang C: how long calls wait on average, those that wait not at all among them; in seconds,
    /// infinite where there is too much traffic.
    pub fn mean_wait_s(&self) -> f64 {
        let spare = f64::from(self.agents) - self.erlangs();
        if spare <= 0.0 {
            return f64::INFINITY;
        }
        self.waits() * self.handle_s / spare
    }
}

/// A queue whose callers give up (Erlang A, M/M/n+M), in its steady state.
#[derive(Clone, Debug)]
pub struct Impatient {
    load: Load,
    patience_s: f64,
    /// How likely it is that a caller finds every agent busy and so many waiting: 0, 1, 2 ...
    finds_waiting: Vec<f64>,
}

/// What is less likely than this is left out.
const NEGLIGIBLE: f64 = 1e-12;

impl Impatient {
    /// Callers give up after that long on average.
    pub fn new(load: Load, patience_s: f64) -> Self {
        let traffic = load.erlangs();
        // How likely each number of calls is, as a multiple of that of exactly all agents busy.
        // With fewer calls than agents these sum up to 1 / B, as in Erlang B.
        let below = 1.0 / load.blocked() - 1.0;
        let mut found = vec![1.0];
        let mut last: f64 = 1.0;
        let mut total = below + 1.0;
        let mut ahead = 0.0;
        while last > NEGLIGIBLE * total || traffic / f64::from(load.agents) > 1.0 && ahead < 1e6 {
            ahead += 1.0;
            let leaving = f64::from(load.agents) / load.handle_s + ahead / patience_s;
            last *= load.arrivals_per_s / leaving;
            total += last;
            found.push(last);
            if last <= NEGLIGIBLE * total && load.arrivals_per_s < leaving {
                break;
            }
        }
        let finds_waiting = found.into_iter().map(|part| part / total).collect();
        Self {
            load,
            patience_s,
            finds_waiting,
        }
    }

    /// The part of calls that finds every agent busy.
    pub fn waits(&self) -> f64 {
        self.finds_waiting.iter().sum()
    }

    /// The part of calls whose caller gives up: whoever waits does so at the rate of impatience.
    pub fn gives_up(&self) -> f64 {
        let mut number = 0.0;
        let waiting: f64 = self
            .finds_waiting
            .iter()
            .map(|part| {
                let these = number * part;
                number += 1.0;
                these
            })
            .sum();
        waiting / self.patience_s / self.load.arrivals_per_s
    }

    /// The part of calls that is answered, and within that time.
    ///
    /// A caller with `j` ahead moves up when an agent becomes free or somebody ahead gives up, and
    /// gives up himself at the rate of impatience: a chain whose state at that time is found by
    /// uniformisation.
    pub fn answered_within(&self, wait: Duration) -> f64 {
        let served = f64::from(self.load.agents) / self.load.handle_s;
        let impatience = 1.0 / self.patience_s;
        let mut ahead = self.finds_waiting.clone();
        let mut counts = Vec::new();
        let mut count = 0.0;
        for _ in &ahead {
            counts.push(count);
            count += 1.0;
        }
        let fastest = served + (count + 1.0) * impatience;
        let mut answered = 1.0 - self.waits();
        let steps = fastest * wait.as_secs_f64();
        // How likely it is that `n` steps of the uniform chain happen: Poisson, by its logarithm.
        let mut log_likely = -steps;
        let mut likely_so_far = 0.0;
        let mut within = 0.0;
        let mut step = 0.0;
        loop {
            let likely = log_likely.exp();
            within += likely * answered;
            likely_so_far += likely;
            if likely_so_far > 1.0 - NEGLIGIBLE || step > 2.0 * steps + 1_000.0 {
                return within;
            }
            let mut next = vec![0.0; ahead.len()];
            for (index, part) in ahead.iter().enumerate() {
                let moves_up = (served + counts[index] * impatience) / fastest;
                match index.checked_sub(1) {
                    Some(up) => next[up] += part * moves_up,
                    None => answered += part * moves_up,
                }
                next[index] += part * (1.0 - moves_up - impatience / fastest);
            }
            ahead = next;
            step += 1.0;
            log_likely += (steps / step).ln();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(erlangs: f64, agents: u32) -> Load {
        Load {
            arrivals_per_s: erlangs / 100.0,
            handle_s: 100.0,
            agents,
        }
    }

    fn is_near(a: f64, b: f64, within: f64) {
        assert!((a - b).abs() <= within, "{a} is not {b}");
    }

    /// The published tables of Erlang B: the traffic that loses 1 % on so many circuits.
    #[test]
    fn erlang_b_is_that_of_the_tables() {
        for (agents, traffic) in [(1, 0.0101), (5, 1.36), (10, 4.46), (20, 12.03), (50, 37.90)] {
            is_near(load(traffic, agents).blocked(), 0.01, 0.000_1);
        }
    }

    /// With one agent the part that waits is the traffic itself (M/M/1); with two it is
    /// a² / (2 + a).
    #[test]
    fn erlang_c_is_that_of_small_queues() {
        is_near(load(0.7, 1).waits(), 0.7, 1e-12);
        is_near(load(1.2, 2).waits(), 1.44 / 3.2, 1e-12);
        let one = load(0.5, 1);
        is_near(one.mean_wait_s(), 100.0, 1e-9);
        let half = Duration::from_secs(100);
        is_near(
            one.answered_within(half),
            1.0 - 0.5 * (-0.5_f64).exp(),
            1e-12,
        );
        is_near(load(3.0, 2).waits(), 1.0, 0.0);
        is_near(load(3.0, 2).answered_within(half), 0.0, 0.0);
    }

    /// Whose patience is as long as a call leaves as fast waiting as talking: the number of calls is
    /// Poisson, as with agents without end.
    #[test]
    fn erlang_a_is_poisson_where_patience_is_as_long_as_a_call() {
        let queue = Impatient::new(load(8.0, 10), 100.0);
        let mut likely = (-8.0_f64).exp();
        let (mut below, mut waiting, mut n) = (0.0, 0.0, 0.0);
        while n < 60.0 {
            if n < 10.0 {
                below += likely;
            } else {
                waiting += (n - 10.0) * likely;
            }
            n += 1.0;
            likely *= 8.0 / n;
        }
        is_near(queue.waits(), 1.0 - below, 1e-9);
        is_near(queue.gives_up(), waiting / 8.0, 1e-9);
    }

    #[test]
    fn endless_patience_is_erlang_c() {
        let load = load(8.0, 10);
        let queue = Impatient::new(load, 1e9);
        is_near(queue.waits(), load.waits(), 1e-6);
        is_near(queue.gives_up(), 0.0, 1e-6);
        let wait = Duration::from_secs(20);
        is_near(
            queue.answered_within(wait),
            load.answered_within(wait),
            1e-6,
        );
    }

    /// In the end everybody has been answered or has given up, even where there is twice too much
    /// traffic.
    #[test]
    fn who_does_not_give_up_is_answered() {
        for traffic in [8.0, 20.0] {
            let queue = Impatient::new(load(traffic, 10), 60.0);
            let answered = queue.answered_within(Duration::from_hours(1));
            is_near(answered, 1.0 - queue.gives_up(), 1e-6);
        }
    }
}
