//! A question to a caller: a prompt is played, and a key is awaited. Every dialogue of a caller with
//! the system is made of these: menu, message, survey.
//!
//! ```text
//! Playing --prompt over--> Listening --time out--> Silence
//!    |                        |
//!    `------- a key ----------+--> Key, or again from the beginning, or WrongKeys
//! ```
//!
//! A key counts from the prompt's first moment on: who knows what is asked need not wait.

use std::time::{Duration, Instant};

/// How a question ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// One of the keys that are accepted.
    Key(char),
    /// No key in time.
    Silence,
    /// Keys, but none that is accepted, as often as that is borne with.
    WrongKeys,
}

/// What follows from what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing yet.
    Wait,
    /// The key was wrong: say so, and ask again.
    Again,
    /// That is it.
    Over(Reply),
}

/// What a key means that is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Others {
    /// The question is asked again, so often still.
    Repeat(u32),
    /// Nothing.
    Ignored,
}

/// A question that is being asked.
#[derive(Clone, Debug)]
pub(super) struct Asking {
    accepts: String,
    wait: Duration,
    others: Others,
    deadline: Option<Instant>,
}

impl Asking {
    /// A question whose prompt begins now. `wait` counts from the end of the prompt; after a wrong
    /// key it is asked again, `repeats` times.
    pub(super) fn new(accepts: impl Into<String>, wait: Duration, repeats: u32) -> Self {
        Self {
            accepts: accepts.into(),
            wait,
            others: Others::Repeat(repeats),
            deadline: None,
        }
    }

    /// No question, but an ear: until one of these keys, or for as long as `wait`.
    pub(super) fn listening(accepts: impl Into<String>, wait: Duration, now: Instant) -> Self {
        Self {
            accepts: accepts.into(),
            wait,
            others: Others::Ignored,
            deadline: Some(now + wait),
        }
    }

    /// The prompt is over: from now on it waits.
    pub(super) fn prompt_over(&mut self, now: Instant) {
        self.deadline.get_or_insert(now + self.wait);
    }

    /// A key was pressed.
    pub(super) fn key(&mut self, key: char) -> Turn {
        if self.accepts.contains(key) {
            return Turn::Over(Reply::Key(key));
        }
        match &mut self.others {
            Others::Ignored => Turn::Wait,
            Others::Repeat(0) => Turn::Over(Reply::WrongKeys),
            Others::Repeat(left) => {
                *left -= 1;
                self.deadline = None;
                Turn::Again
            }
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) is next needed.
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        self.deadline
    }

    /// Time passes.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Turn {
        match self.deadline.take_if(|deadline| *deadline <= now) {
            Some(_) => Turn::Over(Reply::Silence),
            None => Turn::Wait,
        }
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_secs(5);

    #[test]
    fn a_key_in_the_middle_of_the_prompt_counts() {
        let mut asking = Asking::new("12", WAIT, 2);
        assert_eq!(asking.poll_timeout(), None, "a prompt takes its time");
        assert_eq!(asking.key('2'), Turn::Over(Reply::Key('2')));
    }

    #[test]
    fn silence_counts_from_the_end_of_the_prompt() {
        let start = Instant::now();
        let mut asking = Asking::new("12", WAIT, 2);
        asking.prompt_over(start);
        let before = start + Duration::from_millis(4_999);
        assert_eq!(asking.handle_timeout(before), Turn::Wait);
        assert_eq!(asking.poll_timeout(), Some(start + WAIT));
        let over = Turn::Over(Reply::Silence);
        assert_eq!(asking.handle_timeout(start + WAIT), over);
        assert_eq!(asking.handle_timeout(start + WAIT), Turn::Wait, "once");
    }

    #[test]
    fn after_wrong_keys_it_is_asked_twice_more() {
        let start = Instant::now();
        let mut asking = Asking::new("12", WAIT, 2);
        asking.prompt_over(start);
        assert_eq!(asking.key('9'), Turn::Again);
        assert_eq!(asking.poll_timeout(), None, "the prompt plays again");
        asking.prompt_over(start);
        assert_eq!(asking.key('*'), Turn::Again);
        assert_eq!(asking.key('0'), Turn::Over(Reply::WrongKeys));
    }

    #[test]
    fn a_right_key_after_a_wrong_one_counts() {
        let mut asking = Asking::new("12", WAIT, 1);
        assert_eq!(asking.key('#'), Turn::Again);
        assert_eq!(asking.key('1'), Turn::Over(Reply::Key('1')));
    }

    #[test]
    fn an_ear_hears_its_own_keys_only() {
        let start = Instant::now();
        let mut ear = Asking::listening("#", WAIT, start);
        for key in "0123456789*ABCD".chars() {
            assert_eq!(ear.key(key), Turn::Wait);
        }
        assert_eq!(ear.key('#'), Turn::Over(Reply::Key('#')));
        let over = Turn::Over(Reply::Silence);
        assert_eq!(ear.handle_timeout(start + WAIT), over);
    }
}
