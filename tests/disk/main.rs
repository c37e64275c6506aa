//! What recordings survive: a killed process, a power cut, a disk that is full, fails or hangs. The
//! real service, with calls whose every packet says which one it is, so that what is missing shows
//! to the packet. One test at a time: they measure what is lost in tenths of a second.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "a peer lives in real time, and has no core to be told it by"
)]
#![allow(
    dead_code,
    reason = "the peers are those of the end-to-end tests, which use all of them"
)]

#[path = "../support/certificates.rs"]
mod certificates;
#[path = "../support/loopback.rs"]
mod loopback;
#[path = "../support/patience.rs"]
mod patience;
#[path = "../support/peer.rs"]
mod peer;
#[path = "../support/service.rs"]
mod service;
#[path = "../support/site.rs"]
mod site;
#[path = "../support/tone.rs"]
mod tone;
#[path = "../support/voice.rs"]
mod voice;
#[path = "../support/wav.rs"]
mod wav;
#[path = "../support/wire.rs"]
mod wire;

mod calls;
mod faults;
mod full;
mod kill;
mod marked;
mod mount;
mod power;
mod readers;
mod readonly;
mod shim;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The machine, for one test.
fn alone() -> MutexGuard<'static, ()> {
    static MACHINE: Mutex<()> = Mutex::new(());
    MACHINE.lock().unwrap_or_else(PoisonError::into_inner)
}
