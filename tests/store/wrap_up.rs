//! Wrapping calls up: purpose, outcome, notes and form, all or nothing; and what is still open.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use thirdring::call::event::Outcome;
use thirdring::id::LineId;
use thirdring::rules::{Code, CodeTree, Field, FieldKind, FieldValues, Form, LineRules, Timestamp};
use thirdring::store::{
    DeskRules, Error, NoteDraft, Store, TreeKind, WrapUp, WrapUpFilter, WrappedUp,
};

use crate::fixture::{Database, MORNING, Story};

/// A minute after the first call.
const LATER: Timestamp = Timestamp(MORNING + 60_000_000);

fn fields(value: Value) -> FieldValues {
    serde_json::from_value(value).unwrap()
}

/// A line whose repairs need a place.
fn rules() -> DeskRules {
    let place = Field {
        name: "place".to_owned(),
        label: "地点".to_owned(),
        label_en: None,
        kind: FieldKind::Text,
        choices: Vec::new(),
        choice_names: Vec::new(),
        required: true,
        purposes: vec!["repair".to_owned()],
    };
    let hotline = LineRules {
        form: Form {
            fields: vec![place],
        },
        ..LineRules::default()
    };
    DeskRules {
        lines: BTreeMap::from([(LineId::from("hotline"), hotline)]),
        has_webhooks: false,
    }
}

fn answered(n: u32) -> Story {
    let story = Story::new(n).arrived().purpose("consultation");
    story
        .ringing()
        .answered(4_000)
        .ended(20_000, Outcome::Answered)
}

fn wrap_up(purpose: &str, disposition: &str) -> WrapUp {
    WrapUp {
        purpose: purpose.to_owned(),
        disposition: disposition.to_owned(),
        note: None,
        fields: None,
        handling: None,
        author: "1001".to_owned(),
        reason: None,
    }
}

async fn codes(store: &Store, story: &Story) -> (Vec<String>, Vec<String>) {
    let record = store.call(story.call).await.unwrap().call.record;
    let codes = |versions: &[thirdring::call::record::CodeVersion]| {
        let versions = versions.iter();
        versions.map(|said| said.code.clone()).collect()
    };
    (codes(&record.purposes), codes(&record.dispositions))
}

pub(crate) async fn complete(database: Database) {
    let store = database.store().await.with_desk(rules());
    let story = answered(1).store(&store).await;
    let done = store.wrapped_up(story.call).await.unwrap();
    // The line supposes a purpose of every call; nobody has said it yet.
    assert!(!done.complete && done.purpose.is_some(), "{done:?}");

    let says = wrap_up("consultation", "resolved");
    let done = store.wrap_up(story.call, &says, LATER).await.unwrap();
    assert!(done.complete, "{done:?}");
    let (purposes, dispositions) = codes(&store, &story).await;
    assert_eq!(purposes, ["consultation", "consultation"]);
    assert_eq!(dispositions, ["resolved"]);

    // What stands already is no new version; what is corrected is.
    store.wrap_up(story.call, &says, LATER).await.unwrap();
    assert_eq!(codes(&store, &story).await.0.len(), 2);
    let corrected = WrapUp {
        reason: Some("the caller rang again".to_owned()),
        ..wrap_up("complaint.quality", "complaint_opened")
    };
    store.wrap_up(story.call, &corrected, LATER).await.unwrap();
    let record = store.call(story.call).await.unwrap().call.record;
    assert_eq!(record.purposes.len(), 3);
    let last = record.disposition().unwrap();
    assert_eq!((last.version, last.code.as_str()), (2, "complaint_opened"));
    assert_eq!(last.reason.as_deref(), Some("the caller rang again"));
    assert_eq!(record.dispositions[0].code, "resolved");
    assert!(store.rebuild().await.unwrap().differences.is_empty());
}

pub(crate) async fn all_or_nothing(database: Database) {
    let store = database.store().await.with_desk(rules());
    let story = answered(1).store(&store).await;
    let refused = [
        (
            wrap_up("chat", "resolved"),
            "the line has no purpose `chat`",
        ),
        (
            wrap_up("complaint", "fine"),
            "the line has no outcome `fine`",
        ),
        (wrap_up("repair", "resolved"), "`place` must be filled in"),
        (
            WrapUp {
                fields: Some(fields(json!({ "colour": "red", "place": 7 }))),
                ..wrap_up("chat", "fine")
            },
            "the line has no purpose `chat`; the line has no outcome `fine`; the form has no \
             field `colour`; `place` is a text of at most 500 characters",
        ),
    ];
    for (says, why) in refused {
        let error = store.wrap_up(story.call, &says, LATER).await.unwrap_err();
        assert!(matches!(error, Error::Unfit(_)), "{error:?}");
        assert_eq!(error.to_string(), why);
    }
    let too_long = WrapUp {
        note: Some("长".repeat(NoteDraft::LONGEST)),
        ..wrap_up("complaint", "resolved")
    };
    let error = store
        .wrap_up(story.call, &too_long, LATER)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::TooLong { .. }), "{error:?}");
    assert_eq!(codes(&store, &story).await.1, Vec::<String>::new());
    let done = store.wrapped_up(story.call).await.unwrap();
    assert_eq!((done.complete, done.note), (false, 0));

    // What was filled in before counts.
    let draft = NoteDraft {
        author: "1001".to_owned(),
        text: "lift is stuck".to_owned(),
        fields: fields(json!({ "place": "2 号楼" })),
        base: None,
    };
    store.save_note(story.call, &draft, LATER).await.unwrap();
    let says = wrap_up("repair.urgent", "callback");
    let WrappedUp { complete, note, .. } = store.wrap_up(story.call, &says, LATER).await.unwrap();
    assert_eq!((complete, note), (true, 1));
}

/// A store without the desk's rules takes any code; one with them none of a line that is gone.
pub(crate) async fn of_its_tree(database: Database) {
    let store = database.store().await;
    let story = answered(1).store(&store).await;
    let strict = store.clone().with_desk(rules());
    let set = |store: Store, code: &'static str| async move {
        store
            .set_disposition(story.call, code, "li", None, LATER)
            .await
    };
    assert_eq!(set(store, "fine").await.unwrap().version, 1);
    assert!(matches!(
        set(strict.clone(), "fine").await.unwrap_err(),
        Error::Unfit(_)
    ));
    assert_eq!(set(strict.clone(), "resolved").await.unwrap().version, 2);
    let gone = strict.with_desk(DeskRules::default());
    assert!(matches!(
        set(gone, "resolved").await.unwrap_err(),
        Error::NoLine
    ));
}

pub(crate) async fn listed(database: Database) {
    let store = database.store().await;
    for n in 1..=5 {
        answered(n).store(&store).await;
    }
    // Nobody spoke with these, or they are not over.
    let abandoned = Story::new(6).arrived().ringing();
    abandoned
        .ended(9_000, Outcome::Abandoned)
        .store(&store)
        .await;
    Story::new(7)
        .arrived()
        .ringing()
        .answered(4_000)
        .store(&store)
        .await;
    let first = Story::new(1);
    let says = wrap_up("complaint", "resolved");
    store.wrap_up(first.call, &says, LATER).await.unwrap();
    let second = Story::new(2).call;
    let said = store.set_disposition(second, "resolved", "1001", None, LATER);
    said.await.unwrap();

    let filter = WrapUpFilter {
        agent: Some("1001".into()),
        among: Vec::new(),
        from: Timestamp(MORNING),
        before: None,
        after: None,
        limit: 2,
    };
    let mut found = Vec::new();
    let mut page = filter.clone();
    loop {
        let open = store.open_wrap_ups(&page).await.unwrap();
        let Some(last) = open.last() else { break };
        page.after = Some((last.ended_at, last.call));
        found.extend(open);
    }
    let calls: Vec<_> = found.iter().map(|open| open.call).collect();
    let expected: Vec<_> = (2..=5).map(|n| Story::new(n).call).collect();
    assert_eq!(calls, expected);
    assert_eq!(
        (found[0].lacks_purpose, found[0].lacks_disposition),
        (true, false)
    );
    assert_eq!(
        (found[1].lacks_purpose, found[1].lacks_disposition),
        (true, true)
    );

    let count = async |filter: WrapUpFilter| store.open_wrap_ups(&filter).await.unwrap().len();
    let others = WrapUpFilter {
        agent: Some("1002".into()),
        ..filter.clone()
    };
    assert_eq!(count(others).await, 0);
    let everybody = WrapUpFilter {
        agent: None,
        limit: 100,
        ..filter.clone()
    };
    assert_eq!(count(everybody.clone()).await, 4);
    let long_open = WrapUpFilter {
        before: Some(found[2].ended_at),
        ..everybody
    };
    assert_eq!(count(long_open).await, 2);
}

pub(crate) async fn notes(database: Database) {
    let store = database.store().await.with_desk(rules());
    let other = database.store().await;
    // The caller hears the first ring; nobody has answered.
    let ringing = Story::new(1).arrived().ringing().store(&store).await;
    let draft = |author: &str, text: &str, base| NoteDraft {
        author: author.to_owned(),
        text: text.to_owned(),
        fields: FieldValues::new(),
        base,
    };
    let save =
        async |store: &Store, draft: &NoteDraft| store.save_note(ringing.call, draft, LATER).await;
    assert_eq!(
        save(&store, &draft("1001", "王先生", Some(0)))
            .await
            .unwrap(),
        1
    );
    // Autosaved again, unchanged.
    assert_eq!(
        save(&store, &draft("1001", "王先生", Some(1)))
            .await
            .unwrap(),
        1
    );
    // By another process, which the service does not hear of.
    let second = draft("1002", "王先生,\0 3 号楼", Some(1));
    assert_eq!(save(&other, &second).await.unwrap(), 2);
    assert_eq!(
        save(&other, &second.clone()).await.unwrap_err().to_string(),
        format!(
            "the note of call {} has been changed meanwhile: its version is 2",
            ringing.call
        )
    );

    // The call goes on, and ends.
    let call = ringing.call;
    let rest = ringing
        .clone()
        .answered(4_000)
        .ended(9_000, Outcome::Answered);
    store
        .record(&rest.entries[ringing.entries.len()..])
        .await
        .unwrap();
    let notes = store.notes(call).await.unwrap();
    let texts: Vec<_> = notes
        .iter()
        .map(|note| (note.version, note.author.as_str(), note.text.as_deref()))
        .collect();
    assert_eq!(
        texts,
        [
            (1, "1001", Some("王先生")),
            (2, "1002", Some("王先生,\u{fffd} 3 号楼"))
        ]
    );
    assert_eq!(store.note(call).await.unwrap().as_ref(), notes.last());

    // The log knows that something was written, and not what.
    let events = store.call(call).await.unwrap().events;
    let saved: Vec<_> = events
        .iter()
        .map(|event| serde_json::to_value(event).unwrap())
        .filter(|event| event["kind"] == "note_saved")
        .map(|event| event["data"].clone())
        .collect();
    assert_eq!(
        saved,
        [
            json!({ "version": 1, "author": "1001" }),
            json!({ "version": 2, "author": "1002" })
        ]
    );
    assert!(store.rebuild().await.unwrap().differences.is_empty());

    let long = draft("1001", &"长".repeat(7_000), None);
    assert!(matches!(
        save(&store, &long).await.unwrap_err(),
        Error::TooLong { .. }
    ));
    let wrong = NoteDraft {
        fields: fields(json!({ "colour": "red" })),
        ..draft("1001", "", None)
    };
    assert!(matches!(
        save(&store, &wrong).await.unwrap_err(),
        Error::Unfit(_)
    ));
    for statement in [
        "update notes set text = 'something else'",
        "update notes set author = 'somebody else', text = null, fields = null",
        "delete from notes",
    ] {
        let error = database.execute(statement).await.unwrap_err().to_string();
        assert!(error.contains("not written over"), "{statement}: {error}");
    }
    assert_eq!(store.notes(call).await.unwrap(), notes);
}

pub(crate) async fn trees(database: Database) {
    let store = database.store().await.with_desk(rules());
    let line = LineId::from("hotline");
    let at = |minutes: i64| Timestamp(MORNING + minutes * 60_000_000);
    store.keep_trees(at(1)).await.unwrap();
    // A restart with the same codes changes nothing.
    store.keep_trees(at(2)).await.unwrap();
    let mut changed = rules();
    let code = Code {
        code: "consultation".to_owned(),
        parent: None,
        name: "问询".to_owned(),
        name_en: None,
        retired: false,
    };
    let tree = CodeTree::new(vec![code]).unwrap();
    changed.lines.get_mut(&line).unwrap().purposes = tree.clone();
    store
        .clone()
        .with_desk(changed)
        .keep_trees(at(3))
        .await
        .unwrap();

    let tree_at = async |kind, minutes| store.tree_at(&line, kind, at(minutes)).await.unwrap();
    assert_eq!(tree_at(TreeKind::Purpose, 0).await, None);
    assert_eq!(
        tree_at(TreeKind::Purpose, 2).await,
        Some(CodeTree::purposes())
    );
    assert_eq!(tree_at(TreeKind::Purpose, 3).await, Some(tree));
    assert_eq!(
        tree_at(TreeKind::Outcome, 3).await,
        Some(CodeTree::outcomes())
    );
    let rows = database
        .execute("update code_trees set since = since")
        .await;
    assert_eq!(rows.unwrap(), 4);
}
