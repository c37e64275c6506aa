use std::fs;

use proptest::prelude::*;
use uuid::Uuid;

use super::record::Records;
use super::*;
use crate::recording::wav::{FRAME_BYTES, HEADER_BYTES};

const SETTINGS: JournalSettings = JournalSettings {
    commit_interval: Duration::from_millis(400),
    segment_bytes: 20_000,
    segment_age: Duration::from_secs(30),
    settle_bytes: 100_000,
    settle_age: Duration::from_mins(2),
};

fn call(n: u8) -> CallId {
    CallId(Uuid::from_u128(
        0x0192_0000_0000_7000_8000_0000_0000_0000 + u128::from(n),
    ))
}

fn path(n: u8) -> Arc<str> {
    format!("2026/11/22/{}.wav", call(n)).into()
}

/// Audio that says whose it is and where it belongs.
fn audio(n: u8, offset: u64, count: usize) -> Vec<Stereo> {
    let sample = |at: u64| i16::try_from((at * 31 + u64::from(n) * 7) % 30_000).unwrap() + 1;
    let frames = (offset..).take(count);
    frames.map(|at| [sample(at), -sample(at)]).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test needs one arbitrary start"
)]
fn now() -> Instant {
    Instant::now()
}

/// Writes what calls have in turn, `(call, frames)` each; what each had in all, in order.
fn write(recordings: &Path, turns: &[(u8, usize)]) -> (Journal, BTreeMap<u8, u64>) {
    let mut journal = Journal::open(recordings, SETTINGS).unwrap();
    let mut lengths = BTreeMap::new();
    for (n, count) in turns {
        let length: &mut u64 = lengths.entry(*n).or_default();
        let frames = audio(*n, *length, *count);
        journal.append(call(*n), &path(*n), *length, &frames, now());
        *length += *count as u64;
        journal.write(now()).unwrap();
    }
    (journal, lengths)
}

/// The frames that a call's file has, as far as they are right.
fn recovered(recordings: &Path, n: u8) -> u64 {
    let part = part_path(recordings, &path(n)).unwrap();
    let Ok(bytes) = fs::read(part) else {
        return 0;
    };
    let body = bytes.get(usize::try_from(HEADER_BYTES).unwrap()..);
    let (frames, rest) = body.unwrap().as_chunks::<4>();
    assert!(rest.is_empty());
    let expected = audio(n, 0, frames.len());
    for (frame, [left, right]) in frames.iter().zip(expected) {
        let (samples, _) = frame.as_chunks::<2>();
        let found: Vec<_> = samples.iter().copied().map(i16::from_le_bytes).collect();
        // What a damaged segment had is a hole, which the file itself had on a real disk.
        assert!(found == [left, right] || found == [0, 0], "{found:?}");
    }
    frames.len() as u64
}

#[test]
fn what_was_written_is_put_back_by_its_place_and_twice_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let turns: Vec<_> = (0..60).map(|turn| (turn % 3, 800)).collect();
    let (journal, lengths) = write(folder.path(), &turns);
    assert!(journal.closed.len() > 3, "it has several segments");
    for _ in 0..2 {
        let replayed = replay(folder.path()).unwrap();
        assert!(replayed.broken.is_empty() && replayed.failed.is_empty());
        for (n, length) in &lengths {
            assert_eq!(recovered(folder.path(), *n), *length);
        }
    }
}

#[test]
fn what_is_sealed_is_not_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = write(folder.path(), &[(1, 100), (2, 100)]);
    journal.sealed(call(1), now());
    journal.write(now()).unwrap();
    // Its mark may be lost: its name tells as well.
    let sealed = folder.path().join(&*path(2));
    fs::create_dir_all(sealed.parent().unwrap()).unwrap();
    fs::write(&sealed, b"whole").unwrap();
    replay(folder.path()).unwrap();
    for n in [1, 2] {
        assert!(!part_path(folder.path(), &path(n)).unwrap().exists());
    }
    assert_eq!(fs::read(&sealed).unwrap(), b"whole");
}

#[test]
fn a_segment_goes_when_all_its_recordings_are_sealed_and_the_older_ones_are_gone() {
    let folder = tempfile::tempdir().unwrap();
    let turns: Vec<_> = (0..40).map(|turn| (1 + turn / 20, 800)).collect();
    let (mut journal, _) = write(folder.path(), &turns);
    journal.sealed(call(2), now());
    assert!(
        journal.take_obsolete().is_empty(),
        "the older ones are needed"
    );
    journal.sealed(call(1), now());
    let gone = journal.take_obsolete();
    assert!(gone.len() > 2, "{gone:?}");
    assert!(journal.closed.is_empty());
    journal.write(now()).unwrap();
    journal.retire();
    assert_eq!(journal.take_obsolete().len(), 1);
    assert_eq!(journal.backlog_bytes(), 0);
}

#[test]
fn a_long_call_does_not_keep_everybodys_journal() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = write(folder.path(), &[(1, 800); 40]);
    let job = journal.take_settle(now()).expect("much has piled up");
    assert_eq!(job.parts, [part_path(folder.path(), &path(1)).unwrap()]);
    assert!(journal.take_settle(now()).is_none(), "one at a time");
    assert!(journal.take_obsolete().is_empty());
    journal.settled(job.segment, false, now());
    assert!(journal.take_obsolete().is_empty(), "the files are not safe");
    let later = now() + SETTINGS.settle_age;
    let job = journal.take_settle(later).expect("it is tried again");
    journal.settled(job.segment, true, later);
    assert!(journal.take_obsolete().len() > 3);
}

#[test]
fn a_commit_flushes_what_was_written_since_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = write(folder.path(), &[(1, 800)]);
    let commit = journal.take_commit(Vec::new()).expect("something to flush");
    assert_eq!(commit.files.len(), 1);
    assert!(commit.folder.is_some(), "the file is new");
    assert!(journal.take_commit(Vec::new()).is_none());
    journal.append(call(1), &path(1), 800, &audio(1, 800, 80), now());
    journal.write(now()).unwrap();
    let commit = journal.take_commit(Vec::new()).expect("something to flush");
    assert!(commit.folder.is_none());
}

#[test]
fn a_failed_commit_is_answered_by_making_the_files_safe() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = write(folder.path(), &[(1, 800)]);
    assert!(journal.take_settle(now()).is_none());
    journal.commit_failed();
    assert!(journal.take_settle(now()).is_some());
}

#[test]
fn a_path_that_leads_elsewhere_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let recordings = folder.path().join("recordings");
    fs::create_dir(&recordings).unwrap();
    let mut journal = Journal::open(&recordings, SETTINGS).unwrap();
    journal.append(call(1), &"../x.wav".into(), 0, &audio(1, 0, 10), now());
    journal.write(now()).unwrap();
    let replayed = replay(&recordings).unwrap();
    assert!(replayed.failed.contains_key(&call(1)));
    assert!(!folder.path().join("x.wav.part").exists());
}

/// What is done to a segment.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Cut,
    Flip(u8),
    Zeros,
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        Just(Damage::Cut),
        (0_u8..8).prop_map(Damage::Flip),
        Just(Damage::Zeros),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// Threat: power cut. Wherever a segment is torn or damaged: no panic, and every record before
    /// that place, and every other segment, is put back.
    #[test]
    fn a_damaged_segment_costs_what_is_behind_the_damage_and_no_more(
        turns in prop::collection::vec((0_u8..4, 1_usize..900), 1..40),
        which in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        damage in damage(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (journal, lengths) = write(folder.path(), &turns);
        drop(journal);
        let segments = segment::list(&folder_of(folder.path())).unwrap();
        let (_, damaged) = &segments[which.index(segments.len())];
        let mut bytes = fs::read(damaged).unwrap();
        let place = place.index(bytes.len());
        match damage {
            Damage::Cut => bytes.truncate(place),
            Damage::Flip(bit) => bytes[place] ^= 1 << bit,
            Damage::Zeros => bytes[place..].fill(0),
        }
        fs::write(damaged, &bytes).unwrap();

        let mut expected: BTreeMap<u8, u64> = BTreeMap::new();
        for (_, path) in &segments {
            let bytes = fs::read(path).unwrap();
            let mut records = Records::new(&bytes);
            for record in &mut records {
                if let record::Record::Frames { call, offset, pcm } = record {
                    let n = u8::try_from(call.0.as_u128() & 0xff).unwrap();
                    let end = offset + pcm.len() as u64 / FRAME_BYTES;
                    let known = expected.entry(n).or_default();
                    *known = end.max(*known);
                }
            }
            if let Some(at) = records.broken_at() {
                prop_assert_eq!(path, damaged);
                // No record before the damage is given up with it.
                let place = place as u64;
                let longest = record::HEADER as u64 + 900 * FRAME_BYTES;
                prop_assert!(at <= place && place - at <= longest, "{} for {}", at, place);
            }
        }
        let replayed = replay(folder.path()).unwrap();
        prop_assert!(replayed.failed.is_empty());
        prop_assert!(replayed.broken.len() <= 1);
        for (n, length) in &lengths {
            let found = recovered(folder.path(), *n);
            prop_assert!(found <= *length);
            prop_assert_eq!(found, expected.get(n).copied().unwrap_or(0));
        }
    }

    /// Whatever stands there is read without a panic.
    #[test]
    fn anything_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..400), ours: bool) {
        let mut segment = if ours { record::MAGIC.to_vec() } else { Vec::new() };
        segment.extend(bytes);
        let mut records = Records::new(&segment);
        let read = records.by_ref().count();
        prop_assert!(read == 0 || records.broken_at().is_none_or(|at| at > 8));
    }
}
