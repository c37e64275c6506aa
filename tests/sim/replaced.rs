//! INVITE with Replaces (RFC 3891): an agent goes on at another phone.

use std::net::SocketAddr;

use thirdring::call::EventKind;
use thirdring::call::event::{HangupParty, Outcome, Side};
use thirdring::call::media::MediaCommand;
use thirdring::sip::dialog::Dialog;
use thirdring::sip::{Method, Request};

use crate::call_log::CallLog;
use crate::desk::{AGENT, CALLER, Desk, OUTSIDE, Talk, sdp};

/// Another phone of the agent 1001.
const OTHER: SocketAddr = crate::world::at(120, 5060);
/// A phone of the agent 1002.
const COLLEAGUE: SocketAddr = crate::world::at(121, 5060);

/// A desk with a second agent, who has no phone yet.
fn desk() -> Desk {
    Desk::with(|settings| {
        let mut second = settings.agents.first().expect("an agent").clone();
        second.id = "1002".into();
        second.contact = None;
        settings.agents.push(second);
    })
}

/// A talk of caller and agent; another phone of the agent, and one of the colleague, register.
fn talk(desk: &mut Desk) -> Talk {
    let talk = desk.talk();
    desk.registers(OTHER, "1001");
    desk.registers(COLLEAGUE, "1002");
    talk
}

/// The dialog of ours that this end is in, as we know it.
fn named(dialog: &Dialog) -> String {
    let id = dialog.id();
    let (call_id, ours, theirs) = (&id.call_id, &id.remote_tag, &id.local_tag);
    format!("{call_id};to-tag={ours};from-tag={theirs}")
}

/// An INVITE that wants the place of the dialog named, not yet sent.
fn successor(desk: &mut Desk, peer: SocketAddr, user: &str, replaces: &str) -> Request {
    let mut invite = desk.new_request(&Method::INVITE, peer, user, "1001");
    invite.headers.set("Replaces", replaces);
    invite.headers.set("Require", "replaces");
    invite.set_body("application/sdp", sdp(peer, "sendrecv"));
    invite
}

fn taken_over(call: &CallLog) -> Vec<(Side, String)> {
    let turns = call.0.iter().filter_map(|event| {
        if let EventKind::TakenOver { side, agent } = &event.kind {
            Some((*side, agent.0.clone()))
        } else {
            None
        }
    });
    turns.collect()
}

/// R086: the talk goes on at the other phone in one row and one recording; the first phone gets a
/// BYE, and its end ends nothing.
#[test]
fn a_talk_goes_on_at_another_phone() {
    let mut desk = desk();
    let mut talk = talk(&mut desk);
    desk.orders.clear();
    let mut invite = successor(&mut desk, OTHER, "1001", &named(&talk.agent));
    desk.proves(OTHER, &mut invite, "1001");
    let ok = desk.response(OTHER, 200);
    assert!(ok.headers.lists("Supported", "replaces"));
    let mut other = Dialog::uac(&invite, &ok);
    let bye = desk.request(AGENT, &Method::BYE);
    desk.acks(&other, invite.cseq().number, OTHER);
    desk.answers(&bye, 200, "agent", AGENT, |_| {});
    let moved = |order: &MediaCommand| matches!(order, MediaCommand::Connect { stream, .. } if stream.remote.ip() == OTHER.ip());
    assert!(desk.orders.iter().any(moved), "{:?}", desk.orders);
    let ports = |order: &&MediaCommand| {
        matches!(
            order,
            MediaCommand::Open { .. }
                | MediaCommand::Close { .. }
                | MediaCommand::CloseRecording { .. }
        )
    };
    assert_eq!(desk.orders.iter().find(ports), None);
    desk.none(CALLER, "BYE");

    // What the agent does at the new phone is the agent's doing.
    desk.asks(&mut other, Method::INVITE, OTHER, |hold| {
        hold.set_body("application/sdp", sdp(OTHER, "sendonly"));
    });
    desk.response(OTHER, 200);
    desk.asks(&mut talk.caller, Method::BYE, CALLER, |_| {});
    desk.request(OTHER, &Method::BYE);
    let call = desk.only_call();
    assert_eq!(taken_over(&call), [(Side::Agent, "1001".to_owned())]);
    assert!(call.has(|kind| matches!(kind, EventKind::Held { by: Side::Agent })));
    assert_eq!(call.hung_up_by(), Some(HangupParty::Caller));
    assert_eq!(call.outcome(), Some(Outcome::Answered));
    desk.nothing_is_left();
}

/// A caller who is on hold is taken back by whoever takes the call over.
#[test]
fn a_held_caller_is_taken_back_at_the_other_phone() {
    let mut desk = desk();
    let mut talk = talk(&mut desk);
    let hold = desk.asks(&mut talk.agent, Method::INVITE, AGENT, |hold| {
        hold.set_body("application/sdp", sdp(AGENT, "sendonly"));
    });
    desk.response(AGENT, 200);
    desk.acks(&talk.agent, hold.cseq().number, AGENT);
    let mut invite = successor(&mut desk, OTHER, "1001", &named(&talk.agent));
    desk.proves(OTHER, &mut invite, "1001");
    desk.response(OTHER, 200);
    let call = desk.only_call();
    assert!(call.has(|kind| matches!(kind, EventKind::Resumed { by: Side::Agent })));
    // Nobody acknowledges: there is nobody at the new phone, and the first one is gone.
    desk.passes(std::time::Duration::from_secs(40));
    assert_eq!(desk.only_call().hung_up_by(), Some(HangupParty::System));
    desk.nothing_is_left();
}

/// RFC 3891 §3: an INVITE of ours that rings is answered at another phone, and cancelled.
#[test]
fn a_call_that_rings_is_picked_up_at_another_phone() {
    let mut desk = desk();
    desk.registers(OTHER, "1001");
    let invite = desk.invite();
    desk.hears(CALLER, invite.clone());
    // Both phones ring; the configured one is not rung while others are registered.
    let offered = desk.request(OTHER, &Method::INVITE);
    desk.answers(&offered, 180, "other", OTHER, |_| {});
    let rung = Dialog::uas(&offered, "other");
    let third = crate::world::at(122, 5060);
    desk.registers(third, "1001");
    let mut pick_up = successor(
        &mut desk,
        third,
        "1001",
        &format!("{};early-only", named(&rung)),
    );
    desk.proves(third, &mut pick_up, "1001");
    let ok = desk.response(third, 200);
    let third_dialog = Dialog::uac(&pick_up, &ok);
    desk.acks(&third_dialog, pick_up.cseq().number, third);
    desk.request(OTHER, &Method::CANCEL);
    desk.answers(&offered, 487, "other", OTHER, |_| {});
    let answer = desk.response(CALLER, 200);
    let mut caller = Dialog::uac(&invite, &answer);
    desk.acks(&caller, 1, CALLER);
    desk.asks(&mut caller, Method::BYE, CALLER, |_| {});
    desk.request(third, &Method::BYE);
    let call = desk.only_call();
    let answered =
        |kind: &EventKind| matches!(kind, EventKind::Answered { agent, .. } if agent.0 == "1001");
    assert!(call.has(answered));
    assert_eq!(call.attempt_results().len(), 1);
    desk.nothing_is_left();
}

/// The agent may have made the call: the leg that asked for it moves, and the recording stays.
#[test]
fn a_call_that_the_agent_made_goes_on_at_another_phone() {
    let mut desk = desk();
    let (invite, offered) = desk.dials("01061234567");
    desk.answers(&offered, 200, "outside", OUTSIDE, |_| {});
    let ok = desk.response(AGENT, 200);
    let dialog = Dialog::uac(&invite, &ok);
    desk.acks(&dialog, invite.cseq().number, AGENT);
    desk.registers(OTHER, "1001");
    let mut other = successor(&mut desk, OTHER, "1001", &named(&dialog));
    desk.proves(OTHER, &mut other, "1001");
    let ok = desk.response(OTHER, 200);
    let mut other = Dialog::uac(&other, &ok);
    desk.acks(&other, 2, OTHER);
    let bye = desk.request(AGENT, &Method::BYE);
    desk.answers(&bye, 200, "x", AGENT, |_| {});
    desk.none(OUTSIDE, "BYE");
    desk.asks(&mut other, Method::BYE, OTHER, |_| {});
    desk.request(OUTSIDE, &Method::BYE);
    let call = desk.only_call();
    assert_eq!(taken_over(&call), [(Side::Caller, "1001".to_owned())]);
    assert_eq!(call.hung_up_by(), Some(HangupParty::Caller));
    desk.nothing_is_left();
}

/// RFC 3891 §3: what names no dialog, one that is over, or an answered one that was to be early.
#[test]
fn what_cannot_be_replaced_is_refused_and_changes_nothing() {
    let mut desk = desk();
    let mut talk = talk(&mut desk);
    let dialog = named(&talk.agent);
    let refused = |desk: &mut Desk, replaces: &str, status: u16| {
        let mut invite = successor(desk, OTHER, "1001", replaces);
        desk.proves(OTHER, &mut invite, "1001");
        desk.response(OTHER, status);
    };
    refused(&mut desk, "nothing;to-tag=1;from-tag=2", 481);
    refused(
        &mut desk,
        &dialog.replace("from-tag=agent", "from-tag=x"),
        481,
    );
    refused(&mut desk, &format!("{dialog};early-only"), 486);
    refused(&mut desk, &format!("{dialog},{dialog}"), 400);
    let mut unfit = successor(&mut desk, OTHER, "1001", &dialog);
    let video = "v=0\r\no=- 1 1 IN IP4 192.0.2.120\r\ns=-\r\nc=IN IP4 192.0.2.120\r\nt=0 0\r\n\
                 m=video 4000 RTP/AVP 31\r\n";
    unfit.set_body("application/sdp", video.as_bytes().to_vec());
    desk.proves(OTHER, &mut unfit, "1001");
    desk.response(OTHER, 488);
    desk.asks(&mut talk.agent, Method::INFO, AGENT, |info| {
        info.headers.set("Replaces", dialog.clone());
    });
    desk.response(AGENT, 400);
    desk.none(AGENT, "BYE");
    desk.asks(&mut talk.agent, Method::BYE, AGENT, |_| {});
    desk.response(AGENT, 200);
    refused(&mut desk, &dialog, 603);
}

/// Threat: toll fraud, open relay: nobody but the agent takes the agent's call, whatever tags they
/// know. A trunk is told the same of a dialog that there is and of one that there is not.
#[test]
fn nobody_else_takes_a_call_over() {
    let mut desk = desk();
    let talk = talk(&mut desk);
    let dialog = named(&talk.agent);
    let mut invite = successor(&mut desk, COLLEAGUE, "1002", &dialog);
    desk.proves(COLLEAGUE, &mut invite, "1002");
    desk.response(COLLEAGUE, 403);
    // A right password for another agent's name proves nothing; a caller's leg is nobody's.
    let mut invite = successor(&mut desk, OTHER, "1001", &named(&talk.caller));
    desk.proves(OTHER, &mut invite, "1001");
    desk.response(OTHER, 403);
    for replaces in [dialog.as_str(), "nothing;to-tag=1;from-tag=2"] {
        let invite = successor(&mut desk, CALLER, "13800138000", replaces);
        desk.hears(CALLER, invite);
        desk.response(CALLER, 403);
    }
    let stranger = crate::world::at(200, 5060);
    let invite = successor(&mut desk, stranger, "1001", &dialog);
    desk.hears(stranger, invite);
    desk.response(stranger, 403);
    // From the agent's own address, too, the password is asked for.
    let invite = successor(&mut desk, AGENT, "1001", &dialog);
    desk.hears(AGENT, invite);
    desk.response(AGENT, 401);
    desk.none(AGENT, "BYE");
    desk.none(CALLER, "BYE");
}

/// A dialog whose place was taken before its ACK came can change nothing any more, and its BYE ends
/// nothing but itself.
#[test]
fn a_dialog_that_was_taken_over_before_its_ack_ends_only_itself() {
    let mut desk = desk();
    let (invite, offered) = desk.dials("01061234567");
    desk.answers(&offered, 200, "outside", OUTSIDE, |_| {});
    let ok = desk.response(AGENT, 200);
    let mut first = Dialog::uac(&invite, &ok);
    desk.registers(OTHER, "1001");
    let mut other = successor(&mut desk, OTHER, "1001", &named(&first));
    desk.proves(OTHER, &mut other, "1001");
    let ok = desk.response(OTHER, 200);
    let mut second = Dialog::uac(&other, &ok);
    desk.acks(&second, other.cseq().number, OTHER);
    for body in [sdp(AGENT, "sendrecv"), Vec::new()] {
        desk.asks(&mut first, Method::INVITE, AGENT, |again| {
            if !body.is_empty() {
                again.set_body("application/sdp", body.clone());
            }
        });
        desk.response(AGENT, 481);
    }
    desk.asks(&mut first, Method::BYE, AGENT, |_| {});
    desk.response(AGENT, 200);
    desk.none(OUTSIDE, "BYE");
    desk.none(OTHER, "BYE");
    desk.asks(&mut second, Method::BYE, OTHER, |_| {});
    desk.request(OUTSIDE, &Method::BYE);
}
