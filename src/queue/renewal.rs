//! Agents and queues that are set up anew while calls go on: who stays keeps calls, place and what
//! was said; who leaves finishes the call that is up.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::agent::Agent;
use super::estimate::HandleTime;
use super::{Agents, Duty, QueueSettings, Queues, Reach, Skills, Standing};
use crate::id::{AgentId, QueueId};

/// An agent, as configured.
#[derive(Clone, Debug)]
pub struct Staff {
    /// Who.
    pub id: AgentId,
    /// In how many calls at once, ringing ones counted.
    pub max_calls: usize,
    /// Gets no customer's call (R251).
    pub is_trainee: bool,
    /// What the agent can.
    pub skills: Skills,
}

/// What of a queue outlasts its being set up anew.
struct Kept {
    order: Vec<AgentId>,
    /// The order is not that of the list: somebody has changed it (轮位, R015).
    is_reordered: bool,
    rung_last: Option<AgentId>,
    handled: HandleTime,
}

impl Agents {
    /// These are the agents from now on, and in no queue yet. Who is new has no phone so far, and is
    /// logged out where `needs_log_in`. Who is none of them any more is rung by nobody;
    /// [`see_off`](Self::see_off) ends that.
    pub fn restaff(&mut self, staff: &[Staff], needs_log_in: bool, now: Instant) {
        let known = std::mem::take(&mut self.list).into_iter();
        let mut known: BTreeMap<_, _> = known.map(|agent| (agent.id.clone(), agent)).collect();
        for one in staff {
            let agent = known.remove(&one.id);
            let mut agent = agent.unwrap_or_else(|| newcomer(&one.id, needs_log_in, now));
            agent.max_calls = one.max_calls.max(1);
            agent.is_trainee = one.is_trainee;
            agent.is_leaving = false;
            self.list.push(agent);
        }
        for mut leaving in known.into_values() {
            leaving.is_leaving = true;
            self.list.push(leaving);
        }
        self.groups.clear();
        for agent in &mut self.list {
            agent.seats.clear();
        }
        self.number_anew();
    }

    /// Those who are leaving and in no call any more log out now, which is to be told like any
    /// other change before they are [forgotten](Self::forget_leavers). Whether there are any.
    pub fn see_off(&mut self) -> bool {
        let gone = self.list.iter().filter(|agent| agent.is_gone());
        let gone: Vec<_> = gone.map(|agent| agent.id.clone()).collect();
        for id in &gone {
            self.set_wrap_up(id, None);
            self.change(id, |agent| {
                agent.standing = Standing {
                    duty: Duty::Off,
                    ..Standing::default()
                };
            });
        }
        !gone.is_empty()
    }

    /// Forgets who has left and is in no call any more; gives their names.
    pub fn forget_leavers(&mut self) -> Vec<AgentId> {
        // They sit in no group, and stand behind all others: nobody else's number changes.
        let is_gone = |agent: &Agent| agent.is_gone();
        let (gone, stay): (Vec<_>, Vec<_>) = std::mem::take(&mut self.list)
            .into_iter()
            .partition(is_gone);
        self.list = stay;
        self.number_anew();
        gone.into_iter().map(|agent| agent.id).collect()
    }

    /// Whether anybody is leaving who is still in a call.
    pub fn has_leavers(&self) -> bool {
        self.list.last().is_some_and(|agent| agent.is_leaving)
    }

    /// Derives everything that goes by the agents' numbers.
    fn number_anew(&mut self) {
        let numbered = || self.list.iter().enumerate();
        let by_id = numbered().map(|(index, agent)| (agent.id.clone(), index));
        let rests = numbered().filter_map(|(index, agent)| Some((agent.rests_until?, index)));
        let wrap_ups = numbered().filter_map(|(index, agent)| Some((agent.wrap_up?.until, index)));
        let losses = numbered().filter_map(|(index, agent)| Some((agent.lost_until?, index)));
        let losses = losses.collect();
        let (by_id, rests, wrap_ups) = (by_id.collect(), rests.collect(), wrap_ups.collect());
        (self.by_id, self.rests, self.wrap_ups) = (by_id, rests, wrap_ups);
        self.losses = losses;
        // What was told of each stands with the agent, so that only what is news is told.
        self.touched = (0..self.list.len()).collect();
    }

    /// Whom the group has had rung last.
    fn rung_last(&self, group: usize) -> Option<AgentId> {
        let position = self.groups.get(group)?.rung_last?;
        let member = self.members(group).get(usize::try_from(position).ok()?)?;
        self.list.get(*member).map(|agent| agent.id.clone())
    }
}

impl Agent {
    fn is_gone(&self) -> bool {
        self.is_leaving && self.calls.is_empty()
    }
}

fn newcomer(id: &AgentId, needs_log_in: bool, now: Instant) -> Agent {
    let mut agent = Agent::new(id.clone(), 1, Reach::Absent, now);
    if needs_log_in {
        agent.standing.duty = Duty::Off;
        agent.told.standing.duty = Duty::Off;
    }
    agent
}

impl Queues {
    /// These are the queues and the agents from now on. A queue that stays keeps the order that
    /// somebody has put its agents into, whose turn it is, and what it knows of its calls' lengths.
    pub fn renew(
        &mut self,
        settings: &[QueueSettings],
        staff: &[Staff],
        agents: &mut Agents,
        needs_log_in: bool,
        now: Instant,
    ) {
        let kept = self.kept(agents);
        agents.restaff(staff, needs_log_in, now);
        let skills = staff.iter();
        let skills = skills.map(|one| (one.id.clone(), one.skills.clone()));
        *self = Self::new(settings, &skills.collect(), agents);
        for (id, kept) in kept {
            let Some(queue) = self.queues.get_mut(&id) else {
                continue;
            };
            queue.handled = kept.handled;
            let group = queue.group;
            if kept.is_reordered {
                let order = merged(&kept.order, agents.order(group));
                agents.reorder(group, &order);
            }
            if let Some(last) = kept.rung_last {
                agents.rung_by(group, &last);
            }
        }
    }

    fn kept(&self, agents: &Agents) -> BTreeMap<QueueId, Kept> {
        let queues = self.queues.iter().map(|(id, queue)| {
            let order: Vec<_> = agents.order(queue.group).cloned().collect();
            let seated: BTreeSet<_> = order.iter().collect();
            let listed = queue.listed.iter().filter(|one| seated.contains(one));
            let kept = Kept {
                is_reordered: !listed.eq(order.iter()),
                rung_last: agents.rung_last(queue.group),
                handled: queue.handled,
                order,
            };
            (id.clone(), kept)
        });
        queues.collect()
    }
}

/// Those who were there in the order that they had, then those who are new.
fn merged<'a>(before: &[AgentId], now: impl Iterator<Item = &'a AgentId>) -> Vec<AgentId> {
    let now: Vec<_> = now.cloned().collect();
    let (is, was): (BTreeSet<_>, BTreeSet<_>) = (now.iter().collect(), before.iter().collect());
    let stay = before.iter().filter(|one| is.contains(one));
    let new = now.iter().filter(|one| !was.contains(one));
    stay.chain(new).cloned().collect()
}
