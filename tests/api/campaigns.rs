//! Customers who are asked later how it was.

use serde_json::{Value, json};
use thirdring::call::event::Outcome;
use thirdring::rules::Role;

use crate::fixture::{Database, Story};
use crate::site::Office;

const CAMPAIGNS: &str = "/api/v1/campaigns";

/// R219, R221: so many calls of each agent's are drawn by a seed, which draws the same ones again; no
/// customer is asked twice, and none who is unknown; the share of answers and the mean are told.
pub(crate) async fn asked(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    office.user("qa", &[Role::Qa], Some("1002")).await;
    let (agent, qa) = (office.token("li.na").await, office.token("qa").await);
    let supervisor = office.supervisor().await;
    for n in 0..20 {
        let who = if n % 2 == 0 { "1001" } else { "1002" };
        // The last four are one customer's.
        let number = format!("1380000{:04}", n.min(16));
        let story = Story::new(n).arrived_on("hotline", &number, None).ringing();
        let story = story.answered_by(who, 3000).ended(9_000, Outcome::Answered);
        story.store(&office.store).await;
    }
    let lost = Story::new(30)
        .arrived_on("hotline", "13900000000", None)
        .ringing();
    lost.ended(9_000, Outcome::Abandoned)
        .store(&office.store)
        .await;
    let wish = |per_agent: u32, seed: Value| {
        json!({
            "name": "十一月回访", "from": "2026-11-21T00:00:00Z", "to": "2026-11-22T00:00:00Z",
            "per_agent": per_agent, "seed": seed,
        })
    };
    agent
        .post(CAMPAIGNS, &wish(3, Value::Null))
        .await
        .is_problem(403);
    supervisor
        .post(CAMPAIGNS, &wish(0, Value::Null))
        .await
        .is_problem(422);
    let begun = supervisor.post(CAMPAIGNS, &wish(3, json!(7))).await;
    assert_eq!(begun.status.as_u16(), 201, "{}", begun.text());
    let begun = begun.json();
    let calls = |campaign: &Value| campaign["calls"].as_array().unwrap().clone();
    let ids = |campaign: &Value| -> Vec<Value> {
        calls(campaign)
            .iter()
            .map(|call| call["call"].clone())
            .collect()
    };
    assert_eq!(calls(&begun).len(), 6, "{begun}");
    let again = supervisor.post(CAMPAIGNS, &wish(3, json!(7))).await.json();
    assert_eq!(ids(&again), ids(&begun), "by the same seed");
    let other = supervisor.post(CAMPAIGNS, &wish(3, json!(8))).await.json();
    assert_ne!(ids(&other), ids(&begun));
    let everybody = supervisor
        .post(CAMPAIGNS, &wish(1000, json!(1)))
        .await
        .json();
    assert_eq!(calls(&everybody).len(), 17, "nobody twice");

    let id = begun["id"].as_str().unwrap();
    let answers = format!("{CAMPAIGNS}/{id}/answers");
    let of = |who: &str| -> Vec<u64> {
        let calls = calls(&begun);
        let own = calls.iter().filter(|call| call["agent"] == who);
        own.map(|call| call["n"].as_u64().unwrap()).collect()
    };
    let (first, second) = (of("1001"), of("1002"));
    let says =
        |n: u64, result: &str, score: Value| json!({ "n": n, "result": result, "score": score });
    for unfit in [
        says(first[0], "answered", Value::Null),
        says(first[0], "answered", json!(6)),
        says(first[0], "refused", json!(1)),
        says(99, "refused", Value::Null),
    ] {
        qa.post(&answers, &unfit).await.is_problem(422);
    }
    let own = qa
        .post(&answers, &says(second[0], "answered", json!(5)))
        .await;
    own.is_problem(409);
    qa.post(&answers, &says(first[0], "answered", json!(5)))
        .await;
    qa.post(&answers, &says(first[1], "answered", json!(2)))
        .await;
    qa.post(&answers, &says(first[2], "not_reached", Value::Null))
        .await;
    let told = supervisor.get(&format!("{CAMPAIGNS}/{id}")).await.json();
    let one = &told["agents"][0];
    assert_eq!((&one["agent"], &one["drawn"]), (&json!("1001"), &json!(3)));
    assert_eq!(
        (&one["answered"], &one["mean_score"]),
        (&json!(2), &json!(3.5))
    );
    let rate = told["total"]["response_rate"].as_f64().unwrap();
    assert!((rate - 2.0 / 6.0).abs() < 1e-9, "{told}");
    assert_eq!(told["agents"][1]["mean_score"], Value::Null);
    assert_eq!(told["source"], "callback");
}
