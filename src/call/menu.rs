//! A menu of one level: a key leads to another line, to a post, to an announcement or to a message. No
//! key leads where the line says; a wrong one is borne with a few times.

use super::asking::{Asking, Reply, Turn};
use super::dialogue::Dialogue;
use super::event::{EventKind, KeyResult, MenuAnswered, PromptPurpose};
use super::line::Prompt;
use super::{Call, Phase};
use crate::rules::Moment;

impl Call {
    pub(super) fn ask_menu(&mut self, now: Moment) {
        let menu = self.line.as_ref().and_then(|line| line.flow.menu.clone());
        let Some(menu) = menu else {
            return self.next_step(now);
        };
        self.pick_up(now);
        let keys: String = menu.keys.keys().collect();
        let asking = Asking::new(keys, menu.wait, menu.repeats);
        let saying = self.say(PromptPurpose::Menu, &menu.prompt, now);
        self.enter(Dialogue::Menu(asking, Some(saying), Vec::new()));
    }

    pub(super) fn menu_turns(&mut self, turn: Turn, now: Moment) {
        let menu = self.line.as_ref().and_then(|line| line.flow.menu.clone());
        let Some(menu) = menu else {
            return self.next_step(now);
        };
        let reply = match turn {
            Turn::Wait => return,
            Turn::Again => {
                return self.ask_again(PromptPurpose::Menu, menu.wrong.as_ref(), &menu.prompt, now);
            }
            Turn::Over(reply) => reply,
        };
        let (result, key, course) = match reply {
            Reply::Key(key) => {
                let course = menu.keys.get(&key).unwrap_or(&menu.otherwise);
                (KeyResult::Key, Some(key), course)
            }
            Reply::Silence => (KeyResult::NoKey, None, &menu.otherwise),
            Reply::WrongKeys => (KeyResult::WrongKeys, None, &menu.otherwise),
        };
        self.store(EventKind::MenuAnswered(MenuAnswered { result, key }), now);
        self.leave_question();
        self.take_course(course, now);
    }

    /// The key was wrong: the caller hears so, and then the question again.
    pub(super) fn ask_again(
        &mut self,
        purpose: PromptPurpose,
        wrong: Option<&Prompt>,
        question: &Prompt,
        now: Moment,
    ) {
        let first = wrong.unwrap_or(question);
        let next = self.say(purpose, first, now);
        let rest = wrong.map(|_| question.clone());
        if let Phase::Dialogue(dialogue) = &mut self.phase
            && let Dialogue::Menu(_, saying, later) | Dialogue::Survey(_, saying, later) =
                dialogue.as_mut()
        {
            *saying = Some(next);
            *later = rest.into_iter().collect();
        }
    }

    /// The question is over, whatever is being said of it.
    pub(super) fn leave_question(&mut self) {
        self.expect_nothing();
        self.phase = Phase::Hunting;
        self.silence(self.caller.id);
    }
}
