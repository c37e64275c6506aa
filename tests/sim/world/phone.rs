//! A phone, and the person who uses it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use thirdring::phone::{Command, Event, PhoneConfig, UserAgent};
use thirdring::sip::{StatusCode, Transport};

use super::site::{PASSWORD, SWITCH};
use crate::behaviour::{AgentHabit, CallerHabit, Reaction};

#[derive(Debug)]
pub(super) enum Person {
    Agent(AgentHabit),
    /// Somebody outside, whom the trunk calls for us.
    Outside(AgentHabit),
    Caller(CallerHabit),
}

#[derive(Debug)]
pub(super) struct Phone {
    pub(super) agent: UserAgent,
    pub(super) user: String,
    pub(super) address: SocketAddr,
    pub(super) person: Person,
    pub(super) config: PhoneConfig,
    /// What the person does next, and when.
    pub(super) intentions: BTreeMap<(Instant, u32), Command>,
    pub(super) intended: u32,
    /// Over what it speaks.
    pub(super) transport: Transport,
    /// The port of its connection, while it has one.
    pub(super) link: Option<u16>,
    /// Connections that it has had.
    pub(super) links: u16,
    /// What it was told.
    pub(super) heard: Vec<Event>,
}

impl Phone {
    pub(super) fn registers(&mut self, when: Instant) {
        let register = Command::Register {
            user: self.user.clone(),
            password: PASSWORD.to_owned(),
            registrar: SWITCH,
            expires: Duration::from_hours(1),
        };
        self.intends(when, register);
    }

    /// The address of its connection; a new one, if it has none.
    pub(super) fn connection(&mut self) -> SocketAddr {
        let port = *self.link.get_or_insert_with(|| {
            self.links += 1;
            30_000 + self.links
        });
        SocketAddr::new(self.address.ip(), port)
    }

    fn holds(&mut self, holds: Option<(Duration, Duration)>, now: Instant) {
        if let Some((wait, length)) = holds {
            self.intends(now + wait, Command::Hold);
            self.intends(now + wait + length, Command::Resume);
        }
    }

    pub(super) fn intends(&mut self, when: Instant, command: Command) {
        self.intended += 1;
        self.intentions.insert((when, self.intended), command);
    }

    /// A dead phone still hears what its registrar says.
    pub(super) fn is_deaf_to(&self, bytes: &[u8]) -> bool {
        let is_dead = matches!(
            self.person,
            Person::Agent(AgentHabit {
                reaction: Reaction::Dead,
                ..
            })
        );
        is_dead && !bytes.starts_with(b"SIP/2.0")
    }

    /// The person hears something and makes up their mind.
    pub(super) fn react(&mut self, event: &Event, now: Instant) {
        self.heard.push(event.clone());
        match (&self.person, event) {
            (Person::Agent(habit) | Person::Outside(habit), Event::Incoming { .. }) => {
                match habit.reaction {
                    Reaction::Answers(wait) => {
                        self.intends(now, Command::Ring(StatusCode::RINGING));
                        self.intends(now + wait, Command::Answer);
                    }
                    Reaction::Rings => self.intends(now, Command::Ring(StatusCode::RINGING)),
                    Reaction::Refuses(status) => {
                        self.intends(now, Command::Reject(StatusCode::new(status)));
                    }
                    Reaction::Dead => {}
                }
            }
            (Person::Agent(habit) | Person::Outside(habit), Event::Answered) => {
                let AgentHabit {
                    leaves_after,
                    passes_on,
                    holds,
                    ..
                } = *habit;
                self.holds(holds, now);
                if let Some(wait) = leaves_after {
                    self.intends(now + wait, Command::HangUp);
                }
                if let Some((wait, to)) = passes_on {
                    let to = to.to_owned();
                    self.intends(now + wait, Command::Refer { to });
                }
            }
            (Person::Caller(habit), Event::Answered) => {
                let CallerHabit { talks, holds, .. } = *habit;
                self.holds(holds, now);
                self.intends(now + talks, Command::HangUp);
            }
            (_, Event::Ended { .. }) => {
                // What was meant for that call is not meant for the next one.
                self.intentions
                    .retain(|_, command| matches!(command, Command::Register { .. }));
            }
            _ => {}
        }
    }
}
