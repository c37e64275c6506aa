//! The tables of what a call has several of, or at most one of: attempts, transfers, purposes,
//! recordings.

use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::call_rows::{int, word};
use super::insert::{Cell, Into};
use super::{Error, Result};
use crate::call::event::TransferTarget;
use crate::call::record::CallRecord;
use crate::call::record::{Attempt, CodeVersion, Transfer};
use crate::rules::Timestamp;

/// One row of `attempts`.
#[derive(Debug, PartialEq, sqlx::FromRow)]
pub(super) struct AttemptRow {
    pub(super) n: i64,
    agent: String,
    offered_at: i64,
    ringing_at: Option<i64>,
    agent_ring_ms: Option<i64>,
    result: Option<String>,
    status: Option<i64>,
    ended_at: Option<i64>,
}

impl AttemptRow {
    pub(super) fn of(attempt: &Attempt) -> Self {
        Self {
            n: attempt.n.into(),
            agent: attempt.agent.0.clone(),
            offered_at: attempt.offered_at.0,
            ringing_at: attempt.ringing_at.map(|at| at.0),
            agent_ring_ms: attempt.agent_ring_ms.map(int),
            result: attempt.result.as_ref().map(word),
            status: attempt.status.map(i64::from),
            ended_at: attempt.ended_at.map(|at| at.0),
        }
    }

    pub(super) const INTO: Into = Into {
        table: "attempts (call_id, n, agent, offered_at, ringing_at, agent_ring_ms, result, \
                status, ended_at)",
        conflict: "(call_id, n) do update set agent = excluded.agent, \
                   offered_at = excluded.offered_at, ringing_at = excluded.ringing_at, \
                   agent_ring_ms = excluded.agent_ring_ms, result = excluded.result, \
                   status = excluded.status, ended_at = excluded.ended_at",
    };

    pub(super) fn cells(&self, call: Uuid) -> [Cell<'_>; 9] {
        [
            call.into(),
            self.n.into(),
            (&self.agent).into(),
            self.offered_at.into(),
            self.ringing_at.into(),
            self.agent_ring_ms.into(),
            (&self.result).into(),
            self.status.into(),
            self.ended_at.into(),
        ]
    }
}

/// One row of `transfers`.
#[derive(Debug, PartialEq, sqlx::FromRow)]
pub(super) struct TransferRow {
    pub(super) n: i64,
    kind: String,
    by_agent: String,
    target_agent: Option<String>,
    target_party: Option<Uuid>,
    target_line: Option<String>,
    requested_at: i64,
    result: Option<String>,
    ended_at: Option<i64>,
}

impl TransferRow {
    pub(super) fn of(transfer: &Transfer) -> Self {
        let (target_agent, target_party, target_line) = match &transfer.target {
            TransferTarget::Agent(agent) => (Some(agent.0.clone()), None, None),
            TransferTarget::Number(party) => (None, Some(party.0), None),
            TransferTarget::Line(line) => (None, None, Some(line.0.clone())),
        };
        Self {
            n: transfer.n.into(),
            kind: word(&transfer.kind),
            by_agent: transfer.by.0.clone(),
            target_agent,
            target_party,
            target_line,
            requested_at: transfer.requested_at.0,
            result: transfer.result.as_ref().map(word),
            ended_at: transfer.ended_at.map(|at| at.0),
        }
    }

    pub(super) const INTO: Into = Into {
        table: "transfers (call_id, n, kind, by_agent, target_agent, target_party, \
                target_line, requested_at, result, ended_at)",
        conflict: "(call_id, n) do update set kind = excluded.kind, \
                   by_agent = excluded.by_agent, target_agent = excluded.target_agent, \
                   target_party = excluded.target_party, \
                   target_line = excluded.target_line, \
                   requested_at = excluded.requested_at, result = excluded.result, \
                   ended_at = excluded.ended_at",
    };

    pub(super) fn cells(&self, call: Uuid) -> [Cell<'_>; 10] {
        [
            call.into(),
            self.n.into(),
            (&self.kind).into(),
            (&self.by_agent).into(),
            (&self.target_agent).into(),
            self.target_party.into(),
            (&self.target_line).into(),
            self.requested_at.into(),
            (&self.result).into(),
            self.ended_at.into(),
        ]
    }
}

/// One row of `purposes` or of `dispositions`.
#[derive(Debug, PartialEq, sqlx::FromRow)]
pub(super) struct CodeRow {
    pub(super) call_id: Uuid,
    version: i64,
    code: String,
    author: String,
    reason: Option<String>,
    at: i64,
}

impl CodeRow {
    pub(super) fn of(call: Uuid, code: &CodeVersion) -> Self {
        Self {
            call_id: call,
            version: code.version.into(),
            code: code.code.clone(),
            author: code.author.clone(),
            reason: code.reason.clone(),
            at: code.at.0,
        }
    }

    /// A version that stands is never overwritten (R090).
    pub(super) const PURPOSES: Into = Into {
        table: "purposes (call_id, version, code, author, reason, at)",
        conflict: "(call_id, version) do nothing",
    };

    pub(super) const DISPOSITIONS: Into = Into {
        table: "dispositions (call_id, version, code, author, reason, at)",
        conflict: "(call_id, version) do nothing",
    };

    pub(super) fn cells(&self) -> [Cell<'_>; 6] {
        [
            self.call_id.into(),
            self.version.into(),
            (&self.code).into(),
            (&self.author).into(),
            (&self.reason).into(),
            self.at.into(),
        ]
    }

    pub(super) fn into_version(self) -> CodeVersion {
        CodeVersion {
            version: u32::try_from(self.version).unwrap_or(u32::MAX),
            code: self.code,
            author: self.author,
            reason: self.reason,
            at: Timestamp(self.at),
        }
    }
}

/// One row of `recordings`.
#[derive(Debug, PartialEq, sqlx::FromRow)]
pub(super) struct RecordingRow {
    path: Option<String>,
    sha256: Option<String>,
    size_bytes: Option<i64>,
    duration_ms: Option<i64>,
    gaps: Option<Json<Value>>,
    failure: Option<String>,
}

impl RecordingRow {
    /// `None` for a call that was not recorded and need not have been.
    pub(super) fn of(record: &CallRecord) -> Result<Option<Self>> {
        let recording = record.recording.as_ref();
        if recording.is_none() && record.recording_failure.is_none() {
            return Ok(None);
        }
        let gaps = recording.map(|recording| serde_json::to_value(&recording.gaps));
        Ok(Some(Self {
            path: recording.map(|recording| recording.path.clone()),
            sha256: recording.map(|recording| recording.sha256.clone()),
            size_bytes: recording.map(|recording| int(recording.size_bytes)),
            duration_ms: recording.map(|recording| int(recording.duration_ms)),
            gaps: gaps.transpose().map_err(Error::Unwritable)?.map(Json),
            failure: record.recording_failure.clone(),
        }))
    }

    pub(super) const INTO: Into = Into {
        table: "recordings (call_id, path, sha256, size_bytes, duration_ms, gaps, failure)",
        conflict: "(call_id) do update set path = excluded.path, sha256 = excluded.sha256, \
                   size_bytes = excluded.size_bytes, duration_ms = excluded.duration_ms, \
                   gaps = excluded.gaps, failure = excluded.failure",
    };

    pub(super) fn cells(&self, call: Uuid) -> [Cell<'_>; 7] {
        [
            call.into(),
            (&self.path).into(),
            (&self.sha256).into(),
            self.size_bytes.into(),
            self.duration_ms.into(),
            (&self.gaps).into(),
            (&self.failure).into(),
        ]
    }
}
