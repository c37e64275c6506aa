//! Lines and agents: who answers what, and how.

use super::speech::{
    GREETING, OTHER_GREETING, PASSING_ON, PLEASE_HOLD, SPECIALIST, SUPERVISOR, Sentence, TONE,
};
use super::story::{NOTICE, TALK, rings};
use crate::phone::{Manner, Script, Then};
use crate::rules::Cadence;

/// The purpose of a call until somebody says otherwise.
pub(super) const DEFAULT_PURPOSE: &str = "consultation";
/// Who holds a caller, asks the colleague, and passes the caller on.
pub(super) const DESK_AGENT: &str = "1009";
/// Who is asked.
pub(super) const COLLEAGUE: &str = "1010";
/// Who listens in.
pub(super) const SHIFT_LEADER: &str = "1011";
/// Whose phone the newcomer answers from the console; it does nothing by itself.
pub(super) const NEWCOMER: &str = "1012";
/// What is dialled to reach the newcomer.
pub(super) const RECEPTION: &str = "4008001009";

/// A line of the demo's service.
#[derive(Debug)]
pub(super) struct DemoLine {
    pub(super) name: &'static str,
    pub(super) number: &'static str,
    pub(super) agents: &'static [&'static str],
    /// How many rings a phone gets, as the configuration has it.
    pub(super) attempt_rings: &'static str,
    /// What the line does by itself: more of its keys, as the configuration has them.
    pub(super) flow: &'static str,
}

pub(super) const LINES: [DemoLine; 9] = [
    line("hotline", "4008001001", &["1001"]),
    line("billing", "4008001002", &["1002"]),
    line("repairs", "4008001003", &["1003"]),
    line("sales", "4008001004", &["1004", "1005"]),
    line("service", "4008001005", &["1006"]),
    line("complaints", "4008001006", &["1007"]),
    DemoLine {
        flow: r#"
greeting = { external = "greeting.wav" }
waiting = { music = "hold-music.wav", every = "2s", places = ["place-1.wav"] }
hold_music = "hold-music.wav"
survey = { prompt = "survey.wav", thanks = "survey-thanks.wav" }
"#,
        ..line("support", "4008001007", &[DESK_AGENT])
    },
    DemoLine {
        flow: r#"
calendar = "office"
after_hours = ["announcement:closed.wav", "message"]
message = { prompt = "leave-a-message.wav", thanks = "message-thanks.wav" }
"#,
        ..line("office", "4008001008", &["1001"])
    },
    DemoLine {
        // A newcomer looks at the screen before the button is found.
        attempt_rings: "{ shared = 8, last = 8 }",
        flow: r#"
hold_music = "hold-music.wav"
wrap_up = "60s"
"#,
        ..line("reception", RECEPTION, &[NEWCOMER])
    },
];

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

pub(super) const AGENTS: [DemoAgent; 12] = [
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
    agent(DESK_AGENT, "Zhou Tao", PLEASE_HOLD, answers(0.5)),
    agent(COLLEAGUE, "Wu Jing", SPECIALIST, answers(0.5)),
    agent(SHIFT_LEADER, "Xu Hui", TONE, answers(0.5)),
    agent(NEWCOMER, "He Xin", GREETING, Deed::LetsItRing),
];

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
        attempt_rings: "{ shared = 2, last = 5 }",
        flow: "",
    }
}
