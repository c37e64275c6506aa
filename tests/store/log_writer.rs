//! The task that stores in groups.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use sqlx::{Connection, Executor};
use thirdring::call::event::Outcome;
use thirdring::call::record::CallRecord;
use thirdring::call::{CallEvent, Entry};
use thirdring::id::{CallId, EventId};
use thirdring::store::{Backlog, CallFilter, JournalFolder, LogWriter, LogWriterConfig, Unstored};
use tokio::sync::mpsc;

use crate::fixture::{Database, Story};

/// How long anything may take that takes milliseconds on an idle machine.
const PATIENCE: Duration = Duration::from_secs(30);

fn impatient() -> LogWriterConfig {
    LogWriterConfig {
        timeout: Duration::from_millis(200),
        pause: Duration::from_millis(10),
        longest_pause: Duration::from_millis(50),
        ..LogWriterConfig::default()
    }
}

/// As it is, but for what the local disk is asked for.
fn hasty() -> LogWriterConfig {
    LogWriterConfig {
        patience: Duration::from_millis(100),
        ..LogWriterConfig::default()
    }
}

fn stories() -> Vec<Story> {
    let stories = (0..300).map(|n| {
        let story = Story::new(n).arrived().ringing();
        story.ended(4_000, Outcome::Abandoned)
    });
    stories.collect()
}

async fn receive(stored: &mut mpsc::Receiver<Vec<EventId>>, count: usize) -> Vec<EventId> {
    let mut ids = Vec::new();
    while ids.len() < count {
        ids.extend(stored.recv().await.unwrap());
    }
    ids
}

pub(crate) async fn in_order(database: Database) {
    let store = database.store().await;
    let (acknowledge, mut stored) = mpsc::channel(4);
    let writer = LogWriter::start(store.clone(), None, LogWriterConfig::default(), acknowledge);
    let stories = stories();
    let mut sent = Vec::new();
    for entry in stories.iter().flat_map(|story| &story.entries) {
        sent.push(entry.event.id);
        writer.entries().try_send(entry.clone()).unwrap();
    }
    assert_eq!(receive(&mut stored, sent.len()).await, sent);
    for story in &stories {
        assert_eq!(
            store.call(story.call).await.unwrap().call.record,
            story.record()
        );
    }
    writer.finish(Duration::from_secs(5)).await.unwrap();
    assert!(stored.recv().await.is_none());
}

pub(crate) async fn database_away(database: Database) {
    let store = database.store().await;
    let (acknowledge, mut stored) = mpsc::channel(4);
    let writer = LogWriter::start(store.clone(), None, impatient(), acknowledge);
    let mut up = writer.database_up();
    let lock = Lock::take(&database).await;
    let stories = stories();
    let mut sent = Vec::new();
    for entry in stories.iter().flat_map(|story| &story.entries) {
        sent.push(entry.event.id);
        writer.entries().send(entry.clone()).await.unwrap();
    }
    up.wait_for(|up| !up).await.unwrap();
    assert_eq!(writer.waiting(), sent.len());
    assert!(stored.try_recv().is_err());

    lock.release().await;
    assert_eq!(receive(&mut stored, sent.len()).await, sent);
    up.wait_for(|up| *up).await.unwrap();
    writer.finish(Duration::from_secs(5)).await.unwrap();
    for story in &stories {
        assert_eq!(
            store.call(story.call).await.unwrap().call.record,
            story.record()
        );
    }
    assert_eq!(store.rebuild().await.unwrap().differences, []);
}

pub(crate) async fn unstored(database: Database) {
    let store = database.store().await;
    let (acknowledge, _stored) = mpsc::channel(4);
    let writer = LogWriter::start(store, None, impatient(), acknowledge);
    let lock = Lock::take(&database).await;
    let entries = Story::new(1).arrived().ringing().entries;
    for entry in entries {
        writer.entries().send(entry).await.unwrap();
    }
    let refused = writer.entries();
    let unfinished = writer.finish(Duration::from_millis(500)).await;
    assert_eq!(unfinished, Err(Unstored(2)));
    let late = Story::new(2).arrived().entries.remove(0);
    assert!(refused.try_send(late).is_err());
    lock.release().await;
}

/// More than one segment of the journal, and an order in which calls are mixed.
fn many() -> Vec<Entry> {
    let stories: Vec<_> = (0..400)
        .map(|n| {
            let story = Story::new(n).arrived().ringing().answered(3_000);
            story.ended(60_000, Outcome::Answered)
        })
        .collect();
    let longest = stories.iter().map(|story| story.entries.len()).max();
    let turns = (0..longest.unwrap())
        .flat_map(|n| stories.iter().filter_map(move |story| story.entries.get(n)));
    turns.cloned().collect()
}

fn backlog(folder: &Path) -> Backlog {
    let folder = JournalFolder::take(folder).unwrap();
    Backlog::open(&folder, 1 << 30).unwrap()
}

fn ids(entries: &[Entry]) -> Vec<EventId> {
    entries.iter().map(|entry| entry.event.id).collect()
}

/// Every call's events are there once, in their order, and its rows are what they say.
async fn assert_whole(database: &Database, entries: &[Entry]) {
    let store = database.store().await;
    let mut told: BTreeMap<CallId, Vec<CallEvent>> = BTreeMap::new();
    for Entry { event, .. } in entries {
        told.entry(event.call).or_default().push(event.clone());
    }
    let rows = store.calls(&CallFilter::default()).await.unwrap();
    assert_eq!(rows.len(), told.len());
    for (call, events) in told {
        let detail = store.call(call).await.unwrap();
        assert_eq!(detail.events, events);
        assert_eq!(Some(detail.call.record), CallRecord::from_events(&events));
    }
    assert_eq!(store.rebuild().await.unwrap().differences, []);
}

/// Threat: database away. What is asked for meanwhile is durable at once, and in the database, in
/// its order, when that is back.
pub(crate) async fn kept_meanwhile(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let (acknowledge, mut stored) = mpsc::channel(4);
    let store = database.store().await;
    let backlog = backlog(folder.path());
    let writer = LogWriter::start(store, Some(backlog), hasty(), acknowledge);
    let entries = many();
    let (before, meanwhile) = entries.split_at(100);
    for entry in before {
        writer.entries().send(entry.clone()).await.unwrap();
    }
    assert_eq!(receive(&mut stored, before.len()).await, ids(before));

    let lock = Lock::take(&database).await;
    for entry in meanwhile {
        writer.entries().send(entry.clone()).await.unwrap();
    }
    assert_eq!(receive(&mut stored, meanwhile.len()).await, ids(meanwhile));
    let health = writer.health();
    assert!(health.has_journal() && health.backlog() > 0);
    // A database whose tables are locked answers a question now and then, and takes nothing.
    tokio::time::timeout(PATIENCE, async {
        while health.is_database_up() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("the database is seen to be away");

    lock.release().await;
    writer.finish(PATIENCE).await.unwrap();
    assert_eq!(health.backlog(), 0);
    assert!(health.is_database_up());
    assert_eq!(segments(folder.path()), 0, "the journal is emptied");
    assert_whole(&database, &entries).await;
}

/// What the disk keeps is stored at the next start, and a part that had reached the database
/// already changes nothing.
pub(crate) async fn kept_over_a_crash(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let (acknowledge, mut stored) = mpsc::channel(4);
    let store = database.store().await;
    let writer = {
        let backlog = backlog(folder.path());
        LogWriter::start(store.clone(), Some(backlog), hasty(), acknowledge)
    };
    let lock = Lock::take(&database).await;
    let entries = many();
    for entry in &entries {
        writer.entries().send(entry.clone()).await.unwrap();
    }
    assert_eq!(receive(&mut stored, entries.len()).await, ids(&entries));
    // The database does not come back before the end.
    writer.finish(Duration::from_secs(2)).await.unwrap();
    lock.release().await;

    // Whoever crashes while he drains has stored some of it.
    store.record(&entries[..700]).await.unwrap();
    let mut backlog = until_free(folder.path()).await;
    assert_eq!(backlog.waiting(), entries.len());
    let store = database.store().await;
    let caught_up = store.catch_up(&mut backlog, 512).await.unwrap();
    assert_eq!((caught_up, backlog.waiting()), (entries.len(), 0));
    assert_whole(&database, &entries).await;
}

/// A journal that is full is as none: entries wait in memory, none is lost, and their order stays.
pub(crate) async fn full(database: Database) {
    let folder = tempfile::tempdir().unwrap();
    let (acknowledge, mut stored) = mpsc::channel(4);
    let store = database.store().await;
    let journal = JournalFolder::take(folder.path()).unwrap();
    let backlog = Backlog::open(&journal, 100_000).unwrap();
    let writer = LogWriter::start(store, Some(backlog), hasty(), acknowledge);
    let lock = Lock::take(&database).await;
    let entries = many();
    for entry in &entries {
        writer.entries().send(entry.clone()).await.unwrap();
    }
    let health = writer.health();
    let refuses = async {
        while health.has_journal() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let refused = tokio::time::timeout(PATIENCE, refuses).await;
    refused.expect("it takes all of it");
    lock.release().await;
    assert_eq!(receive(&mut stored, entries.len()).await, ids(&entries));
    writer.finish(PATIENCE).await.unwrap();
    assert_whole(&database, &entries).await;
}

/// The tasks that had the folder may live a little longer than the writer.
async fn until_free(folder: &Path) -> Backlog {
    let taking = async {
        loop {
            if let Ok(folder) = JournalFolder::take(folder) {
                return Backlog::open(&folder, 1 << 30).unwrap();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let taken = tokio::time::timeout(PATIENCE, taking).await;
    taken.expect("the folder is free")
}

fn segments(folder: &Path) -> usize {
    let files = std::fs::read_dir(folder).unwrap();
    let names = files.map(|file| file.unwrap().file_name());
    names
        .filter(|name| name.to_string_lossy().starts_with("entries-"))
        .count()
}

/// Somebody else who holds the database for himself.
enum Lock {
    Sqlite(sqlx::SqliteConnection),
    Postgres(sqlx::PgConnection),
}

impl Lock {
    async fn take(database: &Database) -> Self {
        if database.is_sqlite() {
            let mut connection = sqlx::SqliteConnection::connect(&database.url)
                .await
                .unwrap();
            connection.execute("begin immediate").await.unwrap();
            Self::Sqlite(connection)
        } else {
            let mut connection = sqlx::PgConnection::connect(&database.url).await.unwrap();
            connection.execute("begin").await.unwrap();
            connection.execute("lock table call_events").await.unwrap();
            Self::Postgres(connection)
        }
    }

    async fn release(self) {
        match self {
            Self::Sqlite(mut connection) => drop(connection.execute("rollback").await.unwrap()),
            Self::Postgres(mut connection) => drop(connection.execute("rollback").await.unwrap()),
        }
    }
}
