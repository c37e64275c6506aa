//! Whether a peer says anything: packets may come of whom nothing is heard.

use std::time::{Duration, Instant};

use super::g711;
use crate::sdp::Codec;

/// A packet whose samples are louder than this in the mean may be speech: some -50 dBFS.
const LOUD: u64 = 100;
/// So many of them in a row are: a click is shorter.
const IN_A_ROW: u8 = 3;
/// Who was heard so lately is not listened to: it costs, and changes nothing.
const LATELY: Duration = Duration::from_millis(200);

/// What is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing for as long as was asked.
    Nothing,
    /// Something.
    Something,
}

/// Listens to one leg.
#[derive(Debug)]
pub(super) struct Speaking {
    quiet_after: Duration,
    /// Whoever has said a word is not listened to any more.
    is_first_word: bool,
    heard_at: Instant,
    /// Packets in a row.
    loud: u8,
    has_spoken: bool,
    told: Option<Said>,
}

impl Speaking {
    pub(super) const fn new(quiet_after: Duration, is_first_word: bool, now: Instant) -> Self {
        Self {
            quiet_after,
            is_first_word,
            heard_at: now,
            loud: 0,
            has_spoken: false,
            told: None,
        }
    }

    pub(super) fn hears(&mut self, codec: Codec, audio: &[u8], now: Instant) {
        let is_over = self.is_first_word && self.has_spoken;
        let was_heard = now.saturating_duration_since(self.heard_at) < LATELY;
        if is_over || self.has_spoken && was_heard {
            return;
        }
        if !is_loud(codec, audio) {
            self.loud = 0;
            return;
        }
        self.loud = self.loud.saturating_add(1);
        if self.loud >= IN_A_ROW || self.has_spoken && self.told != Some(Said::Nothing) {
            self.has_spoken = true;
            self.heard_at = now;
        }
    }

    /// A key was pressed: that is an answer, too.
    pub(super) const fn sees_key(&mut self, now: Instant) {
        self.has_spoken = true;
        self.heard_at = now;
        self.loud = 0;
    }

    /// What has changed since the last look.
    pub(super) fn look(&mut self, now: Instant) -> Option<Said> {
        if self.is_first_word && self.has_spoken {
            let is_news = self.told != Some(Said::Something);
            self.told = Some(Said::Something);
            return is_news.then_some(Said::Something);
        }
        let is_quiet = now.saturating_duration_since(self.heard_at) >= self.quiet_after;
        let said = if is_quiet {
            Said::Nothing
        } else {
            Said::Something
        };
        // Nobody is told that somebody goes on speaking.
        let was = self.told.unwrap_or(Said::Something);
        self.told = Some(said);
        (said != was).then_some(said)
    }
}

fn is_loud(codec: Codec, audio: &[u8]) -> bool {
    let values = g711::linear_values(codec);
    let samples = audio.iter().map(|octet| values[usize::from(*octet)]);
    let sum: u64 = samples.map(|sample| u64::from(sample.unsigned_abs())).sum();
    let count = u64::try_from(audio.len()).unwrap_or(u64::MAX);
    count > 0 && sum / count >= LOUD
}
