//! Sockets and threads: the signalling loop over UDP, the media plane, and what they count.
//! Leaves every decision to [`crate::switch`].

mod handle;
mod leg_sockets;
mod media_plane;
mod media_thread;
mod ports;
mod recorder;
mod recorder_feed;
mod signalling;
mod tally;
mod traffic;
mod udp;

pub use handle::Handle;
pub use media_plane::{MediaHandle, MediaPlane, MediaSettings, MediaStats, OrderError, Report};
pub use signalling::{Wires, start};
pub use udp::UdpListener;
