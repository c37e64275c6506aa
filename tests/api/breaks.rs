//! Why agents may be away.

use serde_json::json;
use thirdring::rules::Role;

use crate::fixture::Database;
use crate::site::Office;

/// R274: whoever asks for a break sees which reasons are known, and how long each may last.
pub(crate) async fn listed(database: Database) {
    let office = Office::on(&database).await;
    office.user("li.na", &[Role::Agent], Some("1001")).await;
    let agent = office.token("li.na").await;
    let known = agent.get("/api/v1/breaks").await.json();
    let lunch = json!({ "reason": "用餐", "longest_s": 2700, "at_once": false });
    assert_eq!(
        known,
        json!({ "items": [lunch], "others_need_leave": true })
    );
    office.visitor().get("/api/v1/breaks").await.is_problem(401);
}
