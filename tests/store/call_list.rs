//! The log of calls as a list: what it is narrowed by beyond the row, and in which order.

use serde_json::{Value, json};
use sqlx::Connection;
use thirdring::call::event::{
    Circumstances, Direction, HangupParty, Origin, Outcome, TransferKind, TransferTarget,
};
use thirdring::call::{EventKind, doing::Doing};
use thirdring::id::CallId;
use thirdring::rules::{Stage, Timestamp};
use thirdring::store::{CallFilter, CallFlag, CallOrder, NoteDraft, StoredCall};

use crate::fixture::{Database, MORNING, Story};

fn ids(calls: &[StoredCall]) -> Vec<CallId> {
    calls.iter().map(|call| call.record.id).collect()
}

fn draft(text: &str, fields: Value) -> NoteDraft {
    NoteDraft {
        author: "1001".to_owned(),
        text: text.to_owned(),
        fields: serde_json::from_value(fields).unwrap(),
        base: None,
    }
}

/// A call whose caller withholds the number that came all the same.
fn withheld(n: u32) -> Story {
    let mut story = Story::new(n);
    let party = story.party(1, "13800005678", None);
    story = story.then(
        0,
        EventKind::Arrived {
            direction: Direction::In,
            origin: Origin::External,
            caller: Some(party.id),
            dialled: "4001234567".to_owned(),
            line: Some("hotline".into()),
            trunk: None,
            sip_call_id: "x".to_owned(),
            callee: None,
            consult_of: None,
            circumstances: Circumstances {
                withheld: true,
                ..Circumstances::default()
            },
        },
    );
    story.entries.last_mut().unwrap().parties.push(party);
    story
}

#[expect(clippy::too_many_lines, reason = "one case a filter")]
pub(crate) async fn each(database: Database) {
    let store = database.store().await;
    let transferred = EventKind::TransferRequested {
        transfer: 1,
        kind: TransferKind::Blind,
        by: "1001".into(),
        target: TransferTarget::Agent("1002".into()),
        consult: None,
    };
    let long = EventKind::Doing(Doing::StageIsLong {
        stage: Stage::Talk,
        limit_ms: 1_000,
    });
    let passed = Story::new(0).arrived().purpose("complaint.price");
    let passed = passed.ringing().answered(2_000).then(5_000, transferred);
    let passed = passed.hung_up(9_000, HangupParty::Caller);
    let passed = passed
        .ended(9_000, Outcome::Answered)
        .store(&store)
        .await
        .call;
    let rude = Story::new(10).arrived_on("hotline", "01062345678", None);
    let rude = rude
        .purpose("repair")
        .ringing()
        .answered_by("1003", 17_000)
        .then(18_000, long);
    let rude = rude.hung_up(30_000, HangupParty::Agent);
    let rude = rude
        .ended(30_000, Outcome::Answered)
        .store(&store)
        .await
        .call;
    let hidden = withheld(20).ringing().ended(4_000, Outcome::Abandoned);
    let hidden = hidden.store(&store).await.call;
    let note = |call, text: &'static str, fields| {
        let (store, draft) = (store.clone(), draft(text, fields));
        async move {
            store
                .save_note(call, &draft, Timestamp(MORNING))
                .await
                .unwrap()
        }
    };
    note(passed, "三楼漏水 50%", json!({})).await;
    note(rude, "先说漏水", json!({})).await;
    note(
        rude,
        "后来说停电",
        json!({ "anonymous": true, "request": "Lift 电梯" }),
    )
    .await;

    let none = CallFilter::default;
    let flag = |flag| CallFilter {
        flags: vec![flag],
        ..none()
    };
    let text = |text: &str| CallFilter {
        text: Some(text.to_owned()),
        ..none()
    };
    let number = |number: &str| CallFilter {
        number: Some(number.to_owned()),
        ..none()
    };
    let agent = |agent: &str| CallFilter {
        agent: Some(agent.into()),
        ..none()
    };
    let cases = [
        (
            CallFilter {
                direction: Some(Direction::In),
                ..none()
            },
            vec![hidden, rude, passed],
        ),
        (
            CallFilter {
                direction: Some(Direction::Out),
                ..none()
            },
            vec![],
        ),
        (
            CallFilter {
                category: Some(vec!["complaint".to_owned(), "complaint.price".to_owned()]),
                ..none()
            },
            vec![passed],
        ),
        (
            CallFilter {
                transferred: Some(true),
                ..none()
            },
            vec![passed],
        ),
        (
            CallFilter {
                transferred: Some(false),
                ..none()
            },
            vec![hidden, rude],
        ),
        (
            CallFilter {
                hangup_party: Some(HangupParty::Agent),
                ..none()
            },
            vec![rude],
        ),
        (flag(CallFlag::Late), vec![rude]),
        (flag(CallFlag::AgentFirst), vec![rude]),
        (flag(CallFlag::StageExceeded), vec![rude]),
        (flag(CallFlag::Withheld), vec![hidden]),
        (flag(CallFlag::Anonymous), vec![rude]),
        (flag(CallFlag::Unclosed), vec![rude, passed]),
        // Only what counts now, in text and form, and as it is written.
        (text("漏水"), vec![passed]),
        (text("lift 电"), vec![rude]),
        (text("50%"), vec![passed]),
        (text("5_%"), vec![]),
        (agent("1002"), vec![passed]),
        (agent("1003"), vec![rude]),
        // Who is withheld, or wants to stay unknown, is not found by the number.
        (number("138-0000-5678"), vec![passed]),
        (number("010 62345678"), vec![]),
    ];
    for (filter, expected) in cases {
        let calls = store.calls(&filter).await.unwrap();
        assert_eq!(ids(&calls), expected, "{filter:?}");
    }
}

pub(crate) async fn ordered(database: Database) {
    let store = database.store().await;
    let mut lengths = Vec::new();
    for n in 0..12 {
        // Some are as long as others, so that pages end between them.
        let ms = 20_000 + u64::from(n % 4) * 2_000;
        let story = Story::new(n).arrived().ringing().answered(1_000);
        let story = story.ended(ms, Outcome::Answered).store(&store).await;
        lengths.push((ms, story.call));
    }
    // Nobody talked here: it is not in the list.
    Story::new(50).arrived().ringing().store(&store).await;
    lengths.sort_unstable();
    for ascending in [true, false] {
        if !ascending {
            lengths.reverse();
        }
        let mut paged: Vec<CallId> = Vec::new();
        loop {
            let filter = CallFilter {
                order: CallOrder::Talk,
                ascending,
                limit: Some(5),
                after: paged.last().copied(),
                ..CallFilter::default()
            };
            let page = store.calls(&filter).await.unwrap();
            if page.is_empty() {
                break;
            }
            paged.extend(ids(&page));
        }
        let expected: Vec<_> = lengths.iter().map(|(_, call)| *call).collect();
        assert_eq!(paged, expected, "{ascending}");
    }
    let earliest = CallFilter {
        ascending: true,
        limit: Some(1),
        ..CallFilter::default()
    };
    let first = store.calls(&earliest).await.unwrap();
    assert_eq!(ids(&first), [Story::new(0).call]);
}

/// What a page is found by stands in an index, whatever is asked for: the rows of others are not read.
pub(crate) async fn by_index(database: Database) {
    let store = database.store().await;
    Story::new(0).arrived().ringing().store(&store).await;
    if !database.is_sqlite() {
        return;
    }
    let mut connection = sqlx::SqliteConnection::connect(&database.url)
        .await
        .unwrap();
    let plan = async |connection: &mut sqlx::SqliteConnection, condition: &str| {
        let select = format!(
            "explain query plan select id from calls where 1 = 1 and {condition}
             order by arrived_at desc, id desc limit 51"
        );
        let rows: Vec<(i64, i64, i64, String)> = sqlx::query_as(sqlx::AssertSqlSafe(select))
            .fetch_all(connection)
            .await
            .unwrap();
        let steps: Vec<_> = rows.into_iter().map(|row| row.3).collect();
        steps.join("; ")
    };
    for condition in [
        "arrived_at >= 1 and direction = 'in' and hangup_party = 'agent'",
        "agent_first and late_answer and (overrun or write_up_long)",
        "closed_at is null and answered_by is not null and not anonymous and not withheld",
    ] {
        let steps = plan(&mut connection, condition).await;
        assert!(
            steps.contains("COVERING INDEX calls_listed"),
            "{condition}: {steps}"
        );
        assert!(!steps.contains("TEMP B-TREE"), "{condition}: {steps}");
    }
    // Those that go on are few: only these are looked at, however many have ended.
    let steps = plan(&mut connection, "outcome is null").await;
    assert!(
        steps.contains("SEARCH calls USING INDEX calls_by_outcome (outcome=?)"),
        "{steps}"
    );
    // The control: what is in no index is read from the row.
    let steps = plan(&mut connection, "ringback = 'local'").await;
    assert!(!steps.contains("COVERING"), "{steps}");
}
