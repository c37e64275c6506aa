//! Everything that happened to a call on one axis: microseconds since it arrived, by a clock that
//! does not jump. What the log tells event by event stands here as stretches and points, so that
//! nobody who draws a call has to know which events belong together.

mod follow;
mod rings;

use serde::Serialize;

use super::doing::{ConsultEnd, QualityOffer, SuperviseMode};
use super::event::{
    AttemptResult, CallEvent, GapCause, HangupParty, KeyResult, MessageEnding, Outcome,
    PromptPurpose, RecordingTurn, Side, SurveyResult, TransferKind, TransferResult, TransferTarget,
};
use crate::rules::{Grade, Stage};

/// A call on one axis.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// What happened, by its beginning.
    pub spans: Vec<Span>,
    /// Where second 0 of the recording is; `None` if nothing was recorded yet.
    pub recording_from_us: Option<u64>,
    /// The end of the last turn on the wire; `None` while the call goes on.
    pub ended_us: Option<u64>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// What.
    pub what: What,
    /// Where it begins.
    pub from_us: u64,
    /// Where it ends: where it begins, of a point; `None` while it lasts.
    pub to_us: Option<u64>,
    /// Which of its kind: the ring, the attempt, the transfer.
    pub n: Option<u32>,
    /// On which side of the call.
    pub side: Option<Side>,
    /// Who did it: an agent's extension, a user's name, `system`.
    pub who: Option<String>,
    /// To whom it was done.
    pub whom: Option<TransferTarget>,
    /// What came of it, or how it was done.
    pub how: Option<How>,
}

/// What can happen to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The INVITE reached us.
    Arrival,
    /// A ring, as the caller hears it.
    Ring,
    /// As many rings have begun as the profile allows.
    TargetMissed,
    /// The caller waits for an agent.
    Queue,
    /// An agent's phone is rung.
    Attempt,
    /// The system speaks.
    Prompt,
    /// The caller chose from a menu, or did not.
    Menu,
    /// The recording notice.
    Notice,
    /// The line's announcement.
    Announcement,
    /// The caller leaves a message.
    Message,
    /// The caller is asked how it was.
    Survey,
    /// Our 200 to the caller.
    Connected,
    /// A person answered.
    Answer,
    /// Caller and agent talk.
    Talk,
    /// One side holds the other.
    Hold,
    /// Nobody hears the agent.
    Mute,
    /// Somebody else is asked.
    Consult,
    /// Three talk.
    ThreeWay,
    /// The call waits until somebody fetches it.
    Park,
    /// The call is passed on.
    Transfer,
    /// An agent goes on at another phone.
    TakenOver,
    /// A supervisor is beside the call.
    Supervision,
    /// An agent asks for help.
    HandRaised,
    /// The shift leader is asked to help.
    Escalated,
    /// The caller is put through to an emergency contact (R281).
    Emergency,
    /// Something was done about quality management for a caller who complains (R108).
    QualityOffered,
    /// The caller is passed on once more than the line has it (R119).
    PassedOnOften,
    /// It is said to be private (R050).
    Private,
    /// A stage has taken as long as the line allows (R023).
    StageLong,
    /// The caller, who says nothing, is told so.
    SilenceWarned,
    /// A leg is not heard although it should be.
    Silence,
    /// The recording is silent on purpose.
    RecordingOff,
    /// Audio that is missing on the recording.
    Gap,
    /// One side ended the call.
    HangUp,
    /// The last turn on the wire.
    End,
}

/// What came of something, or how it was done: a word of that thing's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum How {
    /// Of an attempt.
    Attempt(AttemptResult),
    /// Of a transfer, or of a consultation that reached nobody.
    Transfer(TransferResult),
    /// Of a transfer that goes on.
    TransferKind(TransferKind),
    /// Of a consultation.
    Consult(ConsultEnd),
    /// Of an answer.
    Grade(Grade),
    /// Of a call.
    Outcome(Outcome),
    /// Of a hang-up.
    HangUp(HangupParty),
    /// Of a survey.
    Survey(SurveyResult),
    /// Of a menu.
    Menu(KeyResult),
    /// Of a message.
    Message(MessageEnding),
    /// Of a prompt.
    Prompt(PromptPurpose),
    /// Of a supervisor.
    Mode(SuperviseMode),
    /// Of a recording that is silent.
    Recording(RecordingTurn),
    /// Of audio that is missing.
    Gap(GapCause),
    /// Of quality management.
    Quality(QualityOffer),
    /// Of a stage.
    Stage(Stage),
}

impl Timeline {
    /// The axis of a call's events, in their stored order.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a CallEvent>) -> Self {
        let mut follow = follow::Follow::default();
        for event in events {
            // What is said of a call, perhaps long after it, is none of its turns.
            if !event.kind.is_said_of_it() {
                follow.event(event);
            }
        }
        follow.finish()
    }
}

impl Span {
    fn point(what: What, at_us: u64) -> Self {
        Self {
            to_us: Some(at_us),
            ..Self::from(what, at_us)
        }
    }

    const fn from(what: What, from_us: u64) -> Self {
        Self {
            what,
            from_us,
            to_us: None,
            n: None,
            side: None,
            who: None,
            whom: None,
            how: None,
        }
    }

    fn n(mut self, n: u32) -> Self {
        self.n = Some(n);
        self
    }

    fn side(mut self, side: Side) -> Self {
        self.side = Some(side);
        self
    }

    fn who(mut self, who: &(impl ToString + ?Sized)) -> Self {
        self.who = Some(who.to_string());
        self
    }

    fn whom(mut self, whom: &TransferTarget) -> Self {
        self.whom = Some(whom.clone());
        self
    }

    fn how(mut self, how: How) -> Self {
        self.how = Some(how);
        self
    }
}

#[cfg(test)]
mod tests;
