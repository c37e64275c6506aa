//! A call that waits for whoever fetches it: parked by its agent, passed on in vain, or rung at a
//! colleague's phone (代接). Nobody is forgotten: it goes back to who left it, and then to the line.

use std::time::Instant;

use super::attempt::{Callee, Destination, Wanted};
use super::command::{Actor, Answer, Done, Refused};
use super::doing::Doing;
use super::{Call, Output, Phase, Release};
use crate::id::AgentId;
use crate::rules::Moment;

/// Parked by an agent.
#[derive(Debug)]
pub(super) struct Parked {
    by: AgentId,
    /// When it goes back.
    pub(super) until: Instant,
}

impl Call {
    /// The caller waits, with music, for whoever fetches the call; the agent is free.
    pub(super) fn park(&mut self, by: &Actor, now: Moment) -> Answer {
        let (_, agent) = self.acting(by, now)?;
        if !self.is_settled() || self.notice.is_some() {
            return Err(Refused::WrongState);
        }
        let until = now.instant + self.manners().park_return;
        let parked = Doing::Parked { by: agent.clone() };
        self.does(parked, now);
        self.agent_leaves(now);
        self.desk().parked = Some(Parked { by: agent, until });
        self.arrange();
        Ok(Done::Accepted)
    }

    /// Whether the caller waits for whoever fetches the call.
    pub(super) fn is_parked(&self) -> bool {
        self.desk.as_ref().is_some_and(|desk| desk.parked.is_some())
    }

    /// Whether an agent may have the call that rings at a colleague's phone, or is parked.
    pub fn can_be_picked_up(&self) -> bool {
        matches!(self.phase, Phase::Hunting)
            && !self.is_being_answered()
            && (self.is_parked() || self.rings_at_the_desk())
    }

    /// Rings the phones of an agent who wants the call, who is claimed.
    pub(super) fn fetch(&mut self, by: AgentId, phones: Vec<Destination>, now: Moment) {
        if !self.can_be_picked_up() {
            return self.release(&Callee::Agent(by), Release::Done);
        }
        self.does(Doing::PickUpAsked { by }, now);
        self.offer(phones, Wanted::PickUp, now);
    }

    /// Somebody has answered: it is not parked any more, and goes back to nobody.
    pub(super) fn fetched(&mut self) {
        if let Some(desk) = &mut self.desk {
            desk.parked = None;
            desk.sender = None;
        }
    }

    /// The caller who waits is one whom somebody will fetch: with music, and not with ringing.
    pub(super) fn waits_with_music(&self) -> bool {
        self.is_parked() || self.waits_elsewhere()
    }

    pub(super) fn park_due(&mut self, now: Moment) {
        let desk = self.desk.as_mut();
        let Some(desk) = desk.filter(|desk| {
            let parked = desk.parked.as_ref();
            parked.is_some_and(|parked| parked.until <= now.instant)
        }) else {
            return;
        };
        let Some(Parked { by: back_to, .. }) = desk.parked.take() else {
            return;
        };
        desk.sender = Some(back_to.clone());
        self.does(Doing::ParkEnded { back_to }, now);
        if self.live_attempts() == 0 {
            self.give_back(now);
        }
    }

    /// Rings whoever has left the caller last; the line's agents, if that one cannot be.
    pub(super) fn give_back(&mut self, now: Moment) {
        match self.desk().sender.take() {
            Some(sender) => {
                self.sound.music = false;
                self.play_ringback();
                self.emit(Output::Recall(sender));
            }
            None => self.hunt_again(now),
        }
    }

    /// The phones of whoever takes the caller back, claimed; none if that cannot be.
    pub(super) fn recall(&mut self, phones: Vec<Destination>, now: Moment) {
        if phones.is_empty() {
            return self.returned_in_vain(now);
        }
        self.offer(phones, Wanted::Return, now);
    }

    pub(super) fn returned_in_vain(&mut self, now: Moment) {
        let waits = matches!(self.phase, Phase::Hunting) && self.talker.is_none();
        if waits && self.live_attempts() == 0 {
            self.hunt_again(now);
        }
    }

    /// A parked call, or one that was, whose fetcher did not answer.
    pub(super) fn pick_up_in_vain(&mut self, now: Moment) {
        let is_parked = self.is_parked();
        let has_sender = self.desk.as_ref().is_some_and(|desk| desk.sender.is_some());
        let waits = matches!(self.phase, Phase::Hunting) && self.connected;
        if waits && !is_parked && has_sender && self.live_attempts() == 0 && !self.waits_elsewhere()
        {
            self.give_back(now);
        }
    }
}
