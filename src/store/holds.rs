//! Legal holds: while one stands, nothing deletes the recording (R193). Each hold is released by
//! itself, so that two matters may need one recording.

use serde::Serialize;
use uuid::Uuid;

use super::audit::{self, AuditEntry};
use super::engine::{Tx, in_tx, on_readers};
use super::recording_files::{self, FileState};
use super::{Error, Result, Store};
use crate::id::CallId;
use crate::rules::Timestamp;

/// One hold, standing or released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hold {
    /// Names it.
    pub id: Uuid,
    /// On whose recording.
    pub call: CallId,
    /// Who set it.
    pub held_by: String,
    /// When.
    pub held_at: Timestamp,
    /// Why.
    pub reason: String,
    /// Who released it, and when; `None` while it stands.
    pub released: Option<(String, Timestamp)>,
}

impl Store {
    /// Puts a hold on a recording; its audit row comes with it. Gives the hold's id.
    ///
    /// # Errors
    ///
    /// [`Error::NoRecording`] if there is none, or if it is deleted or being deleted; or if the
    /// database fails.
    pub async fn hold_recording(
        &self,
        call: CallId,
        by: &str,
        reason: &str,
        at: Timestamp,
    ) -> Result<Uuid> {
        let mut tx = self.engine.begin().await?;
        let state = recording_files::lock(&mut tx, call).await?;
        if matches!(state, FileState::Deleting | FileState::Deleted) {
            return Err(Error::NoRecording(call));
        }
        let entry = AuditEntry::of_recording("recording.hold", call, by, reason, at);
        in_tx!(&mut tx, connection => {
            sqlx::query(
                "insert into recording_holds (id, call_id, held_by, held_at, reason)
                 values ($1, $2, $3, $4, $5)",
            )
            .bind(entry.id.0)
            .bind(call.0)
            .bind(by)
            .bind(at.0)
            .bind(reason)
            .execute(connection)
            .await?;
        });
        audit::write(&mut tx, &entry).await?;
        tx.commit().await?;
        Ok(entry.id.0)
    }

    /// Releases one hold of a recording, or all of them; gives how many stood.
    ///
    /// # Errors
    ///
    /// [`Error::NoRecording`]; or if the database fails.
    pub async fn release_recording(
        &self,
        call: CallId,
        hold: Option<Uuid>,
        by: &str,
        reason: &str,
        at: Timestamp,
    ) -> Result<u64> {
        let mut tx = self.engine.begin().await?;
        recording_files::lock(&mut tx, call).await?;
        let released = in_tx!(&mut tx, connection => {
            sqlx::query(
                "update recording_holds
                 set released_by = $3, released_at = $4, release_reason = $5
                 where call_id = $1 and ($2 is null or id = $2) and released_at is null",
            )
            .bind(call.0)
            .bind(hold)
            .bind(by)
            .bind(at.0)
            .bind(reason)
            .execute(connection)
            .await?
            .rows_affected()
        });
        if released > 0 {
            let entry = AuditEntry::of_recording("recording.release", call, by, reason, at);
            audit::write(&mut tx, &entry).await?;
        }
        tx.commit().await?;
        Ok(released)
    }

    /// The holds of a recording, in order.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn holds(&self, call: CallId) -> Result<Vec<Hold>> {
        let rows: Vec<HoldRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select id, held_by, held_at, reason, released_by, released_at
                 from recording_holds where call_id = $1 order by held_at, id",
            )
            .bind(call.0)
            .fetch_all(pool)
            .await?
        });
        let hold = |row: HoldRow| Hold {
            id: row.id,
            call,
            held_by: row.held_by,
            held_at: Timestamp(row.held_at),
            reason: row.reason,
            released: row.released_by.zip(row.released_at.map(Timestamp)),
        };
        Ok(rows.into_iter().map(hold).collect())
    }
}

/// How many holds stand on a recording whose row is locked.
pub(super) async fn standing(tx: &mut Tx, call: CallId) -> Result<i64> {
    Ok(in_tx!(tx, connection => {
        sqlx::query_scalar(
            "select count(*) from recording_holds where call_id = $1 and released_at is null",
        )
        .bind(call.0)
        .fetch_one(connection)
        .await?
    }))
}

#[derive(sqlx::FromRow)]
struct HoldRow {
    id: Uuid,
    held_by: String,
    held_at: i64,
    reason: String,
    released_by: Option<String>,
    released_at: Option<i64>,
}
