//! Hold and mute by order (R058, R059): we anchor the media, so that the caller hears the line's
//! music, or an agent who speaks with others is not heard, without a word to the carrier.

use std::time::Instant;

use super::Call;
use super::attention::Attention;
use super::command::{Actor, Answer, Done, Refused};
use super::dialogue::played_by;
use super::doing::Doing;
use super::media::{Audio, MediaCommand, MediaLeg, PlayId};
use crate::rules::Moment;
use crate::sip::dtmf;

/// As many keys as one order may press.
const MOST_KEYS: usize = 32;

/// The caller waits, by order.
#[derive(Debug)]
pub(super) struct Hold {
    since: Instant,
    /// When somebody should next know of it.
    due: Option<Instant>,
    was_warned: bool,
    /// What is said before the music, and when its end should have been told.
    pub(super) prompt: Option<(PlayId, Instant)>,
}

impl Hold {
    /// When something is next to be done about it.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let prompt_over = self.prompt.map(|(_, over_by)| over_by);
        self.due.into_iter().chain(prompt_over).min()
    }
}

impl Call {
    /// Whether the caller waits by order.
    pub(super) fn is_on_hold(&self) -> bool {
        let desk = self.desk.as_ref();
        desk.is_some_and(|desk| desk.hold.is_some())
    }

    /// Puts the caller on hold. Out of a conference of three, it parts them.
    pub(super) fn put_on_hold(
        &mut self,
        by: &Actor,
        reason: Option<String>,
        now: Moment,
    ) -> Answer {
        let (leg, _) = self.acting(by, now)?;
        let holds_itself = self.leg_mut(leg).is_some_and(|owner| owner.held);
        let is_passing = self.transfer_target().is_some();
        if self.is_on_hold() || holds_itself || is_passing || self.notice.is_some() {
            return Err(Refused::WrongState);
        }
        if let Some(consult) = self.consult_answered() {
            let by = by.name().to_owned();
            self.does(Doing::ThreeParted { consult, by }, now);
        }
        self.begin_hold(by.name(), reason, now);
        self.say_please_wait(now);
        self.arrange();
        Ok(Done::Accepted)
    }

    pub(super) fn begin_hold(&mut self, by: &str, reason: Option<String>, now: Moment) {
        self.forget_hush();
        let due = Some(now.instant + self.manners().hold_warn);
        self.desk().hold = Some(Hold {
            since: now.instant,
            due,
            was_warned: false,
            prompt: None,
        });
        let by = by.to_owned();
        self.does(Doing::PutOnHold { by, reason }, now);
    }

    /// R034: the caller is asked to wait, and then hears the music.
    pub(super) fn say_please_wait(&mut self, now: Moment) {
        let Some(prompt) = self.manners().hold_prompt else {
            return;
        };
        let over_by = played_by(Some(&prompt), now);
        let play = self.play(self.caller.id, Audio::Prompt(prompt.name));
        if let Some(hold) = &mut self.desk().hold {
            hold.prompt = Some((play, over_by));
        }
    }

    /// The prompt before the music is over. True if it was that.
    pub(super) fn hold_prompt_ended(&mut self, play: PlayId) -> bool {
        let hold = self.desk.as_mut().and_then(|desk| desk.hold.as_mut());
        let is_its = |hold: &&mut Hold| hold.prompt.is_some_and(|(own, _)| own == play);
        let Some(hold) = hold.filter(is_its) else {
            return false;
        };
        hold.prompt = None;
        self.arrange();
        true
    }

    /// The agent is back with the caller, whom somebody apologises to after a long wait.
    pub(super) fn retrieve(&mut self, by: &Actor, now: Moment) -> Answer {
        self.acting(by, now)?;
        if !self.is_on_hold() || !self.is_settled() {
            return Err(Refused::WrongState);
        }
        self.retrieve_for(by.name(), now);
        Ok(Done::Accepted)
    }

    pub(super) fn retrieve_for(&mut self, by: &str, now: Moment) {
        let hold = self.desk.as_ref().and_then(|desk| desk.hold.as_ref());
        let waited = hold.map(|hold| now.instant.saturating_duration_since(hold.since));
        self.end_hold(by, now);
        self.arrange();
        let manners = self.manners();
        let was_long = waited.is_some_and(|waited| waited >= manners.hold_warn);
        if let Some(apology) = manners.return_apology.filter(|_| was_long) {
            self.play(self.caller.id, Audio::Prompt(apology));
        }
    }

    /// Ends a hold by order, if there is one; who hears whom is arranged by whoever ends it.
    pub(super) fn end_hold(&mut self, by: &str, now: Moment) {
        let hold = self.desk.as_mut().and_then(|desk| desk.hold.take());
        let Some(hold) = hold else { return };
        if hold.prompt.is_some() {
            self.silence(self.caller.id);
        }
        let by = by.to_owned();
        self.does(Doing::Retrieved { by }, now);
    }

    /// The music comes although nobody told that the prompt before it was over.
    pub(super) fn hold_prompt_due(&mut self, now: Moment) {
        let hold = self.desk.as_ref().and_then(|desk| desk.hold.as_ref());
        if let Some((play, over_by)) = hold.and_then(|hold| hold.prompt)
            && over_by <= now.instant
        {
            tracing::warn!(parent: &self.span, "the end of a prompt was not told");
            self.hold_prompt_ended(play);
        }
    }

    /// R058: a hold that lasts is told of, twice.
    pub(super) fn hold_due(&mut self, now: Moment) {
        let long = self.manners().hold_long;
        let hold = self.desk.as_mut().and_then(|desk| desk.hold.as_mut());
        let Some(hold) = hold.filter(|it| it.due.is_some_and(|at| at <= now.instant)) else {
            return;
        };
        let waited = now.instant.saturating_duration_since(hold.since);
        let is_very_long = hold.was_warned || waited >= long;
        hold.was_warned = true;
        hold.due = (!is_very_long).then_some(hold.since + long);
        let held_ms = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
        self.does(
            Doing::HoldIsLong {
                held_ms,
                is_very_long,
            },
            now,
        );
        self.attend_to(Attention::HoldIsLong {
            held_ms,
            is_very_long,
        });
    }

    /// Nobody hears the agent any more, or everybody again.
    pub(super) fn mute(&mut self, by: &Actor, muted: bool, now: Moment) -> Answer {
        self.acting(by, now)?;
        if self.desk().is_muted == muted {
            return Err(Refused::WrongState);
        }
        self.desk().is_muted = muted;
        let by = by.name().to_owned();
        let doing = if muted {
            Doing::Muted { by }
        } else {
            Doing::Unmuted { by }
        };
        self.does(doing, now);
        self.arrange();
        Ok(Done::Accepted)
    }

    /// Presses keys to whom the agent speaks with: the caller, or who is asked meanwhile.
    pub(super) fn press(&mut self, by: &Actor, keys: &str, now: Moment) -> Answer {
        self.acting(by, now)?;
        let is_key = |key: char| key.is_ascii_digit() || "*#ABCD".contains(key);
        let count = keys.chars().count();
        if count == 0 || count > MOST_KEYS || !keys.chars().all(is_key) {
            return Err(Refused::Unusable);
        }
        let leg = self.whom_agent_hears().ok_or(Refused::WrongState)?;
        for digit in keys.chars() {
            self.order(MediaCommand::PressKey {
                leg,
                digit,
                held_ms: dtmf::USUAL_MS,
            });
        }
        let is_logged = self.line.as_ref().is_some_and(|line| line.log_digits);
        let pressed = Doing::KeysPressed {
            by: by.name().to_owned(),
            count: u32::try_from(count).unwrap_or(u32::MAX),
            keys: is_logged.then(|| keys.to_owned()),
        };
        self.does(pressed, now);
        Ok(Done::Accepted)
    }

    fn whom_agent_hears(&self) -> Option<MediaLeg> {
        if self.notice.is_some() || self.transfer_target().is_some() {
            return None;
        }
        if self.is_on_hold() {
            return self.desk.as_ref()?.consult.as_ref()?.leg;
        }
        Some(self.caller.id)
    }
}
