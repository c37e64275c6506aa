//! `[media]`.

use std::time::Duration;

use super::Check;

impl Check<'_> {
    pub(super) fn media(&mut self) {
        let media = &self.config.media;
        if media.address.is_unspecified() || media.address.is_multicast() {
            let what = format!("{} is no address that voice can be sent to", media.address);
            self.report(
                "media.address",
                what,
                "write the IP that trunk and phones reach",
            );
        }
        if media.address.is_loopback() && !media.allow_loopback {
            let what = format!("{} is a loopback address", media.address);
            let cure = "write the IP that trunk and phones reach; for a test on one machine, \
                        set `allow_loopback = true`";
            self.report("media.address", what, cure);
        }
        if media.silent_after < Duration::from_secs(1) {
            let what = format!("{:?} is too short", media.silent_after);
            let cure = "write at least `1s`: people take a breath";
            self.report("media.silent_after", what, cure);
        }
        let timeout = media.rtp_timeout;
        if !timeout.is_zero() && timeout < Duration::from_secs(2) {
            let what = format!("{timeout:?} is too short");
            let cure = "write `30s`, or `0s` to end no call for silence";
            self.report("media.rtp_timeout", what, cure);
        }
        let ports = media.ports;
        let bad_ports = if ports.last < ports.first {
            Some("it ends before it begins")
        } else if ports.first < 1024 {
            Some("it begins below 1024")
        } else if ports.first % 2 == 1 {
            Some("it begins with an odd port")
        } else if ports.pairs() < 2 {
            Some("it is too small: one call takes four ports")
        } else {
            None
        };
        if let Some(why) = bad_ports {
            let what = format!("bad port range {ports}: {why}");
            let cure = "write an even first port and four ports a call, such as `20000-29999`";
            self.report("media.ports", what, cure);
        }
    }
}
