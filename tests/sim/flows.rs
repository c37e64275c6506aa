//! Dialogues of a caller with the system: after hours, messages, greetings, menus, surveys, queues
//! and lines that are switched, message by message.

mod greeting;
mod menu;
mod messages;
mod survey;
mod switched;
mod waiting;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use thirdring::call::command::{Actor, CallCommand, Done, Refused, Ticket};
use thirdring::call::event::{
    EventKind, HangupParty, KeyResult, MessageEnding, Origin, Outcome, SurveyCause, SurveyResult,
};
use thirdring::call::flow::{Flow, Greeting, Menu, MessageRules, Step, SurveyRules, WaitingSound};
use thirdring::call::media::{Audio, MediaCommand, MediaEvent, MediaLeg, PlayId};
use thirdring::call::{Line, Prompt};
use thirdring::id::{AgentId, LineId};
use thirdring::queue::AgentCommand;
use thirdring::rules::{Calendar, Hours};
use thirdring::sip::dialog::Dialog;
use thirdring::sip::{Method, Request};
use thirdring::switch::{
    AgentSettings, Command, Diversion, Input, LineCommand, LineSettings, LineSwitch, NumberPattern,
    Settings,
};

use crate::desk::{AGENT, CALLER, Desk, OUTSIDE, Talk, sdp};
use crate::world::at;

/// Another agent's phone.
const OTHER: std::net::SocketAddr = at(102, 5060);

fn prompt(name: &str) -> Prompt {
    Prompt {
        name: name.to_owned(),
        sha256: "0".repeat(64),
        length_ms: 3_000,
    }
}

fn announce(name: &str) -> Step {
    Step::Announce(prompt(name))
}

/// Changes the line, and adds another one, `sales`, whose agent 1002 is elsewhere.
fn settings(settings: &mut Settings, change: impl FnOnce(&mut Line)) {
    let first = settings.lines.first_mut().expect("a line");
    let mut line = (**first).clone();
    line.agents = vec![AgentId::from("1001")];
    let sales = Line {
        id: LineId::from("sales"),
        ..(*line.line).clone()
    };
    change(Arc::make_mut(&mut line.line));
    *first = Arc::new(line.clone());
    settings.lines.push(Arc::new(LineSettings {
        line: Arc::new(sales),
        numbers: vec![NumberPattern::Exact("4007654321".to_owned())],
        agents: vec![AgentId::from("1002")],
        ..line
    }));
    let agent = settings.agents.first().expect("an agent").clone();
    settings.agents.push(AgentSettings {
        id: AgentId::from("1002"),
        contact: Some(OTHER.into()),
        ..agent
    });
}

fn desk(change: impl FnOnce(&mut Line)) -> Desk {
    Desk::with(|all| settings(all, change))
}

/// The line is staffed in these hours. The tests begin on a Saturday at 8 in the morning.
fn with_hours(all: &mut Settings, hours: &str) {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").expect("a zone");
    let hours = [hours.parse().expect("hours")];
    let office = Calendar::new(zone, &hours, true, false);
    all.calendars = BTreeMap::from([("office".to_owned(), office)]);
}

/// What is being played to the caller.
fn playing(desk: &Desk) -> Option<(MediaLeg, PlayId, Audio)> {
    let caller = caller_leg(desk);
    let mut orders = desk.orders.iter().rev();
    let last = orders.find(|order| {
        matches!(order, MediaCommand::Play { leg, .. } | MediaCommand::StopPlay { leg } if *leg == caller)
    });
    if let Some(MediaCommand::Play { leg, play, audio }) = last {
        Some((*leg, *play, audio.clone()))
    } else {
        None
    }
}

fn caller_leg(desk: &Desk) -> MediaLeg {
    let mut orders = desk.orders.iter();
    let leg = orders.find_map(|order| {
        if let MediaCommand::Open { leg, .. } = order {
            Some(*leg)
        } else {
            None
        }
    });
    leg.expect("the caller's leg")
}

/// The caller hears this to its end.
fn hears_out(desk: &mut Desk, audio: &Audio) {
    let (leg, play, what) = playing(desk).expect("something is played");
    assert_eq!(what, *audio);
    desk.passes(Duration::from_secs(3));
    desk.tells(Input::Media(MediaEvent::Played {
        leg,
        play,
        heard_ms: 3_000,
        complete: true,
    }));
}

fn hears_prompt(desk: &mut Desk, name: &str) {
    hears_out(desk, &Audio::Prompt(name.to_owned()));
}

fn plays(desk: &Desk, name: &str) -> bool {
    playing(desk).is_some_and(|(_, _, audio)| audio == Audio::Prompt(name.to_owned()))
}

fn presses(desk: &mut Desk, digit: char) {
    let leg = caller_leg(desk);
    desk.tells(Input::Media(MediaEvent::KeyPressed {
        leg,
        digit,
        held_ms: 100,
    }));
}

/// The caller dials, and the system answers.
fn is_picked_up(desk: &mut Desk) -> Dialog {
    let invite = dials(desk);
    confirms(desk, &invite)
}

fn dials(desk: &mut Desk) -> Request {
    let invite = desk.invite();
    desk.hears(CALLER, invite.clone());
    invite
}

fn confirms(desk: &mut Desk, invite: &Request) -> Dialog {
    let ok = desk.response(CALLER, 200);
    let dialog = Dialog::uac(invite, &ok);
    desk.acks(&dialog, 1, CALLER);
    dialog
}

/// The caller hangs up.
fn leaves(desk: &mut Desk, dialog: &mut Dialog) {
    desk.asks(dialog, Method::BYE, CALLER, |_| {});
    desk.response(CALLER, 200);
}

/// The system hangs up.
fn is_let_go(desk: &mut Desk) {
    let bye = desk.request(CALLER, &Method::BYE);
    desk.answers(&bye, 200, "caller", CALLER, |_| {});
}

/// An agent's phone rings, and is answered; the agent's dialog.
fn is_answered(desk: &mut Desk, phone: std::net::SocketAddr, after: Duration) -> Dialog {
    let offered = desk.request(phone, &Method::INVITE);
    desk.answers(&offered, 180, "agent", phone, |_| {});
    desk.passes(after);
    desk.answers(&offered, 200, "agent", phone, |response| {
        response.set_body("application/sdp", sdp(phone, "sendrecv"));
    });
    let mut agent = Dialog::uas(&offered, "agent");
    agent.confirm();
    agent
}

fn kinds(desk: &Desk) -> Vec<EventKind> {
    let log = desk.only_call().0;
    log.into_iter().map(|event| event.kind).collect()
}

fn said(desk: &Desk) -> Vec<String> {
    let kinds = kinds(desk).into_iter();
    let said = kinds.filter_map(|kind| {
        if let EventKind::Prompted(prompted) = kind {
            Some(prompted.file)
        } else {
            None
        }
    });
    said.collect()
}

/// The recorder's orders, in order.
fn recorder(desk: &Desk) -> Vec<&'static str> {
    let told = desk.orders.iter().filter_map(|order| {
        if let MediaCommand::SilenceRecording { silent, .. } = order {
            Some(if *silent { "silence" } else { "audio" })
        } else if matches!(order, MediaCommand::StartRecording { .. }) {
            Some("start")
        } else if matches!(order, MediaCommand::CloseRecording { .. }) {
            Some("close")
        } else {
            None
        }
    });
    told.collect()
}

/// The agent's phone rings for so long in vain.
fn rings_in_vain(desk: &mut Desk, wait: Duration) {
    let offered = desk.request(AGENT, &Method::INVITE);
    desk.answers(&offered, 180, "agent", AGENT, |_| {});
    desk.passes(wait);
    let cancel = desk.request(AGENT, &Method::CANCEL);
    desk.answers(&cancel, 200, "agent", AGENT, |_| {});
    desk.answers(&offered, 487, "agent", AGENT, |_| {});
}

fn ringing_tone() -> Audio {
    Audio::Ringback {
        on_ms: 1_000,
        off_ms: 4_000,
    }
}
