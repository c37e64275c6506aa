//! Carriers that are down, slow, elsewhere or asking too much: peers, registration, DNS, and what a
//! trunk may carry.

use std::time::Duration;

use serde_json::Value;
use thirdring::sip::{Message, Method, Request, StatusCode};

use crate::dns::{Dns, Zone};
use crate::loopback::sip;
use crate::patience::{until, within};
use crate::peer::Peer;
use crate::service::Service;
use crate::sipp::{Playing, Sipp};
use crate::site::{Line, Site};

const NUMBER: &str = "4001234567";

fn hotline() -> Site {
    Site::new()
        .agent(1)
        .line(&Line::new("hotline", NUMBER, &[1]))
}

fn gauge(service: &Service, name: &str) -> Option<f64> {
    let labelled = format!("{name}{{trunk=\"carrier\"}}");
    service.metrics().get(&labelled).copied()
}

pub(crate) fn wait_for_trunk(service: &Service, up: bool) {
    let wanted = if up { 1.0 } else { 0.0 };
    until("the trunk's gauge", || {
        let seen = gauge(service, "thirdring_trunk_up")?;
        ((seen - wanted).abs() < 0.5).then_some(())
    });
}

/// Answers a request.
fn answer(peer: &mut Peer, request: &Request, status: u16, headers: &[(&str, &str)]) {
    let mut response = request.respond(StatusCode::new(status));
    response.set_to_tag("carrier");
    for (name, value) in headers {
        response.headers.push(name, value);
    }
    peer.send(&Message::Response(response));
}

/// R012: any answer to OPTIONS is an answer, silence raises the alarm within a minute, and the
/// trunk comes back by itself.
#[test]
fn options_tell_whether_a_trunk_is_up() {
    let site = hotline().trunk("probe = \"1s\"");
    let network = site.network().trunk();
    let mut carrier = Peer::new(network, site.network());
    let service = site.start();
    let probe = carrier.request(&Method::OPTIONS);
    answer(&mut carrier, &probe, 503, &[]);
    wait_for_trunk(&service, true);
    assert!(!service.log().contains("trunk_down"));

    // Nobody answers any more: two probes of 4 s are lost.
    within(Duration::from_mins(1), "the alarm", || {
        service.log().contains("alarm=\"trunk_down\"").then_some(())
    });
    wait_for_trunk(&service, false);

    carrier.drain(Duration::from_millis(100));
    let probe = carrier.request(&Method::OPTIONS);
    answer(&mut carrier, &probe, 200, &[]);
    wait_for_trunk(&service, true);
    service.stop();
}

const CHALLENGE: (&str, &str) = (
    "WWW-Authenticate",
    "Digest realm=\"carrier\", nonce=\"abc\", algorithm=MD5, qop=\"auth\"",
);

/// R012: 401, 423 and a refusal on the way to a registration; the trunk is down while it fails.
#[test]
fn a_carrier_that_wants_us_registered_gets_what_it_asks_for() {
    let site = hotline()
        .trunk("register = { user = \"4001234567\", password = \"secret\", expires = \"1m\" }");
    let mut carrier = Peer::new(site.network().trunk(), site.network());
    let mut service = site.start();

    let first = carrier.request(&Method::REGISTER);
    answer(&mut carrier, &first, 503, &[("Retry-After", "1")]);
    wait_for_trunk(&service, false);
    assert!(service.log().contains("alarm=\"trunk_down\""));

    let second = carrier.request(&Method::REGISTER);
    assert_eq!(second.headers.expires(), Some(60));
    answer(&mut carrier, &second, 423, &[("Min-Expires", "600")]);
    let third = carrier.request(&Method::REGISTER);
    assert_eq!(third.headers.expires(), Some(600));
    assert!(!third.headers.has("Authorization"));
    answer(&mut carrier, &third, 401, &[CHALLENGE]);
    let fourth = carrier.request(&Method::REGISTER);
    assert!(proves(&fourth), "{fourth:?}");
    let contact = fourth.headers.contact().unwrap();
    assert_eq!(contact.uri.number().as_deref(), Some("4001234567"));
    answer(&mut carrier, &fourth, 200, &[("Expires", "600")]);
    wait_for_trunk(&service, true);

    // At its end the service takes the registration back.
    service.terminate();
    let last = carrier.request(&Method::REGISTER);
    assert_eq!(last.headers.expires(), Some(0));
    answer(&mut carrier, &last, 401, &[CHALLENGE]);
    let last = carrier.request(&Method::REGISTER);
    assert!(proves(&last) && last.headers.expires() == Some(0));
    answer(&mut carrier, &last, 200, &[]);
    service.wait_for_exit();
    assert!(!service.log().contains("secret"));
}

/// Whether a REGISTER answers [`CHALLENGE`] with the right password.
fn proves(request: &Request) -> bool {
    let Some(header) = request.headers.get("Authorization") else {
        return false;
    };
    let field = |name: &str| {
        let from = header.find(&format!(" {name}=")).unwrap() + name.len() + 2;
        let text = header[from..].trim_start_matches('"');
        text[..text.find(['"', ',']).unwrap_or(text.len())].to_owned()
    };
    let mut asked = digest_auth::parse(CHALLENGE.1).unwrap();
    let mut context = digest_auth::AuthContext::new_with_method(
        "4001234567",
        "secret",
        field("uri"),
        None::<&[u8]>,
        digest_auth::HttpMethod("REGISTER".into()),
    );
    context.set_custom_cnonce(field("cnonce"));
    let wanted = asked.respond(&context).unwrap();
    field("response") == wanted.response && field("username") == "4001234567"
}

/// Threat: digest. A forged challenge of another realm gets no credentials.
#[test]
fn a_challenge_of_another_realm_gets_no_credentials() {
    let site = hotline().trunk(
        "register = { user = \"4001234567\", password = \"secret\", realm = \"elsewhere\" }",
    );
    let mut carrier = Peer::new(site.network().trunk(), site.network());
    let service = site.start();
    let first = carrier.request(&Method::REGISTER);
    answer(&mut carrier, &first, 401, &[CHALLENGE]);
    wait_for_trunk(&service, false);
    carrier.drain(Duration::from_millis(300));
    let sent = carrier.tally().iter();
    let registers = sent.filter(|((method, way, _), _)| method == "REGISTER" && *way == "out");
    assert_eq!(registers.map(|(_, count)| count).sum::<u64>(), 1);
    service.stop();
}

/// A transfer to an outside number goes to the first peer, which is silent, then to the second.
#[test]
fn a_call_out_passes_over_a_peer_that_is_silent_or_out_of_service() {
    for first_says in [None, Some(503)] {
        let site = Site::new().agent(1).line(&line_with_transfers());
        let peers = [sip(site.network().caller(5)), sip(site.network().caller(6))];
        let site = site.peers(&peers);
        let mut first = Peer::new(site.network().caller(5), site.network());
        let mut second = Peer::new(site.network().caller(6), site.network());
        let service = site.start();
        let transfer = Transfer::begin(&service, 200, 12_000);
        let tried = first.request(&Method::INVITE);
        assert_eq!(tried.uri.number().as_deref(), Some("13900139000"));
        if let Some(status) = first_says {
            answer(&mut first, &tried, status, &[]);
        }
        second.ring();
        let plain = second.plain();
        second.pick_up(plain);
        second.expect_bye();
        transfer.finish();
        let row = service.only_call();
        assert_eq!(row["transfers"][0]["result"], "answered", "{row:#}");
        service.stop();
    }
}

/// The control: a peer that says 486 has spoken for the person, and nobody else is asked.
#[test]
fn a_busy_number_is_not_tried_by_another_way() {
    let site = Site::new().agent(1).line(&line_with_transfers());
    let peers = [sip(site.network().caller(5)), sip(site.network().caller(6))];
    let site = site.peers(&peers);
    let mut first = Peer::new(site.network().caller(5), site.network());
    let mut second = Peer::new(site.network().caller(6), site.network());
    let service = site.start();
    let transfer = Transfer::begin(&service, 486, 6000);
    let tried = first.request(&Method::INVITE);
    answer(&mut first, &tried, 486, &[]);
    transfer.finish();
    second.drain(Duration::from_millis(100));
    assert!(second.tally().is_empty());
    let row = service.only_call();
    assert_eq!(row["transfers"][0]["result"], "refused");
    service.stop();
}

fn line_with_transfers() -> Line {
    Line::new("hotline", NUMBER, &[1])
        .with("transfer", "{ prefixes = [\"139\"], trunk = \"carrier\" }")
}

/// A call whose agent passes it on to 13900139000.
struct Transfer {
    phone: Playing,
    caller: Playing,
}

impl Transfer {
    /// The last NOTIFY is to tell this `result`; the caller stays for `talk_ms`.
    fn begin(service: &Service, result: u16, talk_ms: u32) -> Self {
        let network = service.network();
        let phone = Sipp::new("agent_transfers", network.agent(1))
            .with("tone", silence(service))
            .with("target", "13900139000")
            .with("result", result)
            .with("talk_ms", 1000)
            .start(service);
        let caller = Sipp::new("caller_speaks", network.trunk())
            .dial(NUMBER)
            .with("tone", silence(service))
            .with("talk_ms", talk_ms)
            .start(service);
        Self { phone, caller }
    }

    fn finish(self) {
        self.caller.finish();
        self.phone.finish();
    }
}

fn silence(service: &Service) -> String {
    let path = service.folder().join("silence.al");
    std::fs::write(&path, vec![0xd5; 8000]).unwrap();
    path.display().to_string()
}

/// R009: a call beyond the trunk's channels is told busy, one beyond its pace 503 with
/// Retry-After; each has its row and its reason, and the gauge tells what is free.
#[test]
fn a_trunk_carries_what_its_contract_says() {
    let service = hotline()
        .trunk("max_calls = 1")
        .trunk("max_cps = 2")
        .start();
    let network = service.network();
    assert_free(&service, 1.0);
    let mut phone = Peer::new(network.agent(1), network);
    let mut first = Peer::new(network.caller(1), network);
    first.dial(NUMBER, first.plain());
    phone.ring();
    first.expect(180);
    assert_free(&service, 0.0);

    let mut second = Peer::new(network.caller(2), network);
    second.dial(NUMBER, second.plain());
    let busy = second.expect_refusal(486);
    second.ack_refusal(&busy);
    first.cancel();
    phone.expect_cancel();
    assert_free(&service, 1.0);

    // Three at once, none of which gets far enough to hold the channel.
    let mut slowed = 0;
    for n in 3..=6 {
        let mut caller = Peer::new(network.caller(n), network);
        caller.dial("99999", caller.plain());
        let refusal = caller.refusal();
        caller.ack_refusal(&refusal);
        match refusal.status.as_u16() {
            503 => {
                assert_eq!(refusal.headers.number("Retry-After"), Some(1));
                slowed += 1;
            }
            404 => {}
            other => panic!("{other}"),
        }
    }
    assert!(slowed > 0, "four calls within a second");
    let rows = service.ended(6);
    let reason = |row: &Value| row["hangup_reason"].as_str().unwrap_or("").to_owned();
    assert_eq!(reason(&rows[1]), "all 1 channels of the trunk are taken");
    assert_eq!(rows[1]["outcome"], "refused");
    let paced = rows.iter().filter(|row| row["status"] == 503);
    let paced: Vec<_> = paced.map(reason).collect();
    assert_eq!(paced.len(), slowed);
    assert!(
        paced
            .iter()
            .all(|r| r == "more than 2 calls a second by the trunk")
    );
    service.stop();
}

fn assert_free(service: &Service, free: f64) {
    until("the gauge of free channels", || {
        let seen = gauge(service, "thirdring_channels_free")?;
        ((seen - free).abs() < 0.5).then_some(())
    });
}

/// A trunk that is named by a domain: SRV tells its peers and their order, calls from their
/// addresses are the trunk's, and a name that is no longer found keeps the last addresses.
#[test]
fn a_trunk_may_be_named_by_a_domain() {
    let site = hotline();
    let (one, two) = (site.network().agent(21), site.network().agent(22));
    let dns = Dns::start(site.network().agent(20));
    dns.set(Zone {
        targets: vec![(10, 5070, one), (20, 5060, two)],
        ttl_s: 1,
    });
    let name_server = dns.address().to_string();
    let mut second = Peer::new(two, site.network());
    let site = site
        .sip(&format!("name_servers = [\"{name_server}\"]"))
        .section("[[trunk]]\nname = \"named\"\ndomain = \"carrier.example\"\nprobe = \"1s\"\n");
    let service = site.start();
    let network = service.network();
    // Both peers are asked whether they are there; the first is at the port that SRV names.
    let probe = second.request(&Method::OPTIONS);
    answer(&mut second, &probe, 200, &[]);
    let mut phone = Peer::new(network.agent(1), network);
    second.dial(NUMBER, second.plain());
    phone.ring();
    second.expect(180);
    second.cancel();
    phone.expect_cancel();
    let row = service.only_call();
    assert_eq!(row["trunk"], "named");

    // The name is gone: there is an alarm, and the addresses stand.
    dns.set(Zone::default());
    until("the alarm", || {
        service
            .log()
            .contains("alarm=\"trunk_unresolved\"")
            .then_some(())
    });
    second.forget_dialog();
    second.dial(NUMBER, second.plain());
    phone.ring();
    second.expect(180);
    second.cancel();
    phone.expect_cancel();
    assert_eq!(service.ended(2)[1]["trunk"], "named");
    service.stop();
}

/// The control: without the domain the same address is a stranger's.
#[test]
fn an_address_that_no_trunk_names_is_a_strangers() {
    let service = hotline().start();
    let network = service.network();
    let mut stranger = Peer::new(network.agent(22), network);
    stranger.dial(NUMBER, stranger.plain());
    let refusal = stranger.expect_refusal(403);
    stranger.ack_refusal(&refusal);
    service.stop();
}

/// Threat: digest. A carrier that we have registered with may challenge a call out; another realm
/// gets nothing, and the call goes nowhere.
#[test]
fn a_call_out_answers_the_registrars_realm_only() {
    for (realm, answered) in [("carrier", true), ("elsewhere", false)] {
        let site = Site::new()
            .agent(1)
            .line(&line_with_transfers())
            .trunk("register = { user = \"4001234567\", password = \"secret\" }");
        let peers = [sip(site.network().caller(5))];
        let site = site.peers(&peers);
        let mut carrier = Peer::new(site.network().caller(5), site.network());
        let service = site.start();
        let register = carrier.request(&Method::REGISTER);
        answer(&mut carrier, &register, 401, &[CHALLENGE]);
        let register = carrier.request(&Method::REGISTER);
        answer(&mut carrier, &register, 200, &[("Expires", "600")]);
        wait_for_trunk(&service, true);

        let transfer = Transfer::begin(&service, if answered { 486 } else { 480 }, 6000);
        let first = carrier.request(&Method::INVITE);
        let challenge = format!("Digest realm=\"{realm}\", nonce=\"xyz\", qop=\"auth\"");
        answer(
            &mut carrier,
            &first,
            407,
            &[("Proxy-Authenticate", &challenge)],
        );
        if answered {
            let second = carrier.request(&Method::INVITE);
            assert!(second.headers.has("Proxy-Authorization"));
            assert_eq!(second.cseq().number, first.cseq().number + 1);
            assert_eq!(second.call_id(), first.call_id());
            answer(&mut carrier, &second, 486, &[]);
        }
        transfer.finish();
        carrier.drain(Duration::from_millis(100));
        let out = carrier.tally().iter();
        let invites = out.filter(|((method, way, _), _)| method == "INVITE" && *way == "out");
        let invites: u64 = invites.map(|(_, count)| count).sum();
        assert_eq!(invites, if answered { 2 } else { 1 });
        drop(service);
    }
}
