//! Nobody was free in time: what the line then does, or 480.

use super::event::EventKind;
use super::media::{Audio, MediaCommand};
use super::{Call, Phase};
use crate::rules::Moment;

impl Call {
    /// `max_preanswer` bounds how long a call stays unanswered; a call that came back from a
    /// failed transfer waits as long.
    pub(super) fn give_up_due(&mut self, now: Moment) {
        let due = self.give_up_at.is_some_and(|at| at <= now.instant);
        if !due || !self.may_be_given_up() {
            return;
        }
        self.give_up_at = None;
        if self.queue_in_vain(now) {
            return;
        }
        if self.answered_at.is_some() {
            return self.hang_up("nobody was free after a failed transfer", now);
        }
        self.unanswered(now);
    }

    /// Nobody is recorded who only hears an announcement.
    pub(super) fn announce(&mut self, file: String, now: Moment) {
        let play = self.new_play();
        self.phase = Phase::Announcing(play);
        self.progress.is_announced = true;
        if self.progress.course.is_empty() && !self.connected {
            self.close_recording();
        }
        self.pick_up(now);
        let leg = self.caller.id;
        let audio = Audio::Prompt(file.clone());
        self.order(MediaCommand::Play { leg, play, audio });
        self.store(EventKind::AnnouncementStarted { file }, now);
    }

    pub(super) fn announcement_ended(&mut self, heard_ms: u64, complete: bool, now: Moment) {
        self.store(EventKind::AnnouncementEnded { heard_ms, complete }, now);
        if self.progress.course.is_empty() {
            self.hang_up("end of the announcement", now);
        } else {
            self.next_step(now);
        }
    }
}
