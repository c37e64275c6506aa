//! The real service on loopback, with real peers: SIPp as trunk and phones, baresip as a desk
//! phone, and peers of our own where what is to be seen is the way of the audio.
//!
//! Expectations are written beforehand; rings, lengths and levels are measured by the peers and
//! from the recordings, then compared with the rows. A program that is missing fails its tests.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "a peer lives in real time, and has no core to be told it by"
)]

#[path = "../support/baresip.rs"]
mod baresip;
#[path = "../support/capture.rs"]
mod capture;
#[path = "../support/certificates.rs"]
mod certificates;
#[path = "../support/desk.rs"]
mod desk;
#[path = "../support/dns.rs"]
mod dns;
#[path = "../support/guesser.rs"]
mod guesser;
#[path = "../support/handset.rs"]
mod handset;
#[path = "../support/linphone.rs"]
mod linphone;
#[path = "../support/loopback.rs"]
mod loopback;
#[path = "../support/namespace.rs"]
mod namespace;
#[path = "../support/patience.rs"]
mod patience;
#[path = "../support/peer.rs"]
mod peer;
#[path = "../support/postgres.rs"]
mod postgres;
#[path = "../support/rtpengine.rs"]
mod rtpengine;
#[path = "../support/score.rs"]
mod score;
#[path = "../support/secure_voice.rs"]
mod secure_voice;
#[path = "../support/service.rs"]
mod service;
#[path = "../support/sipp.rs"]
mod sipp;
#[path = "../support/sipvicious.rs"]
mod sipvicious;
#[path = "../support/site.rs"]
mod site;
#[path = "../support/sprayer.rs"]
mod sprayer;
#[path = "../support/tone.rs"]
mod tone;
#[path = "../support/voice.rs"]
mod voice;
#[path = "../support/wav.rs"]
mod wav;
#[path = "../support/wire.rs"]
mod wire;

mod abandoned;
mod addresses;
mod admission;
mod agent_client;
mod answered;
mod api;
mod attack_accounts;
mod attack_addresses;
mod attack_media;
mod attack_paths;
mod attack_scanners;
mod attack_toll;
mod attended;
mod callers;
mod click;
mod clock_jump;
mod conduct;
mod crash;
mod database_away;
mod desk_phone;
mod dialogues;
mod extensions;
mod floor;
mod hostile_media;
mod hunting;
mod keys;
mod load;
mod log_in;
mod lost_messages;
mod metrics;
mod notice;
mod outbound;
mod packets;
mod presence;
mod recordings;
mod registrar;
mod renegotiation;
mod replaced;
mod reports;
mod rings;
mod secrecy;
mod setup;
mod shutdown;
mod srtp;
mod stream_phones;
mod streams;
mod systemd;
mod talk;
mod tcp;
mod tls;
mod torture;
mod trace;
mod transfer;
mod trunks;
mod unrecorded;
mod waiting;
