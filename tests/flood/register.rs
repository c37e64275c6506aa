//! Threat: flood, memory. A flood of REGISTERs from everywhere, while people talk and call.
//!
//! `THIRDRING_FLOOD_SECONDS` makes it the long one: 20,000 a second, for so many seconds.

use std::net::SocketAddr;
use std::time::Duration;

use crate::crowd::{Account, Crowd, End};
use crate::flood::{Flood, Pace, sources};
use crate::guesser::Guesser;
use crate::loopback::{Network, sip};
use crate::peer::Peer;
use crate::service::Service;
use crate::site::{Line, Site};
use crate::visitors::Visitors;

const PASSWORD: &str = "correct-horse-battery";
/// The first of the agents who take the calls that come meanwhile.
const DESK: u8 = 51;
/// Who phones registers from there; the others are where the configuration says.
const REGISTERED: u8 = 1;
/// The carrier that the running calls come by: 64 addresses.
const CARRIER: u8 = 128;
const MOST_MEMORY_KIB: u64 = 256 * 1024;

/// Threat: flood, memory. The flood comes from 115 addresses that are nobody's and from one that a
/// registered phone has. No packet of a running call is lost, every call that comes is answered,
/// and memory stays.
#[test]
fn a_register_flood_harms_no_call_and_takes_no_memory() {
    let Size {
        calls,
        desks,
        pace,
        answered_percent,
    } = size();
    let service = site(calls, desks).start();
    let (callers, agents, ends) = running_calls(&service, calls);
    let crowd = Crowd::start(ends, None);
    crowd.wait_until_heard();

    let network = service.network();
    let strangers = (71..CARRIER).chain(CARRIER + 64..250);
    let mut from: Vec<_> = strangers.map(|last| network.at(last)).collect();
    from.push(network.agent(REGISTERED));
    let flood = Flood::start(&sources(from), network.signalling(), pace);
    let visitors = Visitors::start(&pairs(network, desks), network.signalling());
    let sent = flood.finish();
    let visits = visitors.finish();
    let Account {
        sent: packets,
        lost,
    } = crowd.finish();
    let memory = service.most_memory_kib();
    let refused = service.metrics();
    eprintln!(
        "{} REGISTERs in {:?}, {} of them overran the socket; {lost} of {packets} RTP packets lost; \
         {visits:?}; at most {memory} KiB",
        sent.datagrams,
        sent.took,
        service.overrun()
    );
    let cut = ["flooding", "overload"].map(|reason| {
        let counter = format!("thirdring_sip_refused_total{{reason=\"{reason}\"}}");
        refused.get(&counter).copied().unwrap_or(0.0)
    });
    assert!(cut.iter().sum::<f64>() > 0.0, "the flood was none");
    assert_eq!(lost, 0, "of {packets} packets");
    assert!(visits.made >= usize::from(desks), "{visits:?}");
    let is_served = visits.answered * 100 >= visits.made * answered_percent;
    assert!(is_served, "{visits:?}");
    assert!(memory <= MOST_MEMORY_KIB, "{memory} KiB");
    hang_up(callers, agents);
    service.stop();
}

/// The control: the same crowd sees each packet that is dropped.
#[test]
fn a_crowd_counts_each_packet_that_is_lost() {
    let service = site(1, 0).start();
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

struct Size {
    /// Calls that run.
    calls: u8,
    /// Agents who take the calls that come meanwhile.
    desks: u8,
    /// What they all have to stand.
    pace: Pace,
    /// So many of the calls that come must be answered.
    answered_percent: usize,
}

/// The short flood is what a debug build can take; there a call may fail for want of a processor.
fn size() -> Size {
    let Ok(seconds) = std::env::var("THIRDRING_FLOOD_SECONDS") else {
        return Size {
            calls: 20,
            desks: 4,
            pace: Pace {
                a_second: 2500,
                seconds: 4,
            },
            answered_percent: 75,
        };
    };
    Size {
        calls: 50,
        desks: 10,
        pace: Pace {
            a_second: 20_000,
            seconds: seconds.parse().expect("a number of seconds"),
        },
        answered_percent: 99,
    }
}

fn site(calls: u8, desks: u8) -> Site {
    let mut site = Site::new();
    let carrier = site.network().at(CARRIER);
    for n in (1..=calls).chain(DESK..DESK + desks) {
        site = if n == REGISTERED {
            site.agent_with(n, &format!("password = \"{PASSWORD}\""))
        } else {
            site.agent(n)
        };
        site = site.line(&Line::new(&format!("line-{n}"), &number(n), &[n]));
    }
    site.section(&format!(
        "[[trunk]]\nname = \"many\"\naddresses = [\"{carrier}/26\"]\n"
    ))
}

/// Who calls meanwhile, what, and who answers.
fn pairs(network: &Network, desks: u8) -> Vec<(SocketAddr, String, SocketAddr)> {
    let desks = DESK..DESK + desks;
    let pair = |n| {
        (
            sip(network.at(CARRIER + n)),
            number(n),
            sip(network.agent(n)),
        )
    };
    desks.map(pair).collect()
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
