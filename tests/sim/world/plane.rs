//! The media plane of the simulation: it does at once what it is told, and is told nothing that
//! does not fit.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use thirdring::call::event::LegQuality;
use thirdring::call::media::{MediaCommand, MediaEvent, MediaLeg};
use thirdring::id::CallId;

use super::site::sealed;

/// Ports that are open, and recordings that are, and have begun or not.
#[derive(Debug, Default)]
pub(super) struct Plane {
    seed: u64,
    pub(super) ports: BTreeSet<MediaLeg>,
    opened: u16,
    pub(super) files: BTreeMap<CallId, bool>,
}

impl Plane {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            ..Self::default()
        }
    }

    /// The media plane: does at once what it is told.
    pub(super) fn obey(&mut self, command: &MediaCommand) -> Option<MediaEvent> {
        Some(match *command {
            MediaCommand::Open { leg, local, .. } => {
                assert!(
                    self.ports.insert(leg),
                    "seed {}: a leg opened twice",
                    self.seed
                );
                self.opened += 1;
                let address = SocketAddr::new(local, 20_000 + 2 * self.opened);
                MediaEvent::Opened { leg, address }
            }
            MediaCommand::Close { leg } => {
                assert!(
                    self.ports.remove(&leg),
                    "seed {}: a leg closed twice",
                    self.seed
                );
                MediaEvent::Closed {
                    leg,
                    quality: LegQuality::default(),
                }
            }
            MediaCommand::OpenRecording { call, .. } => {
                self.files.insert(call, false);
                MediaEvent::RecordingReady { call }
            }
            MediaCommand::StartRecording { call } => {
                self.files.insert(call, true);
                return None;
            }
            MediaCommand::SilenceRecording { call, .. } => {
                assert_eq!(self.files.get(&call), Some(&true), "nothing is recorded");
                return None;
            }
            MediaCommand::CloseRecording { call } => match self.files.remove(&call) {
                Some(true) => MediaEvent::RecordingSealed {
                    call,
                    recording: sealed(call),
                },
                Some(false) => return None,
                None => panic!("seed {}: a recording closed twice", self.seed),
            },
            MediaCommand::Connect { leg, .. }
            | MediaCommand::HearFrom { leg, .. }
            | MediaCommand::Unbridge { leg }
            | MediaCommand::Adopt { leg, .. }
            | MediaCommand::RecordMirrored { leg, .. }
            | MediaCommand::Play { leg, .. }
            | MediaCommand::PressKey { leg, .. }
            | MediaCommand::Heed { leg, .. }
            | MediaCommand::Mix { leg, .. }
            | MediaCommand::StopPlay { leg } => {
                self.must_be_open(leg);
                return None;
            }
            MediaCommand::Bridge { a, b } => {
                self.must_be_open(a);
                self.must_be_open(b);
                return None;
            }
        })
    }

    fn must_be_open(&self, leg: MediaLeg) {
        assert!(
            self.ports.contains(&leg),
            "seed {}: an order for a leg that is not open",
            self.seed
        );
    }
}
