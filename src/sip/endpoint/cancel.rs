//! CANCEL, both ways: RFC 3261 §9.

use std::time::Instant;

use super::{ClientTx, Endpoint, Event};
use crate::sip::cseq::CSeq;
use crate::sip::flow::Flow;
use crate::sip::message::Request;
use crate::sip::method::Method;
use crate::sip::status::StatusCode;
use crate::sip::transaction::invite_client::State;
use crate::sip::transaction::key::ServerKey;

/// Whether an INVITE of ours is being taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cancel {
    /// No.
    No,
    /// Yes, as soon as a provisional response shows that the peer has it (§9.1).
    Wanted(Option<String>),
    /// The CANCEL is out.
    Sent,
}

impl Endpoint {
    /// Takes our INVITE `tx` back, with this Reason (RFC 3326). Before the first provisional
    /// response the CANCEL waits for it. The INVITE still ends by itself: with 487, with a
    /// 2xx that crossed the CANCEL (acknowledge it, then send BYE), or with
    /// [`Event::TimedOut`]. After a final response nothing happens.
    pub fn cancel(&mut self, tx: ClientTx, reason: Option<&str>, now: Instant) {
        let Some(entry) = self.clients.get_mut(&tx) else {
            return;
        };
        if entry.cancel == Cancel::No {
            entry.cancel = Cancel::Wanted(reason.map(str::to_owned));
            self.cancel_if_wanted(tx, now);
        }
    }

    /// Sends the CANCEL that was asked for, if its time has come.
    pub(super) fn cancel_if_wanted(&mut self, tx: ClientTx, now: Instant) {
        let Some(entry) = self.clients.get_mut(&tx) else {
            return;
        };
        let (Cancel::Wanted(reason), Some(State::Proceeding), Some(invite)) =
            (&entry.cancel, entry.invite_state(), &entry.invite)
        else {
            return;
        };
        let way = entry.way();
        let branch = invite.top_via().branch().unwrap_or_default().to_owned();
        let mut cancel = follow_up(invite, Method::CANCEL);
        if let Some(reason) = reason {
            cancel.headers.set("Reason", reason);
        }
        entry.cancel_sent(now);
        self.settle_client(tx, None);
        self.start_client(cancel, branch, way, true, now);
    }

    /// Answers a CANCEL: 481 where its INVITE is unknown, else 200. It needs no transaction of
    /// its own, for each repeat finds the same INVITE and gets the same answer.
    pub(super) fn handle_cancel(&mut self, cancel: Request, key: ServerKey, flow: Flow) {
        let Some(tx) = self.server_keys.get(&key.cancelled()).copied() else {
            self.refuse_on(
                flow,
                &cancel,
                StatusCode::CALL_OR_TRANSACTION_DOES_NOT_EXIST,
            );
            return;
        };
        let Some(entry) = self.servers.get_mut(&tx) else {
            return;
        };
        let is_new = entry.is_open_invite() && !entry.cancelled;
        entry.cancelled |= is_new;
        let mut response = cancel.respond(StatusCode::OK);
        response.set_to_tag(&entry.local_tag);
        let bytes = response.to_bytes();
        self.transmit(flow, bytes);
        if is_new {
            self.raise(Event::Cancelled { tx, cancel });
        } else {
            self.counts.repeated_requests += 1;
        }
    }
}

/// The CANCEL or ACK that belongs to an INVITE of ours: same Request-URI, Via, From, To,
/// Call-ID, `CSeq` number and Route (§9.1, §17.1.1.3).
pub(super) fn follow_up(invite: &Request, method: Method) -> Request {
    let mut request = Request::new(method.clone(), invite.uri.clone());
    request.headers.set("Via", invite.top_via().to_string());
    for name in ["Route", "Max-Forwards", "From", "To", "Call-ID"] {
        for value in invite.headers.get_all(name) {
            request.headers.push(name, value);
        }
    }
    let number = invite.cseq().number;
    request
        .headers
        .set("CSeq", CSeq { number, method }.to_string());
    request
}
