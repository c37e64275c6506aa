//! Reports of incidents, when several people act at once.

use thirdring::rules::{IncidentKind, Role, Timestamp};
use thirdring::store::IncidentDraft;

use crate::fixture::{Database, MORNING};

/// So many say that they know, and pass it on, at the same time.
const AT_ONCE: u32 = 12;

/// R120: whoever writes a step does so after the others: each has its number, and none is lost.
pub(crate) async fn at_once(database: Database) {
    let store = database.store().await;
    let draft = IncidentDraft {
        kind: IncidentKind::Leak,
        call: None,
        text: "来电自称记者".to_owned(),
        to: Role::Manager,
    };
    let at = Timestamp(MORNING);
    let incident = store.report_incident(&draft, "li.na", at).await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..AT_ONCE {
        let store = store.clone();
        writers.spawn(async move {
            let (by, remark) = (format!("leader-{n}"), Some("知道了"));
            let id = incident.id;
            if n % 3 == 0 {
                let to = Role::Manager;
                store.escalate_incident(id, to, remark, &by, at).await
            } else {
                store.acknowledge_incident(id, remark, &by, at).await
            }
        });
    }
    while let Some(written) = writers.join_next().await {
        written.unwrap().unwrap();
    }
    let (_, steps) = store.incident(incident.id).await.unwrap();
    let numbers: Vec<_> = steps.iter().map(|step| step.n).collect();
    let expected: Vec<_> = (1..=AT_ONCE + 1).collect();
    assert_eq!(numbers, expected);
    let mut actors: Vec<_> = steps.iter().map(|step| step.actor.as_str()).collect();
    actors.sort_unstable();
    actors.dedup();
    assert_eq!(actors.len(), steps.len());
}
