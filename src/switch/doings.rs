//! What people at the desk ask of a call that needs somebody else's phone rung, or another line.

use super::{News, Output, Switch};
use crate::call::command::{Actor, Answer, CallCommand, Done, PassTo, Refused};
use crate::call::doing::SuperviseMode;
use crate::call::event::TransferResult;
use crate::call::{Attention, Destination, Input as CallInput};
use crate::id::{AgentId, CallId, LineId};
use crate::queue::Turn;
use crate::rules::Moment;

impl Switch {
    /// Rings a supervisor's phone, or lets one who is beside the call go on in another way.
    pub(super) fn supervise(
        &mut self,
        id: CallId,
        by: Actor,
        supervisor: AgentId,
        mode: SuperviseMode,
        now: Moment,
    ) -> Answer {
        let call = &self.calls.get(&id).ok_or(Refused::NoSuchCall)?.call;
        if !self.agents.contains(&supervisor) {
            return Err(Refused::NoSuchAgent);
        }
        if mode == SuperviseMode::Barge && self.agents.is_trainee(&supervisor) {
            return Err(Refused::Forbidden);
        }
        if !call.can_be_supervised() {
            return Err(Refused::WrongState);
        }
        let phones = self.claim_phones(&supervisor, id, now);
        if phones.is_empty() {
            return Err(Refused::Unavailable);
        }
        let supervise = CallInput::Supervise(by, supervisor, mode, phones);
        self.feed(id, supervise, now);
        Ok(Done::Accepted)
    }

    /// Whether a command would give a customer to a trainee, who may listen and learn beside a call,
    /// and gets none (R251, X18). Who speaks with the caller goes on alone if the agent leaves.
    pub(super) fn gives_to_trainee(&self, call: CallId, command: &CallCommand) -> bool {
        let speaks = matches!(
            command,
            CallCommand::TakeOver | CallCommand::TurnSupervision(SuperviseMode::Barge)
        );
        let entrant = self.calls.get(&call).filter(|_| speaks);
        let supervisor = entrant.and_then(|entrant| entrant.call.supervisor());
        supervisor.is_some_and(|supervisor| self.agents.is_trainee(supervisor))
    }

    /// Rings the phone of an agent who wants a call that rings at a colleague's, or is parked.
    pub(super) fn pick_up(&mut self, id: CallId, by: &Actor, now: Moment) -> Answer {
        let call = &self.calls.get(&id).ok_or(Refused::NoSuchCall)?.call;
        let agent = by.agent().ok_or(Refused::NoSuchAgent)?;
        if !self.agents.contains(agent) {
            return Err(Refused::NoSuchAgent);
        }
        if self.agents.is_trainee(agent) {
            return Err(Refused::Forbidden);
        }
        if !call.can_be_picked_up() {
            return Err(Refused::WrongState);
        }
        let phones = self.claim_phones(agent, id, now);
        if phones.is_empty() {
            return Err(Refused::Unavailable);
        }
        self.feed(id, CallInput::PickUp(agent.clone(), phones), now);
        Ok(Done::Accepted)
    }

    /// The phones of somebody who is wanted in a call and is claimed for it; none, and nothing
    /// claimed, if that cannot be.
    fn claim_phones(&mut self, agent: &AgentId, call: CallId, now: Moment) -> Vec<Destination> {
        let phones = self.phones_of(agent, now);
        if !phones.is_empty() && self.agents.claim_for_colleague(agent, call) {
            phones
        } else {
            Vec::new()
        }
    }

    /// A caller goes back to who left them.
    pub(super) fn recall(&mut self, id: CallId, agent: &AgentId, now: Moment) {
        let phones = self.claim_phones(agent, id, now);
        self.feed(id, CallInput::Recall(phones), now);
    }

    /// A caller waits for another line's agents, in the place that the arrival gives.
    pub(super) fn wait_on(&mut self, id: CallId, line: &LineId) {
        let Some(to) = self.lines.get(line).map(|to| to.queue_id()) else {
            return;
        };
        let Some(entrant) = self.calls.get(&id) else {
            return;
        };
        // As urgent as where the caller came from, whose place by arrival is kept.
        let from = entrant.line.as_ref().and_then(|line| self.lines.get(line));
        let turn = Turn {
            arrival: entrant.arrival,
            since: entrant.since,
            urgency: from.map_or(0, |line| line.urgency),
            is_last: entrant.call.waits_last(),
        };
        self.waiting.join(id, turn, &to);
        self.hunt_wanted = true;
    }

    /// A department that a caller is passed on to: another line's agents.
    pub(super) fn resolve_line(&mut self, id: CallId, line: LineId, now: Moment) {
        let place = PassTo::Line(line.clone());
        let is_emergency = self.settings.desk.emergency_at(&place).is_some();
        let patience = match self.lines.get(&line) {
            _ if !(self.transfer_policy(id).agents || is_emergency) => {
                Err(TransferResult::Forbidden)
            }
            None => Err(TransferResult::Unreachable),
            Some(to) => Ok(to.line.max_preanswer),
        };
        self.feed(id, CallInput::TransferToLine(line, patience), now);
    }

    pub(super) fn tell_attention(&mut self, call: CallId, what: Attention) {
        let line = self
            .calls
            .get(&call)
            .and_then(|entrant| entrant.line.clone());
        let news = News::Attention { call, line, what };
        self.outputs.push_back(Output::News(news));
    }
}
