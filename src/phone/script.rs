//! What a phone does by itself: an agent's manner with calls that come, a caller's with the call
//! it makes. Pure: events and the time in, commands out.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::command::{Command, Event};
use crate::sip::StatusCode;

/// What an agent's phone does with a call that comes. Times count from its own 180.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Answers after ringing for so long.
    Answer {
        /// So long.
        after: Duration,
        /// And then.
        then: Then,
    },
    /// Lets it ring until the caller or the service gives up.
    LetRing,
    /// Refuses at once, without ringing.
    Reject(StatusCode),
}

/// What happens in a call that is answered. Times count from the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// Stays until the other end hangs up.
    Stay,
    /// Hangs up.
    HangUp {
        /// After so long.
        after: Duration,
    },
    /// Passes the call on, blind, and hangs up when the target has answered.
    Transfer {
        /// To this number.
        to: String,
        /// After so long.
        after: Duration,
    },
}

/// A call to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// What is dialled.
    pub to: String,
    /// Gives up when it has rung unanswered for so long, counted from the first 18x.
    pub give_up: Option<Duration>,
    /// What happens after the answer.
    pub then: Then,
}

/// The machine that carries it out.
#[derive(Clone, Debug)]
pub struct Script {
    /// For the calls that come, in order; the last is for all further ones.
    manners: VecDeque<Manner>,
    give_up: Option<Duration>,
    then: Then,
    due: Option<(Instant, Command)>,
    outputs: VecDeque<Command>,
}

impl Script {
    /// Does nothing by itself; calls that come ring until they are given up.
    pub fn idle() -> Self {
        Self::agent([Manner::LetRing])
    }

    /// Treats the first call in the first manner, and so on; further ones in the last.
    pub fn agent(manners: impl IntoIterator<Item = Manner>) -> Self {
        Self {
            manners: manners.into_iter().collect(),
            give_up: None,
            then: Then::Stay,
            due: None,
            outputs: VecDeque::new(),
        }
    }

    /// Makes one call, at once.
    pub fn caller(dial: Dial) -> Self {
        Self {
            give_up: dial.give_up,
            then: dial.then,
            outputs: VecDeque::from([Command::Call { to: dial.to }]),
            ..Self::idle()
        }
    }

    /// Takes what happened to the phone.
    pub fn handle_event(&mut self, event: &Event, now: Instant) {
        match event {
            Event::Incoming { .. } => self.incoming(now),
            Event::Ringing { .. } => {
                if let Some(patience) = self.give_up.take() {
                    self.due = Some((now + patience, Command::Cancel));
                }
            }
            Event::Answered => self.due = self.then.command(now),
            Event::Transferred(status) if status.is_success() => {
                self.outputs.push_back(Command::HangUp);
            }
            Event::Rejected(_) | Event::Ended { .. } => self.due = None,
            Event::Registered { .. }
            | Event::Unregistered
            | Event::RegisterFailed(_)
            | Event::Trying
            | Event::Transferred(_)
            | Event::ReInvited { .. }
            | Event::ReInviteAnswered(_) => {}
        }
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        if let Some((_, command)) = self.due.take_if(|(at, _)| *at <= now) {
            self.outputs.push_back(command);
        }
    }

    /// What the phone is told next.
    pub fn poll_output(&mut self) -> Option<Command> {
        self.outputs.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is next needed.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.due.as_ref().map(|(at, _)| *at)
    }

    fn incoming(&mut self, now: Instant) {
        let manner = match self.manners.len() {
            0 | 1 => self.manners.front().cloned(),
            _ => self.manners.pop_front(),
        };
        match manner {
            Some(Manner::Reject(status)) => self.outputs.push_back(Command::Reject(status)),
            Some(Manner::Answer { after, then }) => {
                self.outputs.push_back(Command::Ring(StatusCode::RINGING));
                self.then = then;
                self.due = Some((now + after, Command::Answer));
            }
            Some(Manner::LetRing) | None => {
                self.outputs.push_back(Command::Ring(StatusCode::RINGING));
            }
        }
    }
}

impl Then {
    fn command(&self, now: Instant) -> Option<(Instant, Command)> {
        match self {
            Self::Stay => None,
            Self::HangUp { after } => Some((now + *after, Command::HangUp)),
            Self::Transfer { to, after } => Some((now + *after, Command::Refer { to: to.clone() })),
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

    const SECOND: Duration = Duration::from_secs(1);
    const INCOMING: Event = Event::Incoming {
        from: None,
        name: None,
    };

    fn outputs(script: &mut Script) -> Vec<Command> {
        std::iter::from_fn(|| script.poll_output()).collect()
    }

    #[test]
    fn an_agent_rings_answers_in_time_and_passes_on() {
        let start = Instant::now();
        let then = Then::Transfer {
            to: "1002".to_owned(),
            after: SECOND,
        };
        let mut script = Script::agent([
            Manner::Answer {
                after: SECOND,
                then,
            },
            Manner::Reject(StatusCode::BUSY_HERE),
        ]);
        script.handle_event(&INCOMING, start);
        assert_eq!(outputs(&mut script), [Command::Ring(StatusCode::RINGING)]);
        assert_eq!(script.poll_timeout(), Some(start + SECOND));
        script.handle_timeout(start + SECOND);
        assert_eq!(outputs(&mut script), [Command::Answer]);
        script.handle_event(&Event::Answered, start + SECOND);
        script.handle_timeout(start + 2 * SECOND);
        let to = "1002".to_owned();
        assert_eq!(outputs(&mut script), [Command::Refer { to }]);
        script.handle_event(&Event::Transferred(StatusCode::TRYING), start);
        assert_eq!(outputs(&mut script), []);
        script.handle_event(&Event::Transferred(StatusCode::OK), start);
        assert_eq!(outputs(&mut script), [Command::HangUp]);

        script.handle_event(&INCOMING, start);
        let busy = Command::Reject(StatusCode::BUSY_HERE);
        assert_eq!(outputs(&mut script), [busy]);
    }

    #[test]
    fn a_caller_gives_up_counted_from_the_first_18x() {
        let start = Instant::now();
        let mut script = Script::caller(Dial {
            to: "4001".to_owned(),
            give_up: Some(2 * SECOND),
            then: Then::Stay,
        });
        let to = "4001".to_owned();
        assert_eq!(outputs(&mut script), [Command::Call { to }]);
        let ringing = Event::Ringing {
            status: StatusCode::RINGING,
            early_media: false,
        };
        script.handle_event(&ringing, start + SECOND);
        script.handle_event(&ringing, start + 2 * SECOND);
        script.handle_timeout(start + 2 * SECOND);
        assert_eq!(outputs(&mut script), []);
        script.handle_timeout(start + 3 * SECOND);
        assert_eq!(outputs(&mut script), [Command::Cancel]);
    }

    #[test]
    fn an_answered_caller_does_not_give_up() {
        let start = Instant::now();
        let mut script = Script::caller(Dial {
            to: "4001".to_owned(),
            give_up: Some(2 * SECOND),
            then: Then::HangUp { after: 5 * SECOND },
        });
        outputs(&mut script);
        let ringing = Event::Ringing {
            status: StatusCode::RINGING,
            early_media: false,
        };
        script.handle_event(&ringing, start);
        script.handle_event(&Event::Answered, start + SECOND);
        script.handle_timeout(start + 3 * SECOND);
        assert_eq!(outputs(&mut script), []);
        script.handle_timeout(start + 6 * SECOND);
        assert_eq!(outputs(&mut script), [Command::HangUp]);
    }
}
