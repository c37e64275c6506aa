//! Ladders drawn from messages written by hand.

use super::*;

const CARRIER: &str = "203.0.113.1:5060";
const PHONE: &str = "192.0.2.51:5060";
const COLLEAGUE: &str = "192.0.2.52:5060";

fn passage(ms: i64, way: Way, peer: &str, octets: &str) -> Passage {
    Passage {
        at: Timestamp(1_790_000_000_000_000 + ms * 1000),
        way,
        local: "192.0.2.10:5060".parse().unwrap(),
        peer: peer.parse().unwrap(),
        octets: octets.replace('\n', "\r\n").into_bytes(),
    }
}

fn request(method: &str, to: &str, cseq: &str, call_id: &str) -> String {
    format!("{method} sip:x SIP/2.0\nTo: <sip:{to}@a>\nCSeq: {cseq}\nCall-ID: {call_id}\n\n")
}

fn response(status: &str, cseq: &str, call_id: &str) -> String {
    format!("SIP/2.0 {status}\nTo: <sip:1001@a>;tag=1\nCSeq: {cseq}\nCall-ID: {call_id}\n\n")
}

fn described(message: &str) -> String {
    message.replace("\n\n", "\nContent-Type: application/sdp\n\nv=0\n")
}

#[test]
fn both_legs_stand_in_order_with_repeats_and_descriptions() {
    let invite = described(&request("INVITE", "****4567", "1 INVITE", "a"));
    let ring = described(&request("INVITE", "1001", "1 INVITE", "b"));
    let messages = [
        passage(0, Way::In, CARRIER, &invite),
        passage(
            1,
            Way::Out,
            CARRIER,
            &response("100 Trying", "1 INVITE", "a"),
        ),
        passage(12, Way::Out, PHONE, &ring),
        passage(512, Way::Out, PHONE, &ring),
        passage(
            1600,
            Way::In,
            PHONE,
            &described(&response("200 OK", "1 INVITE", "b")),
        ),
        passage(
            61_600,
            Way::In,
            CARRIER,
            &request("BYE", "****4567", "2 BYE", "a"),
        ),
    ];
    let drawn = Ladder::of(&messages, "trunk carrier").draw(&TimeZone::UTC);
    let expected = "
                                    203.0.113.1:5060              thirdring              192.0.2.51:5060
                                      trunk carrier                                           1001
   1  14:13:20.000     +0.000               |----- INVITE (SDP) ----->|                         |  1 INVITE, leg 1
   2  14:13:20.001     +0.001               |<----- 100 Trying -------|                         |  1 INVITE, leg 1
   3  14:13:20.012     +0.012               |                         |----- INVITE (SDP) ----->|  1 INVITE, leg 2
   4  14:13:20.512     +0.512               |                         |----- INVITE (SDP) ----->|  1 INVITE, leg 2, repeats 3
   5  14:13:21.600     +1.600               |                         |<---- 200 OK (SDP) ------|  1 INVITE, leg 2
   6  14:14:21.600    +61.600               |--------- BYE ---------->|                         |  2 BYE, leg 1
";
    assert_eq!(format!("\n{drawn}"), expected);
}

#[test]
fn an_arrow_to_a_far_column_passes_the_others() {
    let ring = |to, call_id| request("INVITE", to, "1 INVITE", call_id);
    let messages = [
        passage(0, Way::In, CARRIER, &ring("x", "a")),
        passage(1, Way::Out, PHONE, &ring("1001", "b")),
        passage(2, Way::Out, COLLEAGUE, &ring("1002", "c")),
        passage(
            3,
            Way::In,
            COLLEAGUE,
            &response("486 Busy Here", "1 INVITE", "c"),
        ),
    ];
    let drawn = Ladder::of(&messages, "caller").draw(&TimeZone::UTC);
    let rungs: Vec<_> = drawn.lines().skip(4).collect();
    assert!(
        rungs[0].contains("|--------------------- INVITE --------------------->|"),
        "{drawn}"
    );
    assert!(
        rungs[1].contains("|<---------------- 486 Busy Here"),
        "{drawn}"
    );
}

#[test]
fn one_address_is_one_column_whichever_leg_it_is() {
    let messages = [
        passage(
            0,
            Way::In,
            CARRIER,
            &request("INVITE", "x", "1 INVITE", "a"),
        ),
        passage(
            1,
            Way::Out,
            CARRIER,
            &request("INVITE", "y", "1 INVITE", "b"),
        ),
    ];
    let drawn = Ladder::of(&messages, "caller").draw(&TimeZone::UTC);
    assert_eq!(drawn.matches("203.0.113.1:5060").count(), 1);
    assert!(drawn.contains("leg 1") && drawn.contains("leg 2"));
}

#[test]
fn long_reasons_are_cut_and_nothing_at_all_is_drawn_too() {
    let long = response(&format!("500 {}", "x".repeat(500)), "1 INVITE", "a");
    let drawn = Ladder::of(&[passage(0, Way::In, CARRIER, &long)], "caller").draw(&TimeZone::UTC);
    assert!(
        drawn.lines().all(|line| line.chars().count() < 200),
        "{drawn}"
    );
    assert!(drawn.contains('…'));
    Ladder::of(&[passage(0, Way::In, CARRIER, "")], "").draw(&TimeZone::UTC);
    Ladder::of(&[], "").draw(&TimeZone::UTC);
}
