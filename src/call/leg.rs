//! One leg of a call: a SIP dialog, its offer/answer state and its pair of media ports.

use std::time::Instant;

use rand::rngs::StdRng;

use super::event::{HangupParty, Side};
use super::media::MediaLeg;
use super::standing::Told;
use crate::sdp::{Keying, OfferAnswer, SrtpPolicy, Stream};
use crate::sip::dialog::{Dialog, DialogId};
use crate::sip::reliable::{Arrival, ReliableReceiver};
use crate::sip::session_timer::SessionTimer;
use crate::sip::{Headers, Hop, Method, Reason, Request, Response, StatusCode, Transport};

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
    /// Whether its audio is to be encrypted.
    pub(crate) srtp: SrtpPolicy,
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
    /// Dialogs that the peer's provisional responses made, one for each fork of our INVITE.
    pub(crate) early: Vec<Fork>,
    /// The peer answers, holds and takes back when it is told so by NOTIFY.
    pub(crate) clicks: Clicks,
    /// What the peer takes beyond RFC 3261.
    pub(crate) takes: Takes,
    /// When the session is refreshed, and when it is dead (RFC 4028).
    pub(crate) timer: Option<SessionTimer>,
    /// The shortest session that the peer takes, where it told us, in seconds.
    pub(crate) min_se_s: Option<u32>,
    /// A request of ours that renews the session, on its way.
    pub(crate) change: Option<Change>,
    /// When to ask again after both ends asked at once (RFC 3261 §14.1).
    pub(crate) retry_at: Option<Instant>,
    /// How its SIP side ended; the first to say so counts.
    pub(crate) ending: Ending,
    /// What was told of its dialog to whoever keeps it over a crash.
    pub(crate) told: Option<Told>,
}

/// So many forks of one INVITE may ring; a peer that invents more is not heard.
const MOST_FORKS: usize = 16;

/// One early dialog of an INVITE of ours (RFC 3261 §13.2.2.4).
#[derive(Debug)]
pub(crate) struct Fork {
    pub(crate) dialog: Dialog,
    pub(crate) receiver: ReliableReceiver,
    /// The last description in its provisional responses.
    pub(crate) described: Vec<u8>,
    /// That description came reliably: offer and answer are done (RFC 3262 §5).
    pub(crate) is_settled: bool,
    /// What an UPDATE in the early dialog has agreed on instead.
    pub(crate) updated: Option<Stream>,
}

/// A request of ours within a dialog that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) cseq: u32,
    pub(crate) method: Method,
}

/// Whether a phone answers, holds and takes back when it is told so by NOTIFY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clicks {
    /// It has not said that it does.
    Unheard,
    /// Its `Allow-Events` says so.
    Heard,
}

/// The methods beyond RFC 3261 that a peer's `Allow` names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Takes {
    /// UPDATE (RFC 3311 §4).
    pub(crate) update: bool,
    /// INFO (RFC 6086).
    pub(crate) info: bool,
}

impl Takes {
    pub(crate) fn of(headers: &Headers) -> Self {
        Self {
            update: headers.lists("Allow", "UPDATE"),
            info: headers.lists("Allow", "INFO"),
        }
    }
}

/// What is known of a leg's end.
#[derive(Clone, Debug)]
pub(crate) enum Ending {
    /// It goes on.
    Open,
    /// It is over, and the log does not say so yet.
    New(End),
    /// The log says so.
    Told,
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
            srtp: SrtpPolicy::Off,
            session: None,
            stream: None,
            dialog: None,
            described: None,
            bye: Bye::NotYet,
            held: false,
            awaits_answer: false,
            early: Vec::new(),
            clicks: Clicks::Unheard,
            takes: Takes::default(),
            timer: None,
            min_se_s: None,
            change: None,
            retry_at: None,
            ending: Ending::Open,
            told: None,
        }
    }

    /// Its part in agreeing on keys, which are told over TLS only.
    pub(crate) fn keying(&self, minter: StdRng) -> Keying {
        let is_private = self.hop.flow.transport == Transport::Tls;
        Keying::new(self.srtp, is_private, minter)
    }

    /// Takes a provisional response to our INVITE into its early dialog; the fork, and whether
    /// the response is to be heard. `None` where it makes no dialog.
    pub(crate) fn hear_early(
        &mut self,
        invite: &Request,
        response: &Response,
    ) -> Option<(&mut Fork, Arrival)> {
        let id = DialogId::of_response(response);
        if id.remote_tag.is_empty() || response.status == StatusCode::TRYING {
            return None;
        }
        let known = self.early.iter().position(|fork| *fork.dialog.id() == id);
        if known.is_none() && self.early.len() < MOST_FORKS {
            self.early.reserve_exact(1); // nearly always there is one
            self.early.push(Fork {
                dialog: Dialog::uac(invite, response),
                receiver: ReliableReceiver::default(),
                described: Vec::new(),
                is_settled: false,
                updated: None,
            });
        }
        let fork = match known {
            Some(index) => self.early.get_mut(index)?,
            None => self.early.last_mut().filter(|it| *it.dialog.id() == id)?,
        };
        let arrival = fork
            .receiver
            .handle(response.status.as_u16(), &response.headers);
        if arrival != Arrival::Dropped {
            fork.dialog.update(response);
            if !response.body.is_empty() && !fork.is_settled {
                fork.described.clone_from(&response.body);
                fork.is_settled = matches!(arrival, Arrival::Next(_));
            }
        }
        Some((fork, arrival))
    }

    /// The dialog, early or not, whose peer has this tag.
    pub(crate) fn dialog_with(&mut self, remote_tag: &str) -> Option<&mut Dialog> {
        let early = self.early.iter_mut().map(|fork| &mut fork.dialog);
        let mut dialogs = self.dialog.iter_mut().chain(early);
        dialogs.find(|dialog| dialog.id().remote_tag == remote_tag)
    }

    /// A request of ours of this method is on its way.
    pub(crate) fn has_pending(&self, method: &Method) -> bool {
        let change = self.change.as_ref();
        change.is_some_and(|change| change.method == *method)
    }

    /// Notes who ended it and why, unless somebody has before.
    pub(crate) fn ended(
        &mut self,
        party: HangupParty,
        status: Option<StatusCode>,
        reasons: Vec<Reason>,
    ) {
        if matches!(self.ending, Ending::Open) {
            self.ending = Ending::New(End {
                party,
                status,
                reasons,
            });
        }
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
