//! Who calls and whom: asserted and withheld numbers, diverted calls, and callers whom a line does
//! not want.

use serde_json::Value;

use crate::peer::Peer;
use crate::service::Service;
use crate::site::{Line, Site};

const NUMBER: &str = "4001234567";

/// A caller with more headers rings, and gives up; what the phone was told, and the row.
fn rings(service: &Service, dialled: &str, headers: &[(&str, &str)]) -> (String, Value) {
    let network = service.network();
    let before = service.calls().len();
    let mut phone = Peer::new(network.agent(1), network);
    let mut caller = Peer::new(network.caller(1), network);
    let body = caller.plain();
    caller.dial_with(dialled, headers, body);
    let invite = phone.ring();
    caller.expect(180);
    caller.cancel();
    phone.expect_cancel();
    let row = service.ended(before + 1).remove(before);
    (invite.from_addr().to_string(), row)
}

fn party<'a>(row: &'a Value, id: &Value) -> &'a Value {
    &row["parties"][id.as_str().unwrap()]
}

/// R077: the number is the one that the network vouches for, in E.164 as well.
#[test]
fn the_trunk_vouches_for_the_callers_number() {
    let service = Site::new()
        .agent(1)
        .trunk("area_code = \"010\"")
        .line(&Line::new("hotline", NUMBER, &[1]))
        .start();
    let asserted = ("P-Asserted-Identity", "\"Wang\" <tel:6123-4567>");
    let (told, row) = rings(&service, NUMBER, &[asserted]);
    assert!(told.starts_with("\"Wang\" <sip:61234567@"), "{told}");
    let caller = party(&row, &row["caller"]);
    assert_eq!(caller["number"], "61234567");
    assert_eq!(caller["e164"], "+861061234567");
    service.stop();
}

/// RFC 3323, RFC 3325: who withholds the number stays anonymous to agents and in what people read,
/// although the network knows it.
#[test]
fn a_withheld_number_is_shown_to_nobody() {
    let service = Site::new()
        .agent(1)
        .line(&Line::new("hotline", NUMBER, &[1]))
        .start();
    let secret = "13900139000";
    let asserted = ("P-Asserted-Identity", "<sip:13900139000@c.example>");
    let (told, row) = rings(&service, NUMBER, &[asserted, ("Privacy", "id")]);
    assert!(told.contains("anonymous@anonymous.invalid"), "{told}");
    assert_eq!(row["circumstances"]["withheld"], true);
    let id = row["id"].as_str().unwrap();
    for arguments in [
        &["calls", "--numbers"][..],
        &["calls", "--json", "--numbers"],
        &["calls", "show", id, "--numbers"],
        &["calls", "show", id, "--json", "--numbers"],
    ] {
        let (status, said) = service.command(arguments);
        assert!(status.success() && said.contains(&id[..18]), "{said}");
        assert!(!said.contains(secret), "{arguments:?}: {said}");
    }
    // The control: without Privacy the same number is there.
    let (told, row) = rings(&service, NUMBER, &[asserted]);
    assert!(told.contains(secret), "{told}");
    assert_eq!(party(&row, &row["caller"])["number"], secret);
    service.stop();
}

/// RFC 5806, RFC 7044: behind a platform the number dialled stands in another header, and picks the
/// line; the row has the way that the call took.
#[test]
fn a_diverted_call_is_for_the_number_that_was_dialled() {
    let service = Site::new()
        .agent(1)
        .trunk("dialled_from = [\"diversion\", \"history_info\", \"request_uri\"]")
        .line(&Line::new("hotline", NUMBER, &[1]))
        .line(&Line::new("direct", "01061234567", &[1]))
        .start();
    let diverted = (
        "Diversion",
        "<sip:4001234567@p.example>;reason=unconditional, <tel:13800138111>;reason=no-answer",
    );
    let (_, row) = rings(&service, "01061234567", &[diverted]);
    assert_eq!(
        (&row["line"], &row["dialled"]),
        (&"hotline".into(), &NUMBER.into())
    );
    let diversions = &row["circumstances"]["diversions"];
    assert_eq!(diversions[0]["reason"], "unconditional");
    assert_eq!(party(&row, &diversions[1]["by"])["number"], "13800138111");
    let id = row["id"].as_str().unwrap();
    let (_, said) = service.command(&["calls", "show", id]);
    assert!(said.contains("138****8111 (no-answer)"), "{said}");

    let history = ("History-Info", "<sip:+864001234567@p.example>;index=1");
    let (_, row) = rings(&service, "01061234567", &[history]);
    assert_eq!(row["line"], "hotline");
    // A diversion that is no line's leaves the Request-URI.
    let other = ("Diversion", "<tel:13800138111>;reason=no-answer");
    let (_, row) = rings(&service, "01061234567", &[other]);
    assert_eq!(
        (&row["line"], &row["dialled"]),
        (&"direct".into(), &"01061234567".into())
    );
    service.stop();
}

/// R009: a nuisance caller is refused as the line says, with a row that says why; anybody else
/// rings.
#[test]
fn a_nuisance_caller_is_refused_with_a_row() {
    for (policy, status) in [("reject", 603), ("busy", 486)] {
        let listed = format!("{{ numbers = [\"170*\"], policy = \"{policy}\" }}");
        let service = Site::new()
            .agent(1)
            .line(&Line::new("hotline", NUMBER, &[1]).with("nuisance", &listed))
            .start();
        let network = service.network();
        let mut caller = Peer::new(network.caller(1), network);
        let headers = [("P-Asserted-Identity", "<tel:+86-170-1234-5678>")];
        let body = caller.plain();
        caller.dial_with(NUMBER, &headers, body);
        let refusal = caller.expect_refusal(status);
        caller.ack_refusal(&refusal);
        let row = service.only_call();
        assert_eq!(row["outcome"], "refused");
        assert_eq!(row["circumstances"]["nuisance"], policy);
        let reason = row["hangup_reason"].as_str().unwrap();
        assert!(reason.starts_with("nuisance caller: "), "{reason}");
        assert_eq!(row["attempts"].as_array().map(Vec::len), Some(0));
        drop(caller);
        let (_, row) = rings(&service, NUMBER, &[]);
        assert_eq!(row["outcome"], "abandoned", "anybody else rings");
        service.stop();
    }
}

/// A nuisance caller who gets the announcement rings nobody; one who waits last is served after
/// whoever came later.
#[test]
fn a_nuisance_caller_may_be_announced_to_or_wait_last() {
    let line = |policy: &str| {
        let listed = format!("{{ numbers = [\"170*\"], policy = \"{policy}\" }}");
        Line::new("hotline", NUMBER, &[1])
            .with("announcement", "\"all-busy.wav\"")
            .with("nuisance", &listed)
    };
    let nuisance = [("P-Asserted-Identity", "<tel:17012345678>")];

    let service = Site::new().agent(1).line(&line("announce")).start();
    let network = service.network();
    let mut phone = Peer::new(network.agent(1), network);
    let mut caller = Peer::new(network.caller(1), network);
    let body = caller.plain();
    caller.dial_with(NUMBER, &nuisance, body);
    caller.talk();
    caller.expect_bye();
    let row = service.only_call();
    assert_eq!(row["outcome"], "announcement");
    assert_eq!(row["circumstances"]["nuisance"], "announce");
    phone.drain(std::time::Duration::from_millis(100));
    assert!(phone.tally().is_empty(), "a nuisance caller rang a phone");
    service.stop();

    let service = Site::new().agent(1).line(&line("last")).start();
    let network = service.network();
    let mut phone = Peer::new(network.agent(1), network);
    let mut talking = Peer::new(network.caller(1), network);
    talking.dial(NUMBER, talking.plain());
    phone.ring();
    let body = phone.plain();
    phone.pick_up(body);
    talking.talk();
    let mut unwelcome = Peer::new(network.caller(2), network);
    let body = unwelcome.plain();
    unwelcome.dial_with(NUMBER, &nuisance, body);
    unwelcome.expect(180);
    let mut welcome = Peer::new(network.caller(3), network);
    welcome.dial(NUMBER, welcome.plain());
    welcome.expect(180);
    talking.bye();
    phone.expect_bye();
    phone.forget_dialog();
    let invite = phone.ring();
    assert_eq!(
        invite.from_addr().uri.number().as_deref(),
        Some("13800138000")
    );
    welcome.cancel();
    phone.expect_cancel();
    phone.ring();
    unwelcome.cancel();
    phone.expect_cancel();
    service.ended(3);
    service.stop();
}
