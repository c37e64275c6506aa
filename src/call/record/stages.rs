//! The stages of a call in time: when each began, and how long it took (R023).

use serde::Serialize;

use super::CallRecord;
use crate::call::doing::Doing;
use crate::call::event::{CallEvent, Direction, EventKind, Side};
use crate::rules::{Stage, Timestamp};

/// One stage of a call; a call can be on hold several times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StageSpan {
    /// Which.
    pub stage: Stage,
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in milliseconds; `None` while it lasts.
    pub ms: Option<u64>,
    /// How long it may take, where it took longer.
    pub limit_ms: Option<u64>,
}

/// A stage that goes on.
#[derive(Clone, Copy, Debug)]
struct Open {
    /// Where in the list.
    index: usize,
    since_us: u64,
    /// Which transfer it is.
    transfer: Option<u32>,
}

#[derive(Debug, Default)]
struct Fold {
    spans: Vec<StageSpan>,
    open: Vec<(Stage, Open)>,
    /// Who holds.
    holds: [bool; 2],
}

impl CallRecord {
    /// The stages that the call has gone through, in the order in which they began. `events` are
    /// the record's own.
    pub fn stages(&self, events: &[CallEvent]) -> Vec<StageSpan> {
        let mut fold = Fold::default();
        for event in events {
            fold.apply(event);
        }
        self.exact(&mut fold.spans);
        if let Some(at) = self.ended_at.filter(|_| self.needs_write_up()) {
            fold.spans.push(StageSpan {
                stage: Stage::WrapUp,
                at,
                ms: self.write_up.ms,
                limit_ms: None,
            });
        }
        if self.write_up.was_long {
            let limit = events.iter().find_map(|event| {
                let EventKind::RecordClosed { limit_ms, .. } = &event.kind else {
                    return None;
                };
                *limit_ms
            });
            flag(&mut fold.spans, Stage::WrapUp, limit.unwrap_or_default());
        }
        fold.spans
    }

    /// A person answered it on a line: there is something to write up.
    pub const fn needs_write_up(&self) -> bool {
        self.answered_by.is_some()
            && self.line.is_some()
            && !matches!(self.direction, Direction::Internal)
    }

    /// What the row counts is counted by the call itself: the ring clock can stand still.
    fn exact(&self, spans: &mut [StageSpan]) {
        for (stage, ms) in [
            (Stage::Ring, self.caller_ring_ms),
            (Stage::Talk, self.talk_ms),
        ] {
            let span = spans.iter_mut().find(|span| span.stage == stage);
            if let (Some(span), Some(ms)) = (span, ms) {
                span.ms = Some(ms);
            }
        }
    }
}

/// The last span of a stage took longer than it may.
fn flag(spans: &mut [StageSpan], stage: Stage, limit_ms: u64) {
    if let Some(span) = spans.iter_mut().rev().find(|span| span.stage == stage) {
        span.limit_ms = Some(limit_ms);
    }
}

impl Fold {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "few events begin or end a stage"
    )]
    fn apply(&mut self, event: &CallEvent) {
        match &event.kind {
            EventKind::Ringing { .. } | EventKind::Alerted { .. }
                if self.spans.iter().all(|span| span.stage != Stage::Ring) =>
            {
                self.begin(Stage::Ring, None, event);
            }
            EventKind::Queued { .. } | EventKind::AnnouncementStarted { .. } => {
                self.begin(Stage::Queue, None, event);
            }
            EventKind::Offered { .. } | EventKind::AnnouncementEnded { .. } => {
                self.end(Stage::Queue, None, event);
            }
            EventKind::Answered { .. } | EventKind::Reached { .. } => {
                self.end(Stage::Ring, None, event);
                self.end(Stage::Queue, None, event);
                if self.spans.iter().all(|span| span.stage != Stage::Talk) {
                    self.begin(Stage::Talk, None, event);
                }
            }
            EventKind::Held { by } => self.hold(*by, true, event),
            EventKind::Resumed { by } => self.hold(*by, false, event),
            EventKind::Doing(Doing::PutOnHold { .. }) => self.hold(Side::Agent, true, event),
            EventKind::Doing(Doing::Retrieved { .. }) => self.hold(Side::Agent, false, event),
            EventKind::Doing(Doing::StageIsLong { stage, limit_ms }) => {
                flag(&mut self.spans, *stage, *limit_ms);
            }
            EventKind::TransferRequested { transfer, .. } => {
                self.begin(Stage::Transfer, Some(*transfer), event);
            }
            EventKind::TransferEnded { transfer, .. } => {
                self.end(Stage::Transfer, Some(*transfer), event);
            }
            EventKind::Ended { .. } => {
                for (_, open) in std::mem::take(&mut self.open) {
                    self.close(open, event);
                }
            }
            _ => {}
        }
    }

    /// Two sides that hold are one hold.
    fn hold(&mut self, side: Side, holds: bool, event: &CallEvent) {
        let [caller, agent] = &mut self.holds;
        match side {
            Side::Caller => *caller = holds,
            Side::Agent => *agent = holds,
        }
        if self.holds.contains(&true) {
            self.begin(Stage::Hold, None, event);
        } else {
            self.end(Stage::Hold, None, event);
        }
    }

    /// A stage begins, unless it goes on already.
    fn begin(&mut self, stage: Stage, transfer: Option<u32>, event: &CallEvent) {
        let mut open = self.open.iter();
        if open.any(|(known, open)| *known == stage && open.transfer == transfer) {
            return;
        }
        let open = Open {
            index: self.spans.len(),
            since_us: event.offset_us,
            transfer,
        };
        self.open.push((stage, open));
        self.spans.push(StageSpan {
            stage,
            at: event.at,
            ms: None,
            limit_ms: None,
        });
    }

    fn end(&mut self, stage: Stage, transfer: Option<u32>, event: &CallEvent) {
        let mut open = self.open.iter();
        let place = open.position(|(known, open)| *known == stage && open.transfer == transfer);
        if let Some(place) = place {
            let (_, open) = self.open.swap_remove(place);
            self.close(open, event);
        }
    }

    fn close(&mut self, open: Open, event: &CallEvent) {
        if let Some(span) = self.spans.get_mut(open.index) {
            span.ms = Some(event.offset_us.saturating_sub(open.since_us) / 1000);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::call::event::{
        Circumstances, Origin, Outcome, Ringback, TransferKind, TransferResult, TransferTarget,
    };
    use crate::id::{CallId, EventId};
    use crate::rules::{Cadence, Grade, PickupProfile};

    /// Each at so many milliseconds.
    fn events(kinds: Vec<(u64, EventKind)>) -> Vec<CallEvent> {
        let events = kinds
            .into_iter()
            .zip(0_u128..)
            .map(|((ms, kind), n)| CallEvent {
                id: EventId(Uuid::from_u128(n)),
                call: CallId(Uuid::from_u128(7)),
                at: Timestamp(i64::try_from(ms * 1000).unwrap()),
                offset_us: ms * 1000,
                kind,
            });
        events.collect()
    }

    fn arrived() -> EventKind {
        EventKind::Arrived {
            direction: Direction::In,
            origin: Origin::External,
            caller: None,
            dialled: "400".to_owned(),
            line: Some("hotline".into()),
            trunk: None,
            sip_call_id: String::new(),
            callee: None,
            consult_of: None,
            circumstances: Circumstances::default(),
        }
    }

    fn story() -> Vec<(u64, EventKind)> {
        let cadence = Cadence::CHINA;
        let profile = PickupProfile::named("within_3", cadence).unwrap();
        let by = || "1001".to_owned();
        vec![
            (0, arrived()),
            (
                1_000,
                EventKind::Ringing {
                    ringback: Ringback::Network,
                    cadence,
                    profile,
                },
            ),
            (1_000, EventKind::Queued { position: 1 }),
            (
                4_000,
                EventKind::Offered {
                    attempt: 1,
                    agent: "1001".into(),
                },
            ),
            (
                9_000,
                EventKind::Answered {
                    attempt: 1,
                    agent: "1001".into(),
                    caller_ring_ms: 8_000,
                    rings: 2,
                    grade: Grade::OnTarget,
                    late: false,
                },
            ),
            (
                10_000,
                EventKind::Doing(Doing::PutOnHold {
                    by: by(),
                    reason: None,
                }),
            ),
            (11_000, EventKind::Held { by: Side::Caller }),
            (
                12_000,
                EventKind::Doing(Doing::StageIsLong {
                    stage: Stage::Hold,
                    limit_ms: 2_000,
                }),
            ),
            (13_000, EventKind::Doing(Doing::Retrieved { by: by() })),
            (14_000, EventKind::Resumed { by: Side::Caller }),
            (
                20_000,
                EventKind::TransferRequested {
                    transfer: 1,
                    kind: TransferKind::Blind,
                    by: "1001".into(),
                    target: TransferTarget::Agent("1002".into()),
                    consult: None,
                },
            ),
            (
                26_500,
                EventKind::TransferEnded {
                    transfer: 1,
                    result: TransferResult::Answered,
                },
            ),
            (30_000, EventKind::Held { by: Side::Agent }),
            (
                32_000,
                EventKind::Ended {
                    outcome: Outcome::Answered,
                    status: None,
                    grade: None,
                    caller_ring_ms: None,
                    talk_ms: Some(23_000),
                },
            ),
        ]
    }

    fn spans(events: &[CallEvent]) -> Vec<(Stage, i64, Option<u64>, Option<u64>)> {
        let record = CallRecord::from_events(events).unwrap();
        let spans = record.stages(events).into_iter();
        spans
            .map(|span| (span.stage, span.at.0 / 1000, span.ms, span.limit_ms))
            .collect()
    }

    /// R023: each stage has a time and a length, and what took too long says so.
    #[test]
    fn each_stage_has_its_time_and_its_length() {
        let told = events(story());
        let expected = [
            (Stage::Ring, 1_000, Some(8_000), None),
            (Stage::Queue, 1_000, Some(3_000), None),
            (Stage::Talk, 9_000, Some(23_000), None),
            (Stage::Hold, 10_000, Some(4_000), Some(2_000)),
            (Stage::Transfer, 20_000, Some(6_500), None),
            (Stage::Hold, 30_000, Some(2_000), None),
            (Stage::WrapUp, 32_000, None, None),
        ];
        assert_eq!(spans(&told), expected);
        let record = CallRecord::from_events(&told).unwrap();
        assert_eq!(record.stages_exceeded(), [Stage::Hold]);
    }

    /// R023, R087: the record is a stage of its own, from the end of the call to the last word.
    #[test]
    fn writing_up_is_a_stage_that_can_take_too_long() {
        let closed = |limit_ms| EventKind::RecordClosed {
            author: "1001".to_owned(),
            limit_ms,
        };
        let mut story = story();
        story.push((400_000, closed(Some(300_000))));
        // Only the first time counts.
        story.push((900_000, closed(None)));
        let told = events(story);
        let last = spans(&told).pop().unwrap();
        assert_eq!(last, (Stage::WrapUp, 32_000, Some(368_000), Some(300_000)));
        let record = CallRecord::from_events(&told).unwrap();
        assert_eq!(record.stages_exceeded(), [Stage::Hold, Stage::WrapUp]);
        assert_eq!(record.write_up.closed_by.as_deref(), Some("1001"));
    }

    /// What goes on has no length yet.
    #[test]
    fn a_stage_that_lasts_has_no_length() {
        let mut story = story();
        story.truncate(6);
        let hold = spans(&events(story)).pop().unwrap();
        assert_eq!(hold, (Stage::Hold, 10_000, None, None));
    }
}
