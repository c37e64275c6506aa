//! A database that was away at the start, and what the log knows of recordings.

use std::collections::BTreeMap;

use thirdring::call::event::Outcome;
use thirdring::id::CallId;
use thirdring::store::{Backlog, Error, JournalFolder, Store};
use uuid::Uuid;

use crate::fixture::{Database, Story};

/// Only whoever brings it up to date may write, until that is done.
pub(crate) async fn closed(database: Database) {
    let (store, opening) = Store::connect(&database.url).await.unwrap();
    let entries = Story::new(1).arrived().entries;
    if database.is_sqlite() {
        // It is there, or the service does not start.
        assert!(store.is_open());
    } else {
        assert!(!store.is_open());
        assert!(matches!(store.ping().await, Err(Error::NotOpen)));
        opening.prepare().await.unwrap();
        let refused = store.record(&entries).await;
        assert!(matches!(refused, Err(Error::NotOpen)), "{refused:?}");
        let earlier = Story::new(0).arrived();
        opening.store().record(&earlier.entries).await.unwrap();
        opening.open();
    }
    assert!(store.is_open());
    store.ping().await.unwrap();
    store.record(&entries).await.unwrap();
    store.call(entries[0].event.call).await.unwrap();
}

/// The journal of an earlier run is emptied by itself; this run's goes on behind it, and both are
/// found after a crash.
pub(crate) async fn successor(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let story = Story::new(1).arrived().ringing();
    let story = story.ended(4_000, Outcome::Abandoned);
    let [first, second, third] = &story.entries[..] else {
        panic!("three entries");
    };
    let open = || {
        let journal = JournalFolder::take(folder.path()).unwrap();
        Backlog::open(&journal, 1 << 20).unwrap()
    };
    let mut old = open();
    old.append(std::slice::from_ref(first)).unwrap();
    drop(old);
    let mut old = open();
    let mut new = old.successor();
    new.append(&[second.clone(), third.clone()]).unwrap();
    assert_eq!((old.waiting(), new.waiting()), (1, 2));
    drop((old, new));
    assert_eq!(open().waiting(), 3);

    let mut old = open();
    let mut new = old.successor();
    let store = database.store().await;
    assert_eq!(store.catch_up(&mut old, 512).await.unwrap(), 3);
    assert_eq!(new.waiting(), 0);
    new.append(std::slice::from_ref(first)).unwrap();
    assert_eq!(store.catch_up(&mut new, 512).await.unwrap(), 1);
    let detail = store.call(story.call).await.unwrap();
    let told: Vec<_> = story.entries.iter().map(|entry| &entry.event).collect();
    assert_eq!(detail.events.iter().collect::<Vec<_>>(), told);
}

/// Calls without a row are not among those that have one and no recording.
pub(crate) async fn recorded(database: Database) {
    let store = database.store().await;
    let with = Story::new(1).arrived().sealed(9_000, Vec::new());
    let with = with.store(&store).await.call;
    let without = Story::new(2).arrived().store(&store).await.call;
    let failed = thirdring::call::EventKind::RecordingFailed {
        reason: "the disk".to_owned(),
    };
    let failed = Story::new(3).arrived().then(5_000, failed);
    let failed = failed.store(&store).await.call;
    let nobody = CallId(Uuid::from_u128(9));
    let mut asked = vec![with, without, failed, nobody];
    // More than a statement lists.
    asked.extend((1000..2500).map(|n| CallId(Uuid::from_u128(n))));
    let known = store.have_recordings(&asked).await.unwrap();
    let expected = [(with, true), (without, false), (failed, false)];
    assert_eq!(known, BTreeMap::from(expected));
}
