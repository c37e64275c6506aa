//! Questions about calls: lists, one call with everything about it, what was left unfinished.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sqlx::types::Json;
use sqlx::{Database, QueryBuilder};
use uuid::Uuid;

use super::call_filter::{CallFilter, listed, narrow, ordered};
use super::engine::{Tx, in_tx, on_readers};
use super::events::{EventRow, PartyRow, SELECT_EVENTS};
use super::part_rows::CodeRow;
use super::{Error, Result, Store};
use crate::call::record::write_up::WriteUp;
use crate::call::record::{CallRecord, CodeVersion};
use crate::call::{CallEvent, Party};
use crate::id::{CallId, PartyId};
use crate::rules::Timestamp;

/// Ids a statement may list; SQLite takes 32,766 parameters.
const IDS_A_STATEMENT: usize = 500;

/// A call's record and the people it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoredCall {
    /// The projection of its events.
    #[serde(flatten)]
    pub record: CallRecord,
    /// The caller and the transfer targets, as far as they have not been erased.
    pub parties: BTreeMap<PartyId, Party>,
}

/// All that the log knows of one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallDetail {
    /// The record and the people.
    #[serde(flatten)]
    pub call: StoredCall,
    /// Its events in the order they were stored.
    pub events: Vec<CallEvent>,
}

impl StoredCall {
    /// The caller, unless anonymous or erased.
    pub fn caller(&self) -> Option<&Party> {
        self.parties.get(self.record.caller.as_ref()?)
    }
}

impl Store {
    /// Calls, newest first.
    ///
    /// # Errors
    ///
    /// If the database fails or holds what this version cannot read.
    pub async fn calls(&self, filter: &CallFilter) -> Result<Vec<StoredCall>> {
        let rows: Vec<RecordRow> = on_readers!(&self.engine, pool => {
            // The page is found by an index alone, and then its rows are read.
            let mut query = QueryBuilder::new(SELECT);
            query.push(" where id in (select id from calls where 1 = 1");
            narrow!(query, filter);
            if let Some(limit) = filter.limit {
                ordered!(query, filter);
                query.push(" limit ").push_bind(i64::from(limit));
            }
            query.push(")");
            ordered!(query, filter);
            query.build_query_as().fetch_all(pool).await?
        });
        self.with_people(rows).await
    }

    /// One call.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownCall`]; or if the database fails or holds what this version cannot read.
    pub async fn call(&self, id: CallId) -> Result<CallDetail> {
        let row: Option<RecordRow> = on_readers!(&self.engine, pool => {
            let mut query = QueryBuilder::new(SELECT);
            query.push(" where id = ").push_bind(id.0);
            query.build_query_as().fetch_optional(pool).await?
        });
        let row = row.ok_or(Error::UnknownCall(id))?;
        let call = self.with_people(vec![row]).await?.pop();
        let events: Vec<EventRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(SELECT_EVENTS).bind(id.0).fetch_all(pool).await?
        });
        let events = events.into_iter().map(EventRow::into_event);
        Ok(CallDetail {
            call: call.ok_or(Error::UnknownCall(id))?,
            events: events.collect::<Result<_>>()?,
        })
    }

    /// The records of these calls, as far as there are any, in no order; without what was said of them
    /// later.
    pub(super) async fn records(&self, calls: &[CallId]) -> Result<Vec<CallRecord>> {
        let mut records = Vec::new();
        for some in calls.chunks(IDS_A_STATEMENT) {
            let rows: Vec<RecordRow> = on_readers!(&self.engine, pool => {
                let mut query = QueryBuilder::new(SELECT);
                query.push(" where id in (");
                let mut ids = query.separated(", ");
                for call in some {
                    ids.push_bind(call.0);
                }
                query.push(")");
                query.build_query_as().fetch_all(pool).await?
            });
            for row in rows {
                records.push(row.into_record()?);
            }
        }
        Ok(records)
    }

    /// Records of calls that arrived at `from` or later and before `to`, the oldest first, at most some
    /// hundreds, after the call that arrived then with this id; without what was said of them later.
    ///
    /// # Errors
    ///
    /// If the database fails or holds what this version cannot read.
    pub async fn arrived(
        &self,
        from: Timestamp,
        to: Timestamp,
        after: Option<(Timestamp, CallId)>,
    ) -> Result<Vec<CallRecord>> {
        let (since, last) = after.unwrap_or((from, CallId(Uuid::nil())));
        let rows: Vec<RecordRow> = on_readers!(&self.engine, pool => {
            let mut query = QueryBuilder::new(SELECT);
            query
                .push(" where arrived_at < ")
                .push_bind(to.0)
                .push(" and (arrived_at, id) > (")
                .push_bind(since.0)
                .push(", ")
                .push_bind(last.0)
                .push(") order by arrived_at, id limit 500");
            query.build_query_as().fetch_all(pool).await?
        });
        rows.into_iter().map(RecordRow::into_record).collect()
    }

    /// Calls without an end: those going on, and after a crash those cut off, oldest first.
    ///
    /// # Errors
    ///
    /// If the database fails or holds what this version cannot read.
    pub async fn unfinished_calls(&self) -> Result<Vec<CallRecord>> {
        let rows: Vec<RecordRow> = on_readers!(&self.engine, pool => {
            let mut query = QueryBuilder::new(SELECT);
            query.push(" where ended_at is null order by arrived_at, id");
            query.build_query_as().fetch_all(pool).await?
        });
        let calls = self.with_people(rows).await?.into_iter();
        Ok(calls.map(|call| call.record).collect())
    }

    /// The calls whose id, written without dashes, begins with `digits`; at most `limit`.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn calls_by_prefix(&self, digits: &str, limit: u32) -> Result<Vec<CallId>> {
        let Some((from, to)) = bounds(digits) else {
            return Ok(Vec::new());
        };
        let ids: Vec<Uuid> = on_readers!(&self.engine, pool => {
            sqlx::query_scalar(
                "select id from calls where id >= $1 and id <= $2 order by id limit $3",
            )
            .bind(from)
            .bind(to)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await?
        });
        Ok(ids.into_iter().map(CallId).collect())
    }

    /// The records, each with its purposes, and with the people they name.
    pub(super) async fn with_people(&self, rows: Vec<RecordRow>) -> Result<Vec<StoredCall>> {
        let mut records: Vec<CallRecord> = rows
            .into_iter()
            .map(RecordRow::into_record)
            .collect::<Result<_>>()?;
        self.add_codes(&mut records).await?;
        let named: BTreeSet<Uuid> = records
            .iter()
            .flat_map(|record| record.parties().map(|party| party.0))
            .collect();
        let known = self.parties(&named.into_iter().collect::<Vec<_>>()).await?;
        let calls = records.into_iter().map(|record| {
            let parties = record.parties().filter_map(|id| known.get(&id).cloned());
            StoredCall {
                parties: parties.map(|party| (party.id, party)).collect(),
                record,
            }
        });
        Ok(calls.collect())
    }

    /// What another process may say of a call stands in tables of its own.
    async fn add_codes(&self, records: &mut [CallRecord]) -> Result<()> {
        let ids: Vec<Uuid> = records.iter().map(|record| record.id.0).collect();
        let mut purposes = self
            .codes("select * from purposes where call_id in (", &ids)
            .await?;
        let mut dispositions = self
            .codes("select * from dispositions where call_id in (", &ids)
            .await?;
        for record in records {
            record.purposes = purposes.remove(&record.id.0).unwrap_or_default();
            record.dispositions = dispositions.remove(&record.id.0).unwrap_or_default();
        }
        Ok(())
    }

    async fn codes(
        &self,
        select: &'static str,
        ids: &[Uuid],
    ) -> Result<BTreeMap<Uuid, Vec<CodeVersion>>> {
        let mut codes = BTreeMap::<Uuid, Vec<_>>::new();
        for ids in ids.chunks(IDS_A_STATEMENT) {
            let rows: Vec<CodeRow> = on_readers!(&self.engine, pool => {
                let mut query = QueryBuilder::new(select);
                list(&mut query, ids);
                query.push(") order by version");
                query.build_query_as().fetch_all(pool).await?
            });
            for row in rows {
                codes
                    .entry(row.call_id)
                    .or_default()
                    .push(row.into_version());
            }
        }
        Ok(codes)
    }

    pub(super) async fn parties(&self, ids: &[Uuid]) -> Result<BTreeMap<PartyId, Party>> {
        let mut parties = BTreeMap::new();
        for ids in ids.chunks(IDS_A_STATEMENT) {
            let rows: Vec<PartyRow> = on_readers!(&self.engine, pool => {
                let mut query = QueryBuilder::new("select * from parties where id in (");
                list(&mut query, ids);
                query.push(")");
                query.build_query_as().fetch_all(pool).await?
            });
            let rows = rows.into_iter().map(Party::from);
            parties.extend(rows.map(|party| (party.id, party)));
        }
        Ok(parties)
    }
}

pub(super) const SELECT: &str = "select id, record, anonymous, closed_at, closed_by, write_up_ms, \
     write_up_long, handled from calls";

/// The record of a row of `calls`, with what stands beside it.
#[derive(sqlx::FromRow)]
pub(super) struct RecordRow {
    id: Uuid,
    record: Json<serde_json::Value>,
    anonymous: bool,
    closed_at: Option<i64>,
    closed_by: Option<String>,
    write_up_ms: Option<i64>,
    write_up_long: bool,
    handled: Option<String>,
}

impl RecordRow {
    fn into_record(self) -> Result<CallRecord> {
        let read = serde_json::from_value(self.record.0);
        let mut record: CallRecord = read.map_err(|source| Error::Unreadable {
            what: "the record",
            call: CallId(self.id),
            source,
        })?;
        *record.write_up = WriteUp {
            anonymous: self.anonymous,
            closed_at: self.closed_at.map(Timestamp),
            closed_by: self.closed_by,
            ms: self
                .write_up_ms
                .map(|ms| u64::try_from(ms).unwrap_or_default()),
            was_long: self.write_up_long,
            // What a later version says of it is not known here.
            handled: self
                .handled
                .and_then(|text| serde_json::from_str(&text).ok()),
        };
        Ok(record)
    }
}

/// A call's record, read as part of something larger; without what was said of it later.
pub(super) async fn record_in(tx: &mut Tx, call: CallId) -> Result<CallRecord> {
    let row: Option<RecordRow> = in_tx!(tx, connection => {
        sqlx::query_as(
            "select id, record, anonymous, closed_at, closed_by, write_up_ms, write_up_long,
             handled from calls where id = $1",
        )
        .bind(call.0)
        .fetch_optional(connection)
        .await?
    });
    row.ok_or(Error::UnknownCall(call))?.into_record()
}

/// `$1, $2, …` for the ids.
fn list<'a, DB>(query: &mut QueryBuilder<DB>, ids: &'a [Uuid])
where
    DB: Database,
    Uuid: sqlx::Encode<'a, DB> + sqlx::Type<DB>,
{
    let mut listed = query.separated(", ");
    for id in ids {
        listed.push_bind(*id);
    }
}

/// The smallest and the greatest id that begin with the hexadecimal `digits`.
fn bounds(digits: &str) -> Option<(Uuid, Uuid)> {
    if digits.len() > 32 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let fill = |digit: &str| {
        let rest = digit.repeat(32 - digits.len());
        Uuid::try_parse(&format!("{digits}{rest}")).ok()
    };
    Some((fill("0")?, fill("f")?))
}
