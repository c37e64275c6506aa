//! Teams, and whom their people report to: agent, shift leader, supervisor, manager, director
//! (R275). A matter goes up rung by rung; only an urgent one skips a rung, and whoever was skipped is
//! told (R116, X15).

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A level of the chain above the agents, the lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 班长
    ShiftLeader,
    /// 主管
    Supervisor,
    /// 经理
    Manager,
    /// 总监
    Director,
}

impl Level {
    /// Every level, from the agents upwards.
    pub const ALL: [Self; 4] = [
        Self::ShiftLeader,
        Self::Supervisor,
        Self::Manager,
        Self::Director,
    ];

    /// The word that the file, events and the API use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ShiftLeader => "shift_leader",
            Self::Supervisor => "supervisor",
            Self::Manager => "manager",
            Self::Director => "director",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One rung of somebody's chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// How high.
    pub level: Level,
    /// Who, by extension.
    pub who: String,
}

/// A team: who belongs to it, and who leads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Team {
    /// Its name.
    pub name: String,
    /// Its agents, by extension.
    pub agents: Vec<String>,
    /// Whoever is above them, the lowest first. A level that a team does not have is left out.
    pub chain: Vec<Rung>,
}

/// All teams of a site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Teams(pub Vec<Team>);

/// Where a matter goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upward {
    /// To whom.
    pub to: Rung,
    /// Whoever should have been asked first, and is told of it.
    pub skipped: Vec<Rung>,
}

/// Why a matter goes nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoWayUp {
    /// Nobody above has that level, or there is nobody above at all.
    Nobody,
    /// It skips somebody, and is not urgent.
    Skips,
}

impl Teams {
    /// The team that an agent belongs to; the first that names the agent.
    pub fn of(&self, agent: &str) -> Option<&Team> {
        let mut teams = self.0.iter();
        teams.find(|team| team.agents.iter().any(|member| member == agent))
    }

    /// Whoever is above somebody, the next first: of an agent by the agent's team, of a leader by the
    /// first team that the leader leads.
    pub fn above(&self, who: &str) -> Vec<Rung> {
        if let Some(team) = self.of(who) {
            return team
                .chain
                .iter()
                .filter(|it| it.who != who)
                .cloned()
                .collect();
        }
        let mut chains = self.0.iter().map(|team| &team.chain);
        let own = chains.find_map(|chain| {
            let place = chain.iter().rposition(|rung| rung.who == who)?;
            chain.get(place + 1..)
        });
        own.unwrap_or_default().to_vec()
    }

    /// Everybody below somebody: the agents of every team that the one leads, and whoever leads there
    /// below.
    pub fn below(&self, leader: &str) -> BTreeSet<&str> {
        let mut below = BTreeSet::new();
        for team in &self.0 {
            let Some(place) = team.chain.iter().position(|rung| rung.who == leader) else {
                continue;
            };
            below.extend(team.agents.iter().map(String::as_str));
            let lower = team.chain.iter().take(place);
            below.extend(lower.map(|rung| rung.who.as_str()));
        }
        below.remove(leader);
        below
    }
}

/// Where a matter goes from whoever has this chain: to the next rung, or to the level that is wanted.
///
/// # Errors
/// Nobody is there, or somebody is skipped without need.
pub fn upward(chain: &[Rung], wanted: Option<Level>, is_urgent: bool) -> Result<Upward, NoWayUp> {
    let place = match wanted {
        None => 0,
        Some(level) => {
            let found = chain.iter().position(|rung| rung.level == level);
            found.ok_or(NoWayUp::Nobody)?
        }
    };
    if place > 0 && !is_urgent {
        return Err(NoWayUp::Skips);
    }
    let (skipped, from) = chain.split_at(place.min(chain.len()));
    let to = from.first().ok_or(NoWayUp::Nobody)?;
    Ok(Upward {
        to: to.clone(),
        skipped: skipped.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn team(name: &str, agents: &[&str], chain: &[(Level, &str)]) -> Team {
        let rung = |(level, who): &(Level, &str)| Rung {
            level: *level,
            who: (*who).to_owned(),
        };
        Team {
            name: name.to_owned(),
            agents: agents.iter().map(|agent| (*agent).to_owned()).collect(),
            chain: chain.iter().map(rung).collect(),
        }
    }

    fn teams() -> Teams {
        let whole = [
            (Level::ShiftLeader, "2001"),
            (Level::Supervisor, "3001"),
            (Level::Manager, "4001"),
            (Level::Director, "5001"),
        ];
        let short = [(Level::ShiftLeader, "2002"), (Level::Director, "5001")];
        Teams(vec![
            team("early", &["1001", "1002"], &whole),
            team("late", &["1003"], &short),
        ])
    }

    fn names(rungs: &[Rung]) -> Vec<&str> {
        rungs.iter().map(|rung| rung.who.as_str()).collect()
    }

    /// R275: agent, shift leader, supervisor, manager, director; a team may have fewer levels.
    #[test]
    fn everybody_has_the_chain_above() {
        let teams = teams();
        assert_eq!(
            names(&teams.above("1002")),
            ["2001", "3001", "4001", "5001"]
        );
        assert_eq!(names(&teams.above("1003")), ["2002", "5001"]);
        assert_eq!(names(&teams.above("3001")), ["4001", "5001"]);
        assert_eq!(teams.above("5001"), []);
        assert_eq!(teams.above("9999"), []);
        assert_eq!(
            teams.of("1003").map(|team| team.name.as_str()),
            Some("late")
        );
    }

    /// R275: a leader has the own teams below, and nobody else's.
    #[test]
    fn a_leader_has_the_own_teams_below() {
        let teams = teams();
        let below = |who| teams.below(who).into_iter().collect::<Vec<_>>();
        assert_eq!(below("2001"), ["1001", "1002"]);
        assert_eq!(below("2002"), ["1003"]);
        assert_eq!(below("3001"), ["1001", "1002", "2001"]);
        let everybody = ["1001", "1002", "1003", "2001", "2002", "3001", "4001"];
        assert_eq!(below("5001"), everybody);
        assert!(below("1001").is_empty());
    }

    /// R116: rung by rung; only what is urgent skips one, and then it is known who was skipped.
    #[test]
    fn only_what_is_urgent_skips_a_rung() {
        let chain = teams().above("1001");
        let next = upward(&chain, None, false).unwrap();
        assert_eq!((next.to.level, next.skipped.len()), (Level::ShiftLeader, 0));
        let same = upward(&chain, Some(Level::ShiftLeader), false).unwrap();
        assert_eq!(same, next);
        let far = Some(Level::Manager);
        assert_eq!(upward(&chain, far, false), Err(NoWayUp::Skips));
        let urgent = upward(&chain, far, true).unwrap();
        assert_eq!(urgent.to.who, "4001");
        assert_eq!(names(&urgent.skipped), ["2001", "3001"]);
        let short = teams().above("1003");
        assert_eq!(upward(&short, far, true), Err(NoWayUp::Nobody));
        assert_eq!(upward(&[], None, true), Err(NoWayUp::Nobody));
    }
}
