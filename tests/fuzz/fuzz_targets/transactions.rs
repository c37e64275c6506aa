//! Any sequence of messages, answers and waits: an endpoint never panics, holds no more than it
//! may, leaves no timer behind, answers no request twice with different finals, and is empty in
//! the end.

#![no_main]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use rand::SeedableRng;
use rand::rngs::StdRng;
use thirdring::sip::endpoint::{
    ClientTx, Endpoint, EndpointConfig, Event, Output, ServerTx, Transmit,
};
use thirdring::sip::{Flow, Message, Request, StatusCode, Transport};

/// Requests that may be in work at once.
const MOST: usize = 8;
const METHODS: [&str; 7] = [
    "INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "PRACK", "UPDATE",
];
const STATUSES: [u16; 8] = [100, 180, 183, 200, 202, 302, 486, 603];

fuzz_target!(|input: &[u8]| {
    let mut desk = Desk::new();
    let mut input = input.iter().copied();
    while let Some(kind) = input.next() {
        let mut argument = || input.next().unwrap_or(0);
        match kind % 10 {
            0 | 1 => desk.hears_request(argument(), argument()),
            2 => desk.hears_response(argument(), argument()),
            3 => desk.answers(argument(), argument()),
            4 => desk.asks(argument(), argument()),
            5 => desk.acknowledges(argument()),
            6 => desk.cancels(argument()),
            7 => desk.waits(u64::from(argument()) << (argument() % 9)),
            8 => desk.loses(argument()),
            _ => {
                let length = usize::from(argument());
                let bytes: Vec<_> = input.by_ref().take(length).collect();
                let (flow, now) = (desk.flow(length), desk.now);
                desk.endpoint.handle_message(&bytes, flow, now);
                desk.settle();
            }
        }
    }
    desk.closes();
});

struct Desk {
    endpoint: Endpoint,
    now: Instant,
    /// What is to be answered, and what was said to it for good.
    asked: Vec<(ServerTx, Request)>,
    sent: Vec<(ClientTx, Request)>,
    /// The last thing that went out by a connection or not.
    last: Option<Transmit>,
    /// The final status that each request of the peer's got on the wire.
    finals: HashMap<(String, String), u16>,
}

impl Desk {
    fn new() -> Self {
        let config = EndpointConfig {
            max_server_transactions: MOST,
            ..EndpointConfig::default()
        };
        Self {
            endpoint: Endpoint::new(config, StdRng::seed_from_u64(1)),
            now: Instant::now(),
            asked: Vec::new(),
            sent: Vec::new(),
            last: None,
            finals: HashMap::new(),
        }
    }

    /// Datagrams, or a connection.
    fn flow(&self, which: usize) -> Flow {
        let (local, peer) = (at(1), at(2));
        match which % 3 {
            0 => Flow {
                transport: Transport::Tcp,
                local,
                peer,
            },
            _ => Flow::udp(local, peer),
        }
    }

    fn hears_request(&mut self, method: u8, which: u8) {
        let method = METHODS[usize::from(method) % METHODS.len()];
        let branch = which % 6;
        let tag = if which & 0x40 == 0 { "" } else { ";tag=ours" };
        let via = if which & 0x80 == 0 { "UDP" } else { "TCP" };
        let text = format!(
            "{method} sip:x@192.0.2.1 SIP/2.0\r\n\
             Via: SIP/2.0/{via} 192.0.2.2;branch=z9hG4bK-{branch}\r\nMax-Forwards: 70\r\n\
             From: <sip:a@192.0.2.2>;tag=a\r\nTo: <sip:x@192.0.2.1>{tag}\r\n\
             Call-ID: c{}\r\nCSeq: {} {method}\r\nContact: <sip:a@192.0.2.2>\r\n\
             Content-Length: 0\r\n\r\n",
            which % 2,
            1 + which % 3
        );
        let flow = self.flow(usize::from(which >> 7) * 3 + usize::from(which < 128));
        self.endpoint
            .handle_message(text.as_bytes(), flow, self.now);
        self.settle();
    }

    /// The peer answers a request of ours, perhaps one that was answered long ago.
    fn hears_response(&mut self, which: u8, status: u8) {
        let Some(last) = self.sent.get(usize::from(which) % self.sent.len().max(1)) else {
            return;
        };
        let status = StatusCode::new(STATUSES[usize::from(status) % STATUSES.len()]);
        let mut response = last.1.respond(status);
        response.set_to_tag(["b", "c"][usize::from(which >> 7)]);
        let bytes = response.to_bytes();
        let flow = self.flow(1);
        self.endpoint.handle_message(&bytes, flow, self.now);
        self.settle();
    }

    /// Our user answers, perhaps again.
    fn answers(&mut self, which: u8, status: u8) {
        let Some((tx, request)) = pick(&self.asked, which) else {
            return;
        };
        let status = StatusCode::new(STATUSES[usize::from(status) % STATUSES.len()]);
        let mut response = request.respond(status);
        response.set_to_tag("ours");
        self.endpoint.respond(tx, response, self.now);
        self.settle();
    }

    fn asks(&mut self, method: u8, which: u8) {
        let method = ["INVITE", "BYE", "OPTIONS"][usize::from(method) % 3];
        let n = self.sent.len();
        let text = format!(
            "{method} sip:b@192.0.2.2 SIP/2.0\r\nMax-Forwards: 70\r\nVia: SIP/2.0/UDP x;branch=1\r\n\
             From: <sip:x@192.0.2.1>;tag=x\r\nTo: <sip:b@192.0.2.2>\r\nCall-ID: o{n}\r\n\
             CSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n"
        );
        let Ok(Message::Request(mut request)) = Message::parse(text.as_bytes()) else {
            panic!("the test's own request cannot be read");
        };
        request.headers.remove("Via");
        let flow = self.flow(usize::from(which));
        let tx = self.endpoint.send(request.clone(), flow, self.now);
        self.sent.push((tx, request));
        self.settle();
    }

    fn acknowledges(&mut self, which: u8) {
        if let Some((tx, request)) = pick(&self.sent, which) {
            let mut ack = request;
            ack.method = thirdring::sip::Method::ACK;
            ack.headers.set("CSeq", "1 ACK");
            ack.headers.remove("Via");
            self.endpoint.acknowledge(tx, ack, at(2));
            self.settle();
        }
    }

    fn cancels(&mut self, which: u8) {
        if let Some((tx, _)) = pick(&self.sent, which) {
            self.endpoint.cancel(tx, None, self.now);
            self.settle();
        }
    }

    /// A connection breaks, or the last thing could not be sent.
    fn loses(&mut self, which: u8) {
        match (which % 2, self.last.clone()) {
            (0, Some(last)) => self.endpoint.handle_send_error(&last, self.now),
            _ => self.endpoint.handle_disconnect(self.flow(0), self.now),
        }
        self.settle();
    }

    fn waits(&mut self, ms: u64) {
        let until = self.now + Duration::from_millis(ms);
        let mut turns = 0_u32;
        while let Some(due) = self.endpoint.poll_timeout().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.endpoint.handle_timeout(self.now);
            let next = self.endpoint.poll_timeout();
            assert!(next.is_none_or(|next| next > self.now), "a timer is left");
            self.settle();
            turns += 1;
            assert!(turns < 100_000, "it never comes to rest");
        }
        self.now = until;
    }

    fn settle(&mut self) {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    assert_eq!(transmit.flow.peer.ip(), at(2).ip());
                    match Message::parse(&transmit.bytes) {
                        Ok(Message::Response(response)) => {
                            let via = response.headers.via().expect("a Via");
                            let method = response.cseq().method.to_string();
                            let status = response.status.as_u16();
                            // What is said without a transaction is said of that message only.
                            let stateless = [400, 408, 413, 481, 482, 503, 505].contains(&status);
                            let branch = via.branch().unwrap_or_default().to_owned();
                            if status >= 200 && method != "CANCEL" && !stateless {
                                let flow = format!("{:?}", transmit.flow.transport);
                                let key = (branch + &flow, method);
                                let first = *self.finals.entry(key).or_insert(status);
                                assert_eq!(first, status, "answered twice");
                            }
                        }
                        Ok(Message::Request(_)) => {}
                        Err(error) => panic!("our own message cannot be read: {error}"),
                    }
                    self.last = Some(transmit);
                }
                Output::Event(Event::Request { tx, request, flow }) => {
                    let via = request.headers.via().expect("a Via");
                    let branch = via.branch().unwrap_or_default().to_owned();
                    let flow = format!("{:?}", flow.transport);
                    let key = (branch + &flow, request.method.to_string());
                    self.finals.remove(&key);
                    self.asked.push((tx, request));
                }
                Output::Event(_) => {}
            }
        }
        let counts = self.endpoint.counts();
        assert!(counts.server_transactions <= MOST, "{counts:?}");
        assert!(counts.client_transactions <= 2 * self.sent.len());
    }

    /// Everything is answered, and nothing more is said.
    fn closes(&mut self) {
        for _ in 0..3 {
            for (tx, _) in self.sent.clone() {
                self.endpoint.cancel(tx, None, self.now);
            }
            for (tx, request) in std::mem::take(&mut self.asked) {
                let busy = request.respond(StatusCode::BUSY_HERE);
                self.endpoint.respond(tx, busy, self.now);
            }
            self.settle();
            self.waits(200_000);
        }
        assert!(self.endpoint.is_idle(), "{:?}", self.endpoint.counts());
        assert_eq!(self.endpoint.poll_timeout(), None);
    }
}

fn at(host: u8) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, host], 5060))
}

fn pick<T: Clone>(all: &[T], which: u8) -> Option<T> {
    all.get(usize::from(which).checked_rem(all.len())?).cloned()
}
