//! Which recordings have a copy elsewhere, which are to get one, and when it is tried again: the
//! spool of copying is these rows, so it survives whatever the service does not.

use super::audit::{self, AuditEntry};
use super::engine::{in_tx, on_readers};
use super::recording_files::{self, COLUMNS, FileRow, FileState, StoredFile};
use super::{Error, Result, Store};
use crate::id::CallId;
use crate::rules::Timestamp;

/// Recordings that have no proved copy yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uncopied {
    /// How many.
    pub count: u64,
    /// How large, together.
    pub bytes: u64,
    /// When the oldest of their calls arrived.
    pub oldest: Option<Timestamp>,
}

impl Store {
    /// Recordings without a proved copy that are due to be copied, the longest due first.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn to_copy(&self, now: Timestamp, limit: u32) -> Result<Vec<StoredFile>> {
        let sql = format!(
            "select {COLUMNS} from recording_files
             where copied_at is null and copy_due_at <= $1 and state = 'local'
             order by copy_due_at, arrived_at limit $2"
        );
        self.files(sql, now, limit).await
    }

    /// Recordings on our disk with a copy, of calls that arrived before `before`, that nobody
    /// holds.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn to_leave(&self, before: Timestamp, limit: u32) -> Result<Vec<StoredFile>> {
        let sql = format!(
            "select * from (select {COLUMNS} from recording_files
                 where copied_at is not null and arrived_at < $1 and state = 'local') files
             where holds = 0 order by arrived_at limit $2"
        );
        self.files(sql, before, limit).await
    }

    async fn files(&self, sql: String, at: Timestamp, limit: u32) -> Result<Vec<StoredFile>> {
        let rows: Vec<FileRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(sqlx::AssertSqlSafe(sql))
                .bind(at.0)
                .bind(i64::from(limit))
                .fetch_all(pool)
                .await?
        });
        rows.into_iter().map(FileRow::into_file).collect()
    }

    /// A copy has been proved. Whether it counts: a recording may have been deleted meanwhile.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn copied(&self, call: CallId, at: Timestamp) -> Result<bool> {
        let mut tx = self.engine.begin().await?;
        let rows = in_tx!(&mut tx, connection => {
            sqlx::query(
                "update recording_files set copied_at = $2, copy_error = null \
                 where call_id = $1 and state not in ('deleting', 'deleted')",
            )
            .bind(call.0)
            .bind(at.0)
            .execute(connection)
            .await?
            .rows_affected()
        });
        tx.commit().await?;
        Ok(rows > 0)
    }

    /// There is no copy, or not the right one: it is tried again at `due`.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn copy_failed(&self, call: CallId, error: &str, due: Timestamp) -> Result<()> {
        let mut tx = self.engine.begin().await?;
        in_tx!(&mut tx, connection => {
            sqlx::query(
                "update recording_files set copied_at = null, copy_error = $2, copy_due_at = $3,
                     copy_tries = copy_tries + 1
                 where call_id = $1",
            )
            .bind(call.0)
            .bind(error)
            .bind(due.0)
            .execute(connection)
            .await?;
        });
        tx.commit().await
    }

    /// From now on only the copy counts: the file on our disk may go.
    ///
    /// # Errors
    ///
    /// [`Error::Held`], or [`Error::NoRecording`] if it has no copy any more; or if the database
    /// fails. Then the file must stay.
    pub async fn leave_to_copy(&self, call: CallId, entry: &AuditEntry) -> Result<()> {
        let mut tx = self.engine.begin().await?;
        recording_files::lock(&mut tx, call).await?;
        if super::holds::standing(&mut tx, call).await? > 0 {
            return Err(Error::Held(call));
        }
        let left = in_tx!(&mut tx, connection => {
            sqlx::query(
                "update recording_files set state = $2
                 where call_id = $1 and state = 'local' and copied_at is not null",
            )
            .bind(call.0)
            .bind(FileState::Remote.as_str())
            .execute(connection)
            .await?
            .rows_affected()
        });
        if left == 0 {
            return Err(Error::NoRecording(call));
        }
        audit::write(&mut tx, entry).await?;
        tx.commit().await
    }

    /// What is still to be copied.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn copy_backlog(&self) -> Result<Uncopied> {
        let row: (i64, i64, Option<i64>) = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select count(*), cast(coalesce(sum(size_bytes), 0) as bigint), min(arrived_at)
                 from recording_files where copied_at is null and state = 'local'",
            )
            .fetch_one(pool)
            .await?
        });
        let (count, bytes, oldest) = row;
        Ok(Uncopied {
            count: u64::try_from(count).unwrap_or(0),
            bytes: u64::try_from(bytes).unwrap_or(0),
            oldest: oldest.map(Timestamp),
        })
    }
}
