//! Lines, queues, agents and policies that are set up anew while calls go on (R015).
//!
//! What a call began with, it keeps: its line's habits are its own value, and lines and queues that
//! are no more are kept for as long as a call lives that may need them. A caller keeps the place; if
//! the queue is no more while the line has another, the caller waits there. Who is no agent any more
//! is rung no more, finishes the call that is up, and is logged out then.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use super::board::{AgentNow, Board, QueueNow};
use super::phones::PhoneName;
use super::staffing::Minimums;
use super::{AgentSettings, LineSettings, News, Settings, Switch};
use crate::call::command::Actor;
use crate::id::{AgentId, LineId, QueueId};
use crate::queue::{QueueSettings, Staff};
use crate::rules::Moment;
use crate::sip::Target;
use crate::sip::auth::Credentials;

/// What older calls still need of settings that are no more.
#[derive(Debug, Default)]
pub(super) struct Retired {
    lines: BTreeMap<LineId, Arc<LineSettings>>,
    queues: BTreeMap<QueueId, QueueSettings>,
    /// Calls that arrived later need nothing of it.
    until: u64,
}

impl Retired {
    fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.queues.is_empty()
    }
}

/// Agents whose phone is configured to be somewhere, by where that is.
pub(super) fn fixed_phones(agents: &[AgentSettings]) -> BTreeMap<IpAddr, Vec<(Target, AgentId)>> {
    let mut fixed: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for agent in agents {
        if let Some(place) = agent.contact {
            let there = fixed.entry(place.address.ip()).or_default();
            there.push((place, agent.id.clone()));
        }
    }
    fixed
}

/// The passwords of those whose phones register.
pub(super) fn passwords(agents: &[AgentSettings]) -> BTreeMap<String, Credentials> {
    let passwords = agents.iter();
    passwords
        .filter_map(|agent| Some((agent.id.0.clone(), agent.password.clone()?)))
        .collect()
}

/// A phone that proves who it is to one of them does so to the other.
fn has_same_password(old: &AgentSettings, new: &AgentSettings, realm: &str) -> bool {
    match (&old.password, &new.password) {
        (Some(old), Some(is)) => old.is_as_good_as(is, &new.id.0, realm),
        (old, is) => old.is_none() && is.is_none(),
    }
}

impl Switch {
    /// Goes by these settings from now on, as far as they are about the desk.
    pub(super) fn renew(&mut self, new: Settings, now: Moment) {
        let queues = self.all_queues();
        let lines = std::mem::take(&mut self.lines);
        let agents = std::mem::take(&mut self.settings.agents);
        self.settings.lines = new.lines;
        self.settings.queues = new.queues;
        self.settings.calendars = new.calendars;
        self.settings.outbound = new.outbound;
        self.settings.desk.teams = new.desk.teams;
        self.settings.desk.emergencies = new.desk.emergencies;
        self.settings.agents = new.agents;
        self.settings.behind_nat = new.behind_nat;
        self.settings.srtp.agents = new.srtp.agents;
        self.retire(lines, queues);
        self.set_lines();
        self.renew_agents(&agents, now);
        self.move_callers();
        self.desk.minimums = Minimums::of(&self.settings, now.instant);
        self.watch_minimums(now);
        self.show_staff(now);
        self.acquaintance_changed = true;
        self.hunt_wanted = true;
        tracing::info!("lines, queues and agents are set up anew");
    }

    /// Keeps what is no more for the calls that are up.
    fn retire(
        &mut self,
        lines: BTreeMap<LineId, Arc<LineSettings>>,
        queues: BTreeMap<QueueId, QueueSettings>,
    ) {
        if self.calls.is_empty() {
            self.retired = Retired::default();
            return;
        }
        let stay: BTreeSet<_> = self.settings.lines.iter().map(|it| &it.line.id).collect();
        let gone = lines.into_iter().filter(|(id, _)| !stay.contains(id));
        let gone: BTreeMap<_, _> = gone.collect();
        let stay = self.settings.all_queues();
        let stay: BTreeSet<_> = stay.iter().map(|queue| &queue.id).collect();
        let empty = queues.into_iter().filter(|(id, _)| !stay.contains(id));
        self.retired = Retired {
            queues: empty.collect(),
            lines: gone,
            until: self.arrivals,
        };
    }

    fn set_lines(&mut self) {
        let lines = self.settings.lines.iter();
        self.lines.clone_from(&self.retired.lines);
        self.lines
            .extend(lines.map(|line| (line.line.id.clone(), Arc::clone(line))));
    }

    /// All queues that somebody may wait in.
    fn all_queues(&self) -> BTreeMap<QueueId, QueueSettings> {
        let mut queues = self.retired.queues.clone();
        let now = self.settings.all_queues().into_iter();
        queues.extend(now.map(|queue| (queue.id.clone(), queue)));
        queues
    }

    fn set_queues(&mut self, now: Moment) {
        let queues: Vec<_> = self.all_queues().into_values().collect();
        let staff = self.settings.agents.iter().map(|agent| Staff {
            id: agent.id.clone(),
            max_calls: agent.max_calls,
            is_trainee: agent.is_trainee,
            skills: agent.skills.clone(),
        });
        let staff: Vec<_> = staff.collect();
        let needs_log_in = self.settings.desk.log_in;
        self.queues
            .renew(&queues, &staff, &mut self.agents, needs_log_in, now.instant);
    }

    fn renew_agents(&mut self, before: &[AgentSettings], now: Moment) {
        self.set_queues(now);
        self.passwords = passwords(&self.settings.agents);
        self.fixed = fixed_phones(&self.settings.agents);
        let known: BTreeMap<_, _> = before.iter().map(|agent| (&agent.id, agent)).collect();
        let agents = self.settings.agents.clone();
        for agent in &agents {
            let old = known.get(&agent.id);
            let was_there = old.and_then(|old| old.contact);
            if was_there != agent.contact || old.is_some_and(|old| old.probe != agent.probe) {
                self.phones.remove(&PhoneName::Fixed(agent.id.clone()));
                self.place_fixed_phone(&agent.id, now);
            }
            // Whoever knows the old password registers no more. What is set up is kept sealed: the
            // first change of an agent of the file's seals the same password.
            if old.is_some_and(|old| !has_same_password(old, agent, &self.settings.realm)) {
                self.registrar.forget(&agent.id.0);
            }
            if old.is_none() {
                let agents = &mut self.desk.board.agents;
                let newcomer = || AgentNow::offline(agent.id.clone(), now.wall);
                agents.entry(agent.id.clone()).or_insert_with(newcomer);
            }
            self.note_reach(&agent.id, now);
        }
        for agent in before {
            if self.settings.agent(&agent.id).is_none() {
                self.phones.remove(&PhoneName::Fixed(agent.id.clone()));
                // In a call, the phone proves who it is as it did before.
                self.keep_leaver(agent);
            }
        }
        self.bans.set_accounts(self.passwords.keys().cloned());
    }

    fn keep_leaver(&mut self, agent: &AgentSettings) {
        if self.agents.calls_of(&agent.id).next().is_none() {
            return;
        }
        if let Some(password) = agent.password.clone() {
            self.passwords.insert(agent.id.0.clone(), password);
        }
        if let Some(place) = agent.contact {
            let there = self.fixed.entry(place.address.ip()).or_default();
            there.push((place, agent.id.clone()));
        }
    }

    /// Callers whose queue is no more wait in the one that their line has now.
    fn move_callers(&mut self) {
        let waiting = self.waiting.calls();
        let stranded = waiting.filter(|it| self.retired.queues.contains_key(&it.queue));
        let moves = stranded.filter_map(|it| {
            let line = self.calls.get(&it.call)?.line.as_ref()?;
            let is_there = !self.retired.lines.contains_key(line);
            let line = self.lines.get(line).filter(|_| is_there)?;
            Some((it.call, line.queue_id()))
        });
        for (call, queue) in moves.collect::<Vec<_>>() {
            self.waiting.move_to(call, &queue);
        }
    }

    /// Shows who is there now, to whoever looks at the desk.
    fn show_staff(&mut self, now: Moment) {
        self.desk.staff_changed = true;
        let queues: BTreeSet<_> = self.queues.ids().cloned().collect();
        let board = &mut self.desk.board;
        board.queues.retain(|queue, _| queues.contains(queue));
        for queue in queues {
            let order = self.queues.order(&queue, &self.agents).cloned().collect();
            let shown = self.desk.board.queues.entry(queue.clone());
            shown
                .or_insert_with(|| QueueNow::empty(queue.clone(), [].into()))
                .order = order;
            let news = self.queue_now(queue, now);
            self.tell(News::Queue(news));
        }
    }

    /// Ends what was kept for calls that are over by now; whether there was any.
    pub(super) fn see_off(&mut self, now: Moment) -> bool {
        let are_leaving = self.agents.has_leavers() && self.agents.see_off();
        if are_leaving {
            self.tell_agents(&Actor::System, now);
            for agent in self.agents.forget_leavers() {
                tracing::info!(%agent, "an agent is no more");
                self.registrar.forget(&agent.0);
                self.passwords.remove(&agent.0);
                for there in self.fixed.values_mut() {
                    there.retain(|(_, other)| *other != agent);
                }
                self.desk.board.agents.remove(&agent);
                self.desk.staff_changed = true;
            }
            self.bans.set_accounts(self.passwords.keys().cloned());
        }
        // The oldest calls stand first.
        let mut calls = self.calls.values();
        let until = self.retired.until;
        let is_over = !self.retired.is_empty() && !calls.any(|it| it.arrival <= until);
        if is_over {
            self.retired = Retired::default();
            self.set_lines();
            self.set_queues(now);
            self.show_staff(now);
        }
        are_leaving || is_over
    }

    /// Every agent and every queue, if some have come or gone since this was last asked; each other
    /// change is told.
    pub fn take_staff(&mut self) -> Option<Board> {
        std::mem::take(&mut self.desk.staff_changed).then(|| self.desk.board.clone())
    }
}
