//! The rows are a function of the events.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use thirdring::call::event::Outcome;
use thirdring::store::{CallFilter, Difference};

use crate::fixture::{Database, Story};
use crate::random;

pub(crate) async fn equal(database: Database) {
    let seed = 20_261_121;
    let entries = random::entries(seed, 200);
    let mut rng = StdRng::seed_from_u64(seed);
    let store = database.store().await;
    let mut rest = entries.as_slice();
    while !rest.is_empty() {
        let (batch, after) = rest.split_at(rng.random_range(1..=rest.len().min(90)));
        store.record(batch).await.unwrap();
        // A repeated batch, as after a commit whose answer was lost.
        if rng.random_bool(0.2) {
            store.record(batch).await.unwrap();
        }
        rest = after;
    }
    let before = store.calls(&CallFilter::default()).await.unwrap();
    let report = store.rebuild().await.unwrap();
    assert_eq!(report.calls, 200, "seed {seed}");
    assert_eq!(report.differences, [], "seed {seed}");
    for call in &before {
        let detail = store.call(call.record.id).await.unwrap();
        let mut told = thirdring::call::record::CallRecord::from_events(&detail.events).unwrap();
        told.purposes.clone_from(&detail.call.record.purposes);
        assert_eq!(told, call.record, "seed {seed}");
    }
    assert_eq!(before.len(), 200);
}

pub(crate) async fn repairs(database: Database) {
    let store = database.store().await;
    let whole = |n| {
        let story = Story::new(n)
            .arrived()
            .purpose("repair")
            .ringing()
            .answered(1_000);
        story
            .ended(9_000, Outcome::Answered)
            .sealed(9_500, Vec::new())
    };
    let story = whole(1).store(&store).await;
    whole(2).store(&store).await;
    let before = store.call(story.call).await.unwrap();
    for damage in [
        "update calls set grade = 'late' where late_answer = false",
        "update calls set purpose = 'complaint'",
        "update attempts set agent = '1009'",
        "delete from purposes",
        "update recordings set sha256 = ''",
    ] {
        assert!(database.execute(damage).await.unwrap() > 0, "{damage}");
        let report = store.rebuild().await.unwrap();
        assert_eq!(report.differences.len(), 2, "{damage}");
        assert_eq!(report.differences[0], Difference::Different(story.call));
        assert_eq!(store.call(story.call).await.unwrap(), before, "{damage}");
        assert_eq!(store.rebuild().await.unwrap().differences, [], "{damage}");
    }

    for table in [
        "delete from recordings",
        "delete from purposes",
        "delete from attempts",
        "delete from calls",
    ] {
        database.execute(table).await.unwrap();
    }
    let report = store.rebuild().await.unwrap();
    assert_eq!(report.differences[0], Difference::Missing(story.call));
    assert_eq!(store.call(story.call).await.unwrap(), before);

    let ghost = "insert into calls (id, arrived_at, direction, origin, dialled, late_answer, \
                 agent_first, record) select call_id, 0, 'in', 'external', '', false, false, '{}' \
                 from (select id as call_id from parties limit 1) as ghosts";
    database.execute(ghost).await.unwrap();
    let report = store.rebuild().await.unwrap();
    assert!(matches!(report.differences[..], [Difference::Extra(_)]));
}
