//! What a phone is told, and what it tells.

use std::net::SocketAddr;
use std::time::Duration;

use crate::sdp::{Direction, Stream};
use crate::sip::endpoint::Transmit;
use crate::sip::{Replaces, StatusCode};

/// What a phone is told to do. A command that does not fit the phone's state changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Register, and stay registered.
    Register {
        /// Who the phone says to be.
        user: String,
        /// With this password.
        password: String,
        /// At this registrar.
        registrar: SocketAddr,
        /// For this long at a time.
        expires: Duration,
    },
    /// Take the registration back.
    Unregister,
    /// Call this number.
    Call {
        /// What is dialled.
        to: String,
    },
    /// Go on with the call of another phone of the same user, which is in this dialog (RFC 3891).
    TakeOver(Replaces),
    /// Take the call back that is not answered yet.
    Cancel,
    /// Tell the caller that the phone rings: 180, or another provisional status.
    Ring(StatusCode),
    /// Answer the call that rings.
    Answer,
    /// Refuse the call that rings.
    Reject(StatusCode),
    /// End the call: BYE, or CANCEL or 603 before the answer.
    HangUp,
    /// Pass the call on, blind.
    Refer {
        /// To this number.
        to: String,
    },
    /// Put this call aside and take the other one, if there is one; both stay as they are.
    Swap,
    /// Join the call put aside with the present one, and leave both: an attended transfer.
    Join,
    /// Put the peer on hold.
    Hold,
    /// Take the peer back.
    Resume,
    /// Press this key: a telephone-event in the audio (RFC 4733), where the peer takes such.
    Press(char),
    /// Receive RTP somewhere else from now on.
    Move(SocketAddr),
}

/// What a phone wants done, or tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send this.
    Transmit(Transmit),
    /// Audio flows like this from now on.
    StartMedia(Stream),
    /// Audio is over.
    StopMedia,
    /// Hear this.
    Event(Event),
}

/// What happened to a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The registrar has the phone's address, for this long.
    Registered {
        /// Until the registration has to be made again.
        expires: Duration,
    },
    /// The registrar has forgotten the phone.
    Unregistered,
    /// The registrar refused, or did not answer (408).
    RegisterFailed(StatusCode),
    /// Somebody calls.
    Incoming {
        /// The caller's number; `None` if anonymous.
        from: Option<String>,
        /// The caller's name, where the wire gave one.
        name: Option<String>,
    },
    /// The network works on our call: 100.
    Trying,
    /// Our call rings: the provisional status, and whether it brought early media.
    Ringing {
        /// 180, 183, ...
        status: StatusCode,
        /// It had a session description.
        early_media: bool,
    },
    /// The call is answered, by us or by the peer.
    Answered,
    /// Our call was refused, or not answered (408), or taken back by us (487).
    Rejected(StatusCode),
    /// The call is over; also one that rang here and was taken back.
    Ended {
        /// The peer ended it.
        by_peer: bool,
        /// Its `Reason` (RFC 3326), or ours.
        reason: Option<String>,
    },
    /// The transfer that we asked for stands like this (RFC 3515 §2.4.5); also its refusal.
    Transferred(StatusCode),
    /// The peer changed the session: hold, resume, another address or codec.
    ReInvited {
        /// Which way audio flows now, seen from here.
        direction: Direction,
    },
    /// Our own change of the session was answered like this.
    ReInviteAnswered(StatusCode),
}
