//! `[[team]]`: who works together, and whom they report to.

use serde::Deserialize;

use crate::rules::{self, Level, Rung};

/// A team with its chain of leaders (R275); a level that is not there is left out of the chain. A key
/// escalation goes to the next of them (R067, R116).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// Its name. No default.
    pub name: String,
    /// Extensions of its agents; an agent is in one team. No default.
    pub agents: Vec<String>,
    /// Extension of the shift leader (班长). Default none.
    #[serde(default)]
    pub shift_leader: Option<String>,
    /// Extension of the supervisor (主管). Default none.
    #[serde(default)]
    pub supervisor: Option<String>,
    /// Extension of the manager (经理). Default none.
    #[serde(default)]
    pub manager: Option<String>,
    /// Extension of the director (总监). Default none.
    #[serde(default)]
    pub director: Option<String>,
}

impl Team {
    /// Who is at each level.
    pub fn levels(&self) -> [(Level, Option<&String>); 4] {
        [
            (Level::ShiftLeader, self.shift_leader.as_ref()),
            (Level::Supervisor, self.supervisor.as_ref()),
            (Level::Manager, self.manager.as_ref()),
            (Level::Director, self.director.as_ref()),
        ]
    }

    /// As the rules have it.
    pub fn rules(&self) -> rules::Team {
        let chain = self.levels().into_iter().filter_map(|(level, who)| {
            let who = who?.clone();
            Some(Rung { level, who })
        });
        rules::Team {
            name: self.name.clone(),
            agents: self.agents.clone(),
            chain: chain.collect(),
        }
    }
}
