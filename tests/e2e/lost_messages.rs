//! What a network loses: an ACK, the answer to a BYE, a 100.

use std::time::Duration;

use crate::sipp::Sipp;
use crate::site::{Line, Site};

const NUMBER: &str = "4001234567";

fn hotline() -> Site {
    Site::new()
        .agent(1)
        .line(&Line::new("hotline", NUMBER, &[1]))
}

/// RFC 3261 §13.3.1.4: the 200 is repeated for 64·T1, then the call is ended with BYE.
#[test]
fn a_lost_ack_repeats_the_200_and_then_ends_the_call() {
    let service = hotline().start();
    let network = service.network();
    let phone = Sipp::new("agent", network.agent(1)).start(&service);
    let trunk = Sipp::new("caller_loses_ack", network.trunk())
        .dial(NUMBER)
        .start(&service);
    let trace = trunk.finish();
    phone.finish();
    // At 0, 0.5, 1.5, 3.5, 7.5 s and every 4 s from there until 32 s.
    let repeats = trace.received("SIP/2.0 200");
    assert!((10..=12).contains(&repeats), "{repeats} times 200");
    let row = service.only_call();
    assert_eq!(row["outcome"], "answered");
    assert_eq!(row["hangup_party"], "system");
    assert_eq!(row["agent_first"], false);
    service.stop();
}

/// A BYE that nobody answers holds up neither the row nor the ports of either leg.
#[test]
fn a_lost_bye_holds_up_nothing() {
    let service = hotline().start();
    let network = service.network();
    let phone = Sipp::new("agent_hangs_up", network.agent(1)).start(&service);
    let trunk = Sipp::new("caller_never_answers_bye", network.trunk())
        .dial(NUMBER)
        .with("quiet_ms", 5000)
        .start(&service);
    phone.finish();
    let row = service.only_call();
    assert_eq!(row["outcome"], "answered");
    assert_eq!(row["hangup_party"], "agent");
    let sides = |row: &serde_json::Value| -> Vec<String> {
        let media = row["media"].as_array().unwrap().iter();
        let mut sides: Vec<_> = media
            .map(|leg| leg["side"].as_str().unwrap().to_owned())
            .collect();
        sides.sort_unstable();
        sides
    };
    let id = row["id"].as_str().unwrap();
    crate::patience::until("both legs to close", || {
        (sides(&service.show(id)) == ["agent", "caller"]).then_some(())
    });
    let repeats =
        crate::patience::within(Duration::from_secs(10), "the BYE to be repeated", || {
            let byes = trunk.trace().received("BYE");
            (byes > 1).then_some(byes)
        });
    assert!(repeats > 1);
    drop(trunk);
    service.stop();
}

/// R009: one row a call, however often its INVITE comes.
#[test]
fn a_repeated_invite_is_one_call() {
    let service = hotline().start();
    let network = service.network();
    let phone = Sipp::new("agent", network.agent(1)).start(&service);
    let trunk = Sipp::new("caller_repeats_invite", network.trunk())
        .dial(NUMBER)
        .start(&service);
    trunk.finish();
    phone.finish();
    let row = service.only_call();
    assert_eq!(row["outcome"], "answered");
    assert_eq!(row["attempts"].as_array().map(Vec::len), Some(1));
    service.stop();
}
