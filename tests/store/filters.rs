//! Lists: what is in them, and in which order.

use thirdring::call::event::Outcome;
use thirdring::rules::{Grade, Timestamp};
use thirdring::store::CallFilter;

use crate::fixture::{Database, MORNING, Story};

#[expect(clippy::too_many_lines, reason = "one case a filter")]
pub(crate) async fn each(database: Database) {
    let store = database.store().await;
    let stories = [
        Story::new(0)
            .arrived()
            .purpose("repair")
            .ringing()
            .answered(2_000),
        Story::new(10)
            .arrived()
            .purpose("complaint")
            .ringing()
            .answered(17_000),
        Story::new(20).arrived_on("front_desk", "1", None).ringing(),
    ];
    let [first, late, abandoned] = stories;
    let first = first
        .ended(9_000, Outcome::Answered)
        .store(&store)
        .await
        .call;
    let late = late
        .ended(30_000, Outcome::Answered)
        .store(&store)
        .await
        .call;
    let abandoned = abandoned
        .ended(4_000, Outcome::Abandoned)
        .store(&store)
        .await
        .call;

    let none = CallFilter::default;
    let at = |seconds: i64| Some(Timestamp(MORNING + seconds * 1_000_000));
    let cases = [
        (none(), vec![abandoned, late, first]),
        (
            CallFilter {
                from: at(10),
                ..none()
            },
            vec![abandoned, late],
        ),
        (
            CallFilter {
                to: at(10),
                ..none()
            },
            vec![first],
        ),
        (
            CallFilter {
                from: at(1),
                to: at(20),
                ..none()
            },
            vec![late],
        ),
        (
            CallFilter {
                line: Some("front_desk".into()),
                ..none()
            },
            vec![abandoned],
        ),
        (
            CallFilter {
                outcome: Some(Outcome::Answered),
                ..none()
            },
            vec![late, first],
        ),
        (
            CallFilter {
                grade: Some(Grade::Late),
                ..none()
            },
            vec![late],
        ),
        (
            CallFilter {
                grade: Some(Grade::AbandonedInTime),
                ..none()
            },
            vec![abandoned],
        ),
        (
            CallFilter {
                purpose: Some("repair".to_owned()),
                ..none()
            },
            vec![first],
        ),
        (
            CallFilter {
                limit: Some(2),
                ..none()
            },
            vec![abandoned, late],
        ),
        (
            CallFilter {
                outcome: Some(Outcome::Failed),
                ..none()
            },
            vec![],
        ),
        (
            CallFilter {
                line: Some("hotline".into()),
                outcome: Some(Outcome::Answered),
                grade: Some(Grade::OnTarget),
                ..none()
            },
            vec![first],
        ),
    ];
    for (filter, expected) in cases {
        let calls = store.calls(&filter).await.unwrap();
        let ids: Vec<_> = calls.iter().map(|call| call.record.id).collect();
        assert_eq!(ids, expected, "{filter:?}");
    }
}

pub(crate) async fn pages(database: Database) {
    let store = database.store().await;
    for n in 0..25 {
        // Three calls a second, so that pages end between calls of one moment.
        let mut story = Story::new(n).arrived();
        story.entries[0].event.at = Timestamp(MORNING + i64::from(n / 3) * 1_000_000);
        story.store(&store).await;
    }
    let whole = store.calls(&CallFilter::default()).await.unwrap();
    let mut paged = Vec::new();
    loop {
        let filter = CallFilter {
            limit: Some(4),
            after: paged
                .last()
                .map(|call: &thirdring::store::StoredCall| call.record.id),
            ..CallFilter::default()
        };
        let page = store.calls(&filter).await.unwrap();
        if page.is_empty() {
            break;
        }
        paged.extend(page);
    }
    assert_eq!(whole.len(), 25);
    assert_eq!(paged, whole);
}

pub(crate) async fn prefix(database: Database) {
    let store = database.store().await;
    let one = Story::new(1).arrived().store(&store).await.call;
    let other = Story::new(2).arrived().store(&store).await.call;
    let digits = one.0.simple().to_string();
    let found = async |digits: &str| store.calls_by_prefix(digits, 5).await.unwrap();
    assert_eq!(found(&digits).await, [one]);
    assert_eq!(found(&digits[..12]).await, [one]);
    assert_eq!(found(&digits[..4]).await, [one, other]);
    assert!(found("ffff").await.is_empty());
    assert!(found("not hexadecimal").await.is_empty());
    assert_eq!(store.calls_by_prefix("", 1).await.unwrap(), [one]);
}
