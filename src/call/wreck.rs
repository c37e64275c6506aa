//! What is left of a call in whose step the program failed: what it had said that others wait for,
//! and what must be ended in its stead.

use super::event::{EventKind, HangupParty, Outcome};
use super::leg::{Bye, Ports, Wire};
use super::media::{MediaCommand, MediaLeg};
use super::{Call, DialogName, OpenDialog, Output, Recording};
use crate::rules::Moment;
use crate::sip::endpoint::ServerTx;
use crate::sip::{Response, StatusCode};

/// The remains of a call.
#[derive(Debug, Default)]
pub struct Wreck {
    /// What it had said that stands whatever comes: answers to others, ACKs, events, closings.
    pub said: Vec<Output>,
    /// The answer to an INVITE that has none.
    pub refusal: Option<(ServerTx, Response)>,
    /// Dialogs that are up.
    pub dialogs: Vec<Standing>,
    /// Legs whose ports are open.
    pub legs: Vec<MediaLeg>,
    /// There is a file, begun or about to be.
    pub is_recorded: bool,
    /// The last events of its row, if it has not ended.
    pub ending: Vec<EventKind>,
}

/// A dialog that is up.
#[derive(Debug)]
pub struct Standing {
    /// What its requests are known by.
    pub name: DialogName,
    /// What its BYE takes.
    pub open: OpenDialog,
    /// If not, its peer is told nothing before it has acknowledged our 2xx (RFC 3261 §15).
    pub is_acknowledged: bool,
}

impl Call {
    /// When it arrived.
    pub const fn arrived(&self) -> Moment {
        self.arrived
    }

    /// Takes it apart. Nothing may be asked of it afterwards.
    pub fn wreck(&mut self, now: Moment) -> Wreck {
        let mut said = Vec::new();
        // A 2xx that was still to be sent, here or after a PRACK, has answered nobody.
        let mut is_unanswered = self.caller.wire == Wire::Early || self.joining.is_some();
        for output in std::mem::take(&mut self.outputs) {
            if let Output::Respond(tx, response) = &output
                && Some(*tx) == self.invite_tx
            {
                is_unanswered |= response.status.is_final();
            } else if is_kept(&output) {
                said.push(output);
            }
        }
        let refused = self.invite_tx.filter(|_| is_unanswered);
        let refusal = refused.map(|tx| {
            let status = StatusCode::SERVER_INTERNAL_ERROR;
            let reply = super::request::reply;
            let refusal = reply(&self.invite, status, &self.local_tag, &self.caller.hop);
            (tx, refusal)
        });
        if is_unanswered {
            self.caller.wire = Wire::Gone;
        }
        let mut dialogs = Vec::new();
        let mut open = Vec::new();
        let attempts = self.attempts.iter().map(|attempt| &attempt.leg);
        for leg in attempts.chain([&self.caller]) {
            let dialog = leg.dialog.as_ref().filter(|_| leg.wire == Wire::Up);
            dialogs.extend(dialog.map(|dialog| Standing {
                name: DialogName::from(dialog.id()),
                open: leg.open_dialog(self.id, dialog),
                is_acknowledged: leg.bye == Bye::Allowed,
            }));
            if matches!(leg.ports, Ports::Opening | Ports::Open) {
                open.push(leg.id);
            }
        }
        Wreck {
            refusal,
            dialogs,
            legs: open,
            is_recorded: self.leave_recording(),
            ending: self.broken_off(is_unanswered, now),
            said,
        }
    }

    /// Whether there is a file to close. One that has audio is sealed, and nobody waits for that.
    fn leave_recording(&mut self) -> bool {
        let (is_open, then) = match self.recording {
            Recording::Opening | Recording::Ready => (true, Recording::Off),
            Recording::Running | Recording::Silent(_) => (true, Recording::Left),
            Recording::Closing | Recording::Left => (false, Recording::Left),
            Recording::Off | Recording::Closed => (false, Recording::Off),
        };
        self.recording = then;
        is_open
    }

    fn broken_off(&self, is_unanswered: bool, now: Moment) -> Vec<EventKind> {
        let ring = self.ring.as_ref().filter(|_| self.answered_at.is_none());
        let hung_up = EventKind::HungUp {
            party: HangupParty::System,
            agent_first: false,
            reason: Some("a fault of the service".to_owned()),
        };
        let status = StatusCode::SERVER_INTERNAL_ERROR.as_u16();
        let ended = EventKind::Ended {
            outcome: Outcome::Interrupted,
            status: is_unanswered.then_some(status),
            grade: None,
            caller_ring_ms: ring.map(|ring| ring.ring_ms(now.instant)),
            talk_ms: self.answered_at.map(|answered| now.ms_since(answered)),
        };
        vec![hung_up, ended]
    }
}

/// What others have been promised, and what only ends something. What it wanted beside that, it
/// wants no more.
fn is_kept(output: &Output) -> bool {
    matches!(
        output,
        Output::Respond(..)
            | Output::Acknowledge(..)
            | Output::Store(_)
            | Output::Media(MediaCommand::Close { .. } | MediaCommand::CloseRecording { .. })
    )
}
