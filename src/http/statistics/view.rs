//! The day's figures, as they are shown.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::Api;
use super::super::call_view::time;
use crate::id::{AgentId, LineId, QueueId};
use crate::rules::Timestamp;
use crate::statistics::{AgentTally, LineTally, Share, Tally, Times};

/// The day's figures, so far.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Statistics)]
pub(in crate::http) struct StatisticsView {
    /// Since when: midnight in the site's time zone.
    #[schema(format = DateTime)]
    from: String,
    /// Everything since then is in it; not so for a moment after the start.
    whole: bool,
    /// All lines that were asked for, together.
    total: FiguresView,
    /// Each line that somebody has called.
    lines: Vec<LineFigures>,
    /// Each queue, with the lines that it serves.
    queues: Vec<QueueFigures>,
    /// Each agent that was rung, as far as they may be seen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    agents: Vec<AgentFigures>,
}

/// The figures of a line.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct LineFigures {
    /// The line.
    line: String,
    /// Its figures.
    #[serde(flatten)]
    figures: FiguresView,
}

/// The figures of a queue.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct QueueFigures {
    /// The queue.
    queue: String,
    /// Its figures.
    #[serde(flatten)]
    figures: FiguresView,
}

/// Figures of calls.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Figures)]
struct FiguresView {
    /// Everybody who called in.
    received: u64,
    /// Those who wanted a person: answered, given up, not served, a message left, or still waiting.
    offered: u64,
    /// Nobody has answered yet.
    waiting: u64,
    /// Answered by a person.
    answered: u64,
    /// Given up by the caller.
    abandoned: AbandonedView,
    /// The caller stayed, and no person came.
    unserved: u64,
    /// The caller left a message.
    messages: u64,
    /// The line was closed, or switched off.
    closed: u64,
    /// Refused, or no call for a person.
    refused: u64,
    /// 接听率: answered.
    answer_rate: ShareView,
    /// 三声接起率: answered within three rings.
    within_three_rings: ShareView,
    /// 15秒接通率: answered within 15 seconds.
    within_fifteen_seconds: ShareView,
    /// How long callers waited who were answered.
    answer_time: TimesView,
    /// The same as a histogram (R014).
    answer_histogram: Vec<TimesRow>,
    /// How long the longest waited, answered or not, in milliseconds.
    longest_wait_ms: Option<u64>,
    /// How long they talked.
    talk_time: TimesView,
    /// Calls by rings heard; the last row is of all that heard more.
    rings: Vec<RingsView>,
}

/// Callers who gave up, by where.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Abandoned)]
struct AbandonedView {
    /// All.
    total: u64,
    /// While the first ring lasted: these are in no rate.
    first_ring: u64,
    /// While it rang.
    ringing: u64,
    /// In the queue.
    queue: u64,
    /// While the system spoke.
    dialogue: u64,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = Share)]
struct ShareView {
    /// So many ...
    numerator: u64,
    /// ... of so many.
    denominator: u64,
    /// In thousandths, rounded down; absent of none.
    permille: Option<u64>,
}

impl From<Share> for ShareView {
    fn from(share: Share) -> Self {
        Self {
            numerator: share.numerator,
            denominator: share.denominator,
            permille: share.permille(),
        }
    }
}

/// Lengths of time, in milliseconds; ranks are true to a tenth of a second.
#[expect(
    clippy::struct_field_names,
    reason = "fields of a document say their unit"
)]
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = Times)]
pub(super) struct TimesView {
    /// The mean.
    mean_ms: Option<u64>,
    /// What half of them did not exceed.
    p50_ms: Option<u64>,
    /// What nine in ten did not exceed.
    p90_ms: Option<u64>,
    /// What 95 of a hundred did not exceed.
    p95_ms: Option<u64>,
    /// The longest.
    longest_ms: Option<u64>,
}

impl From<&Times> for TimesView {
    fn from(times: &Times) -> Self {
        Self {
            mean_ms: times.mean_ms(),
            p50_ms: times.percentile_ms(50),
            p90_ms: times.percentile_ms(90),
            p95_ms: times.percentile_ms(95),
            longest_ms: times.longest_ms(),
        }
    }
}

/// Where a ring of China's cadence begins or ends, in milliseconds, and beyond.
const ANSWER_BOUNDS_MS: [u64; 11] = [
    1_000, 3_000, 5_000, 6_000, 10_000, 11_000, 15_000, 20_000, 25_000, 30_000, 60_000,
];

/// So many took less than this, and not less than the row before.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
struct TimesRow {
    /// Less than so many milliseconds; absent in the last row, of all that took longer.
    below_ms: Option<u64>,
    /// So many.
    count: u64,
}

impl TimesRow {
    fn of(times: &Times) -> Vec<Self> {
        let (counts, rest) = times.histogram(ANSWER_BOUNDS_MS);
        let bounds = ANSWER_BOUNDS_MS.into_iter().map(Some).chain([None]);
        let counts = counts.into_iter().chain([rest]);
        let rows = bounds.zip(counts);
        rows.map(|(below_ms, count)| Self { below_ms, count })
            .collect()
    }
}

/// Answers in a ring of an agent's own phone.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
struct PhoneRingsRow {
    /// Which ring.
    rings: usize,
    /// So many answers.
    answered: u64,
}

impl PhoneRingsRow {
    fn of(tally: &AgentTally) -> Vec<Self> {
        let columns = tally.rings_answered.iter().enumerate();
        let rows = columns.map(|(n, answered)| Self {
            rings: n + 1,
            answered: *answered,
        });
        rows.collect()
    }
}

/// Calls that heard so many rings.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = RingsRow)]
struct RingsView {
    /// So many.
    rings: usize,
    /// Answered in that ring.
    answered: u64,
    /// Given up in it.
    abandoned: u64,
}

/// The figures of an agent.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct AgentFigures {
    /// The agent.
    agent: String,
    /// Calls that the phone was rung for.
    offered: u64,
    /// Those the agent answered.
    answered: u64,
    /// Those for which the phone rang in vain.
    missed: u64,
    /// Those the agent turned down.
    rejected: u64,
    /// How long the phone rang until the answer.
    ring_time: TimesView,
    /// The same as a histogram (R014).
    ring_histogram: Vec<TimesRow>,
    /// Answers by ring of the agent's own phone; the last row is of all that rang for longer.
    rings: Vec<PhoneRingsRow>,
    /// How long the talks were of calls that the agent was the first to answer.
    talk_time: TimesView,
}

impl AgentFigures {
    fn of(agent: &AgentId, tally: &AgentTally) -> Self {
        Self {
            agent: agent.to_string(),
            offered: tally.offered,
            answered: tally.answered,
            missed: tally.missed,
            rejected: tally.rejected,
            ring_time: (&tally.answers).into(),
            ring_histogram: TimesRow::of(&tally.answers),
            rings: PhoneRingsRow::of(tally),
            talk_time: (&tally.talks).into(),
        }
    }
}

impl From<&Tally> for FiguresView {
    fn from(tally: &Tally) -> Self {
        let rings = tally.rings_answered.iter().zip(&tally.rings_abandoned);
        let rings = rings
            .enumerate()
            .map(|(n, (answered, abandoned))| RingsView {
                rings: n + 1,
                answered: *answered,
                abandoned: *abandoned,
            });
        Self {
            received: tally.received,
            offered: tally.offered(),
            waiting: tally.waiting,
            answered: tally.answered,
            abandoned: AbandonedView {
                total: tally.abandoned(),
                first_ring: tally.abandoned_first_ring,
                ringing: tally.abandoned_ringing,
                queue: tally.abandoned_queue,
                dialogue: tally.abandoned_dialogue,
            },
            unserved: tally.unserved,
            messages: tally.messages,
            closed: tally.closed,
            refused: tally.refused,
            answer_rate: tally.answer_rate().into(),
            within_three_rings: tally.within_three_rings().into(),
            within_fifteen_seconds: tally.within_fifteen_seconds().into(),
            answer_time: (&tally.answers).into(),
            answer_histogram: TimesRow::of(&tally.answers),
            longest_wait_ms: tally.waits.longest_ms(),
            talk_time: (&tally.talks).into(),
            rings: rings.collect(),
        }
    }
}

impl StatisticsView {
    /// Without agents.
    pub(super) fn of(
        api: &Api,
        from: Timestamp,
        is_whole: bool,
        lines: &BTreeMap<LineId, LineTally>,
    ) -> Self {
        Self::by(from, is_whole, lines, |line| api.queue_of(line))
    }

    /// Without agents, with the queues as `queue_of` knows them.
    pub(super) fn by(
        from: Timestamp,
        is_whole: bool,
        lines: &BTreeMap<LineId, LineTally>,
        queue_of: impl Fn(&LineId) -> QueueId,
    ) -> Self {
        let mut total = Tally::default();
        let mut queues = BTreeMap::<QueueId, Tally>::new();
        for (line, tally) in lines {
            total.merge(&tally.calls);
            queues
                .entry(queue_of(line))
                .or_default()
                .merge(&tally.calls);
        }
        let lines = lines.iter().map(|(line, tally)| LineFigures {
            line: line.to_string(),
            figures: (&tally.calls).into(),
        });
        let queues = queues.iter().map(|(queue, tally)| QueueFigures {
            queue: queue.to_string(),
            figures: tally.into(),
        });
        Self {
            from: time(from),
            whole: is_whole,
            total: (&total).into(),
            lines: lines.collect(),
            queues: queues.collect(),
            agents: Vec::new(),
        }
    }

    /// With those agents that may be seen.
    pub(super) fn with_agents(
        self,
        lines: &BTreeMap<LineId, LineTally>,
        may_see: impl Fn(&AgentId) -> bool,
    ) -> Self {
        let mut agents = BTreeMap::<&AgentId, AgentTally>::new();
        for (agent, tally) in lines.values().flat_map(|line| &line.agents) {
            if may_see(agent) {
                agents.entry(agent).or_default().merge(tally);
            }
        }
        let agents = agents
            .iter()
            .map(|(agent, tally)| AgentFigures::of(agent, tally));
        Self {
            agents: agents.collect(),
            ..self
        }
    }
}
