//! Who in the directory can be reached now (R112): what an agent's state, and a department's agents,
//! mean to somebody who wants to pass a caller on.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::state::LineInfo;
use crate::id::{AgentId, LineId};
use crate::queue::AgentState;
use crate::rules::{Calendar, DirectoryEntry, Timestamp};
use crate::switch::Overview;

/// Whether somebody can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum PresenceState {
    /// Free.
    Idle,
    /// There, and occupied.
    Busy,
    /// Not there.
    Away,
    /// Nobody of ours: it is not known.
    Unknown,
}

/// Whether somebody can be reached, and by what that is known.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(super) struct Presence {
    state: PresenceState,
    /// A phone of theirs is registered.
    registered: bool,
    /// It is within the hours that the entry names.
    in_hours: bool,
}

impl Presence {
    /// Whether ringing there is any use: who is only busy, or unknown to us, may answer.
    pub(super) const fn may_answer(self) -> bool {
        self.in_hours && !matches!(self.state, PresenceState::Away)
    }

    pub(super) const fn is_idle(self) -> bool {
        self.in_hours && matches!(self.state, PresenceState::Idle)
    }
}

/// Who is where now.
pub(super) struct Whereabouts<'a> {
    api: &'a Api,
    states: BTreeMap<AgentId, AgentState>,
    now: Timestamp,
}

impl<'a> Whereabouts<'a> {
    pub(super) fn of(api: &'a Api, overview: &Overview) -> Self {
        let agents = overview.agents.iter();
        Self {
            api,
            states: agents.map(|one| (one.agent.clone(), one.state)).collect(),
            now: api.now(),
        }
    }

    /// Whether whoever the entry names can be reached.
    pub(super) fn presence(&self, entry: &DirectoryEntry) -> Presence {
        let (state, registered) = match (&entry.agent, &entry.line) {
            (Some(agent), _) => self.agent(&AgentId(agent.clone())),
            (None, Some(line)) => self.line(&LineId(line.clone())),
            (None, None) => (PresenceState::Unknown, false),
        };
        Presence {
            state,
            registered,
            in_hours: self.is_open(&entry.hours),
        }
    }

    /// Whether it is within hours; none are always.
    pub(super) fn is_open(&self, hours: &[String]) -> bool {
        let spans: Vec<_> = hours.iter().filter_map(|span| span.parse().ok()).collect();
        let zone = jiff::tz::TimeZone::get(&self.api.site().time_zone);
        let zone = zone.unwrap_or(jiff::tz::TimeZone::UTC);
        spans.is_empty() || Calendar::new(zone, &spans, false, false).at(self.now).open
    }

    fn agent(&self, agent: &AgentId) -> (PresenceState, bool) {
        match self.states.get(agent).copied().unwrap_or_default() {
            AgentState::Ready => (PresenceState::Idle, true),
            AgentState::Busy | AgentState::Ringing | AgentState::Talking | AgentState::WrapUp => {
                (PresenceState::Busy, true)
            }
            AgentState::Break | AgentState::Away => (PresenceState::Away, true),
            AgentState::Offline | AgentState::Unreachable | AgentState::Absent => {
                (PresenceState::Away, false)
            }
        }
    }

    /// A department is as free as its freest agent.
    fn line(&self, line: &LineId) -> (PresenceState, bool) {
        let site = self.api.site();
        let info: Option<&LineInfo> = site.lines.get(line);
        let agents = info.into_iter().flat_map(|info| &info.agents);
        let states: Vec<_> = agents.map(|agent| self.agent(agent)).collect();
        let has = |wanted| states.iter().any(|(state, _)| *state == wanted);
        let state = if has(PresenceState::Idle) {
            PresenceState::Idle
        } else if has(PresenceState::Busy) {
            PresenceState::Busy
        } else {
            PresenceState::Away
        };
        (state, states.iter().any(|(_, registered)| *registered))
    }
}
