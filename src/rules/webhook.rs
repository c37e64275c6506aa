//! What other programs can be told.

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// What a message to another program is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum WebhookKind {
            $($(#[$doc])* #[serde(rename = $word)] $variant),+
        }

        impl WebhookKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The `type` of the message.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// The kind with this `type`.
            pub fn read(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
            }
        }
    };
}

kinds! {
    /// A call has come, or an agent has dialled.
    CallArrived = "call.arrived",
    /// A person has answered.
    CallAnswered = "call.answered",
    /// A call is over.
    CallEnded = "call.ended",
    /// Somebody has said what came of a call.
    CallWrappedUp = "call.wrapped_up",
    /// An agent has asked somebody above into a call (R116): who, and who was passed over.
    CallEscalated = "call.escalated",
    /// A caller was put through to an emergency contact (R281).
    CallEmergency = "call.emergency",
    /// A caller has left a message.
    MessageLeft = "message.left",
    /// A caller has said how it was, or has not.
    SurveyAnswered = "survey.answered",
    /// A recording is whole.
    RecordingSealed = "recording.sealed",
    /// There is something to be done.
    TaskOpened = "task.opened",
    /// It is done.
    TaskDone = "task.done",
    /// It was to be done by now.
    TaskLate = "task.late",
    /// Somebody has left a message for somebody else.
    MessageTaken = "message.taken",
    /// Nobody has read it for too long.
    MessageUnread = "message.unread",
    /// A call's record was sent to a department.
    RecordRelayed = "record.relayed",
    /// Something has to be known higher up at once.
    IncidentEscalated = "incident.escalated",
    /// A report was written for those who answer for the hotline.
    ReportWritten = "report.written",
    /// A short message is to be sent to a caller.
    SmsRequested = "sms.requested",
}
