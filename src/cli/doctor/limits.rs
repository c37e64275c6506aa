//! Whether the process may open as many files as the configured calls take.

use super::finding::Finding;
use crate::config::Config;

/// Database, logs, listeners, and connections to watch us by.
const BESIDES_CALLS: u64 = 256;
/// A call has two ports a leg, one leg more while it is passed on, and its recording.
const A_CALL: u64 = 7;

pub(super) fn check(config: &Config) -> Option<Finding> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let calls = u64::from(config.media.ports.pairs() / 2);
    let connections = u64::from(config.sip.max_connections);
    Some(open_files(soft_limit(&limits)?, calls, connections))
}

/// The soft limit of open files; without a limit, a number that is enough for anything.
fn soft_limit(limits: &str) -> Option<u64> {
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    let soft = line.split_whitespace().next()?;
    if soft == "unlimited" {
        return Some(u64::MAX);
    }
    soft.parse().ok()
}

fn open_files(limit: u64, calls: u64, connections: u64) -> Finding {
    let needed = BESIDES_CALLS + connections + calls * A_CALL;
    let found = format!("{limit} here; {calls} calls and {connections} connections take {needed}");
    if limit >= needed {
        return Finding::ok("open files", found);
    }
    let cure = format!("LimitNOFILE={needed} in the service's unit, or `ulimit -n {needed}`");
    Finding::warn("open files", found, cure)
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    #[test]
    fn the_soft_limit_is_read() {
        let limits = "Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 524288               files\n";
        assert_eq!(soft_limit(limits), Some(1024));
        assert_eq!(
            soft_limit("Max open files unlimited unlimited files"),
            Some(u64::MAX)
        );
        assert_eq!(soft_limit("Max cpu time unlimited"), None);
    }

    #[test]
    fn a_limit_below_what_the_calls_take_is_doubted() {
        assert_eq!(open_files(65_536, 2500, 2000).level, Level::Ok);
        assert_eq!(open_files(1024, 2500, 2000).level, Level::Warn);
    }
}
