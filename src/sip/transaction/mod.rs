//! The four transaction machines of RFC 3261 §17, with the Accepted states of RFC 6026.
//!
//! They move opaque bytes and know nothing of messages; [`key`] says which message belongs
//! to which transaction, and the [endpoint](super::endpoint) owns them all.

pub mod client;
pub mod invite_client;
pub mod invite_server;
pub mod key;
pub mod server;

#[cfg(test)]
mod properties;

pub use client::Client;
pub use invite_client::InviteClient;
pub use invite_server::InviteServer;
pub use server::Server;
