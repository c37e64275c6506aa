//! Greeting before any phone rings (R019, R026, R027, R043): the 200, the greeting, the recording
//! notice, and then what comes next: the menu, or the phones, while the caller hears it ring.

use super::dialogue::Dialogue;
use super::event::PromptPurpose;
use super::line::Prompt;
use super::{Call, Phase};
use crate::rules::Moment;

impl Call {
    /// Answers, and greets.
    pub(super) fn greet(&mut self, greeting: Option<&Prompt>, now: Moment) {
        self.pick_up(now);
        match greeting {
            Some(prompt) => {
                let saying = self.say(PromptPurpose::Greeting, prompt, now);
                self.enter(Dialogue::Greeting(saying));
            }
            None => self.tell_before_course(now),
        }
    }

    /// Who is recorded is told so before anything else (R190).
    pub(super) fn tell_before_course(&mut self, now: Moment) {
        if self.has_untold_notice() {
            let notice = self.line.as_ref().and_then(|line| line.notice.clone());
            self.enter(Dialogue::Notice);
            self.expect_played(notice.as_ref(), now);
            return self.play_notice(now);
        }
        self.next_step(now);
    }

    /// The notice is over, and no person waits for its end.
    pub(super) fn notice_over(&mut self, now: Moment) {
        self.expect_nothing();
        self.next_step(now);
    }

    pub(super) fn enter(&mut self, dialogue: Dialogue) {
        self.phase = Phase::Dialogue(Box::new(dialogue));
    }
}
