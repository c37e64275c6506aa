//! What a call's record needs before it is closed, and what becomes of it then.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use thirdring::call::event::Outcome;
use thirdring::id::{CallId, LineId};
use thirdring::rules::{FieldValues, Form, Identity, LineRules, Stage, StageLimits, Timestamp};
use thirdring::store::{DeskRules, Error, NoteDraft, Store, WrapUp};

use crate::fixture::{Database, MORNING, Story};

/// So many seconds after the first call.
const fn after(seconds: i64) -> Timestamp {
    Timestamp(MORNING + seconds * 1_000_000)
}

fn rules() -> DeskRules {
    let hotline = LineRules {
        form: Form::with_standard(Vec::new()),
        identity: Identity::Required,
        unidentified: vec!["sales".to_owned()],
        limits: StageLimits {
            wrap_up: Some(Duration::from_mins(5)),
            ..StageLimits::default()
        },
        ..LineRules::default()
    };
    DeskRules {
        lines: BTreeMap::from([(LineId::from("hotline"), hotline)]),
        has_webhooks: false,
    }
}

fn answered(n: u32, number: &str) -> Story {
    let story = Story::new(n).arrived_on("hotline", number, None);
    let story = story.ringing().answered(4_000);
    story.ended(20_000, Outcome::Answered)
}

fn fields(value: Value) -> FieldValues {
    serde_json::from_value(value).unwrap()
}

fn says(purpose: &str, filled: Value) -> WrapUp {
    WrapUp {
        purpose: purpose.to_owned(),
        disposition: "resolved".to_owned(),
        note: None,
        fields: Some(fields(filled)),
        handling: None,
        author: "1001".to_owned(),
        reason: None,
    }
}

async fn missing(store: &Store, call: CallId) -> Vec<String> {
    let missing = store.missing(call).await.unwrap().into_iter();
    missing.map(|fault| fault.to_string()).collect()
}

async fn is_rebuilt_alike(store: &Store) {
    let report = store.rebuild().await.unwrap();
    assert!(report.differences.is_empty(), "{:?}", report.differences);
}

/// The number that came is the contact; name and request have to be said.
pub(crate) async fn needed(database: Database) {
    let store = database.store().await.with_desk(rules());
    let call = answered(1, "13800005678").store(&store).await.call;
    let lacks = missing(&store, call).await;
    let expected = [
        "nobody has said why the caller rang",
        "nobody has said what came of it",
        "`name` must be filled in",
        "`request` must be filled in",
    ];
    assert_eq!(lacks, expected);
    let nothing = says("complaint", json!({}));
    let error = store.wrap_up(call, &nothing, after(60)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`name` must be filled in; `request` must be filled in"
    );
    let done = says("complaint", json!({ "name": "王小明", "request": "漏水" }));
    let done = store.wrap_up(call, &done, after(60)).await.unwrap();
    assert!(done.complete && done.closed, "{done:?}");
    assert_eq!(missing(&store, call).await, [""; 0]);
    // Nobody asks a salesman who he is.
    let sales = answered(2, "13800005679").store(&store).await.call;
    let nothing = says("sales", json!({}));
    let done = store.wrap_up(sales, &nothing, after(60)).await.unwrap();
    assert!(done.closed);
    is_rebuilt_alike(&store).await;
}

/// What the caller does not want to say is not asked, and the row says so.
pub(crate) async fn anonymous(database: Database) {
    let store = database.store().await.with_desk(rules());
    let call = answered(1, "13800005678").store(&store).await.call;
    let unreasoned = says("complaint", json!({ "anonymous": true, "request": "吵" }));
    let error = store
        .wrap_up(call, &unreasoned, after(60))
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "`anonymous_reason` must be filled in");
    let reasoned = json!({ "anonymous": true, "anonymous_reason": "怕报复", "request": "吵" });
    let back = WrapUp {
        disposition: "callback".to_owned(),
        ..says("complaint", reasoned.clone())
    };
    let error = store.wrap_up(call, &back, after(60)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "a caller who wants to stay unknown is not called back"
    );
    store
        .wrap_up(call, &says("complaint", reasoned), after(60))
        .await
        .unwrap();
    let record = store.call(call).await.unwrap().call.record;
    assert!(record.write_up.anonymous);
    is_rebuilt_alike(&store).await;
    // It can be put right, with a reason.
    let known = WrapUp {
        reason: Some("the caller rang again".to_owned()),
        ..says("complaint", json!({ "name": "陈", "request": "吵" }))
    };
    store.wrap_up(call, &known, after(90)).await.unwrap();
    let record = store.call(call).await.unwrap().call.record;
    assert!(!record.write_up.anonymous);
    is_rebuilt_alike(&store).await;
}

/// A closed record is only added to, by whoever says why; all versions stay.
pub(crate) async fn closed(database: Database) {
    let store = database.store().await.with_desk(rules());
    let call = answered(1, "13800005678").store(&store).await.call;
    let filled = json!({ "name": "王小明", "request": "漏水" });
    store
        .wrap_up(call, &says("repair.leak", filled.clone()), after(60))
        .await
        .unwrap();
    // The same once more changes nothing.
    store
        .wrap_up(call, &says("repair.leak", filled.clone()), after(61))
        .await
        .unwrap();
    let other = says("complaint", filled.clone());
    let error = store.wrap_up(call, &other, after(70)).await.unwrap_err();
    assert!(matches!(error, Error::Closed(_)), "{error:?}");
    let draft = NoteDraft {
        author: "1001".to_owned(),
        text: "三楼".to_owned(),
        fields: fields(filled),
        base: None,
    };
    let error = store.save_note(call, &draft, after(70)).await.unwrap_err();
    assert!(matches!(error, Error::Closed(_)), "{error:?}");
    let added = store.supplement_note(call, &draft, Some("补充地点"), after(80));
    assert_eq!(added.await.unwrap(), 2);
    let notes = store.notes(call).await.unwrap();
    let told: Vec<_> = notes
        .iter()
        .map(|note| (note.version, note.text.as_deref(), note.reason.as_deref()))
        .collect();
    assert_eq!(
        told,
        [(1, Some(""), None), (2, Some("三楼"), Some("补充地点"))]
    );
    let record = store.call(call).await.unwrap().call.record;
    let write_up = (
        record.write_up.closed_at,
        record.write_up.closed_by.as_deref(),
    );
    assert_eq!(write_up, (Some(after(60)), Some("1001")));
    is_rebuilt_alike(&store).await;
}

/// A record that is written up too late is flagged; one that is in time is not.
pub(crate) async fn late(database: Database) {
    let store = database.store().await.with_desk(rules());
    let filled = || json!({ "name": "王小明", "request": "漏水" });
    let soon = answered(0, "13800005678").store(&store).await.call;
    let late = answered(1, "13800005679").store(&store).await.call;
    store
        .wrap_up(soon, &says("repair", filled()), after(60))
        .await
        .unwrap();
    store
        .wrap_up(late, &says("repair", filled()), after(600))
        .await
        .unwrap();
    let record = async |call| store.call(call).await.unwrap().call.record;
    let soon = record(soon).await;
    assert_eq!(
        (soon.write_up.ms, soon.stages_exceeded()),
        (Some(40_000), vec![])
    );
    assert_eq!(record(late).await.stages_exceeded(), [Stage::WrapUp]);
    is_rebuilt_alike(&store).await;
}

/// While the call goes on nothing is closed, whatever has been said.
pub(crate) async fn running(database: Database) {
    let store = database.store().await.with_desk(rules());
    let story = Story::new(1).arrived().ringing().answered(4_000);
    let story = story.store(&store).await;
    let filled = json!({ "name": "王小明", "request": "漏水" });
    let words = says("repair", filled.clone());
    let said = store.wrap_up(story.call, &words, after(10)).await.unwrap();
    assert!(said.complete && !said.closed, "{said:?}");
    let draft = NoteDraft {
        author: "1001".to_owned(),
        text: "还在说".to_owned(),
        fields: fields(filled),
        base: None,
    };
    store
        .save_note(story.call, &draft, after(11))
        .await
        .unwrap();
    is_rebuilt_alike(&store).await;
}
