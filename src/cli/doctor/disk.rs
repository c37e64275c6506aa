//! How many hours of recordings there is room for.

use std::path::Path;

use super::finding::Finding;
use crate::config::Config;

/// Both directions of one call, 16 bit at 8 kHz each, take this much an hour.
const BYTES_AN_HOUR: u64 = 2 * 2 * 8000 * 3600;
/// Less than this, and a busy day fills the disk.
const FEW_HOURS: u64 = 200;
/// Less than this, and the log of calls cannot be written soon.
const ALMOST_FULL: u64 = 256 * 1024 * 1024;

pub(super) fn check(config: &Config) -> Vec<Finding> {
    let recording = &config.recording;
    // Under the reserve no call is taken that must be recorded.
    let reserve = recording.reserve.as_u64().max(ALMOST_FULL);
    let mut folders = vec![("recording.folder", recording.folder.clone(), reserve)];
    let spool = recording.spool.clone();
    folders.extend(spool.map(|folder| ("recording.spool", folder, ALMOST_FULL)));
    let database = config.database.sqlite_file();
    let beside = database.as_deref().and_then(Path::parent);
    folders.extend(beside.map(|folder| ("database.url", folder.to_owned(), ALMOST_FULL)));
    let findings = folders.into_iter().map(|(what, folder, least)| {
        let what = format!("disk of {what}");
        match rustix::fs::statvfs(&folder) {
            Ok(disk) => room(what, disk.f_bavail.saturating_mul(disk.f_frsize), least),
            Err(error) => Finding::fail(
                what,
                format!("{}: {error}", folder.display()),
                "make the folder, or correct the path",
            ),
        }
    });
    findings.collect()
}

fn room(what: String, free_bytes: u64, least: u64) -> Finding {
    let hours = free_bytes / BYTES_AN_HOUR;
    let gib = free_bytes / (1024 * 1024 * 1024);
    let found = format!("{gib} GiB free: {hours} hours of recordings");
    let cure = "move recordings away or give the disk more room";
    if free_bytes < least {
        Finding::fail(what, found, cure)
    } else if hours < FEW_HOURS {
        Finding::warn(what, found, cure)
    } else {
        Finding::ok(what, found)
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    #[test]
    fn a_disk_is_doubted_before_it_is_full() {
        let level = |bytes| room(String::new(), bytes, ALMOST_FULL).level;
        assert_eq!(level(500 * BYTES_AN_HOUR), Level::Ok);
        assert_eq!(level(FEW_HOURS * BYTES_AN_HOUR - 1), Level::Warn);
        assert_eq!(level(ALMOST_FULL - 1), Level::Fail);
    }
}
