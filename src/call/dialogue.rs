//! A caller and the system: what is being said, and what is awaited. The system answers the call for
//! it, and what it says is on the recording's right channel, as everything that the caller is sent.
//!
//! An answer by the system is no answer in the sense of the ring rules: nobody has answered, until
//! a person does.

use std::time::{Duration, Instant};

use super::asking::{Asking, Turn};
use super::event::{EventKind, PromptPurpose, Prompted};
use super::flow::Sound;
use super::line::Prompt;
use super::media::{Audio, PlayId};
use super::{Call, Phase, Recording};
use crate::rules::Moment;

/// The end of a prompt is told soon after it; what is not told by then was lost.
const PLAYED_LATEST: Duration = Duration::from_secs(5);

/// Something that the caller hears.
#[derive(Clone, Debug)]
pub(super) struct Saying {
    pub(super) play: PlayId,
    purpose: PromptPurpose,
    file: String,
    since: Moment,
}

/// What a call does with its caller that no agent has.
#[derive(Debug)]
pub(super) enum Dialogue {
    /// The greeting; then the notice, and then the course.
    Greeting(Saying),
    /// The recording notice, before the course goes on.
    Notice,
    /// The menu, and what is being said of it.
    Menu(Asking, Option<Saying>, Vec<Prompt>),
    /// What comes before the tone of a message.
    Invitation(Saying),
    /// The tone.
    Beep(PlayId),
    /// The caller speaks, since then.
    Message(Asking, Moment),
    /// A last word, and the call is over.
    Thanks(PlayId),
    /// The question after the talk.
    Survey(Asking, Option<Saying>, Vec<Prompt>),
}

/// By when the end of a prompt that begins now should have been told.
pub(super) fn played_by(prompt: Option<&Prompt>, now: Moment) -> Instant {
    let length = Duration::from_millis(prompt.map_or(0, |prompt| prompt.length_ms));
    now.instant + length + PLAYED_LATEST
}

impl Call {
    /// Answers the call, if that is still to be done, so that the system can speak.
    pub(super) fn pick_up(&mut self, now: Moment) {
        if let Some(ring) = &mut self.ring {
            ring.stop(now.instant);
        }
        self.progress.sound = Sound::Nothing; // what is said now replaces it
        if self.connected {
            return;
        }
        self.send_ok(self.caller_codec, now);
        let waits = self
            .line
            .as_ref()
            .is_some_and(|line| line.capture_after_notice);
        if self.recording == Recording::Running && waits {
            self.capture_after_notice();
        }
    }

    /// Says something, and expects to hear when it is over.
    pub(super) fn say(&mut self, purpose: PromptPurpose, prompt: &Prompt, now: Moment) -> Saying {
        self.expect_played(Some(prompt), now);
        let play = self.play(self.caller.id, Audio::Prompt(prompt.name.clone()));
        Saying {
            play,
            purpose,
            file: prompt.name.clone(),
            since: now,
        }
    }

    /// Expects to hear of the end of something short that is not a prompt.
    pub(super) fn say_shortly(&mut self, audio: Audio, now: Moment) -> PlayId {
        self.progress.played_by = Some(now.instant + PLAYED_LATEST);
        self.play(self.caller.id, audio)
    }

    /// The end of this prompt is awaited.
    pub(super) fn expect_played(&mut self, prompt: Option<&Prompt>, now: Moment) {
        self.progress.played_by = Some(played_by(prompt, now));
    }

    /// No end of anything is awaited any more.
    pub(super) const fn expect_nothing(&mut self) {
        self.progress.played_by = None;
    }

    /// Something that was played is over.
    pub(super) fn dialogue_played(
        &mut self,
        play: PlayId,
        heard_ms: u64,
        complete: bool,
        now: Moment,
    ) {
        if matches!(self.phase, Phase::Hunting) {
            return self.waiting_sound_over(play, heard_ms, complete, now);
        }
        let Phase::Dialogue(dialogue) = &mut self.phase else {
            return;
        };
        let is_its = match dialogue.as_ref() {
            Dialogue::Greeting(saying) | Dialogue::Invitation(saying) => saying.play == play,
            Dialogue::Menu(_, saying, _) | Dialogue::Survey(_, saying, _) => {
                saying.as_ref().is_some_and(|saying| saying.play == play)
            }
            Dialogue::Beep(own) | Dialogue::Thanks(own) => *own == play,
            Dialogue::Notice | Dialogue::Message(..) => false,
        };
        if is_its {
            self.said(heard_ms, complete, now);
        }
    }

    /// What was being said is over: on to what comes next.
    fn said(&mut self, heard_ms: u64, complete: bool, now: Moment) {
        self.progress.played_by = None;
        let Phase::Dialogue(dialogue) = &mut self.phase else {
            return;
        };
        match dialogue.as_mut() {
            Dialogue::Greeting(saying) => {
                let saying = saying.clone();
                self.store_said(saying, heard_ms, complete, now);
                self.tell_before_course(now);
            }
            Dialogue::Invitation(saying) => {
                let saying = saying.clone();
                self.store_said(saying, heard_ms, complete, now);
                self.invited(heard_ms, complete, now);
            }
            Dialogue::Beep(_) => self.beeped(now),
            Dialogue::Thanks(_) => self.hang_up("the dialogue is over", now),
            Dialogue::Menu(asking, saying, rest) | Dialogue::Survey(asking, saying, rest) => {
                let said = saying.take();
                let next = (!rest.is_empty()).then(|| rest.remove(0));
                if next.is_none() {
                    asking.prompt_over(now.instant);
                }
                let purpose = said.as_ref().map(|said| said.purpose);
                if let Some(said) = said {
                    self.store_said(said, heard_ms, complete, now);
                }
                if let (Some(prompt), Some(purpose)) = (next, purpose) {
                    let next = self.say(purpose, &prompt, now);
                    if let Phase::Dialogue(dialogue) = &mut self.phase
                        && let Dialogue::Menu(_, saying, _) | Dialogue::Survey(_, saying, _) =
                            dialogue.as_mut()
                    {
                        *saying = Some(next);
                    }
                }
            }
            Dialogue::Notice | Dialogue::Message(..) => {}
        }
    }

    pub(super) fn store_said(&mut self, said: Saying, heard_ms: u64, complete: bool, now: Moment) {
        let prompted = Prompted {
            purpose: said.purpose,
            file: said.file,
            heard_ms,
            complete,
        };
        self.store(EventKind::Prompted(prompted), now);
    }

    /// A key that the caller has pressed may be an answer.
    pub(super) fn dialogue_key(&mut self, key: char, now: Moment) {
        let Phase::Dialogue(dialogue) = &mut self.phase else {
            return;
        };
        let (Dialogue::Menu(asking, ..)
        | Dialogue::Survey(asking, ..)
        | Dialogue::Message(asking, _)) = dialogue.as_mut()
        else {
            return;
        };
        let turn = asking.key(key);
        if turn != Turn::Wait {
            self.question_cut_short(now);
        }
        self.dialogue_turns(turn, now);
    }

    /// Who knows what is asked need not hear it to its end: how much was heard is kept.
    fn question_cut_short(&mut self, now: Moment) {
        let Phase::Dialogue(dialogue) = &mut self.phase else {
            return;
        };
        let (Dialogue::Menu(_, saying, _) | Dialogue::Survey(_, saying, _)) = dialogue.as_mut()
        else {
            return;
        };
        if let Some(said) = saying.take() {
            let heard_ms = now.ms_since(said.since);
            self.store_said(said, heard_ms, false, now);
        }
    }

    fn dialogue_turns(&mut self, turn: Turn, now: Moment) {
        if turn == Turn::Wait {
            return;
        }
        let Phase::Dialogue(dialogue) = &self.phase else {
            return;
        };
        match dialogue.as_ref() {
            Dialogue::Menu(..) => self.menu_turns(turn, now),
            Dialogue::Survey(..) => self.survey_turns(turn, now),
            Dialogue::Message(..) => self.message_turns(turn, now),
            Dialogue::Greeting(_)
            | Dialogue::Notice
            | Dialogue::Invitation(_)
            | Dialogue::Beep(_)
            | Dialogue::Thanks(_) => {}
        }
    }

    /// When [`dialogue_due`](Self::dialogue_due) is next needed.
    pub(super) fn dialogue_deadline(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Dialogue(dialogue) => {
                let asking = match dialogue.as_ref() {
                    Dialogue::Menu(asking, ..)
                    | Dialogue::Survey(asking, ..)
                    | Dialogue::Message(asking, _) => asking.poll_timeout(),
                    Dialogue::Greeting(_)
                    | Dialogue::Notice
                    | Dialogue::Invitation(_)
                    | Dialogue::Beep(_)
                    | Dialogue::Thanks(_) => None,
                };
                [asking, self.progress.played_by]
                    .into_iter()
                    .flatten()
                    .min()
            }
            Phase::Hunting => match self.progress.sound {
                Sound::Announcement(_) => self.progress.played_by,
                Sound::Nothing | Sound::Tone | Sound::Music => self.progress.announce_at,
            },
            Phase::Preparing(_)
            | Phase::Summoning
            | Phase::Announcing(_)
            | Phase::Talking
            | Phase::Ended => None,
        }
    }

    pub(super) fn dialogue_due(&mut self, now: Moment) {
        self.waiting_sound_due(now);
        if !matches!(self.phase, Phase::Dialogue(_)) {
            return;
        }
        if self.progress.played_by.is_some_and(|at| at <= now.instant) {
            tracing::warn!(parent: &self.span, "the end of a prompt was not told");
            return self.prompt_lost(now);
        }
        let Phase::Dialogue(dialogue) = &mut self.phase else {
            return;
        };
        if let Dialogue::Menu(asking, ..)
        | Dialogue::Survey(asking, ..)
        | Dialogue::Message(asking, _) = dialogue.as_mut()
        {
            let turn = asking.handle_timeout(now.instant);
            self.dialogue_turns(turn, now);
        }
    }

    fn prompt_lost(&mut self, now: Moment) {
        self.progress.played_by = None;
        if let Some(notice) = self.notice {
            self.played(notice, 0, false, now);
        } else {
            self.said(0, false, now);
        }
    }

    /// What was being asked or said is cut off by the end of the call, or by another turn.
    pub(super) fn dialogue_over(&mut self) {
        self.progress.played_by = None;
        self.progress.announce_at = None;
        self.progress.sound = Sound::Nothing;
    }
}
