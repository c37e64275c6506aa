//! How many connections there may be, in total and with one source.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The slots for connections.
#[derive(Debug)]
pub(super) struct Quota {
    limits: Limits,
    taken: Mutex<Taken>,
}

/// How many connections there may be, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// At once.
    pub total: usize,
    /// With one IPv4 address, or one IPv6 network of 64 bits: a host can have all of them.
    pub per_source: usize,
    /// A connection that nothing has come by for so long is closed, unless somebody needs it.
    pub idle: Duration,
}

#[derive(Debug, Default)]
struct Taken {
    total: usize,
    by_source: HashMap<IpAddr, usize>,
}

/// The right to one connection; given back when dropped.
#[derive(Debug)]
pub(super) struct Slot {
    quota: Arc<Quota>,
    source: IpAddr,
}

impl Quota {
    pub(super) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            taken: Mutex::default(),
        })
    }

    /// A slot for a connection with `source`, if there is one.
    pub(super) fn take(self: &Arc<Self>, source: IpAddr) -> Option<Slot> {
        let source = network(source);
        // Whoever panicked in here has left true numbers.
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let with_source = taken.by_source.get(&source).copied().unwrap_or(0);
        if taken.total >= self.limits.total || with_source >= self.limits.per_source {
            return None;
        }
        taken.total += 1;
        taken.by_source.insert(source, with_source + 1);
        drop(taken);
        Some(Slot {
            quota: Arc::clone(self),
            source,
        })
    }
}

impl Slot {
    /// After what silence the connection is worth asking about.
    pub(super) fn idle(&self) -> Duration {
        self.quota.limits.idle
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let taken = self.quota.taken.lock();
        let mut taken = taken.unwrap_or_else(PoisonError::into_inner);
        taken.total -= 1;
        if let Some(count) = taken.by_source.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                taken.by_source.remove(&self.source);
            }
        }
    }
}

/// What counts as one source.
fn network(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Threat: flood, memory. A cap on connections, of one source and in total.
    #[test]
    fn slots_run_out_for_one_source_before_they_run_out_for_all() {
        let limits = Limits {
            total: 3,
            per_source: 2,
            idle: Duration::from_mins(2),
        };
        let quota = Quota::new(limits);
        let take = |text: &str| quota.take(text.parse().unwrap());
        let one = take("2001:db8::1");
        let two = take("2001:db8::ffff:1");
        assert!(one.is_some() && two.is_some());
        assert!(take("2001:db8::2").is_none(), "one network, one source");
        let three = take("192.0.2.1");
        assert!(three.is_some());
        assert!(take("192.0.2.2").is_none(), "all are taken");
        drop(two);
        assert!(take("::ffff:192.0.2.2").is_some(), "one is free again");
        drop((one, three));
        assert!(quota.taken.lock().unwrap().by_source.is_empty());
    }
}
