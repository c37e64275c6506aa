//! The signalling of all calls, pure: messages and the time in, messages and talks out.
//!
//! Callers dial, agents ring and answer. A call is known at the agent's end by its caller's number.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::StdRng;

use super::marker::Side;
use crate::sdp::{AddressPolicy, Codec, Direction, OfferAnswer};
use crate::sip::dialog::Dialog;
use crate::sip::endpoint::{ClientTx, Endpoint, EndpointConfig, Event, Output, ServerTx, Transmit};
use crate::sip::inspect::session;
use crate::sip::{Flow, Hop, Host, Method, NameAddr, Request, Response, StatusCode, Uri, ids};

/// The first caller's number; the others follow.
const FIRST_NUMBER: u64 = 13_900_000_000;
/// How long an agent lets it ring.
const RINGS: Duration = Duration::from_millis(200);

/// Both ends of a call are up: where each is to send its voice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Talk {
    /// Which call.
    pub call: u16,
    /// Where the caller sends, then where the agent does.
    pub to: [SocketAddr; 2],
}

/// Where everybody is.
#[derive(Clone, Debug)]
pub struct Places {
    /// The service.
    pub target: SocketAddr,
    /// Whence the callers signal.
    pub caller: SocketAddr,
    /// Where the agents are called.
    pub agent: SocketAddr,
    /// What is dialled.
    pub number: String,
}

/// All calls' signalling.
#[derive(Debug)]
pub struct Signals {
    places: Places,
    endpoint: Endpoint,
    rng: StdRng,
    calls: Vec<Call>,
    by_tx: HashMap<ClientTx, usize>,
    by_dialog: HashMap<String, (usize, Side)>,
    answers_due: BTreeSet<(Instant, usize)>,
    talks: VecDeque<Talk>,
    transmits: VecDeque<Transmit>,
    failures: Vec<String>,
}

#[derive(Debug)]
struct Call {
    ends: [End; 2],
    has_talked: bool,
    is_over: bool,
}

/// One end of a call.
#[derive(Debug)]
struct End {
    session: OfferAnswer,
    state: State,
    to: Option<SocketAddr>,
}

#[derive(Debug)]
enum State {
    Idle,
    Calling(Request),
    Alerting(ServerTx, Request),
    Answered(Dialog),
    Up(Dialog),
    Leaving,
    Gone,
}

impl Signals {
    /// As many calls as there are pairs of RTP addresses: the caller's, then the agent's.
    pub fn new(places: Places, media: &[[SocketAddr; 2]], seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let config = EndpointConfig {
            user_agent: "thirdring-load".to_owned(),
            ..EndpointConfig::default()
        };
        let policy = AddressPolicy {
            allow_loopback: true,
        };
        let end = |(id, at): (u64, SocketAddr)| End {
            session: OfferAnswer::new(id, at, policy),
            state: State::Idle,
            to: None,
        };
        let calls = (1..).zip(media).map(|(id, [caller, agent])| Call {
            ends: [(id, *caller), (id, *agent)].map(end),
            has_talked: false,
            is_over: false,
        });
        Self {
            places,
            endpoint: Endpoint::new(config, StdRng::from_rng(&mut rng)),
            rng,
            calls: calls.collect(),
            by_tx: HashMap::new(),
            by_dialog: HashMap::new(),
            answers_due: BTreeSet::new(),
            talks: VecDeque::new(),
            transmits: VecDeque::new(),
            failures: Vec::new(),
        }
    }

    /// The caller of this call dials.
    pub fn dial(&mut self, call: usize, now: Instant) {
        let own = self.places.caller;
        let number = caller_number(call);
        let target = self.places.target;
        let to = Uri::sip(
            Some(&self.places.number),
            Host::Ip(target.ip()),
            Some(target.port()),
        );
        let from = NameAddr::new(Uri::sip(Some(&number), Host::Ip(own.ip()), None));
        let mut invite = Request::new(Method::INVITE, to.clone());
        let headers = &mut invite.headers;
        headers.set("From", from.with_tag(&ids::new_tag(&mut self.rng)));
        headers.set("To", NameAddr::new(to));
        headers.set("Call-ID", ids::new_call_id(&mut self.rng));
        headers.set("CSeq", "1 INVITE");
        headers.set("Contact", contact(own));
        headers.set("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE");
        let Some(end) = self.end(call, Side::Caller) else {
            return;
        };
        let offer = end.session.offer(&[Codec::Pcmu], Direction::SendRecv);
        invite.set_body("application/sdp", offer);
        end.state = State::Calling(invite.clone());
        self.by_dialog
            .insert(invite.call_id(), (call, Side::Caller));
        let tx = self.endpoint.send(invite, Flow::udp(own, target), now);
        self.by_tx.insert(tx, call);
        self.drain(now);
    }

    /// The caller of this call hangs up.
    pub fn hang_up(&mut self, call: usize, now: Instant) {
        let flow = Flow::udp(self.places.caller, self.places.target);
        let Some(end) = self.calls.get_mut(call).map(|call| &mut call.ends[0]) else {
            return;
        };
        if let State::Up(dialog) = &mut end.state {
            let bye = dialog.request(Method::BYE, &mut self.rng);
            end.state = State::Leaving;
            self.endpoint.send(bye, flow, now);
        }
        self.drain(now);
    }

    /// Takes a message that came.
    pub fn handle_message(&mut self, bytes: &[u8], flow: Flow, now: Instant) {
        self.endpoint.handle_message(bytes, flow, now);
        self.drain(now);
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.endpoint.handle_timeout(now);
        while let Some((at, call)) = self.answers_due.first().copied()
            && at <= now
        {
            self.answers_due.pop_first();
            self.answer(call, now);
        }
        self.drain(now);
    }

    /// The next message to be sent.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// The next talk that can begin.
    pub fn poll_talk(&mut self) -> Option<Talk> {
        self.talks.pop_front()
    }

    /// How many calls have talked.
    pub fn talked(&self) -> usize {
        self.calls.iter().filter(|call| call.has_talked).count()
    }

    /// Every call is over, at both ends, or never came to a talk.
    pub fn is_over(&self) -> bool {
        self.calls.iter().all(|call| call.is_over)
    }

    /// What went wrong, in words.
    pub fn failures(&self) -> &[String] {
        &self.failures
    }

    fn end(&mut self, call: usize, side: Side) -> Option<&mut End> {
        self.calls.get_mut(call)?.ends.get_mut(side.index())
    }

    fn drain(&mut self, now: Instant) {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Transmit(transmit) => self.transmits.push_back(transmit),
                Output::Event(event) => self.event(event, now),
            }
        }
    }

    fn event(&mut self, event: Event, now: Instant) {
        match event {
            Event::Request { tx, request, .. } => self.request(tx, &request, now),
            Event::Response { tx, response, .. } => self.response(tx, &response),
            Event::Acknowledged { dialog, .. } => self.acknowledged(&dialog.call_id),
            Event::Cancelled { tx, cancel } => {
                let terminated = cancel.respond(StatusCode::REQUEST_TERMINATED);
                let mut response = terminated;
                response
                    .headers
                    .set("CSeq", format!("{} INVITE", cancel.cseq().number));
                self.endpoint.respond(tx, response, now);
                self.failed(&cancel.call_id(), "the service took an agent's call back");
            }
            Event::AckMissing { dialog, .. } => {
                self.failed(&dialog.call_id, "an agent's 200 was not acknowledged");
            }
            Event::TimedOut { tx } | Event::TransportFailed { tx } => {
                if let Some(call) = self.by_tx.remove(&tx) {
                    self.fail(call, "the service did not answer");
                }
            }
        }
    }

    fn request(&mut self, tx: ServerTx, request: &Request, now: Instant) {
        let known = self.by_dialog.get(&request.call_id()).copied();
        let (known, is_invite) = match (&request.method, known) {
            (&Method::INVITE, None) => return self.ring(tx, request, now),
            (&Method::INVITE, Some(known)) => (Some(known), true),
            (_, known) => (known, false),
        };
        let mut response = request.respond(StatusCode::OK);
        match (&request.method, known) {
            (&Method::BYE, Some((call, side))) => self.left(call, side),
            (&Method::INVITE | &Method::UPDATE, Some((call, side))) => {
                let own = self.place(side);
                let offer = session(&request.headers, &request.body);
                let end = self.end(call, side);
                let answered = end.zip(offer).map(|(end, offer)| {
                    let answered = end.session.answer(offer, &[Codec::Pcmu]);
                    answered.map(|(body, _)| body)
                });
                match answered {
                    Some(Ok(body)) => response.set_body("application/sdp", body),
                    None if !is_invite => {}
                    Some(Err(_)) | None => {
                        response = request.respond(StatusCode::NOT_ACCEPTABLE_HERE);
                    }
                }
                response.headers.set("Contact", contact(own));
            }
            (&Method::OPTIONS, _) => {}
            _ => response = request.respond(StatusCode::METHOD_NOT_ALLOWED),
        }
        self.endpoint.respond(tx, response, now);
    }

    fn place(&self, side: Side) -> SocketAddr {
        match side {
            Side::Caller => self.places.caller,
            Side::Agent => self.places.agent,
        }
    }

    /// An agent is called.
    fn ring(&mut self, tx: ServerTx, invite: &Request, now: Instant) {
        let from = invite.from_addr();
        let number = from.uri.user_unescaped().unwrap_or_default();
        let call = call_of(&number).filter(|call| *call < self.calls.len());
        let Some((call, end)) = call.and_then(|call| Some((call, self.end(call, Side::Agent)?)))
        else {
            self.failures
                .push(format!("an agent was called by {number}"));
            let unknown = invite.respond(StatusCode::NOT_FOUND);
            return self.endpoint.respond(tx, unknown, now);
        };
        end.state = State::Alerting(tx, invite.clone());
        self.by_dialog.insert(invite.call_id(), (call, Side::Agent));
        self.answers_due.insert((now + RINGS, call));
        let mut ringing = invite.respond(StatusCode::RINGING);
        ringing.headers.set("Contact", contact(self.places.agent));
        self.endpoint.respond(tx, ringing, now);
    }

    fn answer(&mut self, call: usize, now: Instant) {
        let (tag, own) = (ids::new_tag(&mut self.rng), self.places.agent);
        let Some(end) = self.end(call, Side::Agent) else {
            return;
        };
        let State::Alerting(tx, invite) = &end.state else {
            return;
        };
        let tx = *tx;
        let answered = end.session.answer(&invite.body, &[Codec::Pcmu]);
        let mut response = match &answered {
            Ok(_) => invite.respond(StatusCode::OK),
            Err(mismatch) => invite.respond(StatusCode::new(mismatch.status())),
        };
        response.headers.set("Contact", contact(own));
        if let Ok((body, stream)) = answered {
            response.set_to_tag(&tag);
            response.set_body("application/sdp", body);
            let mut dialog = Dialog::uas(invite, &tag);
            dialog.confirm();
            end.to = Some(stream.remote);
            end.state = State::Answered(dialog);
        }
        self.endpoint.respond(tx, response, now);
    }

    fn acknowledged(&mut self, call_id: &str) {
        let Some((call, side)) = self.by_dialog.get(call_id).copied() else {
            return;
        };
        if let Some(end) = self.end(call, side) {
            let state = std::mem::replace(&mut end.state, State::Gone);
            end.state = if let State::Answered(dialog) = state {
                State::Up(dialog)
            } else {
                state
            };
        }
        self.talk_if_up(call);
    }

    fn response(&mut self, tx: ClientTx, response: &Response) {
        let Some(call) = self.by_tx.get(&tx).copied() else {
            return;
        };
        if response.status.is_provisional() {
            return;
        }
        if !response.status.is_success() {
            let status = response.status.as_u16();
            let why = format!("the service said {status} {}", response.reason);
            return self.fail(call, &why);
        }
        let target = self.places.target;
        let Some(end) = self.end(call, Side::Caller) else {
            return;
        };
        let State::Calling(invite) = &end.state else {
            return;
        };
        let dialog = Dialog::uac(invite, response);
        let ack = dialog.ack(invite.cseq().number);
        let answered = end.session.handle_answer(&response.body);
        end.to = answered.as_ref().ok().map(|stream| stream.remote);
        end.state = State::Up(dialog);
        self.endpoint.acknowledge(tx, ack, target);
        if let Err(mismatch) = answered {
            return self.fail(call, &mismatch.to_string());
        }
        self.talk_if_up(call);
    }

    fn talk_if_up(&mut self, number: usize) {
        let Some(call) = self.calls.get_mut(number) else {
            return;
        };
        let is_up = |end: &End| matches!(end.state, State::Up(_));
        let [caller, agent] = &call.ends;
        if call.has_talked || !is_up(caller) || !is_up(agent) {
            return;
        }
        if let (Some(caller_to), Some(agent_to)) = (caller.to, agent.to) {
            call.has_talked = true;
            self.talks.push_back(Talk {
                call: u16::try_from(number).unwrap_or(u16::MAX),
                to: [caller_to, agent_to],
            });
        }
    }

    /// The service ended one end.
    fn left(&mut self, number: usize, side: Side) {
        let Some(call) = self.calls.get_mut(number) else {
            return;
        };
        let was_up = matches!(call.ends[0].state, State::Up(_));
        if let Some(end) = call.ends.get_mut(side.index()) {
            end.state = State::Gone;
        }
        call.is_over = true;
        if was_up {
            self.failures
                .push(format!("the service ended call {number}"));
        }
    }

    fn failed(&mut self, call_id: &str, why: &str) {
        if let Some((call, _)) = self.by_dialog.get(call_id).copied() {
            self.fail(call, why);
        }
    }

    fn fail(&mut self, number: usize, why: &str) {
        if let Some(call) = self.calls.get_mut(number) {
            call.is_over = true;
        }
        self.failures.push(format!("call {number}: {why}"));
    }
}

fn caller_number(call: usize) -> String {
    (FIRST_NUMBER + call as u64).to_string()
}

fn call_of(number: &str) -> Option<usize> {
    let number = number.parse::<u64>().ok()?;
    usize::try_from(number.checked_sub(FIRST_NUMBER)?).ok()
}

fn contact(at: SocketAddr) -> NameAddr {
    Hop::by(Flow::udp(at, at)).contact()
}
