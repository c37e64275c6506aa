//! Where a session's outputs go: sockets, the recorder, and the one who asked.

use std::sync::atomic::Ordering;
use std::time::Instant;

use super::leg_sockets::{Half, SocketTable};
use super::media_calls::slot_of;
use super::media_plane::{Counters, Report};
use super::peer_news;
use super::recorder_feed::RecorderFeed;
use super::srtp::SrtpLegs;
use crate::call::media::{MediaEvent, PlayId};
use crate::id::CallId;
use crate::media::{Frame, LegKey, Notice, PlayKey, Sink, Way};

pub(super) struct Outputs<'a> {
    pub(super) call: CallId,
    pub(super) is_mirrored: bool,
    pub(super) sockets: &'a SocketTable,
    pub(super) srtp: &'a mut SrtpLegs,
    pub(super) feed: &'a mut RecorderFeed,
    pub(super) report: &'a Report,
    pub(super) tally: &'a mut Tally,
    pub(super) now: Instant,
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
        let sockets = self.sockets.get(slot_of(leg));
        let packet = self.srtp.seal(slot_of(leg), Half::Rtp, packet);
        let is_sent = sockets
            .zip(packet)
            .is_some_and(|(sockets, packet)| sockets.send(Half::Rtp, &packet).is_ok());
        self.tally.sent += u64::from(is_sent);
        self.tally.send_failures += u64::from(!is_sent);
    }

    fn rtcp(&mut self, leg: LegKey, packet: &[u8]) {
        let packet = self.srtp.seal(slot_of(leg), Half::Rtcp, packet);
        if let Some((sockets, packet)) = self.sockets.get(slot_of(leg)).zip(packet) {
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
        self.feed.push(self.call, way, &frame, self.now);
    }

    fn noticed(&mut self, leg: LegKey, notice: Notice) {
        if let Some(sockets) = self.sockets.get(slot_of(leg)) {
            (self.report)(peer_news::event(sockets.leg, notice));
        }
    }

    fn played(&mut self, leg: LegKey, play: PlayKey, heard_ms: u64, complete: bool) {
        if let Some(sockets) = self.sockets.get(slot_of(leg)) {
            (self.report)(MediaEvent::Played {
                leg: sockets.leg,
                play: PlayId(play.0),
                heard_ms,
                complete,
            });
        }
    }
}
