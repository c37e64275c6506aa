//! Sockets and the threads and tasks that own them: signalling and media.

mod leg_sockets;
pub mod media_plane;
mod media_thread;
mod ports;
mod recorder;
mod recorder_feed;
