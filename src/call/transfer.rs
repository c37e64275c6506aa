//! An agent passes the call on, while the recording goes on: to whom a REFER names, by policy, or
//! to whom the agent has consulted ([`super::attended`]).

use std::time::{Duration, Instant};

use super::attempt::{Callee, Destination, State, Wanted};
use super::event::{EventKind, TransferKind, TransferResult, TransferTarget};
use super::media::MediaLeg;
use super::{Call, Output, Party, Phase, Release, Talker};
use crate::id::{AgentId, CallId, LineId};
use crate::rules::Moment;
use crate::sip::{EventPackage, StatusCode};

/// A transferor whose phone does not leave by itself after the transfer is sent away.
pub(super) const TRANSFEROR_LEAVES: Duration = Duration::from_secs(1);

/// A phone that hangs up so soon after it heard that its transfer has failed does so by itself: its
/// user wanted the caller to be served.
const GIVES_UP_WITHIN: Duration = Duration::from_secs(3);

/// A transfer on its way, or done while its transferor is still there.
#[derive(Debug)]
pub(super) struct Transfer {
    pub(super) number: u32,
    pub(super) by: AgentId,
    pub(super) transferor: MediaLeg,
    /// What the transferor is told of it by, if that is wanted.
    pub(super) subscription: Option<EventPackage>,
    pub(super) asked_for: String,
    /// Who has not left by itself so long after the transfer is sent away.
    pub(super) leaves_within: Duration,
    /// The line whose agents are waited for, if it goes to no one person.
    pub(super) queue: Option<LineId>,
    pub(super) done: bool,
    pub(super) leave_at: Option<Instant>,
    /// When the caller came back to the transferor.
    pub(super) failed_at: Option<Instant>,
}

impl Call {
    /// Who asked for the transfer on its way, or asks somebody meanwhile.
    pub fn transferor(&self) -> Option<&AgentId> {
        let transfer = self.transfer.as_ref().filter(|transfer| !transfer.done);
        let transfer = transfer.map(|transfer| &transfer.by);
        transfer.or_else(|| self.consulter())
    }

    /// The switch says whom it goes to and whether it may.
    pub(super) fn transfer_to(
        &mut self,
        callee: &Callee,
        phones: Result<Vec<Destination>, TransferResult>,
        now: Moment,
    ) {
        let Some(transfer) = self.transfer.as_ref().filter(|transfer| !transfer.done) else {
            if !self.consult_to(callee, phones, now) {
                self.release(callee, Release::Done);
            }
            return;
        };
        let (number, by, transferor) = (transfer.number, transfer.by.clone(), transfer.transferor);
        self.store_transfer(number, TransferKind::Blind, by, callee, None, now);
        match phones {
            Ok(phones) => {
                self.unbridge(transferor);
                self.play_ringback();
                self.arrange();
                self.offer(phones, Wanted::Transfer(number), now);
            }
            Err(result) => self.transfer_failed(result, now),
        }
    }

    /// R086: who passes the call on, how, and to whom.
    pub(super) fn store_transfer(
        &mut self,
        transfer: u32,
        kind: TransferKind,
        by: AgentId,
        callee: &Callee,
        consult: Option<CallId>,
        now: Moment,
    ) {
        let (target, parties) = self.target_of(callee, now);
        let requested = EventKind::TransferRequested {
            transfer,
            kind,
            by,
            target,
            consult,
        };
        self.store_with(requested, parties, now);
    }

    /// Somebody as the log names them.
    pub(super) fn target_of(
        &mut self,
        callee: &Callee,
        now: Moment,
    ) -> (TransferTarget, Vec<Party>) {
        match callee {
            Callee::Agent(agent) => (TransferTarget::Agent(agent.clone()), Vec::new()),
            Callee::Number(outside) => {
                let party = self.new_party(outside.clone(), now);
                (TransferTarget::Number(party.id), vec![party])
            }
        }
    }

    /// The caller goes back to the transferor; if that one has left, to the line's agents.
    pub(super) fn transfer_failed(&mut self, result: TransferResult, now: Moment) {
        let Some(transfer) = self.transfer.as_mut().filter(|transfer| !transfer.done) else {
            return;
        };
        transfer.done = true;
        let (number, transferor) = (transfer.number, transfer.transferor);
        let from_queue = transfer.queue.is_some();
        self.store(
            EventKind::TransferEnded {
                transfer: number,
                result,
            },
            now,
        );
        if matches!(self.phase, Phase::Ended) {
            return;
        }
        self.notify_transferor(match result {
            TransferResult::NoAnswer | TransferResult::CallerLeft => StatusCode::REQUEST_TIMEOUT,
            TransferResult::Refused => StatusCode::BUSY_HERE,
            TransferResult::Forbidden => StatusCode::FORBIDDEN,
            TransferResult::Unreachable | TransferResult::Answered => {
                StatusCode::TEMPORARILY_UNAVAILABLE
            }
        });
        if self.talking_leg() == Some(transferor) {
            self.join(transferor);
            if let Some(transfer) = &mut self.transfer {
                transfer.failed_at = Some(now.instant);
            }
        } else if from_queue {
            self.give_back(now);
        } else {
            self.hunt_again(now);
        }
    }

    /// The transferor left before the target answered: the line's agents are rung again.
    pub(super) fn hunt_again(&mut self, now: Moment) {
        if !self.errand.is_line() {
            return self.hang_up("the transferor of a failed transfer has left", now);
        }
        let Some(line) = self.line.clone() else {
            return;
        };
        self.phase = Phase::Hunting;
        self.play_ringback();
        self.give_up_at = Some(now.instant + line.max_preanswer);
        self.emit(Output::Wait);
    }

    /// The target answered: the caller and it talk, the transferor is told and leaves.
    pub(super) fn transferred(&mut self, leg: MediaLeg, previous: Option<Talker>, now: Moment) {
        let Some(transfer) = self.transfer.as_mut() else {
            return self.join(leg);
        };
        transfer.done = true;
        transfer.leave_at = Some(now.instant + transfer.leaves_within);
        let (number, transferor) = (transfer.number, transfer.transferor);
        self.hold_ends(transferor, now);
        self.new_agent(now);
        self.join(leg);
        let result = TransferResult::Answered;
        self.store(
            EventKind::TransferEnded {
                transfer: number,
                result,
            },
            now,
        );
        self.count_transfer(now);
        self.notify_transferor(StatusCode::OK);
        if let Some(previous) = previous {
            if let Some(index) = self.attempt_index(previous.leg) {
                self.attempts[index].state = State::Over;
                self.close_ports(previous.leg);
            }
            // Who goes on at another phone is not free of the call.
            if self
                .talker
                .as_ref()
                .is_none_or(|now| now.callee != previous.callee)
            {
                self.release(&previous.callee, Release::Done);
            }
        }
    }

    /// The transferor's BYE while the target rings, or after it answered: the call goes on.
    /// True if it was that.
    pub(super) fn transferor_left(&mut self, leg: MediaLeg, now: Moment) -> bool {
        let Some(transfer) = self
            .transfer
            .as_mut()
            // A caller who leaves ends the call, whatever they asked for in it.
            .filter(|transfer| transfer.transferor == leg && leg != self.caller.id)
        else {
            return false;
        };
        transfer.leave_at = None;
        if transfer.done {
            let failed_at = transfer.failed_at.take();
            return self.talking_leg() != Some(leg) || self.gave_up(leg, failed_at, now);
        }
        if let Some(talker) = self.talker.take() {
            self.release(&talker.callee, Release::Done);
        }
        self.hold_ends(leg, now);
        true
    }

    /// Whether the transferor's phone hangs up because its transfer has failed, as some do when they are
    /// told; then the line's agents are rung again, its own among them.
    fn gave_up(&mut self, leg: MediaLeg, failed_at: Option<Instant>, now: Moment) -> bool {
        let waited = failed_at.map(|at| now.instant.saturating_duration_since(at));
        if waited.is_none_or(|waited| waited > GIVES_UP_WITHIN) || !self.errand.is_line() {
            return false;
        }
        if let Some(talker) = self.talker.take() {
            self.release(&talker.callee, Release::Done);
        }
        if let Some(index) = self.attempt_index(leg) {
            self.attempts[index].state = State::Over;
        }
        self.hold_ends(leg, now);
        self.new_agent(now);
        self.hunt_again(now);
        true
    }

    pub(super) fn transferor_deadline(&self) -> Option<Instant> {
        self.transfer.as_ref()?.leave_at
    }

    pub(super) fn transferor_due(&mut self, now: Moment) {
        if let Some(transfer) = self.transfer.as_mut()
            && transfer.leave_at.is_some_and(|at| at <= now.instant)
        {
            transfer.leave_at = None;
            let leg = transfer.transferor;
            self.send_bye(leg);
        }
    }

    /// A hold that the transferor began ends with the transferor.
    pub(super) fn hold_ends(&mut self, leg: MediaLeg, now: Moment) {
        self.end_hold("system", now);
        if let Some(owner) = self.leg_mut(leg).filter(|owner| owner.held) {
            owner.held = false;
            let by = owner.side;
            self.store(EventKind::Resumed { by }, now);
        }
    }

    /// The number that the transfer on its way was asked for.
    pub fn transfer_target(&self) -> Option<&str> {
        let transfer = self.transfer.as_ref().filter(|transfer| !transfer.done)?;
        Some(&transfer.asked_for)
    }
}
