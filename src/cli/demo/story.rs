//! The seven calls: who calls whom, what everybody does, and what is to be seen of it. All of it
//! is written before anything is dialled.

use std::time::Duration;

use crate::call::event::{AttemptResult, HangupParty, Outcome, TransferResult};
use crate::phone::{Dial, Manner, Script, Then};
use crate::rules::{Cadence, Grade};

/// The purpose of a call until somebody says otherwise.
pub(super) const DEFAULT_PURPOSE: &str = "consultation";
/// How long the recording notice takes, rounded up; the caller hears the agent after it.
const NOTICE: Duration = Duration::from_secs(5);
/// How long the two talk after the notice.
const TALK: Duration = Duration::from_secs(5);
/// How long the caller stays after a transfer was asked for: the target's ringing, and a talk.
const AFTER_TRANSFER: Duration = Duration::from_secs(7);

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

const CONSULTATION: Sentence = sentence!("caller-consultation.wav");
const COMPLAINT: Sentence = sentence!("caller-complaint.wav");
const REPAIR: Sentence = sentence!("caller-repair.wav");
const SUGGESTION: Sentence = sentence!("caller-suggestion.wav");
const GREETING: Sentence = sentence!("agent-greeting-1.wav");
const OTHER_GREETING: Sentence = sentence!("agent-greeting-2.wav");
const PASSING_ON: Sentence = sentence!("agent-transfer.wav");
const SUPERVISOR: Sentence = sentence!("agent-supervisor.wav");

/// Every sentence, to be laid beside the configuration.
pub(super) const SENTENCES: [Sentence; 8] = [
    CONSULTATION,
    COMPLAINT,
    REPAIR,
    SUGGESTION,
    GREETING,
    OTHER_GREETING,
    PASSING_ON,
    SUPERVISOR,
];

/// A line of the demo's service.
#[derive(Debug)]
pub(super) struct DemoLine {
    pub(super) name: &'static str,
    pub(super) number: &'static str,
    pub(super) agents: &'static [&'static str],
}

pub(super) const LINES: [DemoLine; 6] = [
    line("hotline", "4008001001", &["1001"]),
    line("billing", "4008001002", &["1002"]),
    line("repairs", "4008001003", &["1003"]),
    line("sales", "4008001004", &["1004", "1005"]),
    line("service", "4008001005", &["1006"]),
    line("complaints", "4008001006", &["1007"]),
];

/// Nobody's number.
const UNKNOWN: &str = "4008009999";

/// An agent of the demo.
#[derive(Debug)]
pub(super) struct DemoAgent {
    pub(super) extension: &'static str,
    pub(super) name: &'static str,
    pub(super) says: Sentence,
    does: Deed,
}

/// What an agent does with a call, in rings of the cadence: 2.5 is the middle of the third ring.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Answers { at_ring: f64, then: After },
    LetsItRing,
}

#[derive(Clone, Copy, Debug)]
enum After {
    CallerHangsUp,
    HangsUp,
    PassesOn { to: &'static str },
}

pub(super) const AGENTS: [DemoAgent; 8] = [
    agent("1001", "Wang Fang", GREETING, answers(0.5)),
    agent(
        "1002",
        "Li Na",
        OTHER_GREETING,
        Deed::Answers {
            at_ring: 2.5,
            then: After::HangsUp,
        },
    ),
    agent("1003", "Zhang Wei", GREETING, answers(3.5)),
    agent("1004", "Liu Yang", GREETING, Deed::LetsItRing),
    agent("1005", "Chen Jie", OTHER_GREETING, answers(0.5)),
    agent("1006", "Yang Lei", GREETING, Deed::LetsItRing),
    agent(
        "1007",
        "Zhao Min",
        PASSING_ON,
        Deed::Answers {
            at_ring: 1.5,
            then: After::PassesOn { to: "1008" },
        },
    ),
    agent("1008", "Sun Li", SUPERVISOR, answers(0.5)),
];

/// One caller's call.
#[derive(Debug)]
pub(super) struct Story {
    /// What it shows.
    pub(super) title: &'static str,
    pub(super) caller: &'static str,
    pub(super) dials: &'static str,
    pub(super) says: Sentence,
    /// In rings of the cadence.
    gives_up_at: Option<f64>,
    /// Set by the desk while they talk.
    pub(super) purpose_set: Option<&'static str>,
    pub(super) expected: Expected,
}

/// What is to be seen of a call: by the caller, in the row, in the recording.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) outcome: Outcome,
    /// The final status that the caller gets.
    pub(super) status: u16,
    pub(super) line: Option<&'static str>,
    /// As the caller hears them and as the row counts them.
    pub(super) rings: Option<u32>,
    pub(super) grade: Option<Grade>,
    pub(super) attempts: &'static [(&'static str, AttemptResult)],
    pub(super) purposes: &'static [&'static str],
    pub(super) transfer: Option<(&'static str, TransferResult)>,
    pub(super) hangup: Option<HangupParty>,
}

pub(super) const STORIES: [Story; 7] = [
    Story {
        title: "answered in ring 1",
        caller: "13800001001",
        dials: LINES[0].number,
        says: CONSULTATION,
        gives_up_at: None,
        purpose_set: None,
        expected: Expected {
            rings: Some(1),
            attempts: &[("1001", AttemptResult::Answered)],
            ..answered("hotline")
        },
    },
    Story {
        title: "answered in ring 3",
        caller: "13800001002",
        dials: LINES[1].number,
        says: CONSULTATION,
        gives_up_at: None,
        purpose_set: None,
        expected: Expected {
            rings: Some(3),
            attempts: &[("1002", AttemptResult::Answered)],
            hangup: Some(HangupParty::Agent),
            ..answered("billing")
        },
    },
    Story {
        title: "answered in ring 4, late",
        caller: "13800001003",
        dials: LINES[2].number,
        says: REPAIR,
        gives_up_at: None,
        purpose_set: None,
        expected: Expected {
            rings: Some(4),
            grade: Some(Grade::Late),
            attempts: &[("1003", AttemptResult::Answered)],
            ..answered("repairs")
        },
    },
    Story {
        title: "answered by the second agent",
        caller: "13800001004",
        dials: LINES[3].number,
        says: SUGGESTION,
        gives_up_at: None,
        purpose_set: None,
        expected: Expected {
            // Two rings at the first agent's phone, and half of one at the second's.
            rings: Some(3),
            attempts: &[
                ("1004", AttemptResult::RingNoAnswer),
                ("1005", AttemptResult::Answered),
            ],
            ..answered("sales")
        },
    },
    Story {
        title: "abandoned in ring 2",
        caller: "13800001005",
        dials: LINES[4].number,
        says: CONSULTATION,
        gives_up_at: Some(1.5),
        purpose_set: None,
        expected: Expected {
            outcome: Outcome::Abandoned,
            status: 487,
            rings: Some(2),
            grade: Some(Grade::AbandonedInTime),
            attempts: &[("1006", AttemptResult::Cancelled)],
            ..answered("service")
        },
    },
    Story {
        title: "an unknown number",
        caller: "13800001006",
        dials: UNKNOWN,
        says: CONSULTATION,
        gives_up_at: None,
        purpose_set: None,
        expected: Expected {
            outcome: Outcome::UnknownNumber,
            status: 404,
            line: None,
            rings: None,
            grade: None,
            attempts: &[],
            purposes: &[],
            transfer: None,
            hangup: None,
        },
    },
    Story {
        title: "a complaint, passed on",
        caller: "13800001007",
        dials: LINES[5].number,
        says: COMPLAINT,
        gives_up_at: None,
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
    },
];

impl Story {
    pub(super) const fn is_answered(&self) -> bool {
        matches!(self.expected.outcome, Outcome::Answered)
    }

    /// What the caller's phone does.
    pub(super) fn script(&self, cadence: Cadence) -> Script {
        let agent_ends = self.expected.hangup == Some(HangupParty::Agent);
        let stays = match self.expected.transfer {
            Some(_) => NOTICE + TALK + rings(1.0, cadence) + AFTER_TRANSFER,
            None => NOTICE + TALK,
        };
        let then = if agent_ends {
            Then::Stay
        } else {
            Then::HangUp { after: stays }
        };
        Script::caller(Dial {
            to: self.dials.to_owned(),
            give_up: self.gives_up_at.map(|at| rings(at, cadence)),
            then,
        })
    }
}

impl DemoAgent {
    /// What the agent's phone does.
    pub(super) fn script(&self, cadence: Cadence) -> Script {
        let manner = match self.does {
            Deed::LetsItRing => Manner::LetRing,
            Deed::Answers { at_ring, then } => Manner::Answer {
                after: rings(at_ring, cadence),
                then: match then {
                    After::CallerHangsUp => Then::Stay,
                    After::HangsUp => Then::HangUp {
                        after: NOTICE + TALK,
                    },
                    After::PassesOn { to } => Then::Transfer {
                        to: to.to_owned(),
                        after: NOTICE + TALK,
                    },
                },
            },
        };
        Script::agent([manner])
    }
}

/// The longest that all of it may take.
pub(super) fn longest(cadence: Cadence) -> Duration {
    rings(6.0, cadence) + NOTICE + TALK + AFTER_TRANSFER + Duration::from_secs(30)
}

fn rings(count: f64, cadence: Cadence) -> Duration {
    cadence.period().mul_f64(count)
}

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
        hangup: Some(HangupParty::Caller),
    }
}

const fn answers(at_ring: f64) -> Deed {
    Deed::Answers {
        at_ring,
        then: After::CallerHangsUp,
    }
}

const fn agent(
    extension: &'static str,
    name: &'static str,
    says: Sentence,
    does: Deed,
) -> DemoAgent {
    DemoAgent {
        extension,
        name,
        says,
        does,
    }
}

const fn line(
    name: &'static str,
    number: &'static str,
    agents: &'static [&'static str],
) -> DemoLine {
    DemoLine {
        name,
        number,
        agents,
    }
}
