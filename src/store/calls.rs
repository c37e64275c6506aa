//! Questions about calls: lists, one call with everything about it, what was left unfinished.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sqlx::types::Json;
use sqlx::{Database, QueryBuilder};
use uuid::Uuid;

use super::call_rows::word;
use super::engine::on_readers;
use super::events::{EventRow, PartyRow, SELECT_EVENTS};
use super::part_rows::CodeRow;
use super::{Error, Result, Store};
use crate::call::event::Outcome;
use crate::call::record::{CallRecord, CodeVersion};
use crate::call::{CallEvent, Party};
use crate::id::{AgentId, CallId, LineId, PartyId};
use crate::rules::{Grade, Timestamp};

/// Ids a statement may list; SQLite takes 32,766 parameters.
const IDS_A_STATEMENT: usize = 500;

/// Which calls a list is of; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct CallFilter {
    /// Arrived at this moment or later.
    pub from: Option<Timestamp>,
    /// Arrived before this moment.
    pub to: Option<Timestamp>,
    /// Of this line.
    pub line: Option<LineId>,
    /// Ended so.
    pub outcome: Option<Outcome>,
    /// Graded so.
    pub grade: Option<Grade>,
    /// With this code as the purpose that counts.
    pub purpose: Option<String>,
    /// That this agent was rung for, had, or made.
    pub agent: Option<AgentId>,
    /// At most so many.
    pub limit: Option<u32>,
    /// Only calls that come after this one in the list: the last one of the page before.
    pub after: Option<CallId>,
}

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
            let mut query = QueryBuilder::new("select id, record from calls where 1 = 1");
            narrow!(query, filter);
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
            sqlx::query_as("select id, record from calls where id = $1")
                .bind(id.0)
                .fetch_optional(pool)
                .await?
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

    /// Calls without an end: those going on, and after a crash those cut off, oldest first.
    ///
    /// # Errors
    ///
    /// If the database fails or holds what this version cannot read.
    pub async fn unfinished_calls(&self) -> Result<Vec<CallRecord>> {
        let rows: Vec<RecordRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select id, record from calls where ended_at is null order by arrived_at, id",
            )
            .fetch_all(pool)
            .await?
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

/// The id and the record of a row of `calls`.
#[derive(sqlx::FromRow)]
pub(super) struct RecordRow {
    id: Uuid,
    record: Json<serde_json::Value>,
}

impl RecordRow {
    fn into_record(self) -> Result<CallRecord> {
        serde_json::from_value(self.record.0).map_err(|source| Error::Unreadable {
            what: "the record",
            call: CallId(self.id),
            source,
        })
    }
}

/// Adds the filter's conditions, the order and the limit.
macro_rules! narrow {
    ($query:ident, $filter:ident) => {
        if let Some(from) = $filter.from {
            $query.push(" and arrived_at >= ").push_bind(from.0);
        }
        if let Some(to) = $filter.to {
            $query.push(" and arrived_at < ").push_bind(to.0);
        }
        if let Some(line) = &$filter.line {
            $query.push(" and line = ").push_bind(line.0.clone());
        }
        if let Some(outcome) = &$filter.outcome {
            $query.push(" and outcome = ").push_bind(word(outcome));
        }
        if let Some(grade) = &$filter.grade {
            $query.push(" and grade = ").push_bind(word(grade));
        }
        if let Some(purpose) = &$filter.purpose {
            $query.push(" and purpose = ").push_bind(purpose.clone());
        }
        if let Some(agent) = &$filter.agent {
            $query
                .push(" and (answered_by = ")
                .push_bind(agent.0.clone())
                .push(" or exists (select 1 from attempts where call_id = calls.id and agent = ")
                .push_bind(agent.0.clone())
                .push(") or exists (select 1 from transfers where call_id = calls.id and (by_agent = ")
                .push_bind(agent.0.clone())
                .push(" or target_agent = ")
                .push_bind(agent.0.clone())
                .push(")))");
        }
        if let Some(after) = $filter.after {
            $query
                .push(" and (arrived_at, id) < (select arrived_at, id from calls where id = ")
                .push_bind(after.0)
                .push(")");
        }
        $query.push(" order by arrived_at desc, id desc");
        if let Some(limit) = $filter.limit {
            $query.push(" limit ").push_bind(i64::from(limit));
        }
    };
}
use narrow;

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
