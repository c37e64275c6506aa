//! What people at the desk do during a call, message by message: holds, mutes, transfers,
//! consultations, supervision, parking, picking up, calls by a click. Who hears whom is what the media plane
//! was ordered.

mod click;
mod consult;
mod ending;
mod hold;
mod now;
mod passing_on;
mod pick_up;
mod rulings;
mod stages;
mod supervise;
mod who_serves;
mod whose;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use thirdring::call::command::{Actor, Answer, CallCommand, Done, PassTo, Refused, Ticket};
use thirdring::call::doing::{Doing, HangUpReason, SuperviseMode};
use thirdring::call::event::{EventKind, OutboundRefusal, RecordingTurn, TransferResult};
use thirdring::call::flow::SurveyRules;
use thirdring::call::media::{Audio, MediaCommand, MediaEvent, MediaLeg};
use thirdring::call::record::CallRecord;
use thirdring::call::{Attention, Escalation, Line, PrivateCalls, Prompt, RecordPolicy};
use thirdring::id::{AgentId, CallId, LineId};
use thirdring::queue::{AgentCommand, AgentState};
use thirdring::rules::Level;
use thirdring::sip::dialog::Dialog;
use thirdring::sip::{Method, Request};
use thirdring::switch::{
    AgentSettings, Command, Input, LineSettings, News, NumberPattern, Settings,
};

use crate::call_log::CallLog;
use crate::desk::{AGENT, CALLER, Desk, OUTSIDE, Talk};
use crate::world::at;

/// The phones of the second agent and of the shift leader.
const SECOND: SocketAddr = at(102, 5060);
const LEADER: SocketAddr = at(109, 5060);

const LISTEN: SuperviseMode = SuperviseMode::Listen;
const WHISPER: SuperviseMode = SuperviseMode::Whisper;
const BARGE: SuperviseMode = SuperviseMode::Barge;

/// A hotline that 1001 answers; 1002 answers another line, 1009 leads the shift.
fn floor() -> Desk {
    floor_with(|_| {})
}

fn floor_with(change: impl FnOnce(&mut Line)) -> Desk {
    floor_of(|settings| change_line(settings, change))
}

fn floor_of(change: impl FnOnce(&mut Settings)) -> Desk {
    Desk::with(|settings| {
        for (extension, contact) in [("1002", SECOND), ("1009", LEADER)] {
            let first = settings.agents.first().expect("an agent").clone();
            settings.agents.push(AgentSettings {
                id: extension.into(),
                contact: Some(contact.into()),
                ..first
            });
        }
        change_line(settings, |line| {
            line.hold_music = Some("music.wav".to_owned());
            line.manners.shift_leader = Some("1009".into());
        });
        change(settings);
        let hotline = settings.lines.first().expect("a line");
        let department = LineSettings {
            line: Arc::new(Line {
                id: "complaints".into(),
                ..(*hotline.line).clone()
            }),
            numbers: vec![NumberPattern::Exact("4007654321".to_owned())],
            agents: vec!["1002".into()],
            ..(**hotline).clone()
        };
        settings.lines.push(Arc::new(department));
    })
}

fn change_line(settings: &mut Settings, change: impl FnOnce(&mut Line)) {
    let line = settings.lines.first_mut().expect("a line");
    let mut changed = (**line).clone();
    change(Arc::make_mut(&mut changed.line));
    *line = Arc::new(changed);
}

fn agent(extension: &str) -> Actor {
    Actor::Agent(extension.into())
}

fn user() -> Actor {
    Actor::User("li".to_owned())
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// A floor on which calls go on.
impl Desk {
    fn first_call(&self) -> CallId {
        self.events().first().expect("an event").call
    }

    fn ask(&mut self, by: Actor, command: Command) -> Answer {
        let ticket = Ticket(77);
        self.tells(Input::Command(ticket, by, command));
        assert_eq!(self.answers.len(), 1, "each command is answered once");
        let (answered, answer) = self.answers.pop().expect("an answer");
        assert_eq!(answered, ticket);
        answer
    }

    fn about_call(&mut self, by: Actor, command: CallCommand) -> Answer {
        let call = self.first_call();
        self.ask(by, Command::Call(call, command))
    }

    /// The agent 1001 asks for something, and gets it.
    fn does(&mut self, command: CallCommand) {
        assert_eq!(self.about_call(agent("1001"), command), Ok(Done::Accepted));
    }

    fn supervise(&mut self, mode: SuperviseMode) -> Answer {
        let call = self.first_call();
        let supervisor = "1009".into();
        let supervise = Command::Supervise {
            call,
            supervisor,
            mode,
        };
        self.ask(user(), supervise)
    }

    /// Whoever is rung at `peer` answers; the dialog.
    fn picks_up(&mut self, peer: SocketAddr) -> Dialog {
        let invite = self.request(peer, &Method::INVITE);
        self.picks_up_with(peer, &invite)
    }

    fn picks_up_with(&mut self, peer: SocketAddr, invite: &Request) -> Dialog {
        let tag = format!("tag-{}", peer.ip());
        self.answers(invite, 180, &tag, peer, |_| {});
        self.answers(invite, 200, &tag, peer, |_| {});
        self.request(peer, &Method::ACK);
        let mut dialog = Dialog::uas(invite, &tag);
        dialog.confirm();
        dialog
    }

    /// `peer` is sent away, and says so.
    fn is_sent_away(&mut self, peer: SocketAddr) {
        self.passes(Duration::from_millis(1));
        let bye = self.request(peer, &Method::BYE);
        self.answers(&bye, 200, "x", peer, |_| {});
    }

    /// The caller hangs up, and everybody of these is sent away.
    fn ends(&mut self, talk: &mut Talk, others: &[SocketAddr]) {
        self.asks(&mut talk.caller, Method::BYE, CALLER, |_| {});
        for peer in others {
            self.is_sent_away(*peer);
        }
        self.nothing_is_left();
    }

    fn first_row(&self) -> CallRecord {
        let call = self.first_call();
        let events = self.events();
        let own = events.iter().filter(|event| event.call == call);
        CallRecord::from_events(own).expect("a row")
    }

    fn did(&self, doing: &Doing) -> bool {
        CallLog(self.events().to_vec()).has(|kind| *kind == EventKind::Doing(doing.clone()))
    }

    /// What was told since this was last asked.
    fn attentions(&mut self) -> Vec<Attention> {
        let news = std::mem::take(&mut self.news_told).into_iter();
        let attentions = news.filter_map(|news| {
            let News::Attention { what, .. } = news else {
                return None;
            };
            Some(what)
        });
        attentions.collect()
    }

    /// What an agent was said to be doing, from the first to the last.
    fn states(&self, extension: &str) -> Vec<AgentState> {
        let told = self.news_told.iter().filter_map(|news| {
            let News::Agent(now) = news else {
                return None;
            };
            (now.agent.0 == extension).then_some(now.state)
        });
        told.collect()
    }

    fn ears(&self) -> Ears {
        Ears::of(&self.orders)
    }
}

/// What a leg hears: something that is played, or legs by the order of their opening: 0 is the
/// caller's.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Heard {
    Played(Audio),
    Legs(Vec<usize>),
}

fn legs(legs: &[usize]) -> Heard {
    Heard::Legs(legs.to_vec())
}

fn music() -> Heard {
    Heard::Played(Audio::Loop("music.wav".to_owned()))
}

fn says(prompt: &str) -> Heard {
    Heard::Played(Audio::Prompt(prompt.to_owned()))
}

const RINGBACK: Heard = Heard::Played(Audio::Ringback {
    on_ms: 1_000,
    off_ms: 4_000,
});

/// What is heard by who waits where there is no music.
const WAITING_TONE: Heard = Heard::Played(Audio::Ringback {
    on_ms: 200,
    off_ms: 9_800,
});

/// The media plane by what it was ordered.
#[derive(Debug, Default)]
struct Ears {
    opened: Vec<MediaLeg>,
    partners: BTreeMap<MediaLeg, MediaLeg>,
    sums: BTreeMap<MediaLeg, Vec<MediaLeg>>,
    played: BTreeMap<MediaLeg, Audio>,
}

impl Ears {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a test looks at a few kinds and passes over all others"
    )]
    fn of(orders: &[MediaCommand]) -> Self {
        let mut ears = Self::default();
        for order in orders.iter().cloned() {
            match order {
                MediaCommand::Open { leg, .. } => ears.opened.push(leg),
                MediaCommand::Bridge { a, b } => {
                    ears.part(a);
                    ears.part(b);
                    ears.partners.extend([(a, b), (b, a)]);
                }
                MediaCommand::Unbridge { leg } => ears.part(leg),
                MediaCommand::Mix { leg, hears } if hears.is_empty() => {
                    ears.sums.remove(&leg);
                }
                MediaCommand::Mix { leg, hears } => {
                    ears.sums.insert(leg, hears);
                }
                MediaCommand::Play { leg, audio, .. } => {
                    ears.played.insert(leg, audio);
                }
                MediaCommand::StopPlay { leg } => {
                    ears.played.remove(&leg);
                }
                MediaCommand::Close { leg } => {
                    ears.part(leg);
                    ears.sums.remove(&leg);
                    for sum in ears.sums.values_mut() {
                        sum.retain(|other| *other != leg);
                    }
                }
                _ => {}
            }
        }
        ears
    }

    fn part(&mut self, leg: MediaLeg) {
        if let Some(partner) = self.partners.remove(&leg) {
            self.partners.remove(&partner);
        }
    }

    fn hears(&self, n: usize) -> Heard {
        let leg = self.opened.get(n).expect("a leg");
        if let Some(audio) = self.played.get(leg) {
            return Heard::Played(audio.clone());
        }
        let partner = self.partners.get(leg).copied();
        let heard = self.sums.get(leg).cloned();
        let heard = heard.unwrap_or_else(|| partner.into_iter().collect());
        let place = |leg: &MediaLeg| self.opened.iter().position(|own| own == leg);
        let mut heard: Vec<_> = heard.iter().filter_map(place).collect();
        heard.sort_unstable();
        Heard::Legs(heard)
    }
}

fn prompt(name: &str) -> Prompt {
    Prompt {
        name: name.to_owned(),
        sha256: "0".repeat(64),
        length_ms: 3_000,
    }
}

impl Desk {
    /// A prompt has been played to its end.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a test looks at a few kinds and passes over all others"
    )]
    fn has_heard(&mut self, prompt: &str) {
        let play = self.orders.iter().rev().find_map(|order| match order {
            MediaCommand::Play {
                leg,
                play,
                audio: Audio::Prompt(name),
            } if name == prompt => Some((*leg, *play)),
            _ => None,
        });
        let (leg, play) = play.expect("it is played");
        let ended = MediaEvent::Played {
            leg,
            play,
            heard_ms: 1_000,
            complete: true,
        };
        self.tells(Input::Media(ended));
    }
}

fn dial(number: &str) -> Command {
    Command::Dial {
        number: number.to_owned(),
        record: "case-7".to_owned(),
    }
}
