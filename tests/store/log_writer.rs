//! The task that stores in groups.

use std::time::Duration;

use sqlx::{Connection, Executor};
use thirdring::call::event::Outcome;
use thirdring::id::EventId;
use thirdring::store::{LogWriter, LogWriterConfig, Unstored};
use tokio::sync::mpsc;

use crate::fixture::{Database, Story};

fn impatient() -> LogWriterConfig {
    LogWriterConfig {
        timeout: Duration::from_millis(200),
        pause: Duration::from_millis(10),
        longest_pause: Duration::from_millis(50),
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
    let writer = LogWriter::start(store.clone(), LogWriterConfig::default(), acknowledge);
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
    let writer = LogWriter::start(store.clone(), impatient(), acknowledge);
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
    let writer = LogWriter::start(store, impatient(), acknowledge);
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
