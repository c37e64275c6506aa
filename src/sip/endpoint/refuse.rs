//! Answers without state: for strangers, overload and messages that cannot be read.
//!
//! The To tag is a hash of what stays the same in repeats (RFC 3261 §8.2.7), so each repeat
//! gets the same answer and nothing is remembered.

use std::net::SocketAddr;

use sha2::{Digest, Sha256};

use super::{Endpoint, Output, Transmit};
use crate::sip::flow::Flow;
use crate::sip::headers::Headers;
use crate::sip::message::{Message, Request, Response};
use crate::sip::method::Method;
use crate::sip::status::StatusCode;

/// The method of a datagram that looks like a request, read from its first bytes only; so that
/// a stranger costs nothing before it is known what it wants. `None` for anything else.
pub fn peek(bytes: &[u8]) -> Option<Method> {
    let start = bytes
        .iter()
        .position(|byte| !matches!(byte, b'\r' | b'\n'))?;
    let line = bytes.get(start..)?;
    let end = line.iter().take(64).position(|byte| *byte == b' ')?;
    std::str::from_utf8(line.get(..end)?).ok()?.parse().ok()
}

/// The refusal of a request that came by `flow`, with nothing remembered. It
/// goes to the source's address only. `None` for an ACK, which is never answered.
pub fn refuse_statelessly(request: &Request, status: StatusCode, flow: Flow) -> Option<Transmit> {
    let is_ack = request.method == Method::ACK;
    (!is_ack).then(|| reply_statelessly(request, request.respond(status), flow))
}

/// Like [`refuse_statelessly`], with an answer of the user's own: a challenge, say.
pub fn reply_statelessly(request: &Request, mut response: Response, flow: Flow) -> Transmit {
    stamp(&mut response.headers, flow.peer);
    finish(response, flow.back(request.headers.via().as_ref()))
}

impl Endpoint {
    /// Refuses whatever request a datagram holds, without state, and drops everything else.
    pub fn refuse(&mut self, bytes: &[u8], status: StatusCode, flow: Flow) {
        match Message::parse_by(flow.transport, bytes) {
            Ok(Message::Request(request)) => {
                if let Some(refusal) = refuse_statelessly(&request, status, flow) {
                    self.counts.refused += 1;
                    self.outputs.push_back(Output::Transmit(refusal));
                } else {
                    self.counts.stray_acks += 1;
                }
            }
            Ok(Message::Response(_)) => self.counts.stray_responses += 1,
            Err(_) => self.counts.malformed += 1,
        }
    }

    /// The way back for an answer that was made while reading failed: by its Via where that
    /// can be read, else straight to the source.
    pub(super) fn answer_malformed(&mut self, mut response: Response, flow: Flow) {
        let back = flow.back(response.headers.via().as_ref());
        stamp(&mut response.headers, flow.peer);
        let answer = finish(response, back);
        self.outputs.push_back(Output::Transmit(answer));
    }

    /// Refuses a stamped request without state.
    pub(super) fn refuse_on(&mut self, flow: Flow, request: &Request, status: StatusCode) {
        self.counts.refused += 1;
        let refusal = finish(request.respond(status), flow);
        self.outputs.push_back(Output::Transmit(refusal));
    }

    /// RFC 3261 §21.5.4: no room for one more; the peer may soon try again.
    pub(super) fn overloaded(&mut self, request: &Request, flow: Flow) {
        self.counts.refused += 1;
        let mut response = request.respond(StatusCode::SERVICE_UNAVAILABLE);
        response.headers.set("Retry-After", 2);
        self.outputs
            .push_back(Output::Transmit(finish(response, flow)));
    }
}

/// Writes on the topmost Via where the request really came from (RFC 3261 §18.2.1, RFC 3581).
pub(super) fn stamp(headers: &mut Headers, source: SocketAddr) {
    if let Some(mut via) = headers.via() {
        via.stamp(source);
        headers.set_top_via(&via);
    }
}

/// Adds the To tag and encodes.
fn finish(mut response: Response, flow: Flow) -> Transmit {
    let tag = steady_tag(&response);
    response.set_to_tag(&tag);
    Transmit {
        flow,
        bytes: response.to_bytes(),
    }
}

/// The same for each repeat of a request, different for different requests.
fn steady_tag(response: &Response) -> String {
    let mut hash = Sha256::new();
    for name in ["Via", "From", "Call-ID", "CSeq"] {
        if let Some(value) = response.headers.raw(name).next() {
            hash.update(value);
        }
        hash.update([0]);
    }
    let digest = hash.finalize();
    hex::encode(digest.get(..8).unwrap_or_default())
}
