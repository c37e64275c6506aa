//! Nothing that was acknowledged is lost, nothing is stored twice.

use thirdring::call::Entry;
use thirdring::call::event::Outcome;
use thirdring::store::CallFilter;

use crate::fixture::{Database, Story};

fn stories() -> Vec<Story> {
    let stories = (0..12).map(|n| {
        let story = Story::new(n).arrived().purpose("consultation").ringing();
        let story = story.answered(u64::from(n) * 1_500);
        story
            .ended(60_000, Outcome::Answered)
            .sealed(60_500, Vec::new())
    });
    stories.collect()
}

/// The calls' events as they happen at once: first each call's first, then each one's second.
fn interleaved(stories: &[Story]) -> Vec<Entry> {
    let longest = stories
        .iter()
        .map(|story| story.entries.len())
        .max()
        .unwrap();
    let turns = (0..longest).flat_map(|n| stories.iter().filter_map(move |s| s.entries.get(n)));
    turns.cloned().collect()
}

async fn assert_whole(database: &Database, stories: &[Story]) {
    let store = database.store().await;
    let calls = store.calls(&CallFilter::default()).await.unwrap();
    let stored: Vec<_> = calls.into_iter().rev().map(|call| call.record).collect();
    let told: Vec<_> = stories.iter().map(Story::record).collect();
    assert_eq!(stored, told);
    assert!(store.rebuild().await.unwrap().differences.is_empty());
}

pub(crate) async fn reopened(database: Database) {
    let stories = stories();
    for batch in interleaved(&stories).chunks(7) {
        // A process that dies between two batches leaves its store without closing it.
        let store = database.store().await;
        store.record(batch).await.unwrap();
        for entry in batch {
            let detail = store.call(entry.event.call).await.unwrap();
            assert!(detail.events.contains(&entry.event));
        }
    }
    assert_whole(&database, &stories).await;
}

pub(crate) async fn twice(database: Database) {
    let stories = stories();
    let store = database.store().await;
    let entries = interleaved(&stories);
    for batch in entries.chunks(9) {
        store.record(batch).await.unwrap();
        store.record(batch).await.unwrap();
    }
    store.record(&entries).await.unwrap();
    database.store().await.record(&entries).await.unwrap();
    let detail = store.call(stories[3].call).await.unwrap();
    assert_eq!(detail.events.len(), stories[3].entries.len());
    assert_whole(&database, &stories).await;
}

pub(crate) async fn split(database: Database) {
    let stories = stories();
    let store = database.store().await;
    let entries = interleaved(&stories);
    let mut rest = entries.as_slice();
    for size in [1, 2, 3, 5, 8, 13, 21].into_iter().cycle() {
        let (batch, after) = rest.split_at(size.min(rest.len()));
        store.record(batch).await.unwrap();
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    assert_whole(&database, &stories).await;
}
