//! Playing to a leg: what comes next, and when the next packet is due.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::session::PlayKey;
use super::tone::Tone;
use super::{Prompt, g711, ticks, tone};
use crate::sdp::Codec;

/// When the thread was kept from running for longer than this, what was missed is not sent in a
/// burst: the playing goes on from now.
const LONGEST_CATCH_UP: Duration = Duration::from_millis(200);

/// What can be played.
#[derive(Clone, Debug)]
pub enum Source {
    /// A prompt, once.
    Prompt(Arc<Prompt>),
    /// A prompt over and over.
    Loop(Arc<Prompt>),
    /// 450 Hz in a cadence, until stopped.
    Ringback {
        /// Tone, in milliseconds.
        on_ms: u32,
        /// Silence after it, in milliseconds.
        off_ms: u32,
    },
    /// A tone of the network, until stopped.
    Tone(Tone),
    /// One short tone.
    Beep,
}

impl Source {
    /// Its length in samples; `None` is endless.
    fn samples(&self) -> Option<u64> {
        match self {
            Self::Prompt(prompt) => Some(prompt.samples()),
            Self::Beep => Some(tone::BEEP_SAMPLES),
            // An empty loop would be endless silence; it is over at once instead.
            Self::Loop(prompt) => (prompt.samples() == 0).then_some(0),
            Self::Ringback { .. } | Self::Tone(_) => None,
        }
    }
}

/// A playing in progress.
#[derive(Debug)]
pub(super) struct Playing {
    pub(super) key: PlayKey,
    source: Source,
    /// Samples played so far.
    position: u64,
    /// Samples that really went out.
    heard: u64,
    /// When the next packet is due; unknown until the leg is connected.
    due: Option<Instant>,
}

impl Playing {
    pub(super) fn new(key: PlayKey, source: Source) -> Self {
        Self {
            key,
            source,
            position: 0,
            heard: 0,
            due: None,
        }
    }

    /// Begins the pacing, if it has not begun.
    pub(super) fn start(&mut self, now: Instant) {
        self.due.get_or_insert(now);
    }

    /// Goes on from now, after something else went out.
    pub(super) fn resume(&mut self, now: Instant) {
        self.due = self.due.map(|due| due.max(now));
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Whether a packet is due, and when it was; moves on to the next one's time.
    pub(super) fn take_due(&mut self, packet: Duration, now: Instant) -> Option<Instant> {
        let due = self.due.filter(|due| *due <= now)?;
        let due = if now.saturating_duration_since(due) > LONGEST_CATCH_UP {
            now
        } else {
            due
        };
        self.due = Some(due + packet);
        Some(due)
    }

    /// Writes the next packet's audio; what is left over at the end is silence.
    pub(super) fn fill(&mut self, codec: Codec, out: &mut [u8]) {
        let start = self.position;
        self.position += out.len() as u64;
        match &self.source {
            Source::Prompt(prompt) => {
                let octets = prompt.octets(codec);
                let start = usize::try_from(start).unwrap_or(usize::MAX);
                let rest = octets.get(start..).unwrap_or_default();
                let whole = rest.len().min(out.len());
                out[..whole].copy_from_slice(&rest[..whole]);
                out[whole..].fill(g711::silence(codec));
            }
            Source::Loop(prompt) => {
                let octets = prompt.octets(codec);
                let skip = start.checked_rem(octets.len() as u64).unwrap_or(0);
                let skip = usize::try_from(skip).unwrap_or(0);
                for (octet, out) in octets.iter().cycle().skip(skip).zip(out) {
                    *out = *octet;
                }
            }
            Source::Ringback { on_ms, off_ms } => {
                for (position, out) in (start..).zip(out) {
                    *out = g711::encode(codec, tone::ringback(position, *on_ms, *off_ms));
                }
            }
            Source::Tone(tone) => {
                for (position, out) in (start..).zip(out) {
                    *out = g711::encode(codec, tone.sample(position));
                }
            }
            Source::Beep => {
                for (position, out) in (start..).zip(out) {
                    let is_over = position >= tone::BEEP_SAMPLES;
                    let sample = if is_over { 0 } else { tone::beep(position) };
                    *out = g711::encode(codec, sample);
                }
            }
        }
    }

    /// Notes that the packet filled last, of `samples`, went out.
    pub(super) fn note_heard(&mut self, samples: u64) {
        self.heard += samples;
    }

    pub(super) fn is_over(&self) -> bool {
        self.source
            .samples()
            .is_some_and(|length| self.position >= length)
    }

    /// All of it went out.
    pub(super) fn is_complete(&self) -> bool {
        self.is_over()
            && self
                .source
                .samples()
                .is_some_and(|length| self.heard >= length)
    }

    /// How much of it went out, in milliseconds.
    pub(super) fn heard_ms(&self) -> u64 {
        let heard = match self.source.samples() {
            Some(length) => self.heard.min(length),
            None => self.heard,
        };
        heard / ticks::SAMPLES_PER_MS
    }
}
