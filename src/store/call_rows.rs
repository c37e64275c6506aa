//! The table `calls`: what reports and filters ask for in columns of its own, the whole record
//! beside them.

use serde::Serialize;
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::engine::{Tx, in_tx};
use super::insert::{Cell, Into};
use super::{Error, Result};
use crate::call::record::CallRecord;
use crate::call::record::write_up::WriteUp;

/// One row of `calls`.
#[expect(
    clippy::struct_excessive_bools,
    reason = "columns that lists are narrowed by"
)]
#[derive(Debug, PartialEq, sqlx::FromRow)]
pub(super) struct CallRow {
    id: Uuid,
    arrived_at: i64,
    direction: String,
    origin: String,
    caller: Option<Uuid>,
    dialled: String,
    line: Option<String>,
    trunk: Option<String>,
    outcome: Option<String>,
    status: Option<i64>,
    profile: Option<String>,
    ringback: Option<String>,
    caller_ring_ms: Option<i64>,
    rings: Option<i64>,
    grade: Option<String>,
    late_answer: bool,
    answered_by: Option<String>,
    answered_at: Option<i64>,
    talk_ms: Option<i64>,
    queue_ms: Option<i64>,
    hangup_party: Option<String>,
    agent_first: bool,
    ended_at: Option<i64>,
    purpose_version: Option<i64>,
    purpose: Option<String>,
    record: Json<Value>,
    overrun: bool,
    withheld: bool,
    anonymous: bool,
    closed_at: Option<i64>,
    closed_by: Option<String>,
    write_up_ms: Option<i64>,
    write_up_long: bool,
    talk_long: bool,
    passed_on_often: bool,
    emergency: bool,
    callee: Option<Uuid>,
    handling: Option<String>,
    handled: Option<String>,
}

impl CallRow {
    pub(super) fn of(record: &CallRecord) -> Result<Self> {
        let mut document = serde_json::to_value(record).map_err(Error::Unwritable)?;
        // They have a table of their own, which another process may write to.
        if let Some(purposes) = document.get_mut("purposes") {
            *purposes = Value::Array(Vec::new());
        }
        if let Some(document) = document.as_object_mut() {
            document.remove("dispositions");
            document.remove("write_up");
        }
        let purpose = record.purpose();
        Ok(Self {
            id: record.id.0,
            arrived_at: record.arrived_at.0,
            direction: word(&record.direction),
            origin: word(&record.origin),
            caller: record.caller.map(|party| party.0),
            dialled: record.dialled.clone(),
            line: record.line.as_ref().map(|line| line.0.clone()),
            trunk: record.trunk.as_ref().map(|trunk| trunk.0.clone()),
            outcome: record.outcome.as_ref().map(word),
            status: record.status.map(i64::from),
            profile: record.profile.as_ref().map(|profile| profile.name.clone()),
            ringback: record.ringback.as_ref().map(word),
            caller_ring_ms: record.caller_ring_ms.map(int),
            rings: record.rings.map(i64::from),
            grade: record.grade.as_ref().map(word),
            late_answer: record.late_answer,
            answered_by: record.answered_by.as_ref().map(|agent| agent.0.clone()),
            answered_at: record.answered_at.map(|at| at.0),
            talk_ms: record.talk_ms.map(int),
            queue_ms: record.queue_ms.map(int),
            hangup_party: record.hangup_party.as_ref().map(word),
            agent_first: record.agent_first,
            ended_at: record.ended_at.map(|at| at.0),
            purpose_version: purpose.map(|purpose| i64::from(purpose.version)),
            purpose: purpose.map(|purpose| purpose.code.clone()),
            record: Json(document),
            overrun: !record.desk.overruns.is_empty(),
            withheld: record.circumstances.withheld,
            anonymous: record.write_up.anonymous,
            closed_at: record.write_up.closed_at.map(|at| at.0),
            closed_by: record.write_up.closed_by.clone(),
            write_up_ms: record.write_up.ms.map(int),
            write_up_long: record.write_up.was_long,
            talk_long: record.talked_long(),
            passed_on_often: record.desk.passed_on_often,
            emergency: record.was_emergency(),
            callee: record.callee.map(|party| party.0),
            handling: handling_word(&record.write_up),
            handled: handled_text(&record.write_up),
        })
    }

    /// What was fixed at the arrival is not written again, and the purpose is [`set_purpose`]'s,
    /// what else people say [`set_write_up`]'s once the row is there: another process may set them
    /// during the call.
    pub(super) const INTO: Into = Into {
        table: "calls (id, arrived_at, direction, origin, caller, dialled, line, trunk, outcome, \
                status, profile, ringback, caller_ring_ms, rings, grade, late_answer, \
                answered_by, answered_at, talk_ms, queue_ms, hangup_party, agent_first, ended_at, \
                purpose_version, purpose, record, overrun, withheld, anonymous, closed_at, \
                closed_by, write_up_ms, write_up_long, talk_long, passed_on_often, emergency, \
                callee, handling, handled)",
        conflict: "(id) do update set outcome = excluded.outcome, status = excluded.status, \
                   profile = excluded.profile, ringback = excluded.ringback, \
                   caller_ring_ms = excluded.caller_ring_ms, rings = excluded.rings, \
                   grade = excluded.grade, late_answer = excluded.late_answer, \
                   answered_by = excluded.answered_by, answered_at = excluded.answered_at, \
                   talk_ms = excluded.talk_ms, queue_ms = excluded.queue_ms, \
                   hangup_party = excluded.hangup_party, agent_first = excluded.agent_first, \
                   ended_at = excluded.ended_at, record = excluded.record, \
                   overrun = excluded.overrun, talk_long = excluded.talk_long, \
                   passed_on_often = excluded.passed_on_often, \
                   emergency = excluded.emergency",
    };

    pub(super) fn cells(&self) -> [Cell<'_>; 39] {
        [
            self.id.into(),
            self.arrived_at.into(),
            (&self.direction).into(),
            (&self.origin).into(),
            self.caller.into(),
            (&self.dialled).into(),
            (&self.line).into(),
            (&self.trunk).into(),
            (&self.outcome).into(),
            self.status.into(),
            (&self.profile).into(),
            (&self.ringback).into(),
            self.caller_ring_ms.into(),
            self.rings.into(),
            (&self.grade).into(),
            self.late_answer.into(),
            (&self.answered_by).into(),
            self.answered_at.into(),
            self.talk_ms.into(),
            self.queue_ms.into(),
            (&self.hangup_party).into(),
            self.agent_first.into(),
            self.ended_at.into(),
            self.purpose_version.into(),
            (&self.purpose).into(),
            (&self.record).into(),
            self.overrun.into(),
            self.withheld.into(),
            self.anonymous.into(),
            self.closed_at.into(),
            (&self.closed_by).into(),
            self.write_up_ms.into(),
            self.write_up_long.into(),
            self.talk_long.into(),
            self.passed_on_often.into(),
            self.emergency.into(),
            self.callee.into(),
            (&self.handling).into(),
            (&self.handled).into(),
        ]
    }

    /// The stored row; on Postgres it is locked until the transaction ends (on SQLite the
    /// transaction already holds the only lock there is).
    pub(super) async fn lock(tx: &mut Tx, call: Uuid) -> Result<Option<Self>> {
        Ok(match tx {
            Tx::Sqlite(tx) => {
                sqlx::query_as("select * from calls where id = $1")
                    .bind(call)
                    .fetch_optional(&mut **tx)
                    .await?
            }
            Tx::Postgres(tx) => {
                sqlx::query_as("select * from calls where id = $1 for update")
                    .bind(call)
                    .fetch_optional(&mut **tx)
                    .await?
            }
        })
    }
}

/// Makes `code` the purpose that counts, unless a later version does.
pub(super) async fn set_purpose(tx: &mut Tx, call: Uuid, version: u32, code: &str) -> Result<()> {
    in_tx!(tx, connection => {
        sqlx::query(
            "update calls set purpose_version = $2, purpose = $3
             where id = $1 and (purpose_version is null or purpose_version < $2)",
        )
        .bind(call)
        .bind(i64::from(version))
        .bind(code)
        .execute(connection)
        .await?;
    });
    Ok(())
}

/// How far a call is written up from now on.
pub(super) async fn set_write_up(tx: &mut Tx, call: Uuid, write_up: &WriteUp) -> Result<()> {
    in_tx!(tx, connection => {
        sqlx::query(
            "update calls set anonymous = $2, closed_at = $3, closed_by = $4, write_up_ms = $5,
             write_up_long = $6, handling = $7, handled = $8 where id = $1",
        )
        .bind(call)
        .bind(write_up.anonymous)
        .bind(write_up.closed_at.map(|at| at.0))
        .bind(write_up.closed_by.as_deref())
        .bind(write_up.ms.map(int))
        .bind(write_up.was_long)
        .bind(handling_word(write_up))
        .bind(handled_text(write_up))
        .execute(connection)
        .await?;
    });
    Ok(())
}

fn handling_word(write_up: &WriteUp) -> Option<String> {
    let handled = write_up.handled.as_ref()?;
    Some(handled.handling.as_str().to_owned())
}

fn handled_text(write_up: &WriteUp) -> Option<String> {
    let handled = write_up.handled.as_ref()?;
    // Texts of peers have no part in it, and Postgres takes no NUL.
    let text = serde_json::to_string(handled).ok()?;
    Some(text.replace("\\u0000", ""))
}

/// The snake-case word that serde gives a fieldless variant.
pub(super) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// Both databases count in signed 64 bits.
pub(super) fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
