//! All our SIP sockets behind one door: messages of every transport come in by two lanes, peers before
//! strangers, and go out by their flow.
//!
//! A message that goes by a connection takes the one of its flow. If that is gone, a new one is
//! opened, off the caller's path, to the port that the peer listens on; what waits for one that
//! cannot be had is given back.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ipnet::IpNet;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::arrival::{Arrival, What};
use super::connection::{Connection, ConnectionId, Outbox, Refused, outbox};
use super::lanes::{Arrivals, Lanes};
use super::quota::{Limits, Quota};
use super::tcp;
use super::tls::{Tls, TlsError, TlsSettings};
use super::udp::UdpListener;
use crate::clock::Clock;
use crate::sip::endpoint::Transmit;
use crate::sip::{Flow, Transport};
use crate::switch::{Acquaintance, Refusals};

/// Why a socket for TLS cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The socket.
    #[error(transparent)]
    Socket(#[from] io::Error),
    /// Its files.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// Flows that may use another's connection.
const DETOURS: usize = 64;

/// What has happened at our sockets.
#[derive(Debug)]
pub enum News {
    /// The octets of a message came.
    Message(Vec<u8>, Flow),
    /// A connection is there, with the names that the peer has proved to have.
    Connected(Flow, Vec<String>),
    /// A connection is gone.
    Disconnected(Flow),
    /// These could not be sent.
    Unsent(Vec<Transmit>),
    /// Nothing has come by a connection for a long time: it may be closed.
    Quiet(Flow),
}

/// A connection that is open, or being opened.
#[derive(Debug)]
struct Open {
    id: ConnectionId,
    outbox: Outbox,
    /// Flows that had lost their own connection and use this one.
    also: Vec<Flow>,
}

impl Open {
    const fn new(id: ConnectionId, outbox: Outbox) -> Self {
        Self {
            id,
            outbox,
            also: Vec::new(),
        }
    }
}

/// Our sockets and connections.
#[derive(Debug)]
pub struct Transports {
    listeners: Vec<(Transport, SocketAddr, Option<Tls>)>,
    udp: Vec<UdpListener>,
    open: HashMap<Flow, Open>,
    /// Flows that have lost their connection, to be told.
    lost: Vec<Flow>,
    quota: Arc<Quota>,
    /// The type-of-service octet of our packets.
    tos: u8,
    datagrams: Handle,
    streams: Handle,
    lanes: Lanes,
    arrivals: Arrivals,
    tasks: Vec<JoinHandle<()>>,
}

impl Transports {
    /// None yet. `tos` marks the packets; datagrams are received where the loop runs, connections
    /// where this is called.
    ///
    /// # Panics
    /// Outside a runtime.
    pub fn new(limits: Limits, tos: u8, datagrams: Handle) -> Self {
        let (lanes, arrivals) = Lanes::new();
        Self {
            listeners: Vec::new(),
            udp: Vec::new(),
            open: HashMap::new(),
            lost: Vec::new(),
            quota: Quota::new(limits),
            tos,
            datagrams,
            streams: Handle::current(),
            lanes,
            arrivals,
            tasks: Vec::new(),
        }
    }

    /// Binds a socket for UDP or TCP and listens; port 0 takes any free port. The address that it
    /// got.
    ///
    /// # Errors
    /// The address is not ours, or the port is in use.
    pub fn listen(&mut self, transport: Transport, address: SocketAddr) -> io::Result<SocketAddr> {
        self.bind(transport, address, None)
    }

    /// Binds a socket for TLS.
    ///
    /// # Errors
    /// As [`listen`](Self::listen), and what is wrong with the files.
    pub fn listen_tls(
        &mut self,
        address: SocketAddr,
        settings: TlsSettings,
    ) -> Result<SocketAddr, ListenError> {
        let (tls, task) = Tls::start(settings)?;
        self.tasks.push(task);
        Ok(self.bind(Transport::Tls, address, Some(tls))?)
    }

    fn bind(
        &mut self,
        transport: Transport,
        address: SocketAddr,
        tls: Option<Tls>,
    ) -> io::Result<SocketAddr> {
        let lanes = self.lanes.clone();
        let (bound, task) = match transport {
            Transport::Udp => {
                let _there = self.datagrams.enter();
                let listener = UdpListener::bind(address, self.tos)?;
                let bound = (listener.address(), listener.receive(lanes));
                self.udp.push(listener);
                bound
            }
            Transport::Tcp | Transport::Tls => {
                let listener = tcp::Listener::bind(address, self.tos, tls.clone())?;
                let quota = Arc::clone(&self.quota);
                (listener.address, listener.accept(quota, lanes))
            }
        };
        self.tasks.push(task);
        self.listeners.push((transport, bound, tls));
        Ok(bound)
    }

    /// Tells the gate before the lanes whom to know.
    pub fn learn(&self, known: Arc<Acquaintance>) {
        self.lanes.learn(known);
    }

    /// Lets everybody through the gate: for a phone, which has nobody to keep out.
    pub fn know_everybody(&self) {
        let everywhere = [IpAddr::from([0; 4]), IpAddr::from([0; 16])];
        let networks = everywhere.map(|ip| IpNet::new_assert(ip, 0));
        self.learn(Arc::new(Acquaintance {
            networks: networks.into(),
            ..Acquaintance::default()
        }));
    }

    /// What the gate has not let through.
    pub fn refusals(&self) -> Refusals {
        self.lanes.refusals()
    }

    /// Where we listen, in the order that it was asked for.
    pub fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.listeners.iter().map(|(_, address, _)| *address)
    }

    /// The next news. Nothing is lost if the future is dropped.
    pub async fn next(&mut self) -> Option<News> {
        loop {
            if let Some(flow) = self.lost.pop() {
                return Some(News::Disconnected(flow));
            }
            let Arrival { flow, what } = self.arrivals.next().await?;
            match what {
                What::Message(bytes) => return Some(News::Message(bytes, flow)),
                What::Accepted(id, outbox, names) => {
                    self.open.insert(flow, Open::new(id, outbox));
                    return Some(News::Connected(flow, names));
                }
                What::Opened(names) => return Some(News::Connected(flow, names)),
                What::Quiet => return Some(News::Quiet(flow)),
                What::Failed(id, waited) => {
                    if self.is_open(flow, id) {
                        self.open.remove(&flow);
                    }
                    let unsent = waited.into_iter().map(|bytes| Transmit { flow, bytes });
                    return Some(News::Unsent(unsent.collect()));
                }
                // One that was replaced or closed by us before is no news.
                What::Down(id) => {
                    if self.is_open(flow, id) {
                        self.close(flow);
                    }
                }
            }
        }
    }

    /// Sends a message, or has it wait for its connection.
    ///
    /// # Errors
    /// Gives back a message that has no way.
    pub fn send(&mut self, transmit: Transmit) -> Result<(), Transmit> {
        let sent = match transmit.flow.transport {
            Transport::Udp => self.send_datagram(&transmit),
            Transport::Tcp | Transport::Tls => self.send_on_stream(&transmit),
        };
        sent.ok_or(transmit)
    }

    /// Closes a connection, once what waits for it is written; that it is gone is told as news.
    pub fn close(&mut self, flow: Flow) {
        if let Some(open) = self.open.remove(&flow) {
            self.lost.push(flow);
            self.lost.extend(open.also);
        }
    }

    /// How many connections are open or being opened.
    pub fn connections(&self) -> usize {
        self.open.len()
    }

    fn send_datagram(&self, transmit: &Transmit) -> Option<()> {
        let mut sockets = self.udp.iter();
        let socket = sockets.find(|socket| socket.address() == transmit.flow.local)?;
        let sent = socket.send(transmit);
        sent.inspect_err(|error| tracing::debug!(%error, "sending failed"))
            .ok()
    }

    fn send_on_stream(&mut self, transmit: &Transmit) -> Option<()> {
        let flow = transmit.flow;
        let mut put = self.put(flow, &transmit.bytes);
        if put == Err(Refused::Over) {
            let around = Flow {
                peer: transmit.detour(),
                ..flow
            };
            put = self.put(around, &transmit.bytes);
            if put == Err(Refused::Over) {
                self.dial(around)?;
                put = self.put(around, &transmit.bytes);
            }
            if let Some(open) = self.open.get_mut(&around)
                && around != flow
                && !open.also.contains(&flow)
                && open.also.len() < DETOURS
            {
                open.also.push(flow);
            }
        }
        put.ok()
    }

    /// Has a message wait for an open connection.
    fn put(&mut self, flow: Flow, bytes: &[u8]) -> Result<(), Refused> {
        let open = self.open.get(&flow).ok_or(Refused::Over)?;
        let put = open.outbox.put(bytes);
        if let Err(refused) = put {
            if refused == Refused::Full {
                tracing::info!(peer = %flow.peer, "a connection is closed: its peer does not read");
            }
            self.close(flow);
        }
        put
    }

    /// Begins to open a connection.
    fn dial(&mut self, flow: Flow) -> Option<()> {
        let mut listeners = self.listeners.iter();
        let (_, _, tls) = listeners
            .find(|(transport, local, _)| *transport == flow.transport && *local == flow.local)?;
        let tls = tls.clone();
        let connection = Connection {
            id: ConnectionId::mint(),
            flow,
            lanes: self.lanes.clone(),
            slot: self.quota.take(flow.peer.ip())?,
            is_ours: true,
            clock: Clock,
        };
        let (outbox, waiting) = outbox();
        self.open.insert(flow, Open::new(connection.id, outbox));
        let _there = self.streams.enter();
        tcp::open(connection, waiting, self.tos, tls);
        Some(())
    }

    fn is_open(&self, flow: Flow, id: ConnectionId) -> bool {
        self.open.get(&flow).is_some_and(|open| open.id == id)
    }
}

impl Drop for Transports {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}
