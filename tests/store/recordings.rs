//! Recordings after their calls: verified, held, copied out, deleted.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use thirdring::archive::{Archive, Asked, Error, Keeper, KeeperSettings};
use thirdring::call::event::Outcome;
use thirdring::clock::Clock;
use thirdring::id::{CallId, LineId};
use thirdring::recording::{Particulars, RecordingFile, SealRules, sidecars};
use thirdring::rules::Timestamp;
use thirdring::store::{AuditEntry, Error as StoreError, FileFilter, FileState, Store};

use crate::fixture::{Database, MORNING, Story};
use crate::listing::Site;

const DAY: i64 = 86_400_000_000;
pub(crate) const NOW: Timestamp = Timestamp(MORNING + DAY / 2);

/// A folder of recordings, and who keeps it.
pub(crate) struct Shelf {
    pub(crate) store: Store,
    pub(crate) folder: TempDir,
}

impl Shelf {
    pub(crate) async fn new(database: &Database) -> Self {
        Self {
            store: database.store().await,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn archive(&self) -> Archive {
        Archive::new(self.store.clone(), self.folder.path().to_owned())
    }

    /// A keeper that deletes what is a day old.
    fn keeper(&self) -> Keeper {
        let settings = KeeperSettings {
            verify_per_day: 1,
            retention: vec![(LineId("hotline".to_owned()), Duration::from_hours(24))],
        };
        Keeper::new(self.archive(), settings, Clock)
    }

    /// Call `n` of the morning, recorded, as the service would leave it.
    pub(crate) async fn recorded(&self, n: u32) -> CallId {
        self.recorded_for(n, 8000).await
    }

    /// So long, in samples.
    pub(crate) async fn recorded_for(&self, n: u32, samples: usize) -> CallId {
        let story = Story::new(n).arrived();
        let path = format!("2026/11/21/{}.wav", story.call);
        let mut file = RecordingFile::create(self.folder.path(), &path).unwrap();
        file.write(&vec![[100, -100]; samples]).unwrap();
        let finished = file.finish().unwrap();
        let sealed = finished.seal(Particulars::default(), &SealRules::default());
        let story = story.ended(9_000, Outcome::Answered);
        let story = story.sealed_as(9_100, sealed.unwrap());
        story.store(&self.store).await.call
    }

    pub(crate) async fn wav(&self, call: CallId) -> PathBuf {
        let file = self.store.recording(call).await.unwrap();
        self.folder.path().join(file.path)
    }

    pub(crate) async fn state(&self, call: CallId) -> FileState {
        self.store.recording(call).await.unwrap().state
    }

    pub(crate) async fn actions(&self, call: CallId) -> Vec<String> {
        let entries = self.store.audited(Some(call), 100).await.unwrap();
        entries.into_iter().map(|entry| entry.action).collect()
    }
}

pub(crate) fn flip_a_bit(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    std::fs::write(file, bytes).unwrap();
}

const ASKED: Asked<'static> = Asked {
    by: "zhang",
    purpose: "complaint 7",
    at: NOW,
};

pub(crate) async fn verified(database: Database) {
    let shelf = Shelf::new(&database).await;
    let whole = shelf.recorded(1).await;
    let flipped = shelf.recorded(2).await;
    let missing = shelf.recorded(3).await;
    let longer = shelf.recorded(4).await;
    flip_a_bit(&shelf.wav(flipped).await);
    std::fs::remove_file(shelf.wav(missing).await).unwrap();
    let mut bytes = std::fs::read(shelf.wav(longer).await).unwrap();
    bytes.push(0);
    std::fs::write(shelf.wav(longer).await, bytes).unwrap();

    let archive = shelf.archive();
    for (call, found) in [
        (whole, FileState::Local),
        (flipped, FileState::Damaged),
        (missing, FileState::Missing),
        (longer, FileState::Damaged),
    ] {
        assert_eq!(archive.verify(call, NOW).await.unwrap(), found);
        let file = shelf.store.recording(call).await.unwrap();
        assert_eq!((file.state, file.verified_at), (found, Some(NOW)));
    }
    let faults = shelf.store.faults().await.unwrap();
    assert_eq!(faults[0], (FileState::Missing, 1));
    assert_eq!(faults[1], (FileState::Damaged, 2));

    // Put right, it is whole again.
    flip_a_bit(&shelf.wav(flipped).await);
    assert_eq!(
        archive.verify(flipped, NOW).await.unwrap(),
        FileState::Local
    );
}

pub(crate) async fn in_turn(database: Database) {
    let shelf = Shelf::new(&database).await;
    let calls = [shelf.recorded(1).await, shelf.recorded(2).await];
    let keeper = shelf.keeper();
    let looked_at = async || {
        let mut times = Vec::new();
        for call in calls {
            times.push(shelf.store.recording(call).await.unwrap().verified_at);
        }
        times
    };
    let at = |minutes: i64| Timestamp(NOW.0 + minutes * 60_000_000);
    keeper.verify_next(at(0)).await.unwrap();
    assert_eq!(looked_at().await, [Some(at(0)), None]);
    keeper.verify_next(at(1)).await.unwrap();
    keeper.verify_next(at(2)).await.unwrap();
    assert_eq!(looked_at().await, [Some(at(0)), Some(at(1))]);
    let tomorrow = Timestamp(at(0).0 + DAY + 1);
    keeper.verify_next(tomorrow).await.unwrap();
    keeper.verify_next(tomorrow).await.unwrap();
    assert_eq!(looked_at().await, [Some(tomorrow), Some(at(1))]);
}

pub(crate) async fn held(database: Database) {
    let shelf = Shelf::new(&database).await;
    let call = shelf.recorded(1).await;
    let other = shelf.recorded(2).await;
    let (store, archive) = (&shelf.store, shelf.archive());
    let hold = store.hold_recording(call, "li", "complaint 7", NOW);
    hold.await.unwrap();
    assert_eq!(store.recording(call).await.unwrap().holds, 1);

    let refused = archive.purge(call, "li", "no room", NOW).await;
    assert!(matches!(refused, Err(Error::Store(StoreError::Held(_)))));
    let entry = AuditEntry::of_recording("recording.purge", call, "li", "again", NOW);
    let refused = store.begin_deleting(call, &entry).await;
    assert!(matches!(refused, Err(StoreError::Held(_))));
    let years_later = Timestamp(NOW.0 + 4000 * DAY);
    shelf.keeper().tidy(years_later).await.unwrap();
    for statement in [
        "update recording_files set state = 'deleting' where state = 'local'",
        "update recording_files set state = 'deleted' where state = 'local'",
        "delete from recording_files",
        "delete from recording_holds",
    ] {
        database.execute(statement).await.unwrap_err();
    }
    store.rebuild().await.unwrap();

    assert_eq!(shelf.state(call).await, FileState::Local);
    let wav = shelf.wav(call).await;
    let found = archive.verify(call, NOW).await.unwrap();
    assert_eq!(found, FileState::Local, "{}", wav.display());
    assert!(sidecars(&wav).iter().all(|file| file.exists()));
    assert_eq!(shelf.actions(call).await, ["recording.hold"]);
    // The control: the same round has deleted what nobody holds.
    assert_eq!(shelf.state(other).await, FileState::Deleted);
    assert!(!shelf.wav(other).await.exists());

    let released = store.release_recording(call, None, "li", "settled", NOW);
    assert_eq!(released.await.unwrap(), 1);
    shelf.keeper().tidy(years_later).await.unwrap();
    assert_eq!(shelf.state(call).await, FileState::Deleted);
    assert!(!wav.exists());
    let late = store.hold_recording(call, "li", "too late", NOW).await;
    assert!(matches!(late, Err(StoreError::NoRecording(_))));
}

pub(crate) async fn two_holds(database: Database) {
    let shelf = Shelf::new(&database).await;
    let call = shelf.recorded(1).await;
    let store = &shelf.store;
    let first = store.hold_recording(call, "li", "complaint 7", NOW).await;
    let second = store.hold_recording(call, "wu", "complaint 9", NOW).await;
    let (first, second) = (first.unwrap(), second.unwrap());
    let release = async |hold| {
        let released = store.release_recording(call, Some(hold), "li", "settled", NOW);
        released.await.unwrap()
    };
    assert_eq!(release(first).await, 1);
    assert_eq!(release(first).await, 0);
    let refused = shelf.archive().purge(call, "li", "x", NOW).await;
    assert!(matches!(refused, Err(Error::Store(StoreError::Held(_)))));
    assert_eq!(release(second).await, 1);
    let holds = store.holds(call).await.unwrap();
    assert!(holds.iter().all(|hold| hold.released.is_some()));
    shelf.archive().purge(call, "li", "x", NOW).await.unwrap();
    let actions = shelf.actions(call).await;
    assert_eq!(actions.len(), 5, "{actions:?}");
}

pub(crate) async fn expired(database: Database) {
    let shelf = Shelf::new(&database).await;
    let call = shelf.recorded(1).await;
    let keeper = shelf.keeper();
    keeper.tidy(NOW).await.unwrap();
    assert_eq!(shelf.state(call).await, FileState::Local);
    keeper.tidy(Timestamp(NOW.0 + DAY)).await.unwrap();
    assert_eq!(shelf.state(call).await, FileState::Deleted);

    let wav = shelf.wav(call).await;
    let [peaks, manifest] = sidecars(&wav);
    assert!(!wav.exists() && !peaks.exists() && manifest.exists());
    let entries = shelf.store.audited(Some(call), 9).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].action, "recording.expire");
    assert_eq!(entries[0].actor, "thirdring");
    let detail = shelf.store.call(call).await.unwrap();
    assert!(
        detail.call.record.recording.is_some(),
        "the row says what there was"
    );
    assert!(shelf.store.rebuild().await.unwrap().differences.is_empty());
    let archive = shelf.archive();
    let export = archive.export(call, Path::new("/nowhere"), ASKED).await;
    assert!(matches!(
        export,
        Err(Error::Store(StoreError::NoRecording(_)))
    ));
}

pub(crate) async fn half_deleted(database: Database) {
    let shelf = Shelf::new(&database).await;
    let call = shelf.recorded(1).await;
    let entry = AuditEntry::of_recording("recording.purge", call, "li", "x", NOW);
    shelf.store.begin_deleting(call, &entry).await.unwrap();
    let hold = shelf.store.hold_recording(call, "li", "too late", NOW);
    assert!(matches!(hold.await, Err(StoreError::NoRecording(_))));
    assert_eq!(shelf.state(call).await, FileState::Deleting);
    shelf.keeper().tidy(NOW).await.unwrap();
    assert_eq!(shelf.state(call).await, FileState::Deleted);
    assert!(!shelf.wav(call).await.exists());
}

pub(crate) async fn exported(database: Database) {
    let shelf = Shelf::new(&database).await;
    let call = shelf.recorded(1).await;
    let archive = shelf.archive();
    let to = shelf.folder.path().join("copy.wav");
    archive.export(call, &to, ASKED).await.unwrap();
    let sealed = std::fs::read(shelf.wav(call).await).unwrap();
    assert_eq!(std::fs::read(&to).unwrap(), sealed);
    let entries = shelf.store.audited(Some(call), 9).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].actor.as_str(), entries[0].at), ("zhang", NOW));
    assert_eq!(entries[0].purpose, "complaint 7");
    assert_eq!(entries[0].action, "recording.export");

    // Where it cannot be written, the row stands all the same.
    let nowhere = shelf.folder.path().join("no/such/folder/copy.wav");
    for target in [&nowhere, &to] {
        let refused = archive.export(call, target, ASKED).await;
        assert!(matches!(refused, Err(Error::Io { .. })), "{refused:?}");
    }
    assert_eq!(shelf.actions(call).await.len(), 3);
    assert_eq!(
        std::fs::read(&to).unwrap(),
        sealed,
        "nothing is overwritten"
    );

    let aimless = Asked {
        purpose: "  ",
        ..ASKED
    };
    let refused = archive.export(call, &nowhere, aimless).await;
    assert!(matches!(refused, Err(Error::NoPurpose)));
    assert_eq!(shelf.actions(call).await.len(), 3);

    // What is damaged is not handed out as if it were evidence.
    flip_a_bit(&shelf.wav(call).await);
    let other = shelf.folder.path().join("other.wav");
    let refused = archive.export(call, &other, ASKED).await;
    assert!(matches!(refused, Err(Error::Differs(_))), "{refused:?}");
    assert!(!other.exists());
}

pub(crate) async fn unaudited(database: Database) {
    let shelf = Shelf::new(&database).await;
    let call = shelf.recorded(1).await;
    database.execute("drop table audit").await.unwrap();
    let to = shelf.folder.path().join("copy.wav");
    let refused = shelf.archive().export(call, &to, ASKED).await;
    assert!(
        matches!(refused, Err(Error::Store(StoreError::Database(_)))),
        "{refused:?}"
    );
    assert!(!to.exists(), "not a byte");
    let refused = shelf.archive().purge(call, "li", "x", NOW).await;
    assert!(refused.is_err());
    assert_eq!(shelf.state(call).await, FileState::Local);
    assert!(shelf.wav(call).await.exists());
}

pub(crate) async fn append_only(database: Database) {
    let shelf = Shelf::new(&database).await;
    let call = shelf.recorded(1).await;
    let entry = AuditEntry::of_recording("recording.listen", call, "li", "x", NOW);
    shelf.store.audit(&entry).await.unwrap();
    for statement in ["update audit set actor = 'wu'", "delete from audit"] {
        let error = database.execute(statement).await.unwrap_err().to_string();
        assert!(error.contains("append-only"), "{statement}: {error}");
    }
    assert_eq!(shelf.store.audited(None, 9).await.unwrap(), [entry]);
}

/// Whoever writes the database behind the service's back is found out: by the row that was changed,
/// and by the next one where a row was taken out.
pub(crate) async fn chained(database: Database) {
    let shelf = Shelf::new(&database).await;
    let call = shelf.recorded(1).await;
    let enter = async |purpose: &str| {
        let entry = AuditEntry::of_recording("recording.play", call, "li", purpose, NOW);
        shelf.store.audit(&entry).await.unwrap();
        entry.id
    };
    let first = enter("first").await;
    enter("second").await;
    let third = enter("third").await;
    // Several at once make one chain as well.
    let many = async |n: u32| {
        for _ in 0..5 {
            enter(&format!("{n}")).await;
        }
    };
    tokio::join!(many(1), many(2), many(3));
    let sound = shelf.store.verify_audit().await.unwrap();
    assert_eq!(
        (sound.rows, sound.unchained, sound.broken_at),
        (18, 0, None)
    );
    assert!(sound.last.is_some());

    let lift = if database.is_sqlite() {
        [
            "drop trigger audit_is_not_changed",
            "drop trigger audit_is_not_deleted",
        ]
    } else {
        ["alter table audit disable trigger user"; 2]
    };
    for statement in lift {
        database.execute(statement).await.unwrap();
    }
    let broken_at = async || shelf.store.verify_audit().await.unwrap().broken_at;
    let statement = "delete from audit where purpose = 'second'";
    assert_eq!(database.execute(statement).await.unwrap(), 1);
    assert_eq!(broken_at().await, Some(third));
    let statement = "update audit set actor = 'wu' where purpose = 'first'";
    assert_eq!(database.execute(statement).await.unwrap(), 1);
    assert_eq!(broken_at().await, Some(first));
    let verify = Site::new(&database).run(&["recordings", "audit", "--verify"]);
    assert!(!verify.status.success());
    let said = String::from_utf8_lossy(&verify.stderr).into_owned();
    assert!(said.contains(&first.to_string()), "{said}");
}

pub(crate) async fn commands(database: Database) {
    let site = Site::new(&database);
    let shelf = Shelf {
        store: database.store().await,
        folder: tempfile::tempdir_in(site.folder()).unwrap(),
    };
    let call = shelf.recorded(1).await;
    // The configuration's own folder.
    let own = site.folder().join("data/recordings");
    std::fs::create_dir_all(own.parent().unwrap()).unwrap();
    std::fs::rename(shelf.folder.path(), &own).unwrap();
    let id = call.to_string();

    let listed = site.print(&["recordings", "list", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed[0]["call"], id);
    assert_eq!(listed[0]["state"], "local");
    assert!(site.print(&["recordings", "verify"]).contains("0 at fault"));
    site.print(&[
        "recordings",
        "hold",
        &id,
        "--reason",
        "complaint",
        "--user",
        "li",
    ]);
    assert!(site.print(&["recordings", "list", "--held"]).contains(&id));

    let purge = ["recordings", "purge", &id, "--reason", "no room"];
    assert!(!site.run(&purge).status.success());
    site.print(&["recordings", "release", &id, "--reason", "settled"]);
    let copy = site.folder().join("copy.wav");
    let to = copy.display().to_string();
    let purpose = "the customer asks";
    site.print(&[
        "recordings",
        "export",
        &id,
        "--purpose",
        purpose,
        "--to",
        &to,
    ]);
    assert!(copy.exists());

    let wav = own.join(shelf.store.recording(call).await.unwrap().path);
    flip_a_bit(&wav);
    let verified = site.run(&["recordings", "verify", &id]);
    assert!(!verified.status.success());
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(said.contains("damaged"), "{said}");

    assert!(
        !site
            .run(&["recordings", "purge", &id[..8], "--reason", "x"])
            .status
            .success()
    );
    site.print(&purge);
    assert!(!wav.exists());
    let verified = site.print(&["recordings", "audit", "--verify"]);
    assert!(
        verified.contains("rows follow from one another"),
        "{verified}"
    );
    let audit = site.print(&["recordings", "audit", &id]);
    for word in [
        "recording.hold",
        "recording.release",
        "recording.export",
        purpose,
        "recording.purge",
    ] {
        assert!(audit.contains(word), "no {word} in {audit}");
    }
    let held = FileFilter {
        held: true,
        ..FileFilter::default()
    };
    assert!(shelf.store.recordings(&held).await.unwrap().is_empty());
}
