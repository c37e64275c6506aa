//! What the core asks of the media plane, and what it hears back. Values only: sockets, threads
//! and files are the shell's.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::event::{LegQuality, RecordingSummary};
use crate::id::CallId;
use crate::sdp::{Codec, MediaSource, Stream};

/// One leg of media: a pair of ports. Unique for the life of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaLeg(pub u64);

/// One playing of something to a leg, so that its end can be told from another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlayId(pub u64);

/// What can be played to a leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audio {
    /// A prompt, by the name that the shell loaded it under; once.
    Prompt(String),
    /// A prompt over and over, until stopped or replaced: hold music.
    Loop(String),
    /// 450 Hz in the given cadence (ms on, ms off), until stopped.
    Ringback {
        /// Tone, in milliseconds.
        on_ms: u32,
        /// Silence after it, in milliseconds.
        off_ms: u32,
    },
    /// A tone of the network, until stopped: the phone's user hears what became of the call.
    Tone(Tone),
    /// One short tone: the agent hears that the caller is being told of the recording.
    Beep,
}

/// What a network says without words; cadences are those of China's (GF 002-9002).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tone {
    /// The network waits for digits.
    Dial,
    /// Dial again: something is special about the line.
    SpecialDial,
    /// The other party is busy, or has left.
    Busy,
    /// There is no way through.
    Congestion,
    /// There is no such number.
    Unobtainable,
    /// Another call waits.
    CallWaiting,
    /// An announcement follows.
    SpecialInformation,
}

/// Orders to the media plane, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaCommand {
    /// Bind an RTP and RTCP port pair on `local`. Answered by [`MediaEvent::Opened`] or `OpenFailed`.
    Open {
        /// The call that the leg belongs to.
        call: CallId,
        /// The new leg.
        leg: MediaLeg,
        /// The address to bind.
        local: IpAddr,
    },
    /// From where the leg's packets may come, beginning with its next stream; from `stream.remote`
    /// only without this.
    HearFrom {
        /// Which leg.
        leg: MediaLeg,
        /// The rule.
        source: MediaSource,
    },
    /// The leg's negotiated stream; again after each re-INVITE. RTP is sent to and accepted from
    /// `stream.remote` only, unless the leg has another rule.
    Connect {
        /// Which leg.
        leg: MediaLeg,
        /// What offer and answer agreed on.
        stream: Stream,
    },
    /// Let two legs of one call hear each other from now on.
    Bridge {
        /// One leg.
        a: MediaLeg,
        /// The other.
        b: MediaLeg,
    },
    /// Let a leg hear several legs of its call at once, instead of what its bridge says; of nobody,
    /// what its bridge says again. A supervisor's leg that hears caller and agent listens; an agent
    /// who hears caller and supervisor is whispered to; when the caller hears agent and supervisor
    /// too, it is a conference of three. The recording has what its leg was sent.
    Mix {
        /// Who hears.
        leg: MediaLeg,
        /// Whom.
        hears: Vec<MediaLeg>,
    },
    /// The leg hears nobody from now on (and nobody hears it), but what is played to it.
    Unbridge {
        /// Which leg.
        leg: MediaLeg,
    },
    /// The leg belongs to this call from now on, and hears nobody until it is bridged there.
    Adopt {
        /// The call that takes it over.
        call: CallId,
        /// Which leg.
        leg: MediaLeg,
    },
    /// Play to a leg, instead of what it hears from its bridge, replacing what is being played.
    Play {
        /// Which leg.
        leg: MediaLeg,
        /// Names this playing.
        play: PlayId,
        /// What.
        audio: Audio,
    },
    /// Stop what is being played to a leg.
    StopPlay {
        /// Which leg.
        leg: MediaLeg,
    },
    /// Press a key towards a leg's peer, after those that are being pressed: as a telephone-event
    /// (RFC 4733) if that was agreed on, else as its tones.
    PressKey {
        /// Which leg.
        leg: MediaLeg,
        /// `0` to `9`, `*`, `#`, `A` to `D`.
        digit: char,
        /// For how long, in milliseconds: 50 to 5,000.
        held_ms: u32,
    },
    /// Tell from now on when nothing has been said on a leg for so long, whether packets come or
    /// not, and when something is said again: [`MediaEvent::FellQuiet`] and [`MediaEvent::Spoke`].
    Heed {
        /// Which leg.
        leg: MediaLeg,
        /// So long.
        quiet_after: Duration,
        /// Only until the first word, which is told of: who only listens from then on is no silence.
        is_first_word: bool,
    },
    /// Create the recording's file. Answered by [`MediaEvent::RecordingReady`] or `RecordingFailed`.
    OpenRecording {
        /// Whose recording.
        call: CallId,
        /// The caller's leg: left is what it sends, right what it is sent.
        leg: MediaLeg,
        /// Path below the recordings folder, without `.part`.
        path: String,
    },
    /// The recording goes on with another leg of the call, the other way round: right is what it
    /// sends, left what it is sent.
    RecordMirrored {
        /// Whose recording.
        call: CallId,
        /// The leg.
        leg: MediaLeg,
    },
    /// Second 0 of the recording is now: our 200 goes to the caller.
    StartRecording {
        /// Whose recording.
        call: CallId,
    },
    /// From now on there is silence on the recording, on purpose, or audio again. Each change is a
    /// mark on it.
    SilenceRecording {
        /// Whose recording.
        call: CallId,
        /// Silence.
        silent: bool,
    },
    /// Seal the recording, or drop it if it never started. Answered by
    /// [`MediaEvent::RecordingSealed`] or `RecordingFailed`; dropping is not answered.
    CloseRecording {
        /// Whose recording.
        call: CallId,
    },
    /// Close a leg's sockets. Answered by [`MediaEvent::Closed`].
    Close {
        /// Which leg.
        leg: MediaLeg,
    },
}

/// What an order is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A call.
    Call(CallId),
    /// A leg.
    Leg(MediaLeg),
}

impl MediaCommand {
    /// What the order is about; of a leg that is adopted, the leg.
    pub fn subject(&self) -> Subject {
        match self {
            Self::OpenRecording { call, .. }
            | Self::RecordMirrored { call, .. }
            | Self::StartRecording { call }
            | Self::SilenceRecording { call, .. }
            | Self::CloseRecording { call } => Subject::Call(*call),
            Self::Open { leg, .. }
            | Self::HearFrom { leg, .. }
            | Self::Connect { leg, .. }
            | Self::Bridge { a: leg, .. }
            | Self::Unbridge { leg }
            | Self::Adopt { leg, .. }
            | Self::Play { leg, .. }
            | Self::StopPlay { leg }
            | Self::Mix { leg, .. }
            | Self::PressKey { leg, .. }
            | Self::Heed { leg, .. }
            | Self::Close { leg } => Subject::Leg(*leg),
        }
    }
}

/// What the media plane reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaEvent {
    /// The leg's RTP port is bound; RTCP is the port after it.
    Opened {
        /// Which leg.
        leg: MediaLeg,
        /// Where it listens for RTP.
        address: SocketAddr,
    },
    /// No pair of ports could be had.
    OpenFailed {
        /// Which leg.
        leg: MediaLeg,
    },
    /// A prompt or beep came to its end, or was cut off.
    Played {
        /// To which leg.
        leg: MediaLeg,
        /// Which playing.
        play: PlayId,
        /// How much of it went out, in milliseconds.
        heard_ms: u64,
        /// All of it.
        complete: bool,
    },
    /// The file stands, with a header.
    RecordingReady {
        /// Whose recording.
        call: CallId,
    },
    /// The recording cannot be made, or broke.
    RecordingFailed {
        /// Whose recording.
        call: CallId,
        /// What stood in the way.
        reason: String,
    },
    /// The program failed in this call's media: nothing of it is heard or sent any more.
    Broke {
        /// Which call.
        call: CallId,
    },
    /// The file is whole, hashed and has its final name.
    RecordingSealed {
        /// Whose recording.
        call: CallId,
        /// The file.
        recording: RecordingSummary,
    },
    /// Nothing comes from a leg's peer, although it should: it is connected both ways, talks with
    /// another leg and does not hold. Told within the time that the configuration gives; once more
    /// if only then the other side is heard.
    FellSilent {
        /// Which leg.
        leg: MediaLeg,
        /// The other side is heard all the while.
        one_way: bool,
    },
    /// The peer of a leg that had fallen silent is heard again.
    HeardAgain {
        /// Which leg.
        leg: MediaLeg,
        /// How long it was not, in milliseconds.
        silent_ms: u64,
    },
    /// Nothing was said for so long on a leg that is listened to.
    FellQuiet {
        /// Which leg.
        leg: MediaLeg,
    },
    /// Something is said there.
    Spoke {
        /// Which leg.
        leg: MediaLeg,
    },
    /// Somebody has pressed a key and let it go; who talks with the leg has been sent it.
    KeyPressed {
        /// On which leg.
        leg: MediaLeg,
        /// `0` to `9`, `*`, `#`, `A` to `D`.
        digit: char,
        /// For how long, in milliseconds.
        held_ms: u32,
    },
    /// Neither RTP nor RTCP has come from any leg of the call for as long as the configuration
    /// allows, and none of them holds. Told again after as long.
    PeersGone {
        /// The leg that was heard last.
        leg: MediaLeg,
        /// Since when, in milliseconds.
        silent_ms: u64,
    },
    /// The leg's sockets are closed; its last figures.
    Closed {
        /// Which leg.
        leg: MediaLeg,
        /// Its figures.
        quality: LegQuality,
    },
}

/// A codec preference list for an offer: the other leg's codec first, so that payload passes
/// through untouched where it can.
pub(crate) fn preference(first: Option<Codec>) -> Vec<Codec> {
    let mut codecs = vec![Codec::Pcma, Codec::Pcmu];
    if first == Some(Codec::Pcmu) {
        codecs.reverse();
    }
    codecs
}
