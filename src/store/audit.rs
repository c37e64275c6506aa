//! Who did what with recordings, when and for what purpose: rows that are only ever added, and
//! that are durable before what they tell of is done (R191).

use serde::Serialize;
use uuid::Uuid;

use super::engine::{Tx, in_tx, on_readers};
use super::{Result, Store, audit_chain};
use crate::id::{CallId, EventId};
use crate::rules::Timestamp;

/// One thing that somebody does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// Its own id.
    pub id: EventId,
    /// When, wall time.
    pub at: Timestamp,
    /// Who: a user's name, or `thirdring` for what the service does by itself.
    pub actor: String,
    /// What: `recording.export`, say.
    pub action: String,
    /// With which call's recording.
    pub call: Option<CallId>,
    /// What for, in that person's words.
    pub purpose: String,
    /// What else there is to say, such as where a copy went.
    pub detail: Option<String>,
}

impl AuditEntry {
    /// What `actor` does with a call's recording, now.
    pub fn of_recording(
        action: &str,
        call: CallId,
        actor: &str,
        purpose: &str,
        at: Timestamp,
    ) -> Self {
        Self {
            id: EventId::mint(at, &mut rand::rng()),
            at,
            actor: actor.to_owned(),
            action: action.to_owned(),
            call: Some(call),
            purpose: purpose.to_owned(),
            detail: None,
        }
    }
}

impl AuditEntry {
    /// What `actor` does now, with nobody's call.
    pub fn of_account(action: &str, actor: &str, detail: String, at: Timestamp) -> Self {
        Self {
            id: EventId::mint(at, &mut rand::rng()),
            at,
            actor: actor.to_owned(),
            action: action.to_owned(),
            call: None,
            purpose: String::new(),
            detail: Some(detail),
        }
    }
}

impl Store {
    /// Writes down what is about to be done. When this returns, the row is durable.
    ///
    /// # Errors
    ///
    /// If the database fails; then it must not be done.
    pub async fn audit(&self, entry: &AuditEntry) -> Result<()> {
        let mut tx = self.engine.begin().await?;
        write(&mut tx, entry).await?;
        tx.commit().await
    }

    /// What has been done, with one call or at all, the latest first; at most `limit`, from before
    /// the entry `before`.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn audit_page(
        &self,
        call: Option<CallId>,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>> {
        let rows: Vec<AuditRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select id, at, actor, action, call_id, purpose, detail from audit
                 where ($1 is null or call_id = $1)
                     and ($2 is null or seq < (select seq from audit where id = $2))
                 order by seq desc limit $3",
            )
            .bind(call.map(|call| call.0))
            .bind(before.map(|entry| entry.0))
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await?
        });
        Ok(rows.into_iter().map(AuditEntry::from).collect())
    }

    /// What has been done, with one call's recording or with all, in order; the last `limit`.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn audited(&self, call: Option<CallId>, limit: u32) -> Result<Vec<AuditEntry>> {
        let call = call.map(|call| call.0);
        let rows: Vec<AuditRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select id, at, actor, action, call_id, purpose, detail from audit
                 where $1 is null or call_id = $1 order by seq desc limit $2",
            )
            .bind(call)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await?
        });
        Ok(rows.into_iter().rev().map(AuditEntry::from).collect())
    }
}

/// Writes an entry as part of what it tells of.
pub(super) async fn write(tx: &mut Tx, entry: &AuditEntry) -> Result<()> {
    let chain = audit_chain::next(tx, entry).await?;
    in_tx!(tx, connection => {
        sqlx::query(
            "insert into audit (id, at, actor, action, call_id, purpose, detail, chain)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(entry.id.0)
        .bind(entry.at.0)
        .bind(&entry.actor)
        .bind(&entry.action)
        .bind(entry.call.map(|call| call.0))
        .bind(&entry.purpose)
        .bind(&entry.detail)
        .bind(chain)
        .execute(connection)
        .await?;
    });
    Ok(())
}

#[derive(sqlx::FromRow)]
pub(super) struct AuditRow {
    id: Uuid,
    at: i64,
    actor: String,
    action: String,
    call_id: Option<Uuid>,
    purpose: String,
    detail: Option<String>,
}

impl From<AuditRow> for AuditEntry {
    fn from(row: AuditRow) -> Self {
        Self {
            id: EventId(row.id),
            at: Timestamp(row.at),
            actor: row.actor,
            action: row.action,
            call: row.call_id.map(CallId),
            purpose: row.purpose,
            detail: row.detail,
        }
    }
}
