//! What people do during a call, with baresip as their phones and SIPp or a peer as the carrier: by
//! the phone's own keys, or by the API, as the desk does. Every phone speaks a tone of its own, so
//! that who hears whom is measured.

use serde_json::{Value, json};

use crate::baresip::Answers;
use crate::desk::{Desk, LEADER, nothing};
use crate::dialogues::{closed_calendar, has_heard, press_by_info};
use crate::patience::until;
use crate::peer::Peer;
use crate::service::Service;
use crate::sipp::Sipp;
use crate::site::{Line, Site};
use crate::tone::{Law, level, share_of_tone};
use crate::wav::Wav;

const NUMBER: &str = "4001234567";
const CALLER_HZ: u32 = 1000;
const FIRST_HZ: u32 = 400;
const SECOND_HZ: u32 = 600;
const LEADER_HZ: u32 = 800;
/// The music of a hold.
const MUSIC: (&str, u32, u32) = ("music.wav", 700, 2_000);
const QUESTION: (&str, u32, u32) = ("survey.wav", 850, 1_500);
const LEAVE: (&str, u32, u32) = ("leave.wav", 900, 1_000);
/// So much of a tone is no accident.
const HEARD_MS: usize = 200;

/// The hotline, with these keys beside its music, and a department.
fn site(keys: &[(&str, &str)]) -> Site {
    let hotline = Line::new("hotline", NUMBER, &[1]).with("hold_music", "\"music.wav\"");
    let hotline = keys
        .iter()
        .fold(hotline, |line, (key, value)| line.with(key, value));
    Site::new()
        .tones(&[MUSIC, QUESTION, LEAVE])
        .line(&hotline)
        .line(&Line::new("complaints", "4007654321", &[2]))
}

/// A caller from the carrier who is about to hear whoever answers.
fn caller(service: &Service) -> Peer {
    let network = service.network();
    let mut caller = Peer::new(network.caller(2), network);
    caller.dial(NUMBER, caller.plain());
    caller
}

/// A caller who hears the first agent.
fn talking(desk: &Desk) -> Peer {
    let mut caller = caller(&desk.service);
    caller.talk();
    caller.voice.hears(FIRST_HZ);
    caller
}

/// Waits until two tones are heard at the same time.
fn hears_both(peer: &Peer, tones: [u32; 2]) {
    let from = peer.voice.count();
    until(&format!("{tones:?} Hz together"), || {
        let heard = peer.voice.heard();
        let mut runs = heard.get(from..)?.windows(10);
        let is_both = |samples: &[i16]| {
            let mut shares = tones.iter().map(|hz| share_of_tone(samples, *hz));
            level(samples) > 500.0 && shares.all(|share| share > 0.2)
        };
        runs.any(|run| run.iter().all(|packet| is_both(&packet.samples)))
            .then_some(())
    });
}

/// The caller hangs up; the row, and the recording.
fn ends(desk: Desk, mut caller: Peer) -> (Value, Wav) {
    caller.bye();
    ended(desk)
}

fn ended(desk: Desk) -> (Value, Wav) {
    let row = desk.service.only_call();
    let wav = desk.service.recording(&row);
    desk.service.stop();
    (row, wav)
}

fn only_transfer(row: &Value) -> &Value {
    assert_eq!(row["transfers"].as_array().unwrap().len(), 1, "{row:#}");
    &row["transfers"][0]
}

/// One tone ends before the other begins.
fn one_after_the_other(wav: &Wav, first: u32, second: u32) {
    let (_, to) = wav.right.tone_span_ms(first).expect("the first");
    let (from, _) = wav.right.tone_span_ms(second).expect("the second");
    assert!(
        to < from,
        "{first} Hz to {to} ms, {second} Hz from {from} ms"
    );
}

/// R086, R103: by the phone's own key (REFER), after its password was asked for.
#[test]
fn a_desk_phone_passes_the_caller_on_by_its_own_key() {
    let desk = Desk::open(site(&[]));
    let first = desk.phone("1001", FIRST_HZ);
    let _second = desk.phone("1002", SECOND_HZ);
    let caller = talking(&desk);
    first.transfer(&desk.service, "1002");
    caller.voice.hears(SECOND_HZ);
    let (row, wav) = ends(desk, caller);
    let transfer = only_transfer(&row);
    assert_eq!(
        (&transfer["kind"], &transfer["by"], &transfer["result"]),
        (&json!("blind"), &json!("1001"), &json!("answered"))
    );
    assert_eq!(row["answered_by"], "1001", "R121: who answered first");
    one_after_the_other(&wav, FIRST_HZ, SECOND_HZ);
}

/// A target that refuses: the caller is back with the phone that passed the call on, although this
/// one hangs up when it is told so.
#[test]
fn a_transfer_by_key_that_is_refused_comes_back_to_the_desk_phone() {
    let desk = Desk::open(site(&[]).agent(4));
    let refuses = Sipp::new("agent_refuses", desk.service.network().agent(4))
        .with("status", 486)
        .start(&desk.service);
    let first = desk.phone("1001", FIRST_HZ);
    let caller = talking(&desk);
    first.transfer(&desk.service, "1004");
    desk.tells("a refusal", |row| {
        row["transfers"][0]["result"] == "refused"
    });
    refuses.finish();
    until("the phone to be rung again", || {
        let row = desk.service.calls().remove(0);
        (row["attempts"].as_array()?.len() >= 3).then_some(())
    });
    caller.voice.hears(FIRST_HZ);
    let (row, _) = ends(desk, caller);
    assert_eq!(row["hangup_party"], "caller");
}

/// R103, by the API: to a colleague.
#[test]
fn a_caller_is_passed_on_to_a_colleague() {
    let desk = Desk::open(site(&[]));
    let _first = desk.phone("1001", FIRST_HZ);
    let _second = desk.phone("1002", SECOND_HZ);
    let caller = talking(&desk);
    desk.does("1001", "transfer", &json!({ "agent": "1002" }));
    caller.voice.hears(SECOND_HZ);
    let (row, wav) = ends(desk, caller);
    let transfer = only_transfer(&row);
    assert_eq!(transfer["target"]["agent"], "1002");
    assert_eq!(transfer["result"], "answered");
    one_after_the_other(&wav, FIRST_HZ, SECOND_HZ);
}

/// R103, by the API: to a department, whose agent's phone answers.
#[test]
fn a_caller_is_passed_on_to_a_departments_phone() {
    let desk = Desk::open(site(&[]));
    let _first = desk.phone("1001", FIRST_HZ);
    let _second = desk.phone("1002", SECOND_HZ);
    let caller = talking(&desk);
    desk.does("1001", "transfer", &json!({ "line": "complaints" }));
    caller.voice.hears(SECOND_HZ);
    let (row, _) = ends(desk, caller);
    let transfer = only_transfer(&row);
    assert_eq!(transfer["target"]["line"], "complaints");
    assert_eq!(transfer["result"], "answered");
}

/// R103, by the API: to an outside number that the line allows, by the carrier; and to none that it
/// does not.
#[test]
fn a_caller_is_passed_on_to_an_outside_number() {
    let allowed = "{ prefixes = [\"010\"], trunk = \"carrier\" }";
    let desk = Desk::open(site(&[("transfer", allowed)]));
    let service = &desk.service;
    let outside = Sipp::new("agent_speaks", service.network().trunk())
        .with("tone", tone(service, SECOND_HZ))
        .start(service);
    let _first = desk.phone("1001", FIRST_HZ);
    let caller = talking(&desk);
    desk.does("1001", "transfer", &json!({ "number": "16812345678" }));
    desk.tells("a refusal", |row| {
        row["transfers"][0]["result"] == "forbidden"
    });
    caller.voice.hears(FIRST_HZ);
    desk.does("1001", "transfer", &json!({ "number": "01061234567" }));
    caller.voice.hears(SECOND_HZ);
    let (row, _) = ends(desk, caller);
    outside.finish();
    assert_eq!(row["transfers"].as_array().unwrap().len(), 2);
    let last = &row["transfers"][1];
    assert_eq!(last["result"], "answered", "{row:#}");
    let party = last["target"]["number"].as_str().unwrap();
    assert_eq!(row["parties"][party]["number"], "01061234567");
}

/// A file of raw A-law, which is what SIPp reads.
fn tone(service: &Service, hz: u32) -> String {
    let path = service.folder().join(format!("tone-{hz}.al"));
    std::fs::write(&path, Law::Pcma.second_of(hz)).unwrap();
    path.display().to_string()
}

/// R115, R103, by the API: asked while the caller hears music, then put through.
#[test]
fn a_colleague_is_asked_and_the_caller_put_through() {
    let desk = Desk::open(site(&[]));
    let _first = desk.phone("1001", FIRST_HZ);
    let second = desk.phone("1002", SECOND_HZ);
    let caller = talking(&desk);
    desk.does("1001", "consult", &json!({ "agent": "1002" }));
    desk.tells("an answer", |row| {
        row["desk"]["consults"][0]["answered"] == true
    });
    caller.voice.hears(MUSIC.1);
    until("the second to hear the first", || {
        (second.heard_ms(FIRST_HZ) >= HEARD_MS).then_some(())
    });
    desk.does("1001", "consult/complete", &nothing());
    caller.voice.hears(SECOND_HZ);
    let (row, wav) = ends(desk, caller);
    assert_eq!(row["desk"]["consults"][0]["end"], "completed");
    assert_eq!(only_transfer(&row)["kind"], "attended");
    one_after_the_other(&wav, FIRST_HZ, MUSIC.1);
    one_after_the_other(&wav, MUSIC.1, SECOND_HZ);
}

/// R115, by the API: asked, and the caller taken back.
#[test]
fn a_colleague_is_asked_and_the_agent_comes_back() {
    let desk = Desk::open(site(&[]));
    let _first = desk.phone("1001", FIRST_HZ);
    let _second = desk.phone("1002", SECOND_HZ);
    let caller = talking(&desk);
    desk.does("1001", "consult", &json!({ "agent": "1002" }));
    desk.tells("an answer", |row| {
        row["desk"]["consults"][0]["answered"] == true
    });
    caller.voice.hears(MUSIC.1);
    desk.does("1001", "consult/cancel", &nothing());
    caller.voice.hears(FIRST_HZ);
    desk.agent_is("1002", "ready");
    let (row, wav) = ends(desk, caller);
    assert_eq!(row["desk"]["consults"][0]["end"], "cancelled");
    assert_eq!(wav.right.tone_ms(SECOND_HZ), 0, "said among the agents");
}

/// R115, by the API: all three talk, and the caller hears both.
#[test]
fn three_talk_with_each_other() {
    let desk = Desk::open(site(&[]));
    let _first = desk.phone("1001", FIRST_HZ);
    let _second = desk.phone("1002", SECOND_HZ);
    let caller = talking(&desk);
    desk.does("1001", "consult", &json!({ "agent": "1002" }));
    desk.tells("an answer", |row| {
        row["desk"]["consults"][0]["answered"] == true
    });
    desk.does("1001", "consult/join", &nothing());
    hears_both(&caller, [FIRST_HZ, SECOND_HZ]);
    desk.does("1001", "consult/complete", &nothing());
    caller.voice.hears(SECOND_HZ);
    let (row, _) = ends(desk, caller);
    assert_eq!(row["desk"]["consults"][0]["three"], true);
}

/// R058: by the phone's own key (a re-INVITE): the caller hears music, and the agent again.
#[test]
fn a_caller_hears_music_while_the_desk_phone_holds() {
    let desk = Desk::open(site(&[]));
    let first = desk.phone("1001", FIRST_HZ);
    let caller = talking(&desk);
    first.hold();
    caller.voice.hears(MUSIC.1);
    first.resume();
    caller.voice.hears(FIRST_HZ);
    let (row, wav) = ends(desk, caller);
    assert_eq!(row["holds"]["count"], 1);
    let (from, to) = wav.right.tone_span_ms(MUSIC.1).expect("music");
    let (talk_from, talk_to) = wav.right.tone_span_ms(FIRST_HZ).expect("the agent");
    assert!(
        talk_from < from && to < talk_to,
        "music from {from} to {to} ms in a talk from {talk_from} to {talk_to} ms"
    );
}

/// R058, by the API.
#[test]
fn a_caller_hears_music_while_the_desk_holds() {
    let desk = Desk::open(site(&[]));
    let _first = desk.phone("1001", FIRST_HZ);
    let caller = talking(&desk);
    desk.does("1001", "wait", &json!({ "reason": "查询订单" }));
    caller.voice.hears(MUSIC.1);
    desk.does("1001", "retrieve", &nothing());
    caller.voice.hears(FIRST_HZ);
    let (row, _) = ends(desk, caller);
    assert_eq!(row["desk"]["holds"][0]["reason"], "查询订单");
}

/// R066: who listens is heard by nobody, who whispers by the agent alone, who barges in by both; who
/// takes over talks with the caller alone. The supervisor's phone speaks all the while.
#[test]
fn a_supervisors_phone_listens_whispers_barges_and_takes_over() {
    let desk = Desk::open(site(&[]));
    let first = desk.phone("1001", FIRST_HZ);
    let leader = desk.phone(LEADER, LEADER_HZ);
    let caller = talking(&desk);
    let beside = |mode: &str| json!({ "mode": mode });
    desk.does(LEADER, "supervision", &beside("listen"));
    until("the supervisor to hear the agent", || {
        (leader.heard_ms(FIRST_HZ) >= HEARD_MS).then_some(())
    });
    caller.voice.hears(FIRST_HZ);
    assert_eq!(first.heard_ms(LEADER_HZ), 0, "who listens is not heard");
    let path = format!("/calls/{}/supervision", desk.call());
    let turns = |mode: &str| {
        assert_eq!(desk.send(LEADER, "PATCH", &path, &beside(mode)), 202);
    };
    turns("whisper");
    until("the agent to hear the supervisor", || {
        (first.heard_ms(LEADER_HZ) >= HEARD_MS).then_some(())
    });
    caller.voice.hears(FIRST_HZ);
    turns("barge");
    hears_both(&caller, [FIRST_HZ, LEADER_HZ]);
    desk.does(LEADER, "supervision/take-over", &nothing());
    caller.voice.hears(LEADER_HZ);
    let (row, wav) = ends(desk, caller);
    let beside = &row["desk"]["supervisions"][0];
    assert_eq!(beside["modes"], json!(["listen", "whisper", "barge"]));
    assert_eq!(beside["took_over"], true);
    one_after_the_other(&wav, FIRST_HZ, LEADER_HZ);
}

/// R218, R221: the agent releases the caller to the survey, which is no hang-up of the agent's; the
/// caller's key is the score.
#[test]
fn a_caller_who_is_released_says_how_it_was() {
    let survey = "{ prompt = \"survey.wav\", wait = \"30s\" }";
    let desk = Desk::open(site(&[("survey", survey)]));
    let _first = desk.phone("1001", FIRST_HZ);
    let mut caller = talking(&desk);
    desk.does("1001", "release", &nothing());
    has_heard(&caller, QUESTION.1);
    press_by_info(&mut caller, '5');
    caller.expect_bye();
    let (row, _) = ended(desk);
    let survey = &row["dialogue"]["survey"];
    assert_eq!(
        (&survey["result"], &survey["score"], &survey["agent"]),
        (&json!("answered"), &json!(5), &json!("1001"))
    );
    assert_eq!(row["agent_first"], false, "X03");
}

/// R016, R017, R186: a carrier's caller leaves a message out of hours by speaking and hanging up; it
/// is on the recording, and somebody has to hear it.
#[test]
fn a_message_after_hours_is_recorded_and_becomes_a_task() {
    let keys = [
        ("calendar", "\"office\""),
        ("after_hours", "[\"message\"]"),
        ("message", "{ prompt = \"leave.wav\" }"),
    ];
    let desk = Desk::open(site(&keys).section(&closed_calendar()));
    let service = &desk.service;
    // There is nobody to be rung: no 180.
    let carrier = Sipp::new("caller_speaks", service.network().trunk())
        .dial(NUMBER)
        .with("alert", "180\" optional=\"true")
        .with("tone", tone(service, CALLER_HZ))
        .with("talk_ms", 8_000)
        .start(service);
    carrier.finish();
    let tasks = until("the task", || {
        let tasks = desk.get("/tasks");
        (tasks["items"].as_array()?.len() == 1).then_some(tasks)
    });
    assert_eq!(tasks["items"][0]["kind"], "message");
    let rows = desk.service.calls();
    assert_eq!(rows[0]["outcome"], "message", "{rows:#?}");
    let message = &rows[0]["dialogue"]["message"];
    assert_eq!(message["ended_by"], "caller_left");
    let start = message["start_ms"].as_u64().unwrap();
    let wav = until("the recording", || {
        let row = desk.service.show(rows[0]["id"].as_str().unwrap());
        row["recording"]
            .is_object()
            .then(|| desk.service.recording(&row))
    });
    let said = wav.left.tone_span_ms(CALLER_HZ).expect("the message");
    assert!(said.1 > start, "said from {said:?}, kept from {start} ms");
    desk.service.stop();
}

/// A parked caller waits with music, and goes on with whoever fetches the call.
#[test]
fn a_parked_caller_is_fetched_at_another_phone() {
    let desk = Desk::open(site(&[]));
    let _first = desk.phone("1001", FIRST_HZ);
    let _leader = desk.phone(LEADER, LEADER_HZ);
    let caller = talking(&desk);
    desk.does("1001", "park", &nothing());
    caller.voice.hears(MUSIC.1);
    desk.agent_is("1001", "ready");
    desk.does(LEADER, "pick-up", &nothing());
    caller.voice.hears(LEADER_HZ);
    let (row, wav) = ends(desk, caller);
    assert_eq!(row["desk"]["parks"], 1);
    assert_eq!(row["desk"]["picked_up_by"], json!([LEADER]));
    one_after_the_other(&wav, FIRST_HZ, LEADER_HZ);
}

/// 代接: what rings at a colleague's phone is answered at one's own, and rings there no more.
#[test]
fn a_colleagues_ringing_call_is_answered_at_ones_own_phone() {
    let desk = Desk::open(site(&[]));
    let first = desk.phone_that("1001", FIRST_HZ, Answers::WhenTold);
    let _second = desk.phone("1002", SECOND_HZ);
    let mut caller = caller(&desk.service);
    desk.agent_is("1001", "ringing");
    desk.does("1002", "pick-up", &nothing());
    caller.talk();
    caller.voice.hears(SECOND_HZ);
    desk.agent_is("1001", "ready");
    assert_eq!(first.heard_ms(CALLER_HZ), 0);
    let (row, _) = ends(desk, caller);
    assert_eq!(row["answered_by"], "1002");
    assert_eq!(row["attempts"][0]["result"], "cancelled", "{row:#}");
}

/// R001: a phone that somebody picks up by hand, in the second ring.
#[test]
fn a_desk_phone_is_picked_up_by_hand() {
    let desk = Desk::open(site(&[]));
    let first = desk.phone_that("1001", FIRST_HZ, Answers::WhenTold);
    let mut caller = caller(&desk.service);
    desk.tells("the phone to ring", |row| {
        row["attempts"][0]["ringing_at"].is_number()
    });
    first.accept();
    caller.talk();
    caller.voice.hears(FIRST_HZ);
    let (row, _) = ends(desk, caller);
    assert_eq!(row["answered_by"], "1001");
    assert!(row["rings"].as_u64() >= Some(1), "{row:#}");
}

/// R042, R047, R049: a click rings the agent's phone, then the number, by the agent's policy; the
/// agent who has called may hang up first.
#[test]
fn a_click_connects_the_desk_phone_and_the_number() {
    let policy = "[[outbound]]\nname = \"beijing\"\nagents = [\"1001\"]\nprefixes = [\"010\"]\n\
                  trunk = \"carrier\"\ncaller_id = \"01087654321\"\n";
    let desk = Desk::open(site(&[]).section(policy));
    let service = &desk.service;
    let outside = Sipp::new("agent_speaks", service.network().trunk())
        .with("tone", tone(service, SECOND_HZ))
        .start(service);
    let first = desk.phone("1001", FIRST_HZ);
    let wish = json!({ "number": "01061234567", "record": "case-7" });
    assert_eq!(desk.send("1001", "POST", "/dial", &wish), 202);
    until("the number to be heard", || {
        (first.heard_ms(SECOND_HZ) >= HEARD_MS).then_some(())
    });
    first.hang_up();
    outside.finish();
    let row = desk.service.only_call();
    assert_eq!(row["desk"]["dialled_from"], "case-7");
    assert_eq!(row["agent_first"], false, "who has called may hang up");
    desk.service.stop();
}

/// R086, RFC 3891: an attended transfer by a phone's own keys (REFER with Replaces) to a desk phone.
#[test]
fn a_phone_joins_the_caller_with_a_desk_phone_that_it_asked() {
    let desk = Desk::open(
        site(&[])
            .agent(4)
            .line(&Line::new("post", "4009999999", &[4])),
    );
    let network = desk.service.network();
    let _second = desk.phone("1002", SECOND_HZ);
    let mut asker = Peer::new(network.agent(4), network);
    let mut caller = Peer::new(network.caller(2), network);
    caller.dial("4009999999", caller.plain());
    asker.ring();
    asker.pick_up(asker.plain());
    caller.talk();
    let held = asker.voice.description(&[Law::Pcma], "sendonly");
    asker.reinvite(held);
    asker.swap();
    asker.dial("1002", asker.plain());
    asker.expect(200);
    asker.ack(Vec::new());
    asker.voice.hears(SECOND_HZ);
    let consult = asker.replaces();
    asker.swap();
    assert_eq!(asker.join(&consult), 200);
    caller.voice.hears(SECOND_HZ);
    asker.expect_bye();
    asker.bye();
    caller.bye();
    let rows = desk.service.ended(2);
    let transfer = only_transfer(&rows[0]);
    assert_eq!(
        (&transfer["kind"], &transfer["result"]),
        (&json!("attended"), &json!("answered"))
    );
    assert_eq!(rows[1]["merged_into"], rows[0]["id"]);
    desk.service.stop();
}
