//! What callers and agents say.

/// A sentence that a phone says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sentence {
    pub(super) file: &'static str,
    pub(super) wav: &'static [u8],
}

macro_rules! sentence {
    ($file:literal) => {
        Sentence {
            file: $file,
            wav: include_bytes!(concat!("../../../proto-fixtures/speech/", $file)),
        }
    };
}

pub(super) const CONSULTATION: Sentence = sentence!("caller-consultation.wav");
pub(super) const COMPLAINT: Sentence = sentence!("caller-complaint.wav");
pub(super) const REPAIR: Sentence = sentence!("caller-repair.wav");
pub(super) const SUGGESTION: Sentence = sentence!("caller-suggestion.wav");
pub(super) const GREETING: Sentence = sentence!("agent-greeting-1.wav");
pub(super) const OTHER_GREETING: Sentence = sentence!("agent-greeting-2.wav");
pub(super) const PASSING_ON: Sentence = sentence!("agent-transfer.wav");
pub(super) const SUPERVISOR: Sentence = sentence!("agent-supervisor.wav");
pub(super) const MESSAGE: Sentence = sentence!("caller-message.wav");
pub(super) const PLEASE_HOLD: Sentence = sentence!("agent-please-hold.wav");
pub(super) const SPECIALIST: Sentence = sentence!("agent-specialist.wav");
/// Who only listens says something that is found wherever it is heard.
pub(super) const TONE: Sentence = sentence!("supervisor-tone.wav");

/// Every sentence, to be laid beside the configuration.
pub(super) const SENTENCES: [Sentence; 12] = [
    CONSULTATION,
    COMPLAINT,
    REPAIR,
    SUGGESTION,
    GREETING,
    OTHER_GREETING,
    PASSING_ON,
    SUPERVISOR,
    MESSAGE,
    PLEASE_HOLD,
    SPECIALIST,
    TONE,
];
