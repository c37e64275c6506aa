//! Whether something keeps the clock right: the times of calls are evidence.

use std::path::Path;

use super::finding::Finding;

/// systemd-timesyncd makes this file when the clock has been set by a server.
const TIMESYNC: &str = "/run/systemd/timesync/synchronized";
/// Where chronyd and ntpd leave their process ids while they run.
const DAEMONS: [&str; 4] = [
    "/run/chrony/chronyd.pid",
    "/var/run/chronyd.pid",
    "/run/ntpd.pid",
    "/var/run/ntpd.pid",
];

pub(super) fn check() -> Finding {
    judge(|file| Path::new(file).exists())
}

fn judge(exists: impl Fn(&str) -> bool) -> Finding {
    let what = "clock";
    if exists(TIMESYNC) {
        return Finding::ok(what, "set by a time server (systemd-timesyncd)");
    }
    if DAEMONS.into_iter().any(&exists) {
        return Finding::ok(what, "kept by a daemon (chrony or ntpd)");
    }
    let cure = "install chrony, or `timedatectl set-ntp true`; in a container, look at the host";
    Finding::warn(
        what,
        "nothing here is known to keep it: its offset is unknown",
        cure,
    )
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    #[test]
    fn a_clock_that_nothing_keeps_is_doubted() {
        assert_eq!(judge(|_| false).level, Level::Warn);
        assert_eq!(judge(|file| file == TIMESYNC).level, Level::Ok);
        assert_eq!(judge(|file| file == DAEMONS[2]).level, Level::Ok);
    }
}
