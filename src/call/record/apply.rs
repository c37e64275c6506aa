//! What each event means to a call's row: the one place that knows.

use super::{
    Announcement, Attempt, CallRecord, CodeVersion, Holds, LegEnd, LegMedia, Notice, SYSTEM,
    Silence, Transfer, Turned,
};
use crate::call::doing::Doing;
use crate::call::event::{CallEvent, EventKind, Side};
use crate::id::AgentId;
use crate::rules::{Grade, Timestamp};

impl CallRecord {
    /// Moves the record on by one event.
    #[expect(
        clippy::too_many_lines,
        reason = "the table of what each event means to a row reads best as one"
    )]
    pub fn apply(&mut self, event: &CallEvent) {
        if !event.kind.is_said_of_it() {
            self.last_offset_us = self.last_offset_us.max(event.offset_us);
        }
        let at = event.at;
        match &event.kind {
            EventKind::Arrived {
                direction,
                origin,
                caller,
                dialled,
                line,
                trunk,
                sip_call_id,
                callee,
                consult_of,
                circumstances,
            } => {
                self.arrived_at = at;
                self.direction = *direction;
                self.origin = *origin;
                self.caller = *caller;
                self.dialled.clone_from(dialled);
                self.line.clone_from(line);
                self.trunk.clone_from(trunk);
                self.sip_call_id.clone_from(sip_call_id);
                self.callee = *callee;
                self.consult_of = *consult_of;
                self.circumstances.clone_from(circumstances);
            }
            EventKind::OutboundDecided { decision } => self.outbound.push(decision.clone()),
            EventKind::Alerted { ringback } => {
                self.ringing_at = Some(at);
                self.ringback = Some(*ringback);
            }
            EventKind::Reached {
                attempt: _,
                agent,
                ring_ms,
            } => {
                self.answered_by.clone_from(agent);
                self.answered_at = Some(at);
                self.answered_offset_us = Some(event.offset_us);
                self.caller_ring_ms = Some(*ring_ms);
            }
            EventKind::Merged { into, by: _ } => self.merged_into = Some(*into),
            EventKind::Ringing {
                ringback,
                cadence,
                profile,
            } => {
                self.ringing_at = Some(at);
                self.ringback = Some(*ringback);
                self.cadence = Some(*cadence);
                self.profile = Some(profile.clone());
            }
            EventKind::Queued { .. } => self.wait_from(event.offset_us),
            EventKind::Offered { attempt, agent } => {
                self.wait_until(event.offset_us);
                self.offered(*attempt, agent, at);
            }
            EventKind::AgentRinging { attempt } => {
                if let Some(attempt) = self.attempt(*attempt) {
                    attempt.ringing_at = Some(at);
                }
            }
            EventKind::AttemptEnded {
                attempt,
                result,
                agent_ring_ms,
                status,
            } => {
                if let Some(attempt) = self.attempt(*attempt) {
                    attempt.result = Some(*result);
                    attempt.agent_ring_ms = *agent_ring_ms;
                    attempt.status = *status;
                    attempt.ended_at = Some(at);
                }
            }
            EventKind::TargetMissed { .. } => self.target_missed = true,
            EventKind::Answered {
                attempt: _,
                agent,
                caller_ring_ms,
                rings,
                grade,
                late,
            } => {
                self.wait_until(event.offset_us);
                self.answered_by = Some(agent.clone());
                self.answered_at = Some(at);
                self.answered_offset_us = Some(event.offset_us);
                self.caller_ring_ms = Some(*caller_ring_ms);
                self.rings = Some(*rings);
                self.grade = Some(*grade);
                self.late_answer = *late;
            }
            EventKind::Connected => self.connected_at = Some(at),
            EventKind::NoticeStarted {
                file,
                sha256,
                length_ms,
            } => {
                self.notice = Some(Notice {
                    started_at: at,
                    file: file.clone(),
                    sha256: sha256.clone(),
                    length_ms: *length_ms,
                    heard_ms: None,
                    complete: false,
                });
            }
            EventKind::NoticeEnded { heard_ms, complete } => {
                if let Some(notice) = &mut self.notice {
                    notice.heard_ms = Some(*heard_ms);
                    notice.complete = *complete;
                }
            }
            EventKind::AnnouncementStarted { file } => {
                self.wait_from(event.offset_us);
                self.announcement = Some(Announcement {
                    started_at: at,
                    file: file.clone(),
                    heard_ms: None,
                    complete: false,
                });
            }
            EventKind::AnnouncementEnded { heard_ms, complete } => {
                self.wait_until(event.offset_us);
                if let Some(announcement) = &mut self.announcement {
                    announcement.heard_ms = Some(*heard_ms);
                    announcement.complete = *complete;
                }
            }
            EventKind::Doing(doing) => {
                if matches!(doing, Doing::PutOnHold { .. }) {
                    self.holds.hold(Side::Agent, event.offset_us);
                } else if matches!(doing, Doing::Retrieved { .. }) {
                    self.holds.resume(Side::Agent, event.offset_us);
                }
                self.desk.apply(doing, at, event.offset_us);
            }
            EventKind::Held { by } => self.holds.hold(*by, event.offset_us),
            EventKind::Resumed { by } => self.holds.resume(*by, event.offset_us),
            EventKind::HoursStamped(_)
            | EventKind::EmergencyMet(_)
            | EventKind::Rerouted { .. }
            | EventKind::Prompted(_)
            | EventKind::MenuAnswered(_)
            | EventKind::MessageStarted { .. }
            | EventKind::MessageEnded(_)
            | EventKind::SurveyStarted(_)
            | EventKind::SurveyAnswered(_) => self.dialogue.apply(event),
            EventKind::EarlyMedia { .. }
            | EventKind::PlaceTold { .. }
            | EventKind::Turned
            | EventKind::TakenOver { .. }
            | EventKind::MediaChanged { .. }
            | EventKind::DigitPressed { .. } => {}
            EventKind::NoteSaved { anonymous, .. } => self.write_up.anonymous = *anonymous,
            EventKind::HandlingSet {
                version,
                handling,
                author,
            } => self.write_up.handle(*version, handling, author, at),
            EventKind::RecordClosed { author, limit_ms } => {
                let (from, to) = (self.last_offset_us, event.offset_us);
                self.write_up.close(author, *limit_ms, at, from, to);
            }
            EventKind::TransferRequested {
                transfer,
                kind,
                by,
                target,
                consult,
            } => {
                if self.find_transfer(*transfer).is_none() {
                    let answered = self.answered_offset_us;
                    let after = answered.map(|since| event.offset_us.saturating_sub(since));
                    self.transfers.push(Transfer {
                        n: *transfer,
                        kind: *kind,
                        by: by.clone(),
                        target: target.clone(),
                        consult: *consult,
                        requested_at: at,
                        after_ms: after.map(|after_us| after_us / 1000),
                        result: None,
                        ended_at: None,
                    });
                }
            }
            EventKind::TransferEnded { transfer, result } => {
                if let Some(transfer) = self.find_transfer(*transfer) {
                    transfer.result = Some(*result);
                    transfer.ended_at = Some(at);
                }
            }
            EventKind::PurposeSet {
                version,
                code,
                author,
                reason,
            } => CodeVersion {
                version: *version,
                code: code.clone(),
                author: author.clone(),
                reason: reason.clone(),
                at,
            }
            .join(&mut self.purposes),
            EventKind::DispositionSet {
                version,
                code,
                author,
                reason,
            } => CodeVersion {
                version: *version,
                code: code.clone(),
                author: author.clone(),
                reason: reason.clone(),
                at,
            }
            .join(&mut self.dispositions),
            EventKind::HungUp {
                party,
                agent_first,
                reason,
            } => {
                if self.hangup_party.is_none() {
                    self.hangup_party = Some(*party);
                    self.agent_first = *agent_first;
                    self.hangup_reason.clone_from(reason);
                }
            }
            EventKind::LegEnded {
                side,
                attempt,
                party,
                status,
                cause,
                reason,
            } => self.legs.push(LegEnd {
                side: *side,
                attempt: *attempt,
                party: *party,
                status: *status,
                cause: *cause,
                reason: reason.clone(),
                at,
            }),
            EventKind::FellSilent { side, one_way } => {
                self.fell_silent(*side, *one_way, event.offset_us);
            }
            EventKind::HeardAgain { side, silent_ms } => {
                if let Some(silence) = self.running_silence(*side) {
                    silence.silent_ms = Some(*silent_ms);
                }
            }
            EventKind::MediaClosed { side, quality } => self.media.push(LegMedia {
                side: *side,
                quality: *quality,
            }),
            EventKind::Ended {
                outcome,
                status,
                grade,
                caller_ring_ms,
                talk_ms,
            } => {
                self.wait_until(event.offset_us);
                self.holds.end(event.offset_us);
                self.desk.end(event.offset_us);
                self.outcome = Some(*outcome);
                self.status = *status;
                self.talk_ms = *talk_ms;
                self.ended_at = Some(at);
                if self.answered_at.is_none() {
                    self.end_unanswered(*caller_ring_ms, *grade);
                }
            }
            EventKind::RecordingTurned { turn, by, reason } => self.recording_turns.push(Turned {
                turn: *turn,
                by: by.clone(),
                reason: reason.clone(),
                at,
            }),
            EventKind::RecordingSealed { recording } => {
                self.recording = Some(recording.clone());
                self.note_cut_off();
            }
            EventKind::RecordingFailed { reason } => self.recording_failure = Some(reason.clone()),
        }
    }

    fn end_unanswered(&mut self, caller_ring_ms: Option<u64>, grade: Option<Grade>) {
        self.grade = grade;
        self.caller_ring_ms = caller_ring_ms;
        self.rings = caller_ring_ms
            .zip(self.cadence)
            .map(|(ring_ms, cadence)| cadence.rings(ring_ms).0);
    }

    fn offered(&mut self, n: u32, agent: &AgentId, at: Timestamp) {
        if self.attempt(n).is_none() {
            self.attempts.push(Attempt {
                n,
                agent: agent.clone(),
                offered_at: at,
                ringing_at: None,
                agent_ring_ms: None,
                result: None,
                status: None,
                ended_at: None,
            });
        }
    }

    fn attempt(&mut self, n: u32) -> Option<&mut Attempt> {
        self.attempts.iter_mut().find(|attempt| attempt.n == n)
    }

    /// A silence is told of again once it turns out to be one-way.
    fn fell_silent(&mut self, side: Side, one_way: bool, offset_us: u64) {
        if let Some(running) = self.running_silence(side) {
            running.one_way |= one_way;
            return;
        }
        self.silences.push(Silence {
            side,
            one_way,
            noticed_ms: offset_us / 1000,
            silent_ms: None,
        });
    }

    fn running_silence(&mut self, side: Side) -> Option<&mut Silence> {
        let silences = self.silences.iter_mut().rev();
        let mut running = silences.filter(|it| it.side == side && it.silent_ms.is_none());
        running.next()
    }

    fn find_transfer(&mut self, n: u32) -> Option<&mut Transfer> {
        self.transfers.iter_mut().find(|transfer| transfer.n == n)
    }

    fn wait_from(&mut self, offset_us: u64) {
        self.waiting_since_us.get_or_insert(offset_us);
        self.queue_ms.get_or_insert(0);
    }

    fn wait_until(&mut self, offset_us: u64) {
        if let Some(since) = self.waiting_since_us.take() {
            let waited = offset_us.saturating_sub(since) / 1000;
            self.queue_ms = Some(self.queue_ms.unwrap_or(0).saturating_add(waited));
        }
    }
}

impl CodeVersion {
    /// Whether a person said so; the line supposes a purpose of every call.
    pub fn is_a_persons(&self) -> bool {
        self.author != SYSTEM
    }

    /// Versions are kept in order; of two with one number the first stored stands.
    fn join(self, versions: &mut Vec<Self>) {
        if let Err(place) = versions.binary_search_by_key(&self.version, |known| known.version) {
            versions.insert(place, self);
        }
    }
}

impl Holds {
    fn hold(&mut self, by: Side, offset_us: u64) {
        let holding = self.side(by);
        if *holding {
            return;
        }
        *holding = true;
        self.count = self.count.saturating_add(1);
        self.since_us.get_or_insert(offset_us);
    }

    fn resume(&mut self, by: Side, offset_us: u64) {
        *self.side(by) = false;
        if !self.by_caller && !self.by_agent {
            self.end(offset_us);
        }
    }

    fn end(&mut self, offset_us: u64) {
        (self.by_caller, self.by_agent) = (false, false);
        if let Some(since) = self.since_us.take() {
            let held = offset_us.saturating_sub(since) / 1000;
            self.ms = self.ms.saturating_add(held);
        }
    }

    fn side(&mut self, side: Side) -> &mut bool {
        match side {
            Side::Caller => &mut self.by_caller,
            Side::Agent => &mut self.by_agent,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::call::event::{
        Circumstances, Direction, HangupParty, Origin, Outcome, Ringback, TransferKind,
        TransferResult, TransferTarget,
    };
    use crate::id::{CallId, EventId, PartyId};
    use crate::rules::{Cadence, PickupProfile};
    use uuid::Uuid;

    const SECOND: u64 = 1_000_000;

    fn events(kinds: impl IntoIterator<Item = (u64, EventKind)>) -> Vec<CallEvent> {
        let kinds = kinds.into_iter().enumerate();
        kinds
            .map(|(n, (offset_us, kind))| CallEvent {
                id: EventId(Uuid::from_u128(n as u128)),
                call: CallId(Uuid::from_u128(7)),
                at: Timestamp(1_000 + i64::try_from(offset_us).unwrap()),
                offset_us,
                kind,
            })
            .collect()
    }

    pub(in crate::call::record) fn record(
        kinds: impl IntoIterator<Item = (u64, EventKind)>,
    ) -> CallRecord {
        CallRecord::from_events(&events(kinds)).unwrap()
    }

    pub(in crate::call::record) fn arrived() -> (u64, EventKind) {
        let kind = EventKind::Arrived {
            direction: Direction::In,
            origin: Origin::External,
            caller: Some(PartyId(Uuid::from_u128(1))),
            dialled: "4008001234".to_owned(),
            line: Some("hotline".into()),
            trunk: Some("carrier".into()),
            sip_call_id: "a@b".to_owned(),
            callee: None,
            consult_of: None,
            circumstances: Circumstances::default(),
        };
        (0, kind)
    }

    fn ringing() -> (u64, EventKind) {
        let kind = EventKind::Ringing {
            ringback: Ringback::Network,
            cadence: Cadence::CHINA,
            profile: PickupProfile::named("within_3", Cadence::CHINA).unwrap(),
        };
        (SECOND, kind)
    }

    fn ended(offset_us: u64, outcome: Outcome) -> (u64, EventKind) {
        let kind = EventKind::Ended {
            outcome,
            status: None,
            grade: None,
            caller_ring_ms: None,
            talk_ms: None,
        };
        (offset_us, kind)
    }

    fn purpose(version: u32, code: &str) -> (u64, EventKind) {
        let kind = EventKind::PurposeSet {
            version,
            code: code.to_owned(),
            author: "system".to_owned(),
            reason: None,
        };
        (u64::from(version), kind)
    }

    #[test]
    fn a_call_that_goes_on_has_no_outcome() {
        let record = record([arrived(), ringing()]);
        assert_eq!((record.outcome, record.ended_at), (None, None));
        assert_eq!(record.ringback, Some(Ringback::Network));
    }

    /// R009: even a call whose first event is not its arrival is a row.
    #[test]
    fn any_first_event_makes_a_record() {
        let record = record([ended(5, Outcome::Interrupted)]);
        assert_eq!(record.outcome, Some(Outcome::Interrupted));
        assert_eq!(CallRecord::from_events(&[]), None);
    }

    #[test]
    fn an_abandoned_call_counts_the_rings_it_heard() {
        let end = EventKind::Ended {
            outcome: Outcome::Abandoned,
            status: Some(487),
            grade: Some(Grade::AbandonedInTime),
            caller_ring_ms: Some(7_000),
            talk_ms: None,
        };
        let record = record([arrived(), ringing(), (8 * SECOND, end)]);
        assert_eq!(
            (record.rings, record.caller_ring_ms),
            (Some(2), Some(7_000))
        );
        assert_eq!(record.grade, Some(Grade::AbandonedInTime));
    }

    /// R046: who was first to hang up stands, whatever follows.
    #[test]
    fn the_first_to_hang_up_counts() {
        let hung_up = |party, agent_first| EventKind::HungUp {
            party,
            agent_first,
            reason: None,
        };
        let record = record([
            arrived(),
            (5, hung_up(HangupParty::Agent, true)),
            (6, hung_up(HangupParty::Caller, false)),
        ]);
        assert_eq!(record.hangup_party, Some(HangupParty::Agent));
        assert!(record.agent_first);
    }

    /// R090: versions stay readable, the highest counts, a number is used once.
    #[test]
    fn purposes_are_versions() {
        let record = record([
            arrived(),
            purpose(2, "complaint"),
            purpose(1, "consultation"),
            purpose(2, "repair"),
        ]);
        let codes: Vec<_> = record.purposes.iter().map(|p| p.code.as_str()).collect();
        assert_eq!(codes, ["consultation", "complaint"]);
        assert_eq!(record.purpose().map(|p| p.version), Some(2));
    }

    #[test]
    fn waiting_ends_with_the_next_offer_and_begins_again() {
        let offered = EventKind::Offered {
            attempt: 1,
            agent: "1001".into(),
        };
        let queued = EventKind::Queued { position: 1 };
        let record = record([
            arrived(),
            (SECOND, queued.clone()),
            (2 * SECOND, queued.clone()),
            (4 * SECOND, offered),
            (6 * SECOND, queued),
            ended(7 * SECOND, Outcome::Abandoned),
        ]);
        assert_eq!(record.queue_ms, Some(4_000));
        assert_eq!(record.waiting_since_us, None);
    }

    #[test]
    fn a_hold_by_both_legs_is_counted_once_in_time() {
        let record = record([
            arrived(),
            (SECOND, EventKind::Held { by: Side::Agent }),
            (2 * SECOND, EventKind::Held { by: Side::Caller }),
            (3 * SECOND, EventKind::Resumed { by: Side::Agent }),
            (5 * SECOND, EventKind::Resumed { by: Side::Caller }),
            (6 * SECOND, EventKind::Held { by: Side::Agent }),
            ended(7 * SECOND, Outcome::Answered),
        ]);
        assert_eq!((record.holds.count, record.holds.ms), (3, 5_000));
    }

    /// R086: target, kind, time and result of a transfer.
    #[test]
    fn a_transfer_keeps_target_and_result() {
        let requested = EventKind::TransferRequested {
            transfer: 1,
            kind: TransferKind::Blind,
            by: "1001".into(),
            target: TransferTarget::Agent("1002".into()),
            consult: None,
        };
        let over = EventKind::TransferEnded {
            transfer: 1,
            result: TransferResult::Answered,
        };
        let record = record([arrived(), (3, requested), (9, over)]);
        let transfer = record.transfer().unwrap();
        assert_eq!(transfer.target, TransferTarget::Agent("1002".into()));
        assert_eq!(transfer.requested_at, Timestamp(1_003));
        assert_eq!(transfer.result, Some(TransferResult::Answered));
    }

    #[test]
    fn json_and_back_is_the_same_record() {
        let record = record([arrived(), ringing(), purpose(1, "consultation")]);
        let json = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<CallRecord>(&json).unwrap(), record);
    }
}
