//! Who tries passwords too often, and for how long he is not heard (RELIABILITY: registration
//! brute force, enumeration).
//!
//! - **A source** (one IPv4 address, one IPv6 /64) that fails `tries` times within `window` is
//!   banned for `time`. All further tries of the window fail, whatever they are.
//! - **Only a proven source is banned**: one that brought back a nonce that we had sent to it, or
//!   that came by a connection. Who forges source addresses cannot have others banned; a few of
//!   his tries are looked at (a phone's first one after our restart is such a try), no more.
//! - **A registered phone is another source than its address**: while its registration lives, its
//!   exact address and port are heard, and have a count of failures of their own. An attacker
//!   behind the same NAT has another port, so the phone stays registered and takes calls, and
//!   what he does is not held against it.
//! - **A phone that has yet to register behind a banned address** is let through by a trickle: once
//!   the window is over, a REGISTER now and then is read. That is far below what the ban is for,
//!   and the right password gets in by it once the attacker, who hears nothing, has gone.
//! - **An account** that is tried from everywhere keeps the sources from which its password was
//!   right: those are always looked at. Other sources share what the account has for them, so the
//!   real phone is never locked out from its own place.
//! - **Trunks and configured addresses** are never banned; their calls need no password.
//! - **Memory is bounded, and to fill it does not help**: a ban that lives is never given up for
//!   another. Once the list is full, who would be banned keeps his used-up count instead: he is
//!   answered, but no try of his is looked at. Counts with few failures go first.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::bucket::{Bucket, Rate};
use super::source::Source;

/// How many tries, and what follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BanSettings {
    /// Failed tries of a source within the window before it is banned.
    pub tries: usize,
    /// The time in which they are counted.
    pub window: Duration,
    /// How long a ban lasts.
    pub time: Duration,
    /// How many sources may be banned at once.
    pub entries: usize,
}

impl Default for BanSettings {
    fn default() -> Self {
        Self {
            tries: 20,
            window: Duration::from_mins(1),
            time: Duration::from_mins(10),
            entries: 10_000,
        }
    }
}

/// Sources whose failures are counted at once; a few megabytes.
const COUNTED: usize = 16_384;
/// An account may be tried so many times as often as one source, from all new sources together.
const TRIES_OF_AN_ACCOUNT: usize = 3;
/// Sources that an account is remembered to be used from.
const HOMES: usize = 4;
/// A REGISTER and the answer to its challenge, each 20 s, from a banned source.
const TRICKLE: Rate = Rate {
    every: Duration::from_secs(10),
    burst: 2,
};

/// Whose failures are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whose {
    /// Everybody at an address.
    Source(Source),
    /// The phone that registered from exactly there.
    Phone(SocketAddr),
}

/// Failures and bans.
#[derive(Debug)]
pub(super) struct Bans {
    settings: BanSettings,
    failures: BTreeMap<Whose, Failures>,
    accounts: BTreeMap<String, Account>,
    banned: BTreeMap<Source, Ban>,
    swept_at: Option<Instant>,
}

/// When somebody failed, within the window.
#[derive(Debug, Default)]
struct Failures {
    proven: VecDeque<Instant>,
    /// From where nobody may really be.
    unproven: VecDeque<Instant>,
}

/// One account that exists.
#[derive(Debug, Default)]
struct Account {
    /// Failures from anywhere but its homes.
    failures: VecDeque<Instant>,
    /// Where its password was right last.
    homes: VecDeque<Source>,
}

#[derive(Debug)]
struct Ban {
    /// The window is over then, and a new one would begin.
    silent_until: Instant,
    until: Instant,
    trickle: Bucket,
}

impl Bans {
    /// Nobody is banned. `accounts` are those that exist.
    pub(super) fn new(settings: BanSettings, accounts: impl Iterator<Item = String>) -> Self {
        Self {
            settings,
            failures: BTreeMap::new(),
            accounts: accounts.map(|name| (name, Account::default())).collect(),
            banned: BTreeMap::new(),
            swept_at: None,
        }
    }

    /// Other accounts exist from now on; who stays keeps what is known of it.
    pub(super) fn set_accounts(&mut self, accounts: impl Iterator<Item = String>) {
        let mut known = std::mem::take(&mut self.accounts);
        self.accounts = accounts
            .map(|name| {
                let account = known.remove(&name).unwrap_or_default();
                (name, account)
            })
            .collect();
    }

    /// Whether a try at the password of `user` from `source`, counted as `whose`, is looked at.
    pub(super) fn may_try(
        &mut self,
        whose: Whose,
        source: Source,
        user: &str,
        is_proven: bool,
        now: Instant,
    ) -> bool {
        let since = now.checked_sub(self.settings.window);
        let failures = self.failures.get_mut(&whose);
        let (mut failed, mut unproven) = (0, 0);
        if let Some(failures) = failures {
            failures.forget(since);
            failed = failures.len();
            unproven = failures.unproven.len();
        }
        let most = self.settings.tries * TRIES_OF_AN_ACCOUNT;
        let is_account_free = self.accounts.get_mut(user).is_none_or(|account| {
            forget(&mut account.failures, since);
            account.homes.contains(&source) || account.failures.len() < most
        });
        let is_source_free = failed < self.settings.tries
            && (is_proven || unproven < self.settings.tries_unproven());
        is_source_free && is_account_free
    }

    /// Counts a failure. `may_ban` is false for addresses that are never banned. Says whether
    /// that was the one too many.
    pub(super) fn failed(
        &mut self,
        whose: Whose,
        user: &str,
        is_proven: bool,
        may_ban: bool,
        now: Instant,
    ) -> bool {
        self.make_room(now);
        let since = now.checked_sub(self.settings.window);
        let failures = self.failures.entry(whose).or_default();
        failures.forget(since);
        if failures.len() < self.settings.tries {
            if is_proven {
                failures.proven.push_back(now);
            } else if failures.unproven.len() < self.settings.tries_unproven() {
                failures.unproven.push_back(now);
            }
        }
        let is_over = failures.len() >= self.settings.tries;
        if let (Whose::Source(source), true) = (whose, is_proven)
            && let Some(account) = self.accounts.get_mut(user)
            && !account.homes.contains(&source)
            && account.failures.len() < self.settings.tries * TRIES_OF_AN_ACCOUNT
        {
            account.failures.push_back(now);
        }
        match whose {
            Whose::Source(source) if is_over && is_proven && may_ban => self.ban(source, now),
            Whose::Source(_) | Whose::Phone(_) => false,
        }
    }

    /// Notes that the password of `user` was right.
    pub(super) fn succeeded(&mut self, source: Source, user: &str) {
        if let Some(account) = self.accounts.get_mut(user) {
            account.homes.retain(|home| *home != source);
            account.homes.push_back(source);
            if account.homes.len() > HOMES {
                account.homes.pop_front();
            }
        }
    }

    /// Whether a source is banned.
    pub(super) fn is_banned(&self, source: Source, now: Instant) -> bool {
        self.banned.get(&source).is_some_and(|ban| ban.until > now)
    }

    /// Takes the next REGISTER that a banned source may send, if it is time for one.
    pub(super) fn take_trickle(&mut self, source: Source, now: Instant) -> bool {
        let ban = self.banned.get_mut(&source);
        ban.is_some_and(|ban| ban.silent_until <= now && ban.trickle.take(TRICKLE, now))
    }

    /// Who is banned, and until when.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Source, Instant)> {
        self.banned.iter().map(|(source, ban)| (*source, ban.until))
    }

    fn ban(&mut self, source: Source, now: Instant) -> bool {
        if self.banned.len() >= self.settings.entries {
            self.banned.retain(|_, ban| ban.until > now);
        }
        let is_full = self.banned.len() >= self.settings.entries;
        if is_full && !self.banned.contains_key(&source) {
            return false;
        }
        let until = now + self.settings.time;
        let ban = self.banned.entry(source).or_insert(Ban {
            silent_until: now,
            until: now,
            trickle: Bucket::default(),
        });
        let is_new = ban.until <= now;
        ban.silent_until = now + self.settings.window;
        ban.until = until;
        is_new
    }

    /// Lets go of counts that say little, once there are too many; at most once a second, for it
    /// looks at all of them.
    fn make_room(&mut self, now: Instant) {
        let is_time = |at: Instant| now.saturating_duration_since(at) >= Duration::from_secs(1);
        if self.failures.len() < COUNTED || !self.swept_at.is_none_or(is_time) {
            return;
        }
        self.swept_at = Some(now);
        let since = now.checked_sub(self.settings.window);
        let few = self.settings.tries / 2;
        self.failures.retain(|_, failures| {
            failures.forget(since);
            failures.len() > few
        });
    }
}

impl BanSettings {
    /// The part of the tries that may come from an address that is perhaps forged.
    const fn tries_unproven(&self) -> usize {
        self.tries.div_ceil(4)
    }
}

impl Failures {
    fn len(&self) -> usize {
        self.proven.len() + self.unproven.len()
    }

    fn forget(&mut self, since: Option<Instant>) {
        forget(&mut self.proven, since);
        forget(&mut self.unproven, since);
    }
}

/// Drops what is older than the window.
fn forget(failures: &mut VecDeque<Instant>, since: Option<Instant>) {
    while let (Some(first), Some(since)) = (failures.front(), since)
        && *first <= since
    {
        failures.pop_front();
    }
}

#[cfg(test)]
mod tests;
