//! What was seen, beside what was expected.

use std::fmt::Debug;
use std::time::{Duration, Instant};

use super::evidence::{Evidence, Measured};
use super::stories::STORIES;
use super::story::Story;
use crate::call::event::TransferTarget;
use crate::phone::{Event, Heard, Seen as SeenAtPhone, Sighting};
use crate::rules::Cadence;
use crate::store::StoredCall;

/// Between what a phone measures and what the service does lies the machine's own delay; one
/// that also compiles something is late by half a second now and then.
const TOLERANCE: Duration = Duration::from_secs(1);
/// Speech is louder than this, pauses included.
pub(super) const QUIETEST_DBFS: f64 = -40.0;
/// A caller who was answered has heard at least so much: the notice and the agent.
const LEAST_VOICE_MS: u64 = 4_000;

/// What one caller saw of its own call.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) story: &'static Story,
    pub(super) ringing_at: Option<Instant>,
    pub(super) answered_at: Option<Instant>,
    pub(super) ended_at: Option<Instant>,
    pub(super) status: Option<u16>,
    pub(super) heard: Option<Heard>,
}

impl Seen {
    pub(super) const fn of(story: &'static Story) -> Self {
        Self {
            story,
            ringing_at: None,
            answered_at: None,
            ended_at: None,
            status: None,
            heard: None,
        }
    }

    pub(super) fn take(&mut self, sighting: &Sighting) {
        match &sighting.seen {
            SeenAtPhone::Heard(heard) => self.heard = Some(*heard),
            SeenAtPhone::Event(Event::Ringing { .. }) => {
                self.ringing_at.get_or_insert(sighting.at);
            }
            SeenAtPhone::Event(Event::Answered) => {
                self.answered_at = Some(sighting.at);
                self.status = Some(200);
            }
            SeenAtPhone::Event(Event::Rejected(status)) => {
                self.status = Some(status.as_u16());
                self.ended_at = Some(sighting.at);
            }
            SeenAtPhone::Event(Event::Ended { .. }) => self.ended_at = Some(sighting.at),
            SeenAtPhone::Event(_) => {}
        }
    }

    pub(super) const fn is_over(&self) -> bool {
        self.ended_at.is_some()
    }

    /// How long it rang for the caller.
    fn ring_time(&self) -> Option<Duration> {
        let end = self.answered_at.or(self.ended_at)?;
        Some(end.duration_since(self.ringing_at?))
    }

    /// The rings that the caller heard begin.
    pub(super) fn rings(&self, cadence: Cadence) -> Option<u32> {
        let ring_time = self.ring_time()?;
        Some(cadence.rings(millis(ring_time)).0)
    }

    fn talk_time(&self) -> Option<Duration> {
        Some(self.ended_at?.duration_since(self.answered_at?))
    }
}

impl Evidence {
    /// What is not as expected, a sentence each.
    pub(super) fn differences(&self, cadence: Cadence) -> Vec<String> {
        let mut all = Vec::new();
        if self.rows.len() != STORIES.len() {
            all.push(format!(
                "the log has {} calls instead of {}",
                self.rows.len(),
                STORIES.len()
            ));
        }
        for seen in &self.seen.callers {
            let mut check = Check {
                title: seen.story.title,
                found: Vec::new(),
            };
            check.caller(seen, cadence);
            match self.row(seen.story) {
                Some(row) => {
                    check.row(seen, row);
                    check.recording(seen, row, self.recordings.get(&row.record.id));
                    check.conduct(seen.story, &row.record, self);
                }
                None => check.fail("the log has no row of it"),
            }
            all.extend(check.found);
        }
        all
    }
}

/// The comparison of one call.
pub(super) struct Check {
    title: &'static str,
    found: Vec<String>,
}

impl Check {
    pub(super) fn fail(&mut self, what: &str) {
        self.found.push(format!("{}: {what}", self.title));
    }

    pub(super) fn equal<T: PartialEq + Debug + ?Sized>(
        &mut self,
        what: &str,
        expected: &T,
        seen: &T,
    ) {
        if expected != seen {
            self.fail(&format!("{what}: expected {expected:?}, saw {seen:?}"));
        }
    }

    fn near(&mut self, what: &str, expected: Duration, seen_ms: Option<u64>) {
        let off = seen_ms.map(|ms| Duration::from_millis(ms).abs_diff(expected));
        if off.is_none_or(|off| off > TOLERANCE) {
            let expected = millis(expected);
            self.fail(&format!(
                "{what}: the caller has {expected} ms, not {seen_ms:?}"
            ));
        }
    }

    /// What the caller itself saw and heard.
    fn caller(&mut self, seen: &Seen, cadence: Cadence) {
        let expected = &seen.story.expected;
        self.equal(
            "status for the caller",
            &Some(expected.status),
            &seen.status,
        );
        if !seen.story.is_greeted() {
            // Once the system has answered, ringing is a sound like others.
            self.equal("rings heard", &expected.rings, &seen.rings(cadence));
        }
        if !seen.story.is_connected() {
            return self.equal("audio for the caller", &None, &seen.heard);
        }
        let Some(heard) = seen.heard else {
            return self.fail("the caller had no audio");
        };
        self.equal("packets lost on the way to the caller", &0, &heard.lost);
        if heard.level_dbfs.is_none_or(|level| level < QUIETEST_DBFS)
            || heard.voice_ms < LEAST_VOICE_MS
        {
            self.fail(&format!("the caller heard too little: {heard:?}"));
        }
    }

    fn row(&mut self, seen: &Seen, row: &StoredCall) {
        let expected = &seen.story.expected;
        let record = &row.record;
        self.equal("outcome", &Some(expected.outcome), &record.outcome);
        let line = record.line.as_ref().map(|line| line.0.as_str());
        self.equal("line", &expected.line, &line);
        self.equal("rings in the row", &expected.rings, &record.rings);
        self.equal("grade", &expected.grade, &record.grade);
        self.equal("hang-up party", &expected.hangup, &record.hangup_party);
        if let Some(ring_time) = seen.ring_time() {
            self.near("ring time in the row", ring_time, record.caller_ring_ms);
        }
        let attempts: Vec<_> = record
            .attempts
            .iter()
            .map(|attempt| (attempt.agent.0.as_str(), attempt.result))
            .collect();
        let wanted: Vec<_> = expected
            .attempts
            .iter()
            .map(|(agent, result)| (*agent, Some(*result)))
            .collect();
        self.equal("attempts", &wanted, &attempts);
        let codes: Vec<_> = record.purposes.iter().map(|it| it.code.as_str()).collect();
        self.equal("purposes", expected.purposes, codes.as_slice());
        let transfers: Vec<_> = record
            .transfers
            .iter()
            .map(|transfer| (target(&transfer.target), transfer.result))
            .collect();
        let wanted: Vec<_> = expected
            .transfer
            .iter()
            .map(|(to, result)| (Some(*to), Some(*result)))
            .collect();
        self.equal("transfers", &wanted, &transfers);
        let heard_notice = record.notice.as_ref().is_some_and(|notice| notice.complete);
        self.equal("notice heard", &expected.notice, &heard_notice);
    }

    fn recording(&mut self, seen: &Seen, row: &StoredCall, measured: Option<&Measured>) {
        if let Some(reason) = &row.record.recording_failure {
            self.fail(&format!("the recording failed: {reason}"));
        }
        if !seen.story.is_connected() {
            return self.equal("a recording", &false, &measured.is_some());
        }
        let Some(measured) = measured else {
            return self.fail("there is no recording");
        };
        if let Some(talk_time) = seen.talk_time() {
            self.near(
                "length of the recording",
                talk_time,
                Some(measured.length_ms),
            );
        }
        for (channel, name) in ["caller", "agent"].into_iter().enumerate() {
            let level = measured.levels_dbfs.get(channel).copied().flatten();
            if level.is_none_or(|level| level < QUIETEST_DBFS) {
                self.fail(&format!(
                    "the {name}'s channel is too quiet: {level:?} dBFS"
                ));
            }
        }
    }
}

pub(super) fn target(target: &TransferTarget) -> Option<&str> {
    match target {
        TransferTarget::Agent(agent) => Some(&agent.0),
        TransferTarget::Number(_) | TransferTarget::Line(_) => None,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
