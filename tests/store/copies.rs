//! Copies of recordings in an object store: made, proved, tried again, and what goes then.

use std::time::Duration;

use thirdring::archive::{Archive, Asked, Copies, CopySettings, Error};
use thirdring::id::CallId;
use thirdring::recording::sidecars;
use thirdring::rules::Timestamp;
use thirdring::store::FileState;

use crate::fixture::Database;
use crate::object_server::{Fault, ObjectServer};
use crate::recordings::{NOW, Shelf, flip_a_bit};

const HOUR: Duration = Duration::from_hours(1);

fn s3(server: &ObjectServer) -> CopySettings {
    CopySettings {
        url: "s3://recordings/hotline".to_owned(),
        endpoint: Some(server.endpoint()),
        region: Some("us-east-1".to_owned()),
        credentials: Some(("key".to_owned(), "secret".to_owned())),
        keep_local: Some(Duration::from_hours(24)),
    }
}

fn copying(shelf: &Shelf, settings: &CopySettings) -> Archive {
    let copies = Copies::open(settings).unwrap();
    shelf.archive().with_copies(Some(copies))
}

async fn is_copied(shelf: &Shelf, call: CallId) -> bool {
    let file = shelf.store.recording(call).await.unwrap();
    file.copied_at.is_some()
}

/// WAV, peaks and manifest of a recording, as they are on our disk.
async fn files(shelf: &Shelf, call: CallId) -> Vec<Vec<u8>> {
    let wav = shelf.wav(call).await;
    let [peaks, manifest] = sidecars(&wav);
    [wav, peaks, manifest]
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

pub(crate) async fn to_a_folder(database: Database) {
    let shelf = Shelf::new(&database).await;
    let call = shelf.recorded(1).await;
    let other = tempfile::tempdir().unwrap();
    let settings = CopySettings {
        url: format!("file://{}/copies", other.path().display()),
        ..CopySettings::default()
    };
    let archive = copying(&shelf, &settings);
    assert_eq!(archive.copy_due(NOW).await.unwrap(), 1);
    assert!(is_copied(&shelf, call).await);
    let path = shelf.store.recording(call).await.unwrap().path;
    let copy = other.path().join("copies").join(path);
    let [peaks, manifest] = sidecars(&copy);
    let copied = [copy, peaks, manifest].map(|path| std::fs::read(path).unwrap());
    assert_eq!(files(&shelf, call).await, copied);
    assert_eq!(archive.copy_due(NOW).await.unwrap(), 0, "once is enough");
}

pub(crate) async fn to_s3(database: Database) {
    let shelf = Shelf::new(&database).await;
    let server = ObjectServer::start().await;
    let small = shelf.recorded(1).await;
    // More than one part of a multipart upload.
    let large = shelf.recorded_for(2, 9 * 1024 * 1024 / 4).await;
    let archive = copying(&shelf, &s3(&server));
    let backlog = shelf.store.copy_backlog().await.unwrap();
    assert_eq!(backlog.count, 2);
    assert!(backlog.bytes > 9 * 1024 * 1024);
    assert_eq!(archive.copy_due(NOW).await.unwrap(), 2);
    assert_eq!(server.multipart(), 1);
    let objects = server.objects();
    assert_eq!(objects.len(), 6);
    for call in [small, large] {
        assert!(is_copied(&shelf, call).await);
        for (file, end) in files(&shelf, call)
            .await
            .iter()
            .zip(["wav", "peaks", "json"])
        {
            let key = format!("/recordings/hotline/2026/11/21/{call}.{end}");
            assert!(objects[&key] == *file, "{key}");
        }
    }
    assert_eq!(shelf.store.copy_backlog().await.unwrap().count, 0);
}

pub(crate) async fn faults(database: Database) {
    let shelf = Shelf::new(&database).await;
    let server = ObjectServer::start().await;
    let call = shelf.recorded(1).await;
    let sealed = files(&shelf, call).await;
    let faults = [
        Fault::Broken,
        Fault::Away,
        Fault::Truncates,
        Fault::Corrupts,
        Fault::Forgets,
    ];
    let mut now = NOW;
    for (tries, fault) in (1..).zip(faults) {
        server.goes_wrong(fault);
        // As after a restart: what is due stands in the database.
        let archive = copying(&shelf, &s3(&server));
        assert_eq!(archive.copy_due(now).await.unwrap(), 1, "{fault:?}");
        let file = shelf.store.recording(call).await.unwrap();
        assert_eq!(
            (file.copied_at, file.copy_tries),
            (None, tries),
            "{fault:?}"
        );
        assert!(file.copy_error.is_some());
        // It waits for its next turn, and that comes.
        assert_eq!(archive.copy_due(now).await.unwrap(), 0);
        archive.leave_due(now.plus(HOUR * 24 * 365)).await.unwrap();
        assert_eq!(files(&shelf, call).await, sealed, "nothing local goes");
        assert_eq!(shelf.store.copy_backlog().await.unwrap().count, 1);
        now = now.plus(HOUR * 2);
        server.tamper(std::collections::BTreeMap::clear);
    }
    server.goes_wrong(Fault::None);
    let archive = copying(&shelf, &s3(&server));
    assert_eq!(archive.copy_due(now).await.unwrap(), 1);
    assert!(is_copied(&shelf, call).await);
    let file = shelf.store.recording(call).await.unwrap();
    assert_eq!(file.copy_error, None);
}

pub(crate) async fn rotten(database: Database) {
    let shelf = Shelf::new(&database).await;
    let server = ObjectServer::start().await;
    let call = shelf.recorded(1).await;
    let archive = copying(&shelf, &s3(&server));
    archive.copy_due(NOW).await.unwrap();
    let wav = shelf.wav(call).await;

    // The copy has rotted since: the local file stays, and is copied again.
    server.tamper(|objects| {
        let copy = objects.iter_mut().find(|(key, _)| key.contains(".wav"));
        let (_, bytes) = copy.expect("a copy");
        bytes[1000] ^= 1;
    });
    let later = NOW.plus(HOUR * 48);
    archive.leave_due(later).await.unwrap();
    assert_eq!(shelf.state(call).await, FileState::Local);
    assert!(wav.exists());
    assert!(!is_copied(&shelf, call).await);
    let puts = server.puts();
    archive.copy_due(later.plus(HOUR)).await.unwrap();
    assert!(server.puts() > puts);
    // The control: a whole copy, and the local file goes.
    archive.leave_due(later.plus(HOUR)).await.unwrap();
    assert_eq!(shelf.state(call).await, FileState::Remote);
    assert!(!wav.exists());
}

pub(crate) async fn left_to_the_copy(database: Database) {
    let shelf = Shelf::new(&database).await;
    let server = ObjectServer::start().await;
    let call = shelf.recorded(1).await;
    let held = shelf.recorded(2).await;
    let sealed = files(&shelf, call).await;
    let hold = shelf.store.hold_recording(held, "li", "complaint 7", NOW);
    hold.await.unwrap();
    let archive = copying(&shelf, &s3(&server));
    archive.copy_due(NOW).await.unwrap();
    archive.leave_due(NOW).await.unwrap();
    assert_eq!(shelf.state(call).await, FileState::Local, "it is not old");
    let later = NOW.plus(HOUR * 48);
    archive.leave_due(later).await.unwrap();
    assert_eq!(shelf.state(call).await, FileState::Remote);
    assert!(!shelf.wav(call).await.exists());
    assert_eq!(shelf.actions(call).await, ["recording.leave"]);
    // What is held stays where it is, as well.
    assert_eq!(shelf.state(held).await, FileState::Local);
    assert!(shelf.wav(held).await.exists());

    // It is handed out from the copy, which is checked on the way.
    let asked = Asked {
        by: "zhang",
        purpose: "complaint 7",
        at: Timestamp(NOW.0 + 1),
    };
    let to = shelf.folder.path().join("copy.wav");
    archive.export(call, &to, asked).await.unwrap();
    assert!(std::fs::read(&to).unwrap() == sealed[0]);
    server.goes_wrong(Fault::Truncates);
    let other = shelf.folder.path().join("other.wav");
    archive.export(call, &other, asked).await.unwrap_err();
    assert!(!other.exists());
    server.goes_wrong(Fault::None);

    // Without knowing where the copies are nothing is handed out, and nothing counts as deleted.
    let blind = shelf.archive();
    let refused = blind.export(call, &other, asked).await;
    assert!(matches!(refused, Err(Error::NoCopies)));
    let refused = blind.purge(call, "li", "asked to", later).await;
    assert!(matches!(refused, Err(Error::NoCopies)));
    assert_eq!(shelf.state(call).await, FileState::Remote);
    archive.purge(call, "li", "asked to", later).await.unwrap();
    assert_eq!(shelf.state(call).await, FileState::Deleted);
    let refused = archive.purge(held, "li", "asked to", later).await;
    refused.unwrap_err();
    let left: Vec<_> = server.objects().into_keys().collect();
    assert_eq!(
        left.len(),
        4,
        "the manifest, and all of what is held: {left:?}"
    );
}

pub(crate) async fn damaged(database: Database) {
    let shelf = Shelf::new(&database).await;
    let server = ObjectServer::start().await;
    let call = shelf.recorded(1).await;
    flip_a_bit(&shelf.wav(call).await);
    let archive = copying(&shelf, &s3(&server));
    archive.copy_due(NOW).await.unwrap();
    assert!(
        !is_copied(&shelf, call).await,
        "that is not what was sealed"
    );
}
