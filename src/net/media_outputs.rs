//! Where a session's outputs go: sockets, the recorder, and the one who asked.

use std::sync::atomic::Ordering;
use std::time::Instant;

use super::leg_sockets::{Half, SocketTable};
use super::media_calls::{MediaCall, slot_of};
use super::media_plane::{Counters, Report};
use super::peer_news;
use super::recorder_feed::RecorderFeed;
use super::srtp::SrtpLegs;
use crate::call::media::{MediaEvent, PlayId};
use crate::id::CallId;
use crate::media::{Frame, LegKey, Notice, PlayKey, Sink, Way};

/// What all calls of a thread share: where their packets, recordings and news go.
pub(super) struct Exits {
    pub(super) sockets: SocketTable,
    pub(super) srtp: SrtpLegs,
    pub(super) feed: RecorderFeed,
    pub(super) report: Report,
    pub(super) tally: Tally,
}

impl Exits {
    /// The way out for what a call's session has to say now.
    pub(super) fn of(&mut self, call: &MediaCall, now: Instant) -> Outputs<'_> {
        Outputs {
            call: call.id,
            is_mirrored: call.is_mirrored,
            exits: self,
            now,
        }
    }
}

/// Where one call's outputs go.
pub(super) struct Outputs<'a> {
    call: CallId,
    is_mirrored: bool,
    exits: &'a mut Exits,
    now: Instant,
}

/// Counts of one tick, told to others once.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) received: u64,
    sent: u64,
    send_failures: u64,
}

impl Tally {
    /// Adds what was counted to the counters that others read.
    pub(super) fn publish(&mut self, counters: &Counters) {
        let tally = std::mem::take(self);
        for (counter, count) in [
            (&counters.rtp_received, tally.received),
            (&counters.rtp_sent, tally.sent),
            (&counters.send_failures, tally.send_failures),
        ] {
            if count > 0 {
                counter.fetch_add(count, Ordering::Relaxed);
            }
        }
    }
}

impl Sink for Outputs<'_> {
    fn rtp(&mut self, leg: LegKey, packet: &[u8]) {
        let sockets = self.exits.sockets.get(slot_of(leg));
        let packet = self.exits.srtp.seal(slot_of(leg), Half::Rtp, packet);
        let is_sent = sockets
            .zip(packet)
            .is_some_and(|(sockets, packet)| sockets.send(Half::Rtp, &packet).is_ok());
        self.exits.tally.sent += u64::from(is_sent);
        self.exits.tally.send_failures += u64::from(!is_sent);
    }

    fn rtcp(&mut self, leg: LegKey, packet: &[u8]) {
        let packet = self.exits.srtp.seal(slot_of(leg), Half::Rtcp, packet);
        if let Some((sockets, packet)) = self.exits.sockets.get(slot_of(leg)).zip(packet) {
            // A report that is not taken is made up for by the next one.
            let _ = sockets.send(Half::Rtcp, &packet);
        }
    }

    fn tapped(&mut self, _: LegKey, way: Way, frame: Frame<'_>) {
        let way = match (way, self.is_mirrored) {
            (way, false) => way,
            (Way::Received, true) => Way::Sent,
            (Way::Sent, true) => Way::Received,
        };
        self.exits.feed.push(self.call, way, &frame, self.now);
    }

    fn noticed(&mut self, leg: LegKey, notice: Notice) {
        if let Some(sockets) = self.exits.sockets.get(slot_of(leg)) {
            (self.exits.report)(peer_news::event(sockets.leg, notice));
        }
    }

    fn played(&mut self, leg: LegKey, play: PlayKey, heard_ms: u64, complete: bool) {
        if let Some(sockets) = self.exits.sockets.get(slot_of(leg)) {
            (self.exits.report)(MediaEvent::Played {
                leg: sockets.leg,
                play: PlayId(play.0),
                heard_ms,
                complete,
            });
        }
    }
}
