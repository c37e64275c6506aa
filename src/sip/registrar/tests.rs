//! The rules of RFC 3261 §10.3, of Path (RFC 3327), and those of several phones a user.

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
fn a_refresh_is_told_from_a_move() {
    let mut desk = Desk::new();
    desk.register("<sip:101@10.0.0.5>");
    desk.register("<sip:101@10.0.0.5>");
    assert_eq!(desk.changes(), [registered(), ChangeKind::Refreshed]);
    let name = desk.found().unwrap().id;

    desk.register("<sip:101@10.0.0.6>");
    assert_eq!(desk.changes(), [registered()]);
    assert_eq!(desk.found().unwrap().uri().to_string(), "sip:101@10.0.0.6");
    assert_eq!(desk.registrar.len(), 1);

    desk.source = "198.51.100.7:40000".parse().unwrap();
    desk.register("<sip:101@10.0.0.6>");
    assert_eq!(desk.changes(), [registered()], "the NAT moved it");
    assert_eq!(desk.found().unwrap().id, name, "it is the same phone");
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
    assert_eq!(desk.changes(), [ChangeKind::Expired]);
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
        assert_eq!(desk.changes(), [ChangeKind::Removed]);
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
fn all_contacts_of_a_request_are_bound_and_listed_the_best_liked_first() {
    let mut desk = Desk::new();
    let ok = desk.register("<sip:a@h>;q=0.2, <sip:b@h>;q=0.9, <sip:c@h>, <sip:d@h>;expires=0");

    let listed: Vec<_> = ok
        .headers
        .contacts()
        .iter()
        .map(|c| c.uri.to_string())
        .collect();
    assert_eq!(listed, ["sip:c@h", "sip:b@h", "sip:a@h"]);
    assert_eq!(desk.contacts(), ["sip:a@h", "sip:b@h", "sip:c@h"]);
}

#[test]
fn a_user_has_several_phones_and_each_answer_lists_them_with_what_is_left() {
    let mut desk = Desk::new();
    desk.register("<sip:101@10.0.0.5>;expires=600");
    desk.wait(100);
    desk.take_up("another phone", "198.51.100.8:5060");
    let ok = desk.register("<sip:101@10.0.0.6>;expires=300");

    let left: Vec<_> = ok
        .headers
        .contacts()
        .into_iter()
        .map(|c| c.to_string())
        .collect();
    assert_eq!(
        left,
        [
            "<sip:101@10.0.0.5>;expires=500",
            "<sip:101@10.0.0.6>;expires=300"
        ]
    );
    desk.wait(300);
    assert_eq!(desk.contacts(), ["sip:101@10.0.0.5"]);
    assert_eq!(desk.registrar.len(), 1);
}

#[test]
fn of_too_many_phones_the_one_not_heard_of_for_longest_goes() {
    let mut desk = Desk::new();
    for n in 1..=4 {
        desk.take_up(&format!("phone {n}"), &format!("198.51.100.{n}:5060"));
        desk.register(&format!("<sip:101@10.0.0.{n}>"));
        desk.wait(1);
    }
    desk.take_up("phone 1", "198.51.100.1:5060");
    desk.register("<sip:101@10.0.0.1>");
    desk.changes();
    desk.take_up("phone 5", "198.51.100.5:5060");
    desk.register("<sip:101@10.0.0.5>");

    assert_eq!(desk.changes(), [ChangeKind::Removed, registered()]);
    let left = [
        "sip:101@10.0.0.3",
        "sip:101@10.0.0.4",
        "sip:101@10.0.0.1",
        "sip:101@10.0.0.5",
    ];
    assert_eq!(desk.contacts(), left);
}

#[test]
fn more_contacts_in_one_request_than_a_user_may_have_are_403() {
    let mut desk = Desk::new();
    let refusal = desk.register("<sip:a@h>, <sip:b@h>, <sip:c@h>, <sip:d@h>, <sip:e@h>");

    assert_eq!(refusal.status, StatusCode::FORBIDDEN);
    assert!(desk.registrar.is_empty());
}

#[test]
fn a_device_that_names_itself_has_one_registration_wherever_it_moves() {
    let device = |contact: &str| format!("<{contact}>;reg-id=1;+sip.instance=\"<urn:uuid:7>\"");
    let mut desk = Desk::new();
    desk.register(&device("sip:101@10.0.0.5"));
    let name = desk.found().unwrap().id;
    desk.take_up("after its restart", "198.51.100.8:5060");
    let ok = desk.register(&device("sip:101@10.0.0.9"));

    assert_eq!(desk.contacts(), ["sip:101@10.0.0.9"]);
    assert_eq!(desk.found().unwrap().id, name);
    let listed = ok.headers.get("Contact").unwrap().into_owned();
    assert!(
        listed.contains("+sip.instance=\"<urn:uuid:7>\""),
        "{listed}"
    );
    desk.register("<sip:101@10.0.0.7>;+sip.instance=\"<urn:uuid:8>\"");
    assert_eq!(desk.contacts().len(), 2);
}

/// RFC 3261 §10.3 step 7: all contacts of a request, or none.
#[test]
fn a_request_is_carried_out_whole_or_not_at_all() {
    let mut desk = Desk::new();
    let older = desk.request("<sip:b@h>, <sip:a@h>;expires=0");
    desk.register("<sip:a@h>");
    desk.changes();

    let status = desk.register("<sip:b@h>, <sip:c@h>;expires=5").status;
    assert_eq!(status, StatusCode::INTERVAL_TOO_BRIEF);
    assert_eq!(
        desk.register("<sip:b@h>, <tel:1>").status,
        StatusCode::BAD_REQUEST
    );
    let status = desk.handle(&older).status;
    assert_eq!(status, StatusCode::SERVER_INTERNAL_ERROR);
    assert_eq!(desk.contacts(), ["sip:a@h"]);
    assert_eq!(desk.changes(), []);
}

#[test]
fn a_star_takes_all_phones_away_unless_it_is_late_for_one() {
    let mut desk = Desk::new();
    let mut star = desk.request("*");
    star.headers.set("Expires", "0");
    desk.register("<sip:a@h>");
    desk.take_up("another phone", "198.51.100.8:5060");
    desk.register("<sip:b@h>");

    assert_eq!(desk.handle(&star).status, StatusCode::SERVER_INTERNAL_ERROR);
    assert_eq!(desk.contacts().len(), 2);
    star.headers.set("Call-ID", "a third");
    assert_eq!(desk.handle(&star).status, StatusCode::OK);
    assert!(desk.registrar.is_empty());
    assert!(desk.registrar.sources.is_empty());
}

#[test]
fn the_path_is_kept_and_told_to_a_phone_that_knows_it() {
    let mut desk = Desk::new();
    let mut request = desk.request("<sip:101@10.0.0.5>");
    request.headers.push(
        "Path",
        "<sip:edge.example.com;lr>, <sip:inner.example.com;lr>",
    );
    let ok = desk.handle(&request);
    assert_eq!(ok.headers.get("Path"), None);
    assert!(ok.headers.lists("Supported", "path"));

    let mut request = desk.request("<sip:101@10.0.0.5>");
    request.headers.push("Supported", "path");
    request.headers.push("Path", "<sip:edge.example.com;lr>");
    let ok = desk.handle(&request);
    assert_eq!(
        ok.headers.get("Path").as_deref(),
        Some("<sip:edge.example.com;lr>")
    );
    let path: Vec<_> = desk
        .found()
        .unwrap()
        .path
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(path, ["<sip:edge.example.com;lr>"]);
    assert!(
        !desk.found().unwrap().is_behind_nat,
        "the proxy sees to that"
    );

    let mut request = desk.request("<sip:101@10.0.0.5>");
    request.headers.push("Path", "<sip:edge.example.com");
    assert_eq!(desk.handle(&request).status, StatusCode::BAD_REQUEST);
}

#[test]
fn a_phone_that_names_another_address_than_we_see_is_behind_a_nat() {
    for (contact, via, peer, hidden) in [
        ("<sip:a@192.0.2.7>", "192.0.2.7", "192.0.2.7:5060", false),
        (
            "<sip:a@192.0.2.7:5062>",
            "192.0.2.7:5062",
            "192.0.2.7:5062",
            false,
        ),
        ("<sip:a@10.0.0.5>", "192.0.2.7", "192.0.2.7:5060", true),
        ("<sip:a@192.0.2.7>", "10.0.0.5", "192.0.2.7:5060", true),
        ("<sip:a@192.0.2.7>", "192.0.2.7", "192.0.2.7:40000", true),
    ] {
        let mut desk = Desk::new();
        desk.source = peer.parse().unwrap();
        let mut request = desk.request(contact);
        request
            .headers
            .set("Via", format!("SIP/2.0/UDP {via};branch=z9hG4bK1"));
        desk.handle(&request);
        assert_eq!(
            desk.found().unwrap().is_behind_nat,
            hidden,
            "{contact} {via} {peer}"
        );
    }
}

#[test]
fn a_way_too_long_to_keep_is_refused() {
    let mut desk = Desk::new();
    let contact = format!("<sip:101@10.0.0.5;x={}>", "a".repeat(2048));
    assert_eq!(desk.register(&contact).status, StatusCode::BAD_REQUEST);
    assert!(desk.registrar.is_empty());
}

#[test]
fn a_restored_registration_goes_on_where_it_was() {
    let mut desk = Desk::new();
    desk.register("<sip:101@10.0.0.5>;expires=100");
    let late = desk.request("<sip:101@10.0.0.5>;expires=0");
    desk.register("<sip:101@10.0.0.5>;expires=100");
    let before = desk.found().unwrap().clone();

    let mut after = Desk {
        cseq: desk.cseq,
        ..Desk::new()
    };
    after.registrar.restore("101", before);
    assert_eq!(after.registrar.user_at(source(), after.now), Some("101"));
    assert_eq!(
        after.handle(&late).status,
        StatusCode::SERVER_INTERNAL_ERROR
    );
    after.register("<sip:101@10.0.0.5>;expires=200");
    assert_eq!(after.changes(), [ChangeKind::Refreshed]);
    assert_eq!(after.registrar.len(), 1);
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
    call_id: String,
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
            call_id: "phone".to_owned(),
        }
    }

    /// Another of the user's phones speaks from now on.
    fn take_up(&mut self, call_id: &str, source: &str) {
        call_id.clone_into(&mut self.call_id);
        self.source = source.parse().unwrap();
    }

    fn request(&mut self, contact: &str) -> Request {
        self.cseq += 1;
        let mut request = Request::new(Method::REGISTER, "sip:example.com".parse().unwrap());
        let headers = &mut request.headers;
        headers.set("Via", "SIP/2.0/UDP 10.0.0.5;branch=z9hG4bK1");
        headers.set("From", "<sip:101@example.com>;tag=a");
        headers.set("To", "<sip:101@example.com>");
        headers.set("Call-ID", &self.call_id);
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
        self.registrar.bindings("101", self.now).next()
    }

    fn contacts(&self) -> Vec<String> {
        let bindings = self.registrar.bindings("101", self.now);
        bindings.map(|binding| binding.uri().to_string()).collect()
    }

    fn changes(&mut self) -> Vec<ChangeKind> {
        let changes = std::iter::from_fn(|| self.registrar.poll_output());
        changes.map(|change| change.kind).collect()
    }
}

const fn registered() -> ChangeKind {
    ChangeKind::Registered
}

fn local() -> SocketAddr {
    "192.0.2.9:5060".parse().unwrap()
}

fn source() -> SocketAddr {
    "198.51.100.7:33000".parse().unwrap()
}
