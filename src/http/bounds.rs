//! What bounds HTTP's connections: how many are open, and how long one may be without an answer.
//!
//! A connection on which we have written nothing for [`Bounds::silence`] is closed. That is the time
//! for a request's head and body, for the next request, and for whoever does not read what we write. An
//! event stream says that it is quiet more often than that.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep};

use super::listener::{Door, Stream};

/// What holds for all connections.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// So many are open at once; whoever comes then waits in the system's queue.
    pub(super) connections: usize,
    /// A connection on which nothing was answered for so long is closed.
    pub(super) silence: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 4_096,
            silence: Duration::from_secs(30),
        }
    }
}

/// A door that lets in so many at once.
#[derive(Debug)]
pub(super) struct BoundedDoor {
    door: Door,
    places: Arc<Semaphore>,
    silence: Duration,
}

impl BoundedDoor {
    pub(super) fn new(door: Door, bounds: Bounds) -> Self {
        Self {
            door,
            places: Arc::new(Semaphore::new(bounds.connections)),
            silence: bounds.silence,
        }
    }
}

impl Listener for BoundedDoor {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        // The semaphore is never closed; without a place the connection would only go uncounted.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        let (stream, peer) = self.door.accept().await;
        let connection = Connection {
            stream,
            silence: self.silence,
            over: Box::pin(tokio::time::sleep(self.silence)),
            has_answered: false,
            _place: place,
        };
        (connection, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.door.local_addr()
    }
}

/// A connection that is closed when it has been silent for too long.
#[derive(Debug)]
pub(super) struct Connection {
    stream: Stream,
    silence: Duration,
    over: Pin<Box<Sleep>>,
    /// Something was written since `over` was set: it is set anew when it is reached, and not each
    /// time.
    has_answered: bool,
    _place: Option<OwnedSemaphorePermit>,
}

impl Connection {
    /// An error once it has been silent for too long; else the task is woken then.
    fn check(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        while self.over.as_mut().poll(context).is_ready() {
            if !std::mem::take(&mut self.has_answered) {
                let why = "nothing was answered on the connection for too long";
                return Err(io::Error::new(io::ErrorKind::TimedOut, why));
            }
            let next: Instant = self.over.deadline() + self.silence;
            self.over.as_mut().reset(next);
        }
        Ok(())
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        self.has_answered = true;
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: desk\r\n\r\n";

    async fn door(connections: usize, silence: Duration) -> (BoundedDoor, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let bounds = Bounds {
            connections,
            silence,
        };
        (BoundedDoor::new(Door::Plain(listener), bounds), address)
    }

    /// Threat: resources. Who sends a head byte by byte, or nothing at all, is let go.
    #[tokio::test]
    async fn a_connection_that_asks_nothing_is_closed() {
        let (door, address) = door(8, Duration::from_millis(300)).await;
        let router = Router::new().route("/", get(|| async { "well" }));
        tokio::spawn(async move { axum::serve(door, router).await });
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(&REQUEST[..9]).await.unwrap();
        let mut heard = Vec::new();
        // However it ends: nothing was answered.
        let _ = slow.read_to_end(&mut heard).await;
        assert_eq!(heard, b"");
    }

    /// The control: a head that comes in parts is answered.
    #[tokio::test]
    async fn a_head_in_parts_is_answered() {
        let (door, address) = door(8, Duration::from_mins(10)).await;
        let router = Router::new().route("/", get(|| async { "well" }));
        tokio::spawn(async move { axum::serve(door, router).await });
        let mut slow = TcpStream::connect(address).await.unwrap();
        for part in REQUEST.chunks(9) {
            slow.write_all(part).await.unwrap();
            slow.flush().await.unwrap();
            tokio::task::yield_now().await;
        }
        let mut heard = [0; 12];
        slow.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"HTTP/1.1 200");
    }

    /// Threat: resources. Whoever comes when all places are taken waits until one is free.
    #[tokio::test]
    async fn so_many_connections_are_open_and_no_more() {
        let (mut door, address) = door(1, Duration::from_mins(10)).await;
        let _first = TcpStream::connect(address).await.unwrap();
        let _second = TcpStream::connect(address).await.unwrap();
        let (one, _) = door.accept().await;
        let mut next = Box::pin(door.accept());
        let waits = std::future::poll_fn(|context| Poll::Ready(next.as_mut().poll(context)));
        assert!(waits.await.is_pending());
        drop(one);
        next.await;
    }
}
