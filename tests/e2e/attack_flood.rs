//! Threat: flood, memory. A flood of REGISTERs from everywhere, while people talk and call.
//!
//! `THIRDRING_FLOOD_SECONDS` makes it the long one: 20,000 a second, for so many seconds.

use std::time::Duration;

use crate::crowd::{Account, Crowd, End};
use crate::flood::{Flood, Pace, sources};
use crate::guesser::Guesser;
use crate::peer::Peer;
use crate::service::Service;
use crate::sipp::Sipp;
use crate::site::{Line, Site};

const PASSWORD: &str = "correct-horse-battery";
/// The agent who takes the calls that come meanwhile, behind those of the running calls.
const DESK: u8 = 51;
/// Who phones registers from there; the others are where the configuration says.
const REGISTERED: u8 = 1;
/// Calls that come meanwhile, at a time.
const ROUND: usize = 10;
const HOTLINE: &str = "4001234567";
/// The carrier that the running calls come by: 64 addresses.
const CARRIER: u8 = 128;
const MOST_MEMORY_KIB: u64 = 256 * 1024;

/// Threat: flood, memory. The flood comes from 124 addresses that are nobody's and from one that a
/// registered phone has. No packet of a running call is lost, every call that comes is answered,
/// and memory stays.
#[test]
fn a_register_flood_harms_no_call_and_takes_no_memory() {
    let (calls, pace) = size();
    let service = site(calls).start();
    let (callers, agents, ends) = running_calls(&service, calls);
    let crowd = Crowd::start(ends, None);
    crowd.wait_until_heard();

    let network = service.network();
    let strangers = (62..CARRIER).chain(CARRIER + 64..250);
    let mut from: Vec<_> = strangers.map(|last| network.at(last)).collect();
    from.push(network.agent(REGISTERED));
    let flood = Flood::start(&sources(from), network.signalling(), pace);
    let mut answered = 0;
    while !flood.is_over() {
        let caller = Sipp::new("caller", network.trunk()).dial(HOTLINE);
        let desk = Sipp::new("agent", network.agent(DESK)).with("talk_ms", 100);
        let desk = desk.calls(ROUND).start(&service);
        caller.calls(ROUND).start(&service).finish();
        desk.finish();
        answered += ROUND;
    }
    let sent = flood.finish();
    let Account {
        sent: packets,
        lost,
    } = crowd.finish();
    let memory = service.most_memory_kib();
    let refused = service.metrics();
    eprintln!(
        "{} REGISTERs in {:?}; {lost} of {packets} RTP packets lost; {answered} calls answered; \
         at most {memory} KiB",
        sent.datagrams, sent.took
    );
    let cut = ["flooding", "overload"].map(|reason| {
        let counter = format!("thirdring_sip_refused_total{{reason=\"{reason}\"}}");
        refused.get(&counter).copied().unwrap_or(0.0)
    });
    assert!(cut.iter().sum::<f64>() > 0.0, "the flood was none");
    assert_eq!(lost, 0, "of {packets} packets");
    assert!(memory <= MOST_MEMORY_KIB, "{memory} KiB");
    hang_up(callers, agents);
    service.stop();
}

/// The control: the same crowd sees each packet that is dropped.
#[test]
fn a_crowd_counts_each_packet_that_is_lost() {
    let service = site(1).start();
    let (callers, agents, ends) = running_calls(&service, 1);
    let crowd = Crowd::start(ends, Some(10));
    crowd.wait_until_heard();
    std::thread::sleep(Duration::from_secs(2));
    let Account { sent, lost } = crowd.finish();
    assert!(lost.abs_diff(sent / 10) <= 2, "{lost} of {sent}");
    assert!(lost > 0, "{lost} of {sent}");
    hang_up(callers, agents);
    service.stop();
}

/// How many calls run, and what they have to stand. The short flood is what a debug build can take
/// beside other tests.
fn size() -> (u8, Pace) {
    let Ok(seconds) = std::env::var("THIRDRING_FLOOD_SECONDS") else {
        let pace = Pace {
            a_second: 2500,
            seconds: 4,
        };
        return (20, pace);
    };
    let pace = Pace {
        a_second: 20_000,
        seconds: seconds.parse().expect("a number of seconds"),
    };
    (50, pace)
}

fn site(calls: u8) -> Site {
    let mut site = Site::new();
    let carrier = site.network().at(CARRIER);
    let desk = crate::loopback::sip(site.network().agent(DESK));
    for n in 1..=calls {
        site = if n == REGISTERED {
            site.agent_with(n, &format!("password = \"{PASSWORD}\""))
        } else {
            site.agent(n)
        };
        site = site.line(&Line::new(&format!("line-{n}"), &number(n), &[n]));
    }
    site.agent_with(DESK, &format!("contact = \"{desk}\"\nmax_calls = {ROUND}"))
        .line(&Line::new("hotline", HOTLINE, &[DESK]))
        .section(&format!(
            "[[trunk]]\nname = \"many\"\naddresses = [\"{carrier}/26\"]\n"
        ))
}

fn number(n: u8) -> String {
    format!("400765{n:04}")
}

/// Callers, agents, and the ends of their calls.
fn running_calls(service: &Service, calls: u8) -> (Vec<Peer>, Vec<Peer>, Vec<[End; 2]>) {
    let network = service.network();
    let mut phone = Guesser::new((network.agent(REGISTERED), 5060), network.signalling());
    let user = crate::site::extension(REGISTERED);
    assert_eq!(phone.register(&user, PASSWORD), Some(200));
    drop(phone);
    let (mut callers, mut agents, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    for n in 1..=calls {
        let mut caller = Peer::deaf(network.at(CARRIER + n), network);
        let mut agent = Peer::deaf(network.agent(n), network);
        caller.dial(&number(n), caller.plain());
        agent.ring();
        let agent_to = agent.pick_up(agent.plain());
        let caller_to = caller.talk();
        ends.push([
            (caller.voice.socket(), caller_to),
            (agent.voice.socket(), agent_to),
        ]);
        callers.push(caller);
        agents.push(agent);
    }
    (callers, agents, ends)
}

fn hang_up(callers: Vec<Peer>, agents: Vec<Peer>) {
    for (mut caller, mut agent) in callers.into_iter().zip(agents) {
        caller.bye();
        agent.expect_bye();
    }
}
