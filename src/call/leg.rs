//! One leg of a call: a SIP dialog, its offer/answer state and its pair of media ports.

use super::event::{HangupParty, Side};
use super::media::MediaLeg;
use crate::sdp::{OfferAnswer, Stream};
use crate::sip::Hop;
use crate::sip::dialog::Dialog;
use crate::sip::{Reason, StatusCode};

/// How far a leg's SIP side is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    /// No final response yet.
    Early,
    /// A 2xx was exchanged.
    Up,
    /// We sent BYE and wait for its answer.
    Leaving,
    /// Nothing more will be said.
    Gone,
}

/// Whether a BYE of ours may go out: not before the ACK of our 2xx (RFC 3261 §15).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bye {
    /// The ACK has not come.
    NotYet,
    /// The same, and a BYE waits for it.
    Wanted,
    /// It has come, or it was ours to send.
    Allowed,
}

/// How far a leg's ports are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ports {
    /// Asked for.
    Opening,
    /// Bound.
    Open,
    /// Asked to close; the figures are awaited.
    Closing,
    /// Closed, or never bound.
    Closed,
}

/// One leg. Its media id names it throughout the call.
#[derive(Debug)]
pub(crate) struct Leg {
    pub(crate) id: MediaLeg,
    pub(crate) side: Side,
    pub(crate) hop: Hop,
    pub(crate) wire: Wire,
    pub(crate) ports: Ports,
    pub(crate) session: Option<OfferAnswer>,
    pub(crate) stream: Option<Stream>,
    pub(crate) dialog: Option<Dialog>,
    /// The answer that we gave to the peer's first offer.
    pub(crate) described: Option<Vec<u8>>,
    /// Whether we may say BYE.
    pub(crate) bye: Bye,
    /// The peer has put us on hold.
    pub(crate) held: bool,
    /// Our 2xx carried an offer whose answer the ACK will bring.
    pub(crate) awaits_answer: bool,
    /// How its SIP side ended; the first to say so counts.
    pub(crate) end: Option<End>,
    /// That end stands in the log.
    pub(crate) end_told: bool,
}

/// How a leg's SIP side ended.
#[derive(Clone, Debug)]
pub(crate) struct End {
    pub(crate) party: HangupParty,
    pub(crate) status: Option<StatusCode>,
    pub(crate) reasons: Vec<Reason>,
}

impl Leg {
    pub(crate) fn new(id: MediaLeg, side: Side, hop: Hop) -> Self {
        Self {
            id,
            side,
            hop,
            wire: Wire::Early,
            ports: Ports::Opening,
            session: None,
            stream: None,
            dialog: None,
            described: None,
            bye: Bye::NotYet,
            held: false,
            awaits_answer: false,
            end: None,
            end_told: false,
        }
    }

    /// Notes who ended it and why, unless somebody has before.
    pub(crate) fn ended(
        &mut self,
        party: HangupParty,
        status: Option<StatusCode>,
        reasons: Vec<Reason>,
    ) {
        self.end.get_or_insert(End {
            party,
            status,
            reasons,
        });
    }

    /// What its peer is called in the log.
    pub(crate) const fn party(&self) -> HangupParty {
        match self.side {
            Side::Caller => HangupParty::Caller,
            Side::Agent => HangupParty::Agent,
        }
    }

    /// Neither SIP nor media has anything left to do.
    pub(crate) fn is_done(&self) -> bool {
        self.wire == Wire::Gone && self.ports == Ports::Closed
    }
}
