//! One key, and the next one above is asked while the caller waits: rung by rung, and past a rung only
//! when it cannot wait (R067, R116).

use super::Call;
use super::attention::Attention;
use super::command::{Actor, Answer, Done, PassTo, Refused};
use super::doing::Doing;
use crate::id::AgentId;
use crate::rules::{Level, Moment, NoWayUp, Rung, upward};

/// How far up an agent wants to go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Escalation {
    /// To whoever has this level; the next one if nothing is said.
    pub level: Option<Level>,
    /// It cannot wait: rungs may be skipped.
    pub urgent: bool,
    /// Why, in the agent's words.
    pub reason: Option<String>,
}

impl Call {
    /// Whose chain counts: the agent who talks.
    pub fn escalates_from(&self) -> Option<&AgentId> {
        self.talking_agent()
    }

    /// Asks whoever is next in `chain`, or the level that is wanted. A line names one for agents without
    /// a chain; where it names none, only whoever watches the desk is told.
    pub(super) fn escalate(
        &mut self,
        by: &Actor,
        asked: Escalation,
        mut chain: Vec<Rung>,
        now: Moment,
    ) -> Answer {
        let (_, agent) = self.acting(by, now)?;
        if !self.is_settled() {
            return Err(Refused::WrongState);
        }
        if chain.is_empty() {
            let leader = self.manners().shift_leader;
            chain.extend(leader.map(|leader| Rung {
                level: Level::ShiftLeader,
                who: leader.0,
            }));
        }
        chain.retain(|rung| rung.who != agent.0);
        let way = match upward(&chain, asked.level, asked.urgent) {
            Ok(way) => Some(way),
            Err(NoWayUp::Nobody) if asked.level.is_none() => None,
            Err(NoWayUp::Nobody) => return Err(Refused::NoSuchTarget),
            Err(NoWayUp::Skips) => return Err(Refused::SkipsLevel),
        };
        let to = way.as_ref().map(|way| AgentId(way.to.who.clone()));
        let level = way.as_ref().map(|way| way.to.level);
        let skipped = way.map(|way| way.skipped).unwrap_or_default();
        let skipped: Vec<_> = skipped.into_iter().map(|it| AgentId(it.who)).collect();
        let told = Doing::Escalated {
            by: agent.clone(),
            to: to.clone(),
            level,
            urgent: asked.urgent,
            skipped: skipped.clone(),
            reason: asked.reason,
        };
        self.does(told, now);
        self.attend_to(Attention::Escalated {
            agent,
            to: to.clone(),
            level,
            urgent: asked.urgent,
            skipped,
        });
        match to {
            Some(leader) => self.consult(by, PassTo::Agent(leader), now),
            None => Ok(Done::Accepted),
        }
    }
}
