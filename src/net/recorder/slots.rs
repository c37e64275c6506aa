//! The recordings that run: found by their calls for each packet, and gone through in turn.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::recording::Recording;
use crate::id::CallId;

/// Recordings take turns, so that the disk hears of a few of them every 20 ms and not of all at
/// once.
const TURNS: u32 = 10;
const TURN: Duration = Duration::from_millis(20);

#[derive(Debug, Default)]
pub(super) struct Slots {
    recordings: Vec<Option<Recording>>,
    by_call: HashMap<CallId, usize>,
    free: Vec<usize>,
    begun: u32,
}

impl Slots {
    pub(super) fn insert(&mut self, recording: Recording) {
        let slot = self.free.pop().unwrap_or(self.recordings.len());
        self.by_call.insert(recording.call, slot);
        if slot == self.recordings.len() {
            self.recordings.push(None);
        }
        if let Some(place) = self.recordings.get_mut(slot) {
            *place = Some(recording);
        }
    }

    /// The call is answered.
    pub(super) fn start(&mut self, call: CallId, at: Instant, conceals: bool) {
        self.begun = self.begun.wrapping_add(1);
        let turn = TURN * (self.begun % TURNS);
        if let Some(recording) = self.get_mut(call) {
            recording.start(at, at + turn, conceals);
        }
    }

    pub(super) fn get_mut(&mut self, call: CallId) -> Option<&mut Recording> {
        let slot = *self.by_call.get(&call)?;
        self.at_mut(slot)
    }

    pub(super) fn at_mut(&mut self, slot: usize) -> Option<&mut Recording> {
        self.recordings.get_mut(slot)?.as_mut()
    }

    pub(super) fn remove(&mut self, call: CallId) -> Option<Recording> {
        let slot = self.by_call.remove(&call)?;
        self.free.push(slot);
        self.recordings.get_mut(slot)?.take()
    }

    /// Places, taken or not.
    pub(super) fn len(&self) -> usize {
        self.recordings.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_call.is_empty()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Recording> {
        self.recordings.iter_mut().flatten()
    }

    /// All of them.
    pub(super) fn take(&mut self) -> Vec<Recording> {
        self.by_call.clear();
        self.free.clear();
        self.recordings.drain(..).flatten().collect()
    }
}
