//! Floods against the running service. They have the machine to themselves: beside other tests
//! nobody could tell who lost a packet.

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
#[path = "../support/crowd.rs"]
mod crowd;
#[path = "../support/flood.rs"]
mod flood;
#[path = "../support/guesser.rs"]
mod guesser;
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
#[path = "../support/visitors.rs"]
mod visitors;
#[path = "../support/voice.rs"]
mod voice;
#[path = "../support/wav.rs"]
mod wav;
#[path = "../support/wire.rs"]
mod wire;

mod register;
