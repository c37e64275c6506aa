//! A headless phone on the same SIP core as the service: the demo's agents and callers, and the
//! peers of the tests.
//!
//! [`UserAgent`] is a phone's signalling, pure: commands and datagrams in, messages and
//! [`Event`]s out. The service knows of a phone only what it sends.

mod call;
mod command;
mod incoming;
mod outgoing;
mod registration;
mod user_agent;
mod within;

pub use command::{Command, Event, Output};
pub use user_agent::{PhoneConfig, UserAgent};

#[cfg(test)]
mod tests;
