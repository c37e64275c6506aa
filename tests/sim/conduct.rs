//! What people at the desk do during a call, message by message: holds, mutes, transfers,
//! consultations, supervision, parking, picking up, calls by a click. Who hears whom is what the media plane
//! was ordered.

mod now;
mod rulings;
mod stages;

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

/// R058: the caller hears music and the agent nothing, without a word to the carrier; the hold's
/// start, length and reason are on the row, and the desk is told when it is long.
#[test]
fn a_hold_by_order_is_ours_alone_and_stands_on_the_row() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.passes(seconds(5));
    let reason = Some("a question to the store".to_owned());
    desk.does(CallCommand::PutOnHold { reason });
    assert_eq!(desk.ears().hears(0), music());
    assert_eq!(desk.ears().hears(1), legs(&[]));
    let again = CallCommand::PutOnHold { reason: None };
    let answer = desk.about_call(agent("1001"), again);
    assert_eq!(answer, Err(Refused::WrongState));
    desk.attentions();
    desk.passes(seconds(30));
    let long = |held_ms, is_very_long| Attention::HoldIsLong {
        held_ms,
        is_very_long,
    };
    assert_eq!(desk.attentions(), [long(30_000, false)]);
    desk.passes(seconds(90));
    assert_eq!(desk.attentions(), [long(60_000, true)]);
    desk.does(CallCommand::Retrieve);
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    assert_eq!(desk.ears().hears(1), legs(&[0]));
    for peer in [CALLER, AGENT] {
        desk.none(peer, "INVITE");
        desk.none(peer, "UPDATE");
    }
    let answer = desk.about_call(agent("1001"), CallCommand::Retrieve);
    assert_eq!(answer, Err(Refused::WrongState));
    desk.ends(&mut talk, &[AGENT]);
    let row = desk.first_row();
    assert_eq!((row.holds.count, row.holds.ms), (1, 120_000));
    let hold = row.desk.holds.first().expect("a hold");
    assert_eq!(hold.ms, Some(120_000));
    assert_eq!(hold.reason.as_deref(), Some("a question to the store"));
    assert!(hold.was_long);
}

/// R034: on a line without music a caller who waits hears a short tone now and then, so that the line
/// is not dead.
#[test]
fn a_caller_who_waits_without_music_hears_a_tone() {
    let mut desk = floor_with(|line| line.hold_music = None);
    let mut talk = desk.talk();
    desk.does(CallCommand::PutOnHold { reason: None });
    assert_eq!(desk.ears().hears(0), WAITING_TONE);
    desk.does(CallCommand::Retrieve);
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    desk.does(CallCommand::Consult(PassTo::Agent("1002".into())));
    let invite = desk.request(SECOND, &Method::INVITE);
    assert_eq!(desk.ears().hears(0), WAITING_TONE);
    desk.answers(&invite, 486, "busy", SECOND, |_| {});
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    desk.does(CallCommand::Park);
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(0), WAITING_TONE);
    desk.ends(&mut talk, &[]);
}

/// R034: the caller is asked to wait before the music, and hears an apology after a long hold; after
/// a short one nobody apologises.
#[test]
fn the_caller_is_asked_to_wait_and_apologised_to_after_a_long_hold() {
    let mut desk = floor_with(|line| {
        line.manners.hold_prompt = Some(prompt("wait.wav"));
        line.manners.return_apology = Some("sorry.wav".to_owned());
    });
    let mut talk = desk.talk();
    let hold = || CallCommand::PutOnHold { reason: None };
    desk.does(hold());
    assert_eq!(desk.ears().hears(0), says("wait.wav"));
    desk.has_heard("wait.wav");
    assert_eq!(desk.ears().hears(0), music());
    desk.passes(seconds(29));
    desk.does(CallCommand::Retrieve);
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    desk.does(hold());
    desk.passes(seconds(30));
    desk.does(CallCommand::Retrieve);
    assert_eq!(desk.ears().hears(0), says("sorry.wav"));
    assert_eq!(desk.ears().hears(1), legs(&[0]));
    desk.ends(&mut talk, &[AGENT]);
}

/// R034: the music comes although nobody has told that the prompt before it was over.
#[test]
fn the_music_comes_after_a_prompt_whose_end_is_not_told() {
    let mut desk = floor_with(|line| line.manners.hold_prompt = Some(prompt("wait.wav")));
    let mut talk = desk.talk();
    desk.does(CallCommand::PutOnHold { reason: None });
    desk.passes(seconds(7));
    assert_eq!(desk.ears().hears(0), says("wait.wav"), "it may be late");
    desk.passes(seconds(1));
    assert_eq!(desk.ears().hears(0), music());
    desk.does(CallCommand::Retrieve);
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    desk.ends(&mut talk, &[AGENT]);
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

/// R059: nobody hears an agent who is muted, who hears on; the time is on the row.
#[test]
fn a_muted_agent_hears_and_is_not_heard() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.does(CallCommand::Mute(true));
    assert_eq!(desk.ears().hears(0), legs(&[]));
    assert_eq!(desk.ears().hears(1), legs(&[0]));
    desk.passes(seconds(7));
    desk.does(CallCommand::Mute(false));
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    let again = desk.about_call(agent("1001"), CallCommand::Mute(false));
    assert_eq!(again, Err(Refused::WrongState));
    desk.ends(&mut talk, &[AGENT]);
    let mutes = desk.first_row().desk.mutes;
    assert_eq!(mutes.first().and_then(|mute| mute.ms), Some(7_000));
}

/// R233: keys go to the caller, and only their number into the log.
#[test]
fn keys_are_pressed_to_the_caller_and_not_written_down() {
    let mut desk = floor();
    let mut talk = desk.talk();
    let press = |keys: &str| CallCommand::Press(keys.to_owned());
    for nothing in ["", "12a", "1 2", &"1".repeat(33)] {
        let answer = desk.about_call(agent("1001"), press(nothing));
        assert_eq!(answer, Err(Refused::Unusable));
    }
    desk.does(press("12#"));
    let caller = desk.ears().opened.first().copied();
    let pressed = desk.orders.iter().filter_map(|order| {
        if let MediaCommand::PressKey { leg, digit, .. } = order {
            Some((Some(*leg) == caller, *digit))
        } else {
            None
        }
    });
    let pressed: Vec<_> = pressed.collect();
    assert_eq!(pressed, [(true, '1'), (true, '2'), (true, '#')]);
    let (by, keys) = ("1001".to_owned(), None);
    let count = 3;
    assert!(desk.did(&Doing::KeysPressed { by, count, keys }));
    desk.ends(&mut talk, &[AGENT]);
}

/// Nobody acts in a call of somebody else, nor where nobody talks.
#[test]
fn only_who_talks_acts() {
    let mut desk = floor();
    let mut talk = desk.talk();
    for command in [
        CallCommand::PutOnHold { reason: None },
        CallCommand::Mute(true),
        CallCommand::Park,
        CallCommand::HangUp(Some(HangUpReason::Abuse)),
        CallCommand::Transfer(PassTo::Agent("1009".into())),
        CallCommand::RaiseHand(true),
    ] {
        let answer = desk.about_call(agent("1002"), command);
        assert_eq!(answer, Err(Refused::NotYours));
    }
    for command in [
        CallCommand::TakeOver,
        CallCommand::StopSupervising,
        CallCommand::TurnSupervision(BARGE),
        CallCommand::CompleteConsult,
        CallCommand::CancelConsult,
        CallCommand::JoinThree,
    ] {
        let answer = desk.about_call(agent("1001"), command);
        assert_eq!(answer, Err(Refused::WrongState));
    }
    desk.ends(&mut talk, &[AGENT]);
    let late = desk.about_call(agent("1001"), CallCommand::Park);
    assert_eq!(late, Err(Refused::NoSuchCall));
}

/// R189: of all agents only who talks with the caller turns the recording; a user with the right to
/// it does so at any time.
#[test]
fn only_who_talks_turns_the_recording() {
    let mut desk = floor_with(|line| line.record = RecordPolicy::OnDemand);
    let mut talk = desk.talk();
    let record = |turn| CallCommand::Record { turn, reason: None };
    assert_eq!(
        desk.about_call(agent("1002"), record(RecordingTurn::Started)),
        Err(Refused::NotYours),
        "a stranger"
    );
    desk.does(record(RecordingTurn::Started));
    let stopped = || record(RecordingTurn::Stopped);
    assert_eq!(desk.supervise(LISTEN), Ok(Done::Accepted));
    let rung = desk.request(LEADER, &Method::INVITE);
    let answer = desk.about_call(agent("1009"), stopped());
    assert_eq!(answer, Err(Refused::NotYours), "is only rung");
    desk.picks_up_with(LEADER, &rung);
    let answer = desk.about_call(agent("1009"), stopped());
    assert_eq!(answer, Err(Refused::NotYours), "only listens");
    desk.does(CallCommand::Consult(PassTo::Agent("1002".into())));
    desk.picks_up(SECOND);
    let answer = desk.about_call(agent("1002"), stopped());
    assert_eq!(answer, Err(Refused::NotYours), "is only asked");
    assert_eq!(desk.about_call(user(), stopped()), Ok(Done::Accepted));
    desk.ends(&mut talk, &[AGENT, SECOND, LEADER]);
}

/// R189: who has made the call is in the talk, too.
#[test]
fn who_called_out_turns_the_recording() {
    let mut desk = floor();
    let began = desk.ask(agent("1001"), dial("01061234567"));
    assert!(matches!(began, Ok(Done::Began(_))));
    let mut own = desk.picks_up(AGENT);
    desk.picks_up(OUTSIDE);
    let turn = RecordingTurn::Paused;
    desk.does(CallCommand::Record { turn, reason: None });
    desk.asks(&mut own, Method::BYE, AGENT, |_| {});
    desk.is_sent_away(OUTSIDE);
    desk.nothing_is_left();
}

/// R103, R086: passed on to a colleague by order: the caller hears ringing, then the colleague; who
/// passed the call on is free at once.
#[test]
fn a_transfer_by_order_is_the_transfer_of_a_phone() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.does(CallCommand::Transfer(PassTo::Agent("1002".into())));
    assert_eq!(desk.ears().hears(0), RINGBACK);
    desk.picks_up(SECOND);
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(0), legs(&[2]));
    desk.ends(&mut talk, &[SECOND]);
    let row = desk.first_row();
    let transfer = row.transfer().expect("a transfer");
    assert_eq!(transfer.result, Some(TransferResult::Answered));
    assert_eq!(transfer.by, AgentId::from("1001"));
}

/// R086: what fails comes back to the sender, who may still have the caller on hold.
#[test]
fn a_transfer_by_order_that_fails_comes_back() {
    let mut desk = floor();
    let mut talk = desk.talk();
    for held in [false, true] {
        if held {
            desk.does(CallCommand::PutOnHold { reason: None });
        }
        desk.does(CallCommand::Transfer(PassTo::Agent("1002".into())));
        let invite = desk.request(SECOND, &Method::INVITE);
        desk.answers(&invite, 486, "busy", SECOND, |_| {});
        let expected = if held { music() } else { legs(&[1]) };
        assert_eq!(desk.ears().hears(0), expected);
    }
    desk.does(CallCommand::Retrieve);
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    desk.none(AGENT, "BYE");
    let nobody = CallCommand::Transfer(PassTo::Number("139000".to_owned()));
    desk.does(nobody);
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    desk.ends(&mut talk, &[AGENT]);
    let transfers = desk.first_row().transfers;
    let results: Vec<_> = transfers.iter().filter_map(|it| it.result).collect();
    let refused = TransferResult::Refused;
    assert_eq!(results, [refused, refused, TransferResult::Forbidden]);
}

/// R103: to an outside number by the line's policy, whose decision is in the log before the INVITE.
#[test]
fn a_transfer_by_order_outside_has_its_decision() {
    let mut desk = floor();
    let mut talk = desk.talk();
    let number = PassTo::Number("01061234567".to_owned());
    desk.does(CallCommand::Transfer(number));
    let allowed = |kind: &EventKind| matches!(kind, EventKind::OutboundDecided { decision } if decision.refused.is_none());
    assert!(CallLog(desk.events().to_vec()).has(allowed));
    desk.picks_up(OUTSIDE);
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(0), legs(&[2]));
    desk.ends(&mut talk, &[OUTSIDE]);
}

/// R103: to a department: the caller waits with music for its agents, and the agent is free.
#[test]
fn a_transfer_to_another_line_waits_for_its_agents() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.passes(seconds(3));
    desk.does(CallCommand::Transfer(PassTo::Line("complaints".into())));
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(0), music());
    desk.picks_up(SECOND);
    assert_eq!(desk.ears().hears(0), legs(&[2]));
    desk.ends(&mut talk, &[SECOND]);
    let row = desk.first_row();
    let transfer = row.transfer().expect("a transfer");
    assert_eq!(transfer.result, Some(TransferResult::Answered));
    let target = serde_json::to_value(&transfer.target).expect("JSON");
    assert_eq!(target, serde_json::json!({ "line": "complaints" }));
    // The caller's own clock was not started again.
    let answers = desk.events().iter();
    let answers = answers.filter(|event| matches!(event.kind, EventKind::Answered { .. }));
    assert_eq!(answers.count(), 1);
    assert_eq!(row.answered_by, Some("1001".into()));
}

/// R086: nobody of that line answers: the caller goes back to the sender, by that phone.
#[test]
fn a_transfer_to_a_line_in_vain_goes_back_to_the_sender() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.does(CallCommand::Transfer(PassTo::Line("complaints".into())));
    desk.is_sent_away(AGENT);
    let invite = desk.request(SECOND, &Method::INVITE);
    desk.answers(&invite, 486, "busy", SECOND, |_| {});
    // It is tried again now and then.
    let deadline = seconds(45);
    for _ in 0..4 {
        desk.passes(deadline / 4);
        if let Some(invite) = desk.next_request(SECOND, &Method::INVITE) {
            desk.answers(&invite, 486, "busy", SECOND, |_| {});
        }
    }
    assert_eq!(desk.ears().hears(0), RINGBACK);
    desk.picks_up(AGENT);
    let back = desk.ears().opened.len() - 1;
    assert_eq!(desk.ears().hears(0), legs(&[back]));
    desk.ends(&mut talk, &[AGENT]);
    let transfer = desk.first_row().transfers.remove(0);
    assert_eq!(transfer.result, Some(TransferResult::NoAnswer));
}

/// A line that there is not, or transfers that the line forbids, change nothing.
#[test]
fn a_transfer_to_no_line_changes_nothing() {
    let mut desk = floor();
    let mut talk = desk.talk();
    let to = PassTo::Line(LineId::from("nowhere"));
    desk.does(CallCommand::Transfer(to));
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    desk.none(AGENT, "BYE");
    desk.ends(&mut talk, &[AGENT]);
    let transfer = desk.first_row().transfers.remove(0);
    assert_eq!(transfer.result, Some(TransferResult::Unreachable));
}

/// A talk in which 1001 asks 1002, who has answered.
fn consulting(desk: &mut Desk) -> (Talk, Dialog) {
    let talk = desk.talk();
    desk.does(CallCommand::Consult(PassTo::Agent("1002".into())));
    assert_eq!(desk.ears().hears(0), music());
    assert_eq!(desk.ears().hears(1), RINGBACK);
    let second = desk.picks_up(SECOND);
    assert_eq!(desk.ears().hears(0), music());
    assert_eq!(desk.ears().hears(1), legs(&[2]));
    assert_eq!(desk.ears().hears(2), legs(&[1]));
    (talk, second)
}

/// R115: the agent asks a colleague while the caller hears music, and is back with the caller.
#[test]
fn a_consultation_is_cancelled_and_the_caller_is_back() {
    let mut desk = floor();
    let (mut talk, _) = consulting(&mut desk);
    desk.passes(seconds(9));
    desk.does(CallCommand::CancelConsult);
    desk.is_sent_away(SECOND);
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    assert_eq!(desk.ears().hears(1), legs(&[0]));
    desk.ends(&mut talk, &[AGENT]);
    let row = desk.first_row();
    assert!(row.transfers.is_empty());
    assert_eq!((row.holds.count, row.holds.ms), (1, 9_000));
    let consult = row.desk.consults.first().expect("a consultation");
    assert!(consult.answered && consult.end.is_some());
}

/// R115, R103: the caller is passed on to who was asked: an attended transfer.
#[test]
fn a_consultation_is_completed() {
    let mut desk = floor();
    let (mut talk, _) = consulting(&mut desk);
    desk.does(CallCommand::CompleteConsult);
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(0), legs(&[2]));
    assert_eq!(desk.ears().hears(2), legs(&[0]));
    desk.ends(&mut talk, &[SECOND]);
    let row = desk.first_row();
    let transfer = row.transfer().expect("a transfer");
    assert_eq!(transfer.result, Some(TransferResult::Answered));
    let kind = serde_json::to_value(transfer.kind).expect("JSON");
    assert_eq!(kind, "attended");
}

/// R115: completed before an answer: the caller hears the ringing, and then whoever is rung.
#[test]
fn a_consultation_is_completed_while_it_rings() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.does(CallCommand::Consult(PassTo::Agent("1002".into())));
    desk.does(CallCommand::CompleteConsult);
    assert_eq!(desk.ears().hears(0), RINGBACK);
    desk.picks_up(SECOND);
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(0), legs(&[2]));
    desk.ends(&mut talk, &[SECOND]);
}

/// R115: whoever is asked refuses, does not answer or hangs up: the agent is back with the caller.
#[test]
fn a_consultation_in_vain_ends_with_the_caller() {
    let mut desk = floor();
    let mut talk = desk.talk();
    let ask = || CallCommand::Consult(PassTo::Agent("1002".into()));
    desk.does(ask());
    let invite = desk.request(SECOND, &Method::INVITE);
    desk.answers(&invite, 486, "busy", SECOND, |_| {});
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    desk.does(ask());
    let mut second = desk.picks_up(SECOND);
    desk.asks(&mut second, Method::BYE, SECOND, |_| {});
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    assert_eq!(desk.ears().hears(1), legs(&[0]));
    // Asked and taken back before an answer.
    desk.does(ask());
    let invite = desk.request(SECOND, &Method::INVITE);
    desk.answers(&invite, 180, "ringing", SECOND, |_| {});
    desk.does(CallCommand::CancelConsult);
    let cancel = desk.request(SECOND, &Method::CANCEL);
    desk.answers(&cancel, 200, "ringing", SECOND, |_| {});
    desk.answers(&invite, 487, "ringing", SECOND, |_| {});
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    let line = desk.about_call(
        agent("1001"),
        CallCommand::Consult(PassTo::Line("complaints".into())),
    );
    assert_eq!(line, Err(Refused::WrongState));
    desk.ends(&mut talk, &[AGENT]);
    assert_eq!(desk.first_row().desk.consults.len(), 3);
}

/// R115: three hear each other; apart again; and the agent leaves the other two.
#[test]
fn three_talk_and_one_leaves() {
    let mut desk = floor();
    let (mut talk, _) = consulting(&mut desk);
    desk.does(CallCommand::JoinThree);
    for (leg, others) in [(0, [1, 2]), (1, [0, 2]), (2, [0, 1])] {
        assert_eq!(desk.ears().hears(leg), legs(&others));
    }
    desk.does(CallCommand::PutOnHold { reason: None });
    assert_eq!(desk.ears().hears(0), music());
    assert_eq!(desk.ears().hears(1), legs(&[2]));
    desk.does(CallCommand::JoinThree);
    desk.does(CallCommand::CompleteConsult);
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(0), legs(&[2]));
    assert_eq!(desk.ears().hears(2), legs(&[0]));
    desk.ends(&mut talk, &[SECOND]);
    assert!(desk.first_row().desk.consults.iter().all(|it| it.three));
}

/// R115: an agent who hangs up in a consultation leaves the caller to who was asked.
#[test]
fn who_hangs_up_in_a_consultation_passes_the_caller_on() {
    for is_answered in [true, false] {
        let mut desk = floor();
        let mut talk = if is_answered {
            consulting(&mut desk).0
        } else {
            let talk = desk.talk();
            desk.does(CallCommand::Consult(PassTo::Agent("1002".into())));
            talk
        };
        desk.asks(&mut talk.agent, Method::BYE, AGENT, |_| {});
        desk.none(CALLER, "BYE");
        if !is_answered {
            desk.picks_up(SECOND);
        }
        assert_eq!(desk.ears().hears(0), legs(&[2]));
        desk.ends(&mut talk, &[SECOND]);
    }
}

/// The caller hangs up in the middle: whoever is asked, rung or answered, is let go.
#[test]
fn a_caller_who_leaves_ends_a_consultation() {
    let mut desk = floor();
    let (mut talk, _) = consulting(&mut desk);
    desk.ends(&mut talk, &[AGENT, SECOND]);
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.does(CallCommand::Consult(PassTo::Agent("1002".into())));
    let invite = desk.request(SECOND, &Method::INVITE);
    desk.answers(&invite, 180, "ringing", SECOND, |_| {});
    desk.asks(&mut talk.caller, Method::BYE, CALLER, |_| {});
    let cancel = desk.request(SECOND, &Method::CANCEL);
    desk.answers(&cancel, 200, "ringing", SECOND, |_| {});
    desk.answers(&invite, 487, "ringing", SECOND, |_| {});
    desk.is_sent_away(AGENT);
    desk.nothing_is_left();
}

/// R047, R046: an agent who ends the talk says why; without a reason nothing happens.
#[test]
fn who_hangs_up_on_a_customer_says_why() {
    let mut desk = floor();
    let _talk = desk.talk();
    let without = desk.about_call(agent("1001"), CallCommand::HangUp(None));
    assert_eq!(without, Err(Refused::ReasonWanted));
    desk.none(CALLER, "BYE");
    desk.does(CallCommand::HangUp(Some(HangUpReason::SilentCall)));
    for peer in [CALLER, AGENT] {
        desk.is_sent_away(peer);
    }
    desk.nothing_is_left();
    let row = desk.first_row();
    assert!(row.agent_first);
    assert_eq!(row.desk.hang_up_reason, Some(HangUpReason::SilentCall));
    assert_eq!(row.hangup_reason.as_deref(), Some("silent call"));
}

/// R066: a supervisor hears both and nobody hears the supervisor; whispers to the agent only; speaks
/// with both; and leaves the call as it was.
#[test]
fn a_supervisor_listens_whispers_barges_and_leaves() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.does(CallCommand::RaiseHand(true));
    assert_eq!(desk.supervise(LISTEN), Ok(Done::Accepted));
    desk.picks_up(LEADER);
    let hands = |raised| Attention::Hand {
        agent: "1001".into(),
        raised,
    };
    assert_eq!(desk.attentions(), [hands(true), hands(false)]);
    let heard = |desk: &Desk| [0, 1, 2].map(|leg| desk.ears().hears(leg));
    assert_eq!(heard(&desk), [legs(&[1]), legs(&[0]), legs(&[0, 1])]);
    let turn = |mode| CallCommand::TurnSupervision(mode);
    let answer = desk.about_call(agent("1002"), turn(WHISPER));
    assert_eq!(answer, Err(Refused::NotYours));
    for by in [agent("1009"), user()] {
        let mode = if by == user() { BARGE } else { WHISPER };
        assert_eq!(desk.about_call(by, turn(mode)), Ok(Done::Accepted));
        let caller = if mode == BARGE {
            legs(&[1, 2])
        } else {
            legs(&[1])
        };
        assert_eq!(heard(&desk), [caller, legs(&[0, 2]), legs(&[0, 1])]);
    }
    assert_eq!(desk.supervise(LISTEN), Err(Refused::WrongState));
    let stop = desk.about_call(agent("1009"), CallCommand::StopSupervising);
    assert_eq!(stop, Ok(Done::Accepted));
    desk.is_sent_away(LEADER);
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    assert_eq!(desk.ears().hears(1), legs(&[0]));
    desk.ends(&mut talk, &[AGENT]);
    let supervision = desk.first_row().desk.supervisions.remove(0);
    assert_eq!(supervision.modes, [LISTEN, WHISPER, BARGE]);
    assert_eq!(supervision.by, "li");
    assert!(supervision.joined_at.is_some() && supervision.left_at.is_some());
}

/// R066: when the call has gone to somebody else, the hand is lowered, and it is whose it was.
#[test]
fn the_hand_that_is_lowered_is_whose_it_was() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.does(CallCommand::RaiseHand(true));
    desk.does(CallCommand::Transfer(PassTo::Agent("1002".into())));
    desk.picks_up(SECOND);
    desk.is_sent_away(AGENT);
    let hand = |raised| Attention::Hand {
        agent: "1001".into(),
        raised,
    };
    assert_eq!(desk.attentions(), [hand(true), hand(false)]);
    let raised = |agent: &str| Doing::HandRaised {
        by: agent.into(),
        raised: false,
    };
    assert!(desk.did(&raised("1001")) && !desk.did(&raised("1002")));
    desk.ends(&mut talk, &[SECOND]);
}

/// A supervisor who hangs up, or never answers, leaves no trace in the talk.
#[test]
fn a_supervisor_who_hangs_up_changes_nothing() {
    let mut desk = floor();
    let mut talk = desk.talk();
    assert_eq!(desk.supervise(BARGE), Ok(Done::Accepted));
    let mut leader = desk.picks_up(LEADER);
    desk.asks(&mut leader, Method::BYE, LEADER, |_| {});
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    assert_eq!(desk.supervise(LISTEN), Ok(Done::Accepted));
    let invite = desk.request(LEADER, &Method::INVITE);
    desk.answers(&invite, 486, "busy", LEADER, |_| {});
    assert_eq!(desk.ears().hears(1), legs(&[0]));
    // Rung when the caller hangs up.
    assert_eq!(desk.supervise(LISTEN), Ok(Done::Accepted));
    let invite = desk.request(LEADER, &Method::INVITE);
    desk.answers(&invite, 180, "rings", LEADER, |_| {});
    desk.asks(&mut talk.caller, Method::BYE, CALLER, |_| {});
    let cancel = desk.request(LEADER, &Method::CANCEL);
    desk.answers(&cancel, 200, "rings", LEADER, |_| {});
    desk.answers(&invite, 487, "rings", LEADER, |_| {});
    desk.is_sent_away(AGENT);
    desk.nothing_is_left();
    let never = desk.first_row().desk.supervisions.remove(1);
    assert_eq!(never.joined_at, None);
}

/// A supervisor takes the call over: the agent is free, and the caller hears the supervisor.
#[test]
fn a_supervisor_takes_over() {
    let mut desk = floor();
    let mut talk = desk.talk();
    assert_eq!(desk.supervise(WHISPER), Ok(Done::Accepted));
    let early = desk.about_call(agent("1009"), CallCommand::TakeOver);
    assert_eq!(early, Err(Refused::WrongState));
    desk.picks_up(LEADER);
    let taken = desk.about_call(agent("1009"), CallCommand::TakeOver);
    assert_eq!(taken, Ok(Done::Accepted));
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(0), legs(&[2]));
    assert_eq!(desk.ears().hears(2), legs(&[0]));
    let answer = desk.about_call(agent("1001"), CallCommand::Mute(true));
    assert_eq!(answer, Err(Refused::NotYours));
    desk.ends(&mut talk, &[LEADER]);
    assert!(desk.first_row().desk.supervisions.remove(0).took_over);
}

/// R066: in a call that the agent has made, too, it is the agent who is whispered to and whose place
/// is taken; the customer stays.
#[test]
fn a_supervisor_stands_by_an_agent_who_has_called_out() {
    let mut desk = floor();
    let began = desk.ask(agent("1001"), dial("01061234567"));
    assert!(matches!(began, Ok(Done::Began(_))));
    desk.picks_up(AGENT);
    let mut customer = desk.picks_up(OUTSIDE);
    assert_eq!(desk.supervise(WHISPER), Ok(Done::Accepted));
    desk.picks_up(LEADER);
    assert_eq!(desk.ears().hears(0), legs(&[1, 2]), "the agent");
    assert_eq!(desk.ears().hears(1), legs(&[0]), "the customer");
    let taken = desk.about_call(agent("1009"), CallCommand::TakeOver);
    assert_eq!(taken, Ok(Done::Accepted));
    desk.is_sent_away(AGENT);
    desk.none(OUTSIDE, "BYE");
    assert_eq!(desk.ears().hears(1), legs(&[2]));
    desk.asks(&mut customer, Method::BYE, OUTSIDE, |_| {});
    desk.is_sent_away(LEADER);
    desk.nothing_is_left();
    assert!(desk.first_row().desk.supervisions.remove(0).took_over);
}

/// An agent who hangs up while the supervisor speaks with the caller leaves the caller to the
/// supervisor.
#[test]
fn a_supervisor_who_speaks_goes_on_alone() {
    let mut desk = floor();
    let mut talk = desk.talk();
    assert_eq!(desk.supervise(BARGE), Ok(Done::Accepted));
    desk.picks_up(LEADER);
    desk.asks(&mut talk.agent, Method::BYE, AGENT, |_| {});
    assert_eq!(desk.ears().hears(0), legs(&[2]));
    desk.ends(&mut talk, &[LEADER]);
}

/// A supervisor stays beside a call that is held, asked about and passed on.
#[test]
fn a_supervisor_stays_through_everything() {
    let mut desk = floor();
    let mut talk = desk.talk();
    assert_eq!(desk.supervise(LISTEN), Ok(Done::Accepted));
    desk.picks_up(LEADER);
    desk.does(CallCommand::PutOnHold { reason: None });
    assert_eq!(desk.ears().hears(2), legs(&[1]));
    desk.does(CallCommand::Retrieve);
    desk.does(CallCommand::Consult(PassTo::Agent("1002".into())));
    desk.picks_up(SECOND);
    assert_eq!(desk.ears().hears(2), legs(&[1, 3]));
    desk.does(CallCommand::CompleteConsult);
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(2), legs(&[0, 3]));
    assert_eq!(desk.ears().hears(0), legs(&[3]));
    desk.ends(&mut talk, &[SECOND, LEADER]);
}

/// R218, R066: a supervisor is beside the talk, and not beside the survey after it.
#[test]
fn a_supervisor_leaves_before_the_survey() {
    let mut desk = floor_with(|line| {
        line.flow.survey = Some(SurveyRules {
            prompt: Prompt {
                name: "survey.wav".to_owned(),
                sha256: "0".repeat(64),
                length_ms: 3_000,
            },
            wrong: None,
            scores: "12345".to_owned(),
            refuse: None,
            wait: seconds(10),
            repeats: 1,
            thanks: None,
            after_hang_up: false,
        });
    });
    let mut talk = desk.talk();
    assert_eq!(desk.supervise(BARGE), Ok(Done::Accepted));
    desk.picks_up(LEADER);
    desk.does(CallCommand::Release);
    desk.is_sent_away(AGENT);
    desk.is_sent_away(LEADER);
    let ears = desk.ears();
    assert_eq!(ears.hears(0), says("survey.wav"));
    assert_eq!(ears.sums, BTreeMap::new(), "nobody is mixed to the caller");
    desk.ends(&mut talk, &[]);
    let supervision = desk.first_row().desk.supervisions.remove(0);
    assert!(supervision.left_at.is_some());
}

/// Who was only beside a call has no work after it; who takes the caller over has.
#[test]
fn only_who_serves_the_caller_has_work_after_the_call() {
    let with_work_after = |settings: &mut Settings| {
        for line in &mut settings.lines {
            Arc::make_mut(line).wrap_up = seconds(30);
        }
    };
    for (takes_over, worked_after) in [(false, "1001"), (true, "1009")] {
        let mut desk = floor_of(with_work_after);
        let mut talk = desk.talk();
        desk.does(CallCommand::Consult(PassTo::Agent("1002".into())));
        desk.picks_up(SECOND);
        desk.does(CallCommand::CancelConsult);
        desk.is_sent_away(SECOND);
        assert_eq!(desk.supervise(LISTEN), Ok(Done::Accepted));
        desk.picks_up(LEADER);
        let (command, leaves) = if takes_over {
            (CallCommand::TakeOver, AGENT)
        } else {
            (CallCommand::StopSupervising, LEADER)
        };
        let answer = desk.about_call(agent("1009"), command);
        assert_eq!(answer, Ok(Done::Accepted));
        desk.is_sent_away(leaves);
        let last = if takes_over { LEADER } else { AGENT };
        desk.ends(&mut talk, &[last]);
        let has_work = |who: &str| desk.states(who).contains(&AgentState::WrapUp);
        assert!(has_work("1001") && has_work(worked_after));
        assert_eq!(has_work("1009"), takes_over);
        assert!(!has_work("1002"));
    }
}

/// What is said already of a call that goes on needs no time after it.
#[test]
fn a_call_that_is_wrapped_up_before_its_end_leaves_no_work() {
    for is_said in [true, false] {
        let mut desk = floor_of(|settings| {
            for line in &mut settings.lines {
                Arc::make_mut(line).wrap_up = seconds(30);
            }
        });
        let mut talk = desk.talk();
        if is_said {
            let said = Command::WrappedUp(desk.first_call());
            assert_eq!(desk.ask(agent("1001"), said), Ok(Done::Accepted));
        }
        desk.ends(&mut talk, &[AGENT]);
        let has_work = desk.states("1001").contains(&AgentState::WrapUp);
        assert_eq!(has_work, !is_said);
        let late = desk.ask(agent("1001"), Command::WrappedUp(desk.first_call()));
        assert_eq!(late, Err(Refused::NoSuchCall));
    }
}

/// A question of a colleague's that nobody answers is no call that was missed.
#[test]
fn who_does_not_answer_a_colleague_stays_in_the_queue() {
    let mut desk = floor_of(|settings| settings.desk.most_missed = Some(1));
    let mut talk = desk.talk();
    desk.does(CallCommand::Consult(PassTo::Agent("1002".into())));
    let invite = desk.request(SECOND, &Method::INVITE);
    desk.answers(&invite, 180, "rings", SECOND, |_| {});
    desk.passes(seconds(90));
    let cancel = desk.request(SECOND, &Method::CANCEL);
    desk.answers(&cancel, 200, "rings", SECOND, |_| {});
    desk.answers(&invite, 487, "rings", SECOND, |_| {});
    let states = desk.states("1002");
    assert_eq!(states.last(), Some(&AgentState::Ready), "{states:?}");
    desk.ends(&mut talk, &[AGENT]);
    // A caller whom the agent does not answer is.
    let invite = desk.invite();
    desk.hears(CALLER, invite);
    let rung = desk.request(AGENT, &Method::INVITE);
    desk.answers(&rung, 180, "rings", AGENT, |_| {});
    desk.passes(seconds(90));
    assert!(desk.states("1001").contains(&AgentState::Absent));
}

/// R067, R115: who takes no calls at the moment can be asked all the same; a trainee cannot, whom
/// the caller could be passed on to (R251).
#[test]
fn who_is_busy_can_be_asked() {
    let mut desk = floor_of(|settings| {
        for agent in &mut settings.agents {
            agent.is_trainee = agent.id.0 == "1002";
        }
    });
    let busy = AgentCommand::Busy { reason: None };
    let answer = desk.ask(user(), Command::Agent("1009".into(), busy));
    assert_eq!(answer, Ok(Done::Accepted));
    let mut talk = desk.talk();
    // Passed on without asking, the caller would be a disturbance.
    desk.does(CallCommand::Transfer(PassTo::Agent("1009".into())));
    desk.none(LEADER, "INVITE");
    desk.does(CallCommand::Consult(PassTo::Agent("1002".into())));
    desk.none(SECOND, "INVITE");
    desk.does(CallCommand::Escalate(Escalation::default()));
    desk.picks_up(LEADER);
    assert_eq!(desk.ears().hears(1), legs(&[2]));
    desk.does(CallCommand::CompleteConsult);
    desk.is_sent_away(AGENT);
    desk.ends(&mut talk, &[LEADER]);
}

/// R251, X18: a trainee may listen, and has the customer neither by picking up nor from a colleague.
#[test]
fn a_trainee_listens_and_gets_no_customer() {
    let mut desk = floor_of(|settings| {
        let last = settings.agents.last_mut().expect("an agent");
        last.is_trainee = true;
    });
    let mut talk = desk.talk();
    assert_eq!(desk.supervise(BARGE), Err(Refused::Forbidden));
    assert_eq!(desk.supervise(LISTEN), Ok(Done::Accepted));
    desk.picks_up(LEADER);
    for command in [CallCommand::TurnSupervision(BARGE), CallCommand::TakeOver] {
        let answer = desk.about_call(agent("1009"), command);
        assert_eq!(answer, Err(Refused::Forbidden));
    }
    let whisper = CallCommand::TurnSupervision(WHISPER);
    let answer = desk.about_call(agent("1009"), whisper);
    assert_eq!(answer, Ok(Done::Accepted));
    let stop = desk.about_call(agent("1009"), CallCommand::StopSupervising);
    assert_eq!(stop, Ok(Done::Accepted));
    desk.is_sent_away(LEADER);
    desk.does(CallCommand::Park);
    desk.is_sent_away(AGENT);
    let call = desk.first_call();
    let fetched = desk.ask(agent("1009"), Command::PickUp(call));
    assert_eq!(fetched, Err(Refused::Forbidden));
    desk.none(LEADER, "INVITE");
    desk.ends(&mut talk, &[]);
}

/// What an agent has dialled and rings outside is nobody else's.
#[test]
fn a_call_that_rings_outside_is_not_picked_up() {
    let mut desk = floor();
    let Ok(Done::Began(call)) = desk.ask(agent("1001"), dial("01061234567")) else {
        panic!("no call began");
    };
    desk.picks_up(AGENT);
    let invite = desk.request(OUTSIDE, &Method::INVITE);
    desk.answers(&invite, 180, "them", OUTSIDE, |_| {});
    let picked_up = desk.ask(agent("1002"), Command::PickUp(call));
    assert_eq!(picked_up, Err(Refused::WrongState));
    desk.none(SECOND, "INVITE");
}

/// R067: one key: the shift leader is asked, while the caller waits, and it is on the row.
#[test]
fn one_key_asks_the_shift_leader() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.attentions();
    desk.does(CallCommand::Escalate(Escalation::default()));
    let escalated = Attention::Escalated {
        agent: "1001".into(),
        to: Some("1009".into()),
        level: Some(Level::ShiftLeader),
        urgent: false,
        skipped: Vec::new(),
    };
    assert_eq!(desk.attentions(), [escalated]);
    desk.picks_up(LEADER);
    desk.does(CallCommand::JoinThree);
    assert_eq!(desk.ears().hears(0), legs(&[1, 2]));
    desk.ends(&mut talk, &[AGENT, LEADER]);
    assert!(desk.first_row().desk.escalated);
    // A line without a leader tells the desk.
    let mut desk = floor_with(|line| line.manners.shift_leader = None);
    let mut talk = desk.talk();
    desk.does(CallCommand::Escalate(Escalation::default()));
    desk.none(LEADER, "INVITE");
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    desk.ends(&mut talk, &[AGENT]);
}

/// A call that rings at a colleague's phone is answered by another agent (代接).
#[test]
fn a_colleagues_call_is_picked_up() {
    let mut desk = floor();
    let invite = desk.invite();
    desk.hears(CALLER, invite.clone());
    let rung = desk.request(AGENT, &Method::INVITE);
    desk.answers(&rung, 180, "agent", AGENT, |_| {});
    let call = desk.first_call();
    assert_eq!(
        desk.ask(user(), Command::PickUp(call)),
        Err(Refused::NoSuchAgent)
    );
    assert_eq!(
        desk.ask(agent("1002"), Command::PickUp(call)),
        Ok(Done::Accepted)
    );
    desk.picks_up(SECOND);
    let cancel = desk.request(AGENT, &Method::CANCEL);
    desk.answers(&cancel, 200, "agent", AGENT, |_| {});
    desk.answers(&rung, 487, "agent", AGENT, |_| {});
    let ok = desk.response(CALLER, 200);
    let mut caller = Dialog::uac(&invite, &ok);
    desk.acks(&caller, 1, CALLER);
    let again = desk.ask(agent("1009"), Command::PickUp(call));
    assert_eq!(again, Err(Refused::WrongState));
    desk.asks(&mut caller, Method::BYE, CALLER, |_| {});
    desk.is_sent_away(SECOND);
    desk.nothing_is_left();
    let row = desk.first_row();
    assert_eq!(row.answered_by, Some("1002".into()));
    assert_eq!(row.desk.picked_up_by, [AgentId::from("1002")]);
}

/// A parked call waits with music; whoever fetches it has it.
#[test]
fn a_parked_call_is_fetched() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.does(CallCommand::Park);
    desk.is_sent_away(AGENT);
    assert_eq!(desk.ears().hears(0), music());
    let call = desk.first_call();
    assert_eq!(
        desk.ask(agent("1002"), Command::PickUp(call)),
        Ok(Done::Accepted)
    );
    let invite = desk.request(SECOND, &Method::INVITE);
    desk.answers(&invite, 486, "busy", SECOND, |_| {});
    assert_eq!(desk.ears().hears(0), music());
    assert_eq!(
        desk.ask(agent("1009"), Command::PickUp(call)),
        Ok(Done::Accepted)
    );
    desk.picks_up(LEADER);
    assert_eq!(desk.ears().hears(0), legs(&[3]));
    desk.passes(seconds(120));
    desk.none(AGENT, "INVITE");
    desk.ends(&mut talk, &[LEADER]);
}

/// A parked call that nobody fetches goes back to who parked it, and then to the line.
#[test]
fn a_parked_call_that_nobody_fetches_goes_back() {
    let mut desk = floor();
    let mut talk = desk.talk();
    desk.does(CallCommand::Park);
    desk.is_sent_away(AGENT);
    desk.passes(seconds(60));
    assert_eq!(desk.ears().hears(0), RINGBACK);
    let invite = desk.request(AGENT, &Method::INVITE);
    desk.answers(&invite, 486, "busy", AGENT, |_| {});
    // The line's agents: the same one, later.
    desk.picks_up(AGENT);
    let back = desk.ears().opened.len() - 1;
    assert_eq!(desk.ears().hears(0), legs(&[back]));
    desk.ends(&mut talk, &[AGENT]);
    assert_eq!(desk.first_row().desk.parks, 1);
}

/// R050, R051: a private call has its reason, is warned of before its bound and ended by it.
#[test]
fn a_private_call_is_bounded() {
    let mut desk = floor_with(|line| line.manners.private_calls = PrivateCalls::End);
    let _talk = desk.talk();
    let private = |reason: &str| CallCommand::MarkPrivate {
        reason: reason.to_owned(),
    };
    let without = desk.about_call(agent("1001"), private(" "));
    assert_eq!(without, Err(Refused::ReasonWanted));
    desk.does(private("the child is ill"));
    desk.attentions();
    desk.passes(seconds(150));
    let is_over = false;
    assert_eq!(desk.attentions(), [Attention::PrivateIsLong { is_over }]);
    desk.none(CALLER, "BYE");
    desk.passes(seconds(30));
    for peer in [CALLER, AGENT] {
        desk.is_sent_away(peer);
    }
    desk.nothing_is_left();
    let row = desk.first_row();
    assert!(row.desk.private.is_some_and(|private| private.is_over));
    assert_eq!(row.desk.hang_up_reason, Some(HangUpReason::PrivateCall));
    assert!(!row.agent_first);
}

/// R050: the bound is the agent's who has said that the call is private, and not a colleague's who
/// goes on with it.
#[test]
fn a_private_call_is_so_for_its_agent_only() {
    let mut desk = floor_with(|line| line.manners.private_calls = PrivateCalls::End);
    let mut talk = desk.talk();
    let reason = "the child is ill".to_owned();
    desk.does(CallCommand::MarkPrivate { reason });
    desk.does(CallCommand::Transfer(PassTo::Agent("1002".into())));
    desk.picks_up(SECOND);
    desk.is_sent_away(AGENT);
    desk.attentions();
    desk.passes(seconds(300));
    assert_eq!(desk.attentions(), []);
    desk.none(CALLER, "BYE");
    let reason = "my own child".to_owned();
    let private = CallCommand::MarkPrivate { reason };
    assert_eq!(
        desk.about_call(agent("1002"), private),
        Ok(Done::Accepted),
        "another agent, another private call"
    );
    desk.ends(&mut talk, &[SECOND]);
}

/// R049: by default there are none.
#[test]
fn private_calls_are_forbidden_by_default() {
    let mut desk = floor();
    let mut talk = desk.talk();
    let private = CallCommand::MarkPrivate {
        reason: "urgent".to_owned(),
    };
    let answer = desk.about_call(agent("1001"), private);
    assert_eq!(answer, Err(Refused::Forbidden));
    desk.ends(&mut talk, &[AGENT]);
}

/// R047: a caller of whom nothing comes is warned, and then the system ends the call; one who is
/// heard again is not.
#[test]
fn a_silent_call_is_ended_by_the_system() {
    for is_heard_again in [false, true] {
        let mut desk = floor_with(|line| {
            line.manners.silent_end = Some(seconds(20));
            line.manners.silent_warning = Some("hello.wav".to_owned());
        });
        let mut talk = desk.talk();
        let leg = desk.ears().opened.first().copied().expect("a leg");
        let one_way = true;
        desk.tells(Input::Media(MediaEvent::FellSilent { leg, one_way }));
        desk.passes(seconds(20));
        assert_eq!(desk.ears().hears(0), says("hello.wav"));
        if is_heard_again {
            let silent_ms = 23_000;
            desk.tells(Input::Media(MediaEvent::HeardAgain { leg, silent_ms }));
            desk.passes(seconds(60));
            desk.none(CALLER, "BYE");
            desk.ends(&mut talk, &[AGENT]);
            continue;
        }
        desk.none(CALLER, "BYE");
        desk.passes(seconds(20));
        for peer in [CALLER, AGENT] {
            desk.is_sent_away(peer);
        }
        desk.nothing_is_left();
        let row = desk.first_row();
        assert_eq!(row.desk.hang_up_reason, Some(HangUpReason::SilentCall));
        assert!(row.desk.silence_warned && !row.agent_first);
    }
}

/// R047: a caller whose phone sends nothing but silence is silent, too, until the first word; who has
/// said one and then listens is not.
#[test]
fn a_caller_who_never_says_a_word_is_silent_though_packets_come() {
    for speaks in [false, true] {
        let mut desk = floor_with(|line| line.manners.silent_end = Some(seconds(20)));
        let mut talk = desk.talk();
        let leg = desk.ears().opened.first().copied().expect("a leg");
        let is_heeded = desk.orders.iter().any(|order| {
            matches!(order, MediaCommand::Heed { leg: heeded, is_first_word: true, .. }
                if *heeded == leg)
        });
        assert!(is_heeded, "{:?}", desk.orders);
        desk.tells(Input::Media(MediaEvent::FellQuiet { leg }));
        // That packets come again is no word.
        let silent_ms = 3_000;
        desk.tells(Input::Media(MediaEvent::HeardAgain { leg, silent_ms }));
        if speaks {
            desk.passes(seconds(19));
            desk.tells(Input::Media(MediaEvent::Spoke { leg }));
            desk.tells(Input::Media(MediaEvent::FellQuiet { leg }));
            desk.passes(seconds(60));
            desk.none(CALLER, "BYE");
            desk.ends(&mut talk, &[AGENT]);
            continue;
        }
        desk.passes(seconds(40));
        for peer in [CALLER, AGENT] {
            desk.is_sent_away(peer);
        }
        desk.nothing_is_left();
        let reason = desk.first_row().desk.hang_up_reason;
        assert_eq!(reason, Some(HangUpReason::SilentCall));
    }
}

/// R047: a line that does not end silent calls listens to nobody.
#[test]
fn nobody_is_listened_to_without_a_rule_for_silent_calls() {
    let mut desk = floor();
    let mut talk = desk.talk();
    let heeds = |order: &MediaCommand| matches!(order, MediaCommand::Heed { .. });
    assert!(!desk.orders.iter().any(heeds));
    desk.ends(&mut talk, &[AGENT]);
}

/// R047: a caller who is heard again while the call is parked, or who was silent with another agent,
/// is not hung up on.
#[test]
fn a_caller_who_was_silent_before_is_not_hung_up_on() {
    for is_heard in [true, false] {
        let mut desk = floor_with(|line| line.manners.silent_end = Some(seconds(20)));
        let mut talk = desk.talk();
        let leg = desk.ears().opened.first().copied().expect("a leg");
        let one_way = true;
        desk.tells(Input::Media(MediaEvent::FellSilent { leg, one_way }));
        desk.does(CallCommand::Park);
        desk.is_sent_away(AGENT);
        if is_heard {
            let silent_ms = 9_000;
            desk.tells(Input::Media(MediaEvent::HeardAgain { leg, silent_ms }));
        }
        let call = desk.first_call();
        let fetched = desk.ask(agent("1009"), Command::PickUp(call));
        assert_eq!(fetched, Ok(Done::Accepted));
        desk.picks_up(LEADER);
        desk.passes(seconds(60));
        desk.none(CALLER, "BYE");
        desk.ends(&mut talk, &[LEADER]);
    }
}

fn dial(number: &str) -> Command {
    Command::Dial {
        number: number.to_owned(),
        record: "case-7".to_owned(),
    }
}

/// R042: a click rings the agent's phone, then the number, by the policy for what the phone dials;
/// then the call is one that the agent has made.
#[test]
fn a_click_rings_the_agent_and_then_the_number() {
    let mut desk = floor();
    let Ok(Done::Began(call)) = desk.ask(agent("1001"), dial("01061234567")) else {
        panic!("no call began");
    };
    desk.none(OUTSIDE, "INVITE");
    let mut own = desk.picks_up(AGENT);
    assert_eq!(desk.first_call(), call);
    let invite = desk.request(OUTSIDE, &Method::INVITE);
    desk.answers(&invite, 180, "them", OUTSIDE, |_| {});
    assert_eq!(desk.ears().hears(0), RINGBACK);
    desk.answers(&invite, 200, "them", OUTSIDE, |_| {});
    assert_eq!(desk.ears().hears(0), legs(&[1]));
    assert_eq!(desk.ears().hears(1), legs(&[0]));
    // The customer is who waits.
    desk.does(CallCommand::PutOnHold { reason: None });
    assert_eq!(desk.ears().hears(1), WAITING_TONE);
    desk.does(CallCommand::Retrieve);
    assert_eq!(desk.ears().hears(1), legs(&[0]));
    desk.asks(&mut own, Method::BYE, AGENT, |_| {});
    desk.is_sent_away(OUTSIDE);
    desk.nothing_is_left();
    let row = desk.first_row();
    let direction = serde_json::to_value(row.direction).expect("JSON");
    assert_eq!(direction, "out");
    assert_eq!(row.desk.dialled_from.as_deref(), Some("case-7"));
    assert_eq!(row.outbound.len(), 1);
    assert!(row.callee.is_some() && row.answered_at.is_some());
    assert!(!row.dialled.contains("61234567"), "{}", row.dialled);
}

/// R049, R052: what policy forbids is not rung for, and its refusal has a row; what is no number at all
/// has none.
#[test]
fn a_click_on_a_forbidden_number_is_refused_with_a_row() {
    let mut desk = floor();
    let answer = desk.ask(agent("1001"), dial("02161234567"));
    assert_eq!(answer, Err(Refused::Forbidden));
    desk.none(AGENT, "INVITE");
    desk.nothing_is_left();
    let row = desk.first_row();
    assert!(row.outbound.iter().any(|it| it.refused.is_some()));
    // R052: and what is denied, whatever else is allowed.
    let answer = desk.ask(agent("1001"), dial("01081234567"));
    assert_eq!(answer, Err(Refused::Forbidden));
    let denied = |kind: &EventKind| {
        let denied = Some(OutboundRefusal::Denied);
        matches!(kind, EventKind::OutboundDecided { decision } if decision.refused == denied)
    };
    assert!(CallLog(desk.events().to_vec()).has(denied));
    let count = desk.events().len();
    for number in ["", "sip:x", "1001", "4001234567"] {
        let answer = desk.ask(agent("1001"), dial(number));
        assert_eq!(answer, Err(Refused::Unusable), "{number}");
    }
    assert_eq!(
        desk.ask(user(), dial("01061234567")),
        Err(Refused::NoSuchAgent)
    );
    assert_eq!(desk.events().len(), count);
    desk.nothing_is_left();
}

/// R042: a colleague who is busy cannot be rung now, which is no matter of policy; whoever asked is
/// free at once.
#[test]
fn a_click_on_a_busy_colleague_is_not_called_forbidden() {
    let mut desk = floor();
    assert!(desk.ask(agent("1002"), dial("1009")).is_ok());
    let invite = desk.request(SECOND, &Method::INVITE);
    let answer = desk.ask(agent("1001"), dial("1002"));
    assert_eq!(answer, Err(Refused::Unavailable));
    desk.none(AGENT, "INVITE");
    assert!(desk.ask(agent("1001"), dial("01061234567")).is_ok());
    let own = desk.request(AGENT, &Method::INVITE);
    for (invite, peer) in [(invite, SECOND), (own, AGENT)] {
        desk.answers(&invite, 486, "busy", peer, |_| {});
    }
    desk.nothing_is_left();
}

/// R042: whom a click is for is rung once the agent has answered, and has no call until then: one agent,
/// one call, whoever is first.
#[test]
fn a_colleague_is_free_while_the_phone_of_whoever_clicked_still_rings() {
    let mut desk = floor();
    assert!(desk.ask(agent("1001"), dial("1002")).is_ok());
    desk.none(SECOND, "INVITE");
    // Somebody else is quicker.
    assert!(desk.ask(agent("1009"), dial("1002")).is_ok());
    let mut quick = desk.picks_up(LEADER);
    let rung = desk.request(SECOND, &Method::INVITE);
    desk.answers(&rung, 200, "second", SECOND, |_| {});
    // Who answers then finds the colleague in a call, and is let go.
    desk.picks_up(AGENT);
    desk.none(SECOND, "INVITE");
    desk.is_sent_away(AGENT);
    desk.asks(&mut quick, Method::BYE, LEADER, |_| {});
    desk.is_sent_away(SECOND);
    desk.nothing_is_left();
}

/// R042: the agent's phone refuses, or the number does: both are told of, and nothing is left.
#[test]
fn a_click_in_vain_ends_by_itself() {
    let mut desk = floor();
    assert!(desk.ask(agent("1001"), dial("01061234567")).is_ok());
    let invite = desk.request(AGENT, &Method::INVITE);
    desk.answers(&invite, 486, "busy", AGENT, |_| {});
    desk.none(OUTSIDE, "INVITE");
    desk.nothing_is_left();
    let mut desk = floor();
    assert!(desk.ask(agent("1001"), dial("01061234567")).is_ok());
    let twice = desk.ask(agent("1001"), dial("01061234568"));
    assert_eq!(twice, Err(Refused::WrongState));
    desk.picks_up(AGENT);
    let invite = desk.request(OUTSIDE, &Method::INVITE);
    desk.answers(&invite, 486, "busy", OUTSIDE, |_| {});
    desk.is_sent_away(AGENT);
    desk.nothing_is_left();
    let outcome = serde_json::to_value(desk.first_row().outcome).expect("JSON");
    assert_eq!(outcome, "not_reached");
}

/// R042: an agent who hangs up before the number answers takes it back.
#[test]
fn a_click_is_taken_back() {
    let mut desk = floor();
    assert!(desk.ask(agent("1001"), dial("01061234567")).is_ok());
    let mut own = desk.picks_up(AGENT);
    let invite = desk.request(OUTSIDE, &Method::INVITE);
    desk.answers(&invite, 180, "them", OUTSIDE, |_| {});
    desk.asks(&mut own, Method::BYE, AGENT, |_| {});
    let cancel = desk.request(OUTSIDE, &Method::CANCEL);
    desk.answers(&cancel, 200, "them", OUTSIDE, |_| {});
    desk.answers(&invite, 487, "them", OUTSIDE, |_| {});
    desk.nothing_is_left();
}
