//! One user agent's signalling: datagrams in, [`Event`]s and [`Transmit`]s out.
//!
//! The endpoint owns every transaction, answers 100 at once, absorbs repeats, acknowledges
//! refusals, repeats our 2xx until its ACK, and sends answers only to the address a request
//! came from. It knows nothing of dialogs' state or calls: that is the user's, who gets
//! events and calls [`send`](Endpoint::send), [`respond`](Endpoint::respond),
//! [`acknowledge`](Endpoint::acknowledge) and [`cancel`](Endpoint::cancel).
//!
//! Whether a stranger is heard at all is decided before: see [`peek`] and
//! [`refuse`](Endpoint::refuse).

mod accept;
mod agenda;
mod cancel;
mod client;
mod refuse;
mod server;
mod stream;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Instant;

use rand::rngs::StdRng;

pub use self::refuse::{peek, refuse_statelessly, reply_statelessly};

use self::accept::{Accepted, Due};
use self::agenda::Agenda;
use self::client::ClientEntry;
use self::server::ServerEntry;
use super::dialog::DialogId;
use super::flow::Flow;
use super::message::{Message, Request, Response};
use super::transaction::key::{ClientKey, MergeKey, ServerKey};

/// What an endpoint says of itself, and how much it takes on.
#[derive(Clone, Debug)]
pub struct EndpointConfig {
    /// The value of User-Agent in requests and Server in responses.
    pub user_agent: String,
    /// How many requests may be in work at once; further ones get a stateless 503.
    pub max_server_transactions: usize,
}

impl Default for EndpointConfig {
    fn default() -> Self {
        Self {
            user_agent: "thirdring".to_owned(),
            max_server_transactions: 100_000,
        }
    }
}

/// A request that came, to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerTx(u64);

/// A request that went out, to be answered by the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientTx(u64);

/// One message for the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmit {
    /// The way it goes.
    pub flow: Flow,
    /// What goes.
    pub bytes: Vec<u8>,
}

/// What the endpoint wants done, or tells.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "both kinds are common and short-lived; a box for each would cost more"
)]
pub enum Output {
    /// Send this.
    Transmit(Transmit),
    /// Hear this.
    Event(Event),
}

/// What the user of the endpoint hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A new request other than ACK and CANCEL. An INVITE has its 100 already.
    Request {
        /// What to answer by.
        tx: ServerTx,
        /// The request, its topmost Via stamped.
        request: Request,
        /// The way it came.
        flow: Flow,
    },
    /// The peer took back an INVITE that has no final answer yet. The CANCEL is answered; the
    /// INVITE is the user's to answer, with 487.
    Cancelled {
        /// The INVITE.
        tx: ServerTx,
        /// The CANCEL.
        cancel: Request,
    },
    /// The first ACK for our 2xx.
    Acknowledged {
        /// Whose.
        dialog: DialogId,
        /// The ACK; its body may be the answer to our offer.
        ack: Request,
    },
    /// No ACK within 64*T1 of our 2xx: the dialog is to be ended by a BYE (RFC 3261 §13.3.1.4).
    AckMissing {
        /// The INVITE we had answered.
        tx: ServerTx,
        /// The dialog of the 2xx.
        dialog: DialogId,
    },
    /// A response: any provisional one, the final one, and the first 2xx of each further fork.
    Response {
        /// Our request.
        tx: ClientTx,
        /// What the peer says.
        response: Response,
        /// Where it came from.
        source: SocketAddr,
    },
    /// No final answer in time; counts as 408 (RFC 3261 §8.1.3.1).
    TimedOut {
        /// Our request.
        tx: ClientTx,
    },
    /// It could not be sent; counts as 503 (RFC 3261 §8.1.3.1).
    TransportFailed {
        /// Our request.
        tx: ClientTx,
    },
}

/// What the endpoint holds, and what it threw away since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests from peers that still live.
    pub server_transactions: usize,
    /// Requests of ours that still live.
    pub client_transactions: usize,
    /// 2xx of ours remembered for their ACK or its repeats.
    pub accepted: usize,
    /// Repeats of requests absorbed.
    pub repeated_requests: u64,
    /// ACKs that belong to nothing.
    pub stray_acks: u64,
    /// Responses that belong to nothing.
    pub stray_responses: u64,
    /// Datagrams that are not SIP messages, keep-alives among them.
    pub malformed: u64,
    /// Requests refused without state.
    pub refused: u64,
    /// Refusals of ours to an INVITE whose ACK never came.
    pub missing_acks: u64,
}

/// All transactions of one user agent.
#[derive(Debug)]
pub struct Endpoint {
    config: EndpointConfig,
    rng: StdRng,
    next_id: u64,
    servers: HashMap<ServerTx, ServerEntry>,
    server_keys: HashMap<ServerKey, ServerTx>,
    /// Requests outside dialogs, so that one which came two ways is served once.
    merges: HashMap<MergeKey, ServerTx>,
    clients: HashMap<ClientTx, ClientEntry>,
    client_keys: HashMap<ClientKey, ClientTx>,
    /// Our requests by the connection that they went by.
    streams: BTreeSet<(Flow, ClientTx)>,
    accepted: Accepted,
    agenda: Agenda<Timer>,
    outputs: VecDeque<Output>,
    counts: Counts,
}

/// Whose time comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Timer {
    Server(ServerTx),
    Client(ClientTx),
    Accepted(ServerTx),
}

impl Endpoint {
    /// An endpoint with nothing to do. `rng` mints branches and tags: seed it well.
    pub fn new(config: EndpointConfig, rng: StdRng) -> Self {
        Self {
            config,
            rng,
            next_id: 0,
            servers: HashMap::new(),
            server_keys: HashMap::new(),
            merges: HashMap::new(),
            clients: HashMap::new(),
            client_keys: HashMap::new(),
            streams: BTreeSet::new(),
            accepted: Accepted::default(),
            agenda: Agenda::default(),
            outputs: VecDeque::new(),
            counts: Counts::default(),
        }
    }

    /// Takes the octets of one message, and the way they came.
    pub fn handle_message(&mut self, bytes: &[u8], flow: Flow, now: Instant) {
        match Message::parse_by(flow.transport, bytes) {
            Ok(Message::Request(request)) => self.handle_request(request, flow, now),
            Ok(Message::Response(response)) => self.handle_response(response, flow.peer, now),
            Err(error) => {
                self.counts.malformed += 1;
                if let Some(answer) = error.answer() {
                    self.answer_malformed(answer, flow);
                }
            }
        }
    }

    /// The shell could not send `transmit`: the request in it, if one of ours, has failed. A
    /// response that could not be sent is repeated by the peer's repeats of its request.
    pub fn handle_send_error(&mut self, transmit: &Transmit, now: Instant) {
        if let Ok(Message::Request(request)) = Message::parse(&transmit.bytes) {
            self.fail_request(&request, transmit.flow.transport, now);
        }
    }

    /// Fires whatever is due at `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(timer) = self.agenda.pop_due(now) {
            match timer {
                Timer::Server(tx) => self.server_timeout(tx, now),
                Timer::Client(tx) => self.client_timeout(tx, now),
                Timer::Accepted(tx) => self.accepted_timeout(tx, now),
            }
        }
    }

    /// The next output, oldest first. Drain it after every other call.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is next needed.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.agenda.next()
    }

    /// Whether no transaction is left and no 2xx waits for anything.
    pub fn is_idle(&self) -> bool {
        self.servers.is_empty() && self.clients.is_empty() && self.accepted.len() == 0
    }

    /// What lives, and what was thrown away.
    pub fn counts(&self) -> Counts {
        Counts {
            server_transactions: self.servers.len(),
            client_transactions: self.clients.len(),
            accepted: self.accepted.len(),
            ..self.counts
        }
    }

    fn accepted_timeout(&mut self, tx: ServerTx, now: Instant) {
        match self.accepted.handle_timeout(tx, now) {
            Due::Repeat(flow, bytes) => self.transmit(flow, bytes),
            Due::AckMissing(dialog) => self.raise(Event::AckMissing { tx, dialog }),
            Due::Nothing => {}
        }
        self.agenda
            .arm(Timer::Accepted(tx), self.accepted.poll_timeout(tx));
    }

    const fn mint_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    fn transmit(&mut self, flow: Flow, bytes: Vec<u8>) {
        self.outputs
            .push_back(Output::Transmit(Transmit { flow, bytes }));
    }

    fn raise(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }
}
