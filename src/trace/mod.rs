//! The SIP messages of calls, kept on disk for a while, and how `thirdring trace` shows them.
//!
//! The signalling loop hands every message that was heard to a [`Tap`], which never waits. A
//! thread of its own writes them to segments: capture files that any tool reads, the oldest
//! deleted first. [`messages_of`] finds a call's messages there, [`mask`](mask()) hides telephone
//! numbers and secrets, [`Ladder`] draws what is left.
//!
//! A caller's leg is found by its Call-ID, our own legs by theirs, which begin with the call's id.

mod glance;
mod header;
mod ladder;
mod mask;
mod packet;
mod passage;
mod pcap;
mod search;
mod segments;
mod tap;
mod writer;

pub use ladder::{Column, Ladder, Rung};
pub use mask::{Numbers, mask};
pub use passage::Passage;
pub use pcap::to_pcap;
pub use search::{Wanted, messages_of};
pub use tap::Tap;
pub use writer::{Trace, TraceSettings};

pub use crate::metrics::Way;
