//! The calls of one media thread, by place: a packet finds its call by an index.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Instant;

use crate::call::media::MediaLeg;
use crate::clock::Clock;
use crate::id::CallId;
use crate::media::rtcp::WallClock;
use crate::media::{LegKey, Patience, Session};

/// One call's media and what it is recorded from.
#[derive(Debug)]
pub(super) struct MediaCall {
    pub(super) id: CallId,
    pub(super) session: Session,
    /// When the session is due.
    pub(super) due: Option<Instant>,
    /// The leg that is to be recorded, while a recording is open.
    pub(super) recorded: Option<MediaLeg>,
    /// What it sends is the right channel, and what it is sent the left one.
    pub(super) is_mirrored: bool,
}

impl MediaCall {
    fn new(id: CallId, patience: Patience, now: Instant) -> Self {
        let mut session = Session::new(WallClock {
            read_at: now,
            unix_us: u64::try_from(Clock.wall().0).unwrap_or(0),
        });
        session.be_patient(patience);
        Self {
            id,
            session,
            due: None,
            recorded: None,
            is_mirrored: false,
        }
    }

    fn is_idle(&self) -> bool {
        self.session.is_empty() && self.recorded.is_none()
    }
}

/// All calls of the thread.
#[derive(Debug)]
pub(super) struct CallTable {
    /// How long their peers may be silent.
    patience: Patience,
    calls: Vec<Option<MediaCall>>,
    free: Vec<usize>,
    places: BTreeMap<CallId, usize>,
    /// No session is due before this.
    earliest: Option<Instant>,
    /// The call in whose step the thread is, or was last in this turn.
    at_work: Cell<Option<usize>>,
}

impl CallTable {
    pub(super) fn new(patience: Patience) -> Self {
        Self {
            patience,
            calls: Vec::new(),
            free: Vec::new(),
            places: BTreeMap::new(),
            earliest: None,
            at_work: Cell::new(None),
        }
    }

    /// The thread begins a turn, and is in no call's step.
    pub(super) fn begin_turn(&self) {
        self.at_work.set(None);
    }

    /// Takes its media from the call in whose step something broke: its legs are to be closed, and
    /// are heard no more. `None` if it was in no call's step.
    pub(super) fn break_off(&mut self, now: Instant) -> Option<CallId> {
        let patience = self.patience;
        let place = self.at_work.take()?;
        let call = self.at_mut(place)?;
        call.session = MediaCall::new(call.id, patience, now).session;
        call.due = None;
        let id = call.id;
        self.find_earliest();
        Some(id)
    }

    /// Where the call is; it is made if it is not there.
    pub(super) fn place(&mut self, id: CallId, now: Instant) -> usize {
        let patience = self.patience;
        *self.places.entry(id).or_insert_with(|| {
            let call = Some(MediaCall::new(id, patience, now));
            if let Some(place) = self.free.pop() {
                self.calls[place] = call;
                return place;
            }
            self.calls.push(call);
            self.calls.len() - 1
        })
    }

    /// The call; it is made if it is not there.
    pub(super) fn entry(&mut self, id: CallId, now: Instant) -> &mut MediaCall {
        let place = self.place(id, now);
        self.at_work.set(Some(place));
        let patience = self.patience;
        self.calls[place].get_or_insert_with(|| MediaCall::new(id, patience, now))
    }

    pub(super) fn at(&self, place: usize) -> Option<&MediaCall> {
        self.calls.get(place)?.as_ref()
    }

    pub(super) fn at_mut(&mut self, place: usize) -> Option<&mut MediaCall> {
        self.at_work.set(Some(place));
        self.calls.get_mut(place)?.as_mut()
    }

    pub(super) fn get_mut(&mut self, id: CallId) -> Option<&mut MediaCall> {
        let place = *self.places.get(&id)?;
        self.at_mut(place)
    }

    /// Does something to a call that may change when it is due.
    pub(super) fn with(&mut self, id: CallId, act: impl FnOnce(&mut MediaCall)) {
        let Some(place) = self.places.get(&id).copied() else {
            return;
        };
        if let Some(call) = self.at_mut(place) {
            act(call);
        }
        self.note_due(place);
    }

    /// Asks a call's session again when it is due.
    pub(super) fn note_due(&mut self, place: usize) {
        let Some(call) = self.at_mut(place) else {
            return;
        };
        call.due = call.session.poll_timeout();
        let due = call.due;
        self.earliest = self.earliest.into_iter().chain(due).min();
    }

    /// As [`note_due`](Self::note_due), if a packet has made something due.
    pub(super) fn note_hurry(&mut self, place: usize) {
        if self
            .at_mut(place)
            .is_some_and(|call| call.session.take_hurry())
        {
            self.note_due(place);
        }
    }

    pub(super) fn ids(&self) -> Vec<CallId> {
        self.places.keys().copied().collect()
    }

    /// When a session is due; it may be earlier than that, never later.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.earliest
    }

    /// The calls that are due. Afterwards the earliest one is to be found again.
    pub(super) fn due(&mut self, now: Instant) -> impl Iterator<Item = &mut MediaCall> {
        let at_work = &self.at_work;
        let calls = self.calls.iter_mut().enumerate();
        calls.filter_map(move |(place, call)| {
            let call = call.as_mut()?;
            call.due.filter(|due| *due <= now)?;
            at_work.set(Some(place));
            Some(call)
        })
    }

    pub(super) fn find_earliest(&mut self) {
        let calls = self.calls.iter().flatten();
        self.earliest = calls.filter_map(|call| call.due).min();
    }

    pub(super) fn forget_if_idle(&mut self, id: CallId) {
        if let Some(place) = self.places.get(&id).copied() {
            self.forget_place_if_idle(place);
        }
    }

    pub(super) fn forget_place_if_idle(&mut self, place: usize) {
        let Some(slot) = self.calls.get_mut(place) else {
            return;
        };
        if let Some(call) = slot.take_if(|call| call.is_idle()) {
            self.places.remove(&call.id);
            self.free.push(place);
        }
    }
}

/// A session's legs are named by their slots, so that a packet finds its socket at once.
pub(super) fn key_of(slot: usize) -> LegKey {
    LegKey(slot as u64)
}

pub(super) fn slot_of(leg: LegKey) -> usize {
    usize::try_from(leg.0).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::media::rtp::Packet;
    use crate::media::{Frame, PlayKey, Sink, Way};
    use crate::sdp::{Codec, Direction, Stream};

    struct Nowhere;

    impl Sink for Nowhere {
        fn rtp(&mut self, _: LegKey, _: &[u8]) {}
        fn rtcp(&mut self, _: LegKey, _: &[u8]) {}
        fn tapped(&mut self, _: LegKey, _: Way, _: Frame<'_>) {}
        fn played(&mut self, _: LegKey, _: PlayKey, _: u64, _: bool) {}
    }

    fn stream(event: Option<u8>) -> Stream {
        Stream {
            remote: "192.0.2.1:40000".parse().unwrap(),
            remote_rtcp: "192.0.2.1:40001".parse().unwrap(),
            codec: Codec::Pcma,
            send_pt: 8,
            receive_pt: 8,
            send_event_pt: event,
            receive_event_pt: event,
            direction: Direction::SendRecv,
            ptime_ms: 20,
            srtp: None,
        }
    }

    /// A key that becomes tones is due at once, not when the session is looked at next; a packet
    /// that is only passed on makes nothing due.
    #[test]
    fn the_tones_of_a_key_are_due_with_its_last_packet() {
        let now = Clock.now();
        let mut calls = CallTable::new(Patience::default());
        let id = CallId(Uuid::from_u64_pair(7, 1));
        let place = calls.place(id, now);
        let [presses, hears] = [LegKey(0), LegKey(1)];
        calls.with(id, |call| {
            for (key, event) in [(presses, Some(101)), (hears, None)] {
                call.session.add_leg(key, &mut rand::rng());
                call.session.connect(key, stream(event), now);
            }
            call.session.bridge(presses, hears);
        });
        let mut hear = |payload_type, payload: &[u8]| {
            let packet = Packet {
                marker: false,
                payload_type,
                sequence: u16::from(payload_type),
                timestamp: 0,
                ssrc: 1,
                payload,
            };
            let call = calls.at_mut(place).unwrap();
            let source = "192.0.2.1:40000".parse().unwrap();
            let session = &mut call.session;
            session.handle_rtp(presses, &packet.to_bytes(), source, now, &mut Nowhere);
            calls.note_hurry(place);
            calls.poll_timeout().unwrap()
        };
        assert!(hear(8, &[0xD5; 160]) > now);
        assert_eq!(hear(101, &[5, 0x8a, 0x03, 0x20]), now);
    }
}
