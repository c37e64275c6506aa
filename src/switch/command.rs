//! What the desk asks of the switch: each command is answered once, at once or when it is clear
//! what came of it.

use super::{LineCommand, Output, QueueCommand, Switch};
use crate::call::Input as CallInput;
use crate::call::command::{Actor, Answer, CallCommand, Done, Refused, Ticket};
use crate::call::doing::SuperviseMode;
use crate::id::{AgentId, CallId, LineId, QueueId};
use crate::queue::AgentCommand;
use crate::rules::{Moment, Rung};

/// A command, by what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// About a running call.
    Call(CallId, CallCommand),
    /// About a line.
    Line(LineId, LineCommand),
    /// The phone of the asking agent is to answer, or to take the caller back: whichever call it
    /// is in that its phone can be told so in.
    Talk,
    /// The phone of the asking agent is to put the caller on hold.
    Hold,
    /// About an agent's state: the agent's own, or another's if the one who asks leads the shift.
    Agent(AgentId, AgentCommand),
    /// About a queue.
    Queue(QueueId, QueueCommand),
    /// A call has been wrapped up: who leaves it has no work to do after it.
    WrappedUp(CallId),
    /// A supervisor's phone is to be rung, to be beside a call.
    Supervise {
        /// Which call.
        call: CallId,
        /// Whose phone.
        supervisor: AgentId,
        /// To do what.
        mode: SuperviseMode,
    },
    /// The phone of the asking agent is to be rung for a call that rings at a colleague's (代接), or
    /// is parked.
    PickUp(CallId),
    /// An outside number, or a colleague's, is to be called for the asking agent, whose phone is rung
    /// first (R042).
    Dial {
        /// The number, taken from a record.
        number: String,
        /// The record, as whoever keeps it names it.
        record: String,
    },
}

impl Switch {
    pub(super) fn command(&mut self, ticket: Ticket, by: Actor, command: Command, now: Moment) {
        match command {
            Command::Call(call, command) => self.command_call(ticket, by, call, command, now),
            Command::Line(line, command) => self.command_line(ticket, &by, &line, command, now),
            Command::Talk => self.click(ticket, by, CallCommand::Talk, now),
            Command::Hold => self.click(ticket, by, CallCommand::Hold, now),
            Command::Agent(agent, command) => {
                let answer = self.command_agent(&by, &agent, command, now);
                self.answer(ticket, answer);
            }
            Command::Queue(queue, command) => {
                let answer = self.command_queue(&by, &queue, command, now);
                self.answer(ticket, answer);
            }
            Command::WrappedUp(call) => {
                let answer = if self.calls.contains_key(&call) {
                    self.desk.wrapped_up.insert(call);
                    Ok(Done::Accepted)
                } else {
                    Err(Refused::NoSuchCall)
                };
                self.answer(ticket, answer);
            }
            Command::Supervise {
                call,
                supervisor,
                mode,
            } => {
                let answer = self.supervise(call, by, supervisor, mode, now);
                self.answer(ticket, answer);
            }
            Command::PickUp(call) => {
                let answer = self.pick_up(call, &by, now);
                self.answer(ticket, answer);
            }
            Command::Dial { number, record } => {
                let answer = self.dial_for(&by, number, record, now);
                self.answer(ticket, answer);
            }
        }
    }

    fn click(&mut self, ticket: Ticket, by: Actor, command: CallCommand, now: Moment) {
        let call = by.agent().and_then(|agent| {
            let mut calls = self.agents.calls_of(agent);
            calls.find(|call| {
                let entrant = self.calls.get(call);
                entrant.is_some_and(|entrant| entrant.call.hears_clicks(agent))
            })
        });
        match call {
            Some(call) => self.command_call(ticket, by, call, command, now),
            None => self.answer(ticket, Err(Refused::PhoneCannot)),
        }
    }

    fn command_call(
        &mut self,
        ticket: Ticket,
        by: Actor,
        call: CallId,
        command: CallCommand,
        now: Moment,
    ) {
        if self.gives_to_trainee(call, &command) {
            self.answer(ticket, Err(Refused::Forbidden));
        } else if !self.calls.contains_key(&call) {
            self.answer(ticket, Err(Refused::NoSuchCall));
        } else if let CallCommand::Escalate(asked) = command {
            let chain = self.chain_in(call);
            self.feed(call, CallInput::Escalate(ticket, by, asked, chain), now);
        } else if let CallCommand::Emergency(contact) = command {
            match self.settings.desk.emergency(&contact) {
                Some(known) => {
                    let to = known.to.clone();
                    self.feed(call, CallInput::Emergency(ticket, by, contact, to), now);
                }
                None => self.answer(ticket, Err(Refused::NoSuchTarget)),
            }
        } else {
            self.feed(call, CallInput::Command(ticket, by, command), now);
        }
    }

    /// Whoever is above the agent of a call, the next one first (R275).
    fn chain_in(&self, call: CallId) -> Vec<Rung> {
        let entrant = self.calls.get(&call);
        let agent = entrant.and_then(|entrant| {
            let talks = entrant.call.escalates_from();
            talks.or(entrant.author.as_ref())
        });
        agent.map_or_else(Vec::new, |agent| self.settings.desk.teams.above(&agent.0))
    }

    pub(super) fn answer(&mut self, ticket: Ticket, answer: Answer) {
        self.outputs.push_back(Output::Answer(ticket, answer));
    }
}
