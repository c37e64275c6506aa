//! What a dialogue between a caller and the system leaves in the log.

use serde::{Deserialize, Serialize};

use crate::id::AgentId;

/// What the line's calendar said when the call came (R016).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoursStamped {
    /// The calendar's name.
    pub calendar: String,
    /// The line was staffed.
    pub in_hours: bool,
    /// The holiday that it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holiday: Option<String>,
}

/// The line was switched to something else (R279).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyMet {
    /// Who had switched it.
    pub by: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a prompt was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromptPurpose {
    /// The line's greeting.
    Greeting,
    /// The question of its menu.
    Menu,
    /// What comes before the tone.
    Message,
    /// The question after the talk.
    Survey,
    /// While waiting.
    Waiting,
}

/// A prompt came to its end, or was cut off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompted {
    /// What it was for.
    pub purpose: PromptPurpose,
    /// The file it was played from, as the configuration names it.
    pub file: String,
    /// How much of it went out, in milliseconds.
    pub heard_ms: u64,
    /// All of it.
    pub complete: bool,
}

/// How a question ended that keys answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyResult {
    /// With a key that leads somewhere.
    Key,
    /// Without a key in time.
    NoKey,
    /// With too many keys that lead nowhere.
    WrongKeys,
    /// The caller hung up.
    CallerLeft,
}

/// The caller has chosen from a menu, or has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuAnswered {
    /// How it ended.
    pub result: KeyResult,
    /// The key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<char>,
}

/// What ended a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageEnding {
    /// The caller pressed `#`.
    Key,
    /// The caller hung up.
    CallerLeft,
    /// The caller said nothing any more.
    Silence,
    /// It was as long as a message may be.
    Longest,
    /// We ended the call.
    System,
}

/// A message is over (R186): it stands in the call's recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageEnded {
    /// Where it begins, in milliseconds of the recording.
    pub start_ms: u64,
    /// How long it is, in milliseconds.
    pub length_ms: u64,
    /// What ended it.
    pub ended_by: MessageEnding,
}

/// How a caller came to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurveyCause {
    /// The agent released the caller to the survey: that is no hang-up.
    Released,
    /// The agent's phone hung up first, and the line asks all the same.
    AgentLeft,
}

/// The caller is asked how it was (R218).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyStarted {
    /// How it came to that.
    pub cause: SurveyCause,
    /// Whom the caller spoke with.
    pub agent: Option<AgentId>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurveyResult {
    /// A score.
    Answered,
    /// The caller said nothing of use, or hung up.
    Skipped,
    /// The caller pressed the key of those who do not want to say.
    Refused,
}

/// Where a satisfaction comes from (R221).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurveySource {
    /// Keys in the call itself.
    #[default]
    Keys,
}

/// The survey is over (R218).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyAnswered {
    /// What came of it.
    pub result: SurveyResult,
    /// The score, by its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<u8>,
    /// The highest score that there is.
    pub best: u8,
    /// Whom it is about.
    pub agent: Option<AgentId>,
    /// Where it comes from.
    #[serde(default)]
    pub source: SurveySource,
}
