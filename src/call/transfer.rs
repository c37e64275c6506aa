//! An agent passes the call on: a blind REFER (RFC 3515), by policy, while the recording goes on.

use std::time::{Duration, Instant};

use super::attempt::{Callee, Destination, State};
use super::event::{EventKind, TransferKind, TransferResult, TransferTarget};
use super::leg::Wire;
use super::media::{MediaCommand, MediaLeg};
use super::{Call, Output, Phase, Release, Talker, request};
use crate::id::AgentId;
use crate::rules::Moment;
use crate::sip::endpoint::ServerTx;
use crate::sip::{Method, NameAddr, Request, StatusCode};

/// A transferor whose phone does not leave by itself after the transfer is sent away.
const TRANSFEROR_LEAVES: Duration = Duration::from_secs(1);

/// A transfer on its way, or done while its transferor is still there.
#[derive(Debug)]
pub(super) struct Transfer {
    number: u32,
    by: AgentId,
    transferor: MediaLeg,
    /// The REFER's own number, which tells its subscription from another's.
    refer_cseq: u32,
    asked_for: String,
    done: bool,
    leave_at: Option<Instant>,
}

impl Call {
    /// REFER: only whoever speaks with the caller may pass the caller on, one transfer at a time.
    pub(super) fn refer(&mut self, leg: MediaLeg, tx: ServerTx, request: &Request) {
        let refusal = self.refer_refusal(leg, request);
        let target = refer_to(request).and_then(|to| to.uri.number().or(to.uri.user_unescaped()));
        let (None, Some(number)) = (refusal, target) else {
            let status = refusal.unwrap_or(StatusCode::BAD_REQUEST);
            return self.respond(leg, tx, request, status);
        };
        let by = match self.talker.as_ref().map(|talker| &talker.callee) {
            Some(Callee::Agent(agent)) => agent.clone(),
            Some(Callee::Number(_)) | None => {
                return self.respond(leg, tx, request, StatusCode::FORBIDDEN);
            }
        };
        self.respond(leg, tx, request, StatusCode::ACCEPTED);
        if let Some(before) = self
            .transfer
            .take()
            .filter(|before| before.leave_at.is_some())
        {
            self.send_bye(before.transferor);
        }
        self.transfers_made += 1;
        self.transfer = Some(Transfer {
            number: self.transfers_made,
            by,
            transferor: leg,
            refer_cseq: request.cseq().number,
            asked_for: number.clone(),
            done: false,
            leave_at: None,
        });
        self.notify_transferor(StatusCode::TRYING);
        self.emit(Output::Resolve(number));
    }

    fn refer_refusal(&self, leg: MediaLeg, request: &Request) -> Option<StatusCode> {
        let pending = self
            .transfer
            .as_ref()
            .is_some_and(|transfer| !transfer.done);
        if !matches!(self.phase, Phase::Talking) || self.talking_leg() != Some(leg) {
            Some(StatusCode::FORBIDDEN)
        } else if pending {
            Some(StatusCode::REQUEST_PENDING)
        } else {
            let to = refer_to(request)?;
            let replaces = to
                .uri
                .headers
                .is_some_and(|h| h.to_ascii_lowercase().contains("replaces"));
            replaces.then_some(StatusCode::NOT_IMPLEMENTED)
        }
    }

    /// Who asked for the transfer on its way.
    pub fn transferor(&self) -> Option<&AgentId> {
        let transfer = self.transfer.as_ref().filter(|transfer| !transfer.done)?;
        Some(&transfer.by)
    }

    /// The switch says whom it goes to and whether it may.
    pub(super) fn transfer_to(
        &mut self,
        callee: &Callee,
        phones: Result<Vec<Destination>, TransferResult>,
        now: Moment,
    ) {
        let Some(transfer) = self.transfer.as_ref().filter(|transfer| !transfer.done) else {
            return self.release(callee, Release::Done);
        };
        let (number, by, transferor) = (transfer.number, transfer.by.clone(), transfer.transferor);
        let mut parties = Vec::new();
        let target = match callee {
            Callee::Agent(agent) => TransferTarget::Agent(agent.clone()),
            Callee::Number(outside) => {
                let party = self.new_party(outside.clone(), now);
                let id = party.id;
                parties.push(party);
                TransferTarget::Number(id)
            }
        };
        let requested = EventKind::TransferRequested {
            transfer: number,
            kind: TransferKind::Blind,
            by,
            target,
            consult: None,
        };
        self.store_with(requested, parties, now);
        match phones {
            Ok(phones) => {
                self.order(MediaCommand::Unbridge { leg: transferor });
                self.play_ringback();
                self.offer(phones, Some(number), now);
            }
            Err(result) => self.transfer_failed(result, now),
        }
    }

    /// The caller goes back to the transferor; if that one has left, to the line's agents.
    pub(super) fn transfer_failed(&mut self, result: TransferResult, now: Moment) {
        let Some(transfer) = self.transfer.as_mut().filter(|transfer| !transfer.done) else {
            return;
        };
        transfer.done = true;
        let (number, transferor) = (transfer.number, transfer.transferor);
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
        } else {
            self.hunt_again(now);
        }
    }

    /// The transferor left before the target answered: the line's agents are rung again.
    fn hunt_again(&mut self, now: Moment) {
        if !self.errand.is_line() {
            return self.hang_up("the transferor of a failed transfer has left", now);
        }
        let Some(line) = self.line.clone() else {
            return;
        };
        self.phase = Phase::Hunting;
        self.give_up_at = Some(now.instant + line.max_preanswer);
        self.emit(Output::Wait);
    }

    /// The target answered: the caller and it talk, the transferor is told and leaves.
    pub(super) fn transferred(&mut self, leg: MediaLeg, previous: Option<Talker>, now: Moment) {
        self.join(leg);
        let Some(transfer) = self.transfer.as_mut() else {
            return;
        };
        transfer.done = true;
        transfer.leave_at = Some(now.instant + TRANSFEROR_LEAVES);
        let (number, transferor) = (transfer.number, transfer.transferor);
        self.hold_ends(transferor, now);
        let result = TransferResult::Answered;
        self.store(
            EventKind::TransferEnded {
                transfer: number,
                result,
            },
            now,
        );
        self.notify_transferor(StatusCode::OK);
        if let Some(previous) = previous {
            if let Some(index) = self.attempt_index(previous.leg) {
                self.attempts[index].state = State::Over;
                self.close_ports(previous.leg);
            }
            self.release(&previous.callee, Release::Done);
        }
    }

    /// The transferor's BYE while the target rings, or after it answered: the call goes on.
    /// True if it was that.
    pub(super) fn transferor_left(&mut self, leg: MediaLeg, now: Moment) -> bool {
        let Some(transfer) = self
            .transfer
            .as_mut()
            .filter(|transfer| transfer.transferor == leg)
        else {
            return false;
        };
        transfer.leave_at = None;
        if transfer.done {
            return self.talking_leg() != Some(leg);
        }
        if let Some(talker) = self.talker.take() {
            self.release(&talker.callee, Release::Done);
        }
        self.hold_ends(leg, now);
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
    fn hold_ends(&mut self, leg: MediaLeg, now: Moment) {
        if let Some(owner) = self.leg_mut(leg).filter(|owner| owner.held) {
            owner.held = false;
            let by = owner.side;
            self.store(EventKind::Resumed { by }, now);
        }
    }

    fn notify_transferor(&mut self, status: StatusCode) {
        let Some(transfer) = &self.transfer else {
            return;
        };
        let leg = transfer.transferor;
        // The first REFER of a dialog may go unnamed, and old phones expect it so (RFC 3515 §2.4.6).
        let event = match transfer.number {
            1 => "refer".to_owned(),
            _ => format!("refer;id={}", transfer.refer_cseq),
        };
        let mut rng = self.fork_rng();
        let Some(owner) = self.leg_mut(leg).filter(|owner| owner.wire == Wire::Up) else {
            return;
        };
        let hop = owner.hop.clone();
        if let Some(notify) = request::notify(owner, &event, status, &mut rng) {
            self.emit(Output::Send(leg, notify, hop));
        }
    }

    /// The number that the transfer on its way was asked for.
    pub fn transfer_target(&self) -> Option<&str> {
        let transfer = self.transfer.as_ref().filter(|transfer| !transfer.done)?;
        Some(&transfer.asked_for)
    }
}

fn refer_to(request: &Request) -> Option<NameAddr> {
    debug_assert!(request.method == Method::REFER);
    let value = request.headers.get("Refer-To")?;
    value.parse().ok()
}
