//! A call's record in its tables: written as it changes, and read back whole for a rebuild.

use uuid::Uuid;

use super::Result;
use super::call_rows::{self, CallRow};
use super::engine::{Tx, in_tx};
use super::part_rows::{AttemptRow, PurposeRow, RecordingRow, TransferRow};
use crate::call::record::CallRecord;

/// All rows of one call.
#[derive(Debug, PartialEq)]
pub(super) struct Projection {
    call: CallRow,
    attempts: Vec<AttemptRow>,
    transfers: Vec<TransferRow>,
    purposes: Vec<PurposeRow>,
    recording: Option<RecordingRow>,
}

impl Projection {
    pub(super) fn of(record: &CallRecord) -> Result<Self> {
        let purposes = record.purposes.iter();
        let mut attempts: Vec<_> = record.attempts.iter().map(AttemptRow::of).collect();
        attempts.sort_by_key(|attempt| attempt.n);
        let mut transfers: Vec<_> = record.transfers.iter().map(TransferRow::of).collect();
        transfers.sort_by_key(|transfer| transfer.n);
        Ok(Self {
            call: CallRow::of(record)?,
            attempts,
            transfers,
            purposes: purposes
                .map(|purpose| PurposeRow::of(record.id.0, purpose))
                .collect(),
            recording: RecordingRow::of(record)?,
        })
    }

    /// The rows as they are stored; the call's own row stays locked until the transaction ends.
    pub(super) async fn stored(tx: &mut Tx, call: Uuid) -> Result<Option<Self>> {
        let Some(row) = CallRow::lock(tx, call).await? else {
            return Ok(None);
        };
        in_tx!(tx, connection => Ok(Some(Self {
            call: row,
            attempts: sqlx::query_as("select * from attempts where call_id = $1 order by n")
                .bind(call)
                .fetch_all(&mut *connection)
                .await?,
            transfers: sqlx::query_as("select * from transfers where call_id = $1 order by n")
                .bind(call)
                .fetch_all(&mut *connection)
                .await?,
            purposes: sqlx::query_as("select * from purposes where call_id = $1 order by version")
                .bind(call)
                .fetch_all(&mut *connection)
                .await?,
            recording: sqlx::query_as("select * from recordings where call_id = $1")
                .bind(call)
                .fetch_optional(&mut *connection)
                .await?,
        })))
    }
}

/// Brings the rows of a call from `before` to `after`; touches only those that changed.
pub(super) async fn write(
    tx: &mut Tx,
    before: Option<&CallRecord>,
    after: &CallRecord,
) -> Result<()> {
    let call = after.id.0;
    CallRow::of(after)?.write(tx).await?;
    for (n, attempt) in after.attempts.iter().enumerate() {
        if before.and_then(|before| before.attempts.get(n)) != Some(attempt) {
            AttemptRow::of(attempt).write(tx, call).await?;
        }
    }
    for (n, transfer) in after.transfers.iter().enumerate() {
        if before.and_then(|before| before.transfers.get(n)) != Some(transfer) {
            TransferRow::of(transfer).write(tx, call).await?;
        }
    }
    for purpose in &after.purposes {
        if before.is_none_or(|before| !before.purposes.contains(purpose)) {
            PurposeRow::of(call, purpose).write(tx).await?;
            call_rows::set_purpose(tx, call, purpose.version, &purpose.code).await?;
        }
    }
    let recording = RecordingRow::of(after)?;
    if let Some(recording) = recording {
        let known = before.map(RecordingRow::of).transpose()?.flatten();
        if known.as_ref() != Some(&recording) {
            recording.write(tx, call).await?;
        }
    }
    Ok(())
}

/// Removes every row of a call; its events stay.
pub(super) async fn remove(tx: &mut Tx, call: Uuid) -> Result<()> {
    for statement in [
        "delete from recordings where call_id = $1",
        "delete from purposes where call_id = $1",
        "delete from transfers where call_id = $1",
        "delete from attempts where call_id = $1",
        "delete from calls where id = $1",
    ] {
        in_tx!(tx, connection => {
            sqlx::query(statement).bind(call).execute(connection).await?;
        });
    }
    Ok(())
}
