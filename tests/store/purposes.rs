//! Purposes: versions, never overwritten, from whichever process.

use thirdring::call::event::Outcome;
use thirdring::id::EventId;
use thirdring::rules::Timestamp;
use thirdring::store::{CallFilter, PurposeChange};
use uuid::Uuid;

use crate::fixture::{Database, MORNING, Story};

fn change(n: u128, code: &str) -> PurposeChange {
    PurposeChange {
        event: EventId(Uuid::from_u128(n)),
        at: Timestamp(MORNING + 60_000_000),
        code: code.to_owned(),
        author: "li".to_owned(),
        reason: Some("the caller said so".to_owned()),
    }
}

pub(crate) async fn versions(database: Database) {
    let store = database.store().await;
    let story = Story::new(1).arrived().purpose("consultation");
    let story = story.ended(9_000, Outcome::Abandoned).store(&store).await;
    let second = store
        .set_purpose(story.call, change(1, "complaint"))
        .await
        .unwrap();
    let third = store
        .set_purpose(story.call, change(2, "repair"))
        .await
        .unwrap();
    assert_eq!((second.version, third.version), (2, 3));

    let detail = store.call(story.call).await.unwrap();
    let purposes = &detail.call.record.purposes;
    let codes: Vec<_> = purposes
        .iter()
        .map(|p| (p.version, p.code.as_str()))
        .collect();
    assert_eq!(
        codes,
        [(1, "consultation"), (2, "complaint"), (3, "repair")]
    );
    assert_eq!(purposes[1].author, "li");
    assert_eq!(purposes[1].reason.as_deref(), Some("the caller said so"));
    assert_eq!(detail.events.len(), story.entries.len() + 2);

    let filter = |code: &str| CallFilter {
        purpose: Some(code.to_owned()),
        ..CallFilter::default()
    };
    assert_eq!(store.calls(&filter("repair")).await.unwrap().len(), 1);
    assert!(store.calls(&filter("complaint")).await.unwrap().is_empty());
    assert!(store.rebuild().await.unwrap().differences.is_empty());
}

pub(crate) async fn append_only(database: Database) {
    let store = database.store().await;
    let story = Story::new(1).arrived().store(&store).await;
    for statement in [
        "update call_events set kind = 'connected'",
        "delete from call_events",
    ] {
        let error = database.execute(statement).await.unwrap_err().to_string();
        assert!(error.contains("append-only"), "{statement}: {error}");
    }
    assert_eq!(store.call(story.call).await.unwrap().events.len(), 1);
}

pub(crate) async fn from_another_process(database: Database) {
    let service = database.store().await;
    let story = Story::new(1)
        .arrived()
        .purpose("consultation")
        .store(&service)
        .await;
    let command = database.store().await;
    command
        .set_purpose(story.call, change(1, "complaint"))
        .await
        .unwrap();

    // The service goes on with what it has in memory.
    let rest = story.clone().ringing().ended(9_000, Outcome::Abandoned);
    let rest = &rest.entries[story.entries.len()..];
    service.record(rest).await.unwrap();

    let record = service.call(story.call).await.unwrap().call.record;
    assert_eq!(record.purpose().unwrap().code, "complaint");
    assert_eq!(record.outcome, Some(Outcome::Abandoned));
    let complaints = CallFilter {
        purpose: Some("complaint".to_owned()),
        ..CallFilter::default()
    };
    assert_eq!(service.calls(&complaints).await.unwrap().len(), 1);
    assert!(service.rebuild().await.unwrap().differences.is_empty());
}

pub(crate) async fn two_authors(database: Database) {
    let (one, other) = (database.store().await, database.store().await);
    let story = Story::new(1).arrived().store(&one).await;
    let mut tasks = Vec::new();
    for n in 0..10 {
        let store = if n % 2 == 0 {
            one.clone()
        } else {
            other.clone()
        };
        let call = story.call;
        tasks.push(tokio::spawn(async move {
            store
                .set_purpose(call, change(n, "repair"))
                .await
                .unwrap()
                .version
        }));
    }
    let mut versions = Vec::new();
    for task in tasks {
        versions.push(task.await.unwrap());
    }
    versions.sort_unstable();
    assert_eq!(versions, (1..=10).collect::<Vec<_>>());
    assert!(one.rebuild().await.unwrap().differences.is_empty());
}
