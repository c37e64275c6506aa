//! What those are told who follow events: frames of a stream, numbered, each made once for all its
//! readers, and the last of them kept for those who come back.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::id::{AgentId, CallId};
use crate::rules::Role;

/// Frames that are kept: some ten seconds of a busy day, some minutes of a quiet one. A browser comes
/// back after three.
const KEPT: usize = 4096;

/// Who may be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Audience {
    /// Everybody.
    All,
    /// Those who may see agents and queues, wallboards among them.
    Desk,
    /// These agents, who have come to something that others have been told of already.
    Agents(Arc<[AgentId]>),
    /// Those with this role.
    Role(Role),
    /// Those who may see calls, be it their own only.
    Staff,
    /// Those who may see a call: whoever sees all, and the agents who are in it.
    Call(CallId, Arc<[AgentId]>),
}

/// One frame.
#[derive(Debug)]
pub(super) struct Frame {
    /// Its number, from 1, one after the other.
    pub(super) number: u64,
    pub(super) audience: Audience,
    /// As it goes over the wire; thousands are kept, so without room to grow.
    pub(super) text: Box<str>,
}

/// The last frames.
#[derive(Debug)]
pub(super) struct Frames {
    kept: Mutex<VecDeque<Arc<Frame>>>,
    /// Tells apart the numbers of this run and of an earlier one.
    run: String,
    /// The last number that readers may be told.
    told: watch::Sender<u64>,
}

/// Where a reader stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// He has had everything up to this number.
    After(u64),
    /// What he had last is not kept any more: he begins anew.
    Lost,
}

impl Frames {
    pub(super) fn new(run: String) -> Self {
        Self {
            kept: Mutex::default(),
            run,
            told: watch::Sender::new(0),
        }
    }

    /// Adds a frame of this kind. Readers are not woken: [`Frames::tell`] does that.
    pub(super) fn push(&self, kind: &str, data: &str, audience: Audience) {
        let mut kept = self.lock();
        let number = kept.back().map_or(0, |frame| frame.number) + 1;
        let text = format!("id: {}-{number}\nevent: {kind}\ndata: {data}\n\n", self.run);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(Arc::new(Frame {
            number,
            audience,
            text: text.into_boxed_str(),
        }));
    }

    /// Wakes the readers, if there is anything new.
    pub(super) fn tell(&self) {
        let last = self.last();
        self.told
            .send_if_modified(|told| std::mem::replace(told, last) != last);
    }

    /// The number of the last frame.
    pub(super) fn last(&self) -> u64 {
        self.lock().back().map_or(0, |frame| frame.number)
    }

    /// Follows the numbers of what readers may be told.
    pub(super) fn follow(&self) -> watch::Receiver<u64> {
        self.told.subscribe()
    }

    /// Where a reader stands who says that this was the last he had.
    pub(super) fn place(&self, last_event_id: Option<&str>) -> Place {
        let Some(id) = last_event_id else {
            return Place::After(self.last());
        };
        let number = id
            .rsplit_once('-')
            .filter(|(run, _)| *run == self.run)
            .and_then(|(_, number)| number.parse().ok());
        match number {
            Some(number) if number <= self.last() => Place::After(number),
            _ => Place::Lost,
        }
    }

    /// What follows `number`; `None` if some of it is not kept any more.
    pub(super) fn after(&self, number: u64) -> Option<Vec<Arc<Frame>>> {
        let kept = self.lock();
        let first = kept.front().map_or(1, |frame| frame.number);
        if number + 1 < first {
            return None;
        }
        let skip = usize::try_from(number + 1 - first).unwrap_or(usize::MAX);
        Some(kept.iter().skip(skip).cloned().collect())
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<Frame>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_who_comes_back_gets_what_he_missed() {
        let frames = Frames::new("a1".to_owned());
        for n in 1..=3 {
            frames.push("ring", &n.to_string(), Audience::All);
        }
        assert_eq!(frames.place(None), Place::After(3));
        assert_eq!(frames.place(Some("a1-1")), Place::After(1));
        let missed = frames.after(1).unwrap();
        assert_eq!(missed.len(), 2);
        assert_eq!(&*missed[0].text, "id: a1-2\nevent: ring\ndata: 2\n\n");
    }

    #[test]
    fn whoever_was_away_for_too_long_or_over_a_restart_begins_anew() {
        let frames = Frames::new("a1".to_owned());
        for _ in 0..=KEPT {
            frames.push("ring", "", Audience::All);
        }
        assert!(frames.after(0).is_none());
        assert_eq!(frames.after(1).map(|kept| kept.len()), Some(KEPT));
        for id in ["a0-1", "a1-99999", "1", "", "a1-x"] {
            assert_eq!(frames.place(Some(id)), Place::Lost, "{id}");
        }
    }
}
