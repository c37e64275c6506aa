//! Waiting in an answered call: music, and now and then a word on how long it may take (R039).
//!
//! Time in a queue is no ring time (X02): the ring clock stands still from here on.

use std::time::{Duration, Instant};

use super::event::{EventKind, PromptPurpose};
use super::flow::{Sound, Step};
use super::media::PlayId;
use super::{Call, Output, Phase};
use crate::rules::Moment;

impl Call {
    /// The call is answered, and waits on for as long as `longest`.
    pub(super) fn queue_on(&mut self, longest: Duration, now: Moment) {
        self.pick_up(now);
        if self.has_untold_notice() {
            self.progress.course.push_front(Step::Queue(longest));
            return self.tell_before_course(now);
        }
        self.phase = Phase::Hunting;
        self.give_up_at = Some(now.instant + longest);
        self.music(now);
        self.emit(Output::Wait);
    }

    /// Nobody is free. In an answered call in which the caller hears nothing yet, or nothing any more,
    /// there is music.
    pub(super) fn queued(&mut self, position: u32, now: Moment) {
        self.store(EventKind::Queued { position }, now);
        let is_waiting = matches!(self.phase, Phase::Hunting) && self.connected;
        let hears_nothing = matches!(self.progress.sound, Sound::Nothing);
        if is_waiting && hears_nothing && self.answered_at.is_none() {
            self.music(now);
        }
    }

    pub(super) fn waiting_sound_due(&mut self, now: Moment) {
        if !matches!(self.phase, Phase::Hunting) {
            return;
        }
        let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now.instant);
        if let Sound::Announcement(saying) = &self.progress.sound
            && is_due(self.progress.played_by)
        {
            tracing::warn!(parent: &self.span, "the end of a prompt was not told");
            let play = saying.play;
            return self.waiting_sound_over(play, 0, false, now);
        }
        if is_due(self.progress.announce_at) {
            self.progress.announce_at = None;
            self.emit(Output::AskPlace);
        }
    }

    /// The switch says where in the queue the call is.
    pub(super) fn place(&mut self, position: u32, now: Moment) {
        let is_waiting = matches!(self.phase, Phase::Hunting) && self.connected;
        let waiting = self
            .line
            .as_ref()
            .and_then(|line| line.flow.waiting.clone());
        let Some(waiting) = waiting.filter(|_| is_waiting) else {
            return;
        };
        if !matches!(self.progress.sound, Sound::Music) {
            return;
        }
        let index = usize::try_from(position.saturating_sub(1)).unwrap_or(usize::MAX);
        let place = waiting.places.get(index);
        if place.is_some() {
            self.store(EventKind::PlaceTold { position }, now);
        }
        match place.or(waiting.announcement.as_ref()) {
            Some(prompt) => {
                let saying = self.say(PromptPurpose::Waiting, prompt, now);
                self.progress.sound = Sound::Announcement(saying);
            }
            None => self.progress.announce_at = Some(now.instant + waiting.every),
        }
    }

    pub(super) fn waiting_sound_over(
        &mut self,
        play: PlayId,
        heard_ms: u64,
        complete: bool,
        now: Moment,
    ) {
        let Sound::Announcement(saying) = &self.progress.sound else {
            return;
        };
        if saying.play == play {
            let saying = saying.clone();
            self.expect_nothing();
            self.store_said(saying, heard_ms, complete, now);
            self.music(now);
        }
    }
}
