//! What a call's row tells of its dialogues with the system.

use serde::{Deserialize, Serialize};

use crate::call::event::{
    CallEvent, EmergencyMet, EventKind, HoursStamped, MenuAnswered, MessageEnding, Prompted,
    SurveyAnswered, SurveyCause, SurveyResult,
};
use crate::id::{AgentId, LineId};
use crate::rules::Timestamp;

/// What the system said to the caller, and what the caller answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dialogue {
    /// What the line's calendar said when the call came (R016).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<HoursStamped>,
    /// The line was switched to something else (R279).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emergency: Option<EmergencyMet>,
    /// The lines and posts that the call was sent on to, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rerouted: Vec<LineId>,
    /// What the caller heard, in order; a waiting caller's announcements count in `prompts_more`
    /// once there are many.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prompts: Vec<Prompted>,
    /// Prompts that are not listed any more.
    #[serde(skip_serializing_if = "is_none")]
    pub prompts_more: u32,
    /// What was chosen from menus, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub menus: Vec<MenuAnswered>,
    /// The message that the caller left (R186).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
    /// What the caller said of the service (R218).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub survey: Option<Survey>,
}

/// So many prompts of a call are listed.
const MOST_PROMPTS: usize = 20;

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_none(count: &u32) -> bool {
    *count == 0
}

/// A message, as a part of the call's recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// When it began.
    pub started_at: Timestamp,
    /// Where it begins, in milliseconds of the recording.
    pub start_ms: u64,
    /// How long it is; `None` while it is being left.
    pub length_ms: Option<u64>,
    /// What ended it.
    pub ended_by: Option<MessageEnding>,
}

/// A survey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// When the caller was asked.
    pub asked_at: Timestamp,
    /// How it came to that.
    pub cause: SurveyCause,
    /// Whom it is about.
    pub agent: Option<AgentId>,
    /// What came of it; `None` while it goes on.
    pub result: Option<SurveyResult>,
    /// The score.
    pub score: Option<u8>,
    /// The highest score that there was.
    pub best: Option<u8>,
}

impl Dialogue {
    /// Nothing was said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Moves on by one event; events of other kinds change nothing.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all other kinds of event are none of a dialogue's"
    )]
    pub(super) fn apply(&mut self, event: &CallEvent) {
        match &event.kind {
            EventKind::HoursStamped(hours) => self.hours = Some(hours.clone()),
            EventKind::EmergencyMet(emergency) => self.emergency = Some(emergency.clone()),
            EventKind::Rerouted { line } => self.rerouted.push(line.clone()),
            EventKind::Prompted(prompted) if self.prompts.len() < MOST_PROMPTS => {
                self.prompts.push(prompted.clone());
            }
            EventKind::Prompted(_) => self.prompts_more = self.prompts_more.saturating_add(1),
            EventKind::MenuAnswered(menu) => self.menus.push(*menu),
            EventKind::MessageStarted { start_ms } => {
                self.message = Some(Message {
                    started_at: event.at,
                    start_ms: *start_ms,
                    length_ms: None,
                    ended_by: None,
                });
            }
            EventKind::MessageEnded(ended) => {
                let message = self.message.get_or_insert(Message {
                    started_at: event.at,
                    start_ms: ended.start_ms,
                    length_ms: None,
                    ended_by: None,
                });
                message.length_ms = Some(ended.length_ms);
                message.ended_by = Some(ended.ended_by);
            }
            EventKind::SurveyStarted(started) => {
                self.survey = Some(Survey {
                    asked_at: event.at,
                    cause: started.cause,
                    agent: started.agent.clone(),
                    result: None,
                    score: None,
                    best: None,
                });
            }
            EventKind::SurveyAnswered(answered) => self.survey_answered(answered),
            _ => {}
        }
    }

    fn survey_answered(&mut self, answered: &SurveyAnswered) {
        if let Some(survey) = &mut self.survey {
            survey.result = Some(answered.result);
            survey.score = answered.score;
            survey.best = Some(answered.best);
        }
    }
}
