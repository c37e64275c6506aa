//! Dialogues of a caller with the system: after hours, messages, greetings, menus, surveys, queues
//! and lines that are switched, message by message.

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

fn message() -> MessageRules {
    MessageRules {
        prompt: prompt("leave-a-message.wav"),
        longest: Duration::from_mins(3),
        silence: Duration::from_secs(10),
        thanks: Some(prompt("thanks.wav")),
    }
}

fn survey() -> SurveyRules {
    SurveyRules {
        prompt: prompt("survey.wav"),
        wrong: Some(prompt("wrong-key.wav")),
        scores: "12345".to_owned(),
        refuse: Some('0'),
        wait: Duration::from_secs(10),
        repeats: 2,
        thanks: None,
        after_hang_up: true,
    }
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

fn after_hours(line: &mut Line) {
    line.flow = Flow {
        calendar: Some("office".to_owned()),
        after_hours: Some([announce("closed.wav"), Step::Message].into()),
        message: Some(message()),
        ..Flow::default()
    };
}

/// R016, R017, R186: outside the hours the call is taken all the same: an announcement, a message in
/// the call's own recording, and no phone rings. An announcement is no answer by a person.
#[test]
fn after_hours_the_caller_leaves_a_message() {
    let mut desk = Desk::with(|all| {
        settings(all, after_hours);
        with_hours(all, "mon-fri 09:00-18:00");
    });
    is_picked_up(&mut desk);
    desk.none(CALLER, "180");
    hears_prompt(&mut desk, "closed.wav");
    hears_prompt(&mut desk, "leave-a-message.wav");
    hears_out(&mut desk, &Audio::Beep);
    desk.passes(Duration::from_secs(20));
    presses(&mut desk, '5');
    assert!(!plays(&desk, "thanks.wav"), "another key is no end");
    presses(&mut desk, '#');
    hears_prompt(&mut desk, "thanks.wav");
    is_let_go(&mut desk);

    let call = desk.only_call();
    assert_eq!(call.outcome(), Some(Outcome::Message));
    assert!(!call.has(|kind| matches!(kind, EventKind::Answered { .. })));
    assert!(!call.has(|kind| matches!(kind, EventKind::Offered { .. })));
    let stamped = |kind: &EventKind| {
        matches!(kind, EventKind::HoursStamped(hours)
            if !hours.in_hours && hours.calendar == "office" && hours.holiday.is_none())
    };
    assert!(call.has(stamped));
    let ended = kinds(&desk).into_iter().find_map(|kind| {
        if let EventKind::MessageEnded(ended) = kind {
            Some(ended)
        } else {
            None
        }
    });
    let ended = ended.expect("a message");
    assert_eq!((ended.start_ms, ended.length_ms), (9_000, 20_000));
    assert_eq!(ended.ended_by, MessageEnding::Key);
    assert_eq!(recorder(&desk), ["start", "close"]);
    desk.none(AGENT, "INVITE");
    desk.nothing_is_left();
}

/// R016: the control: in hours the same line rings its agents, and the call is stamped so.
#[test]
fn in_hours_the_same_line_rings() {
    let mut desk = Desk::with(|all| {
        settings(all, after_hours);
        with_hours(all, "sat 08:00-09:00");
    });
    let invite = dials(&mut desk);
    let mut agent = is_answered(&mut desk, AGENT, Duration::from_secs(2));
    confirms(&mut desk, &invite);
    let in_hours = |kind: &EventKind| matches!(kind, EventKind::HoursStamped(it) if it.in_hours);
    assert!(desk.only_call().has(in_hours));
    desk.asks(&mut agent, Method::BYE, AGENT, |_| {});
    is_let_go(&mut desk);
    assert_eq!(desk.only_call().outcome(), Some(Outcome::Answered));
    desk.nothing_is_left();
}

/// R186: a message is over when the caller says nothing any more, though packets come; the silence is
/// no part of it, and who has said nothing at all has left none.
#[test]
fn a_message_ends_when_nothing_is_said_any_more() {
    for (after, outcome) in [(30, Outcome::Message), (10, Outcome::NoAgent)] {
        let mut desk = desk(|line| {
            line.max_preanswer = Duration::from_secs(2);
            line.flow.unanswered = [Step::Message].into();
            line.flow.message = Some(message());
        });
        let invite = dials(&mut desk);
        desk.passes(Duration::from_secs(2));
        confirms(&mut desk, &invite);
        hears_prompt(&mut desk, "leave-a-message.wav");
        hears_out(&mut desk, &Audio::Beep);
        let heeded = desk.orders.iter().find_map(|order| {
            let MediaCommand::Heed {
                leg, quiet_after, ..
            } = order
            else {
                return None;
            };
            Some((*leg, *quiet_after))
        });
        let (leg, quiet_after) = heeded.expect("somebody listens");
        assert_eq!(quiet_after, Duration::from_secs(10));
        desk.passes(Duration::from_secs(after));
        desk.tells(Input::Media(MediaEvent::FellQuiet { leg }));
        hears_prompt(&mut desk, "thanks.wav");
        is_let_go(&mut desk);
        let call = desk.only_call();
        assert_eq!(call.outcome(), Some(outcome));
        let is_ended = |kind: &EventKind| {
            matches!(kind, EventKind::MessageEnded(ended)
                if ended.ended_by == MessageEnding::Silence
                    && ended.length_ms == (after - 10) * 1000)
        };
        assert!(call.has(is_ended));
        desk.nothing_is_left();
    }
}

/// R186: a message ends by hanging up, and is cut where it is too long; who hangs up at once has
/// left none.
#[test]
fn a_message_ends_by_hanging_up_or_when_it_is_long_enough() {
    for (length, outcome, ending) in [
        (
            Duration::from_secs(30),
            Outcome::Message,
            MessageEnding::CallerLeft,
        ),
        (
            Duration::from_millis(400),
            Outcome::Abandoned,
            MessageEnding::CallerLeft,
        ),
        (
            Duration::from_mins(3),
            Outcome::Message,
            MessageEnding::Longest,
        ),
    ] {
        let mut desk = desk(|line| {
            line.max_preanswer = Duration::from_secs(2);
            line.flow.unanswered = [Step::Message].into();
            line.flow.message = Some(MessageRules {
                thanks: None,
                ..message()
            });
        });
        let invite = dials(&mut desk);
        desk.passes(Duration::from_secs(2));
        let mut caller = confirms(&mut desk, &invite);
        hears_prompt(&mut desk, "leave-a-message.wav");
        hears_out(&mut desk, &Audio::Beep);
        desk.passes(length);
        if ending == MessageEnding::Longest {
            is_let_go(&mut desk);
        } else {
            leaves(&mut desk, &mut caller);
        }
        assert_eq!(desk.only_call().outcome(), Some(outcome));
        let ended = |kind: &EventKind| {
            matches!(kind, EventKind::MessageEnded(ended) if ended.ended_by == ending
                && u128::from(ended.length_ms) == length.as_millis())
        };
        assert!(desk.only_call().has(ended), "{:#?}", kinds(&desk));
        desk.nothing_is_left();
    }
}

/// R190: where capture begins after the notice, nothing of a message's prompt is on the recording,
/// and a caller who did not hear it is not recorded.
#[test]
fn a_message_is_recorded_from_when_the_caller_knows() {
    for told in [true, false] {
        let mut desk = desk(|line| {
            line.max_preanswer = Duration::from_secs(2);
            line.capture_after_notice = true;
            line.notice = Some(prompt("notice.wav"));
            line.flow.unanswered = [Step::Message].into();
            line.flow.message = Some(message());
        });
        let invite = dials(&mut desk);
        desk.passes(Duration::from_secs(2));
        let mut caller = confirms(&mut desk, &invite);
        let (leg, play, _) = playing(&desk).expect("the prompt");
        desk.tells(Input::Media(MediaEvent::Played {
            leg,
            play,
            heard_ms: 1_000,
            complete: told,
        }));
        if told {
            assert_eq!(recorder(&desk), ["start", "silence", "audio"]);
            leaves(&mut desk, &mut caller);
        } else {
            assert_eq!(recorder(&desk), ["start", "silence", "close"]);
            is_let_go(&mut desk);
        }
        let started = |kind: &EventKind| matches!(kind, EventKind::MessageStarted { .. });
        assert!(!desk.only_call().has(started), "the tone has not sounded");
        desk.nothing_is_left();
    }
}

/// R017: an agent on call is rung first; only who is not answered there leaves a message.
#[test]
fn after_hours_the_agent_on_call_is_rung() {
    let on_call = LineId::from("hotline/after_hours-1");
    for answers in [true, false] {
        let mut desk = Desk::with(|all| {
            settings(all, |line| {
                after_hours(line);
                line.flow.after_hours = Some([Step::Line(on_call.clone())].into());
            });
            with_hours(all, "mon-fri 09:00-18:00");
            let own = all.lines.first().expect("the line").clone();
            let mut post = (*own.line).clone();
            post.id = on_call.clone();
            post.max_preanswer = Duration::from_secs(10);
            post.flow = Flow {
                unanswered: [Step::Message].into(),
                message: Some(message()),
                ..Flow::default()
            };
            all.lines.push(Arc::new(LineSettings {
                line: Arc::new(post),
                numbers: Vec::new(),
                agents: vec![AgentId::from("1002")],
                ..(*own).clone()
            }));
        });
        let invite = dials(&mut desk);
        desk.none(AGENT, "INVITE");
        if answers {
            is_answered(&mut desk, OTHER, Duration::from_secs(3));
            let mut caller = confirms(&mut desk, &invite);
            leaves(&mut desk, &mut caller);
            let bye = desk.request(OTHER, &Method::BYE);
            desk.answers(&bye, 200, "agent", OTHER, |_| {});
            assert_eq!(desk.only_call().outcome(), Some(Outcome::Answered));
        } else {
            let offered = desk.request(OTHER, &Method::INVITE);
            desk.answers(&offered, 486, "agent", OTHER, |_| {});
            desk.passes(Duration::from_secs(10));
            let mut caller = confirms(&mut desk, &invite);
            assert!(plays(&desk, "leave-a-message.wav"));
            leaves(&mut desk, &mut caller);
        }
        let sent_on = EventKind::Rerouted {
            line: on_call.clone(),
        };
        assert!(desk.only_call().has(|kind| *kind == sent_on));
        desk.nothing_is_left();
    }
}

fn greets(line: &mut Line) {
    line.notice = Some(prompt("notice.wav"));
    line.flow.greeting = Some(Greeting {
        external: Some(prompt("greeting.wav")),
        ..Greeting::default()
    });
}

/// R001, R190, X02: greeted first, the caller hears greeting and notice; the ring clock starts with
/// our own tone, and nobody is told twice of the recording.
#[test]
fn greeted_first_rings_count_from_our_own_tone() {
    let mut desk = desk(greets);
    let mut caller = is_picked_up(&mut desk);
    desk.none(CALLER, "180");
    hears_prompt(&mut desk, "greeting.wav");
    desk.none(AGENT, "INVITE");
    hears_prompt(&mut desk, "notice.wav");
    let tone = Audio::Ringback {
        on_ms: 1_000,
        off_ms: 4_000,
    };
    assert_eq!(playing(&desk).map(|it| it.2), Some(tone));
    is_answered(&mut desk, AGENT, Duration::from_secs(6));
    let answered = |kind: &EventKind| {
        matches!(
            kind,
            EventKind::Answered {
                caller_ring_ms: 6_000,
                rings: 2,
                ..
            }
        )
    };
    assert!(desk.only_call().has(answered), "{:#?}", kinds(&desk));
    let log = kinds(&desk);
    let notices = |kind: &&EventKind| matches!(kind, EventKind::NoticeStarted { .. });
    assert_eq!(log.iter().filter(notices).count(), 1);
    let connected = |kind: &&EventKind| **kind == EventKind::Connected;
    assert_eq!(log.iter().filter(connected).count(), 1);
    assert_eq!(playing(&desk), None, "they hear each other");
    leaves(&mut desk, &mut caller);
    let bye = desk.request(AGENT, &Method::BYE);
    desk.answers(&bye, 200, "agent", AGENT, |_| {});
    assert_eq!(said(&desk), ["greeting.wav"]);
    assert_eq!(recorder(&desk), ["start", "close"]);
    desk.nothing_is_left();
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

/// R013, X02: another line does not start the caller's clock again in an answered call: it stands
/// still while something is said, and goes on with our own tone.
#[test]
fn an_answered_call_has_one_ring_clock() {
    let mut desk = desk(|line| {
        greets(line);
        line.max_preanswer = Duration::from_secs(10);
        line.flow.unanswered = [announce("busy.wav"), Step::Line(LineId::from("sales"))].into();
    });
    let mut caller = is_picked_up(&mut desk);
    hears_prompt(&mut desk, "greeting.wav");
    hears_prompt(&mut desk, "notice.wav");
    rings_in_vain(&mut desk, Duration::from_secs(10));
    hears_prompt(&mut desk, "busy.wav");
    assert_eq!(playing(&desk).map(|it| it.2), Some(ringing_tone()));
    is_answered(&mut desk, OTHER, Duration::from_secs(6));
    let answered = |kind: &EventKind| {
        matches!(
            kind,
            EventKind::Answered {
                caller_ring_ms: 16_000,
                rings: 4,
                late: true,
                ..
            }
        )
    };
    assert!(desk.only_call().has(answered), "{:#?}", kinds(&desk));
    let log = kinds(&desk);
    let ringing = |kind: &&EventKind| matches!(kind, EventKind::Ringing { .. });
    assert_eq!(log.iter().filter(ringing).count(), 1);
    let missed = |kind: &&EventKind| matches!(kind, EventKind::TargetMissed { .. });
    assert_eq!(log.iter().filter(missed).count(), 1);
    leaves(&mut desk, &mut caller);
    let bye = desk.request(OTHER, &Method::BYE);
    desk.answers(&bye, 200, "agent", OTHER, |_| {});
    desk.nothing_is_left();
}

/// R009: who hangs up in the greeting has been answered by nobody.
#[test]
fn who_leaves_in_the_greeting_was_not_answered() {
    let mut desk = desk(greets);
    let mut caller = is_picked_up(&mut desk);
    desk.passes(Duration::from_secs(1));
    leaves(&mut desk, &mut caller);
    assert_eq!(desk.only_call().outcome(), Some(Outcome::Abandoned));
    let answered = |kind: &EventKind| matches!(kind, EventKind::Answered { .. });
    assert!(!desk.only_call().has(answered));
    desk.nothing_is_left();
}

/// A prompt whose end is never told keeps nobody.
#[test]
fn a_prompt_whose_end_is_not_told_is_passed_over() {
    let mut desk = desk(greets);
    let mut caller = is_picked_up(&mut desk);
    desk.passes(Duration::from_secs(8));
    desk.none(AGENT, "INVITE");
    desk.passes(Duration::from_secs(8));
    desk.request(AGENT, &Method::INVITE);
    leaves(&mut desk, &mut caller);
    let cancel = desk.next_request(AGENT, &Method::CANCEL);
    assert!(cancel.is_some() || desk.only_call().outcome().is_some());
    desk.passes(Duration::from_mins(2));
}

/// R019, R026, R027, R043: inside by inside, outside by the hour, and on a holiday by its name.
#[test]
fn the_greeting_fits_caller_hour_and_holiday() {
    let greeting = Greeting {
        external: Some(prompt("outside.wav")),
        internal: Some(prompt("inside.wav")),
        morning: Some((12, prompt("morning.wav"))),
        holidays: BTreeMap::from([("春节".to_owned(), prompt("new-year.wav"))]),
    };
    let at = |hour, holiday: Option<&str>| Hours {
        open: true,
        holiday: holiday.map(str::to_owned),
        hour,
    };
    let fits = |origin, hours: Option<Hours>| {
        let fitting = greeting.fitting(origin, hours.as_ref());
        fitting
            .map(|prompt| prompt.name.clone())
            .unwrap_or_default()
    };
    assert_eq!(fits(Origin::External, None), "outside.wav");
    assert_eq!(fits(Origin::External, Some(at(11, None))), "morning.wav");
    assert_eq!(fits(Origin::External, Some(at(12, None))), "outside.wav");
    assert_eq!(
        fits(Origin::External, Some(at(9, Some("春节")))),
        "new-year.wav"
    );
    assert_eq!(
        fits(Origin::External, Some(at(13, Some("元旦")))),
        "outside.wav"
    );
    assert_eq!(
        fits(Origin::Internal, Some(at(9, Some("春节")))),
        "inside.wav"
    );
}

fn menu(line: &mut Line) {
    line.flow.menu = Some(Menu {
        prompt: prompt("menu.wav"),
        wrong: Some(prompt("wrong-key.wav")),
        wait: Duration::from_secs(5),
        repeats: 2,
        keys: BTreeMap::from([
            ('1', [Step::Agents].into()),
            ('2', [Step::Line(LineId::from("sales"))].into()),
            ('3', [announce("hours.wav")].into()),
        ]),
        otherwise: [Step::Agents].into(),
    });
}

fn menu_answered(desk: &Desk) -> Vec<(KeyResult, Option<char>)> {
    let kinds = kinds(desk).into_iter();
    let menus = kinds.filter_map(|kind| {
        if let EventKind::MenuAnswered(menu) = kind {
            Some((menu.result, menu.key))
        } else {
            None
        }
    });
    menus.collect()
}

/// A key leads to another line's agents, also in the middle of the prompt.
#[test]
fn a_key_leads_to_another_line() {
    let mut desk = desk(menu);
    let mut caller = is_picked_up(&mut desk);
    assert!(plays(&desk, "menu.wav"));
    presses(&mut desk, '2');
    assert_eq!(menu_answered(&desk), [(KeyResult::Key, Some('2'))]);
    desk.none(AGENT, "INVITE");
    is_answered(&mut desk, OTHER, Duration::from_secs(1));
    leaves(&mut desk, &mut caller);
    let bye = desk.request(OTHER, &Method::BYE);
    desk.answers(&bye, 200, "agent", OTHER, |_| {});
    assert_eq!(desk.only_call().outcome(), Some(Outcome::Answered));
    desk.nothing_is_left();
}

/// A key leads to an announcement, after which the call is over.
#[test]
fn a_key_leads_to_an_announcement() {
    let mut desk = desk(menu);
    is_picked_up(&mut desk);
    hears_prompt(&mut desk, "menu.wav");
    presses(&mut desk, '3');
    hears_prompt(&mut desk, "hours.wav");
    is_let_go(&mut desk);
    assert_eq!(desk.only_call().outcome(), Some(Outcome::Announcement));
    desk.nothing_is_left();
}

/// Wrong keys are borne with twice, each with a word and the question again; then, as without any
/// key, the call goes where the line says.
#[test]
fn wrong_keys_and_no_key_lead_to_the_agents() {
    for wrong in [true, false] {
        let mut desk = desk(menu);
        let mut caller = is_picked_up(&mut desk);
        hears_prompt(&mut desk, "menu.wav");
        if wrong {
            for _ in 0..2 {
                presses(&mut desk, '9');
                hears_prompt(&mut desk, "wrong-key.wav");
                hears_prompt(&mut desk, "menu.wav");
            }
            presses(&mut desk, '9');
            assert_eq!(menu_answered(&desk), [(KeyResult::WrongKeys, None)]);
        } else {
            desk.passes(Duration::from_millis(4_999));
            assert_eq!(menu_answered(&desk), []);
            desk.passes(Duration::from_millis(1));
            assert_eq!(menu_answered(&desk), [(KeyResult::NoKey, None)]);
        }
        is_answered(&mut desk, AGENT, Duration::from_secs(1));
        leaves(&mut desk, &mut caller);
        let bye = desk.request(AGENT, &Method::BYE);
        desk.answers(&bye, 200, "agent", AGENT, |_| {});
        desk.nothing_is_left();
    }
}

/// A talk on a line that asks afterwards; the agent's phone has hung up.
fn surveyed() -> (Desk, Talk) {
    let mut desk = desk(|line| line.flow.survey = Some(survey()));
    let mut talk = desk.talk();
    desk.passes(Duration::from_secs(10));
    desk.asks(&mut talk.agent, Method::BYE, AGENT, |_| {});
    desk.none(CALLER, "BYE");
    (desk, talk)
}

fn survey_of(desk: &Desk) -> Option<(SurveyResult, Option<u8>)> {
    kinds(desk).into_iter().find_map(|kind| {
        if let EventKind::SurveyAnswered(answered) = kind {
            assert_eq!(answered.agent, Some(AgentId::from("1001")));
            assert_eq!(answered.best, 5);
            Some((answered.result, answered.score))
        } else {
            None
        }
    })
}

/// R218, R221: the caller is asked after the talk; score, refusal and silence are told apart, and the
/// talk was over when the agent left.
#[test]
fn a_survey_tells_score_refusal_and_silence_apart() {
    for (key, expected) in [
        (Some('4'), (SurveyResult::Answered, Some(4))),
        (Some('0'), (SurveyResult::Refused, None)),
        (None, (SurveyResult::Skipped, None)),
    ] {
        let (mut desk, _) = surveyed();
        let started = |kind: &EventKind| matches!(kind, EventKind::SurveyStarted(it) if it.cause == SurveyCause::AgentLeft);
        assert!(desk.only_call().has(started));
        hears_prompt(&mut desk, "survey.wav");
        match key {
            Some(key) => presses(&mut desk, key),
            None => desk.passes(Duration::from_secs(10)),
        }
        is_let_go(&mut desk);
        assert_eq!(survey_of(&desk), Some(expected));
        let call = desk.only_call();
        assert_eq!(call.outcome(), Some(Outcome::Answered));
        assert_eq!(
            call.hung_up_by(),
            Some(HangupParty::Agent),
            "who was first counts"
        );
        let talk = |kind: &EventKind| {
            matches!(
                kind,
                EventKind::Ended {
                    talk_ms: Some(10_000),
                    ..
                }
            )
        };
        assert!(call.has(talk), "{:#?}", kinds(&desk));
        desk.nothing_is_left();
    }
}

/// R218: who presses a key before the question is over has heard a part of it, and that is kept.
#[test]
fn a_question_that_a_key_cuts_short_was_heard_in_part() {
    let (mut desk, _) = surveyed();
    desk.passes(Duration::from_secs(2));
    presses(&mut desk, '4');
    is_let_go(&mut desk);
    assert_eq!(survey_of(&desk), Some((SurveyResult::Answered, Some(4))));
    let cut_short = |kind: &EventKind| {
        matches!(kind, EventKind::Prompted(prompted) if prompted.file == "survey.wav"
            && prompted.heard_ms == 2_000 && !prompted.complete)
    };
    assert!(desk.only_call().has(cut_short), "{:#?}", kinds(&desk));
    desk.nothing_is_left();
}

fn releases(desk: &mut Desk, agent: &str) -> Result<Done, Refused> {
    let id = desk.only_call().0.first().expect("an event").call;
    let by = Actor::Agent(AgentId::from(agent));
    let release = Command::Call(id, CallCommand::Release);
    desk.tells(Input::Command(Ticket(1), by, release));
    desk.answers.pop().expect("an answer").1
}

/// R046, R218, X03: the agent releases the caller to the survey: the phone is told so, and nobody has
/// hung up on the caller. Nobody else may, and not twice.
#[test]
fn an_agent_releases_the_caller_to_the_survey() {
    let mut desk = desk(|line| line.flow.survey = Some(survey()));
    desk.talk();
    desk.passes(Duration::from_secs(10));
    assert_eq!(releases(&mut desk, "1002"), Err(Refused::NotYours));
    assert_eq!(releases(&mut desk, "1001"), Ok(Done::Accepted));
    let bye = desk.request(AGENT, &Method::BYE);
    desk.answers(&bye, 200, "agent", AGENT, |_| {});
    assert!(releases(&mut desk, "1001").is_err());
    hears_prompt(&mut desk, "survey.wav");
    presses(&mut desk, '5');
    is_let_go(&mut desk);
    assert_eq!(survey_of(&desk), Some((SurveyResult::Answered, Some(5))));
    let call = desk.only_call();
    assert_eq!(call.hung_up_by(), Some(HangupParty::System));
    let first = |kind: &EventKind| {
        matches!(
            kind,
            EventKind::HungUp {
                agent_first: true,
                ..
            }
        )
    };
    assert!(!call.has(first));
    desk.nothing_is_left();
}

/// R218: a wrong key is borne with, and who hangs up has skipped it.
#[test]
fn who_hangs_up_in_the_survey_has_skipped_it() {
    let (mut desk, mut talk) = surveyed();
    presses(&mut desk, '9');
    hears_prompt(&mut desk, "wrong-key.wav");
    assert!(plays(&desk, "survey.wav"));
    leaves(&mut desk, &mut talk.caller);
    assert_eq!(survey_of(&desk), Some((SurveyResult::Skipped, None)));
    desk.nothing_is_left();
}

/// R046: the control: where the line does not ask after a hang-up, the call is over with it.
#[test]
fn without_that_policy_the_call_ends_with_the_agent() {
    let mut desk = desk(|line| {
        line.flow.survey = Some(SurveyRules {
            after_hang_up: false,
            ..survey()
        });
    });
    let mut talk = desk.talk();
    desk.asks(&mut talk.agent, Method::BYE, AGENT, |_| {});
    is_let_go(&mut desk);
    assert_eq!(survey_of(&desk), None);
    desk.nothing_is_left();
}

/// R039, X02: a caller who rang in vain waits on in an answered call, with music and a word on the
/// place; that is no ring time.
#[test]
fn waiting_in_an_answered_call_is_no_ring_time() {
    let mut desk = desk(|line| {
        line.max_preanswer = Duration::from_secs(20);
        line.flow.unanswered = [Step::Queue(Duration::from_mins(5))].into();
        line.flow.waiting = Some(WaitingSound {
            music: Some("music.wav".to_owned()),
            announcement: Some(prompt("please-wait.wav")),
            every: Duration::from_secs(30),
            places: vec![prompt("you-are-next.wav")],
        });
    });
    let invite = dials(&mut desk);
    let offered = desk.request(AGENT, &Method::INVITE);
    desk.answers(&offered, 486, "busy", AGENT, |_| {});
    desk.passes(Duration::from_secs(20));
    while let Some(again) = desk.next_request(AGENT, &Method::INVITE) {
        desk.answers(&again, 486, "busy", AGENT, |_| {});
    }
    let mut caller = confirms(&mut desk, &invite);
    let music = Audio::Loop("music.wav".to_owned());
    assert_eq!(playing(&desk).map(|it| it.2), Some(music.clone()));
    for _ in 0..2 {
        desk.passes(Duration::from_secs(30));
        while let Some(again) = desk.next_request(AGENT, &Method::INVITE) {
            desk.answers(&again, 486, "busy", AGENT, |_| {});
        }
        hears_prompt(&mut desk, "you-are-next.wav");
        assert_eq!(playing(&desk).map(|it| it.2), Some(music.clone()));
    }
    assert_eq!(said(&desk), ["you-are-next.wav", "you-are-next.wav"]);
    let place = |kind: &EventKind| matches!(kind, EventKind::PlaceTold { position: 1 });
    assert!(desk.only_call().has(place));
    let mut offered = desk.next_request(AGENT, &Method::INVITE);
    while offered.is_none() {
        desk.passes(Duration::from_secs(1));
        offered = desk.next_request(AGENT, &Method::INVITE);
    }
    let offered = offered.expect("the agent is rung again");
    desk.answers(&offered, 180, "agent", AGENT, |_| {});
    desk.answers(&offered, 200, "agent", AGENT, |_| {});
    let answered = kinds(&desk).into_iter().find_map(|kind| {
        if let EventKind::Answered { caller_ring_ms, .. } = kind {
            Some(caller_ring_ms)
        } else {
            None
        }
    });
    let ring_ms = answered.expect("an answer");
    assert!((19_000..=20_000).contains(&ring_ms), "{ring_ms} ms");
    leaves(&mut desk, &mut caller);
    let bye = desk.request(AGENT, &Method::BYE);
    desk.answers(&bye, 200, "agent", AGENT, |_| {});
    desk.nothing_is_left();
}

/// A caller who waits on in an answered call, of a line with this flow.
fn waits_on(change: impl FnOnce(&mut Line)) -> (Desk, Dialog) {
    let mut desk = desk(|line| {
        line.max_preanswer = Duration::from_secs(20);
        line.flow.unanswered = [Step::Queue(Duration::from_mins(5))].into();
        change(line);
    });
    let invite = dials(&mut desk);
    let offered = desk.request(AGENT, &Method::INVITE);
    desk.answers(&offered, 486, "busy", AGENT, |_| {});
    desk.passes(Duration::from_secs(20));
    is_busy(&mut desk);
    let caller = confirms(&mut desk, &invite);
    (desk, caller)
}

/// The agent's phone refuses whatever has come.
fn is_busy(desk: &mut Desk) {
    while let Some(again) = desk.next_request(AGENT, &Method::INVITE) {
        desk.answers(&again, 486, "busy", AGENT, |_| {});
    }
}

/// R039: the music goes on although nobody has told that the announcement was over.
#[test]
fn music_follows_an_announcement_whose_end_is_not_told() {
    let (mut desk, mut caller) = waits_on(|line| {
        line.flow.waiting = Some(WaitingSound {
            music: Some("music.wav".to_owned()),
            announcement: Some(prompt("please-wait.wav")),
            every: Duration::from_secs(30),
            places: Vec::new(),
        });
    });
    desk.passes(Duration::from_secs(30));
    is_busy(&mut desk);
    assert!(plays(&desk, "please-wait.wav"));
    desk.passes(Duration::from_secs(8));
    is_busy(&mut desk);
    let music = Audio::Loop("music.wav".to_owned());
    assert_eq!(playing(&desk).map(|it| it.2), Some(music));
    // And the next announcement comes in its time.
    desk.passes(Duration::from_secs(30));
    is_busy(&mut desk);
    assert!(plays(&desk, "please-wait.wav"));
    leaves(&mut desk, &mut caller);
    desk.nothing_is_left();
}

/// R039: a line that says nothing of those who wait does not leave them in silence.
#[test]
fn who_waits_on_a_plain_line_hears_the_music_of_a_hold_or_a_tone() {
    let music = Audio::Loop("music.wav".to_owned());
    let (mut desk, mut caller) = waits_on(|line| line.hold_music = Some("music.wav".to_owned()));
    assert_eq!(playing(&desk).map(|it| it.2), Some(music));
    leaves(&mut desk, &mut caller);
    desk.nothing_is_left();
    let (mut desk, mut caller) = waits_on(|line| line.hold_music = None);
    let tone = playing(&desk).map(|it| it.2);
    assert!(matches!(tone, Some(Audio::Ringback { .. })), "{tone:?}");
    leaves(&mut desk, &mut caller);
    desk.nothing_is_left();
}

/// R039: on a line with music for who waits, too, an announcement is followed by the ringing tone, or
/// by the music as long as nobody can be rung, and not by silence.
#[test]
fn after_an_announcement_the_caller_is_not_left_in_silence() {
    for is_free in [true, false] {
        let mut desk = desk(|line| {
            line.max_preanswer = Duration::from_secs(10);
            line.flow.unanswered = [announce("busy.wav"), Step::Agents].into();
            line.flow.waiting = Some(WaitingSound {
                music: Some("music.wav".to_owned()),
                announcement: None,
                every: Duration::from_secs(30),
                places: Vec::new(),
            });
        });
        let invite = dials(&mut desk);
        if is_free {
            rings_in_vain(&mut desk, Duration::from_secs(10));
        } else {
            let offered = desk.request(AGENT, &Method::INVITE);
            desk.answers(&offered, 180, "agent", AGENT, |_| {});
            desk.passes(Duration::from_secs(9));
            desk.answers(&offered, 486, "agent", AGENT, |_| {});
            let agent = AgentId::from("1001");
            let busy = Command::Agent(agent.clone(), AgentCommand::Busy { reason: None });
            desk.tells(Input::Command(Ticket(1), Actor::Agent(agent), busy));
            assert_eq!(desk.answers.pop().map(|it| it.1), Some(Ok(Done::Accepted)));
            desk.passes(Duration::from_secs(1));
        }
        let mut caller = confirms(&mut desk, &invite);
        hears_prompt(&mut desk, "busy.wav");
        if !is_free {
            desk.none(AGENT, "INVITE");
            let music = Audio::Loop("music.wav".to_owned());
            assert_eq!(playing(&desk).map(|it| it.2), Some(music));
            leaves(&mut desk, &mut caller);
            desk.nothing_is_left();
            continue;
        }
        assert_eq!(playing(&desk).map(|it| it.2), Some(ringing_tone()));
        is_answered(&mut desk, AGENT, Duration::from_secs(2));
        let answered = |kind: &EventKind| {
            matches!(
                kind,
                EventKind::Answered {
                    caller_ring_ms: 12_000,
                    ..
                }
            )
        };
        assert!(desk.only_call().has(answered), "{:#?}", kinds(&desk));
        leaves(&mut desk, &mut caller);
        let bye = desk.request(AGENT, &Method::BYE);
        desk.answers(&bye, 200, "agent", AGENT, |_| {});
        desk.nothing_is_left();
    }
}

fn line_command(desk: &mut Desk, command: LineCommand) -> Result<Done, Refused> {
    let li = Actor::User("li".to_owned());
    let line = LineId::from("hotline");
    desk.tells(Input::Command(Ticket(1), li, Command::Line(line, command)));
    desk.answers.pop().expect("an answer").1
}

fn switch_to(to: Diversion) -> LineCommand {
    LineCommand::Switch {
        to,
        reason: Some("fire alarm".to_owned()),
    }
}

fn emergency() -> Desk {
    desk(|line| line.flow.emergency = vec![prompt("fault.wav")])
}

/// R279: by one command the line's callers hear an announcement; who, when and why is kept and on
/// each call; another command, and phones ring again.
#[test]
fn a_line_is_switched_to_an_announcement_and_back() {
    let mut desk = emergency();
    let unknown = Diversion::Announcement("unknown.wav".to_owned());
    let refused = line_command(&mut desk, switch_to(unknown));
    assert_eq!(refused, Err(Refused::NoSuchTarget));
    let fault = Diversion::Announcement("fault.wav".to_owned());
    let done = line_command(&mut desk, switch_to(fault.clone()));
    assert_eq!(done, Ok(Done::Accepted));
    is_picked_up(&mut desk);
    hears_prompt(&mut desk, "fault.wav");
    is_let_go(&mut desk);
    let met = |kind: &EventKind| {
        matches!(kind, EventKind::EmergencyMet(met)
            if met.by == "li" && met.reason.as_deref() == Some("fire alarm"))
    };
    assert!(desk.only_call().has(met));
    assert_eq!(desk.only_call().outcome(), Some(Outcome::Announcement));
    desk.none(AGENT, "INVITE");
    let restore = LineCommand::Restore { reason: None };
    assert_eq!(line_command(&mut desk, restore.clone()), Ok(Done::Accepted));
    assert_eq!(line_command(&mut desk, restore), Err(Refused::WrongState));
    let turns: Vec<_> = desk.switches.iter().map(|turn| turn.to.clone()).collect();
    assert_eq!(turns, [Some(fault), None]);
    desk.nothing_is_left();
}

/// R279: over a restart the switch stays as it was.
#[test]
fn a_switch_outlasts_a_restart() {
    let mut before = emergency();
    let fault = Diversion::Announcement("fault.wav".to_owned());
    assert!(line_command(&mut before, switch_to(fault)).is_ok());
    let kept: Vec<LineSwitch> = before.switches.clone();
    let mut desk = emergency();
    desk.tells(Input::Switches(kept));
    is_picked_up(&mut desk);
    hears_prompt(&mut desk, "fault.wav");
    is_let_go(&mut desk);
    desk.nothing_is_left();
}

/// R279: what was kept is read late where the database is away at the start, and undoes nothing
/// that somebody has asked for meanwhile.
#[test]
fn a_switch_that_is_read_late_undoes_nothing() {
    let fault = || switch_to(Diversion::Announcement("fault.wav".to_owned()));
    let restore = || LineCommand::Restore { reason: None };
    let mut before = emergency();
    assert!(line_command(&mut before, fault()).is_ok());
    let asked: [&[LineCommand]; 3] = [&[], &[restore()], &[fault(), restore()]];
    for asked in asked {
        let mut desk = emergency();
        for command in asked {
            let done = line_command(&mut desk, command.clone());
            assert_eq!(done, Ok(Done::Accepted), "{asked:?}");
        }
        assert_eq!(desk.switches.len(), asked.len(), "each turn is kept");
        desk.tells(Input::Switches(before.switches.clone()));
        let is_switched = line_command(&mut desk, restore()).is_ok();
        assert_eq!(is_switched, asked.is_empty(), "{asked:?}");
    }
    let mut desk = emergency();
    desk.tells(Input::Switches(Vec::new()));
    let refused = line_command(&mut desk, restore());
    assert_eq!(refused, Err(Refused::WrongState));
}

/// R279: to another line's number, or to an outside one that the line's transfer policy allows, and
/// nowhere else. Where nobody answers there, the announcement has the last word.
#[test]
fn a_line_is_switched_to_another_number() {
    let mut desk = emergency();
    for forbidden in ["4001234567", "13800138000", "1001", ""] {
        let to = Diversion::Number(forbidden.to_owned());
        let refused = line_command(&mut desk, switch_to(to));
        assert_eq!(refused, Err(Refused::NoSuchTarget), "{forbidden}");
    }
    let to = Diversion::Number("01061234567".to_owned());
    assert!(line_command(&mut desk, switch_to(to)).is_ok());
    let invite = dials(&mut desk);
    let offered = desk.request(OUTSIDE, &Method::INVITE);
    desk.answers(&offered, 486, "busy", OUTSIDE, |_| {});
    confirms(&mut desk, &invite);
    hears_prompt(&mut desk, "fault.wav");
    is_let_go(&mut desk);
    let decided = |kind: &EventKind| matches!(kind, EventKind::OutboundDecided { decision } if decision.refused.is_none());
    assert!(desk.only_call().has(decided));
    desk.none(AGENT, "INVITE");
    desk.nothing_is_left();

    let mut desk = emergency();
    let to = Diversion::Number("4007654321".to_owned());
    assert!(line_command(&mut desk, switch_to(to)).is_ok());
    let invite = dials(&mut desk);
    is_answered(&mut desk, OTHER, Duration::from_secs(1));
    let mut caller = confirms(&mut desk, &invite);
    leaves(&mut desk, &mut caller);
    let bye = desk.request(OTHER, &Method::BYE);
    desk.answers(&bye, 200, "agent", OTHER, |_| {});
    desk.nothing_is_left();
}

/// Lines that send their callers to each other do so a few times only.
#[test]
fn lines_that_lead_in_circles_let_the_caller_go() {
    let mut desk = Desk::with(|all| {
        settings(all, |line| {
            line.flow.calendar = Some("office".to_owned());
            line.flow.after_hours = Some([Step::Line(LineId::from("sales"))].into());
        });
        with_hours(all, "mon-fri 09:00-18:00");
        let sales = all.lines.last_mut().expect("sales");
        let mut changed = (**sales).clone();
        let line = Arc::make_mut(&mut changed.line);
        line.flow.calendar = Some("office".to_owned());
        line.flow.after_hours = Some([Step::Line(LineId::from("hotline"))].into());
        *sales = Arc::new(changed);
    });
    dials(&mut desk);
    desk.response(CALLER, 480);
    assert_eq!(desk.only_call().outcome(), Some(Outcome::NoAgent));
    desk.passes(Duration::from_mins(1));
}
