//! Nobody is free: callers wait, first come, first served, and not for ever.

use crate::patience::until;
use crate::peer::Peer;
use crate::service::Service;
use crate::sipp::Sipp;
use crate::site::{Line, Site};

const NUMBER: &str = "4001234567";

/// R009: nobody is refused for want of an agent; who came first is served first.
#[test]
fn callers_wait_for_an_agent_in_the_order_of_their_arrival() {
    let service = Site::new()
        .agent(1)
        .line(&Line::new("hotline", NUMBER, &[1]))
        .start();
    let network = service.network();
    let phone = Sipp::new("agent", network.agent(1))
        .calls(3)
        .start(&service);
    let mut first = Peer::new(network.caller(1), network);
    first.dial(NUMBER, first.plain());
    first.talk();
    let waiting = [2, 3].map(|n| {
        let caller = Sipp::new("caller", network.caller(n))
            .dial(NUMBER)
            .with("caller", format!("1380013800{n}"))
            .start(&service);
        wait_for_waiting(&service, f64::from(n) - 1.0);
        caller
    });
    first.bye();
    for caller in waiting {
        caller.finish();
    }
    phone.finish();

    let rows = service.ended(3);
    let numbers: Vec<_> = rows
        .iter()
        .map(|row| row["parties"][row["caller"].as_str().unwrap()]["number"].as_str())
        .collect();
    assert_eq!(numbers[1..], [Some("13800138002"), Some("13800138003")]);
    let answered = |n: usize| rows[n]["answered_at"].as_i64().unwrap();
    assert!(answered(1) < answered(2), "first come, first served");
    for row in &rows {
        assert_eq!(row["outcome"], "answered", "{row:#}");
    }
    assert!(rows[1]["queue_ms"].is_u64(), "{:#}", rows[1]);
    assert!(rows[2]["queue_ms"].is_u64(), "{:#}", rows[2]);
    service.stop();
}

fn wait_for_waiting(service: &Service, callers: f64) {
    until("a caller to wait", || {
        (service.metric("thirdring_queue_waiting") >= callers).then_some(())
    });
}

/// Nobody has registered.
fn deserted(line: &Line) -> Service {
    Site::new()
        .agent_with(1, "password = \"never-used-in-this-test\"")
        .line(line)
        .start()
}

/// R009: whoever cannot be served hears so.
#[test]
fn a_caller_whom_nobody_is_free_for_hears_the_announcement() {
    let line = Line::new("hotline", NUMBER, &[1])
        .with("max_preanswer", "\"2s\"")
        .with("announcement", "\"all-busy.wav\"");
    let service = deserted(&line);
    let trunk = Sipp::new("caller_stays", service.network().trunk())
        .dial(NUMBER)
        .start(&service);
    trunk.finish();
    let row = service.only_call();
    assert_eq!(row["outcome"], "announcement");
    assert_eq!(row["announcement"]["file"], "all-busy.wav");
    assert_eq!(row["announcement"]["complete"], true);
    assert_eq!(row["hangup_party"], "system");
    assert!(row["answered_at"].is_null(), "{row:#}");
    assert!(row["queue_ms"].as_u64() >= Some(2000), "{row:#}");
    service.stop();
}

/// R009: without an announcement the status says it, and the row.
#[test]
fn a_line_without_an_announcement_says_480() {
    let line = Line::new("hotline", NUMBER, &[1]).with("max_preanswer", "\"2s\"");
    let service = deserted(&line);
    let trunk = Sipp::new("caller_refused", service.network().trunk())
        .dial(NUMBER)
        .with("status", 480)
        .start(&service);
    trunk.finish();
    let row = service.only_call();
    assert_eq!(row["outcome"], "no_agent");
    assert_eq!(row["status"], 480);
    assert_eq!(row["attempts"].as_array().map(Vec::len), Some(0));
    service.stop();
}
