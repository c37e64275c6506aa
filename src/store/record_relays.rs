//! Records of calls that were sent to a department (R092): when, by whom, when they came to its inbox,
//! and when somebody there read them.

use serde::Serialize;
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::audit::{self, AuditEntry};
use super::engine::{in_tx, on_readers};
use super::{Error, Result, Store, outbox};
use crate::id::{CallId, EventId};
use crate::rules::{Timestamp, WebhookKind};

const LONGEST_REMARK: usize = 2_000;

/// A record on its way to a department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordRelay {
    /// Its own id.
    pub id: EventId,
    /// Whose record.
    pub call: CallId,
    /// The entry of the directory that it is for.
    pub entry: Uuid,
    /// What that entry was called then.
    pub entry_name: String,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// By whom.
    pub sent_by: String,
    /// What there is to say with it; `None` if erased.
    pub remark: Option<String>,
    /// How long after the end of the call, in milliseconds; 0 while it went on (R109).
    pub after_ms: u64,
    /// When somebody of the department was first shown it.
    pub delivered_at: Option<Timestamp>,
    /// When somebody there read it.
    pub read_at: Option<Timestamp>,
    /// Who.
    pub read_by: Option<String>,
}

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub struct NewRelay<'a> {
    /// Whose record.
    pub call: CallId,
    /// The entry of the directory that it is for.
    pub entry: Uuid,
    /// What that entry is called.
    pub entry_name: &'a str,
    /// What there is to say with it.
    pub remark: Option<&'a str>,
    /// Who sends it.
    pub by: &'a str,
}

/// Which records a list is of.
#[derive(Clone, Debug, Default)]
pub struct RelayFilter {
    /// For one of these entries, or sent by `or_sent_by`; `None`: whoever's.
    pub entries: Option<Vec<Uuid>>,
    /// And those that this person has sent.
    pub or_sent_by: Option<String>,
    /// For this entry only.
    pub entry: Option<Uuid>,
    /// That nobody has read.
    pub unread: bool,
    /// Of this call.
    pub call: Option<CallId>,
    /// Only what comes after this one in the list: the last one of the page before.
    pub after: Option<(Timestamp, EventId)>,
    /// At most so many.
    pub limit: u32,
}

impl Store {
    /// Sends a call's record to a department.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownCall`], [`Error::TooLong`]; or if the database fails.
    pub async fn relay_record(&self, new: &NewRelay<'_>, at: Timestamp) -> Result<RecordRelay> {
        let remark = new.remark.map(|text| text.trim().replace('\0', ""));
        if remark
            .as_ref()
            .is_some_and(|it| it.chars().count() > LONGEST_REMARK)
        {
            return Err(Error::TooLong {
                what: "a remark",
                most: LONGEST_REMARK,
            });
        }
        let id = EventId::mint(at, &mut rand::rng());
        let mut tx = self.engine.begin().await?;
        let ended: Option<Option<i64>> = in_tx!(&mut tx, connection => {
            sqlx::query_scalar("select ended_at from calls where id = $1")
                .bind(new.call.0)
                .fetch_optional(connection)
                .await?
        });
        let ended = ended.ok_or(Error::UnknownCall(new.call))?;
        let after_ms = ended.map_or(0, |ended| at.0.saturating_sub(ended).max(0) / 1000);
        in_tx!(&mut tx, connection => {
            sqlx::query(
                "insert into record_relays (id, call_id, entry, entry_name, sent_at, sent_by,
                     remark, after_ms)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(id.0)
            .bind(new.call.0)
            .bind(new.entry)
            .bind(new.entry_name)
            .bind(at.0)
            .bind(new.by)
            .bind(&remark)
            .bind(after_ms)
            .execute(connection)
            .await?;
        });
        let detail = format!("relay {id}, {}", new.entry);
        let mut entry = AuditEntry::of_account("record.relay", new.by, detail, at);
        entry.call = Some(new.call);
        audit::write(&mut tx, &entry).await?;
        if self.desk().is_some_and(|desk| desk.has_webhooks) {
            let data = serde_json::json!({ "relay": id, "entry": new.entry, "by": new.by });
            let kind = WebhookKind::RecordRelayed;
            outbox::post(&mut tx, kind, Some(new.call), data, at).await?;
        }
        tx.commit().await?;
        self.record_relay(id).await
    }

    /// One of them.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchRecord`]; or if the database fails.
    pub async fn record_relay(&self, id: EventId) -> Result<RecordRelay> {
        let row: Option<RelayRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as("select * from record_relays where id = $1")
                .bind(id.0)
                .fetch_optional(pool)
                .await?
        });
        row.map(RecordRelay::from).ok_or(Error::NoSuchRecord(id.0))
    }

    /// Records that were sent, the one sent first before the others.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn record_relays(&self, filter: &RelayFilter) -> Result<Vec<RecordRelay>> {
        let (after, last) = filter.after.unzip();
        let rows: Vec<RelayRow> = on_readers!(&self.engine, pool => {
            let mut query = QueryBuilder::new("select * from record_relays where (sent_at, id) > (");
            query
                .push_bind(after.map_or(i64::MIN, |after: Timestamp| after.0))
                .push(", ")
                .push_bind(last.map_or_else(Uuid::nil, |last: EventId| last.0))
                .push(")");
            if let Some(entries) = &filter.entries {
                query.push(" and (sent_by = ");
                query.push_bind(filter.or_sent_by.clone().unwrap_or_default());
                for entry in entries {
                    query.push(" or entry = ").push_bind(*entry);
                }
                query.push(")");
            }
            if let Some(entry) = filter.entry {
                query.push(" and entry = ").push_bind(entry);
            }
            if let Some(call) = filter.call {
                query.push(" and call_id = ").push_bind(call.0);
            }
            if filter.unread {
                query.push(" and read_at is null");
            }
            query.push(" order by sent_at, id limit ").push_bind(i64::from(filter.limit));
            query.build_query_as().fetch_all(pool).await?
        });
        Ok(rows.into_iter().map(RecordRelay::from).collect())
    }

    /// These have been shown to somebody of the department; with `read_by` that person has read
    /// them, which is written down beforehand.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn relays_shown(
        &self,
        relays: &[EventId],
        read_by: Option<&str>,
        at: Timestamp,
    ) -> Result<()> {
        if relays.is_empty() {
            return Ok(());
        }
        let mut tx = self.engine.begin().await?;
        for relay in relays {
            in_tx!(&mut tx, connection => {
                sqlx::query(
                    "update record_relays set delivered_at = coalesce(delivered_at, $2),
                         read_at = case when $3 is null then read_at else coalesce(read_at, $2) end,
                         read_by = coalesce(read_by, $3)
                     where id = $1",
                )
                .bind(relay.0)
                .bind(at.0)
                .bind(read_by)
                .execute(connection)
                .await?;
            });
        }
        tx.commit().await
    }
}

#[derive(sqlx::FromRow)]
struct RelayRow {
    id: Uuid,
    call_id: Uuid,
    entry: Uuid,
    entry_name: String,
    sent_at: i64,
    sent_by: String,
    remark: Option<String>,
    after_ms: i64,
    delivered_at: Option<i64>,
    read_at: Option<i64>,
    read_by: Option<String>,
}

impl From<RelayRow> for RecordRelay {
    fn from(row: RelayRow) -> Self {
        Self {
            id: EventId(row.id),
            call: CallId(row.call_id),
            entry: row.entry,
            entry_name: row.entry_name,
            sent_at: Timestamp(row.sent_at),
            sent_by: row.sent_by,
            remark: row.remark,
            after_ms: u64::try_from(row.after_ms).unwrap_or(0),
            delivered_at: row.delivered_at.map(Timestamp),
            read_at: row.read_at.map(Timestamp),
            read_by: row.read_by,
        }
    }
}
