//! Our 2xx to an INVITE, repeated from T1 to T2 until its ACK comes (RFC 3261 §13.3.1.4).

use std::collections::HashMap;
use std::time::Instant;

use super::ServerTx;
use crate::sip::dialog::DialogId;
use crate::sip::flow::Flow;
use crate::sip::timers::{Backoff, PATIENCE, T2};

/// Every 2xx of ours whose ACK may still come, or come again.
#[derive(Debug, Default)]
pub(super) struct Accepted {
    answers: HashMap<ServerTx, Answer>,
    by_ack: HashMap<(DialogId, u32), ServerTx>,
}

#[derive(Debug)]
struct Answer {
    dialog: DialogId,
    cseq: u32,
    flow: Flow,
    bytes: Vec<u8>,
    repeat: Option<Backoff>,
    deadline: Instant,
}

/// What an ACK meant.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Acknowledgement {
    /// The first one for this 2xx: the repeats have stopped.
    First(ServerTx),
    /// The peer answered a repeat that had crossed its ACK.
    Again,
    /// It belongs to no 2xx of ours.
    Stray,
}

/// What a timer meant.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Send these bytes again.
    Repeat(Flow, Vec<u8>),
    /// 64*T1 are over and no ACK came.
    AckMissing(DialogId),
    /// Nothing to do.
    Nothing,
}

impl Accepted {
    /// Begins to repeat `bytes`, which were sent at `now`.
    pub(super) fn start(
        &mut self,
        tx: ServerTx,
        (dialog, cseq): (DialogId, u32),
        flow: Flow,
        bytes: Vec<u8>,
        now: Instant,
    ) {
        self.by_ack.insert((dialog.clone(), cseq), tx);
        self.answers.insert(
            tx,
            Answer {
                dialog,
                cseq,
                flow,
                bytes,
                repeat: Some(Backoff::new(T2, now)),
                deadline: now + PATIENCE,
            },
        );
    }

    /// Takes an ACK for `dialog` whose `CSeq` has the number `cseq`.
    pub(super) fn acknowledge(&mut self, dialog: &DialogId, cseq: u32) -> Acknowledgement {
        let key = (dialog.clone(), cseq);
        let Some(tx) = self.by_ack.get(&key).copied() else {
            return Acknowledgement::Stray;
        };
        let Some(answer) = self.answers.get_mut(&tx) else {
            return Acknowledgement::Stray;
        };
        answer.bytes = Vec::new();
        match answer.repeat.take() {
            Some(_) => Acknowledgement::First(tx),
            None => Acknowledgement::Again,
        }
    }

    /// Fires what is due for `tx` at `now`.
    pub(super) fn handle_timeout(&mut self, tx: ServerTx, now: Instant) -> Due {
        let Some(answer) = self.answers.get_mut(&tx) else {
            return Due::Nothing;
        };
        if answer.deadline <= now {
            let missing = answer.repeat.is_some();
            let dialog = answer.dialog.clone();
            self.by_ack.remove(&(dialog.clone(), answer.cseq));
            self.answers.remove(&tx);
            return if missing {
                Due::AckMissing(dialog)
            } else {
                Due::Nothing
            };
        }
        if answer.repeat.as_mut().is_some_and(|timer| timer.fire(now)) {
            Due::Repeat(answer.flow, answer.bytes.clone())
        } else {
            Due::Nothing
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) is next needed for `tx`.
    pub(super) fn poll_timeout(&self, tx: ServerTx) -> Option<Instant> {
        let answer = self.answers.get(&tx)?;
        let repeat = answer.repeat.map(|timer| timer.due());
        repeat.into_iter().chain([answer.deadline]).min()
    }

    /// Whether a 2xx was sent for `tx` and is still remembered.
    pub(super) fn knows(&self, tx: ServerTx) -> bool {
        self.answers.contains_key(&tx)
    }

    /// How many 2xx are remembered.
    pub(super) fn len(&self) -> usize {
        self.answers.len()
    }
}
