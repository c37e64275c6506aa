//! What goes wrong: phones lose their power, connections break, the service itself is started
//! again; and an agent who goes on at another phone.

use std::time::{Duration, Instant};

use rand::RngExt;
use thirdring::call::command::{Actor, CallCommand, Ticket};
use thirdring::call::event::{HangupParty, Outcome};
use thirdring::call::{CallEvent, EventKind};
use thirdring::id::EventId;
use thirdring::phone::{Command, UserAgent};
use thirdring::sip::{Flow, Transport};
use thirdring::switch::{self, Input, Switch};

use super::World;
use super::phone::{Person, Phone};
use super::plane::Plane;
use super::site::SWITCH;

/// Whoever hears nothing any more hangs up after so long.
const PATIENCE: Duration = Duration::from_mins(2);
/// A phone that has lost its connection registers again after so long.
const COMES_BACK: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug)]
pub(super) enum Mishap {
    /// This phone forgets everything.
    PowerCut(usize),
    /// The connection of this phone ends; true if the service hears of it at once.
    Break(usize, bool),
    /// The service is started again. What it knew of registrations is kept, its calls are lost.
    Restart,
    /// Whoever uses this phone hangs it up: there is nobody on the line.
    GiveUp(usize),
    /// The program fails in the next step of this call, which is at once.
    Fault(usize),
    /// Whoever talks or rings at the first phone goes on at the second.
    TakeOver(usize, usize),
}

impl Mishap {
    /// Whether it needs a phone that is in use.
    pub(super) const fn changes_nothing_idle(&self) -> bool {
        matches!(self, Self::GiveUp(_))
    }
}

impl World {
    pub(super) fn happens(&mut self, after: Duration, mishap: Mishap) {
        let when = self.start + Duration::from_secs(5) + after;
        let n = self.mishaps.len();
        self.mishaps.insert((when, n), mishap);
    }

    fn phone_of(&self, user: &str) -> usize {
        let index = self.phones.iter().position(|phone| phone.user == user);
        index.expect("a phone of this user")
    }

    /// The phone of this user loses its power for a moment, so long after the start.
    pub(crate) fn restarts(&mut self, user: &str, after: Duration) {
        let phone = self.phone_of(user);
        self.happens(after, Mishap::PowerCut(phone));
    }

    /// The connection of this user's phone breaks.
    pub(crate) fn breaks(&mut self, user: &str, after: Duration, is_heard_of: bool) {
        let phone = self.phone_of(user);
        self.happens(after, Mishap::Break(phone, is_heard_of));
    }

    /// The service is started again.
    pub(crate) fn service_restarts(&mut self, after: Duration) {
        self.happens(after, Mishap::Restart);
    }

    /// The program fails in the call that was the nth to arrive, from 0.
    pub(crate) fn fails_in(&mut self, n: usize, after: Duration) {
        self.happens(after, Mishap::Fault(n));
    }

    /// The user goes on at the second of their phones.
    pub(crate) fn takes_over(&mut self, user: &str, after: Duration) {
        let first = self.phone_of(user);
        let mut others = self.phones.iter().enumerate().skip(first + 1);
        let second = others.find(|(_, phone)| phone.user == user);
        let (second, _) = second.expect("a second phone");
        self.happens(after, Mishap::TakeOver(first, second));
    }

    pub(super) fn goes_wrong(&mut self, mishap: Mishap) {
        match mishap {
            Mishap::PowerCut(index) => self.power_cut(index),
            Mishap::Break(index, is_heard_of) => self.breaks_off(index, is_heard_of),
            Mishap::Restart => self.starts_again(),
            Mishap::GiveUp(index) => {
                let (phone, now) = (&mut self.phones[index], self.now);
                phone.agent.handle_command(Command::HangUp, now);
            }
            Mishap::Fault(n) => {
                let call = self.calls()[n].0[0].call;
                self.switch().sabotage(call);
                let command = switch::Command::Call(call, CallCommand::Talk);
                self.report(Input::Command(Ticket(1), Actor::System, command));
            }
            Mishap::TakeOver(first, second) => {
                if let Some(replaces) = self.phones[first].agent.replaces() {
                    let (phone, now) = (&mut self.phones[second], self.now);
                    phone.agent.handle_command(Command::TakeOver(replaces), now);
                }
            }
        }
    }

    /// A phone forgets its call, its registration and what it owes; whoever uses it may press
    /// buttons again. An agent's registers at once.
    fn power_cut(&mut self, index: usize) {
        let seed = self.rng.random();
        let now = self.now;
        self.breaks_off(index, true);
        let phone = &mut self.phones[index];
        phone.agent = UserAgent::new(phone.config.clone(), seed);
        phone.intentions.clear();
        if matches!(phone.person, Person::Agent(_)) {
            phone.registers(now);
        }
    }

    /// What was on its way by the phone's connection is lost.
    fn breaks_off(&mut self, index: usize, is_heard_of: bool) {
        let phone = &mut self.phones[index];
        if phone.transport == Transport::Udp {
            return;
        }
        let listens = phone.address;
        let ended = [
            phone.link.is_some().then(|| phone.connection()),
            Some(listens),
        ];
        phone.link = None;
        phone.comes_back(self.now);
        for peer in ended.into_iter().flatten() {
            self.flying.breaks(peer);
            let flow = Flow {
                transport: Transport::Tcp,
                local: SWITCH,
                peer,
            };
            if is_heard_of {
                self.report(Input::Disconnected(flow));
            }
        }
    }

    /// What the shell does then: rows of calls that were going on say so, registrations are read.
    fn starts_again(&mut self) {
        for call in self.calls() {
            if call.outcome().is_none() {
                let last = call.0.last().expect("an event").clone();
                self.interrupted(&last);
            }
        }
        self.restarted = true;
        self.plane = Plane::new(self.seed);
        self.news
            .retain(|_, input| matches!(input, Input::Command(..)));
        for index in 0..self.phones.len() {
            self.breaks_off(index, false);
            // What the service sent before may still make a phone ring.
            let (when, n) = (self.now + PATIENCE, self.mishaps.len() + 1_000);
            self.mishaps.insert((when, n), Mishap::GiveUp(index));
        }
        let (settings, moment) = (self.settings(), self.moment());
        let seed = self.rng.random();
        self.switch = Some(Switch::new(settings, seed, [8; 32], moment));
        let desk = self.kept_desk();
        self.report(Input::Desk(desk));
        let kept = std::mem::take(&mut self.kept);
        let kept = kept.into_values().flatten().collect();
        self.report(Input::Registrations(kept));
        let open = self.dialogs.values().cloned().collect();
        self.report(Input::LeftOpen(open));
    }

    fn interrupted(&mut self, last: &CallEvent) {
        let hung_up = EventKind::HungUp {
            party: HangupParty::System,
            agent_first: false,
            reason: Some("the service was interrupted".to_owned()),
        };
        let ended = EventKind::Ended {
            outcome: Outcome::Interrupted,
            status: None,
            grade: None,
            caller_ring_ms: None,
            talk_ms: None,
        };
        for kind in [hung_up, ended] {
            let at = self.moment().wall;
            self.log.push(CallEvent {
                id: EventId::mint(at, &mut self.rng),
                at,
                kind,
                ..last.clone()
            });
        }
    }
}

impl Phone {
    /// A phone whose connection has broken makes another one; a talk that is silent then is ended
    /// by whoever holds the phone.
    fn comes_back(&mut self, now: Instant) {
        if matches!(self.person, Person::Agent(_)) {
            self.registers(now + COMES_BACK);
            self.intends(now + PATIENCE, Command::HangUp);
        }
    }
}
