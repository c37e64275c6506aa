//! Where phones are registered, kept over a restart. An agent's rows are written together, in the
//! place of those before: a REGISTER is carried out whole (RFC 3261 §10.3 step 7).

use super::engine::{Tx, in_tx, on_readers};
use super::{Result, Store};
use crate::id::AgentId;
use crate::rules::Timestamp;
use crate::switch::{KeptBinding, KeptBindings};

impl Store {
    /// Every registration, by agent and in the order they came.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn bindings(&self) -> Result<Vec<KeptBinding>> {
        let rows: Vec<BindingRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as("select * from bindings order by agent, registered_at, contact")
                .fetch_all(pool)
                .await?
        });
        Ok(rows.into_iter().map(KeptBinding::from).collect())
    }

    /// Puts these agents' registrations in the place of what was kept of them.
    ///
    /// # Errors
    ///
    /// If the database fails; then nothing has changed.
    pub async fn keep_bindings(
        &self,
        agents: impl IntoIterator<Item = &KeptBindings>,
    ) -> Result<()> {
        let mut tx = self.engine.begin().await?;
        for kept in agents {
            in_tx!(&mut tx, connection => {
                sqlx::query("delete from bindings where agent = $1")
                    .bind(&kept.agent.0)
                    .execute(connection)
                    .await?;
            });
            for binding in &kept.bindings {
                insert(&mut tx, binding).await?;
            }
        }
        tx.commit().await
    }
}

async fn insert(tx: &mut Tx, binding: &KeptBinding) -> Result<()> {
    in_tx!(tx, connection => {
        sqlx::query(
            "insert into bindings (agent, contact, path, transport, local, peer, behind_nat,
                call_id, cseq, instance, user_agent, registered_at, expires_at, reachable)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
             on conflict (agent, contact) do nothing",
        )
        .bind(&binding.agent.0)
        .bind(storable(&binding.contact))
        .bind(storable(&binding.path))
        .bind(&binding.transport)
        .bind(&binding.local)
        .bind(&binding.peer)
        .bind(binding.is_behind_nat)
        .bind(storable(&binding.call_id))
        .bind(i64::from(binding.cseq))
        .bind(binding.instance.as_deref().map(storable))
        .bind(binding.user_agent.as_deref().map(storable))
        .bind(binding.registered_at.0)
        .bind(binding.expires_at.0)
        .bind(binding.is_reachable)
        .execute(connection)
        .await?;
    });
    Ok(())
}

/// Postgres takes no NUL in a text, and nobody's contact needs one.
fn storable(text: &str) -> String {
    text.replace('\0', "")
}

#[derive(sqlx::FromRow)]
struct BindingRow {
    agent: String,
    contact: String,
    path: String,
    transport: String,
    local: String,
    peer: String,
    behind_nat: bool,
    call_id: String,
    cseq: i64,
    instance: Option<String>,
    user_agent: Option<String>,
    registered_at: i64,
    expires_at: i64,
    reachable: bool,
}

impl From<BindingRow> for KeptBinding {
    fn from(row: BindingRow) -> Self {
        Self {
            agent: AgentId(row.agent),
            contact: row.contact,
            path: row.path,
            transport: row.transport,
            local: row.local,
            peer: row.peer,
            is_behind_nat: row.behind_nat,
            call_id: row.call_id,
            cseq: u32::try_from(row.cseq).unwrap_or(0),
            instance: row.instance,
            user_agent: row.user_agent,
            registered_at: Timestamp(row.registered_at),
            expires_at: Timestamp(row.expires_at),
            is_reachable: row.reachable,
        }
    }
}
