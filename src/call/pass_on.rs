//! An agent passes the caller on by an order to us, and not by the phone's REFER: the same transfer,
//! decided by the same policy, told of in the same events. To the agents of another line, too: the
//! caller waits there.

use std::time::Duration;

use super::attention::Attention;
use super::command::{Actor, Answer, Done, PassTo, Refused};
use super::doing::Doing;
use super::event::{EventKind, TransferKind, TransferResult, TransferTarget};
use super::media::MediaLeg;
use super::transfer::Transfer;
use super::{Call, Output, Phase};
use crate::id::{AgentId, LineId};
use crate::rules::Moment;

impl Call {
    /// Passes the caller on without asking first.
    pub(super) fn pass_to(&mut self, by: &Actor, to: PassTo, now: Moment) -> Answer {
        let (leg, agent) = self.acting(by, now)?;
        if !self.is_settled() || to == PassTo::Agent(agent.clone()) {
            return Err(Refused::WrongState);
        }
        let asked_for = to.to_string();
        self.begin_transfer(leg, agent, asked_for);
        self.emit(Output::Resolve(to));
        Ok(Done::Accepted)
    }

    /// A transfer that no phone has asked for: nobody is told of it by NOTIFY, and whoever passes
    /// the caller on need not hang up.
    pub(super) fn begin_transfer(
        &mut self,
        transferor: MediaLeg,
        by: AgentId,
        asked_for: String,
    ) -> u32 {
        self.send_earlier_transferor_away();
        self.transfers_made += 1;
        self.transfer = Some(Transfer {
            number: self.transfers_made,
            by,
            transferor,
            subscription: None,
            asked_for,
            leaves_within: Duration::ZERO,
            queue: None,
            done: false,
            leave_at: None,
            failed_at: None,
        });
        self.transfers_made
    }

    /// The caller waits for the agents of this line from now on, for so long at most; or may not.
    /// The caller's own clock is not started again.
    pub(super) fn transfer_to_line(
        &mut self,
        line: LineId,
        patience: Result<Duration, TransferResult>,
        now: Moment,
    ) {
        let Some(transfer) = self.transfer.as_mut().filter(|transfer| !transfer.done) else {
            return;
        };
        let (number, by) = (transfer.number, transfer.by.clone());
        transfer.queue = patience.is_ok().then(|| line.clone());
        let requested = EventKind::TransferRequested {
            transfer: number,
            kind: TransferKind::Blind,
            by: by.clone(),
            target: TransferTarget::Line(line.clone()),
            consult: None,
        };
        self.store(requested, now);
        let patience = match patience {
            Ok(patience) => patience,
            Err(result) => return self.transfer_failed(result, now),
        };
        self.desk().sender = Some(by);
        self.agent_leaves(now);
        self.give_up_at = Some(now.instant + patience);
        self.arrange();
        self.emit(Output::WaitOn(line));
    }

    /// R119: somebody else has the caller now. Whoever is passed on once more than the line has it is
    /// passed on too often.
    pub(super) fn count_transfer(&mut self, now: Moment) {
        let limit = self.manners().most_transfers;
        let desk = self.desk();
        desk.passed_on = desk.passed_on.saturating_add(1);
        let transfers = desk.passed_on;
        if transfers == limit.saturating_add(1) {
            self.does(Doing::PassedOnOften { transfers, limit }, now);
            self.attend_to(Attention::PassedOnOften { transfers });
        }
    }

    /// Whether the caller waits for the agents of another line.
    pub(super) fn waits_elsewhere(&self) -> bool {
        let transfer = self.transfer.as_ref().filter(|transfer| !transfer.done);
        transfer.is_some_and(|transfer| transfer.queue.is_some())
    }

    /// Nobody of the other line was free in time. True if it was that.
    pub(super) fn queue_in_vain(&mut self, now: Moment) -> bool {
        let waits = self.waits_elsewhere() && matches!(self.phase, Phase::Hunting);
        if waits {
            self.emit(Output::StopWaiting);
            self.cancel_rivals(now);
            self.transfer_failed(TransferResult::NoAnswer, now);
        }
        waits
    }
}
