//! Digest authentication (RFC 7616 as SIP uses it, RFC 3261 §22 and RFC 8760; RFC 2617 and
//! clients without `qop` too): the server's side in [`Authenticator`], the client's in
//! [`answer`].
//!
//! Nothing here reads a clock or decides who may do what: the caller gives the time in Unix
//! seconds, finds passwords, and draws conclusions from the [`Verdict`].

mod client;
mod digest;
mod fields;
mod nonce;
mod replay;
mod server;

pub use client::{answer, realm};
pub use digest::Algorithm;
pub use server::{Attempt, Authenticator, Credentials, Verdict};
