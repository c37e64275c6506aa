//! Everybody who can be rung: who is ready, who has which call, what each has said.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::agent::{Agent, Engagement, Seat, Told, WrapUp};
use super::group::Group;
use super::rank::Rank;
use super::{AgentState, Attempted, Reach, Strategy};
use crate::id::{AgentId, CallId};

/// Everybody who can be rung, by extension.
#[derive(Debug, Default)]
pub struct Agents {
    pub(super) list: Vec<Agent>,
    pub(super) by_id: BTreeMap<AgentId, usize>,
    pub(super) groups: Vec<Group>,
    pub(super) rests: BTreeSet<(Instant, usize)>,
    pub(super) wrap_ups: BTreeSet<(Instant, usize)>,
    /// Whose last phone is gone, by when that is too long.
    pub(super) losses: BTreeSet<(Instant, usize)>,
    /// Something about them has changed that nobody was told.
    pub(super) touched: BTreeSet<usize>,
}

impl Agents {
    /// Adds an agent who may be in `max_calls` calls at once (ringing counts).
    pub fn add(&mut self, id: AgentId, max_calls: usize, reach: Reach, now: Instant) {
        if self.by_id.contains_key(&id) {
            return;
        }
        let index = self.list.len();
        self.by_id.insert(id.clone(), index);
        self.list.push(Agent::new(id, max_calls, reach, now));
    }

    /// The agent gets no customer's call from now on (R251, X18).
    pub fn set_trainee(&mut self, id: &AgentId) {
        self.change(id, |agent| agent.is_trainee = true);
    }

    /// Makes a group of agents, each with a score that only [`Strategy::Skills`] looks at. Who is a
    /// trainee or unknown has no place in it.
    pub(super) fn form(&mut self, strategy: Strategy, members: &[(AgentId, u32)]) -> usize {
        let group = self.groups.len();
        let mut seated = Vec::new();
        for (id, score) in members {
            let Some(index) = self.by_id.get(id).copied() else {
                continue;
            };
            let agent = &mut self.list[index];
            let is_seated = agent.seats.iter().any(|seat| seat.group == group);
            if agent.is_trainee || agent.is_leaving || is_seated {
                continue;
            }
            agent.seats.push(Seat {
                group,
                position: u32::try_from(seated.len()).unwrap_or(u32::MAX),
                score: *score,
                rank: None,
                is_staffed: false,
            });
            seated.push(index);
        }
        self.groups.push(Group::new(strategy, seated.clone()));
        for index in seated {
            self.seat(index);
        }
        group
    }

    /// Puts the members of a group into another order; false, and nothing changed, if it does not
    /// name each of them once.
    pub(super) fn reorder(&mut self, group: usize, order: &[AgentId]) -> bool {
        let known = order.iter().filter_map(|id| self.by_id.get(id).copied());
        let members: Vec<_> = known.collect();
        let sorted = |list: &[usize]| {
            let mut sorted = list.to_vec();
            sorted.sort_unstable();
            sorted
        };
        let now = self.members(group);
        if members.len() != order.len() || sorted(&members) != sorted(now) {
            return false;
        }
        for (position, index) in members.iter().enumerate() {
            let mut seats = self.list[*index].seats.iter_mut();
            if let Some(seat) = seats.find(|seat| seat.group == group) {
                self.groups[group].rank(*index, seat.rank.take(), None);
                seat.position = u32::try_from(position).unwrap_or(u32::MAX);
            }
        }
        self.groups[group].reorder(members.clone());
        for index in members {
            self.seat(index);
        }
        true
    }

    pub(super) fn members(&self, group: usize) -> &[usize] {
        self.groups.get(group).map_or(&[], |group| &group.members)
    }

    /// Who belongs to a group, in its order.
    pub(super) fn order(&self, group: usize) -> impl Iterator<Item = &AgentId> {
        let members = self.members(group).iter();
        members.filter_map(|index| self.list.get(*index).map(|agent| &agent.id))
    }

    /// Those of a group whom a call may ring now, the first to be rung first, each with how often
    /// the call has tried them in vain.
    pub(super) fn candidates<'a>(
        &'a self,
        group: usize,
        call: CallId,
        attempted: &'a Attempted,
        now: Instant,
    ) -> impl Iterator<Item = (&'a AgentId, u32)> {
        let group = self.groups.get(group).into_iter();
        let ready = group.flat_map(Group::ready);
        ready.filter_map(move |index| {
            let agent = self.list.get(index)?;
            let is_left_alone = attempted.is_paused(&agent.id, now)
                || agent.rests_until.is_some_and(|until| until > now);
            let may_ring = !is_left_alone && !agent.calls.contains_key(&call);
            may_ring.then(|| (&agent.id, attempted.ended(&agent.id)))
        })
    }

    /// Notes whether the agent's phones can be rung now. Running calls go on.
    pub fn set_reach(&mut self, id: &AgentId, reach: Reach) {
        self.change(id, |agent| agent.reach = reach);
    }

    /// Whether there is such an agent at all.
    pub fn contains(&self, id: &AgentId) -> bool {
        self.by_id.contains_key(id)
    }

    /// Whether the agent can take one more call.
    pub fn is_ready(&self, id: &AgentId) -> bool {
        self.agent(id).is_some_and(Agent::is_ready)
    }

    /// Whether the agent can take a customer's call as one more: qualified (R251), ready, and not
    /// in that call already.
    pub fn is_ready_for(&self, id: &AgentId, call: CallId) -> bool {
        let takes = |agent: &Agent| {
            agent.is_ready() && !agent.is_trainee && !agent.calls.contains_key(&call)
        };
        self.agent(id).is_some_and(takes)
    }

    /// Whether the agent gets no customer's call.
    pub fn is_trainee(&self, id: &AgentId) -> bool {
        self.agent(id).is_some_and(|agent| agent.is_trainee)
    }

    /// Nobody rings the agent for a waiting call until then: the phone asked for it.
    pub fn rest(&mut self, id: &AgentId, until: Instant) {
        let Some(index) = self.by_id.get(id).copied() else {
            return;
        };
        if let Some(old) = self.list[index].rests_until.replace(until) {
            self.rests.remove(&(old, index));
        }
        self.rests.insert((until, index));
    }

    /// When the next agent may be rung again whose phone is being left alone.
    pub fn next_rested(&self, now: Instant) -> Option<Instant> {
        let mut rests = self.rests.range((now, usize::MAX)..);
        rests.next().map(|(until, _)| *until)
    }

    /// Since when the agent has been free; the one who waits longest is rung first.
    pub fn idle_since(&self, id: &AgentId) -> Option<Instant> {
        self.agent(id).map(|agent| agent.idle_since)
    }

    /// Takes the agent for a customer's call that is about to ring; false, and nothing changed, if
    /// the agent is not ready for it.
    pub fn claim(&mut self, id: &AgentId, call: CallId) -> bool {
        let is_ready = self.is_ready_for(id, call);
        if is_ready {
            self.engaged(id, call, Engagement::Ringing);
        }
        is_ready
    }

    /// Takes the agent for the call of a colleague, who may also disturb: false, and nothing
    /// changed, if the agent is not there, or is in the call already.
    pub fn claim_for_colleague(&mut self, id: &AgentId, call: CallId) -> bool {
        let takes = |agent: &Agent| agent.is_there() && !agent.calls.contains_key(&call);
        let is_there = self.agent(id).is_some_and(takes);
        if is_there {
            self.engaged(id, call, Engagement::Ringing);
        }
        is_there
    }

    /// Whether a colleague may ring the agent now.
    pub fn is_there(&self, id: &AgentId) -> bool {
        self.agent(id).is_some_and(Agent::is_there)
    }

    /// The group has had this agent rung: its next call begins behind.
    pub(super) fn rung_by(&mut self, group: usize, id: &AgentId) {
        let Some(index) = self.by_id.get(id) else {
            return;
        };
        let mut seats = self.list[*index].seats.iter();
        if let Some(seat) = seats.find(|seat| seat.group == group) {
            self.groups[group].rings(seat.position);
        }
    }

    /// The agent makes a call: that takes no permission, and they are not rung meanwhile.
    pub fn engage(&mut self, id: &AgentId, call: CallId, now: Instant) {
        self.engaged(id, call, Engagement::Talking { since: now });
    }

    fn engaged(&mut self, id: &AgentId, call: CallId, how: Engagement) {
        self.change(id, |agent| {
            agent.calls.insert(call, how);
        });
    }

    /// The calls that the agent is in, oldest first.
    pub fn calls_of(&self, id: &AgentId) -> impl Iterator<Item = CallId> {
        let agent = self.agent(id);
        agent
            .into_iter()
            .flat_map(|agent| agent.calls.keys().copied())
    }

    /// The agent answered the call that claimed them.
    pub fn answered(&mut self, id: &AgentId, call: CallId, now: Instant) {
        self.change(id, |agent| {
            if agent.begins_to_talk(call, now) {
                agent.answered_today += 1;
                agent.missed = 0;
            }
        });
    }

    /// The agent is in the call that claimed them, which is none of those that the agent answers.
    pub fn joined(&mut self, id: &AgentId, call: CallId, now: Instant) {
        self.change(id, |agent| {
            agent.begins_to_talk(call, now);
        });
    }

    /// The call no longer needs the agent; since when they talked, if they did. Who talked goes to
    /// the end of the idle order; who was only rung keeps the place.
    pub fn release(&mut self, id: &AgentId, call: CallId, now: Instant) -> Option<Instant> {
        let mut talked_since = None;
        self.change(id, |agent| {
            if let Some(Engagement::Talking { since }) = agent.calls.remove(&call) {
                talked_since = Some(since);
                agent.idle_since = now;
            }
        });
        talked_since
    }

    /// The call needs nobody any more.
    pub fn release_all(&mut self, call: CallId, now: Instant) {
        let has = |agent: &&Agent| agent.calls.contains_key(&call);
        let had: Vec<_> = self
            .list
            .iter()
            .filter(has)
            .map(|agent| agent.id.clone())
            .collect();
        for id in had {
            self.release(&id, call, now);
        }
    }

    /// What the agent does for one call is for another from now on.
    pub fn hand_over(&mut self, id: &AgentId, from: CallId, to: CallId) {
        self.change(id, |agent| {
            if let Some(engagement) = agent.calls.remove(&from) {
                agent.calls.insert(to, engagement);
            }
        });
    }

    /// The agent has work to do after a call, from now until then at most.
    pub fn wrap_up(&mut self, id: &AgentId, call: CallId, now: Instant, until: Instant) {
        let since = now;
        self.set_wrap_up(id, Some(WrapUp { call, since, until }));
    }

    /// What the agent still has to do after a call.
    pub fn wrap_up_of(&self, id: &AgentId) -> Option<WrapUp> {
        self.agent(id)?.wrap_up
    }

    /// The work after the call is done: the agent is free for the next one. False if there was
    /// none.
    pub fn end_wrap_up(&mut self, id: &AgentId, now: Instant) -> bool {
        let was_busy = self.wrap_up_of(id).is_some();
        if was_busy {
            self.set_wrap_up(id, None);
            self.change(id, |agent| agent.idle_since = now);
        }
        was_busy
    }

    pub(super) fn set_wrap_up(&mut self, id: &AgentId, new: Option<WrapUp>) {
        let Some(index) = self.by_id.get(id).copied() else {
            return;
        };
        if let Some(old) = std::mem::replace(&mut self.list[index].wrap_up, new) {
            self.wrap_ups.remove(&(old.until, index));
        }
        if let Some(new) = new {
            self.wrap_ups.insert((new.until, index));
        }
        self.refresh(index);
    }

    /// When [`handle_timeout`](Self::handle_timeout) is next needed.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let first = |set: &BTreeSet<(Instant, usize)>| set.first().map(|(until, _)| *until);
        let both = [first(&self.wrap_ups), first(&self.losses)];
        both.into_iter().flatten().min()
    }

    /// Ends what is due; whether anybody is free by it.
    pub fn handle_timeout(&mut self, now: Instant) -> bool {
        let mut is_anybody_free = false;
        while let Some((_, index)) = self.wrap_ups.first().filter(|(until, _)| *until <= now) {
            let id = self.list[*index].id.clone();
            is_anybody_free |= self.end_wrap_up(&id, now);
        }
        self.look_for_the_lost(now);
        self.rests.retain(|(until, _)| *until > now);
        is_anybody_free
    }

    /// A new day: nobody has answered a call yet.
    pub fn begin_day(&mut self) {
        for index in 0..self.list.len() {
            self.list[index].answered_today = 0;
            self.seat(index);
        }
    }

    /// What the agent is doing.
    pub fn state(&self, id: &AgentId) -> AgentState {
        self.agent(id).map_or(AgentState::Offline, Agent::state)
    }

    /// Everybody, with what they are doing and why.
    pub fn everybody(&self) -> impl Iterator<Item = (&AgentId, Told)> {
        self.list.iter().map(|agent| (&agent.id, agent.tell()))
    }

    /// How many agents are in each state.
    pub fn counts(&self) -> BTreeMap<AgentState, usize> {
        let mut counts: BTreeMap<_, _> = AgentState::ALL.map(|state| (state, 0)).into();
        for agent in &self.list {
            *counts.entry(agent.state()).or_default() += 1;
        }
        counts
    }

    /// No agent is claimed by any call.
    pub fn are_idle(&self) -> bool {
        self.list.iter().all(|agent| agent.calls.is_empty())
    }

    /// What has changed since this was last asked.
    pub fn take_changes(&mut self) -> Vec<(AgentId, Told)> {
        let mut changes = Vec::new();
        for index in std::mem::take(&mut self.touched) {
            let agent = &mut self.list[index];
            let now = agent.tell();
            if now != agent.told {
                agent.told.clone_from(&now);
                changes.push((agent.id.clone(), now));
            }
        }
        changes
    }

    pub(super) fn agent(&self, id: &AgentId) -> Option<&Agent> {
        self.list.get(*self.by_id.get(id)?)
    }

    pub(super) fn change(&mut self, id: &AgentId, change: impl FnOnce(&mut Agent)) {
        if let Some(index) = self.by_id.get(id).copied() {
            change(&mut self.list[index]);
            self.refresh(index);
        }
    }

    /// After every change of an agent.
    fn refresh(&mut self, index: usize) {
        self.touched.insert(index);
        self.seat(index);
    }

    /// Puts an agent where he belongs in each of his groups.
    fn seat(&mut self, index: usize) {
        let agent = &mut self.list[index];
        let (is_ready, seniority) = (agent.is_ready(), agent.seniority());
        let is_staffed = agent.state().is_staffed();
        for seat in &mut agent.seats {
            let group = &mut self.groups[seat.group];
            let (position, score) = (seat.position, seat.score);
            let rank = is_ready.then(|| Rank::new(group.strategy, seniority, position, score));
            if rank != seat.rank {
                group.rank(index, std::mem::replace(&mut seat.rank, rank), rank);
            }
            if std::mem::replace(&mut seat.is_staffed, is_staffed) != is_staffed {
                group.staffed = if is_staffed {
                    group.staffed + 1
                } else {
                    group.staffed.saturating_sub(1)
                };
            }
        }
    }
}

#[cfg(test)]
mod tests;
