//! What a session says of a leg's peer, in the words of the call.

use crate::call::event::LegQuality;
use crate::call::media::{MediaEvent, MediaLeg, Tone};
use crate::media::{Figures, Key, Notice, tone};

pub(super) fn event(leg: MediaLeg, notice: Notice) -> MediaEvent {
    match notice {
        Notice::Silent { one_way } => MediaEvent::FellSilent { leg, one_way },
        Notice::HeardAgain { silent_ms } => MediaEvent::HeardAgain { leg, silent_ms },
        Notice::Key(Key { digit, held_ms }) => MediaEvent::KeyPressed {
            leg,
            digit,
            held_ms,
        },
        Notice::Quiet => MediaEvent::FellQuiet { leg },
        Notice::Spoke => MediaEvent::Spoke { leg },
        Notice::Gone { silent_ms } => MediaEvent::PeersGone { leg, silent_ms },
    }
}

pub(super) fn quality(figures: &Figures) -> LegQuality {
    LegQuality {
        received: figures.received,
        sent: figures.sent,
        lost: figures.lost,
        jitter_us: figures.jitter_us,
        codec: figures.codec,
        round_trip_us: figures.round_trip_us,
        lost_at_peer: figures.lost_at_peer,
        jitter_at_peer_us: figures.jitter_at_peer_us,
        mos_hundredths: figures.mos_hundredths,
        mos_at_peer_hundredths: figures.mos_at_peer_hundredths,
        silent_ms: figures.silent_ms,
        srtp_dropped: None,
    }
}

/// A tone of the network, in the words of the media plane.
pub(super) fn tone(tone: Tone) -> tone::Tone {
    match tone {
        Tone::Dial => tone::Tone::Dial,
        Tone::SpecialDial => tone::Tone::SpecialDial,
        Tone::Busy => tone::Tone::Busy,
        Tone::Congestion => tone::Tone::Congestion,
        Tone::Unobtainable => tone::Tone::Unobtainable,
        Tone::CallWaiting => tone::Tone::CallWaiting,
        Tone::SpecialInformation => tone::Tone::SpecialInformation,
    }
}
