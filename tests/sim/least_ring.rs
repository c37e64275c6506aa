//! R010: no answer in a hurry. The caller hears it ring for the line's least time before our 200,
//! whoever answers; what happens meanwhile ends as it would while it rings.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use thirdring::call::command::{Actor, CallCommand, Refused, Ticket};
use thirdring::call::event::{AttemptResult, EventKind, HangupParty, Outcome, TransferResult};
use thirdring::call::flow::{Greeting, Step, WaitingSound};
use thirdring::call::media::{Audio, MediaCommand};
use thirdring::call::record::CallRecord;
use thirdring::call::{CallState, Line, Prompt};
use thirdring::id::AgentId;
use thirdring::phone::{Command as Press, Extensions};
use thirdring::queue::{AgentCommand, Strategy};
use thirdring::rules::{Cadence, Grade, PickupProfile};
use thirdring::sip::dialog::Dialog;
use thirdring::sip::{Method, Request};
use thirdring::switch::{AgentSettings, Command, Input, Settings};

use crate::behaviour::{AgentHabit, CallerHabit};
use crate::call_log::CallLog;
use crate::desk::{AGENT, CALLER, Desk, OUTSIDE, sdp};
use crate::ms;
use crate::wire::Wire;
use crate::world::{NUMBER, Plan, World, at};

/// Another agent's phone.
const OTHER: SocketAddr = at(102, 5060);

fn line(settings: &mut Settings, change: impl FnOnce(&mut Line)) {
    let first = settings.lines.first_mut().expect("a line");
    change(Arc::make_mut(&mut Arc::make_mut(first).line));
}

/// A line that rings for this long at least.
fn desk(least_ms: u64) -> Desk {
    desk_with(least_ms, |_| {})
}

fn desk_with(least_ms: u64, change: impl FnOnce(&mut Line)) -> Desk {
    Desk::with(|settings| {
        line(settings, |line| {
            line.profile.min_ring_ms = least_ms;
            change(line);
        });
    })
}

/// Two agents whose phones ring together.
fn desk_of_two(least_ms: u64) -> Desk {
    Desk::with(|settings| {
        line(settings, |line| line.profile.min_ring_ms = least_ms);
        let first = settings.agents.first().expect("an agent").clone();
        settings.agents.push(AgentSettings {
            id: "1002".into(),
            contact: Some(OTHER.into()),
            ..first
        });
        let line = Arc::make_mut(settings.lines.first_mut().expect("a line"));
        line.agents = vec!["1001".into(), "1002".into()];
        line.strategy = Strategy::RingAll;
    })
}

/// A caller dials, and the agent's phone rings; the caller's INVITE and the phone's.
fn rings(desk: &mut Desk) -> (Request, Request) {
    let invite = desk.invite();
    desk.hears(CALLER, invite.clone());
    let offered = desk.request(AGENT, &Method::INVITE);
    desk.answers(&offered, 180, "agent", AGENT, |_| {});
    desk.response(CALLER, 180);
    (invite, offered)
}

/// The phone is picked up; its dialog.
fn picks_up(desk: &mut Desk, offered: &Request, phone: SocketAddr) -> Dialog {
    desk.answers(offered, 200, "agent", phone, |_| {});
    desk.request(phone, &Method::ACK);
    let mut agent = Dialog::uas(offered, "agent");
    agent.confirm();
    agent
}

fn cancels(desk: &mut Desk, invite: &Request) {
    let mut cancel = Request::new(Method::CANCEL, invite.uri.clone());
    for name in ["Via", "From", "To", "Call-ID"] {
        let value = invite.headers.get(name).expect("a header").into_owned();
        cancel.headers.push(name, value);
    }
    cancel.headers.push("CSeq", "1 CANCEL");
    desk.hears(CALLER, cancel);
    let terminated = desk.response(CALLER, 487);
    let mut ack = Request::new(Method::ACK, invite.uri.clone());
    for name in ["Via", "From", "Call-ID"] {
        let value = invite.headers.get(name).expect("a header").into_owned();
        ack.headers.push(name, value);
    }
    ack.headers.push("To", terminated.to_addr());
    ack.headers.push("CSeq", "1 ACK");
    desk.hears(CALLER, ack);
}

fn record(call: &CallLog) -> CallRecord {
    CallRecord::from_events(&call.0).expect("a row")
}

/// The agent's number of rings, in time: of each attempt.
fn agent_rings(call: &CallLog) -> Vec<Option<u64>> {
    let row = record(call);
    let rings = row.attempts.iter().map(|attempt| attempt.agent_ring_ms);
    rings.collect()
}

fn caller_ring(call: &CallLog) -> (u64, Grade) {
    let EventKind::Answered {
        caller_ring_ms,
        grade,
        ..
    } = call.answered()
    else {
        panic!("no answer in {call:#?}");
    };
    (*caller_ring_ms, *grade)
}

/// When our 200 went out, counted from the first ring, in milliseconds.
fn connected_after_ms(call: &CallLog) -> i64 {
    let at_us = |test: fn(&EventKind) -> bool| {
        let event = call.0.iter().find(|event| test(&event.kind));
        event.expect("this event").at.unix_us()
    };
    let rang = at_us(|kind| matches!(kind, EventKind::Ringing { .. }));
    let connected = at_us(|kind| matches!(kind, EventKind::Connected));
    (connected - rang) / 1_000
}

/// R010: a phone that is picked up at once talks with the caller when the first ring has sounded. It
/// hears it ring until then, the answer counts as the caller heard it, and the attempt keeps when the
/// phone was picked up.
#[test]
fn an_answer_in_a_hurry_waits_for_the_first_ring() {
    let mut desk = desk(1_000);
    let (invite, offered) = rings(&mut desk);
    desk.passes(ms(300));
    desk.orders.clear();
    picks_up(&mut desk, &offered, AGENT);
    let tone = Audio::Ringback {
        on_ms: 1_000,
        off_ms: 4_000,
    };
    let plays =
        |order: &MediaCommand| matches!(order, MediaCommand::Play { audio, .. } if *audio == tone);
    assert!(desk.orders.iter().any(plays), "{:?}", desk.orders);
    desk.passes(ms(699));
    desk.none(CALLER, "200");
    assert_eq!(desk.calls_now()[0].state, CallState::Ringing);
    assert_eq!(desk.calls_now()[0].rung, [AgentId::from("1001")]);
    desk.passes(ms(1));
    let ok = desk.response(CALLER, 200);
    let mut caller = Dialog::uac(&invite, &ok);
    desk.acks(&caller, 1, CALLER);
    let bridged = |order: &MediaCommand| matches!(order, MediaCommand::Bridge { .. });
    assert!(desk.orders.iter().any(bridged), "{:?}", desk.orders);
    assert_eq!(desk.calls_now()[0].state, CallState::Talking);
    desk.passes(ms(5_000));
    desk.asks(&mut caller, Method::BYE, CALLER, |_| {});
    let bye = desk.request(AGENT, &Method::BYE);
    desk.answers(&bye, 200, "agent", AGENT, |_| {});

    let call = desk.only_call();
    assert_eq!(caller_ring(&call), (1_000, Grade::OnTarget));
    assert_eq!(connected_after_ms(&call), 1_000);
    assert_eq!(agent_rings(&call), [Some(300)]);
    let row = record(&call);
    let early: Vec<_> = row.desk.early_pickups.iter().collect();
    assert_eq!(early.len(), 1);
    assert_eq!(early[0].by, Some("1001".into()));
    assert_eq!(
        (row.outcome, row.talk_ms),
        (Some(Outcome::Answered), Some(5_000))
    );
    desk.nothing_is_left();
}

/// R010, the control: without a least time the caller is connected when the phone is picked up.
#[test]
fn without_a_least_time_an_answer_counts_at_once() {
    let mut desk = desk(0);
    let (_, offered) = rings(&mut desk);
    desk.passes(ms(300));
    picks_up(&mut desk, &offered, AGENT);
    desk.response(CALLER, 200);
    let call = desk.only_call();
    assert_eq!(
        (caller_ring(&call).0, connected_after_ms(&call)),
        (300, 300)
    );
    assert!(record(&call).desk.early_pickups.is_empty());
}

/// R010: an answer after the least time waits for nothing, and one at its very end neither.
#[test]
fn an_answer_after_the_least_time_counts_at_once() {
    for after in [1_000, 1_001, 6_000] {
        let mut desk = desk(1_000);
        let (_, offered) = rings(&mut desk);
        desk.passes(ms(after));
        picks_up(&mut desk, &offered, AGENT);
        desk.response(CALLER, 200);
        let call = desk.only_call();
        assert_eq!(caller_ring(&call).0, after);
        assert!(record(&call).desk.early_pickups.is_empty());
    }
}

/// R010, R002: with a least time as long as the profile's lower bound no answer is early.
#[test]
fn no_answer_is_early_that_waited_for_the_profile() {
    let mut grades = Vec::new();
    for least_ms in [5_000, 0] {
        let mut desk = desk_with(0, |line| {
            let profile = PickupProfile::named("between_2_and_3", Cadence::CHINA);
            line.profile = profile.expect("a profile");
            line.profile.min_ring_ms = least_ms;
        });
        let (_, offered) = rings(&mut desk);
        desk.passes(ms(2_000));
        picks_up(&mut desk, &offered, AGENT);
        desk.passes(ms(3_000));
        desk.response(CALLER, 200);
        let call = desk.only_call();
        let EventKind::Answered { rings, .. } = call.answered() else {
            panic!("no answer in {call:#?}");
        };
        grades.push((caller_ring(&call), *rings));
    }
    let expected = [((5_000, Grade::OnTarget), 2), ((2_000, Grade::Early), 1)];
    assert_eq!(grades, expected);
}

/// R010, R046: a caller who gives up meanwhile has spoken with nobody, and leaves nobody behind.
#[test]
fn a_caller_may_give_up_although_the_phone_is_picked_up() {
    let mut desk = desk(1_000);
    let (invite, offered) = rings(&mut desk);
    desk.passes(ms(200));
    picks_up(&mut desk, &offered, AGENT);
    desk.passes(ms(500));
    cancels(&mut desk, &invite);
    let bye = desk.request(AGENT, &Method::BYE);
    desk.answers(&bye, 200, "agent", AGENT, |_| {});
    desk.passes(ms(10_000));

    let call = desk.only_call();
    let row = record(&call);
    assert_eq!(row.outcome, Some(Outcome::Abandoned));
    assert_eq!(row.grade, Some(Grade::AbandonedInTime));
    assert_eq!((row.caller_ring_ms, row.talk_ms), (Some(700), None));
    assert!(row.answered_by.is_none() && row.connected_at.is_none());
    assert_eq!(call.hung_up_by(), Some(HangupParty::Caller));
    assert_eq!(call.attempt_results(), [AttemptResult::Cancelled]);
    assert_eq!(agent_rings(&call), [Some(200)]);
    assert!(!row.was_served_by(&"1001".into()), "and hears no recording");
    desk.nothing_is_left();
}

/// R010, R009: an agent who hangs up meanwhile has refused; the caller hears it ring on, by the same
/// clock, and the next one answers. Who refused is left alone for ten seconds.
#[test]
fn an_agent_who_hangs_up_meanwhile_leaves_the_caller_to_the_next() {
    let mut desk = desk(3_000);
    let (_, offered) = rings(&mut desk);
    desk.passes(ms(500));
    let mut agent = picks_up(&mut desk, &offered, AGENT);
    desk.passes(ms(500));
    desk.asks(&mut agent, Method::BYE, AGENT, |_| {});
    desk.response(AGENT, 200);
    desk.none(CALLER, "200");
    desk.passes(ms(9_000));
    desk.none(AGENT, "INVITE");
    desk.passes(ms(2_000));
    let again = desk.request(AGENT, &Method::INVITE);
    desk.answers(&again, 180, "again", AGENT, |_| {});
    desk.answers(&again, 200, "again", AGENT, |_| {});
    desk.response(CALLER, 200);

    let call = desk.only_call();
    let results = [AttemptResult::Rejected, AttemptResult::Answered];
    assert_eq!(call.attempt_results(), results);
    assert_eq!(agent_rings(&call), [Some(500), Some(0)]);
    let (ring_ms, _) = caller_ring(&call);
    assert!((11_000..=12_000).contains(&ring_ms), "one clock: {ring_ms}");
}

/// R010: nobody else is rung while the phone that was picked up waits, and a second answer comes too
/// late.
#[test]
fn nobody_else_rings_while_an_answer_waits() {
    let mut desk = desk_of_two(2_000);
    let invite = desk.invite();
    desk.hears(CALLER, invite);
    let first = desk.request(AGENT, &Method::INVITE);
    let second = desk.request(OTHER, &Method::INVITE);
    desk.answers(&first, 180, "agent", AGENT, |_| {});
    desk.answers(&second, 180, "other", OTHER, |_| {});
    desk.passes(ms(400));
    picks_up(&mut desk, &first, AGENT);
    let cancel = desk.request(OTHER, &Method::CANCEL);
    let reason = cancel.headers.get("Reason").expect("why").into_owned();
    assert!(reason.contains("200"), "no missed call: {reason}");
    // It crosses the CANCEL.
    desk.answers(&cancel, 200, "other", OTHER, |_| {});
    desk.answers(&second, 200, "other", OTHER, |_| {});
    let bye = desk.request(OTHER, &Method::BYE);
    desk.answers(&bye, 200, "other", OTHER, |_| {});
    desk.passes(ms(1_600));
    desk.response(CALLER, 200);
    let call = desk.only_call();
    assert_eq!(record(&call).answered_by, Some("1001".into()));
    let mut results = call.attempt_results();
    results.sort_by_key(|result| format!("{result:?}"));
    assert_eq!(results, [AttemptResult::Answered, AttemptResult::Cancelled]);
}

/// R010: nothing can be done with a call that is not connected yet; each order says so.
#[test]
fn orders_for_a_call_that_still_rings_are_refused() {
    let mut desk = desk(2_000);
    let (_, offered) = rings(&mut desk);
    let answer = desk.answers(&offered, 200, "agent", AGENT, |ok| {
        ok.headers.set("Allow-Events", "talk, hold");
    });
    assert_eq!(answer.status.as_u16(), 200);
    let id = desk.calls_now()[0].call;
    let asked = [
        CallCommand::Talk,
        CallCommand::Hold,
        CallCommand::PutOnHold { reason: None },
        CallCommand::Park,
        CallCommand::HangUp(None),
        CallCommand::Mute(true),
    ];
    for command in asked {
        let by = Actor::Agent("1001".into());
        desk.tells(Input::Command(Ticket(1), by, Command::Call(id, command)));
    }
    let colleague = Actor::Agent("1002".into());
    desk.tells(Input::Command(
        Ticket(1),
        colleague,
        Command::Call(id, CallCommand::Park),
    ));
    let expected: Vec<_> = [Refused::WrongState; 6]
        .into_iter()
        .chain([Refused::NotYours])
        .map(|refused| (Ticket(1), Err(refused)))
        .collect();
    assert_eq!(desk.answers, expected);
    desk.none(AGENT, "NOTIFY");
    desk.passes(ms(2_000));
    desk.response(CALLER, 200);
}

/// R010: a phone that answers by an order of the desk's waits as any other.
#[test]
fn a_click_answers_no_sooner() {
    let plan = Plan {
        min_ring_ms: 3_000,
        ..Plan::default()
    };
    let mut world = World::new(plan, Wire::perfect(), 601);
    world.agent("1001", AgentHabit::lets_it_ring());
    world.caller(CallerHabit::talks(ms(5_000)));
    let by = Actor::Agent("1001".into());
    world.tells(ms(700), Input::Command(Ticket(1), by, Command::Talk));
    world.run();
    let call = world.only_call();
    assert_eq!(caller_ring(&call).0, 3_000);
    assert_eq!(agent_rings(&call), [Some(700)]);
    world.nothing_is_left();
}

/// R010: a phone that answers without ringing at all.
#[test]
fn a_phone_that_answers_by_itself_waits_too() {
    let mut desk = desk(1_000);
    let invite = desk.invite();
    desk.hears(CALLER, invite);
    let offered = desk.request(AGENT, &Method::INVITE);
    picks_up(&mut desk, &offered, AGENT);
    desk.response(CALLER, 180);
    desk.passes(ms(1_000));
    desk.response(CALLER, 200);
    let call = desk.only_call();
    assert_eq!(
        (caller_ring(&call).0, connected_after_ms(&call)),
        (1_000, 1_000)
    );
}

fn prompt(name: &str) -> Prompt {
    Prompt {
        name: name.to_owned(),
        sha256: "0".repeat(64),
        length_ms: 3_000,
    }
}

type Change = fn(&mut Line);

/// What the line does by itself as the first thing, and what is played then.
fn first_words() -> Vec<(&'static str, Change)> {
    vec![
        ("greeting.wav", |line| {
            line.flow.greeting = Some(Greeting {
                external: Some(prompt("greeting.wav")),
                ..Greeting::default()
            });
        }),
        ("closed.wav", |line| {
            line.flow.unanswered = [Step::Announce(prompt("closed.wav"))].into();
            line.max_preanswer = Duration::ZERO;
        }),
    ]
}

/// A line that answers first and plays music to whoever waits.
fn desk_with_music() -> Desk {
    desk_with(1_000, |line| {
        line.flow.greeting = Some(Greeting::default());
        line.flow.waiting = Some(WaitingSound {
            music: Some("music.wav".to_owned()),
            announcement: None,
            every: Duration::from_secs(30),
            places: Vec::new(),
        });
    })
}

/// What the agent says at the desk.
fn says(desk: &mut Desk, said: AgentCommand) {
    let agent = AgentId::from("1001");
    let command = Command::Agent(agent.clone(), said);
    desk.tells(Input::Command(Ticket(1), Actor::Agent(agent), command));
}

fn is_said(desk: &Desk, name: &str) -> bool {
    desk.orders.iter().any(|order| {
        matches!(order, MediaCommand::Play { audio: Audio::Prompt(file), .. } if file == name)
    })
}

/// R010, R026: the system answers no sooner than a person: its first word comes after the first ring.
#[test]
fn the_system_answers_no_sooner() {
    for (name, change) in first_words() {
        let mut desk = desk_with(1_000, change);
        let invite = desk.invite();
        desk.hears(CALLER, invite);
        desk.passes(Duration::ZERO);
        desk.response(CALLER, 180);
        desk.passes(ms(999));
        desk.none(CALLER, "200");
        assert!(!is_said(&desk, name), "{name} in a hurry");
        desk.passes(ms(1));
        desk.response(CALLER, 200);
        assert!(is_said(&desk, name), "{name}");
        assert_eq!(connected_after_ms(&desk.only_call()), 1_000);
    }
}

/// R010, the control: without a least time the first word comes at once, and nothing rings before.
#[test]
fn without_a_least_time_the_system_answers_at_once() {
    let (name, change) = first_words().swap_remove(0);
    let mut desk = desk_with(0, change);
    let invite = desk.invite();
    desk.hears(CALLER, invite);
    desk.none(CALLER, "180");
    desk.response(CALLER, 200);
    assert!(is_said(&desk, name));
}

/// R010, X02: the ring before a greeting is the first that the caller hears: the clock goes on with it
/// when phones ring, and who answers then waits for nothing.
#[test]
fn the_ring_before_a_greeting_counts() {
    let mut desk = desk_with(1_000, |line| {
        line.flow.greeting = Some(Greeting::default());
    });
    let invite = desk.invite();
    desk.hears(CALLER, invite);
    desk.passes(ms(1_000));
    desk.response(CALLER, 200);
    let offered = desk.request(AGENT, &Method::INVITE);
    desk.answers(&offered, 180, "agent", AGENT, |_| {});
    desk.passes(ms(400));
    picks_up(&mut desk, &offered, AGENT);
    let call = desk.only_call();
    assert_eq!(caller_ring(&call).0, 1_400);
    assert!(record(&call).desk.early_pickups.is_empty());
}

/// R010, X02: after a greeting the caller waits with music, and the ring before it was for nobody: when
/// a phone rings the caller hears it, and the clock goes on.
#[test]
fn whoever_waits_with_music_hears_the_phone_ring_at_last() {
    let mut desk = desk_with_music();
    says(&mut desk, AgentCommand::Busy { reason: None });
    let invite = desk.invite();
    desk.hears(CALLER, invite);
    desk.passes(ms(1_000));
    desk.response(CALLER, 200);
    desk.passes(Duration::from_secs(5));
    let is_music = |order: &MediaCommand| matches!(order, MediaCommand::Play { audio: Audio::Loop(file), .. } if file == "music.wav");
    assert!(desk.orders.iter().any(is_music));
    desk.orders.clear();
    says(&mut desk, AgentCommand::Ready);
    let offered = desk.request(AGENT, &Method::INVITE);
    let is_ring = |order: &MediaCommand| {
        matches!(
            order,
            MediaCommand::Play {
                audio: Audio::Ringback { .. },
                ..
            }
        )
    };
    assert!(
        desk.orders.iter().any(is_ring),
        "the caller hears music still"
    );
    desk.answers(&offered, 180, "agent", AGENT, |_| {});
    desk.passes(ms(2_000));
    picks_up(&mut desk, &offered, AGENT);
    assert_eq!(caller_ring(&desk.only_call()).0, 3_000);
}

/// R010, R046: whoever gives up while waiting with music has been rung for by nobody: no ring counts.
#[test]
fn a_ring_for_nobody_counts_for_nobody() {
    let mut desk = desk_with_music();
    says(&mut desk, AgentCommand::Busy { reason: None });
    let invite = desk.invite();
    desk.hears(CALLER, invite.clone());
    desk.passes(ms(1_000));
    let ok = desk.response(CALLER, 200);
    let mut caller = Dialog::uac(&invite, &ok);
    desk.acks(&caller, 1, CALLER);
    desk.passes(Duration::from_secs(20));
    desk.asks(&mut caller, Method::BYE, CALLER, |_| {});
    let row = record(&desk.only_call());
    assert_eq!((row.outcome, row.grade), (Some(Outcome::Abandoned), None));
}

/// R010, R046: a caller who gives up before the greeting has a row that says so.
#[test]
fn a_caller_may_give_up_before_the_greeting() {
    let (name, change) = first_words().swap_remove(0);
    let mut desk = desk_with(1_000, change);
    let invite = desk.invite();
    desk.hears(CALLER, invite.clone());
    desk.passes(ms(600));
    cancels(&mut desk, &invite);
    desk.passes(ms(5_000));
    let call = desk.only_call();
    assert_eq!(call.outcome(), Some(Outcome::Abandoned));
    assert_eq!(record(&call).caller_ring_ms, Some(600));
    assert!(!is_said(&desk, name));
    desk.nothing_is_left();
}

/// R010: a call that goes on to a number outside waits as well; if it is hung up there meanwhile, the
/// line's next step comes.
#[test]
fn an_outside_number_answers_no_sooner() {
    let mut desk = desk_with(2_000, |line| {
        line.flow.unanswered = [
            Step::Number("01061234567".to_owned()),
            Step::Announce(prompt("closed.wav")),
        ]
        .into();
        line.max_preanswer = Duration::ZERO;
    });
    let invite = desk.invite();
    desk.hears(CALLER, invite);
    desk.passes(Duration::ZERO);
    let offered = desk.request(OUTSIDE, &Method::INVITE);
    desk.answers(&offered, 180, "outside", OUTSIDE, |_| {});
    let mut outside = picks_up(&mut desk, &offered, OUTSIDE);
    desk.passes(ms(500));
    desk.none(CALLER, "200");
    desk.asks(&mut outside, Method::BYE, OUTSIDE, |_| {});
    desk.response(OUTSIDE, 200);
    desk.passes(ms(2_000));
    desk.response(CALLER, 200);
    assert!(is_said(&desk, "closed.wav"));
    assert_eq!(connected_after_ms(&desk.only_call()), 2_000);
}

/// R010, RFC 3262 §3: our 200 waits for both, the ring and the PRACK, in whichever order they come.
#[test]
fn the_200_waits_for_the_ring_and_for_the_prack() {
    for prack_after in [200, 1_500] {
        let mut desk = desk(1_000);
        let mut invite = desk.invite();
        invite.body.clear();
        invite.headers.remove("Content-Type");
        invite.headers.set("Require", "100rel");
        desk.hears(CALLER, invite.clone());
        let offered = desk.request(AGENT, &Method::INVITE);
        desk.answers(&offered, 180, "agent", AGENT, |_| {});
        let first = desk.response(CALLER, 180);
        picks_up(&mut desk, &offered, AGENT);
        desk.passes(ms(prack_after));
        let mut caller = Dialog::uac(&invite, &first);
        let number = first.headers.get("RSeq").expect("a number").into_owned();
        desk.asks(&mut caller, Method::PRACK, CALLER, |prack| {
            prack.headers.set("RAck", format!("{number} 1 INVITE"));
            prack.set_body("application/sdp", sdp(CALLER, "sendrecv"));
        });
        let confirmed = desk.response(CALLER, 200);
        assert_eq!(confirmed.cseq().method, Method::PRACK);
        if prack_after < 1_000 {
            desk.none(CALLER, "200");
            desk.passes(ms(1_000 - prack_after));
        }
        let ok = desk.response(CALLER, 200);
        assert_eq!(ok.cseq().method, Method::INVITE);
        let connected = i64::try_from(prack_after.max(1_000)).expect("a number");
        let call = desk.only_call();
        assert_eq!(
            (connected_after_ms(&call), caller_ring(&call).0),
            (connected, 1_000)
        );
    }
}

/// R010: the service may stop, and the least time be longer than anybody's patience: all is let go.
#[test]
fn the_service_may_stop_while_an_answer_waits() {
    let mut desk = desk(2_000);
    let (_, offered) = rings(&mut desk);
    picks_up(&mut desk, &offered, AGENT);
    desk.tells(Input::Stop);
    desk.response(CALLER, 503);
    let bye = desk.request(AGENT, &Method::BYE);
    desk.answers(&bye, 200, "agent", AGENT, |_| {});
    let call = desk.only_call();
    assert_eq!(call.outcome(), Some(Outcome::Interrupted));
    assert_eq!(call.attempt_results(), [AttemptResult::Cancelled]);
}

/// R010: many calls, each answered after its own time: none before the bound, none later than it or
/// the agent.
#[test]
fn the_wait_is_exact_whenever_the_phone_is_picked_up() {
    for (n, agent_ms) in [0, 1, 999, 1_000, 1_001, 2_345].into_iter().enumerate() {
        let plan = Plan {
            min_ring_ms: 1_000,
            ..Plan::default()
        };
        let seed = 610 + u64::try_from(n).expect("a few");
        let mut world = World::new(plan, Wire::perfect(), seed);
        world.can(Extensions::default());
        world.agent("1001", AgentHabit::answers_after(ms(agent_ms)));
        world.caller(CallerHabit::talks(ms(3_000)));
        world.run();
        let call = world.only_call();
        assert_eq!(caller_ring(&call).0, agent_ms.max(1_000));
        assert_eq!(agent_rings(&call), [Some(agent_ms)]);
        world.nothing_is_left();
    }
}

/// R010: an agent who asks another line need not wait for its least time of ringing: whoever has picked
/// up there has the customer, who was answered long ago, as soon as the two are joined.
#[test]
fn a_colleague_who_picked_up_early_is_joined_with_the_customer() {
    let plan = Plan {
        min_ring_ms: 5_000,
        strategy: Strategy::Linear,
        ..Plan::default()
    };
    let mut world = World::new(plan, Wire::perfect(), 620);
    world.agent("1001", AgentHabit::answers_after(ms(1_000)));
    world.agent("1002", AgentHabit::answers_after(ms(500)));
    world.caller(CallerHabit::talks(ms(30_000)));
    world.presses("1001", ms(7_000), Press::Hold);
    world.presses("1001", ms(8_000), Press::Swap);
    let to = NUMBER.to_owned();
    world.presses("1001", ms(8_000), Press::Call { to });
    world.presses("1001", ms(10_000), Press::Join);
    world.run();

    let calls = world.calls();
    let [customer, asked] = calls.as_slice() else {
        panic!("two calls in {calls:#?}");
    };
    assert_eq!(customer.transfer_results(), [TransferResult::Answered]);
    assert_eq!(customer.outcome(), Some(Outcome::Answered));
    assert_eq!(customer.hung_up_by(), Some(HangupParty::Caller));
    let attempts = [AttemptResult::Answered, AttemptResult::Answered];
    assert_eq!(customer.attempt_results(), attempts);
    assert!(asked.has(|kind| matches!(kind, EventKind::Merged { .. })));
    assert_eq!(asked.outcome(), Some(Outcome::NotReached));
    world.nothing_is_left();
}
