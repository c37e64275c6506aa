//! SIP over TCP, and what TLS has of it: listening sockets, and connections that we open.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

use super::arrival::{Arrival, What};
use super::connection::{Connection, ConnectionId, Waiting, outbox};
use super::lanes::Lanes;
use super::mark::mark;
use super::quota::{Quota, Slot};
use super::tls::Tls;
use crate::clock::Clock;
use crate::sip::{Flow, Transport};

/// Connections that the kernel completes while we are busy.
const BACKLOG: i32 = 1024;
/// How long opening a connection may take.
const CONNECTING: Duration = Duration::from_secs(5);
/// A listener that keeps failing (no file left) must not keep a processor busy.
const AFTER_ERROR: Duration = Duration::from_millis(50);
/// The kernel asks a silent peer after this long whether it is still there.
const ALIVE_AFTER: Duration = Duration::from_mins(1);

/// One listening socket.
#[derive(Debug)]
pub(super) struct Listener {
    socket: TcpListener,
    pub(super) address: SocketAddr,
    /// The type-of-service octet of its packets.
    tos: u32,
    tls: Option<Tls>,
}

impl Listener {
    /// Binds `address`; port 0 takes any free port.
    pub(super) fn bind(address: SocketAddr, tos: u8, tls: Option<Tls>) -> io::Result<Self> {
        let domain = Domain::for_address(address);
        let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
        // A restart must not wait for the connections of the process before.
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        let socket = TcpListener::from_std(socket.into())?;
        Ok(Self {
            address: socket.local_addr()?,
            socket,
            tos: tos.into(),
            tls,
        })
    }

    /// Takes connections in until the queue's other end is gone.
    pub(super) fn accept(self, quota: Arc<Quota>, lanes: Lanes) -> JoinHandle<()> {
        tokio::spawn(async move {
            while lanes.are_open() {
                match self.socket.accept().await {
                    // Who is banned is shut out without a word.
                    Ok((_, peer)) if !lanes.admits(peer) => {}
                    Ok((stream, peer)) => {
                        if let Some(slot) = quota.take(peer.ip()) {
                            self.accepted(stream, peer, slot, &lanes);
                        } else {
                            tracing::debug!(%peer, "no room for another connection");
                        }
                    }
                    Err(error) => {
                        tracing::warn!(%error, "no connection can be accepted");
                        tokio::time::sleep(AFTER_ERROR).await;
                    }
                }
            }
        })
    }

    fn accepted(&self, stream: TcpStream, peer: SocketAddr, slot: Slot, lanes: &Lanes) {
        prepare(&stream, self.tos);
        let flow = Flow {
            transport: match self.tls {
                Some(_) => Transport::Tls,
                None => Transport::Tcp,
            },
            local: self.address,
            peer,
        };
        let connection = Connection {
            id: ConnectionId::mint(),
            flow,
            lanes: lanes.clone(),
            slot,
            is_ours: false,
            clock: Clock,
        };
        let tls = self.tls.clone();
        tokio::spawn(async move {
            let Some(tls) = tls else {
                return serve(connection, stream, Vec::new()).await;
            };
            match tls.accept(stream).await {
                Ok((stream, names)) => serve(connection, stream, names).await,
                Err(error) => tracing::debug!(%peer, %error, "no TLS"),
            }
        });
    }
}

/// Tells of a connection that a peer has opened, and carries its messages.
async fn serve<S>(connection: Connection, stream: S, names: Vec<String>)
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let (outbox, waiting) = outbox();
    let arrival = Arrival {
        flow: connection.flow,
        what: What::Accepted(connection.id, outbox, names),
    };
    if connection.lanes.tell(arrival).await {
        connection.run(stream, waiting).await;
    }
}

/// Opens a connection for what waits; what waits is given back if that fails.
pub(super) fn open(connection: Connection, waiting: Waiting, tos: u8, tls: Option<Tls>) {
    tokio::spawn(async move {
        let flow = connection.flow;
        let connected = tokio::time::timeout(CONNECTING, connect(flow)).await;
        let stream = match connected.map_err(io::Error::from).flatten() {
            Ok(stream) => stream,
            Err(error) => return connection.failed(waiting, &error).await,
        };
        prepare(&stream, tos.into());
        let Some(tls) = tls else {
            return opened(connection, stream, waiting, Vec::new()).await;
        };
        match tls.connect(stream, flow.peer.ip()).await {
            Ok((stream, names)) => opened(connection, stream, waiting, names).await,
            Err(error) => connection.failed(waiting, &error).await,
        }
    });
}

/// Tells of a connection that we have opened, and carries its messages.
async fn opened<S>(connection: Connection, stream: S, waiting: Waiting, names: Vec<String>)
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let arrival = Arrival {
        flow: connection.flow,
        what: What::Opened(names),
    };
    if connection.lanes.tell(arrival).await {
        connection.run(stream, waiting).await;
    }
}

/// From the listener's own address, so that the peer knows who comes.
async fn connect(flow: Flow) -> io::Result<TcpStream> {
    let socket = if flow.local.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.bind(SocketAddr::new(flow.local.ip(), 0))?;
    socket.connect(flow.peer).await
}

/// Small messages at once, marked for the network; a peer that vanished is found out.
fn prepare(stream: &TcpStream, tos: u32) {
    let socket = SockRef::from(stream);
    let alive = TcpKeepalive::new().with_time(ALIVE_AFTER);
    // None of this is needed for a call to go through.
    let _ = stream.set_nodelay(true);
    let _ = socket.set_tcp_keepalive(&alive);
    mark(stream, tos);
}
