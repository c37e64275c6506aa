//! What to say: by line, by moment, and in a call.

use insta::assert_json_snapshot;
use serde_json::{Value, json};
use thirdring::call::event::Outcome;
use thirdring::rules::{Role, Timestamp};
use thirdring::store::{CustomerDraft, CustomerNumber, NoteDraft};

use crate::fixture::{Database, Story};
use crate::site::Office;

fn spoken(script: &Value) -> Vec<(String, String)> {
    let parts = script["parts"].as_array().unwrap().iter();
    let word = |part: &Value, key: &str| part[key].as_str().unwrap().to_owned();
    parts
        .map(|part| (word(part, "step"), word(part, "text")))
        .collect()
}

pub(crate) async fn of_a_line(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let agent = office.token("li.na").await;
    let line = "/api/v1/lines/hotline/script";
    // 16:00 in Shanghai.
    let at = "at=2026-11-21T08:00:00Z";
    let script = agent.get(&format!("{line}?{at}")).await.json();
    assert_json_snapshot!("script", script);
    let close = agent.get(&format!("{line}?moment=close&{at}")).await.json();
    assert_eq!(
        spoken(&close).last().unwrap().1,
        "再见,欢迎您到步步高来做客!"
    );
    let early = format!("{line}?at=2026-11-21T00:30:00Z");
    let early = agent.get(&early).await.json();
    assert_eq!(spoken(&early)[0].1, "早上好!");
    let inside = agent
        .get(&format!("{line}?internal=true&{at}"))
        .await
        .json();
    assert!(spoken(&inside).contains(&("identity".to_owned(), "总台".to_owned())));
    agent
        .get(&format!("{line}?moment=tomorrow"))
        .await
        .is_problem(400);
    agent
        .get("/api/v1/lines/nothing/script")
        .await
        .is_problem(404);
    // What was said before the script was changed can be read later.
    let changed = office
        .store
        .clone()
        .with_desk(crate::site::rules_with("海尔斯"));
    changed
        .keep_trees(Timestamp(1_900_000_000_000_000))
        .await
        .unwrap();
    let later = format!("{line}?at=2031-01-01T08:00:00Z");
    let later = agent.get(&later).await.json();
    assert_ne!(later["version"], script["version"]);
    assert!(later.to_string().contains("海尔斯"), "{later}");
}

pub(crate) async fn of_a_call(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office.user("wang", &[Role::Agent], Some("1002")).await;
    let agent = office.token("li.na").await;
    let customer = CustomerDraft {
        name: "王小明".to_owned(),
        form: Some("王先生".to_owned()),
        level: Some("大客户".to_owned()),
        numbers: vec![CustomerNumber {
            number: "13800005678".to_owned(),
            label: None,
        }],
        ..CustomerDraft::default()
    };
    let at = Timestamp(1);
    office
        .store
        .create_customer(&customer, "test", "test", at)
        .await
        .unwrap();
    let story = |n, ring_ms| {
        let story = Story::new(n).arrived().ringing();
        story.answered(ring_ms).ended(30_000, Outcome::Answered)
    };
    let soon = story(1, 2_000).store(&office.store).await.call;
    let late = story(2, 16_000).store(&office.store).await.call;
    let script = async |call, query: &str| {
        let path = format!("/api/v1/calls/{call}/script{query}");
        agent.get(&path).await.json()
    };
    assert_json_snapshot!("call_script", script(soon, "").await);
    // R011: the apology comes first, and only where it is owed.
    let owed = script(late, "").await;
    assert_eq!(
        (&owed["moment"], &owed["apologise"]),
        (&json!("late"), &json!(true))
    );
    assert_eq!(
        spoken(&owed)[0],
        ("apology".to_owned(), "对不起,让您久等了。".to_owned())
    );
    let hold = script(soon, "?moment=hold").await;
    assert_eq!(spoken(&hold)[0].1, "对不起,请您稍等。");
    // The kind of caller that the record names.
    let draft = NoteDraft {
        author: "li.na".to_owned(),
        text: String::new(),
        fields: serde_json::from_value(json!({ "customer_trait": "venting" })).unwrap(),
        base: None,
    };
    office.store.save_note(soon, &draft, at).await.unwrap();
    let kinds = script(soon, "").await["customer_types"].clone();
    assert_eq!(kinds.as_array().unwrap().len(), 1);
    assert_eq!(kinds[0]["name"], "发泄愤怒型");
    // Not a colleague's call.
    let other = office.token("wang").await;
    other
        .get(&format!("/api/v1/calls/{soon}/script"))
        .await
        .is_problem(404);
    // Before the answer, too.
    let ringing = Story::new(3)
        .arrived()
        .ringing()
        .store(&office.store)
        .await
        .call;
    let desk = office.supervisor().await;
    let ringing = desk
        .get(&format!("/api/v1/calls/{ringing}/script"))
        .await
        .json();
    assert_eq!(ringing["moment"], "answer");
}
