//! Each nonce count is taken once (RFC 7616 §5.12).

use std::collections::BTreeMap;

use super::nonce::{LIFETIME_SECONDS, Nonce};

/// The counts used with the nonces that live. Only requests that proved their password are
/// noted, and at most [`CAPACITY`] nonces are remembered: when one must go, it and all
/// older ones are good for nothing any more.
#[derive(Clone, Debug, Default)]
pub(super) struct ReplayWindow {
    used: BTreeMap<Nonce, Counts>,
    forgotten: Option<Nonce>,
}

/// How many nonces are remembered: a thousand agents who each register and call within a
/// minute take a quarter of it.
const CAPACITY: usize = 8_192;

/// The highest count and which of the 64 up to it were used, so that requests may overtake
/// one another.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    highest: u32,
    used: u64,
}

impl ReplayWindow {
    /// Takes a count, unless it was taken before or is too old to tell.
    pub(super) fn take(&mut self, nonce: Nonce, count: u32, now: u64) -> bool {
        self.forget_dead(now);
        if !self.used.contains_key(&nonce) {
            if self.forgotten.is_some_and(|forgotten| nonce <= forgotten) {
                return false;
            }
            if self.used.len() >= CAPACITY
                && let Some((oldest, _)) = self.used.pop_first()
            {
                self.forgotten = Some(oldest);
                if nonce < oldest {
                    return false;
                }
            }
        }
        self.used.entry(nonce).or_default().take(count)
    }

    fn forget_dead(&mut self, now: u64) {
        while let Some(oldest) = self.used.first_entry()
            && oldest.key().minted_at + LIFETIME_SECONDS < now
        {
            oldest.remove();
        }
    }
}

impl Counts {
    fn take(&mut self, count: u32) -> bool {
        if count > self.highest {
            self.used = self.used.checked_shl(count - self.highest).unwrap_or(0) | 1;
            self.highest = count;
            return true;
        }
        let Some(bit) = 1_u64.checked_shl(self.highest - count) else {
            return false;
        };
        let is_fresh = count > 0 && self.used & bit == 0;
        self.used |= bit;
        is_fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn nonce(serial: u64) -> Nonce {
        Nonce {
            minted_at: 1_000,
            serial,
        }
    }

    #[test]
    fn a_count_is_taken_once_and_may_be_overtaken() {
        let mut window = ReplayWindow::default();
        let takes = |window: &mut ReplayWindow, count| window.take(nonce(1), count, 1_000);
        assert!(takes(&mut window, 1));
        assert!(!takes(&mut window, 1));
        assert!(takes(&mut window, 5));
        assert!(takes(&mut window, 3));
        assert!(!takes(&mut window, 3));
        assert!(takes(&mut window, 100));
        assert!(!takes(&mut window, 36), "too old to tell");
        assert!(takes(&mut window, 37));
        assert!(!takes(&mut window, 0));
        assert!(window.take(nonce(2), 1, 1_000));
    }

    #[test]
    fn memory_is_bounded_and_what_is_forgotten_is_refused() {
        let mut window = ReplayWindow::default();
        for serial in 0..20_000 {
            assert!(window.take(nonce(serial), 1, 1_000));
        }
        assert_eq!(window.used.len(), CAPACITY);
        assert!(!window.take(nonce(0), 1, 1_000));
        window.take(
            Nonce {
                minted_at: 2_000,
                serial: 1,
            },
            1,
            2_000,
        );
        assert_eq!(window.used.len(), 1);
    }
}
