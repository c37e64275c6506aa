//! `[media]` and `[recording]`.

use std::time::Duration;

use super::Check;
use crate::config::RecordingCopy;

impl Check<'_> {
    pub(super) fn recording(&mut self) {
        let recording = &self.config.recording;
        let [quiet, loud] = recording.agent_level;
        if quiet >= loud || loud > 0 {
            let what = "the window is empty, or reaches above full scale";
            let cure = "write two levels in dBFS, the lower first, such as `[-35, -10]`";
            self.report("recording.agent_level", what, cure);
        }
        if recording.agent_silence.is_zero() {
            let what = "every pause would be a long silence";
            self.report(
                "recording.agent_silence",
                what,
                "write a time such as `10s`",
            );
        }
        if let Some(copy) = &recording.copy {
            self.copy(copy);
        }
    }

    fn copy(&mut self, copy: &RecordingCopy) {
        let is_folder = copy.url.starts_with("file:///");
        let is_bucket = copy.url.strip_prefix("s3://");
        if !is_folder && is_bucket.is_none_or(str::is_empty) {
            let cure = "write `file:///FOLDER` or `s3://BUCKET/PREFIX`";
            self.report("recording.copy.url", "no place for copies", cure);
        }
        if copy.access_key.is_some() != copy.secret_key.is_some() {
            let what = "an access key and its secret go together";
            let cure = "write both, or neither and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
            self.report("recording.copy.access_key", what, cure);
        }
    }

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
        if media.threads().get() > 64 {
            let what = format!("{} threads are too many", media.threads());
            self.report("media.threads", what, "leave it out for one a core");
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
