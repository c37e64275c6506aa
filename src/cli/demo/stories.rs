//! The calls, each with what is to be seen of it.

use super::cast::{COLLEAGUE, DEFAULT_PURPOSE, DESK_AGENT, LINES, SHIFT_LEADER};
use super::speech::{COMPLAINT, CONSULTATION, MESSAGE, REPAIR, SUGGESTION};
use super::story::{Expected, Story};
use crate::call::event::{AttemptResult, HangupParty, Outcome, PromptPurpose, TransferResult};
use crate::rules::Grade;
use crate::store::TaskKind;

/// Nobody's number.
const UNKNOWN: &str = "4008009999";
/// Who leaves a message.
pub(super) const MESSENGER: &str = "13800001008";
/// In whose call the shift leader listens.
pub(super) const LISTENED_TO: &str = "13800001009";
/// Who waits, and is passed on.
pub(super) const PASSED_ON: &str = "13800001010";
/// What that caller says of the service.
pub(super) const SCORE: u8 = 5;

pub(super) const STORIES: [Story; 10] = [
    Story {
        title: "answered in ring 1",
        caller: "13800001001",
        dials: LINES[0].number,
        says: CONSULTATION,
        expected: Expected {
            rings: Some(1),
            attempts: &[("1001", AttemptResult::Answered)],
            ..answered("hotline")
        },
        ..PLAIN
    },
    Story {
        title: "answered in ring 3",
        caller: "13800001002",
        dials: LINES[1].number,
        says: CONSULTATION,
        expected: Expected {
            rings: Some(3),
            attempts: &[("1002", AttemptResult::Answered)],
            hangup: Some(HangupParty::Agent),
            ..answered("billing")
        },
        ..PLAIN
    },
    Story {
        title: "answered in ring 4, late",
        caller: "13800001003",
        dials: LINES[2].number,
        says: REPAIR,
        expected: Expected {
            rings: Some(4),
            grade: Some(Grade::Late),
            attempts: &[("1003", AttemptResult::Answered)],
            ..answered("repairs")
        },
        ..PLAIN
    },
    Story {
        title: "answered by the second agent",
        caller: "13800001004",
        dials: LINES[3].number,
        says: SUGGESTION,
        expected: Expected {
            // Two rings at the first agent's phone, and half of one at the second's.
            rings: Some(3),
            attempts: &[
                ("1004", AttemptResult::RingNoAnswer),
                ("1005", AttemptResult::Answered),
            ],
            ..answered("sales")
        },
        ..PLAIN
    },
    Story {
        title: "abandoned in ring 2",
        caller: "13800001005",
        dials: LINES[4].number,
        says: CONSULTATION,
        gives_up_at: Some(1.5),
        expected: Expected {
            outcome: Outcome::Abandoned,
            status: 487,
            rings: Some(2),
            grade: Some(Grade::AbandonedInTime),
            attempts: &[("1006", AttemptResult::Cancelled)],
            notice: false,
            task: Some(TaskKind::CallBack),
            ..answered("service")
        },
        ..PLAIN
    },
    Story {
        title: "an unknown number",
        caller: "13800001006",
        dials: UNKNOWN,
        says: CONSULTATION,
        expected: Expected {
            outcome: Outcome::UnknownNumber,
            status: 404,
            line: None,
            grade: None,
            purposes: &[],
            notice: false,
            hangup: None,
            ..answered("")
        },
        ..PLAIN
    },
    Story {
        title: "a complaint, passed on",
        caller: "13800001007",
        dials: LINES[5].number,
        says: COMPLAINT,
        purpose_set: Some("complaint"),
        expected: Expected {
            rings: Some(2),
            attempts: &[
                ("1007", AttemptResult::Answered),
                ("1008", AttemptResult::Answered),
            ],
            purposes: &[DEFAULT_PURPOSE, "complaint"],
            transfer: Some(("1008", TransferResult::Answered)),
            ..answered("complaints")
        },
        ..PLAIN
    },
    Story {
        title: "a message after hours",
        caller: MESSENGER,
        dials: LINES[7].number,
        says: MESSAGE,
        is_cued: true,
        expected: Expected {
            outcome: Outcome::Message,
            grade: None,
            says: &[PromptPurpose::Message],
            message: true,
            task: Some(TaskKind::Message),
            notice: false,
            hangup: Some(HangupParty::System),
            ..answered("office")
        },
        ..PLAIN
    },
    Story {
        title: "a supervisor listens in",
        caller: LISTENED_TO,
        dials: LINES[6].number,
        says: REPAIR,
        is_cued: true,
        expected: Expected {
            rings: Some(1),
            attempts: &[
                (DESK_AGENT, AttemptResult::Answered),
                (SHIFT_LEADER, AttemptResult::Answered),
            ],
            says: &[PromptPurpose::Greeting],
            listener: Some(SHIFT_LEADER),
            ..answered("support")
        },
        ..PLAIN
    },
    Story {
        title: "waits, is held, passed on, asked",
        caller: PASSED_ON,
        dials: LINES[6].number,
        says: CONSULTATION,
        after: Some(DESK_AGENT),
        is_cued: true,
        expected: Expected {
            rings: Some(1),
            attempts: &[
                (DESK_AGENT, AttemptResult::Answered),
                (COLLEAGUE, AttemptResult::Answered),
            ],
            transfer: Some((COLLEAGUE, TransferResult::Answered)),
            says: &[
                PromptPurpose::Greeting,
                PromptPurpose::Waiting,
                PromptPurpose::Survey,
            ],
            waits: true,
            held_by: Some(DESK_AGENT),
            asked: Some(COLLEAGUE),
            score: Some(SCORE),
            hangup: Some(HangupParty::System),
            ..answered("support")
        },
        ..PLAIN
    },
];

/// What most stories have in common.
const PLAIN: Story = Story {
    title: "",
    caller: "",
    dials: "",
    says: CONSULTATION,
    gives_up_at: None,
    purpose_set: None,
    after: None,
    is_cued: false,
    expected: answered(""),
};

/// What most answered calls have in common.
const fn answered(line: &'static str) -> Expected {
    Expected {
        outcome: Outcome::Answered,
        status: 200,
        line: Some(line),
        rings: None,
        grade: Some(Grade::OnTarget),
        attempts: &[],
        purposes: &[DEFAULT_PURPOSE],
        transfer: None,
        notice: true,
        says: &[],
        waits: false,
        held_by: None,
        asked: None,
        listener: None,
        message: false,
        score: None,
        task: None,
        hangup: Some(HangupParty::Caller),
    }
}
