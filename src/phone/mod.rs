//! A headless phone on the same SIP core as the service: the demo's agents and callers, and the
//! peers of the tests.
//!
//! [`UserAgent`] is a phone's signalling, pure: commands and datagrams in, messages and
//! [`Event`]s out. [`Script`] presses its buttons, [`Line`] puts it on real sockets with a voice.
//! The service knows of a phone only what it sends.

mod call;
mod command;
mod extensions;
mod incoming;
mod keypad;
mod line;
mod outgoing;
mod registration;
mod script;
mod sockets;
mod user_agent;
mod voice;
mod within;

pub use command::{Command, Event, Output};
pub use extensions::Extensions;
pub use line::{Line, LineConfig, Seen, Sighting};
pub use script::{Dial, Manner, Script, Then};
pub use sockets::Access;
pub use user_agent::{PhoneConfig, UserAgent};
pub use voice::Heard;

#[cfg(test)]
mod tests;
