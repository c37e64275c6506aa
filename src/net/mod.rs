//! Sockets and threads: the signalling loop over UDP, TCP and TLS, the media plane, and what they count.
//! Leaves every decision to [`crate::switch`].

mod arrival;
#[cfg(test)]
mod bench;
mod connection;
mod handle;
mod lanes;
mod leg_sockets;
mod mark;
mod media_calls;
mod media_outputs;
mod media_plane;
mod media_router;
mod media_thread;
mod media_transit;
mod pace;
mod peer_news;
mod ports;
mod quota;
mod recorder;
mod recorder_feed;
mod resolver;
mod secure_listener;
mod signalling;
mod signalling_thread;
mod srtp;
mod tally;
mod tcp;
mod tls;
mod traffic;
mod transports;
mod udp;
mod wheel;

pub use crate::media::Patience;
pub use handle::{Handle, Live};
pub use media_plane::{MediaHandle, MediaPlane, MediaSettings, MediaStats, Report, Stopped};
pub use quota::Limits;
pub use recorder::{RecorderHealth, RecordingSettings};
pub use resolver::{Domain, ResolveError, Resolver};
pub use secure_listener::{SecureListener, SecureStream};
pub use signalling::{Wires, start};
pub use signalling_thread::SignallingThread;
pub use tls::{TlsError, TlsSettings};
pub use transports::{ListenError, News, Transports};
