//! What has to be known higher up at once.

use serde_json::{Value, json};
use thirdring::rules::Role;

use crate::fixture::{Database, Story};
use crate::site::Office;

const INCIDENTS: &str = "/api/v1/incidents";

/// R120: a report has its kind, goes to those who lead at once and no lower than its kind asks for, and
/// each turn has its time, its author and its row of the audit.
pub(crate) async fn escalated(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office.user("wang", &[Role::Agent], Some("1002")).await;
    office.user("zhao", &[Role::ShiftLeader], None).await;
    office.user("boss", &[Role::Manager], None).await;
    let agent = office.token("li.na").await;
    let (leader, boss) = (office.token("zhao").await, office.token("boss").await);
    let call = Story::new(1).arrived().ringing().answered_by("1001", 3000);
    let call = call.store(&office.store).await.call;
    for unfit in [
        json!({ "kind": "weather", "text": "x" }),
        json!({ "kind": "leak", "text": "x", "to": "shift_leader" }),
        json!({ "kind": "leak", "text": "x", "to": "agent" }),
        json!({ "kind": "leak", "text": "  " }),
        json!({ "kind": "leak", "text": "x", "call": uuid::Uuid::from_u128(7) }),
    ] {
        agent.post(INCIDENTS, &unfit).await.is_problem(422);
    }
    let leak = json!({ "kind": "leak", "text": "来电自称记者,索要客户名单", "call": call });
    let foreign = office.token("wang").await;
    foreign.post(INCIDENTS, &leak).await.is_problem(422);
    let reported = agent.post(INCIDENTS, &leak).await;
    assert_eq!(reported.status.as_u16(), 201, "{}", reported.text());
    let reported = reported.json();
    assert_eq!(reported["recipient"], "manager");
    assert_eq!(reported["escalated_at"], reported["reported_at"]);
    let small = json!({ "kind": "beyond_remit", "text": "要求减免物业费" });
    let small = agent.post(INCIDENTS, &small).await.json();
    assert_eq!(small["recipient"], "shift_leader");

    // Its author sees it; another agent does not, and none of them answers it.
    let of = |incident: &Value| format!("{INCIDENTS}/{}", incident["id"].as_str().unwrap());
    assert_eq!(
        agent.get(&of(&small)).await.json()["text"],
        "要求减免物业费"
    );
    foreign.get(&of(&small)).await.is_problem(404);
    let none = foreign.get(INCIDENTS).await.json();
    assert_eq!(none["items"], json!([]));
    let acknowledge = |incident: &Value| format!("{}/acknowledge", of(incident));
    agent
        .post(&acknowledge(&small), &json!({}))
        .await
        .is_problem(403);

    let up = json!({ "to": "manager", "remark": "超出权限" });
    let passed = leader.post(&format!("{}/escalate", of(&small)), &up).await;
    assert_eq!(passed.json()["recipient"], "manager", "{}", passed.text());
    let known = boss.post(&acknowledge(&small), &json!({})).await.json();
    assert_eq!(known["acknowledged_by"], "boss");
    let steps = boss.get(&of(&small)).await.json()["steps"].clone();
    let steps = steps.as_array().unwrap().iter();
    let steps: Vec<_> = steps
        .map(|step| {
            (
                step["action"].clone(),
                step["actor"].clone(),
                step["recipient"].clone(),
            )
        })
        .collect();
    let expected = [
        (json!("escalated"), json!("li.na"), json!("shift_leader")),
        (json!("escalated"), json!("zhao"), json!("manager")),
        (json!("acknowledged"), json!("boss"), Value::Null),
    ];
    assert_eq!(steps, expected);
    let open = boss.get(&format!("{INCIDENTS}?open=true")).await.json();
    assert_eq!(open["items"].as_array().unwrap().len(), 1, "{open}");
    assert_eq!(open["items"][0]["id"], reported["id"]);
    let audit = office.store.audited(None, 100).await.unwrap();
    let turns = audit
        .iter()
        .filter(|entry| entry.action.starts_with("incident."));
    assert_eq!(turns.count(), 4);
}
