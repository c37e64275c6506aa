//! What agents did, and the orders of hunting, over a restart of the service.

use std::time::Duration;

use thirdring::call::command::Actor;
use thirdring::id::{AgentId, CallId, EventId, QueueId};
use thirdring::queue::{AgentState, AwayAsked, Duty, Standing, Told};
use thirdring::rules::Timestamp;
use thirdring::store::DeskWriter;
use thirdring::switch::{AgentEntry, DeskEntry, OrderEntry};

use crate::fixture::{Database, MORNING};

fn state(n: u128, agent: &str, state: AgentState, standing: Standing) -> AgentEntry {
    let at = Timestamp(MORNING + i64::try_from(n).unwrap());
    AgentEntry {
        id: EventId(uuid::Uuid::from_u128(n)),
        at,
        agent: AgentId::from(agent),
        since: Timestamp(MORNING),
        by: Actor::User("班长".to_owned()),
        told: Told {
            state,
            reason: Some("午饭".to_owned()),
            call: Some(CallId(uuid::Uuid::from_u128(77))),
            answered_today: 12,
            standing,
        },
    }
}

fn on_a_break() -> Standing {
    Standing {
        duty: Duty::Break {
            reason: "午饭".to_owned(),
        },
        break_asked: Some("tea".to_owned()),
        away_asked: Some(Box::new(AwayAsked {
            reason: "doctor".to_owned(),
            substitute: "1002".into(),
        })),
        shift: Some("early".to_owned()),
        phone: Some("[2001:db8::9]:5060".to_owned()),
    }
}

fn order(n: u128, agents: &[&str]) -> DeskEntry {
    DeskEntry::Order(OrderEntry {
        id: EventId(uuid::Uuid::from_u128(n)),
        at: Timestamp(MORNING),
        queue: QueueId::from("hotline"),
        by: Actor::Agent(AgentId::from("1001")),
        agents: agents.iter().map(|id| AgentId::from(*id)).collect(),
    })
}

/// The last of each agent and queue is what a restart goes on from; what is written twice is there
/// once, and all of it can be read.
pub(crate) async fn read_back(database: Database) {
    let store = database.store().await;
    let ready = state(1, "1001", AgentState::Ready, Standing::default());
    let away = state(2, "1001", AgentState::Break, on_a_break());
    let mut other = state(3, "1002", AgentState::Talking, Standing::default());
    other.by = Actor::System;
    let entries = [&ready, &away, &other].map(|entry| DeskEntry::Agent(entry.clone()));
    store.record_desk(&entries).await.unwrap();
    store.record_desk(&entries[..2]).await.unwrap();
    let orders = [order(4, &["1001", "1002"]), order(5, &["1002", "1001"])];
    store.record_desk(&orders).await.unwrap();
    store.close().await;

    let store = database.store().await;
    let kept = store.kept_desk().await.unwrap();
    let agents: Vec<_> = kept.agents.iter().map(|it| (&it.agent, &it.told)).collect();
    assert_eq!(
        agents,
        [(&away.agent, &away.told), (&other.agent, &other.told)]
    );
    assert_eq!(kept.agents[0].at, away.at);
    assert_eq!(kept.agents[0].since, Timestamp(MORNING));
    let turned = ["1002", "1001"].map(AgentId::from).to_vec();
    assert_eq!(kept.orders, [(QueueId::from("hotline"), turned)]);

    let id = AgentId::from("1001");
    let (from, to) = (Timestamp(MORNING), Timestamp(MORNING + 10));
    let all = store.agent_states(&id, from, to, 10).await.unwrap();
    assert_eq!(all, [ready, away.clone()]);
    let last = store.agent_states(&id, from, to, 1).await.unwrap();
    assert_eq!(last, [away]);
    store.close().await;
}

/// R090: what agents did can be neither changed nor deleted.
pub(crate) async fn append_only(database: Database) {
    let store = database.store().await;
    let entry = state(1, "1001", AgentState::Ready, Standing::default());
    let entries = [DeskEntry::Agent(entry), order(2, &["1001"])];
    store.record_desk(&entries).await.unwrap();
    for change in [
        "update agent_events set actor = 'nobody'",
        "delete from agent_events",
        "update hunting_orders set actor = 'nobody'",
        "delete from hunting_orders",
    ] {
        let error = database.execute(change).await.unwrap_err().to_string();
        assert!(error.contains("append-only"), "{change}: {error}");
    }
    store.close().await;
}

/// While the database is away what agents do waits, in order.
pub(crate) async fn database_away(database: Database) {
    let store = database.store().await;
    database
        .execute("alter table agent_events rename to hidden")
        .await
        .unwrap();
    let (writer, note) = DeskWriter::start(store.clone());
    let states = [AgentState::Ready, AgentState::Ringing, AgentState::Talking];
    for (n, what) in (1..).zip(states) {
        let entry = state(n, "1001", what, Standing::default());
        note.send(DeskEntry::Agent(entry)).await.unwrap();
    }
    let mut database_up = writer.database_up();
    let failed = database_up.wait_for(|up| !up);
    let failed = tokio::time::timeout(Duration::from_mins(1), failed).await;
    assert!(
        failed.is_ok_and(|up| up.is_ok()),
        "nothing was tried in vain"
    );
    database
        .execute("alter table hidden rename to agent_events")
        .await
        .unwrap();
    drop(note);
    writer.finish(Duration::from_mins(1)).await;
    let (id, from) = (AgentId::from("1001"), Timestamp(MORNING));
    let to = Timestamp(MORNING + 10);
    let all = store.agent_states(&id, from, to, 10).await.unwrap();
    let seen: Vec<_> = all.iter().map(|entry| entry.told.state).collect();
    assert_eq!(seen, states);
    store.close().await;
}
