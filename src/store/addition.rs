//! What somebody says about a call by himself, not as a turn of it: why the caller rang, what came
//! of it, a note. It may be said from another process than the one that handles the call.

use std::collections::HashMap;

use serde_json::Value;
use sqlx::types::Json;
use tokio::sync::MutexGuard;

use super::call_rows::{set_purpose, set_write_up};
use super::engine::{Tx, in_tx};
use super::insert::{Into, insert};
use super::part_rows::CodeRow;
use super::{Error, Result, Store, events};
use crate::call::record::{CallRecord, CodeVersion};
use crate::call::{CallEvent, EventKind};
use crate::id::{CallId, EventId, LineId};
use crate::rules::identity::is_anonymous;
use crate::rules::{FieldValues, Handling, Timestamp};

/// A transaction about one call, whose row is locked until it is over: no two authors get one
/// version.
///
/// The records of running calls are taken before the transaction, as [`Store::record`] does it: the
/// other way round, each would wait for what the other has. They are held until the commit, since a
/// batch of the log in between would write the call's row from a record that lacks what is added
/// here. So nothing but this call's own rows is read meanwhile, and within the transaction: who
/// waited for a connection of the readers' would let the log of all calls wait behind their lists.
pub(super) struct Addition<'a> {
    live: MutexGuard<'a, HashMap<CallId, CallRecord>>,
    tx: Tx,
    call: CallId,
    at: Timestamp,
    arrived_at: i64,
    /// The call's line.
    pub(super) line: Option<LineId>,
    /// The call is over.
    pub(super) is_over: bool,
    /// Its record is closed.
    pub(super) is_closed: bool,
    /// Its record says that the caller wants to stay unknown.
    is_anonymous: bool,
    added: Vec<CallEvent>,
}

impl<'a> Addition<'a> {
    pub(super) async fn begin(store: &'a Store, call: CallId, at: Timestamp) -> Result<Self> {
        let records = store.live.lock().await;
        let mut tx = store.engine.begin().await?;
        let row: Option<(i64, Option<String>, bool, bool, bool)> = in_tx!(&mut tx, connection => {
            sqlx::query_as(
                "update calls set purpose_version = purpose_version where id = $1
                 returning arrived_at, line, ended_at is not null, closed_at is not null,
                 anonymous",
            )
            .bind(call.0)
            .fetch_optional(connection)
            .await?
        });
        let (arrived_at, line, is_over, is_closed, is_anonymous) =
            row.ok_or(Error::UnknownCall(call))?;
        Ok(Self {
            live: records,
            tx,
            call,
            at,
            arrived_at,
            line: line.map(LineId),
            is_over,
            is_closed,
            is_anonymous,
            added: Vec::new(),
        })
    }

    /// Why the caller rang.
    pub(super) async fn purpose(
        &mut self,
        event: EventId,
        code: &str,
        author: &str,
        reason: Option<&str>,
    ) -> Result<CodeVersion> {
        let last = last_version(&mut self.tx, LAST_PURPOSE, self.call).await?;
        let purpose = self.version(last + 1, code, author, reason);
        let kind = EventKind::PurposeSet {
            version: purpose.version,
            code: purpose.code.clone(),
            author: purpose.author.clone(),
            reason: purpose.reason.clone(),
        };
        self.append(event, kind).await?;
        let row = [CodeRow::of(self.call.0, &purpose)];
        insert(&mut self.tx, CodeRow::PURPOSES, &[row[0].cells()]).await?;
        set_purpose(&mut self.tx, self.call.0, purpose.version, &purpose.code).await?;
        Ok(purpose)
    }

    /// What came of it.
    pub(super) async fn disposition(
        &mut self,
        code: &str,
        author: &str,
        reason: Option<&str>,
    ) -> Result<CodeVersion> {
        let last = last_version(&mut self.tx, LAST_DISPOSITION, self.call).await?;
        let disposition = self.version(last + 1, code, author, reason);
        let kind = EventKind::DispositionSet {
            version: disposition.version,
            code: disposition.code.clone(),
            author: disposition.author.clone(),
            reason: disposition.reason.clone(),
        };
        let event = self.mint();
        self.append(event, kind).await?;
        let row = CodeRow::of(self.call.0, &disposition);
        insert(&mut self.tx, CodeRow::DISPOSITIONS, &[row.cells()]).await?;
        Ok(disposition)
    }

    /// How the caller's matter is dealt with (R117).
    pub(super) async fn handling(
        &mut self,
        version: u32,
        handling: &Handling,
        author: &str,
    ) -> Result<()> {
        let kind = EventKind::HandlingSet {
            version,
            handling: handling.clone(),
            author: author.to_owned(),
        };
        let event = self.mint();
        self.append(event, kind).await?;
        self.write_up().await
    }

    /// Everything that was said of why the caller rang, in order.
    pub(super) async fn purposes(&mut self) -> Result<Vec<CodeVersion>> {
        codes(&mut self.tx, ALL_PURPOSES, self.call).await
    }

    /// Everything that was said of what came of it, in order.
    pub(super) async fn dispositions(&mut self) -> Result<Vec<CodeVersion>> {
        codes(&mut self.tx, ALL_DISPOSITIONS, self.call).await
    }

    /// Nothing is missing any more.
    pub(super) async fn close(&mut self, author: &str, limit_ms: Option<u64>) -> Result<()> {
        let event = self.mint();
        let author = author.to_owned();
        self.append(event, EventKind::RecordClosed { author, limit_ms })
            .await?;
        self.write_up().await
    }

    /// Brings the columns of the call's row up to date that people's words make.
    async fn write_up(&mut self) -> Result<()> {
        let events = events::events_of(&mut self.tx, self.call).await?;
        if let Some(record) = CallRecord::from_events(&events) {
            set_write_up(&mut self.tx, self.call.0, &record.write_up).await?;
        }
        Ok(())
    }

    /// The next version of the note; `reason` is why a closed record is changed.
    pub(super) async fn note(
        &mut self,
        version: u32,
        author: &str,
        text: &str,
        fields: &FieldValues,
        reason: Option<&str>,
    ) -> Result<()> {
        const NOTES: Into = Into {
            table: "notes (call_id, version, at, author, text, fields, reason)",
            conflict: "(call_id, version) do nothing",
        };
        let kind = EventKind::NoteSaved {
            version,
            author: author.to_owned(),
            anonymous: is_anonymous(fields),
        };
        let event = self.mint();
        self.append(event, kind).await?;
        let was_anonymous = std::mem::replace(&mut self.is_anonymous, is_anonymous(fields));
        if was_anonymous != self.is_anonymous {
            self.write_up().await?;
        }
        let author = author.to_owned();
        // Postgres stores no NUL.
        let text = text.replace('\0', "\u{fffd}");
        let reason = reason.map(|reason| reason.replace('\0', "\u{fffd}"));
        let fields = Json(Value::Object(fields.clone()));
        let row = [
            self.call.0.into(),
            i64::from(version).into(),
            self.at.0.into(),
            (&author).into(),
            (&text).into(),
            (&fields).into(),
            (&reason).into(),
        ];
        insert(&mut self.tx, NOTES, &[row]).await?;
        Ok(())
    }

    /// When it is said.
    pub(super) const fn at(&self) -> Timestamp {
        self.at
    }

    /// The transaction, for what else belongs into it.
    pub(super) const fn tx(&mut self) -> &mut Tx {
        &mut self.tx
    }

    pub(super) async fn commit(mut self) -> Result<()> {
        // What is taken out of the cache comes back only after the commit.
        let record = self.live.remove(&self.call);
        self.tx.commit().await?;
        if let Some(mut record) = record {
            for event in &self.added {
                record.apply(event);
            }
            self.live.insert(self.call, record);
        }
        Ok(())
    }

    fn version(&self, version: u32, code: &str, author: &str, reason: Option<&str>) -> CodeVersion {
        CodeVersion {
            version,
            code: code.to_owned(),
            author: author.to_owned(),
            reason: reason.map(str::to_owned),
            at: self.at,
        }
    }

    fn mint(&self) -> EventId {
        EventId::mint(self.at, &mut rand::rng())
    }

    async fn append(&mut self, id: EventId, kind: EventKind) -> Result<()> {
        let event = CallEvent {
            id,
            call: self.call,
            at: self.at,
            // Another process does not know the call's monotonic clock. No duration is computed
            // from what is said of a call, so the wall clock's distance will do.
            offset_us: u64::try_from(self.at.0.saturating_sub(self.arrived_at)).unwrap_or(0),
            kind,
        };
        events::append(&mut self.tx, &event).await?;
        self.added.push(event);
        Ok(())
    }
}

const LAST_PURPOSE: &str = "select coalesce(max(version), 0) from purposes where call_id = $1";
const LAST_DISPOSITION: &str =
    "select coalesce(max(version), 0) from dispositions where call_id = $1";

async fn last_version(tx: &mut Tx, select: &'static str, call: CallId) -> Result<u32> {
    let version: i64 = in_tx!(tx, connection => {
        sqlx::query_scalar(select).bind(call.0).fetch_one(connection).await?
    });
    Ok(u32::try_from(version).unwrap_or(u32::MAX))
}

const ALL_PURPOSES: &str = "select * from purposes where call_id = $1 order by version";
const ALL_DISPOSITIONS: &str = "select * from dispositions where call_id = $1 order by version";

async fn codes(tx: &mut Tx, select: &'static str, call: CallId) -> Result<Vec<CodeVersion>> {
    let rows: Vec<CodeRow> = in_tx!(tx, connection => {
        sqlx::query_as(select).bind(call.0).fetch_all(connection).await?
    });
    Ok(rows.into_iter().map(CodeRow::into_version).collect())
}
