//! What agents did when, and in what order queues rang them: rows that are only ever added. The last
//! of each agent and each queue is what a restart goes on from.

use uuid::Uuid;

use super::engine::{Tx, in_tx, on_readers};
use super::{Result, Store};
use crate::call::command::Actor;
use crate::id::{AgentId, CallId, EventId, QueueId};
use crate::queue::{AgentState, Standing, Told};
use crate::rules::Timestamp;
use crate::switch::{AgentEntry, DeskEntry, KeptAgent, KeptDesk, OrderEntry};

impl Store {
    /// Adds what has happened at the desk, in order; what is there already stays as it is.
    ///
    /// # Errors
    ///
    /// If the database fails; then nothing has changed.
    pub async fn record_desk(&self, entries: &[DeskEntry]) -> Result<()> {
        let mut tx = self.engine.begin().await?;
        for entry in entries {
            match entry {
                DeskEntry::Agent(entry) => insert_state(&mut tx, entry).await?,
                DeskEntry::Order(entry) => insert_order(&mut tx, entry).await?,
            }
        }
        tx.commit().await
    }

    /// How the desk stood when it was last written down.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn kept_desk(&self) -> Result<KeptDesk> {
        let agents: Vec<StateRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select id, at, agent, state, since, reason, call_id, actor_kind, actor,
                    answered_today, standing
                 from agent_events
                 where seq in (select max(seq) from agent_events group by agent)
                 order by agent",
            )
            .fetch_all(pool)
            .await?
        });
        let orders: Vec<(String, String)> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select queue, agents from hunting_orders
                 where seq in (select max(seq) from hunting_orders group by queue)
                 order by queue",
            )
            .fetch_all(pool)
            .await?
        });
        let orders = orders.into_iter().map(|(queue, agents)| {
            let agents: Vec<AgentId> = serde_json::from_str(&agents).unwrap_or_default();
            (QueueId(queue), agents)
        });
        Ok(KeptDesk {
            agents: agents.into_iter().map(KeptAgent::from).collect(),
            orders: orders.collect(),
        })
    }

    /// What an agent did from one moment to another, in order; the last `limit`.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn agent_states(
        &self,
        agent: &AgentId,
        from: Timestamp,
        to: Timestamp,
        limit: u32,
    ) -> Result<Vec<AgentEntry>> {
        let rows: Vec<StateRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select id, at, agent, state, since, reason, call_id, actor_kind, actor,
                    answered_today, standing
                 from agent_events where agent = $1 and at >= $2 and at < $3
                 order by seq desc limit $4",
            )
            .bind(&agent.0)
            .bind(from.0)
            .bind(to.0)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await?
        });
        Ok(rows.into_iter().rev().map(AgentEntry::from).collect())
    }
}

async fn insert_state(tx: &mut Tx, entry: &AgentEntry) -> Result<()> {
    let standing = serde_json::to_string(&entry.told.standing).unwrap_or_default();
    in_tx!(tx, connection => {
        sqlx::query(
            "insert into agent_events (id, at, agent, state, since, reason, call_id, actor_kind,
                actor, answered_today, standing)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             on conflict (id) do nothing",
        )
        .bind(entry.id.0)
        .bind(entry.at.0)
        .bind(&entry.agent.0)
        .bind(entry.told.state.as_str())
        .bind(entry.since.0)
        .bind(entry.told.reason.as_deref().map(storable))
        .bind(entry.told.call.map(|call| call.0))
        .bind(kind(&entry.by))
        .bind(storable(entry.by.name()))
        .bind(i64::from(entry.told.answered_today))
        .bind(standing)
        .execute(connection)
        .await?;
    });
    Ok(())
}

async fn insert_order(tx: &mut Tx, entry: &OrderEntry) -> Result<()> {
    let agents = serde_json::to_string(&entry.agents).unwrap_or_default();
    in_tx!(tx, connection => {
        sqlx::query(
            "insert into hunting_orders (id, at, queue, actor_kind, actor, agents)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (id) do nothing",
        )
        .bind(entry.id.0)
        .bind(entry.at.0)
        .bind(&entry.queue.0)
        .bind(kind(&entry.by))
        .bind(storable(entry.by.name()))
        .bind(agents)
        .execute(connection)
        .await?;
    });
    Ok(())
}

const fn kind(actor: &Actor) -> &'static str {
    match actor {
        Actor::Agent(_) => "agent",
        Actor::User(_) => "user",
        Actor::System => "system",
    }
}

fn actor(kind: &str, name: String) -> Actor {
    match kind {
        "agent" => Actor::Agent(AgentId(name)),
        "user" => Actor::User(name),
        _ => Actor::System,
    }
}

/// Postgres takes no NUL in a text.
fn storable(text: &str) -> String {
    text.replace('\0', "")
}

#[derive(sqlx::FromRow)]
struct StateRow {
    id: Uuid,
    at: i64,
    agent: String,
    state: String,
    since: i64,
    reason: Option<String>,
    call_id: Option<Uuid>,
    actor_kind: String,
    actor: String,
    answered_today: i64,
    standing: String,
}

impl From<StateRow> for AgentEntry {
    fn from(row: StateRow) -> Self {
        let standing: Standing = serde_json::from_str(&row.standing).unwrap_or_default();
        Self {
            id: EventId(row.id),
            at: Timestamp(row.at),
            agent: AgentId(row.agent),
            since: Timestamp(row.since),
            by: actor(&row.actor_kind, row.actor),
            told: Told {
                state: row.state.parse().unwrap_or(AgentState::Offline),
                reason: row.reason,
                call: row.call_id.map(CallId),
                answered_today: u32::try_from(row.answered_today).unwrap_or(0),
                standing,
            },
        }
    }
}

impl From<StateRow> for KeptAgent {
    fn from(row: StateRow) -> Self {
        let entry = AgentEntry::from(row);
        Self {
            agent: entry.agent,
            at: entry.at,
            since: entry.since,
            told: entry.told,
        }
    }
}
