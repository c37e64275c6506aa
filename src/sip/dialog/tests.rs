//! The rules of RFC 3261 §12.

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;

const ROUTES: [&str; 3] = [
    "<sip:p1.example.com;lr>",
    "<sip:p2.example.com;lr>",
    "<sip:p3.example.com;lr>",
];

#[test]
fn both_ends_name_the_same_dialog() {
    let invite = invite();
    let ok = answer(&invite, 200, "b");
    let alice = Dialog::uac(&invite, &ok);
    let mut bob = Dialog::uas(&invite, "b");

    assert_eq!(alice.id().call_id, bob.id().call_id);
    assert_eq!(alice.id().local_tag, bob.id().remote_tag);
    assert_eq!(alice.id().remote_tag, bob.id().local_tag);

    let bye = bob.request(Method::BYE, &mut rng());
    assert_eq!(DialogId::of_request(&bye), *alice.id());
    assert_eq!(DialogId::of_response(&ok), *alice.id());
}

#[test]
fn a_ringing_dialog_is_early_and_the_answer_confirms_it() {
    let invite = invite();
    let mut alice = Dialog::uac(&invite, &answer(&invite, 180, "b"));
    assert_eq!(alice.state(), State::Early);
    alice.update(&answer(&invite, 183, "b"));
    assert_eq!(alice.state(), State::Early);
    alice.update(&answer(&invite, 200, "b"));
    assert_eq!(alice.state(), State::Confirmed);

    let mut bob = Dialog::uas(&invite, "b");
    assert_eq!(bob.state(), State::Early);
    bob.confirm();
    assert_eq!(bob.state(), State::Confirmed);
}

/// §12.1.1, §12.1.2: the callee takes Record-Route in order, the caller reversed.
#[test]
fn the_two_ends_go_the_same_way_in_opposite_directions() {
    let mut invite = invite();
    for route in ROUTES {
        invite.headers.push("Record-Route", route);
    }
    let ok = answer(&invite, 200, "b");
    let mut alice = Dialog::uac(&invite, &ok);
    let mut bob = Dialog::uas(&invite, "b");

    let there = alice.request(Method::BYE, &mut rng());
    let back = bob.request(Method::BYE, &mut rng());

    assert_eq!(routes(&there), [ROUTES[2], ROUTES[1], ROUTES[0]]);
    assert_eq!(routes(&back), ROUTES);
    assert_eq!(there.uri.to_string(), "sip:bob@192.0.2.2:5080");
    assert_eq!(back.uri.to_string(), "sip:alice@192.0.2.1");
    assert_eq!(alice.destination().to_string(), "sip:p3.example.com;lr");
    assert_eq!(bob.destination().to_string(), "sip:p1.example.com;lr");
}

#[test]
fn routes_joined_by_commas_are_as_good_as_lines() {
    let mut invite = invite();
    invite.headers.set("Record-Route", ROUTES.join(", "));

    let back = Dialog::uas(&invite, "b").request(Method::BYE, &mut rng());

    assert_eq!(routes(&back), ROUTES);
}

/// §12.2.1.1: a strict router finds itself in the Request-URI and the target last.
#[test]
fn a_strict_router_is_served_as_rfc_2543_wanted() {
    let mut invite = invite();
    invite
        .headers
        .push("Record-Route", "<sip:strict.example.com;method=INVITE?a=b>");
    invite.headers.push("Record-Route", ROUTES[1]);
    let mut bob = Dialog::uas(&invite, "b");

    let bye = bob.request(Method::BYE, &mut rng());

    assert_eq!(bye.uri.to_string(), "sip:strict.example.com");
    assert_eq!(routes(&bye), [ROUTES[1], "<sip:alice@192.0.2.1>"]);
    assert!(bob.destination().to_string().contains("strict.example.com"));
}

/// §13.2.2.4: the 2xx brings the route set that counts; later ones do not change it.
#[test]
fn the_answer_brings_the_way_that_counts() {
    let invite = invite();
    let mut ringing = answer(&invite, 180, "b");
    ringing.headers.push("Record-Route", ROUTES[0]);
    let mut dialog = Dialog::uac(&invite, &ringing);
    let mut ok = answer(&invite, 200, "b");
    ok.headers.push("Record-Route", ROUTES[1]);
    dialog.update(&ok);
    assert_eq!(routes(&dialog.ack(1)), [ROUTES[1]]);

    dialog.update(&answer(&invite, 200, "b"));
    assert_eq!(routes(&dialog.ack(1)), [ROUTES[1]]);
}

#[test]
fn numbers_go_up_by_one_and_the_ack_has_the_invites() {
    let invite = invite();
    let mut alice = Dialog::uac(&invite, &answer(&invite, 200, "b"));

    assert_eq!(
        alice.ack(7).cseq(),
        CSeq {
            number: 7,
            method: Method::ACK
        }
    );
    let reinvite = alice.request(Method::INVITE, &mut rng());
    assert_eq!(reinvite.cseq().number, 8);
    assert_eq!(alice.request(Method::REFER, &mut rng()).cseq().number, 9);
    assert_eq!(alice.ack(8).cseq().number, 8);

    let mut bob = Dialog::uas(&invite, "b");
    let first = bob.request(Method::NOTIFY, &mut rng()).cseq().number;
    assert!(first < 1 << 31);
    assert_eq!(
        bob.request(Method::BYE, &mut rng()).cseq().number,
        first + 1
    );
}

#[test]
fn a_request_says_who_calls_whom() {
    let invite = invite();
    let bye = Dialog::uas(&invite, "b").request(Method::BYE, &mut rng());

    assert_eq!(bye.from_addr().tag(), Some("b"));
    assert_eq!(bye.from_addr().uri.user.as_deref(), Some("bob"));
    assert_eq!(bye.to_addr().tag(), Some("a"));
    assert_eq!(bye.to_addr().uri.user.as_deref(), Some("alice"));
    assert_eq!(bye.headers.max_forwards(), Some(70));
    assert!(!bye.headers.has("Contact"));
}

/// §12.2.2.
#[test]
fn a_request_that_comes_too_late_is_500() {
    let invite = invite();
    let mut bob = Dialog::uas(&invite, "b");
    assert_eq!(
        bob.accept_request(&numbered(Method::BYE, 6)),
        Err(StatusCode::SERVER_INTERNAL_ERROR)
    );
    assert_eq!(bob.accept_request(&numbered(Method::INVITE, 20)), Ok(()));
    assert_eq!(bob.accept_request(&numbered(Method::ACK, 7)), Ok(()));
    assert_eq!(
        bob.accept_request(&numbered(Method::INFO, 19)),
        Err(StatusCode::SERVER_INTERNAL_ERROR)
    );
    assert_eq!(bob.accept_request(&numbered(Method::BYE, 21)), Ok(()));

    let mut alice = Dialog::uac(&invite, &answer(&invite, 200, "b"));
    assert_eq!(
        alice.accept_request(&numbered(Method::BYE, 0)),
        Ok(()),
        "any number begins"
    );
}

#[test]
fn the_target_follows_the_peers_contact() {
    let invite = invite();
    let mut alice = Dialog::uac(&invite, &answer(&invite, 200, "b"));
    let mut reinvite = numbered(Method::INVITE, 1);
    alice.refresh_target(&reinvite.headers);
    assert_eq!(alice.remote_target().to_string(), "sip:bob@192.0.2.2:5080");

    reinvite.headers.set("Contact", "<sip:bob@192.0.2.77>");
    alice.refresh_target(&reinvite.headers);

    let bye = alice.request(Method::BYE, &mut rng());
    assert_eq!(bye.uri.to_string(), "sip:bob@192.0.2.77");
    assert_eq!(alice.destination().to_string(), "sip:bob@192.0.2.77");
}

#[test]
fn peers_without_tag_or_contact_are_borne() {
    let mut invite = invite();
    invite.headers.set("From", "<sip:alice@example.com>");
    invite.headers.remove("Contact");
    let bob = Dialog::uas(&invite, "b");
    assert_eq!(bob.id().remote_tag, "");
    assert_eq!(bob.remote_target().to_string(), "sip:alice@example.com");

    let mut ok = invite.respond(StatusCode::OK);
    ok.headers.remove("Contact");
    let alice = Dialog::uac(&invite, &ok);
    assert_eq!(alice.id().remote_tag, "");
    assert_eq!(alice.remote_target(), &invite.uri);
}

/// §12.2.2: what is kept of a dialog ends it in another process, by a number above all that were
/// used.
#[test]
fn a_dialog_that_was_kept_goes_on_the_same_way_with_a_higher_number() {
    let mut invite = invite();
    for route in ROUTES {
        invite.headers.push("Record-Route", route);
    }
    let mut bob = Dialog::uas(&invite, "b");
    bob.confirm();
    let mut alice = Dialog::uac(&invite, &answer(&invite, 200, "b"));
    for dialog in [&mut bob, &mut alice] {
        let kept = dialog.keep();
        let mut revived = Dialog::revive(&kept).unwrap();
        assert_eq!(revived.id(), dialog.id());
        assert_eq!(revived.state(), State::Confirmed);
        // The process goes on for a while after the dialog was kept.
        let later = (0..1000).map(|_| dialog.request(Method::INFO, &mut rng()));
        let last = later.last().unwrap();
        let bye = revived.request(Method::BYE, &mut rng());
        assert!(bye.cseq().number > last.cseq().number);
        assert_eq!(bye.uri, last.uri);
        assert_eq!(routes(&bye), routes(&last));
        for name in ["From", "To", "Call-ID"] {
            assert_eq!(bye.headers.get(name), last.headers.get(name));
        }
    }
}

fn invite() -> Request {
    let mut invite = numbered(Method::INVITE, 7);
    invite.headers.set("Contact", "<sip:alice@192.0.2.1>");
    invite
}

fn numbered(method: Method, number: u32) -> Request {
    let mut request = Request::new(method.clone(), "sip:bob@example.com".parse().unwrap());
    request
        .headers
        .set("From", "\"Alice\" <sip:alice@example.com>;tag=a");
    request.headers.set("To", "<sip:bob@example.com>");
    request.headers.set("Call-ID", "one");
    request.headers.set("CSeq", CSeq { number, method });
    request
}

fn answer(invite: &Request, status: u16, tag: &str) -> Response {
    let mut response = invite.respond(StatusCode::new(status));
    response.set_to_tag(tag);
    response.headers.set("Contact", "<sip:bob@192.0.2.2:5080>");
    response
}

fn routes(request: &Request) -> Vec<String> {
    request
        .headers
        .get_all("Route")
        .map(std::borrow::Cow::into_owned)
        .collect()
}

fn rng() -> StdRng {
    StdRng::seed_from_u64(1)
}
