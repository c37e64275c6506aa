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
