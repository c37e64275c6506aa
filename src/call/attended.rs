//! An attended transfer (RFC 5589 §7): an agent joins whom they consulted with the caller they
//! consulted about. Both dialogs are ours, so nothing is forwarded: one call gives its callee's
//! leg away and ends, the other takes the leg over, and its recording goes on.

use super::attempt::{Attempt, Callee, State, Wanted};
use super::event::{EventKind, HangupParty, Outcome, TransferKind, TransferResult};
use super::leg::{Ports, Wire};
use super::media::MediaLeg;
use super::transfer::{TRANSFEROR_LEAVES, Transfer};
use super::{Call, Phase, Talker};
use crate::id::{AgentId, CallId};
use crate::rules::Moment;
use crate::sip::StatusCode;

/// Whom a consultation reached, or rings, on the way to another call.
#[derive(Debug)]
pub struct Moved {
    callee: Callee,
    phones: Vec<Attempt>,
}

impl Moved {
    /// Who it is.
    pub const fn callee(&self) -> &Callee {
        &self.callee
    }

    /// The legs that change the call.
    pub fn legs(&self) -> impl Iterator<Item = MediaLeg> {
        self.phones.iter().map(|phone| phone.leg.id)
    }
}

impl Call {
    /// Whether this leg's peer speaks with the caller now.
    pub fn talks_on(&self, leg: MediaLeg) -> bool {
        matches!(self.phase, Phase::Talking) && self.talking_leg() == Some(leg)
    }

    /// The tag of a leg's peer, as far as there is a dialog.
    pub fn remote_tag(&self, leg: MediaLeg) -> Option<String> {
        let legs = self.attempts.iter().map(|attempt| &attempt.leg);
        let leg = legs.chain([&self.caller]).find(|own| own.id == leg)?;
        let dialog = leg.dialog.as_ref()?;
        Some(dialog.id().remote_tag.clone())
    }

    /// Whom the caller speaks with, or has rung.
    pub fn reaches(&self) -> Option<&Callee> {
        let attempt = self
            .attempts
            .iter()
            .find(|attempt| self.can_move(attempt))?;
        Some(&attempt.destination.callee)
    }

    fn can_move(&self, attempt: &Attempt) -> bool {
        let is_there = attempt.leg.ports != Ports::Closed && attempt.leg.ports != Ports::Closing;
        let is_wanted = match self.talking_leg() {
            Some(leg) => attempt.leg.id == leg && attempt.leg.wire == Wire::Up,
            None => attempt.is_live() && attempt.wanted == Wanted::Answer,
        };
        is_there && is_wanted && !matches!(self.phase, Phase::Ended)
    }

    /// Gives whom the caller reached, or has rung, to the call `into`; this one is over then.
    pub fn give_away(&mut self, into: CallId, by: &AgentId, now: Moment) -> Option<Moved> {
        let pending = self.transfer.as_ref().filter(|transfer| !transfer.done);
        if pending.is_some_and(|transfer| transfer.transferor != self.caller.id) {
            return None; // the callee passes the agent on meanwhile
        }
        let callee = self.reaches()?.clone();
        let (phones, stay): (Vec<_>, Vec<_>) = std::mem::take(&mut self.attempts)
            .into_iter()
            .partition(|attempt| attempt.destination.callee == callee && self.can_move(attempt));
        self.attempts = stay;
        self.talker = None;
        let number = self.tell_referrer();
        self.store_transfer(
            number,
            TransferKind::Attended,
            by.clone(),
            &callee,
            None,
            now,
        );
        let ended = EventKind::TransferEnded {
            transfer: number,
            result: TransferResult::Answered,
        };
        self.store(ended, now);
        let by = by.clone();
        self.store(EventKind::Merged { into, by }, now);
        if self.connected {
            self.end_merged(now);
        } else {
            let status = StatusCode::REQUEST_TERMINATED;
            self.respond_caller(status, None);
            self.end_unanswered(status, Outcome::NotReached, None, now);
        }
        self.forget_if_done();
        Some(Moved { callee, phones })
    }

    /// A REFER that came in this dialog has its answer; the transfer's number.
    fn tell_referrer(&mut self) -> u32 {
        let pending = self.transfer.as_mut().filter(|transfer| !transfer.done);
        if let Some(transfer) = pending {
            transfer.done = true;
            let number = transfer.number;
            self.notify_transferor(StatusCode::OK);
            return number;
        }
        self.transfers_made += 1;
        self.transfers_made
    }

    fn end_merged(&mut self, now: Moment) {
        let reason = Some("passed on to the call it was made for".to_owned());
        let outcome = if self.is_answered() {
            Outcome::Answered
        } else {
            Outcome::NotReached
        };
        self.end_with(HangupParty::System, reason, outcome, now);
    }

    /// Takes over whom the agent on `transferor` consulted in the call `consult`.
    pub fn take_over(
        &mut self,
        moved: Moved,
        by: &AgentId,
        (transferor, consult): (MediaLeg, CallId),
        now: Moment,
    ) {
        let Moved { callee, phones } = moved;
        let transfer = self.attended_by(by, transferor);
        let kind = TransferKind::Attended;
        self.store_transfer(transfer, kind, by.clone(), &callee, Some(consult), now);
        self.attempts_made += 1;
        let number = self.attempts_made;
        let talking = phones.iter().find(|phone| phone.state == State::Talking);
        let talking = talking.map(|phone| phone.leg.id);
        for phone in phones {
            self.attempts.push(Attempt {
                number,
                wanted: Wanted::Transfer(transfer),
                ..phone
            });
        }
        if let Some(leg) = talking {
            let previous = self.talker.replace(Talker { leg, callee });
            self.transferred(leg, previous, now);
        } else {
            if let Callee::Agent(agent) = callee {
                let attempt = number;
                self.store(EventKind::Offered { attempt, agent }, now);
            }
            self.unbridge(transferor);
            self.play_ringback();
            self.arrange();
            self.bridge_early();
            // Who has picked up already need not wait: this caller was answered long ago.
            if let Some(index) = self.picked_up_early() {
                self.silence(self.attempts[index].leg.id);
                self.won(index, now);
            }
        }
        self.forget_if_done();
    }

    /// The transfer that the REFER began, or one whose REFER came in the other call.
    fn attended_by(&mut self, by: &AgentId, transferor: MediaLeg) -> u32 {
        let pending = self.transfer.as_ref().filter(|transfer| !transfer.done);
        if let Some(transfer) = pending.filter(|transfer| transfer.transferor == transferor) {
            return transfer.number;
        }
        self.send_earlier_transferor_away();
        self.transfers_made += 1;
        self.transfer = Some(Transfer {
            number: self.transfers_made,
            by: by.clone(),
            transferor,
            subscription: None,
            asked_for: String::new(),
            leaves_within: TRANSFEROR_LEAVES,
            queue: None,
            done: false,
            leave_at: None,
            failed_at: None,
        });
        self.transfers_made
    }
}
