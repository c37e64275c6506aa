//! What the desk has made of a call beside the talk of two: holds, mutes, who is asked, who
//! supervises, where it is parked. A call that nobody does anything with has none of it.

use std::collections::BTreeMap;
use std::time::Instant;

use super::attempt::{Callee, State};
use super::attention::Hand;
use super::command::{Actor, Refused};
use super::consult::Consult;
use super::doing::Doing;
use super::event::EventKind;
use super::hold::Hold;
use super::media::MediaLeg;
use super::park::Parked;
use super::private::Private;
use super::silence::Hush;
use super::supervise::Supervisor;
use super::{Call, Manners, Phase, Release};
use crate::id::AgentId;
use crate::rules::Moment;

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Desk {
    pub(super) hold: Option<Hold>,
    pub(super) is_muted: bool,
    pub(super) consult: Option<Consult>,
    pub(super) consults_made: u32,
    /// How often somebody else has got the caller by a transfer (R119).
    pub(super) passed_on: u32,
    pub(super) supervisor: Option<Supervisor>,
    pub(super) parked: Option<Parked>,
    /// Who takes the caller back whom nobody else takes.
    pub(super) sender: Option<AgentId>,
    /// Who has raised a hand (R066).
    pub(super) hand: Option<Hand>,
    pub(super) private: Option<Private>,
    pub(super) hush: Option<Hush>,
    /// Who hears a sum, and of whom.
    pub(super) mixed: BTreeMap<MediaLeg, Vec<MediaLeg>>,
    /// The agent whose phone plays ringing: somebody who is to be asked is rung.
    pub(super) toned: Option<MediaLeg>,
}

impl Call {
    pub(super) fn desk(&mut self) -> &mut Desk {
        self.desk.get_or_insert_default()
    }

    /// How people behave in its calls.
    pub(super) fn manners(&self) -> Manners {
        let line = self.line.as_ref();
        line.map(|line| line.manners.clone()).unwrap_or_default()
    }

    pub(super) fn does(&mut self, doing: Doing, now: Moment) {
        self.store(EventKind::Doing(doing), now);
    }

    /// The leg of the agent who asks for something, in the talk; whoever else asks does so for
    /// the agent who talks. An agent who has called somebody outside is the other side from now on,
    /// as for a transfer: the customer is who waits, is passed on and stays.
    pub(super) fn acting(
        &mut self,
        by: &Actor,
        now: Moment,
    ) -> Result<(MediaLeg, AgentId), Refused> {
        if !self.connected || !matches!(self.phase, Phase::Talking) {
            return Err(self.not_now(by));
        }
        let is_author = by.agent().is_none_or(|by| self.author.as_ref() == Some(by));
        if is_author && self.has_called_out(self.caller.id) {
            self.turn_round(now);
        }
        let (Some(leg), Some(agent)) = (self.talking_leg(), self.talking_agent().cloned()) else {
            return Err(self.not_now(by));
        };
        match by.agent() {
            Some(by) if *by != agent => Err(Refused::NotYours),
            Some(_) | None => Ok((leg, agent)),
        }
    }

    /// Why nobody, or not this agent, can act in the call.
    fn not_now(&self, by: &Actor) -> Refused {
        let is_in = |by: &AgentId| {
            let callee = Callee::Agent(by.clone());
            let mut phones = self.attempts.iter();
            self.author.as_ref() == Some(by)
                || phones.any(|phone| phone.destination.callee == callee)
        };
        match by.agent() {
            Some(by) if !is_in(by) => Refused::NotYours,
            Some(_) | None => Refused::WrongState,
        }
    }

    /// The talk of caller and agent takes place, and nobody is on the way.
    pub(super) fn is_settled(&self) -> bool {
        matches!(self.phase, Phase::Talking) && self.connected && self.transferor().is_none()
    }

    /// Whether a leg is the caller's, or of whoever speaks or has spoken with the caller.
    pub(super) fn takes_part(&self, leg: MediaLeg) -> bool {
        let attempt = self.attempts.iter().find(|attempt| attempt.leg.id == leg);
        attempt.is_none_or(|attempt| !attempt.wanted.is_beside())
    }

    /// The caller and the agent do not hear each other, whatever their phones say.
    pub(super) fn is_apart(&self) -> bool {
        self.transfer_target().is_some() || self.is_on_hold()
    }

    /// Ends what one agent has done with the talk, because another one goes on with it.
    pub(super) fn new_agent(&mut self, now: Moment) {
        self.forget_private();
        self.forget_hush();
        if let Some(desk) = &mut self.desk {
            desk.is_muted = false;
        }
        self.lower_hand(now);
    }

    /// Sends a phone away that the call needs no longer, and frees whose it is.
    pub(super) fn dismiss(&mut self, leg: MediaLeg) {
        let Some(index) = self.attempt_index(leg) else {
            return;
        };
        self.attempts[index].state = State::Over;
        let callee = self.attempts[index].destination.callee.clone();
        self.silence(leg);
        self.send_bye(leg);
        self.close_ports(leg);
        self.release(&callee, Release::Done);
    }

    /// The agent leaves, and the caller waits for somebody else.
    pub(super) fn agent_leaves(&mut self, now: Moment) {
        let Some(talker) = self.talker.take() else {
            return;
        };
        self.hold_ends(talker.leg, now);
        self.new_agent(now);
        self.dismiss(talker.leg);
        self.phase = Phase::Hunting;
        self.give_up_at = None;
    }

    /// What waits for the clock.
    pub(super) fn desk_deadline(&self) -> Option<Instant> {
        let desk = self.desk.as_ref()?;
        let dues = [
            desk.hold.as_ref().and_then(Hold::deadline),
            desk.parked.as_ref().map(|parked| parked.until),
            desk.private.as_ref().and_then(|private| private.due),
            desk.hush.as_ref().map(|hush| hush.due),
        ];
        dues.into_iter().flatten().min()
    }

    pub(super) fn desk_due(&mut self, now: Moment) {
        if self.desk.is_some() && !matches!(self.phase, Phase::Ended) {
            self.hold_prompt_due(now);
            self.hold_due(now);
            self.park_due(now);
            self.private_due(now);
            self.hush_due(now);
        }
    }

    /// The call is over: whoever is beside it is free, and nothing is waited for.
    pub(super) fn clear_desk(&mut self, now: Moment) {
        self.consult_over(now);
        self.supervision_over(now);
        if let Some(desk) = &mut self.desk {
            desk.hold = None;
            desk.parked = None;
            desk.private = None;
            desk.hush = None;
        }
        self.lower_hand(now);
    }
}
