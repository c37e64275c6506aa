//! Whether a leg's peer is there: what was heard of it last, since when it is silent, and since
//! when it should not be.

use std::time::{Duration, Instant};

/// How often a session looks; nobody waits longer than this for news.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(250);
/// So many silences of one leg are told of: a phone that sends nothing while nobody speaks, and
/// does not say so, would fill the log.
const MOST_TOLD: u8 = 8;

/// How long a peer may be silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// A leg that should be heard and is not is told of within this time.
    pub silent: Duration,
    /// Without RTP and RTCP of anybody for this time, the session is dead; never if `None`.
    pub dead: Option<Duration>,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            silent: Duration::from_secs(3),
            dead: Some(Duration::from_secs(30)),
        }
    }
}

impl Patience {
    /// The silence that is told of when it is found: it was looked for at intervals when it was
    /// to begin, and is now.
    fn silence(self) -> Duration {
        self.silent.saturating_sub(2 * LOOK_EVERY).max(LOOK_EVERY)
    }
}

/// What one look found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    FellSilent,
    HeardAgain { silent_ms: u64 },
}

/// What is heard of one leg.
#[derive(Debug, Default)]
pub(super) struct Hearing {
    rtp_at: Option<Instant>,
    rtcp_at: Option<Instant>,
    /// The last packet was comfort noise (RFC 3389): silence was announced.
    is_announced: bool,
    /// Since when it should be heard; `None` if it need not be.
    expected_from: Option<Instant>,
    /// Since when it is silent, once that is noticed.
    silent_since: Option<Instant>,
    /// The silence was told of as one-way.
    is_one_way: bool,
    told: u8,
    /// Silences that are over.
    silent: Duration,
    looked_at: Option<Instant>,
}

impl Hearing {
    pub(super) fn note_rtp(&mut self, is_noise: bool, now: Instant) {
        self.rtp_at = Some(now);
        self.is_announced = is_noise;
    }

    pub(super) fn note_rtcp(&mut self, now: Instant) {
        self.rtcp_at = Some(now);
    }

    /// The last sign of life; the time from which it is expected counts as one.
    pub(super) fn alive_at(&self) -> Option<Instant> {
        self.rtp_at.max(self.rtcp_at).max(self.expected_from)
    }

    /// RTP has come of it, ever.
    pub(super) fn was_heard(&self) -> bool {
        self.rtp_at.is_some()
    }

    /// RTP has come of it lately, or comfort noise said that none would.
    pub(super) fn is_heard(&self, patience: Patience, now: Instant) -> bool {
        let is_fresh = |at| now.saturating_duration_since(at) < patience.silence();
        self.is_announced || self.rtp_at.is_some_and(is_fresh)
    }

    /// It should be heard, or need not be, from now on.
    pub(super) fn expect(&mut self, is_expected: bool, now: Instant) {
        if is_expected {
            self.expected_from.get_or_insert(now);
            return;
        }
        self.expected_from = None;
        if let Some(since) = self.silent_since.take() {
            self.silent += now.saturating_duration_since(since);
        }
    }

    /// What has changed since the last look.
    pub(super) fn look(&mut self, patience: Patience, now: Instant) -> Option<Change> {
        self.looked_at = Some(now);
        let expected_from = self.expected_from?;
        let heard_at = self.rtp_at.max(Some(expected_from))?;
        if let Some(since) = self.silent_since {
            if self.rtp_at <= Some(since) {
                return None;
            }
            let silent = heard_at.saturating_duration_since(since);
            self.silent += silent;
            self.silent_since = None;
            let silent_ms = u64::try_from(silent.as_millis()).unwrap_or(u64::MAX);
            return (self.told <= MOST_TOLD).then_some(Change::HeardAgain { silent_ms });
        }
        let silent = now.saturating_duration_since(heard_at);
        if self.is_announced || silent < patience.silence() {
            return None;
        }
        self.silent_since = Some(heard_at);
        self.is_one_way = false;
        self.told = self.told.saturating_add(1);
        (self.told <= MOST_TOLD).then_some(Change::FellSilent)
    }

    /// Whether it is silent while its partner is heard, and that was not told of yet.
    pub(super) fn turns_one_way(&mut self, is_partner_heard: bool) -> bool {
        let is_new = self.silent_since.is_some() && is_partner_heard && !self.is_one_way;
        self.is_one_way |= is_new;
        is_new && self.told <= MOST_TOLD
    }

    /// How long it was silent while it should have been heard, together.
    pub(super) fn silent(&self) -> Duration {
        let running = self.silent_since.zip(self.looked_at);
        let running = running.map(|(since, looked_at)| looked_at.saturating_duration_since(since));
        self.silent + running.unwrap_or_default()
    }
}
