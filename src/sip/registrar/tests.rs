//! The rules of RFC 3261 §10.3, and those of one contact a phone.

use super::*;
use crate::sip::method::Method;

#[test]
fn a_phone_that_registers_is_found_at_its_contact_behind_its_source() {
    let mut desk = Desk::new();
    let ok = desk.register("<sip:101@10.0.0.5:5066;ob>;expires=600");

    assert_eq!(ok.status, StatusCode::OK);
    assert_eq!(
        ok.headers.get("Contact").as_deref(),
        Some("<sip:101@10.0.0.5:5066;ob>;expires=600")
    );
    let binding = desk.found().unwrap();
    assert_eq!(binding.uri().to_string(), "sip:101@10.0.0.5:5066;ob");
    assert_eq!(binding.flow.peer, source());
    assert_eq!(desk.changes(), [registered()]);
}

#[test]
fn a_refresh_is_no_change_but_a_move_is() {
    let mut desk = Desk::new();
    desk.register("<sip:101@10.0.0.5>");
    desk.register("<sip:101@10.0.0.5>");
    assert_eq!(desk.changes(), [registered()]);

    desk.register("<sip:101@10.0.0.6>");
    assert_eq!(desk.changes(), [registered()]);
    assert_eq!(desk.found().unwrap().uri().to_string(), "sip:101@10.0.0.6");
    assert_eq!(desk.registrar.len(), 1);

    desk.source = "198.51.100.7:40000".parse().unwrap();
    desk.register("<sip:101@10.0.0.6>");
    assert_eq!(desk.changes(), [registered()], "the NAT moved it");
}

#[test]
fn a_registration_ends_when_its_time_is_over() {
    let mut desk = Desk::new();
    desk.register("<sip:101@10.0.0.5>;expires=60");
    assert_eq!(
        desk.registrar.poll_timeout(),
        Some(desk.now + Duration::from_mins(1))
    );

    desk.wait(59);
    assert!(desk.found().is_some());
    desk.register("<sip:101@10.0.0.5>;expires=60");
    desk.wait(59);
    assert!(desk.found().is_some(), "it was refreshed");
    desk.changes();

    desk.wait(1);
    assert!(desk.found().is_none());
    assert!(desk.registrar.is_empty());
    assert_eq!(desk.registrar.poll_timeout(), None);
    assert_eq!(
        desk.changes(),
        [Change::Expired {
            user: "101".to_owned()
        }]
    );
}

#[test]
fn the_contacts_time_goes_before_the_requests_and_both_before_the_default() {
    for (contact, expires, granted) in [
        ("<sip:101@h>;expires=300", Some("900"), "300"),
        ("<sip:101@h>", Some("900"), "900"),
        ("<sip:101@h>", None, "3600"),
        ("<sip:101@h>;expires=soon", Some("900"), "3600"),
        ("<sip:101@h>;expires=86400", None, "7200"),
        ("<sip:101@h>;expires=4294967295", None, "7200"),
    ] {
        let mut desk = Desk::new();
        let mut request = desk.request(contact);
        if let Some(expires) = expires {
            request.headers.set("Expires", expires);
        }
        let ok = desk.handle(&request);
        let contact = ok.headers.contact().unwrap();
        assert_eq!(contact.params.get("expires"), Some(granted), "{contact}");
    }
}

#[test]
fn a_time_too_short_is_423_with_the_shortest_that_will_do() {
    let mut desk = Desk::new();
    let refusal = desk.register("<sip:101@10.0.0.5>;expires=59");

    assert_eq!(refusal.status, StatusCode::INTERVAL_TOO_BRIEF);
    assert_eq!(refusal.headers.get("Min-Expires").as_deref(), Some("60"));
    assert!(desk.found().is_none());
}

#[test]
fn a_register_without_contact_asks_what_is_there() {
    let mut desk = Desk::new();
    let mut query = desk.request("<sip:x@h>");
    query.headers.remove("Contact");
    assert!(!desk.handle(&query).headers.has("Contact"));

    desk.register("<sip:101@10.0.0.5>;expires=100");
    desk.wait(30);
    let known = desk.handle(&query).headers.contact().unwrap();
    assert_eq!(known.params.get("expires"), Some("70"));
}

#[test]
fn a_phone_takes_leave_of_its_contact_or_of_all() {
    for contact in ["<sip:101@10.0.0.5>;expires=0", "*"] {
        let mut desk = Desk::new();
        desk.register("<sip:101@10.0.0.5>");
        desk.changes();
        let mut request = desk.request(contact);
        request.headers.set("Expires", "0");

        let ok = desk.handle(&request);

        assert_eq!(ok.status, StatusCode::OK);
        assert!(!ok.headers.has("Contact"));
        assert_eq!(
            desk.changes(),
            [Change::Removed {
                user: "101".to_owned()
            }]
        );
        assert_eq!(desk.registrar.poll_timeout(), None);
    }
}

#[test]
fn a_restarted_phone_may_take_leave_of_a_contact_it_no_longer_has() {
    let mut desk = Desk::new();
    desk.register("<sip:101@10.0.0.5:5070>");

    let ok = desk.register("<sip:101@10.0.0.5:5060>;expires=0");

    assert_eq!(ok.status, StatusCode::OK);
    assert!(desk.found().is_some());
}

#[test]
fn a_star_needs_expires_0_and_stands_alone() {
    let mut desk = Desk::new();
    desk.register("<sip:101@10.0.0.5>");
    for expires in [None, Some("60")] {
        let mut request = desk.request("*");
        if let Some(expires) = expires {
            request.headers.set("Expires", expires);
        }
        assert_eq!(desk.handle(&request).status, StatusCode::BAD_REQUEST);
    }
    let mut request = desk.request("*");
    request.headers.set("Expires", "0");
    request.headers.push("Contact", "<sip:101@10.0.0.5>");
    assert_eq!(desk.handle(&request).status, StatusCode::BAD_REQUEST);
    assert!(desk.found().is_some());
}

#[test]
fn an_older_request_of_the_same_phone_changes_nothing() {
    let mut desk = Desk::new();
    let older = desk.request("<sip:101@10.0.0.5>;expires=0");
    desk.register("<sip:101@10.0.0.5>");

    assert_eq!(
        desk.handle(&older).status,
        StatusCode::SERVER_INTERNAL_ERROR
    );
    assert!(desk.found().is_some());

    let mut restarted = older;
    restarted.headers.set("Call-ID", "another life");
    assert_eq!(desk.handle(&restarted).status, StatusCode::OK);
    assert!(desk.found().is_none());
}

#[test]
fn of_several_contacts_the_best_liked_is_kept() {
    let mut desk = Desk::new();
    let ok =
        desk.register("<sip:a@h>;q=0.2, <sip:b@h>;q=0.9, <sip:c@h>;q=0.9, <sip:d@h>;expires=0");

    assert_eq!(ok.headers.contacts().len(), 1);
    assert_eq!(desk.found().unwrap().uri().to_string(), "sip:b@h");
}

#[test]
fn a_contact_that_would_write_into_our_requests_is_403() {
    let mut desk = Desk::new();
    let refusal = desk.register("<sip:101@10.0.0.5?Route=%3Csip:x%3E>");

    assert_eq!(refusal.status, StatusCode::FORBIDDEN);
    assert!(desk.found().is_none());
}

#[test]
fn a_contact_that_cannot_be_called_is_400() {
    for contact in ["<tel:101>", "<mailto:a@b>", "<http://h/>"] {
        let refusal = Desk::new().register(contact);
        assert_eq!(refusal.status, StatusCode::BAD_REQUEST, "{contact}");
    }
}

#[test]
fn parameters_of_the_contact_and_of_its_uri_stay_where_they_were() {
    let mut desk = Desk::new();
    let ok = desk.register("<sip:101@h;uriparam>;headerparam");

    assert_eq!(
        ok.headers.get("Contact").as_deref(),
        Some("<sip:101@h;uriparam>;headerparam;expires=3600")
    );
}

#[test]
fn a_phone_is_known_by_the_address_it_registered_from_as_long_as_it_is_there() {
    let mut desk = Desk::new();
    desk.register("<sip:101@10.0.0.5>;expires=60");
    assert_eq!(desk.registrar.user_at(source(), desk.now), Some("101"));
    let neighbour = "198.51.100.7:32999".parse().unwrap();
    assert_eq!(desk.registrar.user_at(neighbour, desk.now), None);

    desk.source = "198.51.100.7:40000".parse().unwrap();
    desk.register("<sip:101@10.0.0.5>;expires=60");
    assert_eq!(desk.registrar.user_at(source(), desk.now), None, "it moved");
    assert_eq!(desk.registrar.user_at(desk.source, desk.now), Some("101"));

    desk.wait(60);
    assert_eq!(desk.registrar.user_at(desk.source, desk.now), None);
    desk.register("<sip:101@10.0.0.5>");
    desk.register("<sip:101@10.0.0.5>;expires=0");
    assert_eq!(desk.registrar.user_at(desk.source, desk.now), None);
    assert!(desk.registrar.sources.is_empty());
}

#[test]
fn users_do_not_meet() {
    let mut desk = Desk::new();
    desk.register("<sip:101@10.0.0.5>");
    let request = desk.request("<sip:102@10.0.0.6>");
    let now = desk.now;
    desk.registrar
        .register(&request, "102", Flow::udp(local(), source()), now);

    assert_eq!(desk.registrar.len(), 2);
    assert_eq!(desk.found().unwrap().uri().to_string(), "sip:101@10.0.0.5");
}

/// A registrar with the phone of user 101.
struct Desk {
    registrar: Registrar,
    now: Instant,
    source: SocketAddr,
    cseq: u32,
}

impl Desk {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test needs one arbitrary start"
    )]
    fn new() -> Self {
        Self {
            registrar: Registrar::new(RegistrarConfig::default()),
            now: Instant::now(),
            source: source(),
            cseq: 0,
        }
    }

    fn request(&mut self, contact: &str) -> Request {
        self.cseq += 1;
        let mut request = Request::new(Method::REGISTER, "sip:example.com".parse().unwrap());
        let headers = &mut request.headers;
        headers.set("Via", "SIP/2.0/UDP 10.0.0.5;branch=z9hG4bK1");
        headers.set("From", "<sip:101@example.com>;tag=a");
        headers.set("To", "<sip:101@example.com>");
        headers.set("Call-ID", "phone");
        headers.set("CSeq", format!("{} REGISTER", self.cseq));
        headers.set("Contact", contact);
        request
    }

    fn register(&mut self, contact: &str) -> Response {
        let request = self.request(contact);
        self.handle(&request)
    }

    fn handle(&mut self, request: &Request) -> Response {
        self.registrar
            .register(request, "101", Flow::udp(local(), self.source), self.now)
    }

    fn wait(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
        self.registrar.handle_timeout(self.now);
    }

    fn found(&self) -> Option<&Binding> {
        self.registrar.contact("101", self.now)
    }

    fn changes(&mut self) -> Vec<Change> {
        std::iter::from_fn(|| self.registrar.poll_output()).collect()
    }
}

fn registered() -> Change {
    Change::Registered {
        user: "101".to_owned(),
    }
}

fn local() -> SocketAddr {
    "192.0.2.9:5060".parse().unwrap()
}

fn source() -> SocketAddr {
    "198.51.100.7:33000".parse().unwrap()
}
