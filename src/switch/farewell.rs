//! Dialogs that a crash has left open: both ends get a BYE, so that nobody stays connected, silent
//! and billed.
//!
//! Early dialogs are not among them. A phone that rang has no transaction of ours any more that a
//! CANCEL could name; it ends by itself, as does the caller's INVITE.

use super::{Output, Switch};
use crate::call::media::MediaLeg;
use crate::call::{DialogChange, OpenDialog};
use crate::id::CallId;
use crate::rules::Moment;
use crate::sip::StatusCode;
use crate::sip::endpoint::ClientTx;

/// Whose BYE it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Farewell {
    call: CallId,
    leg: MediaLeg,
}

impl Switch {
    pub(super) fn take_leave(&mut self, dialogs: &[OpenDialog], now: Moment) {
        for open in dialogs {
            let (call, leg) = (open.call, open.leg);
            match open.bye(&mut self.rng) {
                Ok(bye) => {
                    let tx = self.endpoint.send_by(bye, &open.hop, now.instant);
                    self.farewells.insert(tx, Farewell { call, leg });
                }
                Err(error) => {
                    tracing::error!(call.id = %call, %error, "a dialog that was left open cannot be ended");
                    self.outputs
                        .push_back(Output::Dialog(DialogChange::Over(leg)));
                }
            }
        }
    }

    /// Whether this was the end of such a BYE: by an answer, whatever it says, or by none.
    pub(super) fn farewell_answered(&mut self, tx: ClientTx, status: Option<StatusCode>) -> bool {
        if status.is_some_and(StatusCode::is_provisional) {
            return self.farewells.contains_key(&tx);
        }
        let Some(Farewell { call, leg }) = self.farewells.remove(&tx) else {
            return false;
        };
        match status {
            Some(status) => {
                let status = status.as_u16();
                tracing::info!(call.id = %call, sip.status = status, "a dialog that was left open is ended");
            }
            None => {
                tracing::error!(call.id = %call, alarm = "dialog_left_open", "the peer of a dialog that was left open does not hear its BYE");
            }
        }
        self.outputs
            .push_back(Output::Dialog(DialogChange::Over(leg)));
        true
    }
}
