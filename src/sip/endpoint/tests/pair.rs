//! A caller and a callee, a wire between them, and what was seen on it.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::super::{ClientTx, Endpoint, EndpointConfig, Event, Output, ServerTx, Transmit};
use crate::sip::cseq::CSeq;
use crate::sip::dialog::Dialog;
use crate::sip::flow::Flow;
use crate::sip::message::{Message, Request, Response};
use crate::sip::method::Method;
use crate::sip::status::StatusCode;
use crate::sip::timers::{PATIENCE, T4};

/// Longer than any transaction lives after the last thing that happened.
pub(super) const T_END: Duration = PATIENCE.saturating_mul(2).saturating_add(T4);

pub(super) struct Side {
    pub(super) endpoint: Endpoint,
    pub(super) address: SocketAddr,
    pub(super) events: VecDeque<Event>,
    /// Since the pair began.
    pub(super) last_event_at: Duration,
}

impl Side {
    fn new(address: &str, seed: u64) -> Self {
        Self {
            endpoint: Endpoint::new(EndpointConfig::default(), rng(seed)),
            address: address.parse().unwrap(),
            events: VecDeque::new(),
            last_event_at: Duration::ZERO,
        }
    }

    pub(super) fn event(&mut self) -> Event {
        self.events.pop_front().expect("an event was raised")
    }

    /// The next event is a request.
    pub(super) fn request(&mut self) -> (ServerTx, Request) {
        let event = self.event();
        let Event::Request { tx, request, .. } = event else {
            panic!("a request was expected, not {event:?}");
        };
        (tx, request)
    }

    /// The next event is a response; its status.
    pub(super) fn response(&mut self) -> u16 {
        let event = self.event();
        let Event::Response { response, .. } = event else {
            panic!("a response was expected, not {event:?}");
        };
        response.status.as_u16()
    }

    /// The last event of all is a response with this status.
    pub(super) fn last_response(&mut self, status: u16) -> Response {
        while let Some(event) = self.events.pop_front() {
            if let Event::Response { response, .. } = event
                && response.status.as_u16() == status
            {
                return response;
            }
        }
        panic!("no {status} was raised");
    }
}

pub(super) struct Pair {
    pub(super) now: Instant,
    pub(super) caller: Side,
    pub(super) callee: Side,
    /// The INVITE as the caller gave it, with the Via it left with.
    pub(super) sent: Request,
    start: Instant,
    seen: Vec<Transmit>,
    lost: HashMap<String, usize>,
}

impl Pair {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test needs one arbitrary start"
    )]
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            now,
            caller: Side::new("192.0.2.1:5060", 1),
            callee: Side::new("192.0.2.2:5080", 2),
            sent: request(Method::INVITE, 1),
            start: now,
            seen: Vec::new(),
            lost: HashMap::new(),
        }
    }

    /// Loses the next `times` messages of this kind: `ACK`, or `200 INVITE`.
    pub(super) fn lose(&mut self, kind: &str, times: usize) {
        self.lost.insert(kind.to_owned(), times);
    }

    pub(super) fn invite(&mut self) -> ClientTx {
        let tx = self.caller.endpoint.send(
            self.sent.clone(),
            Flow::udp(self.caller.address, self.callee.address),
            self.now,
        );
        self.settle();
        tx
    }

    /// The callee takes the call.
    pub(super) fn answer(&mut self) -> ServerTx {
        let (tx, request) = self.callee.request();
        self.respond(tx, tagged(&request, StatusCode::OK, "b"));
        tx
    }

    /// The caller acknowledges `ok`.
    pub(super) fn confirm(&mut self, tx: ClientTx, ok: &Response) {
        let ack = Dialog::uac(&self.sent, ok).ack(self.sent.cseq().number);
        self.acknowledge(tx, ack);
    }

    pub(super) fn respond(&mut self, tx: ServerTx, response: Response) {
        self.callee.endpoint.respond(tx, response, self.now);
        self.settle();
    }

    pub(super) fn caller_responds(&mut self, tx: ServerTx, response: Response) {
        self.caller.endpoint.respond(tx, response, self.now);
        self.settle();
    }

    pub(super) fn acknowledge(&mut self, tx: ClientTx, ack: Request) {
        let destination = self.callee.address;
        self.caller.endpoint.acknowledge(tx, ack, destination);
        self.settle();
    }

    pub(super) fn cancel(&mut self, tx: ClientTx, reason: Option<&str>) {
        self.caller.endpoint.cancel(tx, reason, self.now);
        self.settle();
    }

    pub(super) fn callee_sends(&mut self, request: Request) {
        let (local, destination) = (self.callee.address, self.caller.address);
        let endpoint = &mut self.callee.endpoint;
        endpoint.send(request, Flow::udp(local, destination), self.now);
        self.settle();
    }

    pub(super) fn inject_to_caller(&mut self, bytes: &[u8]) {
        let (local, source) = (self.caller.address, self.callee.address);
        let endpoint = &mut self.caller.endpoint;
        endpoint.handle_message(bytes, Flow::udp(local, source), self.now);
        self.settle();
    }

    /// Sends something that was on the wire once more, to either side.
    pub(super) fn replay(&mut self, to_caller: bool, which: usize) {
        let Some(which) = which.checked_rem(self.seen.len()) else {
            return;
        };
        let bytes = self.seen[which].bytes.clone();
        let (to, from) = if to_caller {
            (&mut self.caller, self.callee.address)
        } else {
            (&mut self.callee, self.caller.address)
        };
        to.endpoint
            .handle_message(&bytes, Flow::udp(to.address, from), self.now);
        self.settle();
    }

    /// Loses nothing any more.
    pub(super) fn forgive(&mut self) {
        self.lost.clear();
    }

    /// Delivers until nobody has anything to say.
    pub(super) fn settle(&mut self) {
        loop {
            let output = match self.caller.endpoint.poll_output() {
                Some(output) => Some((true, output)),
                None => self.callee.endpoint.poll_output().map(|o| (false, o)),
            };
            match output {
                None => return,
                Some((true, Output::Event(event))) => {
                    self.caller.last_event_at = self.now - self.start;
                    self.caller.events.push_back(event);
                }
                Some((false, Output::Event(event))) => {
                    self.callee.last_event_at = self.now - self.start;
                    self.callee.events.push_back(event);
                }
                Some((_, Output::Transmit(transmit))) => self.carry(&transmit),
            }
        }
    }

    pub(super) fn run_for(&mut self, duration: Duration) {
        let end = self.now + duration;
        loop {
            self.settle();
            let due = [&self.caller, &self.callee]
                .into_iter()
                .filter_map(|side| side.endpoint.poll_timeout())
                .min();
            let Some(due) = due.filter(|due| *due <= end) else {
                break;
            };
            self.now = self.now.max(due);
            self.caller.endpoint.handle_timeout(self.now);
            self.callee.endpoint.handle_timeout(self.now);
        }
        self.now = end;
    }

    pub(super) fn assert_over(&self) {
        for side in [&self.caller, &self.callee] {
            assert!(side.endpoint.is_idle(), "{:?}", side.endpoint.counts());
            assert_eq!(side.endpoint.poll_timeout(), None);
        }
    }

    /// How many messages of this kind were sent, lost ones among them.
    pub(super) fn count(&self, kind: &str) -> usize {
        let kinds = self.seen.iter().map(|transmit| kind_of(&transmit.bytes));
        kinds.filter(|seen| seen == kind).count()
    }

    pub(super) fn last_transmit(&self, kind: &str) -> Transmit {
        let mut backwards = self.seen.iter().rev();
        backwards
            .find(|transmit| kind_of(&transmit.bytes) == kind)
            .expect("it was sent")
            .clone()
    }

    pub(super) fn acks(&self) -> impl Iterator<Item = Request> {
        self.seen
            .iter()
            .filter_map(|transmit| match Message::parse(&transmit.bytes) {
                Ok(Message::Request(request)) if request.method == Method::ACK => Some(request),
                _ => None,
            })
    }

    fn carry(&mut self, transmit: &Transmit) {
        let lost = self
            .lost
            .get_mut(&kind_of(&transmit.bytes))
            .filter(|left| **left > 0);
        let is_lost = lost.is_some();
        if let Some(left) = lost {
            *left -= 1;
        }
        self.seen.push(transmit.clone());
        if is_lost {
            return;
        }
        for side in [&mut self.caller, &mut self.callee] {
            if side.address == transmit.flow.peer {
                let (bytes, source) = (&transmit.bytes, transmit.flow.local);
                let local = side.address;
                side.endpoint
                    .handle_message(bytes, Flow::udp(local, source), self.now);
            }
        }
    }
}

/// `INVITE` for a request, `180 INVITE` for a response.
pub(super) fn kind_of(bytes: &[u8]) -> String {
    match Message::parse(bytes).expect("we write what can be read") {
        Message::Request(request) => request.method.to_string(),
        Message::Response(response) => format!("{} {}", response.status, response.cseq().method),
    }
}

/// A request from the caller, not in a dialog.
pub(super) fn request(method: Method, number: u32) -> Request {
    let mut request = Request::new(method.clone(), "sip:bob@192.0.2.2:5080".parse().unwrap());
    let headers = &mut request.headers;
    headers.set("From", "<sip:alice@192.0.2.1>;tag=a");
    headers.set("To", "<sip:bob@192.0.2.2>");
    headers.set("Call-ID", format!("call-{number}"));
    headers.set("CSeq", CSeq { number, method });
    headers.set("Contact", "<sip:alice@192.0.2.1>");
    request
}

/// An answer with this To tag and a contact.
pub(super) fn tagged(request: &Request, status: StatusCode, tag: &str) -> Response {
    let mut response = request.respond(status);
    response.set_to_tag(tag);
    response.headers.set("Contact", "<sip:bob@192.0.2.2:5080>");
    response
}

pub(super) fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}
