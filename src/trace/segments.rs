//! The files that messages are kept in: named by the time they begin at, together no larger than
//! they may be, the oldest deleted first.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::passage::Passage;
use super::pcap;
use crate::rules::Timestamp;

/// A segment is closed at this size, or at a part of what may be kept.
const SEGMENT: u64 = 16_000_000;
/// What may be kept is in at least so many segments, so that the oldest part alone goes.
const PARTS: u64 = 8;
/// Only who runs the service reads what people said to each other's phones.
const OWNER_ONLY: u32 = 0o600;
/// How a segment is named, in UTC.
const NAME: &str = "%Y%m%dT%H%M%S%.6fZ.pcap";

/// A segment on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) path: PathBuf,
    /// When it begins.
    pub(super) since: Timestamp,
    size: u64,
}

/// The segments of a folder, oldest first; other files are nobody's business here.
pub(super) fn list(folder: &Path) -> io::Result<Vec<Segment>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(since) = name.to_str().and_then(named) else {
            continue;
        };
        let size = match entry.metadata() {
            Ok(metadata) if metadata.is_file() => metadata.len(),
            Ok(_) => continue,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let path = entry.path();
        found.push(Segment { path, since, size });
    }
    found.sort_by_key(|segment| segment.since);
    Ok(found)
}

/// The time that a segment's name says; `None` if it is no segment's name.
fn named(name: &str) -> Option<Timestamp> {
    let time = jiff::civil::DateTime::strptime(NAME, name).ok()?;
    let at = time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    let at = Timestamp(at.as_microsecond());
    (name_of(at) == name).then_some(at)
}

fn name_of(at: Timestamp) -> String {
    at.to_jiff().strftime(NAME).to_string()
}

/// The folder being written.
#[derive(Debug)]
pub(super) struct Segments {
    folder: PathBuf,
    keep: u64,
    closed: VecDeque<Segment>,
    open: Option<(File, Segment)>,
}

impl Segments {
    /// Goes on in `folder`, with `keep` octets in all; what is too much already goes at once.
    pub(super) fn open(folder: &Path, keep: u64) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut segments = Self {
            folder: folder.to_owned(),
            keep,
            closed: list(folder)?.into(),
            open: None,
        };
        segments.make_room(0)?;
        Ok(segments)
    }

    /// Octets on disk.
    pub(super) fn size(&self) -> u64 {
        let open = self.open.iter().map(|(_, segment)| segment);
        open.chain(&self.closed).map(|segment| segment.size).sum()
    }

    /// Adds messages, in a new segment whenever one is full. After an error the segment is
    /// closed: it may end within a packet.
    pub(super) fn append(&mut self, passages: &[Passage]) -> io::Result<()> {
        let mut rest = passages;
        while !rest.is_empty() {
            let (these, after) = rest.split_at(self.fitting(rest));
            rest = after;
            if let Err(error) = self.write(these) {
                self.close();
                return Err(error);
            }
        }
        Ok(())
    }

    fn segment_size(&self) -> u64 {
        SEGMENT.min(self.keep / PARTS)
    }

    /// How many of the messages the open segment takes; one always fits somewhere.
    fn fitting(&self, passages: &[Passage]) -> usize {
        let open = self.open.as_ref().map_or(0, |(_, segment)| segment.size);
        let mut room = self.segment_size().saturating_sub(open);
        let fits = passages.iter().take_while(|passage| {
            let size = size_of(passage);
            let fits = size <= room;
            room = room.saturating_sub(size);
            fits
        });
        fits.count().max(1)
    }

    fn write(&mut self, passages: &[Passage]) -> io::Result<()> {
        let Some(first) = passages.first() else {
            return Ok(());
        };
        let octets = pcap::to_pcap(passages);
        let more = octets.len() as u64;
        let is_full = self.open.as_ref().is_some_and(|(_, segment)| {
            segment.size + more > self.segment_size() && segment.size > pcap::HEADER as u64
        });
        if is_full {
            self.close();
        }
        self.make_room(more)?;
        let (file, segment, octets) = if let Some((file, segment)) = &mut self.open {
            (
                file,
                segment,
                octets.get(pcap::HEADER..).unwrap_or_default(),
            )
        } else {
            let (file, segment) = self.open.insert(create(&self.folder, first.at)?);
            (file, segment, octets.as_slice())
        };
        file.write_all(octets)?;
        segment.size += octets.len() as u64;
        Ok(())
    }

    fn close(&mut self) {
        if let Some((_, mut segment)) = self.open.take() {
            // After an error the file may be longer than what we know of.
            if let Ok(metadata) = fs::metadata(&segment.path) {
                segment.size = metadata.len();
            }
            self.closed.push_back(segment);
        }
    }

    /// Deletes the oldest segments until `more` octets may come.
    fn make_room(&mut self, more: u64) -> io::Result<()> {
        while self.size() + more > self.keep {
            let Some(oldest) = self.closed.pop_front() else {
                return Ok(());
            };
            match fs::remove_file(&oldest.path) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    self.closed.push_front(oldest);
                    return Err(error);
                }
            }
            crate::metrics::trace_segment_deleted();
        }
        Ok(())
    }
}

fn size_of(passage: &Passage) -> u64 {
    (passage.octets.len() + pcap::AROUND_MESSAGE) as u64
}

/// A new segment that begins at `at`, or as soon after it as no other does.
fn create(folder: &Path, at: Timestamp) -> io::Result<(File, Segment)> {
    const TRIES: i64 = 100;
    let mut since = at;
    loop {
        let path = folder.join(name_of(since));
        let created = File::options()
            .write(true)
            .create_new(true)
            .mode(OWNER_ONLY)
            .open(&path);
        match created {
            Ok(file) => {
                let segment = Segment {
                    path,
                    since,
                    size: 0,
                };
                return Ok((file, segment));
            }
            Err(error)
                if error.kind() == io::ErrorKind::AlreadyExists && since.0 < at.0 + TRIES =>
            {
                since.0 += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::metrics::Way;

    const KEEP: u64 = 80_000;

    fn passage(second: i64, length: usize) -> Passage {
        Passage {
            at: Timestamp(1_790_000_000_000_000 + second * 1_000_000),
            way: Way::In,
            local: "192.0.2.10:5060".parse().unwrap(),
            peer: "203.0.113.1:5060".parse().unwrap(),
            octets: vec![b'x'; length],
        }
    }

    fn on_disk(folder: &Path) -> u64 {
        let segments = list(folder).unwrap();
        segments.iter().map(|segment| segment.size).sum()
    }

    fn seconds(folder: &Path) -> Vec<i64> {
        let segments = list(folder).unwrap().into_iter();
        let passages = segments.flat_map(|segment| pcap::read(&fs::read(segment.path).unwrap()));
        passages
            .map(|passage| (passage.at.0 - 1_790_000_000_000_000) / 1_000_000)
            .collect()
    }

    #[test]
    fn the_newest_messages_are_kept_and_never_more_than_may_be() {
        let folder = tempfile::tempdir().unwrap();
        let mut segments = Segments::open(folder.path(), KEEP).unwrap();
        for second in 0..400 {
            segments.append(&[passage(second, 500)]).unwrap();
            assert!(on_disk(folder.path()) <= KEEP);
            assert_eq!(on_disk(folder.path()), segments.size());
        }
        let kept = seconds(folder.path());
        assert!(kept.len() >= 100, "{} messages are kept", kept.len());
        let first = 400 - i64::try_from(kept.len()).unwrap();
        assert_eq!(kept, (first..400).collect::<Vec<_>>());
    }

    #[test]
    fn many_messages_at_once_fill_segment_after_segment() {
        let folder = tempfile::tempdir().unwrap();
        let mut segments = Segments::open(folder.path(), KEEP).unwrap();
        let batch: Vec<_> = (0..60).map(|second| passage(second, 500)).collect();
        segments.append(&batch).unwrap();
        assert_eq!(seconds(folder.path()), (0..60).collect::<Vec<_>>());
        let sizes = list(folder.path()).unwrap();
        assert!(sizes.len() >= 3);
        assert!(sizes.iter().all(|segment| segment.size <= KEEP / PARTS));
    }

    #[test]
    fn a_restart_goes_on_in_a_new_segment_and_keeps_the_bound() {
        let folder = tempfile::tempdir().unwrap();
        for second in 0..20 {
            let mut segments = Segments::open(folder.path(), KEEP).unwrap();
            segments.append(&[passage(second / 2, 500)]).unwrap();
        }
        assert_eq!(list(folder.path()).unwrap().len(), 20);
        let foreign = folder.path().join("notes.pcap");
        fs::write(&foreign, vec![0; 1000]).unwrap();

        let segments = Segments::open(folder.path(), 2000).unwrap();
        assert!(segments.size() <= 2000);
        assert!(foreign.exists());
        assert_eq!(*seconds(folder.path()).last().unwrap(), 9);
    }

    #[test]
    fn only_the_owner_reads_a_segment() {
        let folder = tempfile::tempdir().unwrap();
        let mut segments = Segments::open(folder.path(), KEEP).unwrap();
        segments.append(&[passage(0, 10)]).unwrap();
        let segment = list(folder.path()).unwrap().remove(0);
        let mode = fs::metadata(segment.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, OWNER_ONLY);
    }

    #[test]
    fn a_name_is_a_time_and_nothing_else_is_a_name() {
        let at = Timestamp(1_790_000_000_000_001);
        assert_eq!(named(&name_of(at)), Some(at));
        for name in [
            "",
            "x.pcap",
            "20261122T010203Z.pcap",
            "20261322T010203.000000Z.pcap",
        ] {
            assert_eq!(named(name), None, "{name}");
        }
    }
}
