//! What a peer that is played by hand speaks SIP over: datagrams, or connections that it opens and
//! accepts.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use thirdring::sip::Transport;
use thirdring::sip::framing::{Frame, Framer};

use crate::loopback::sip;

/// How long to wait before looking at connections again.
const PAUSE: Duration = Duration::from_millis(1);

/// A peer's end.
pub(crate) enum Wire {
    Udp(UdpSocket),
    Tcp(Streams),
}

/// A peer's connections.
pub(crate) struct Streams {
    ip: Ipv4Addr,
    service: SocketAddr,
    /// What it speaks TLS with, if it does.
    tls: Option<Arc<ClientConfig>>,
    /// Where the service can reach the peer.
    listener: Option<TcpListener>,
    open: Vec<Stream>,
    came: VecDeque<Vec<u8>>,
    /// How many connections the service has opened.
    accepted: usize,
}

/// One connection.
pub(crate) struct Stream {
    io: Box<dyn Duplex>,
    framer: Framer,
}

/// A connection, plain or under TLS.
pub(crate) trait Duplex: Read + Write + Send {}

impl<T: Read + Write + Send> Duplex for T {}

impl Wire {
    /// Datagrams from and to the SIP port of `ip`.
    pub(crate) fn udp(ip: Ipv4Addr) -> Self {
        Self::Udp(UdpSocket::bind(sip(ip)).unwrap())
    }

    /// Connections from `ip`, and to its SIP port.
    pub(crate) fn tcp(ip: Ipv4Addr, service: SocketAddr) -> Self {
        let listener = TcpListener::bind(sip(ip)).unwrap();
        listener.set_nonblocking(true).unwrap();
        Self::streams_of(ip, service, Some(listener), None)
    }

    /// Connections under TLS from `ip`.
    pub(crate) fn tls(ip: Ipv4Addr, service: SocketAddr, tls: Arc<ClientConfig>) -> Self {
        Self::streams_of(ip, service, None, Some(tls))
    }

    fn streams_of(
        ip: Ipv4Addr,
        service: SocketAddr,
        listener: Option<TcpListener>,
        tls: Option<Arc<ClientConfig>>,
    ) -> Self {
        Self::Tcp(Streams {
            ip,
            service,
            tls,
            listener,
            open: Vec::new(),
            came: VecDeque::new(),
            accepted: 0,
        })
    }

    pub(crate) fn transport(&self) -> Transport {
        match self {
            Self::Udp(_) => Transport::Udp,
            Self::Tcp(Streams { tls: None, .. }) => Transport::Tcp,
            Self::Tcp(_) => Transport::Tls,
        }
    }

    /// Sends a message, by the newest connection or one that it opens.
    pub(crate) fn send(&mut self, bytes: &[u8], service: SocketAddr) {
        match self {
            Self::Udp(socket) => {
                socket.send_to(bytes, service).unwrap();
            }
            Self::Tcp(streams) => streams.write(bytes),
        }
    }

    /// The octets of the next message.
    pub(crate) fn receive(&mut self, deadline: Instant) -> Option<Vec<u8>> {
        match self {
            Self::Udp(socket) => {
                let mut buffer = vec![0; 65_536];
                loop {
                    let left = deadline.checked_duration_since(Instant::now())?;
                    let left = left.max(Duration::from_millis(1));
                    socket.set_read_timeout(Some(left)).unwrap();
                    if let Ok((length, _)) = socket.recv_from(&mut buffer) {
                        return Some(buffer[..length].to_vec());
                    }
                }
            }
            Self::Tcp(streams) => streams.receive(deadline),
        }
    }

    /// Its connections.
    pub(crate) fn streams(&mut self) -> &mut Streams {
        match self {
            Self::Tcp(streams) => streams,
            Self::Udp(_) => panic!("datagrams have no connection"),
        }
    }
}

impl Streams {
    /// Writes octets as they are.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.accept();
        if self.open.is_empty() {
            let stream = connect_blocking(self.ip, self.service);
            self.open.push(match &self.tls {
                None => {
                    stream.set_nonblocking(true).unwrap();
                    Stream::new(stream)
                }
                Some(tls) => Stream::new(secure(stream, self.service, tls)),
            });
        }
        let newest = self.open.last_mut().unwrap();
        newest.io.write_all(bytes).unwrap();
        newest.io.flush().unwrap();
    }

    /// Loses every connection, as a reboot of a router would.
    pub(crate) fn cut(&mut self) {
        self.open.clear();
    }

    /// Cannot be reached any more, but by what it opens itself.
    pub(crate) fn stop_listening(&mut self) {
        self.listener = None;
    }

    /// How many connections the service has opened.
    pub(crate) const fn accepted(&self) -> usize {
        self.accepted
    }

    fn accept(&mut self) {
        while let Some(Ok((stream, _))) = self.listener.as_ref().map(TcpListener::accept) {
            stream.set_nonblocking(true).unwrap();
            self.accepted += 1;
            self.open.push(Stream::new(stream));
        }
    }

    fn receive(&mut self, deadline: Instant) -> Option<Vec<u8>> {
        loop {
            if let Some(message) = self.came.pop_front() {
                return Some(message);
            }
            self.accept();
            let came = &mut self.came;
            self.open.retain_mut(|stream| stream.read(came));
            if self.came.is_empty() {
                deadline.checked_duration_since(Instant::now())?;
                std::thread::sleep(PAUSE);
            }
        }
    }
}

impl Stream {
    /// `io` does not block.
    pub(crate) fn new(io: impl Duplex + 'static) -> Self {
        Self {
            io: Box::new(io),
            framer: Framer::default(),
        }
    }

    /// Reads what is there; whether the stream goes on.
    fn read(&mut self, came: &mut VecDeque<Vec<u8>>) -> bool {
        let mut chunk = [0; 4096];
        let goes_on = loop {
            match self.io.read(&mut chunk) {
                Ok(0) => break false,
                Ok(length) => self.framer.push(&chunk[..length]),
                Err(error) => break error.kind() == ErrorKind::WouldBlock,
            }
        };
        while let Some(frame) = self.framer.poll() {
            match frame {
                Frame::Message(message) => came.push_back(message),
                Frame::Ping => self.io.write_all(b"\r\n").unwrap(),
                Frame::Broken(octets) => {
                    panic!("no message: {}", String::from_utf8_lossy(&octets))
                }
            }
        }
        goes_on
    }
}

/// TLS over a connection, which does not block once the handshake is done.
fn secure(
    mut stream: TcpStream,
    service: SocketAddr,
    tls: &Arc<ClientConfig>,
) -> StreamOwned<ClientConnection, TcpStream> {
    let name = ServerName::IpAddress(service.ip().into());
    let mut connection = ClientConnection::new(Arc::clone(tls), name).unwrap();
    while connection.is_handshaking() {
        connection.complete_io(&mut stream).expect("a handshake");
    }
    stream.set_nonblocking(true).unwrap();
    StreamOwned::new(connection, stream)
}

/// A connection from `ip`.
pub(crate) fn connect_blocking(ip: Ipv4Addr, to: SocketAddr) -> TcpStream {
    let domain = socket2::Domain::IPV4;
    let socket = socket2::Socket::new(domain, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((ip, 0)).into()).unwrap();
    socket.connect(&to.into()).unwrap();
    socket.into()
}
