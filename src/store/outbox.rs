//! What other programs are to be told and stands nowhere in the log: tasks, short messages.

use serde_json::{Value, json};
use sqlx::types::Json;
use uuid::Uuid;

use super::audit::{self, AuditEntry};
use super::engine::{Tx, in_tx, on_readers};
use super::{Error, Result, Store};
use crate::id::{CallId, EventId};
use crate::rules::{Timestamp, WebhookKind};

/// A longer text is no short message, in characters.
const LONGEST_SMS: usize = 500;

/// Something to be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Its own id.
    pub id: Uuid,
    /// When it happened.
    pub at: Timestamp,
    /// What it is about; `None` if this version does not know it.
    pub kind: Option<WebhookKind>,
    /// About which call.
    pub call: Option<CallId>,
    /// What there is to say, without the caller.
    pub data: Value,
}

impl Store {
    /// Hands a short message for a call's caller to the programs that send such; the audit says
    /// who asked for it.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownCall`], [`Error::TooLong`], [`Error::NobodyTells`] if no such program is
    /// configured; or if the database fails.
    pub async fn request_sms(
        &self,
        call: CallId,
        text: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<()> {
        if !self.desk().is_some_and(|desk| desk.has_webhooks) {
            return Err(Error::NobodyTells);
        }
        if text.chars().count() > LONGEST_SMS {
            return Err(Error::TooLong {
                what: "a short message",
                most: LONGEST_SMS,
            });
        }
        self.call(call).await?;
        let mut tx = self.engine.begin().await?;
        let entry = AuditEntry {
            id: EventId::mint(at, &mut rand::rng()),
            at,
            actor: by.to_owned(),
            action: WebhookKind::SmsRequested.as_str().to_owned(),
            call: Some(call),
            purpose: "short message".to_owned(),
            detail: None,
        };
        audit::write(&mut tx, &entry).await?;
        let data = json!({ "text": text.replace('\0', ""), "by": by });
        post(&mut tx, WebhookKind::SmsRequested, Some(call), data, at).await?;
        tx.commit().await
    }

    pub(super) async fn outbox(&self, limit: i64) -> Result<Vec<Told>> {
        let rows: Vec<ToldRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as("select * from webhook_outbox order by at, id limit $1")
                .bind(limit)
                .fetch_all(pool)
                .await?
        });
        Ok(rows.into_iter().map(Told::from).collect())
    }
}

/// Adds something to be told, as part of what it tells of.
pub(super) async fn post(
    tx: &mut Tx,
    kind: WebhookKind,
    call: Option<CallId>,
    data: Value,
    at: Timestamp,
) -> Result<()> {
    let id = EventId::mint(at, &mut rand::rng());
    in_tx!(tx, connection => {
        sqlx::query(
            "insert into webhook_outbox (id, at, kind, call_id, data)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(id.0)
        .bind(at.0)
        .bind(kind.as_str())
        .bind(call.map(|call| call.0))
        .bind(Json(data))
        .execute(connection)
        .await?;
    });
    Ok(())
}

#[derive(sqlx::FromRow)]
struct ToldRow {
    id: Uuid,
    at: i64,
    kind: String,
    call_id: Option<Uuid>,
    data: Json<Value>,
}

impl From<ToldRow> for Told {
    fn from(row: ToldRow) -> Self {
        Self {
            id: row.id,
            at: Timestamp(row.at),
            kind: WebhookKind::read(&row.kind),
            call: row.call_id.map(CallId),
            data: row.data.0,
        }
    }
}
