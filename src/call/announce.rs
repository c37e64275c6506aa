//! Nobody was free in time: the line's announcement, or 480.

use super::event::{EventKind, Outcome};
use super::media::Audio;
use super::provisional::Joining;
use super::{Call, Output, Phase};
use crate::rules::Moment;
use crate::sip::StatusCode;

impl Call {
    /// `max_preanswer` bounds how long a call stays unanswered; a call that came back from a
    /// failed transfer waits as long.
    pub(super) fn give_up_due(&mut self, now: Moment) {
        let due = self.give_up_at.is_some_and(|at| at <= now.instant);
        if !due || !matches!(self.phase, Phase::Hunting) {
            return;
        }
        self.give_up_at = None;
        if self.connected {
            return self.hang_up("nobody was free after a failed transfer", now);
        }
        self.cancel_attempts(now);
        self.emit(Output::StopWaiting);
        if let Some(prompt) = self
            .line
            .as_ref()
            .and_then(|line| line.announcement.clone())
        {
            if self.success_waits() {
                self.joining = Some(Joining::Announcement(prompt.name));
            } else {
                self.announce(prompt.name, now);
            }
        } else {
            let status = StatusCode::TEMPORARILY_UNAVAILABLE;
            self.respond_caller(status, None);
            self.end_unanswered(status, Outcome::NoAgent, None, now);
        }
    }

    pub(super) fn announce(&mut self, file: String, now: Moment) {
        let play = self.new_play();
        self.phase = Phase::Announcing(play);
        self.rang_ms = self.ring.as_ref().map(|ring| ring.ring_ms(now.instant));
        self.close_recording();
        self.send_ok(self.caller_codec, now);
        let leg = self.caller.id;
        let audio = Audio::Prompt(file.clone());
        self.order(super::media::MediaCommand::Play { leg, play, audio });
        self.store(EventKind::AnnouncementStarted { file }, now);
    }

    pub(super) fn announcement_ended(&mut self, heard_ms: u64, complete: bool, now: Moment) {
        self.store(EventKind::AnnouncementEnded { heard_ms, complete }, now);
        self.hang_up("end of the announcement", now);
    }
}
