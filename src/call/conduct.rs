//! How a conversation went, as far as its recording tells: who spoke, how loud, who kept silent
//! and who cut in. Measured once, when the recording is sealed.

use serde::{Deserialize, Serialize};

/// What was measured of both parties.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conduct {
    /// The caller's channel.
    pub caller: Voice,
    /// The other channel: the agent, and whatever else the caller was sent.
    pub agent: Voice,
    /// The agent's speech is outside the window that a voice should be in (R054).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_level: Option<LevelFlag>,
    /// What counts as a long silence, in milliseconds.
    pub silence_limit_ms: u64,
    /// Stretches in which the agent said nothing for longer than that (R056).
    pub agent_silences: u32,
    /// The longest stretch in which the agent said nothing, whatever the limit.
    pub longest_agent_silence_ms: u64,
    /// How often the agent began to speak while the caller spoke, for more than 500 ms (R057).
    pub talk_overs: u32,
    /// How long both spoke then, together.
    pub talk_over_ms: u64,
    /// How long before the end the caller had said the last word; `None` if the caller said nothing,
    /// and of recordings from before it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller_quiet_ms: Option<u64>,
}

impl Conduct {
    /// How long before the end the last word was, where the caller was still speaking or had hardly
    /// stopped.
    pub fn ends_in_a_word(&self) -> Option<u64> {
        self.caller_quiet_ms.filter(|ms| *ms <= LAST_WORD_MS)
    }
}

/// Who spoke so shortly before the end may have wanted to go on (R048).
const LAST_WORD_MS: u64 = 2_000;

/// What was measured of one channel. Levels are in tenths of a decibel, relative to a full-scale
/// sine: -235 is -23.5 dBFS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voice {
    /// Time spoken; pauses within speech, up to 300 ms, are part of it.
    pub talk_ms: u64,
    /// Mean power of the speech; `None` if there was none.
    pub speech_dbfs_tenths: Option<i32>,
    /// The greatest sample, relative to full scale; `None` of digital silence.
    pub peak_dbfs_tenths: Option<i32>,
    /// Samples at the end of the codec's scale, per million.
    pub clipped_ppm: u32,
}

/// What is wrong with a voice's level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LevelFlag {
    /// Below the window.
    TooQuiet,
    /// Above the window.
    TooLoud,
}

/// What happened to a recording at some place of it: the recording was told to pause, say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingMark {
    /// Where, in milliseconds of the file.
    pub at_ms: u64,
    /// What.
    pub what: MarkKind,
}

/// What a mark on a recording means.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkKind {
    /// From here on there is silence on the file, on purpose.
    Paused,
    /// From here on there is audio again.
    Resumed,
}
