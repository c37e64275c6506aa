#![doc = include_str!("ARCHITECTURE.md")]

// The core: pure, bottom layer first.
pub mod call;
pub mod id;
pub mod media;
pub mod queue;
pub mod rules;
pub mod sdp;
pub mod sip;
pub mod switch;

// The shell: clocks, sockets, disk, database, HTTP, command line.
#[cfg(feature = "service")]
pub mod access;
#[cfg(feature = "service")]
pub mod app;
#[cfg(feature = "service")]
pub mod archive;
#[cfg(feature = "service")]
pub mod cli;
#[cfg(feature = "service")]
pub mod clock;
#[cfg(feature = "service")]
pub mod config;
#[cfg(feature = "service")]
pub mod console;
#[cfg(feature = "service")]
pub mod http;
#[cfg(feature = "service")]
pub mod load;
#[cfg(feature = "service")]
pub mod metrics;
#[cfg(feature = "service")]
pub mod net;
#[cfg(feature = "service")]
pub mod phone;
#[cfg(feature = "service")]
pub mod recording;
#[cfg(feature = "service")]
pub mod store;
#[cfg(feature = "service")]
pub mod telemetry;
#[cfg(feature = "service")]
pub mod trace;
#[cfg(feature = "service")]
pub mod webhook;
