//! Whether there is a place for one more recording: a call that cannot be recorded to its end is
//! better refused before it rings anybody.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The disk is looked at again after so long.
const FRESH: Duration = Duration::from_secs(1);

/// Looks at the disk of the recordings.
#[derive(Debug)]
pub(super) struct Admission {
    folder: PathBuf,
    /// Bytes that are left for the calls that run already.
    reserve: u64,
    /// The file system that the folder was on at the start.
    device: Option<u64>,
    seen: Option<(Instant, Result<(), Refused>)>,
    is_warned: bool,
}

/// Why no recording can be begun.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// Running calls need what is left.
    #[error("the recordings' disk has {free} bytes left, fewer than the reserve of {reserve}")]
    Full { free: u64, reserve: u64 },
    /// Not even an empty file has a place.
    #[error("the recordings' disk has no room for another file")]
    NoFiles,
    /// The folder, or the disk it was on.
    #[error("the recordings' folder is gone: {0}")]
    Gone(String),
    /// What is written does not arrive.
    #[error("the recordings' disk is {0} s behind")]
    Behind(u64),
}

impl Admission {
    pub(super) fn new(folder: PathBuf, reserve: u64) -> Self {
        let device = std::fs::metadata(&folder).map(|meta| meta.dev()).ok();
        Self {
            folder,
            reserve,
            device,
            seen: None,
            is_warned: false,
        }
    }

    /// Whether another recording may begin.
    pub(super) fn check(&mut self, now: Instant) -> Result<(), Refused> {
        if let Some((at, seen)) = &self.seen
            && now.saturating_duration_since(*at) < FRESH
        {
            return seen.clone();
        }
        let seen = self.look();
        self.seen = Some((now, seen.clone()));
        seen
    }

    fn look(&mut self) -> Result<(), Refused> {
        let gone = |error: &dyn std::fmt::Display| Refused::Gone(error.to_string());
        let meta = std::fs::metadata(&self.folder).map_err(|error| gone(&error))?;
        if self.device.is_some_and(|device| device != meta.dev()) {
            return Err(gone(&"another disk is in its place"));
        }
        let disk = rustix::fs::statvfs(&self.folder).map_err(|error| gone(&error))?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        let reserve = self.reserve;
        let is_low = free < reserve.saturating_mul(2);
        if is_low && !self.is_warned {
            tracing::warn!(free, reserve, "the recordings' disk is nearly full");
        }
        self.is_warned = is_low;
        if free < reserve {
            return Err(Refused::Full { free, reserve });
        }
        // File systems that make inodes as they go count none.
        if disk.f_files > 0 && disk.f_favail == 0 {
            return Err(Refused::NoFiles);
        }
        Ok(())
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_begun_under_the_reserve_or_without_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let start = Instant::now();
        let mut admission = Admission::new(folder.path().to_owned(), 0);
        assert_eq!(admission.check(start), Ok(()));
        let mut greedy = Admission::new(folder.path().to_owned(), u64::MAX);
        let refused = greedy.check(start);
        assert!(matches!(refused, Err(Refused::Full { .. })), "{refused:?}");

        folder.close().unwrap();
        assert_eq!(admission.check(start), Ok(()), "it was just looked at");
        let refused = admission.check(start + FRESH);
        assert!(matches!(refused, Err(Refused::Gone(_))), "{refused:?}");
    }
}
