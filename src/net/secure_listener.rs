//! A TCP listener behind which everything is TLS, for what is not SIP. The certificate is read anew
//! when its file changes, as for SIP.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::TlsStream;

use super::tls::{Tls, TlsError, TlsSettings};

/// Handshakes that are going on or done and not yet taken: whoever is slow keeps nobody else out.
const HANDSHAKES: usize = 256;
/// After an error of the system's, such as no more descriptors.
const REST: Duration = Duration::from_millis(100);

/// A connection over TLS.
pub type SecureStream = TlsStream<TcpStream>;

/// The listener.
#[derive(Debug)]
pub struct SecureListener {
    address: SocketAddr,
    accepted: mpsc::Receiver<(SecureStream, SocketAddr)>,
    tasks: [JoinHandle<()>; 2],
}

impl SecureListener {
    /// Listens with a certificate and its key.
    ///
    /// # Errors
    /// The files cannot be used.
    pub fn start(listener: TcpListener, settings: TlsSettings) -> Result<Self, TlsError> {
        let unfit = |error: io::Error| TlsError::Unfit(error.to_string());
        let address = listener.local_addr().map_err(unfit)?;
        let (tls, watching) = Tls::start(settings)?;
        let (sender, accepted) = mpsc::channel(HANDSHAKES);
        let accepting = tokio::spawn(accept(listener, tls, sender));
        Ok(Self {
            address,
            accepted,
            tasks: [watching, accepting],
        })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next connection whose handshake is done.
    pub async fn accept(&mut self) -> (SecureStream, SocketAddr) {
        match self.accepted.recv().await {
            Some(accepted) => accepted,
            // The task goes on as long as this is there.
            None => std::future::pending().await,
        }
    }
}

impl Drop for SecureListener {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn accept(
    listener: TcpListener,
    tls: Tls,
    accepted: mpsc::Sender<(SecureStream, SocketAddr)>,
) {
    loop {
        // Room first: what nobody takes waits in the system's queue.
        let Ok(room) = accepted.clone().reserve_owned().await else {
            return;
        };
        let (stream, peer) = match listener.accept().await {
            Ok(connection) => connection,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(REST).await;
                continue;
            }
        };
        let tls = tls.clone();
        tokio::spawn(async move {
            match tls.accept(stream).await {
                Ok((stream, _)) => {
                    room.send((stream, peer));
                }
                Err(error) => tracing::debug!(%error, "a handshake failed"),
            }
        });
    }
}
