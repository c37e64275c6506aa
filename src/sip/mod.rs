//! SIP (RFC 3261) without sockets: the wire codec, what stands on it, and nothing above.
//!
//! [`Message::parse`] reads what peers send, tolerantly, and refuses what would have to be
//! guessed; everything written is strict. `rsip` lends the vocabulary of methods and status
//! codes and never sees a byte of the wire.

pub mod auth;
pub mod cseq;
pub mod dialog;
pub mod diversion;
pub mod dtmf;
pub mod endpoint;
pub mod error;
mod escape;
pub mod event_package;
#[cfg(test)]
mod fixtures;
mod flow;
pub mod framing;
pub mod header_name;
pub mod headers;
mod hop;
pub mod host;
pub mod identity;
pub mod ids;
pub mod inspect;
mod lex;
#[cfg(test)]
mod limits;
pub mod message;
pub mod method;
pub mod min_se;
pub mod name_addr;
pub mod params;
mod parse;
#[cfg(test)]
mod properties;
pub mod rack;
pub mod reason;
pub mod refer;
pub mod registrar;
pub mod registration;
pub mod reliable;
pub mod replaces;
pub mod rseq;
pub mod session_expires;
pub mod session_timer;
pub mod status;
mod target;
pub mod timers;
pub mod transaction;
pub mod transport;
pub mod uri;
pub mod via;

pub use cseq::CSeq;
pub use error::{Malformed, ParseError, SyntaxError};
pub use event_package::{EventPackage, SubscriptionState};
pub use flow::Flow;
pub use header_name::HeaderName;
pub use headers::Headers;
pub use hop::Hop;
pub use host::Host;
pub use message::{Message, Request, Response};
pub use method::Method;
pub use min_se::MinSe;
pub use name_addr::NameAddr;
pub use params::Params;
pub use rack::RAck;
pub use reason::Reason;
pub use refer::Refer;
pub use replaces::Replaces;
pub use rseq::RSeq;
pub use session_expires::{Refresher, SessionExpires};
pub use status::StatusCode;
pub use target::Target;
pub use transport::{Transport, ViaTransport};
pub use uri::{Scheme, Uri};
pub use via::Via;
