//! Which media thread a call's orders go to.
//!
//! A call lives on one thread. A new call goes to the first thread that has room, so that as few
//! threads as possible tick; when all are full, to the one with the fewest calls.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::TrySendError;

use super::media_plane::Stopped;
use super::media_transit::{Door, Order};
use crate::call::media::{MediaCommand, MediaLeg, Subject};
use crate::id::CallId;

#[derive(Debug)]
pub(super) struct Router {
    threads: Arc<[Door]>,
    calls: BTreeMap<CallId, Place>,
    legs: BTreeMap<MediaLeg, CallId>,
    /// Calls of each thread.
    loads: Vec<usize>,
    /// Calls that a thread is given before the next one gets any.
    calls_a_thread: usize,
    /// Orders that are to go before any other: there was no room for them.
    waiting: VecDeque<(usize, Order)>,
}

#[derive(Debug)]
struct Place {
    thread: usize,
    legs: usize,
    is_recorded: bool,
}

impl Router {
    pub(super) fn new(threads: Arc<[Door]>, calls_a_thread: usize) -> Self {
        Self {
            calls_a_thread,
            loads: vec![0; threads.len()],
            threads,
            calls: BTreeMap::new(),
            legs: BTreeMap::new(),
            waiting: VecDeque::new(),
        }
    }

    /// Gives the orders that there is room for, in their order, and wakes each thread that got
    /// some once; the others stay.
    pub(super) fn send(&mut self, commands: &mut VecDeque<MediaCommand>) -> Result<(), Stopped> {
        let mut told = vec![false; self.threads.len()];
        let sent = self.send_some(commands, &mut told);
        for (door, is_told) in self.threads.iter().zip(told) {
            if is_told {
                door.wake();
            }
        }
        sent
    }

    fn send_some(
        &mut self,
        commands: &mut VecDeque<MediaCommand>,
        told: &mut [bool],
    ) -> Result<(), Stopped> {
        loop {
            while let Some((thread, order)) = self.waiting.pop_front() {
                match self.threads[thread].orders.try_send(order) {
                    Ok(()) => told[thread] = true,
                    Err(TrySendError::Full(order)) => {
                        self.waiting.push_front((thread, order));
                        return Ok(());
                    }
                    Err(TrySendError::Disconnected(_)) => return Err(Stopped),
                }
            }
            let Some(command) = commands.pop_front() else {
                return Ok(());
            };
            self.route(command);
        }
    }

    /// Puts what a command means for the threads into `waiting`.
    fn route(&mut self, command: MediaCommand) {
        if let MediaCommand::Open { call, leg, .. } = command {
            self.enter(call, leg);
        }
        let thread = self.thread_of(command.subject());
        if let MediaCommand::Adopt { call, leg } = command {
            self.leave(leg);
            let to = self.enter(call, leg);
            if to != thread {
                let give = Order::Give {
                    leg,
                    call,
                    thread: to,
                };
                self.waiting.push_back((to, Order::Await(leg)));
                self.waiting.push_back((thread, give));
                return;
            }
        } else if let MediaCommand::OpenRecording { call, .. } = command {
            self.record(call, true);
        } else if let MediaCommand::CloseRecording { call } = command {
            self.record(call, false);
        } else if let MediaCommand::Close { leg } = command {
            self.leave(leg);
        }
        self.waiting.push_back((thread, Order::Command(command)));
    }

    fn thread_of(&mut self, subject: Subject) -> usize {
        match subject {
            Subject::Call(call) => self.place(call).thread,
            Subject::Leg(leg) => {
                let call = self.legs.get(&leg);
                let place = call.and_then(|call| self.calls.get(call));
                place.map_or(0, |place| place.thread) // a leg that is not open is no thread's
            }
        }
    }

    /// The leg is the call's from now on: the call's thread.
    fn enter(&mut self, call: CallId, leg: MediaLeg) -> usize {
        self.legs.insert(leg, call);
        let place = self.place(call);
        place.legs += 1;
        place.thread
    }

    fn leave(&mut self, leg: MediaLeg) {
        if let Some(call) = self.legs.remove(&leg) {
            self.place(call).legs -= 1;
            self.forget_if_idle(call);
        }
    }

    fn record(&mut self, call: CallId, is_recorded: bool) {
        self.place(call).is_recorded = is_recorded;
        self.forget_if_idle(call);
    }

    fn place(&mut self, call: CallId) -> &mut Place {
        let loads = &mut self.loads;
        self.calls.entry(call).or_insert_with(|| {
            let thread = next_thread(loads, self.calls_a_thread);
            loads[thread] += 1;
            Place {
                thread,
                legs: 0,
                is_recorded: false,
            }
        })
    }

    fn forget_if_idle(&mut self, call: CallId) {
        let is_idle = |place: &Place| place.legs == 0 && !place.is_recorded;
        if self.calls.get(&call).is_some_and(is_idle)
            && let Some(place) = self.calls.remove(&call)
        {
            self.loads[place.thread] -= 1;
        }
    }
}

fn next_thread(loads: &[usize], calls_a_thread: usize) -> usize {
    let first = loads.iter().position(|load| *load < calls_a_thread);
    let least = || {
        let by_load = loads.iter().enumerate().min_by_key(|(_, load)| **load);
        by_load.map_or(0, |(thread, _)| thread)
    };
    first.unwrap_or_else(least)
}
