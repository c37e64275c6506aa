//! What people at the desk and the system itself have done with a call, beside what was expected.

use super::evidence::{Evidence, Measured};
use super::overheard::is_overheard;
use super::story::Story;
use super::verdict::{Check, QUIETEST_DBFS, target};
use crate::call::doing::{ConsultEnd, SuperviseMode};
use crate::call::record::CallRecord;
use crate::call::record::desk::Hold;
use crate::recording::level_dbfs;

/// Who listens to a talk hears at least so much of it.
const LEAST_LISTENED_MS: u64 = 1_500;
/// The shortest hold, message or wait that somebody notices.
const LEAST_MS: u64 = 1_000;
const SAMPLES_PER_MS: u64 = 8;

impl Check {
    pub(super) fn conduct(&mut self, story: &Story, record: &CallRecord, evidence: &Evidence) {
        self.dialogue(story, record);
        self.desk(story, record);
        let measured = evidence.recordings.get(&record.id);
        if let (Some(supervisor), Some(measured)) = (story.expected.listener, measured) {
            self.listener(supervisor, measured, evidence);
        }
        if let (Some(hold), Some(measured)) = (record.desk.holds.first(), measured) {
            self.music(record, hold, measured);
        }
        let task = evidence.task(record.id).map(|it| it.task.kind);
        self.equal("task", &story.expected.task, &task);
    }

    /// What the system said, and what the caller answered.
    fn dialogue(&mut self, story: &Story, record: &CallRecord) {
        let (expected, dialogue) = (&story.expected, &record.dialogue);
        let mut said: Vec<_> = dialogue.prompts.iter().map(|it| it.purpose).collect();
        said.dedup();
        self.equal("said", expected.says, said.as_slice());
        let waited = record.queue_ms.unwrap_or(0) >= LEAST_MS;
        if expected.waits && !waited {
            self.fail(&format!("it waited for {:?} ms only", record.queue_ms));
        }
        let length = dialogue.message.and_then(|it| it.length_ms);
        let has_message = length.is_some_and(|ms| ms >= LEAST_MS);
        self.equal("a message", &expected.message, &has_message);
        let score = dialogue.survey.as_ref().and_then(|it| it.score);
        self.equal("score", &expected.score, &score);
    }

    /// Who did what.
    fn desk(&mut self, story: &Story, record: &CallRecord) {
        let (expected, desk) = (&story.expected, &record.desk);
        let holds: Vec<_> = desk.holds.iter().map(|it| it.by.as_str()).collect();
        let wanted: Vec<_> = expected.held_by.into_iter().collect();
        self.equal("held by", &wanted, &holds);
        if desk.holds.iter().any(|it| it.ms.unwrap_or(0) < LEAST_MS) {
            self.fail(&format!("too short a hold: {:?}", desk.holds));
        }
        let consults = desk.consults.iter();
        let consults: Vec<_> = consults.map(|it| (target(&it.target), it.end)).collect();
        let wanted = expected.asked.into_iter();
        let wanted: Vec<_> = wanted
            .map(|whom| (Some(whom), Some(ConsultEnd::Completed)))
            .collect();
        self.equal("asked", &wanted, &consults);
        let supervisions = desk.supervisions.iter();
        let listeners: Vec<_> = supervisions
            .map(|it| {
                let came_and_left = it.joined_at.is_some() && it.left_at.is_some();
                (it.supervisor.0.as_str(), it.modes.as_slice(), came_and_left)
            })
            .collect();
        let wanted = expected.listener.into_iter();
        let wanted: Vec<_> = wanted
            .map(|who| (who, [SuperviseMode::Listen].as_slice(), true))
            .collect();
        self.equal("listeners", &wanted, &listeners);
    }

    /// The supervisor has heard the talk, and nobody has heard the supervisor.
    fn listener(&mut self, supervisor: &str, measured: &Measured, evidence: &Evidence) {
        let heard = evidence.seen.agents.get(supervisor);
        if heard.is_none_or(|heard| heard.voice_ms < LEAST_LISTENED_MS) {
            self.fail(&format!("the supervisor heard too little: {heard:?}"));
        }
        if measured.audio.channels.iter().any(|it| is_overheard(it)) {
            self.fail("the supervisor is on the recording");
        }
    }

    /// Who is on hold hears music.
    fn music(&mut self, record: &CallRecord, hold: &Hold, measured: &Measured) {
        let Some(connected_at) = record.connected_at else {
            return self.fail("a hold before the answer");
        };
        let since = (hold.at.0 - connected_at.0) / 1000;
        let since = u64::try_from(since).unwrap_or(0);
        let sample = |ms: u64| usize::try_from(ms * SAMPLES_PER_MS).unwrap_or(usize::MAX);
        let span = sample(since)..sample(since + hold.ms.unwrap_or(0));
        let sent = measured.audio.channels.get(1);
        let level = sent.and_then(|sent| level_dbfs(sent.get(span)?));
        if level.is_none_or(|level| level < QUIETEST_DBFS) {
            self.fail(&format!("no music on hold: {level:?} dBFS"));
        }
    }
}
