//! The one call that a phone has.

use std::net::SocketAddr;
use std::time::Instant;

use crate::sdp::{Direction, OfferAnswer, Stream};
use crate::sip::dialog::Dialog;
use crate::sip::endpoint::{ClientTx, ServerTx};
use crate::sip::reliable::{ReliableReceiver, ReliableSender};
use crate::sip::session_timer::SessionTimer;
use crate::sip::{Method, Request, Response, Uri};

/// A call from its INVITE to its BYE.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) phase: Phase,
    pub(super) session: OfferAnswer,
    /// Early or confirmed; an outgoing call has none before its first tagged response.
    pub(super) dialog: Option<Dialog>,
    /// What audio does now.
    pub(super) stream: Option<Stream>,
    /// Which way we want audio to flow: send only while we hold.
    pub(super) direction: Direction,
    /// Our offer went out in a 2xx; the answer comes with the ACK.
    pub(super) awaits_answer: bool,
    /// Our change of the session, on its way.
    pub(super) reinvite: Option<ReInvite>,
    /// When to ask again after both ends asked at once (RFC 3261 §14.1).
    pub(super) retry_at: Option<Instant>,
    /// Our REFER, on its way.
    pub(super) refer: Option<Refer>,
    /// Provisional responses to our call, as they come reliably.
    pub(super) receiver: ReliableReceiver,
    /// Ours, where they go reliably.
    pub(super) sender: Option<ReliableSender>,
    /// When the session is refreshed, and when it is dead.
    pub(super) timer: Option<SessionTimer>,
}

/// Where a call stands.
#[derive(Debug)]
pub(super) enum Phase {
    /// We called.
    Calling {
        tx: ClientTx,
        invite: Request,
        cancelled: bool,
    },
    /// It rings here.
    Alerting {
        tx: ServerTx,
        invite: Request,
        tag: String,
    },
    /// We sent 200 and wait for the ACK; until then no BYE may go (RFC 3261 §15).
    Answered { hang_up: bool },
    /// Both ends know that it stands.
    Up,
}

/// A re-INVITE or UPDATE of ours.
#[derive(Clone, Debug)]
pub(super) struct ReInvite {
    pub(super) tx: ClientTx,
    pub(super) method: Method,
    pub(super) cseq: u32,
    /// It carries the answer to a challenge.
    pub(super) challenged: bool,
}

/// A REFER of ours.
#[derive(Clone, Debug)]
pub(super) struct Refer {
    pub(super) tx: ClientTx,
    pub(super) to: Uri,
    /// It carries the answer to a challenge.
    pub(super) challenged: bool,
}

impl Call {
    pub(super) fn new(phase: Phase, session: OfferAnswer) -> Self {
        Self {
            phase,
            session,
            dialog: None,
            stream: None,
            direction: Direction::SendRecv,
            awaits_answer: false,
            reinvite: None,
            retry_at: None,
            refer: None,
            receiver: ReliableReceiver::default(),
            sender: None,
            timer: None,
        }
    }

    /// Takes what was agreed on; the stream, if it is another than before.
    pub(super) fn agree(&mut self, stream: Stream) -> Option<Stream> {
        if self.stream.as_ref() == Some(&stream) {
            return None;
        }
        self.stream = Some(stream.clone());
        Some(stream)
    }

    /// Gives the dialog what a response to our INVITE says; another To tag is another dialog.
    pub(super) fn learn_dialog(&mut self, invite: &Request, response: &Response) {
        let to = response.to_addr();
        let tag = to.tag().unwrap_or_default();
        match self.dialog.as_mut() {
            Some(dialog) if dialog.id().remote_tag == tag => dialog.update(response),
            _ => {
                self.dialog = Some(Dialog::uac(invite, response));
                self.receiver = ReliableReceiver::default();
            }
        }
    }

    /// Moves where we receive; told to the peer by the next offer.
    pub(super) fn move_to(&mut self, local: SocketAddr) {
        self.session.move_to(local);
    }
}
