//! What became of recordings' files after their calls: rows that come into being with the
//! `recordings` projection (a trigger makes them) and live on by themselves.

use std::str::FromStr;

use serde::Serialize;
use uuid::Uuid;

use super::audit::{self, AuditEntry};
use super::call_filter::listed;
use super::engine::{Tx, in_tx, on_readers};
use super::{Error, Result, Store};
use crate::id::{AgentId, CallId, LineId};
use crate::rules::Timestamp;

/// The columns of a [`StoredFile`], from `recording_files`.
pub(super) const COLUMNS: &str = "call_id, path, line, arrived_at, sha256, size_bytes, state, verified_at, \
    copied_at, copy_tries, copy_error, \
    (select count(*) from recording_holds where recording_holds.call_id = recording_files.call_id \
        and released_at is null) as holds";

/// Where a recording is, and in what condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// On our disk; whole, when it was last looked at.
    Local,
    /// Not where it should be.
    Missing,
    /// It is not what was sealed.
    Damaged,
    /// Only the copy is left, which was proved.
    Remote,
    /// It is being deleted: a crash may have come in between.
    Deleting,
    /// Deleted, on purpose.
    Deleted,
}

impl FileState {
    /// The word that rows, tables and metrics use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Missing => "missing",
            Self::Damaged => "damaged",
            Self::Remote => "remote",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
        }
    }
}

impl FromStr for FileState {
    type Err = String;

    fn from_str(word: &str) -> std::result::Result<Self, String> {
        let all = [
            Self::Local,
            Self::Missing,
            Self::Damaged,
            Self::Remote,
            Self::Deleting,
            Self::Deleted,
        ];
        let known = all.into_iter().find(|state| state.as_str() == word);
        known.ok_or_else(|| {
            let words: Vec<_> = all.iter().map(|state| state.as_str()).collect();
            format!("write one of {}", words.join(", "))
        })
    }
}

/// One recording's files, as the store knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoredFile {
    /// Whose recording.
    pub call: CallId,
    /// Path of the WAV below the recordings folder.
    pub path: String,
    /// The line that the call was on.
    pub line: Option<LineId>,
    /// When the call arrived.
    pub arrived_at: Timestamp,
    /// SHA-256 that it was sealed with.
    pub sha256: String,
    /// Size that it was sealed with.
    pub size_bytes: u64,
    /// Where it is.
    pub state: FileState,
    /// When it was last read and compared.
    pub verified_at: Option<Timestamp>,
    /// When its copy was proved.
    pub copied_at: Option<Timestamp>,
    /// How often copying has failed since.
    pub copy_tries: u32,
    /// Why it failed last.
    pub copy_error: Option<String>,
    /// Holds that stand (R193).
    pub holds: u32,
}

/// Recordings that are looked through at once.
const PAGE: u32 = 500;

/// Which recordings a list is of; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct FileFilter {
    /// In this state.
    pub state: Option<FileState>,
    /// With a hold.
    pub held: bool,
    /// Of calls on this line.
    pub line: Option<LineId>,
    /// Of calls in which one of these served the caller; of all, if there are none. Who was only asked
    /// in a call, or beside it, has not.
    pub agents: Vec<AgentId>,
    /// At most so many.
    pub limit: Option<u32>,
    /// Only those that come after this call's in the list: the last one of the page before.
    pub after: Option<CallId>,
}

impl Store {
    /// Recordings, the newest call first.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn recordings(&self, filter: &FileFilter) -> Result<Vec<StoredFile>> {
        if filter.agents.is_empty() {
            return self.recording_page(filter).await;
        }
        let most = filter.limit.map_or(usize::MAX, |limit| limit as usize);
        let mut next = FileFilter {
            limit: Some(filter.limit.map_or(PAGE, |limit| limit.min(PAGE))),
            ..filter.clone()
        };
        let mut served = Vec::new();
        while served.len() < most {
            // Whoever answered in a call may have been asked only: its record tells.
            let page = self.recording_page(&next).await?;
            let Some(last) = page.last() else { break };
            next.after = Some(last.call);
            let calls: Vec<_> = page.iter().map(|file| file.call).collect();
            let records = self.records(&calls).await?;
            let is_served = |file: &StoredFile| {
                let mut own = records.iter().filter(|record| record.id == file.call);
                own.any(|record| {
                    filter
                        .agents
                        .iter()
                        .any(|agent| record.was_served_by(agent))
                })
            };
            served.extend(page.into_iter().filter(is_served));
        }
        served.truncate(most);
        Ok(served)
    }

    /// The same, with whoever answered any phone in a call.
    async fn recording_page(&self, filter: &FileFilter) -> Result<Vec<StoredFile>> {
        let sql = format!(
            "select * from (select {COLUMNS} from recording_files) files
             where ($1 is null or state = $1) and (holds > 0 or not $2)
                 and ($4 is null or line = $4)
                 and ($5 is null
                     or exists (select 1 from calls where calls.id = files.call_id
                         and replace($5, ',' || answered_by || ',', '') <> $5)
                     or exists (select 1 from attempts where attempts.call_id = files.call_id
                         and replace($5, ',' || agent || ',', '') <> $5 and result = 'answered'))
                 and ($6 is null or (arrived_at, call_id) <
                     (select arrived_at, call_id from recording_files where call_id = $6))
             order by arrived_at desc, call_id desc limit $3"
        );
        let rows: Vec<FileRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(sqlx::AssertSqlSafe(sql))
                .bind(filter.state.map(FileState::as_str))
                .bind(filter.held)
                .bind(filter.limit.map_or(i64::MAX, i64::from))
                .bind(filter.line.as_ref().map(|line| line.0.clone()))
                .bind(listed(&filter.agents))
                .bind(filter.after.map(|call| call.0))
                .fetch_all(pool)
                .await?
        });
        rows.into_iter().map(FileRow::into_file).collect()
    }

    /// One call's recording.
    ///
    /// # Errors
    ///
    /// [`Error::NoRecording`]; or if the database fails.
    pub async fn recording(&self, call: CallId) -> Result<StoredFile> {
        let sql = format!("select {COLUMNS} from recording_files where call_id = $1");
        let row: Option<FileRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(sqlx::AssertSqlSafe(sql))
                .bind(call.0)
                .fetch_optional(pool)
                .await?
        });
        row.ok_or(Error::NoRecording(call))?.into_file()
    }

    /// The recordings on our disk that were not looked at since `before`, the longest first.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn unverified(&self, before: Timestamp, limit: u32) -> Result<Vec<StoredFile>> {
        let sql = format!(
            "select {COLUMNS} from recording_files
             where state in ('local', 'missing', 'damaged')
                 and (verified_at is null or verified_at < $1)
             order by verified_at nulls first, arrived_at limit $2"
        );
        let rows: Vec<FileRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(sqlx::AssertSqlSafe(sql))
                .bind(before.0)
                .bind(i64::from(limit))
                .fetch_all(pool)
                .await?
        });
        rows.into_iter().map(FileRow::into_file).collect()
    }

    /// The recordings of a line whose calls arrived before `before`, that can be deleted.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn expired(
        &self,
        line: &LineId,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<CallId>> {
        let calls: Vec<Uuid> = on_readers!(&self.engine, pool => {
            sqlx::query_scalar(
                "select call_id from recording_files
                 where line = $1 and arrived_at < $2 and state not in ('deleting', 'deleted')
                     and not exists (select 1 from recording_holds
                         where recording_holds.call_id = recording_files.call_id
                             and released_at is null)
                 order by arrived_at limit $3",
            )
            .bind(&line.0)
            .bind(before.0)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await?
        });
        Ok(calls.into_iter().map(CallId).collect())
    }

    /// How many recordings are missing, damaged, and half deleted.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn faults(&self) -> Result<[(FileState, u64); 3]> {
        let rows: Vec<(String, i64)> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select state, count(*) from recording_files
                 where state in ('missing', 'damaged', 'deleting') group by state",
            )
            .fetch_all(pool)
            .await?
        });
        let count = |state: FileState| {
            let row = rows.iter().find(|(word, _)| word == state.as_str());
            let count = row.map_or(0, |(_, count)| u64::try_from(*count).unwrap_or(0));
            (state, count)
        };
        Ok([FileState::Missing, FileState::Damaged, FileState::Deleting].map(count))
    }

    /// A recording was looked at and found to be in this state. Nothing happens to one that has
    /// been deleted meanwhile.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn verified(&self, call: CallId, state: FileState, at: Timestamp) -> Result<()> {
        let mut tx = self.engine.begin().await?;
        in_tx!(&mut tx, connection => {
            sqlx::query(
                "update recording_files set state = $2, verified_at = $3
                 where call_id = $1 and state in ('local', 'missing', 'damaged')",
            )
            .bind(call.0)
            .bind(state.as_str())
            .bind(at.0)
            .execute(connection)
            .await?;
        });
        tx.commit().await
    }

    /// Begins to delete a recording: afterwards no hold can be put on it, and the audit row is
    /// durable.
    ///
    /// # Errors
    ///
    /// [`Error::Held`], [`Error::NoRecording`]; or if the database fails. Then nothing may be
    /// deleted.
    pub async fn begin_deleting(&self, call: CallId, entry: &AuditEntry) -> Result<()> {
        let mut tx = self.engine.begin().await?;
        let state = lock(&mut tx, call).await?;
        if super::holds::standing(&mut tx, call).await? > 0 {
            return Err(Error::Held(call));
        }
        if state == FileState::Deleted {
            return Err(Error::NoRecording(call));
        }
        set_state(&mut tx, call, FileState::Deleting).await?;
        audit::write(&mut tx, entry).await?;
        tx.commit().await
    }

    /// The files of a recording are gone.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn deleted(&self, call: CallId) -> Result<()> {
        let mut tx = self.engine.begin().await?;
        set_state(&mut tx, call, FileState::Deleted).await?;
        tx.commit().await
    }
}

/// Locks a recording's row and gives its state: holds and deletions go one after the other.
pub(super) async fn lock(tx: &mut Tx, call: CallId) -> Result<FileState> {
    let state: Option<String> = in_tx!(tx, connection => {
        sqlx::query_scalar(
            "update recording_files set copy_tries = copy_tries where call_id = $1
             returning state",
        )
        .bind(call.0)
        .fetch_optional(connection)
        .await?
    });
    let state = state.ok_or(Error::NoRecording(call))?;
    state.parse().map_err(|_| Error::NoRecording(call))
}

pub(super) async fn set_state(tx: &mut Tx, call: CallId, state: FileState) -> Result<()> {
    in_tx!(tx, connection => {
        sqlx::query("update recording_files set state = $2 where call_id = $1")
            .bind(call.0)
            .bind(state.as_str())
            .execute(connection)
            .await?;
    });
    Ok(())
}

#[derive(sqlx::FromRow)]
pub(super) struct FileRow {
    call_id: Uuid,
    path: String,
    line: Option<String>,
    arrived_at: i64,
    sha256: String,
    size_bytes: i64,
    state: String,
    verified_at: Option<i64>,
    copied_at: Option<i64>,
    copy_tries: i64,
    copy_error: Option<String>,
    holds: i64,
}

impl FileRow {
    pub(super) fn into_file(self) -> Result<StoredFile> {
        let call = CallId(self.call_id);
        Ok(StoredFile {
            call,
            path: self.path,
            line: self.line.map(LineId),
            arrived_at: Timestamp(self.arrived_at),
            sha256: self.sha256,
            size_bytes: u64::try_from(self.size_bytes).unwrap_or(0),
            state: self.state.parse().map_err(|_| Error::NoRecording(call))?,
            verified_at: self.verified_at.map(Timestamp),
            copied_at: self.copied_at.map(Timestamp),
            copy_tries: u32::try_from(self.copy_tries).unwrap_or(u32::MAX),
            copy_error: self.copy_error,
            holds: u32::try_from(self.holds).unwrap_or(u32::MAX),
        })
    }
}
