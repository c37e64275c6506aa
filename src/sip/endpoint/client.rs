//! Requests to peers: sending, responses, the ACKs of refusals and of answers.

use std::net::SocketAddr;
use std::time::Instant;

use super::cancel::{Cancel, follow_up};
use super::{ClientTx, Endpoint, Event, Timer};
use crate::sip::flow::Flow;
use crate::sip::hop::Hop;
use crate::sip::ids::new_branch;
use crate::sip::message::{Request, Response};
use crate::sip::method::Method;
use crate::sip::transaction::key::ClientKey;
use crate::sip::transaction::{Client, InviteClient, client, invite_client};
use crate::sip::transport::Transport;
use crate::sip::via::Via;

/// How many forks of one INVITE may answer; a peer that invents more is not heard.
const MAX_FORKS: usize = 16;

/// A request larger than this is not to go as a datagram: 200 octets of an Ethernet frame are left
/// for what its answers add (RFC 3261 §18.1.1).
const LARGEST_DATAGRAM: usize = 1300;

/// One request to a peer.
#[derive(Debug)]
pub(super) struct ClientEntry {
    machine: Machine,
    pub(super) key: ClientKey,
    pub(super) flow: Flow,
    /// The address in our Via.
    sent_by: SocketAddr,
    /// The INVITE as sent, until it is accepted: its CANCEL and the ACK of a refusal are made from
    /// it.
    pub(super) invite: Option<Request>,
    pub(super) cancel: Cancel,
    /// 2xx heard, by To tag.
    answers: Vec<Answer>,
    /// Our own CANCEL: nobody waits for its answer.
    silent: bool,
    /// It was sent a second time, after its connection had ended.
    is_repeated: bool,
    /// The same request for a datagram, if it went by TCP for its size only (RFC 3261 §18.1.1).
    datagram: Option<Box<Datagram>>,
}

/// A request that may still go as a datagram.
#[derive(Debug)]
struct Datagram {
    request: Request,
    flow: Flow,
    sent_by: SocketAddr,
}

#[derive(Debug)]
enum Machine {
    Invite(InviteClient),
    Other(Client),
}

/// A 2xx that went up, and the ACK the user gave for it.
#[derive(Debug)]
struct Answer {
    to_tag: String,
    ack: Option<(Flow, Vec<u8>)>,
}

impl Machine {
    /// Sends the request.
    fn new(request: &Request, flow: Flow, now: Instant) -> Self {
        let reliable = flow.transport.is_reliable();
        let bytes = request.to_bytes();
        if request.method == Method::INVITE {
            Self::Invite(InviteClient::new(bytes, reliable, now))
        } else {
            Self::Other(Client::new(bytes, reliable, now))
        }
    }
}

impl ClientEntry {
    /// Where a request of the same transaction goes, and under which address.
    pub(super) const fn way(&self) -> (Flow, SocketAddr) {
        (self.flow, self.sent_by)
    }

    /// The request, to be sent a second time; `None` if the peer has answered, or had both.
    pub(super) fn once_more(&mut self) -> Option<Vec<u8>> {
        let unheard = match &self.machine {
            Machine::Invite(invite) => invite.unheard(),
            Machine::Other(other) => other.unheard(),
        };
        let bytes = unheard.filter(|_| !self.is_repeated)?.to_vec();
        self.is_repeated = true;
        Some(bytes)
    }

    /// Where the INVITE stands, if this is one.
    pub(super) fn invite_state(&self) -> Option<invite_client::State> {
        match &self.machine {
            Machine::Invite(invite) => Some(invite.state()),
            Machine::Other(_) => None,
        }
    }

    /// The CANCEL is out: the clock of RFC 3261 §9.1 runs.
    pub(super) fn cancel_sent(&mut self, now: Instant) {
        self.cancel = Cancel::Sent;
        if let Machine::Invite(invite) = &mut self.machine {
            invite.handle_input(invite_client::Input::Cancelled, now);
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        match &self.machine {
            Machine::Invite(invite) => invite.poll_timeout(),
            Machine::Other(other) => other.poll_timeout(),
        }
    }

    fn is_terminated(&self) -> bool {
        match &self.machine {
            Machine::Invite(invite) => invite.state() == invite_client::State::Terminated,
            Machine::Other(other) => other.state() == client::State::Terminated,
        }
    }
}

impl Endpoint {
    /// Sends a request by `flow`; adds Via, and Max-Forwards
    /// and User-Agent where missing. The ACK of a 2xx goes by
    /// [`acknowledge`](Self::acknowledge), a CANCEL by [`cancel`](Self::cancel). An INVITE that
    /// got a provisional response may ring for ever: how long is the user's to say.
    pub fn send(&mut self, request: Request, flow: Flow, now: Instant) -> ClientTx {
        self.send_by(request, &Hop::by(flow), now)
    }

    /// Sends a request by `hop`, under the address that is known there. One that is too large for
    /// a datagram goes by TCP where the hop has such a way, and as a datagram after all if that
    /// fails (RFC 3261 §18.1.1).
    pub fn send_by(&mut self, mut request: Request, hop: &Hop, now: Instant) -> ClientTx {
        let branch = self.dress(&mut request, hop.flow, hop.advertised);
        let (flow, sent_by) = hop
            .larger
            .filter(|_| request.to_bytes().len() > LARGEST_DATAGRAM)
            .unwrap_or((hop.flow, hop.advertised));
        let datagram = (flow != hop.flow).then(|| {
            Box::new(Datagram {
                request: request.clone(),
                flow: hop.flow,
                sent_by: hop.advertised,
            })
        });
        if datagram.is_some() {
            let via = Via::new(flow.transport, sent_by, &branch);
            request.headers.set_top_via(&via);
        }
        let tx = self.start_client(request, branch, (flow, sent_by), false, now);
        if let Some(entry) = self.clients.get_mut(&tx) {
            entry.datagram = datagram;
        }
        tx
    }

    /// Acknowledges a 2xx to our INVITE `tx`. The ACK goes to `destination` now, and again for
    /// every repeat of that 2xx.
    pub fn acknowledge(&mut self, tx: ClientTx, mut ack: Request, destination: SocketAddr) {
        let Some(entry) = self.clients.get(&tx) else {
            return;
        };
        let flow = Flow {
            peer: destination,
            ..entry.flow
        };
        let sent_by = entry.sent_by;
        let to_tag = ack.to_addr().tag().unwrap_or_default().to_owned();
        self.dress(&mut ack, flow, sent_by);
        let bytes = ack.to_bytes();
        self.transmit(flow, bytes.clone());
        if let Some(entry) = self.clients.get_mut(&tx) {
            entry.answers.retain(|answer| answer.to_tag != to_tag);
            entry.answers.push(Answer {
                to_tag,
                ack: Some((flow, bytes)),
            });
        }
    }

    pub(super) fn handle_response(&mut self, response: Response, source: SocketAddr, now: Instant) {
        let found = ClientKey::of(&response)
            .and_then(|key| self.client_keys.get(&key).copied())
            .filter(|_| response.headers.vias().len() == 1); // RFC 3261 §8.1.3.3
        let Some((tx, entry)) = found.and_then(|tx| Some((tx, self.clients.get_mut(&tx)?))) else {
            self.counts.stray_responses += 1;
            return;
        };
        entry.datagram = None; // it has arrived
        match &mut entry.machine {
            Machine::Invite(invite) => {
                let input = match response.status.as_u16() {
                    ..200 => invite_client::Input::Provisional,
                    200..300 => invite_client::Input::Success,
                    300.. => invite_client::Input::Failure {
                        ack: entry
                            .invite
                            .as_ref()
                            .map(|invite| ack_of_refusal(invite, &response).to_bytes())
                            .unwrap_or_default(),
                    },
                };
                invite.handle_input(input, now);
            }
            Machine::Other(other) => {
                let input = if response.status.is_provisional() {
                    client::Input::Provisional
                } else {
                    client::Input::Final
                };
                other.handle_input(input, now);
            }
        }
        self.settle_client(tx, Some((response, source)));
        self.cancel_if_wanted(tx, now);
    }

    pub(super) fn client_timeout(&mut self, tx: ClientTx, now: Instant) {
        if let Some(entry) = self.clients.get_mut(&tx) {
            match &mut entry.machine {
                Machine::Invite(invite) => invite.handle_timeout(now),
                Machine::Other(other) => other.handle_timeout(now),
            }
            self.settle_client(tx, None);
        }
    }

    /// The transport could not send one of our requests.
    pub(super) fn fail_request(&mut self, request: &Request, by: Transport, now: Instant) {
        let key = request.top_via().branch().map(|branch| ClientKey {
            branch: branch.to_owned(),
            method: request.method.to_string(),
        });
        let tx = key.and_then(|key| self.client_keys.get(&key).copied());
        // It may be on another way by now.
        let is_on = |tx: &ClientTx| {
            let entry = self.clients.get(tx);
            entry.is_some_and(|entry| entry.flow.transport == by)
        };
        if let Some(tx) = tx.filter(is_on) {
            self.fail_client(tx, now);
        }
    }

    /// The way of one of our requests is gone: it takes the other one, if there is one and
    /// nothing was heard yet, else it has failed.
    pub(super) fn fail_client(&mut self, tx: ClientTx, now: Instant) {
        let Some(entry) = self.clients.get_mut(&tx) else {
            return;
        };
        if let Some(datagram) = entry.datagram.take() {
            self.streams.remove(&(entry.flow, tx));
            entry.flow = datagram.flow;
            entry.sent_by = datagram.sent_by;
            entry.machine = Machine::new(&datagram.request, datagram.flow, now);
            entry.invite = entry.invite.is_some().then_some(datagram.request);
        } else {
            match &mut entry.machine {
                Machine::Invite(invite) => {
                    invite.handle_input(invite_client::Input::TransportError, now);
                }
                Machine::Other(other) => other.handle_input(client::Input::TransportError, now),
            }
        }
        self.settle_client(tx, None);
    }

    /// Sends a request that is complete, Via included.
    pub(super) fn start_client(
        &mut self,
        request: Request,
        branch: String,
        (flow, sent_by): (Flow, SocketAddr),
        silent: bool,
        now: Instant,
    ) -> ClientTx {
        let tx = ClientTx(self.mint_id());
        let key = ClientKey {
            branch,
            method: request.method.to_string(),
        };
        let machine = Machine::new(&request, flow, now);
        let is_invite = request.method == Method::INVITE;
        self.client_keys.insert(key.clone(), tx);
        if flow.transport.is_reliable() {
            self.streams.insert((flow, tx));
        }
        self.clients.insert(
            tx,
            ClientEntry {
                machine,
                key,
                flow,
                sent_by,
                invite: is_invite.then_some(request),
                cancel: Cancel::No,
                answers: Vec::new(),
                silent,
                is_repeated: false,
                datagram: None,
            },
        );
        self.settle_client(tx, None);
        tx
    }

    /// Carries out what the machine wants, then sets its timer or buries it. `heard` is the
    /// response that was just put in.
    pub(super) fn settle_client(
        &mut self,
        tx: ClientTx,
        mut heard: Option<(Response, SocketAddr)>,
    ) {
        let Some(entry) = self.clients.get_mut(&tx) else {
            return;
        };
        let (flow, silent) = (entry.flow, entry.silent);
        let mut wanted = Vec::new();
        match &mut entry.machine {
            Machine::Invite(invite) => {
                wanted.extend(std::iter::from_fn(|| invite.poll_output()));
            }
            Machine::Other(other) => {
                wanted.extend(std::iter::from_fn(|| other.poll_output()).map(Into::into));
            }
        }
        let due = entry.poll_timeout();
        if entry.is_terminated() {
            self.streams.remove(&(flow, tx));
            self.client_keys.remove(&entry.key);
            self.clients.remove(&tx);
        }
        self.agenda.arm(Timer::Client(tx), due);
        for output in wanted {
            match output {
                invite_client::Output::Transmit(bytes) => self.transmit(flow, bytes),
                invite_client::Output::PassUp => {
                    if let Some((response, source)) = heard.take() {
                        self.pass_up(tx, response, source);
                    }
                }
                invite_client::Output::TimedOut if !silent => self.raise(Event::TimedOut { tx }),
                invite_client::Output::TransportFailed if !silent => {
                    self.raise(Event::TransportFailed { tx });
                }
                invite_client::Output::TimedOut | invite_client::Output::TransportFailed => {}
            }
        }
    }

    /// A response for the user, unless it repeats a 2xx: that gets its ACK again.
    fn pass_up(&mut self, tx: ClientTx, response: Response, source: SocketAddr) {
        let Some(entry) = self.clients.get_mut(&tx) else {
            return;
        };
        if entry.silent {
            return;
        }
        if entry.invite_state().is_some() && response.status.is_success() {
            entry.invite = None;
            let to_tag = response.to_addr().tag().unwrap_or_default().to_owned();
            if let Some(known) = entry.answers.iter().find(|known| known.to_tag == to_tag) {
                if let Some((flow, bytes)) = known.ack.clone() {
                    self.transmit(flow, bytes);
                }
                return;
            }
            if entry.answers.len() >= MAX_FORKS {
                self.counts.stray_responses += 1;
                return;
            }
            entry.answers.push(Answer { to_tag, ack: None });
        }
        self.raise(Event::Response {
            tx,
            response,
            source,
        });
    }

    /// Adds what every request of ours has; gives the branch of its Via.
    fn dress(&mut self, request: &mut Request, flow: Flow, sent_by: SocketAddr) -> String {
        let branch = new_branch(&mut self.rng);
        let via = Via::new(flow.transport, sent_by, &branch);
        request.headers.prepend("Via", via.to_string());
        if !request.headers.has("Max-Forwards") {
            request.headers.set("Max-Forwards", "70");
        }
        if !request.headers.has("User-Agent") {
            request.headers.set("User-Agent", &self.config.user_agent);
        }
        branch
    }
}

impl From<client::Output> for invite_client::Output {
    fn from(output: client::Output) -> Self {
        match output {
            client::Output::Transmit(bytes) => Self::Transmit(bytes),
            client::Output::PassUp => Self::PassUp,
            client::Output::TimedOut => Self::TimedOut,
            client::Output::TransportFailed => Self::TransportFailed,
        }
    }
}

/// RFC 3261 §17.1.1.3: the INVITE's own Via, Call-ID, From and Route, the response's To.
fn ack_of_refusal(invite: &Request, response: &Response) -> Request {
    let mut ack = follow_up(invite, Method::ACK);
    if let Some(to) = response.headers.get("To") {
        ack.headers.set("To", to);
    }
    ack
}
