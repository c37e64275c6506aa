//! The desk as the switch keeps it: agents and queues from the settings, what calls leave behind for
//! agents to do, and what there is to tell of both.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use super::board::{Board, QueueNow, Waiter};
use super::staffing::Minimums;
use super::{LineSettings, News, Settings, Switch};
use crate::call::command::Actor;
use crate::id::{AgentId, CallId, LineId, QueueId};
use crate::queue::{AgentState, Agents, Queues, Reach, Turn};
use crate::rules::{Moment, Timestamp};

/// What the switch keeps of the desk, beside the agents and who waits.
#[derive(Debug)]
pub(super) struct Desk {
    /// Agents at work after a call: of which queue, and since when it occupied them.
    wrapping: BTreeMap<AgentId, (QueueId, Instant)>,
    /// Calls that go on, of which somebody has said already why the caller rang and what came of it.
    pub(super) wrapped_up: BTreeSet<CallId>,
    /// When the agents' day ends.
    day_ends: Timestamp,
    /// It is as it was before a restart, and no phone is back yet.
    pub(super) is_restoring: bool,
    /// Queues whose agents somebody has put into another order since the start.
    pub(super) reordered: BTreeSet<QueueId>,
    /// Lines whose switch somebody has turned since the start.
    pub(super) turned: BTreeSet<LineId>,
    /// It is known which lines were switched before the start.
    pub(super) knows_switches: bool,
    /// How many agents must serve each queue by the hour.
    pub(super) minimums: Minimums,
    /// Agents or queues have come or gone since this was last asked.
    pub(super) staff_changed: bool,
    /// What is known of it to whoever looks at it.
    pub(super) board: Board,
}

impl Desk {
    pub(super) const fn new(board: Board, minimums: Minimums) -> Self {
        Self {
            wrapping: BTreeMap::new(),
            wrapped_up: BTreeSet::new(),
            day_ends: Timestamp(0),
            is_restoring: false,
            reordered: BTreeSet::new(),
            turned: BTreeSet::new(),
            knows_switches: false,
            minimums,
            staff_changed: false,
            board,
        }
    }
}

/// Everybody who may be rung, and the queues that they sit in.
pub(super) fn staff(settings: &Settings, now: Instant) -> (Agents, Queues) {
    let mut agents = Agents::default();
    for agent in &settings.agents {
        agents.add(agent.id.clone(), agent.max_calls, Reach::Absent, now);
        if agent.is_trainee {
            agents.set_trainee(&agent.id);
        }
    }
    if settings.desk.log_in {
        agents.begin_logged_out();
    }
    let skills = settings.agents.iter();
    let skills = skills.map(|agent| (agent.id.clone(), agent.skills.clone()));
    let queues = Queues::new(&settings.all_queues(), &skills.collect(), &mut agents);
    (agents, queues)
}

impl Switch {
    /// A call waits for an agent of its line's queue from now on.
    pub(super) fn enqueue(&mut self, call: CallId) {
        let Some(entrant) = self.calls.get(&call) else {
            return;
        };
        let Some(line) = entrant.line.as_ref().and_then(|line| self.lines.get(line)) else {
            return;
        };
        let turn = Turn {
            arrival: entrant.arrival,
            since: entrant.since,
            urgency: line.urgency,
            is_last: entrant.call.waits_last(),
        };
        self.waiting.join(call, turn, &line.queue_id());
        self.hunt_wanted = true;
    }

    /// The queue that each line's callers wait in.
    pub fn queues_of_lines(&self) -> BTreeMap<LineId, QueueId> {
        let lines = self.lines.iter();
        lines
            .map(|(id, line)| (id.clone(), line.queue_id()))
            .collect()
    }

    fn line_of(&self, call: CallId) -> Option<&Arc<LineSettings>> {
        self.lines.get(self.calls.get(&call)?.line.as_ref()?)
    }

    /// A talk with an agent is over: there may be work to do after it.
    pub(super) fn talked(&mut self, call: CallId, agent: &AgentId, since: Instant, now: Moment) {
        let Some(line) = self.line_of(call) else {
            return;
        };
        let (queue, wrap_up) = (line.queue_id(), line.wrap_up);
        let has_nothing_to_do = self.desk.wrapped_up.contains(&call);
        if wrap_up.is_zero() || has_nothing_to_do {
            let took = now.instant.saturating_duration_since(since);
            self.queues.handled(&queue, took);
        } else {
            let until = now.instant + wrap_up;
            self.agents.wrap_up(agent, call, now.instant, until);
            self.desk.wrapping.insert(agent.clone(), (queue, since));
        }
    }

    /// Whoever was at work after a call is so no more: the call has occupied the agent until now.
    pub(super) fn wrapped_up(&mut self, agent: &AgentId, state: AgentState, now: Moment) {
        if state != AgentState::WrapUp
            && let Some((queue, since)) = self.desk.wrapping.remove(agent)
        {
            let took = now.instant.saturating_duration_since(since);
            self.queues.handled(&queue, took);
        }
    }

    /// Tells what has changed about agents and queues since the last time.
    pub(super) fn tell_desk(&mut self, now: Moment) {
        if self.desk.is_restoring {
            return;
        }
        self.tell_agents(&Actor::System, now);
        let mut changed = self.waiting.take_changes();
        for (queue, known) in &self.desk.board.queues {
            let staffing = self.staffing(queue);
            if (staffing.staffed, staffing.missing()) != (known.staffed, known.missing) {
                changed.insert(queue.clone());
            }
        }
        for queue in changed {
            let news = self.queue_now(queue, now);
            self.tell(News::Queue(news));
        }
    }

    /// Puts a queue's agents into another order; false, and nothing changed, if it does not name
    /// each of them once.
    pub(super) fn reorder(&mut self, queue: &QueueId, order: &[AgentId]) -> bool {
        let is_right = self.queues.reorder(queue, order, &mut self.agents);
        let known = self.desk.board.queues.get_mut(queue);
        if let Some(known) = known.filter(|_| is_right) {
            known.order = order.into();
        }
        is_right
    }

    pub(super) fn queue_now(&self, queue: QueueId, now: Moment) -> QueueNow {
        let staffing = self.staffing(&queue);
        let calls = (1..).zip(self.waiting.calls_in(&queue));
        let waiting = calls.map(|(place, waiting)| Waiter {
            call: waiting.call,
            place,
            expected: self.queues.expected_wait(&queue, place, &self.agents),
        });
        let longest = self.waiting.longest(&queue, now.instant);
        let known = self.desk.board.queues.get(&queue);
        let order = known.map(|known| Arc::clone(&known.order));
        QueueNow {
            order: order.unwrap_or_default(),
            waiting: waiting.collect(),
            longest: longest.map(|waited| now.wall.minus(waited)),
            staffed: staffing.staffed,
            missing: staffing.missing(),
            queue,
        }
    }

    /// Where a call stands in its queue, and how long it will be; `None` if it does not wait.
    pub fn wait_of(&self, call: CallId) -> Option<Waiter> {
        let queue = &self.waiting.get(call)?.queue;
        let place = self.waiting.place(call)?;
        Some(Waiter {
            call,
            place,
            expected: self.queues.expected_wait(queue, place, &self.agents),
        })
    }

    /// How the desk stands.
    pub const fn board(&self) -> &Board {
        &self.desk.board
    }

    /// An agent's phone rang in vain. Where all ring at once, that says nothing of each.
    pub(super) fn missed(&mut self, call: CallId, agent: &AgentId) {
        let queue = self.line_of(call).map(|line| line.queue_id());
        if queue.is_some_and(|queue| self.queues.is_one_by_one(&queue)) {
            let most = self.settings.desk.most_missed;
            if self.agents.missed(agent, most) {
                tracing::warn!(%agent, "an agent missed too many calls and gets no more");
            }
        }
    }

    /// At midnight nobody has answered a call of the day.
    pub(super) fn watch_day(&mut self, now: Moment) {
        if now.wall < self.desk.day_ends {
            return;
        }
        if self.desk.day_ends > Timestamp(0) {
            self.agents.begin_day();
        }
        self.desk.day_ends = self.midnight_after(now.wall);
    }

    pub(super) fn midnight_before(&self, at: Timestamp) -> Timestamp {
        let here = at.to_jiff().to_zoned(self.settings.desk.zone.clone());
        here.start_of_day()
            .map_or(at, |day| Timestamp(day.timestamp().as_microsecond()))
    }

    fn midnight_after(&self, at: Timestamp) -> Timestamp {
        let here = at.to_jiff().to_zoned(self.settings.desk.zone.clone());
        let tomorrow = here.tomorrow().and_then(|day| day.start_of_day());
        // The calendar has an end, in the year 9999.
        tomorrow.map_or(Timestamp(i64::MAX), |day| {
            Timestamp(day.timestamp().as_microsecond())
        })
    }
}
