//! Where a call goes that no agent has: one step after another, until one of them keeps it.

use super::event::EventKind;
use super::flow::{Course, Situation, Sound, Step};
use super::line::{Line, Prompt};
use super::media::Audio;
use super::provisional::Joining;
use super::{Call, Errand, Outcome, Output, Phase};
use crate::rules::Moment;
use crate::sip::StatusCode;

use std::sync::Arc;

/// A caller is sent from line to line so often at most.
const MOST_HOPS: u32 = 8;

impl Call {
    /// What the line does with a call that comes to it: as its emergency switch says, as after
    /// hours, greeted first, or by ringing its agents at once.
    pub(super) fn enter_line(&mut self, now: Moment) {
        let Some(line) = self.line.clone() else {
            return;
        };
        let situation = std::mem::take(&mut self.progress.situation);
        let closed = situation.hours.as_ref().is_some_and(|(_, it)| !it.open);
        let after_hours = line.flow.after_hours.as_ref().filter(|_| closed);
        if let Some(emergency) = &situation.emergency {
            self.take_course(&emergency.course, now);
        } else if let Some(course) = after_hours {
            self.take_course(course, now);
        } else if line.flow.answers_first() {
            let hours = situation.hours.as_ref().map(|(_, hours)| hours);
            let origin = self
                .progress
                .origin
                .unwrap_or(super::event::Origin::External);
            let greeting = line.flow.greeting.as_ref();
            let greeting = greeting.and_then(|it| it.fitting(origin, hours)).cloned();
            let next = line.flow.menu.as_ref().map_or(Step::Agents, |_| Step::Menu);
            self.progress.course = [Step::Greet(greeting), next].into();
            self.next_step(now);
        } else {
            self.progress.course.clear();
            self.ring_agents(now);
        }
    }

    /// How things stand at the line, once for the log.
    pub(super) fn store_situation(&mut self, now: Moment) {
        let Situation { hours, emergency } = self.progress.situation.clone();
        if let Some((calendar, hours)) = hours {
            let stamped = super::event::HoursStamped {
                calendar,
                in_hours: hours.open,
                holiday: hours.holiday,
            };
            self.store(EventKind::HoursStamped(stamped), now);
        }
        if let Some(emergency) = emergency {
            let met = super::event::EmergencyMet {
                by: emergency.by,
                reason: emergency.reason,
            };
            self.store(EventKind::EmergencyMet(met), now);
        }
    }

    /// Whether the first word to this caller is the system's: no 18x before it.
    pub(super) fn is_picked_up_first(&self) -> bool {
        let Some(line) = self.line.as_ref().filter(|_| self.errand == Errand::Line) else {
            return false;
        };
        let situation = &self.progress.situation;
        let closed = situation.hours.as_ref().is_some_and(|(_, it)| !it.open);
        let first = match (&situation.emergency, &line.flow.after_hours) {
            (Some(emergency), _) => emergency.course.first(),
            (None, Some(course)) if closed => course.first(),
            (None, _) => return line.flow.answers_first(),
        };
        first.is_some_and(Step::answers)
    }

    /// Takes these steps from now on.
    pub(super) fn take_course(&mut self, course: &Course, now: Moment) {
        self.progress.course = course.iter().cloned().collect();
        self.next_step(now);
    }

    pub(super) fn next_step(&mut self, now: Moment) {
        match self.progress.course.pop_front() {
            Some(step) => self.take_step(step, now),
            None => self.course_over(now),
        }
    }

    /// A step that needs our 200 waits until the caller has heard it ring for long enough (R010), and
    /// for what must be confirmed before it (RFC 3262 §3).
    pub(super) fn take_step(&mut self, step: Step, now: Moment) {
        if step.answers() && !self.connected && (self.must_ring_on(now) || self.success_waits()) {
            self.joining = Some(Joining::Step(step));
            return;
        }
        match step {
            Step::Announce(prompt) => self.announce(prompt.name, now),
            Step::Message => self.take_message(now),
            Step::Line(line) => {
                self.progress.hops += 1;
                if self.progress.hops > MOST_HOPS {
                    tracing::warn!(parent: &self.span, "the lines send the caller round in circles");
                    return self.next_step(now);
                }
                self.phase = Phase::Hunting;
                self.emit(Output::Reroute(line));
            }
            Step::Number(number) => {
                self.phase = Phase::Hunting;
                self.give_up_at = self.patience(now);
                self.emit(Output::Divert(number));
            }
            Step::Agents => self.ring_agents(now),
            Step::Queue(longest) => self.queue_on(longest, now),
            Step::Greet(greeting) => self.greet(greeting.as_ref(), now),
            Step::Menu => self.ask_menu(now),
        }
    }

    /// The switch has found the line, or the post, that the caller is sent to.
    pub(super) fn on_line(&mut self, line: Arc<Line>, situation: Situation, now: Moment) {
        if !matches!(self.phase, Phase::Hunting) {
            return;
        }
        let id = line.id.clone();
        self.store(EventKind::Rerouted { line: id }, now);
        self.line = Some(line);
        self.progress.situation = situation;
        self.progress.is_unanswered = false;
        if self.connected || self.is_picked_up_first() {
            self.alert_at = None;
        }
        self.enter_line(now);
    }

    /// There is no such line, or the number cannot be reached.
    pub(super) fn no_way(&mut self, now: Moment) {
        if matches!(self.phase, Phase::Hunting) && self.live_attempts() == 0 {
            self.next_step(now);
        }
    }

    /// Rings the line's agents; in an answered call the caller hears our own tone meanwhile, or, as
    /// long as nobody can be rung, the line's music.
    fn ring_agents(&mut self, now: Moment) {
        self.phase = Phase::Hunting;
        self.give_up_at = self.patience(now);
        let has_music = self
            .line
            .as_ref()
            .is_some_and(|line| line.flow.waiting.is_some());
        if self.connected && !has_music {
            self.ring_on(now);
        } else if self.alert_at.is_some_and(|at| at <= now.instant) {
            self.alert(now);
        }
        self.emit(Output::Wait);
    }

    fn patience(&self, now: Moment) -> Option<std::time::Instant> {
        let line = self.line.as_ref()?;
        Some(now.instant + line.max_preanswer)
    }

    /// The ring clock of an answered call starts with our own tone, or goes on with it (X02).
    pub(super) fn ring_on(&mut self, now: Moment) {
        self.progress.sound = Sound::Tone;
        self.progress.announce_at = None;
        self.play_ringback();
        if let Some(line) = self.line.clone() {
            self.start_ringing(super::event::Ringback::Local, &line, now);
        }
    }

    /// Nobody has taken the call in time.
    pub(super) fn unanswered(&mut self, now: Moment) {
        self.cancel_attempts(now);
        self.emit(Output::StopWaiting);
        let is_first = !std::mem::replace(&mut self.progress.is_unanswered, true);
        if let (true, true, Some(line)) =
            (self.progress.course.is_empty(), is_first, self.line.clone())
        {
            let announcement = line.announcement.clone().map(Step::Announce);
            let own = line.flow.unanswered.iter().cloned();
            self.progress.course = if line.flow.unanswered.is_empty() {
                announcement.into_iter().collect()
            } else {
                own.collect()
            };
        }
        self.next_step(now);
    }

    /// Nobody is rung for this caller.
    pub(super) fn announce_only(&mut self, prompt: Option<Prompt>, now: Moment) {
        self.progress.course = prompt.map(Step::Announce).into_iter().collect();
        self.next_step(now);
    }

    /// No step is left: the call is over.
    fn course_over(&mut self, now: Moment) {
        if self.connected {
            self.progress.is_given_up = true;
            return self.hang_up("nobody was free", now);
        }
        let status = StatusCode::TEMPORARILY_UNAVAILABLE;
        self.respond_caller(status, None);
        self.end_unanswered(status, Outcome::NoAgent, None, now);
    }

    /// A caller who waits in an answered call hears music: the line's for those who wait, or that of
    /// a hold, or a tone now and then.
    pub(super) fn music(&mut self, now: Moment) {
        let waiting = self
            .line
            .as_ref()
            .and_then(|line| line.flow.waiting.clone());
        let Some(waiting) = waiting else {
            self.progress.sound = Sound::Music;
            if let Some(audio) = self.waiting_audio() {
                self.play(self.caller.id, audio);
            }
            return;
        };
        self.progress.sound = Sound::Music;
        let says = waiting.announcement.is_some() || !waiting.places.is_empty();
        self.progress.announce_at = says.then(|| now.instant + waiting.every);
        match waiting.music {
            Some(music) => {
                self.play(self.caller.id, Audio::Loop(music));
            }
            None => self.silence(self.caller.id),
        }
    }
}
