//! A caller leaves a message (R186): a prompt, a tone, and what the caller then says, which stands in
//! the call's own recording. It ends by `#`, by hanging up, by silence, or when it is long enough.

use super::asking::{Asking, Reply, Turn};
use super::dialogue::Dialogue;
use super::event::{EventKind, HangupParty, KeyResult, MenuAnswered, PromptPurpose};
use super::event::{MessageEnded, MessageEnding};
use super::line::Prompt;
use super::media::{Audio, MediaCommand};
use super::{Call, Phase, Recording};
use crate::rules::Moment;

/// Who says no more than this has left no message.
const SHORTEST_MS: u64 = 1_000;
/// The key that ends a message.
const END_KEY: &str = "#";

impl Call {
    /// Asks for a message, if it can be recorded.
    pub(super) fn take_message(&mut self, now: Moment) {
        let rules = self.line.as_ref().and_then(|it| it.flow.message.clone());
        let Some(rules) = rules.filter(|_| self.can_record()) else {
            tracing::error!(parent: &self.span, "no message can be taken: the call is not recorded");
            return self.next_step(now);
        };
        self.pick_up(now);
        let saying = self.say(PromptPurpose::Message, &rules.prompt, now);
        self.enter(Dialogue::Invitation(saying));
    }

    const fn can_record(&self) -> bool {
        matches!(
            self.recording,
            Recording::Ready | Recording::Running | Recording::Silent(_)
        )
    }

    /// The prompt is over. It tells the caller of the recording, as a notice would (R190).
    pub(super) fn invited(&mut self, heard_ms: u64, complete: bool, now: Moment) {
        self.progress.is_told = true;
        self.capture_if_told(heard_ms, complete, now);
        if self.recording == Recording::Ready {
            self.start_recording(now);
        }
        if !self.can_record() {
            self.phase = Phase::Hunting;
            return self.next_step(now);
        }
        let play = self.say_shortly(Audio::Beep, now);
        self.enter(Dialogue::Beep(play));
    }

    /// The tone has sounded: the caller speaks.
    pub(super) fn beeped(&mut self, now: Moment) {
        let rules = self.line.as_ref().and_then(|it| it.flow.message.clone());
        let Some(rules) = rules else {
            return self.next_step(now);
        };
        let start_ms = self.recorded_ms(now);
        self.store(EventKind::MessageStarted { start_ms }, now);
        self.order(MediaCommand::Heed {
            leg: self.caller.id,
            quiet_after: rules.silence,
            is_first_word: false,
        });
        let asking = Asking::listening(END_KEY, rules.longest, now.instant);
        self.enter(Dialogue::Message(asking, now));
    }

    /// How far the recording is.
    fn recorded_ms(&self, now: Moment) -> u64 {
        let since = self.progress.recording_since;
        since.map_or(0, |since| now.ms_since(since))
    }

    pub(super) fn message_turns(&mut self, turn: Turn, now: Moment) {
        let ended_by = match turn {
            Turn::Wait | Turn::Again => return,
            Turn::Over(Reply::Key(_) | Reply::WrongKeys) => MessageEnding::Key,
            Turn::Over(Reply::Silence) => MessageEnding::Longest,
        };
        self.message_over(ended_by, now);
        let rules = self.line.as_ref().and_then(|it| it.flow.message.clone());
        self.thank(rules.and_then(|rules| rules.thanks).as_ref(), now);
    }

    pub(super) fn is_taking_message(&self) -> bool {
        matches!(&self.phase, Phase::Dialogue(it) if matches!(it.as_ref(), Dialogue::Message(..)))
    }

    /// The caller says nothing any more: whatever there was to say has been said.
    pub(super) fn message_falls_silent(&mut self, now: Moment) {
        self.message_over(MessageEnding::Silence, now);
        let rules = self.line.as_ref().and_then(|it| it.flow.message.clone());
        self.thank(rules.and_then(|rules| rules.thanks).as_ref(), now);
    }

    fn message_over(&mut self, ended_by: MessageEnding, now: Moment) {
        let Phase::Dialogue(dialogue) = &self.phase else {
            return;
        };
        let Dialogue::Message(_, since) = dialogue.as_ref() else {
            return;
        };
        let quiet_ms = match (
            ended_by,
            self.line.as_ref().and_then(|it| it.flow.message.as_ref()),
        ) {
            (MessageEnding::Silence, Some(rules)) => {
                u64::try_from(rules.silence.as_millis()).unwrap_or(u64::MAX)
            }
            _ => 0,
        };
        // What is not said any more is no part of it.
        let length_ms = now.ms_since(*since).saturating_sub(quiet_ms);
        let start_ms = self.recorded_ms(*since);
        self.progress.has_message |= length_ms >= SHORTEST_MS && self.can_record();
        let ended = MessageEnded {
            start_ms,
            length_ms,
            ended_by,
        };
        self.store(EventKind::MessageEnded(ended), now);
        self.phase = Phase::Hunting;
    }

    /// A last word to the caller, and the call is over.
    pub(super) fn thank(&mut self, thanks: Option<&Prompt>, now: Moment) {
        self.progress.is_given_up = true;
        let Some(thanks) = thanks else {
            return self.hang_up("the dialogue is over", now);
        };
        self.expect_played(Some(thanks), now);
        let play = self.play(self.caller.id, Audio::Prompt(thanks.name.clone()));
        self.enter(Dialogue::Thanks(play));
    }

    /// The end of the call cuts off what is being asked or said.
    pub(super) fn cut_dialogue(&mut self, party: HangupParty, now: Moment) {
        let Phase::Dialogue(dialogue) = &self.phase else {
            return;
        };
        match dialogue.as_ref() {
            Dialogue::Message(..) => {
                let ended_by = match party {
                    HangupParty::Caller => MessageEnding::CallerLeft,
                    HangupParty::Agent | HangupParty::System => MessageEnding::System,
                };
                self.message_over(ended_by, now);
            }
            Dialogue::Survey(..) => self.survey_skipped(now),
            Dialogue::Menu(..) => {
                let (result, key) = (KeyResult::CallerLeft, None);
                self.store(EventKind::MenuAnswered(MenuAnswered { result, key }), now);
            }
            Dialogue::Greeting(_)
            | Dialogue::Notice
            | Dialogue::Invitation(_)
            | Dialogue::Beep(_)
            | Dialogue::Thanks(_) => {}
        }
        self.phase = Phase::Hunting;
    }
}
