//! What a line does by itself: how it greets, what it asks, and where a call goes that its agents
//! do not take. Values only; each dialogue has a file of its own.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::dialogue::Saying;
use super::event::Origin;
use super::line::Prompt;
use crate::id::{AgentId, LineId};
use crate::rules::{Hours, Moment};

/// The steps that a call takes, one after another, until one of them keeps it.
pub type Course = Arc<[Step]>;

/// One step of a call that no agent has yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The caller hears this. After the last step the call is over.
    Announce(Prompt),
    /// The caller leaves a message (R186), and the call is over.
    Message,
    /// Another line's agents, or the agents of a post of this line's own; its own ways count from
    /// then on.
    Line(LineId),
    /// This line's own agents are rung, for as long as `max_preanswer`.
    Agents,
    /// The call is answered, if it is not yet, and waits on with music for this line's agents.
    Queue(Duration),
    /// A number that the line may divert to: another line's, or an outside one.
    Number(String),
    /// The line's greeting, if there is one for this caller, and its recording notice.
    Greet(Option<Prompt>),
    /// The line's menu.
    Menu,
}

impl Step {
    /// Whether it needs our 200.
    pub(super) const fn answers(&self) -> bool {
        match self {
            Self::Announce(_) | Self::Message | Self::Queue(_) | Self::Greet(_) | Self::Menu => {
                true
            }
            Self::Line(_) | Self::Agents | Self::Number(_) => false,
        }
    }
}

/// What a line does by itself. Nothing, unless said otherwise: phones ring, and that is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// The call is answered and greeted before phones ring.
    pub greeting: Option<Greeting>,
    /// Asked before phones ring.
    pub menu: Option<Menu>,
    /// Where a call goes when its line is not staffed (R017); `None`: as at any other time.
    pub after_hours: Option<Course>,
    /// Where a call goes that nobody has answered within `max_preanswer`; of nothing, to the
    /// announcement, or 480.
    pub unanswered: Course,
    /// What a caller hears who waits in an answered call.
    pub waiting: Option<WaitingSound>,
    /// How messages are taken.
    pub message: Option<MessageRules>,
    /// What is asked after the talk.
    pub survey: Option<SurveyRules>,
    /// The calendar that says when the line is staffed.
    pub calendar: Option<String>,
    /// What the line can be switched to say (R279).
    pub emergency: Vec<Prompt>,
}

impl Flow {
    /// Whether the line answers before an agent does.
    pub(super) const fn answers_first(&self) -> bool {
        self.greeting.is_some() || self.menu.is_some()
    }
}

/// How a line greets (R019, R026, R027, R043).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Greeting {
    /// Callers from outside.
    pub external: Option<Prompt>,
    /// Callers from inside; as those from outside, without.
    pub internal: Option<Prompt>,
    /// Callers from outside before this hour of the day.
    pub morning: Option<(u8, Prompt)>,
    /// Callers from outside on a holiday of this name, instead of all others.
    pub holidays: BTreeMap<String, Prompt>,
}

impl Greeting {
    /// What this caller hears now.
    pub fn fitting(&self, origin: Origin, hours: Option<&Hours>) -> Option<&Prompt> {
        if origin == Origin::Internal && self.internal.is_some() {
            return self.internal.as_ref();
        }
        let holiday = hours.and_then(|hours| hours.holiday.as_ref());
        let holiday = holiday.and_then(|name| self.holidays.get(name));
        let is_before = |until: u8| hours.is_some_and(|hours| hours.hour < until);
        let morning = self.morning.as_ref().filter(|(until, _)| is_before(*until));
        let morning = morning.map(|(_, prompt)| prompt);
        holiday.or(morning).or(self.external.as_ref())
    }
}

/// A menu of one level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Menu {
    /// What is asked.
    pub prompt: Prompt,
    /// What a caller hears who has pressed a key that leads nowhere, before the question again.
    pub wrong: Option<Prompt>,
    /// How long a key is waited for.
    pub wait: Duration,
    /// How often it is asked again after a wrong key.
    pub repeats: u32,
    /// Where each key leads.
    pub keys: BTreeMap<char, Course>,
    /// Where a call goes without a key, or after too many wrong ones.
    pub otherwise: Course,
}

/// What a caller hears who waits in an answered call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WaitingSound {
    /// Over and over: a prompt's name.
    pub music: Option<String>,
    /// Said now and then, if the place has no prompt of its own (R039).
    pub announcement: Option<Prompt>,
    /// How often.
    pub every: Duration,
    /// "You are number n", from 1.
    pub places: Vec<Prompt>,
}

/// How messages are taken (R186).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRules {
    /// What the caller hears before the tone.
    pub prompt: Prompt,
    /// The longest message.
    pub longest: Duration,
    /// A message is over when nothing has been said for so long.
    pub silence: Duration,
    /// What the caller hears after `#`.
    pub thanks: Option<Prompt>,
}

/// What is asked after the talk (R218).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyRules {
    /// The question.
    pub prompt: Prompt,
    /// What a caller hears who has pressed another key, before the question again.
    pub wrong: Option<Prompt>,
    /// The keys that are scores.
    pub scores: String,
    /// The key of those who do not want to say.
    pub refuse: Option<char>,
    /// How long a key is waited for.
    pub wait: Duration,
    /// How often it is asked again after a wrong key.
    pub repeats: u32,
    /// What the caller hears after a score.
    pub thanks: Option<Prompt>,
    /// Also asked when the agent's phone has hung up first.
    pub after_hang_up: bool,
}

/// How things stand at a line when a call comes to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// What its calendar says, and the calendar's name.
    pub hours: Option<(String, Hours)>,
    /// The line is switched to something else (R279).
    pub emergency: Option<Emergency>,
}

/// A line that is switched to something else (R279).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emergency {
    /// Where its calls go.
    pub course: Course,
    /// Who switched it.
    pub by: String,
    /// Why.
    pub reason: Option<String>,
}

/// How far a call is with all this.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and none excludes another"
)]
pub(super) struct Progress {
    pub(super) situation: Situation,
    pub(super) origin: Option<Origin>,
    /// Steps that are still to come.
    pub(super) course: VecDeque<Step>,
    /// The caller has been sent to another line so often.
    pub(super) hops: u32,
    /// The caller has heard the recording notice, or what stands for it.
    pub(super) is_told: bool,
    /// An announcement has begun.
    pub(super) is_announced: bool,
    /// The line's course for calls that nobody has answered has begun.
    pub(super) is_unanswered: bool,
    /// No step was left.
    pub(super) is_given_up: bool,
    /// A message was left.
    pub(super) has_message: bool,
    /// The caller has said a word to an agent.
    pub(super) has_spoken: bool,
    /// Second 0 of the recording.
    pub(super) recording_since: Option<Moment>,
    /// The talk was over before the call.
    pub(super) talk_over: Option<Moment>,
    /// Whom the survey is about.
    pub(super) surveyed: Option<AgentId>,
    /// What is played to a caller who waits.
    pub(super) sound: Sound,
    /// When the next announcement to a caller who waits is due.
    pub(super) announce_at: Option<Instant>,
    /// The end of what is being played should have been told by then.
    pub(super) played_by: Option<Instant>,
}

/// What a caller hears who waits in an answered call.
#[derive(Clone, Debug, Default)]
pub(super) enum Sound {
    /// Nothing that lasts: what was said to the caller is over.
    #[default]
    Nothing,
    /// The ringing tone.
    Tone,
    /// Music.
    Music,
    /// An announcement.
    Announcement(Saying),
}
