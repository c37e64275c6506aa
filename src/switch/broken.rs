//! A fault of the program in one call's step ends that call, and nothing else: an INVITE without
//! an answer gets 500, open dialogs get their BYE, ports and file are closed, whoever was claimed
//! is free, and the row says that it was interrupted.
//!
//! What a panic has left half done lies within the call, which is asked for nothing more but what
//! is open; what it had already told others stands.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Entrant, Output, Switch};
use crate::call::media::MediaCommand;
use crate::call::wreck::{Standing, Wreck};
use crate::call::{Call, DialogChange, DialogName, EventKind, Output as CallOutput};
use crate::id::CallId;
use crate::rules::Moment;
use crate::sip::Response;
use crate::sip::dialog::DialogId;
use crate::sip::endpoint::ServerTx;

impl Switch {
    /// Makes the next step of a call fail, as a fault of the program would: for rehearsals of what
    /// becomes of the others. Nothing that comes from outside leads here.
    pub fn sabotage(&mut self, call: CallId) {
        if let Some(entrant) = self.calls.get_mut(&call) {
            entrant.is_sabotaged = true;
        }
    }

    /// How many calls have ended by a fault of the program.
    pub const fn calls_broken(&self) -> u64 {
        self.calls_broken
    }

    /// Has one call do something; `asked` is what a request is answered with if that fails.
    pub(super) fn step(
        &mut self,
        id: CallId,
        asked: Option<(ServerTx, Response)>,
        act: impl FnOnce(&mut Call),
    ) {
        let Some(entrant) = self.calls.get_mut(&id) else {
            return;
        };
        let span = entrant.call.span().clone();
        let stepped = catch_unwind(AssertUnwindSafe(|| {
            span.in_scope(|| {
                assert!(!entrant.is_sabotaged, "sabotage");
                act(&mut entrant.call);
            });
        }));
        if stepped.is_ok() {
            self.touched.push(id);
        } else {
            entrant.asked = asked;
            self.break_off(id);
        }
    }

    /// Takes a call away from everybody; it is ended when the switch comes to rest.
    pub(super) fn break_off(&mut self, id: CallId) {
        if let Some(entrant) = self.calls.remove(&id) {
            self.broken.push((id, entrant));
        }
    }

    /// Ends such a call.
    pub(super) fn end_broken(&mut self, id: CallId, mut entrant: Box<Entrant>, now: Moment) {
        self.calls_broken += 1;
        tracing::error!(call.id = %id, alarm = "call_broken", "a fault of the service in one call: it is ended");
        let taken = catch_unwind(AssertUnwindSafe(|| entrant.call.wreck(now)));
        let wreck = taken.unwrap_or_else(|_| {
            tracing::error!(call.id = %id, "the call cannot even be taken apart");
            Wreck {
                legs: entrant.legs.clone(),
                is_recorded: true,
                ..Wreck::default()
            }
        });
        let answered = |tx: ServerTx| {
            let mut answers = wreck.said.iter();
            answers.any(|said| matches!(said, CallOutput::Respond(to, _) if *to == tx))
        };
        let asked = entrant.asked.take().filter(|(tx, _)| !answered(*tx));
        let ended = |kind: &EventKind| matches!(kind, EventKind::Ended { .. });
        let mut has_ended = entrant.has_ended;
        for said in wreck.said {
            if let CallOutput::Store(entry) = &said {
                has_ended |= ended(&entry.event.kind);
            }
            self.carry_out(id, said, now);
        }
        for (tx, response) in asked.into_iter().chain(wreck.refusal) {
            self.endpoint.respond(tx, response, now.instant);
        }
        for leg in wreck.legs {
            self.order(id, MediaCommand::Close { leg });
        }
        if wreck.is_recorded {
            self.order(id, MediaCommand::CloseRecording { call: id });
        }
        let arrived = entrant.call.arrived();
        for kind in wreck.ending.into_iter().filter(|_| !has_ended) {
            self.store_for(id, arrived, kind, now);
        }
        let stand: Vec<_> = wreck
            .dialogs
            .iter()
            .map(|standing| standing.open.leg)
            .collect();
        let over = entrant.legs.iter().filter(|leg| !stand.contains(leg));
        let over = over.map(|leg| Output::Dialog(DialogChange::Over(*leg)));
        self.outputs.extend(over);
        self.agents.release_all(id, now.instant);
        self.hunt_wanted = true;
        self.let_go(id, entrant, now);
        for Standing {
            name,
            open,
            is_acknowledged,
        } in wreck.dialogs
        {
            if is_acknowledged {
                self.take_leave(&[open], now);
            } else {
                self.unacknowledged.insert(name, open);
            }
        }
    }

    /// The ACK of a broken call's 2xx has come, or will not come any more: now its peer is told.
    pub(super) fn acknowledged_late(&mut self, dialog: &DialogId, now: Moment) {
        if let Some(open) = self.unacknowledged.remove(&DialogName::from(dialog)) {
            self.take_leave(&[open], now);
        }
    }
}
