//! The agents' states as the switch carries them: what is asked of them, what is told and kept of
//! each change, and what a restart goes on from.

use super::board::AgentNow;
use super::{News, Output, Switch};
use crate::call::command::{Actor, Answer, Done, Refused};
use crate::id::{AgentId, EventId, QueueId};
use crate::queue::{AgentCommand, AgentState, Duty, Told, Unfit};
use crate::rules::{Moment, Timestamp};

/// One change of an agent's state, for the log of states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentEntry {
    /// Its id.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// Whose.
    pub agent: AgentId,
    /// Since when the agent does what it says.
    pub since: Timestamp,
    /// Who or what changed it.
    pub by: Actor,
    /// How the agent stands from then on.
    pub told: Told,
}

/// A queue's agents in another order, for the same log (轮位, R015).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderEntry {
    /// Its id.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// Which queue's.
    pub queue: QueueId,
    /// Who changed it.
    pub by: Actor,
    /// From the first to the last.
    pub agents: Vec<AgentId>,
}

/// What is kept of the desk over a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskEntry {
    /// How an agent stands.
    Agent(AgentEntry),
    /// In what order a queue's agents are rung.
    Order(OrderEntry),
}

/// An agent from before a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAgent {
    /// Who.
    pub agent: AgentId,
    /// When this was last said.
    pub at: Timestamp,
    /// Since when the agent did what it says.
    pub since: Timestamp,
    /// How the agent stood.
    pub told: Told,
}

/// The desk from before a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptDesk {
    /// Its agents.
    pub agents: Vec<KeptAgent>,
    /// The orders that somebody has changed.
    pub orders: Vec<(QueueId, Vec<AgentId>)>,
}

/// What is asked of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueCommand {
    /// Its agents are rung in this order from now on: each of them, once (R015).
    Order(Vec<AgentId>),
}

impl Switch {
    pub(super) fn command_agent(
        &mut self,
        by: &Actor,
        agent: &AgentId,
        command: AgentCommand,
        now: Moment,
    ) -> Answer {
        let log_in = matches!(command, AgentCommand::LogIn { .. } | AgentCommand::LogOut);
        if log_in && !self.settings.desk.log_in {
            return Err(Refused::WrongState);
        }
        let at = self.seat_of(agent, now);
        let asks_first = self.settings.desk.asks_first(&command);
        // What has happened until now is nobody's doing.
        self.tell_agents(&Actor::System, now);
        let decides = matches!(command, AgentCommand::AllowBreak | AgentCommand::DenyBreak);
        if decides && self.agents.asks_away(agent) && by.agent() == Some(agent) {
            // Whoever leaves the place does not allow it himself (R265).
            return Err(Refused::Forbidden);
        }
        let obeyed = self
            .agents
            .obey(agent, command, by.name(), at, asks_first, now.instant);
        obeyed.map_err(|unfit| match unfit {
            Unfit::NoSuchAgent => Refused::NoSuchAgent,
            Unfit::NoPhone => Refused::NoPhone,
            Unfit::NoSubstitute => Refused::Unavailable,
            Unfit::InCall | Unfit::WrongState | Unfit::TooLong => Refused::WrongState,
        })?;
        self.tell_agents(by, now);
        self.hunt_wanted = true;
        Ok(Done::Accepted)
    }

    /// Where the agent's phone is, whether it answers or not.
    fn seat_of(&self, agent: &AgentId, now: Moment) -> Option<String> {
        let mut registered = self.registrar.bindings(&agent.0, now.instant);
        let registered = registered.next().map(|binding| binding.flow.peer);
        let fixed = || Some(self.settings.agent(agent)?.contact?.address);
        registered.or_else(fixed).map(|peer| peer.to_string())
    }

    pub(super) fn command_queue(
        &mut self,
        by: &Actor,
        queue: &QueueId,
        command: QueueCommand,
        now: Moment,
    ) -> Answer {
        let QueueCommand::Order(agents) = command;
        if !self.queues.contains(queue) {
            return Err(Refused::NoSuchQueue);
        }
        if !self.reorder(queue, &agents) {
            return Err(Refused::WrongState);
        }
        self.desk.reordered.insert(queue.clone());
        let news = self.queue_now(queue.clone(), now);
        self.tell(News::Queue(news));
        let entry = OrderEntry {
            id: EventId::mint(now.wall, &mut self.rng),
            at: now.wall,
            queue: queue.clone(),
            by: by.clone(),
            agents,
        };
        let entry = Box::new(DeskEntry::Order(entry));
        self.outputs.push_back(Output::Desk(entry));
        Ok(Done::Accepted)
    }

    /// Tells and keeps every change of an agent's state since the last time.
    pub(super) fn tell_agents(&mut self, by: &Actor, now: Moment) {
        for (agent, told) in self.agents.take_changes() {
            self.wrapped_up(&agent, told.state, now);
            let shown = self.desk.board.agents.get(&agent);
            let asked_break_at = shown.and_then(|shown| shown.asked_break_at);
            let known = shown.map(|it| ((it.state, &it.reason, it.call), it.since));
            let same = known.filter(|(what, _)| *what == (told.state, &told.reason, told.call));
            let since = same.map_or(now.wall, |(_, since)| since);
            let entry = AgentEntry {
                id: EventId::mint(now.wall, &mut self.rng),
                at: now.wall,
                agent: agent.clone(),
                since,
                by: by.clone(),
                told: told.clone(),
            };
            let entry = Box::new(DeskEntry::Agent(entry));
            self.outputs.push_back(Output::Desk(entry));
            let mut news = self.agent_now(agent, told, since, now);
            if news.asks_break.is_some() {
                news.asked_break_at = asked_break_at.or(Some(now.wall));
            }
            self.tell(News::Agent(news));
        }
    }

    pub(super) fn tell(&mut self, news: News) {
        self.desk.board.hear(&news);
        self.outputs.push_back(Output::News(news));
    }

    fn agent_now(&self, agent: AgentId, told: Told, since: Timestamp, now: Moment) -> AgentNow {
        let wrap_up = self.agents.wrap_up_of(&agent);
        let wrap_up = wrap_up.filter(|_| told.state == AgentState::WrapUp);
        let until = wrap_up.map(|it| {
            let left = it.until.saturating_duration_since(now.instant);
            now.wall.plus(left)
        });
        let desk = &self.settings.desk;
        AgentNow {
            break_until: desk.break_until(told.state, told.reason.as_deref(), since),
            agent,
            state: told.state,
            reason: told.reason,
            since,
            call: told.call,
            asks_break: told.standing.asks().map(str::to_owned),
            asked_break_at: None,
            substitute: told.standing.substitute().cloned(),
            shift: told.standing.shift,
            wrap_up_until: until,
        }
    }

    /// Goes on from where the desk stood before a restart, so that nobody is logged out by it.
    /// Calls, and the work after them, are not gone on with.
    pub(super) fn restore_desk(&mut self, kept: KeptDesk, now: Moment) {
        self.desk.is_restoring = true;
        let today = self.midnight_before(now.wall);
        let needs_log_in = self.settings.desk.log_in;
        for mut kept in kept.agents {
            let standing = &mut kept.told.standing;
            let is_logged_in = standing.duty != Duty::Off;
            if needs_log_in && standing.phone.is_none() {
                // From a time when nobody had to log in.
                standing.duty = Duty::Off;
            } else if !needs_log_in && !is_logged_in {
                standing.duty = Duty::Ready;
            }
            let has_spoken = self.agents.has_spoken(&kept.agent);
            let shown = self.desk.board.agents.get_mut(&kept.agent);
            if let Some(shown) = shown.filter(|_| !has_spoken) {
                shown.state = kept.told.state;
                shown.reason.clone_from(&kept.told.reason);
                let (desk, reason) = (&self.settings.desk, shown.reason.as_deref());
                shown.break_until = desk.break_until(shown.state, reason, kept.since);
                shown.call = kept.told.call;
                shown.since = kept.since;
                shown.asks_break = standing.asks().map(str::to_owned);
                shown.asked_break_at = shown.asks_break.is_some().then_some(kept.at);
                shown.substitute = standing.substitute().cloned();
                shown.shift.clone_from(&standing.shift);
            }
            if kept.at < today {
                kept.told.answered_today = 0;
            }
            self.agents.restore(&kept.agent, kept.told);
        }
        for (queue, order) in kept.orders {
            if self.desk.reordered.contains(&queue) {
                continue;
            }
            if !self.reorder(&queue, &order) {
                tracing::info!(%queue, "a kept hunting order names other agents than the queue");
            }
        }
    }
}
