//! Metrics of calls, counted from the very events that the log stores, so that both agree.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use crate::call::doing::Doing;
use crate::call::event::{
    AttemptResult, EventKind, Outcome, RecordingGap, SurveyResult, TransferResult,
};
use crate::call::{CallEvent, Entry};
use crate::id::{CallId, LineId, QueueId};
use crate::metrics::{Answer, Way};
use crate::rules::Cadence;

/// The line label of calls to numbers that are not ours.
const NO_LINE: &str = "none";

/// What must be remembered of a call until it ends.
#[derive(Debug, Default)]
struct Running {
    line: Option<String>,
    queue: Option<String>,
    ringing: bool,
    /// Its audio was found to go one way: it counts once.
    is_one_way: bool,
    queued_at_us: Option<u64>,
    answered_at_us: Option<u64>,
    /// The cadence that the caller's rings are counted in.
    cadence: Option<Cadence>,
    /// The attempt that was answered last, and for how many milliseconds its phone rang.
    phone: Option<(u32, u64)>,
}

/// Counts events as they are handed to the log.
#[derive(Debug, Default)]
pub(super) struct Tally {
    running: HashMap<CallId, Running>,
    /// The queue that each line's callers wait in.
    queues: BTreeMap<LineId, QueueId>,
}

impl Tally {
    pub(super) fn new(queues: BTreeMap<LineId, QueueId>) -> Self {
        Self {
            queues,
            ..Self::default()
        }
    }

    /// Callers wait in these queues from now on.
    pub(super) fn learn(&mut self, queues: BTreeMap<LineId, QueueId>) {
        self.queues = queues;
    }

    #[expect(
        clippy::too_many_lines,
        reason = "the table of what each event counts for reads best as one"
    )]
    pub(super) fn count(&mut self, entry: &Entry) {
        let CallEvent {
            call,
            offset_us,
            kind,
            ..
        } = &entry.event;
        let (call, offset_us) = (*call, *offset_us);
        match kind {
            EventKind::Arrived { line, .. } => {
                let queue = line.as_ref().and_then(|line| self.queues.get(line));
                let queue = queue.map(|queue| queue.0.clone());
                let line = line.as_ref().map(|line| line.0.clone());
                self.running.insert(
                    call,
                    Running {
                        line,
                        queue,
                        ..Running::default()
                    },
                );
            }
            EventKind::Ringing { cadence, .. } => {
                if let Some(running) = self.running.get_mut(&call) {
                    running.ringing = true;
                    running.cadence = Some(*cadence);
                }
            }
            EventKind::Alerted { .. } => {
                if let Some(running) = self.running.get_mut(&call) {
                    running.ringing = true;
                }
            }
            EventKind::Queued { .. } => {
                if let Some(running) = self.running.get_mut(&call) {
                    running.queued_at_us = Some(offset_us);
                }
            }
            EventKind::Offered { .. } => self.wait_over(call, offset_us),
            EventKind::AttemptEnded {
                attempt,
                result,
                agent_ring_ms,
                ..
            } => {
                crate::metrics::agent_rang(attempt_label(*result));
                if let (Some(running), AttemptResult::Answered) =
                    (self.running.get_mut(&call), result)
                {
                    running.phone = Some((*attempt, agent_ring_ms.unwrap_or(0)));
                }
            }
            EventKind::Answered {
                attempt,
                agent,
                caller_ring_ms,
                rings,
                grade,
                ..
            } => {
                if let Some(running) = self.running.get_mut(&call) {
                    running.answered_at_us = Some(offset_us);
                }
                let (phone_rang, phone_rings) = self.phone_rang(call, *attempt);
                crate::metrics::call_answered(&Answer {
                    line: self.line(call),
                    queue: self.queue(call),
                    agent: &agent.0,
                    waited: Duration::from_millis(*caller_ring_ms),
                    rings: *rings,
                    grade: grade.as_str(),
                    phone_rang,
                    phone_rings,
                });
            }
            EventKind::Ended { outcome, .. } => self.ended(call, *outcome, offset_us),
            EventKind::MediaClosed { quality, .. } => {
                crate::metrics::rtp_packets(Way::In, quality.received);
                crate::metrics::rtp_packets(Way::Out, quality.sent);
                crate::metrics::rtp_lost(quality.lost);
                if quality.received > 0 {
                    crate::metrics::rtp_jitter(Duration::from_micros(quality.jitter_us));
                }
            }
            EventKind::FellSilent { one_way: true, .. } => {
                if let Some(running) = self.running.get_mut(&call)
                    && !std::mem::replace(&mut running.is_one_way, true)
                {
                    crate::metrics::one_way_call();
                }
            }
            EventKind::RecordingSealed { recording } => {
                crate::metrics::recording_ended("sealed");
                let gaps = recording.gaps.iter();
                let lost = gaps.filter(|gap| gap.cause.is_loss()).map(gap_length);
                crate::metrics::recording_gap(lost.sum());
            }
            EventKind::RecordingFailed { .. } => crate::metrics::recording_ended("failed"),
            EventKind::Doing(doing) => self.done(call, doing),
            EventKind::TransferRequested { .. } => self.transfer_asked(call, offset_us),
            EventKind::TransferEnded { result, .. } => {
                crate::metrics::transfer_ended(self.line(call), transfer_label(*result));
            }
            EventKind::MessageEnded(_) => crate::metrics::message_left(self.line(call)),
            EventKind::SurveyAnswered(survey) => {
                crate::metrics::survey_ended(self.line(call), survey_label(survey.result));
            }
            EventKind::OutboundDecided { decision } => {
                if let Some(refused) = decision.refused {
                    crate::metrics::outbound_refused(refused.as_str());
                }
            }
            EventKind::AgentRinging { .. }
            | EventKind::Reached { .. }
            | EventKind::Merged { .. }
            | EventKind::TargetMissed { .. }
            | EventKind::Connected
            | EventKind::NoticeStarted { .. }
            | EventKind::NoticeEnded { .. }
            | EventKind::HoursStamped(_)
            | EventKind::EmergencyMet(_)
            | EventKind::Rerouted { .. }
            | EventKind::Prompted(_)
            | EventKind::MenuAnswered(_)
            | EventKind::PlaceTold { .. }
            | EventKind::MessageStarted { .. }
            | EventKind::SurveyStarted(_)
            | EventKind::AnnouncementStarted { .. }
            | EventKind::AnnouncementEnded { .. }
            | EventKind::Held { .. }
            | EventKind::Resumed { .. }
            | EventKind::MediaChanged { .. }
            | EventKind::PurposeSet { .. }
            | EventKind::DispositionSet { .. }
            | EventKind::HandlingSet { .. }
            | EventKind::NoteSaved { .. }
            | EventKind::RecordClosed { .. }
            | EventKind::HungUp { .. }
            | EventKind::EarlyMedia { .. }
            | EventKind::Turned
            | EventKind::TakenOver { .. }
            | EventKind::DigitPressed { .. }
            | EventKind::RecordingTurned { .. }
            | EventKind::FellSilent { one_way: false, .. }
            | EventKind::HeardAgain { .. }
            | EventKind::LegEnded { .. } => {}
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "most doings are no matter for figures"
    )]
    fn done(&self, call: CallId, doing: &Doing) {
        match doing {
            Doing::StageIsLong { stage, .. } => {
                crate::metrics::stage_exceeded(self.line(call), stage.as_str());
            }
            Doing::PassedOnOften { .. } => crate::metrics::passed_on_often(self.line(call)),
            Doing::EmergencyCalled { .. } => crate::metrics::emergency_called(self.line(call)),
            _ => {}
        }
    }

    /// The first time that the caller is passed on counts.
    fn transfer_asked(&mut self, call: CallId, offset_us: u64) {
        let running = self.running.get_mut(&call);
        let Some(since) = running.and_then(|running| running.answered_at_us.take()) else {
            return;
        };
        let after = Duration::from_micros(offset_us.saturating_sub(since));
        crate::metrics::transfer_asked(self.line(call), after);
    }

    fn line(&self, call: CallId) -> &str {
        let running = self.running.get(&call);
        running
            .and_then(|running| running.line.as_deref())
            .unwrap_or(NO_LINE)
    }

    fn queue(&self, call: CallId) -> &str {
        let running = self.running.get(&call);
        running
            .and_then(|running| running.queue.as_deref())
            .unwrap_or(NO_LINE)
    }

    /// How long the phone of an attempt rang, and in which ring of the line's cadence it was answered.
    /// One that is answered before it rings has rung for no time.
    fn phone_rang(&self, call: CallId, attempt: u32) -> (Duration, u32) {
        let running = self.running.get(&call);
        let phone = running.and_then(|running| running.phone);
        let rang_ms = phone.map_or(0, |(n, ms)| if n == attempt { ms } else { 0 });
        let cadence = running.and_then(|running| running.cadence);
        let rings = cadence.unwrap_or(Cadence::CHINA).rings(rang_ms);
        (Duration::from_millis(rang_ms), rings.0)
    }

    fn wait_over(&mut self, call: CallId, offset_us: u64) {
        let Some(running) = self.running.get_mut(&call) else {
            return;
        };
        let Some(since) = running.queued_at_us.take() else {
            return;
        };
        let waited = Duration::from_micros(offset_us.saturating_sub(since));
        crate::metrics::queue_waited(running.queue.as_deref().unwrap_or(NO_LINE), waited);
    }

    fn ended(&mut self, call: CallId, outcome: Outcome, offset_us: u64) {
        self.wait_over(call, offset_us);
        let line = self.line(call).to_owned();
        crate::metrics::call_ended(&line, outcome_label(outcome));
        let ringing = self
            .running
            .remove(&call)
            .is_some_and(|running| running.ringing);
        if outcome == Outcome::Abandoned {
            let stage = if ringing { "ringing" } else { "before_ringing" };
            crate::metrics::call_abandoned(&line, stage);
        }
    }
}

fn gap_length(gap: &RecordingGap) -> Duration {
    Duration::from_millis(gap.length_ms)
}

const fn attempt_label(result: AttemptResult) -> &'static str {
    match result {
        AttemptResult::Answered => "answered",
        AttemptResult::RingNoAnswer => "ring_no_answer",
        AttemptResult::Rejected => "rejected",
        AttemptResult::Unreachable => "unreachable",
        AttemptResult::Cancelled => "cancelled",
    }
}

const fn transfer_label(result: TransferResult) -> &'static str {
    match result {
        TransferResult::Answered => "answered",
        TransferResult::NoAnswer => "no_answer",
        TransferResult::Refused => "refused",
        TransferResult::Unreachable => "unreachable",
        TransferResult::Forbidden => "forbidden",
        TransferResult::CallerLeft => "caller_left",
    }
}

const fn survey_label(result: SurveyResult) -> &'static str {
    match result {
        SurveyResult::Answered => "answered",
        SurveyResult::Skipped => "skipped",
        SurveyResult::Refused => "refused",
    }
}

const fn outcome_label(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Answered => "answered",
        Outcome::Abandoned => "abandoned",
        Outcome::Announcement => "announcement",
        Outcome::Message => "message",
        Outcome::NoAgent => "no_agent",
        Outcome::UnknownNumber => "unknown_number",
        Outcome::Refused => "refused",
        Outcome::NotReached => "not_reached",
        Outcome::Echo => "echo",
        Outcome::RecordingUnavailable => "recording_unavailable",
        Outcome::Failed => "failed",
        Outcome::Interrupted => "interrupted",
    }
}
