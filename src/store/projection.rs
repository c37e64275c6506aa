//! A call's record in its tables: written as it changes, and read back whole for a rebuild.

use uuid::Uuid;

use super::Result;
use super::call_rows::{self, CallRow};
use super::engine::{Tx, in_tx};
use super::insert::insert;
use super::part_rows::{AttemptRow, CodeRow, RecordingRow, TransferRow};
use crate::call::record::write_up::WriteUp;
use crate::call::record::{CallRecord, CodeVersion};

/// All rows of one call.
#[derive(Debug, PartialEq)]
pub(super) struct Projection {
    call: CallRow,
    attempts: Vec<AttemptRow>,
    transfers: Vec<TransferRow>,
    purposes: Vec<CodeRow>,
    dispositions: Vec<CodeRow>,
    recording: Option<RecordingRow>,
}

impl Projection {
    pub(super) fn of(record: &CallRecord) -> Result<Self> {
        let codes = |codes: &[CodeVersion]| {
            let codes = codes.iter();
            codes.map(|code| CodeRow::of(record.id.0, code)).collect()
        };
        let mut attempts: Vec<_> = record.attempts.iter().map(AttemptRow::of).collect();
        attempts.sort_by_key(|attempt| attempt.n);
        let mut transfers: Vec<_> = record.transfers.iter().map(TransferRow::of).collect();
        transfers.sort_by_key(|transfer| transfer.n);
        Ok(Self {
            call: CallRow::of(record)?,
            attempts,
            transfers,
            purposes: codes(&record.purposes),
            dispositions: codes(&record.dispositions),
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
            dispositions: sqlx::query_as(
                "select * from dispositions where call_id = $1 order by version",
            )
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

/// A call's record before and after.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) before: Option<CallRecord>,
    pub(super) after: CallRecord,
}

impl Change {
    /// What a row has from its first insert on is no longer so: the first event stored was not
    /// the arrival.
    fn arrival_changed(&self) -> bool {
        let after = &self.after;
        self.before.as_ref().is_some_and(|before| {
            before.arrived_at != after.arrived_at
                || before.direction != after.direction
                || before.origin != after.origin
                || before.caller != after.caller
                || before.dialled != after.dialled
                || before.line != after.line
                || before.trunk != after.trunk
        })
    }
}

/// Brings the rows of calls from before to after; touches only those that changed. A call
/// without a before has no rows yet.
pub(super) async fn write<'a>(
    tx: &mut Tx,
    changes: impl Iterator<Item = &'a Change> + Clone,
) -> Result<()> {
    for change in changes.clone() {
        if change.arrival_changed() {
            remove(tx, change.after.id.0).await?;
        }
    }
    let calls = changes.clone().map(|change| CallRow::of(&change.after));
    let calls = calls.collect::<Result<Vec<_>>>()?;
    let calls: Vec<_> = calls.iter().map(CallRow::cells).collect();
    insert(tx, CallRow::INTO, &calls).await?;
    ChangedParts::of(changes)?.write(tx).await
}

/// The rows beside the calls' own that are new or have changed.
#[derive(Debug, Default)]
struct ChangedParts {
    attempts: Vec<(Uuid, AttemptRow)>,
    transfers: Vec<(Uuid, TransferRow)>,
    purposes: Vec<CodeRow>,
    dispositions: Vec<CodeRow>,
    recordings: Vec<(Uuid, RecordingRow)>,
    /// Purposes of calls whose row was there before.
    set_later: Vec<(Uuid, CodeVersion)>,
    /// How far calls are written up whose row was there before.
    written_up: Vec<(Uuid, WriteUp)>,
}

impl ChangedParts {
    fn of<'a>(changes: impl Iterator<Item = &'a Change>) -> Result<Self> {
        let mut parts = Self::default();
        for change in changes {
            let before = change.before.as_ref();
            let before = before.filter(|_| !change.arrival_changed());
            parts.add(before, &change.after)?;
        }
        Ok(parts)
    }

    fn add(&mut self, before: Option<&CallRecord>, after: &CallRecord) -> Result<()> {
        let call = after.id.0;
        for (n, attempt) in after.attempts.iter().enumerate() {
            if before.and_then(|before| before.attempts.get(n)) != Some(attempt) {
                self.attempts.push((call, AttemptRow::of(attempt)));
            }
        }
        for (n, transfer) in after.transfers.iter().enumerate() {
            if before.and_then(|before| before.transfers.get(n)) != Some(transfer) {
                self.transfers.push((call, TransferRow::of(transfer)));
            }
        }
        for purpose in &after.purposes {
            if before.is_some_and(|before| before.purposes.contains(purpose)) {
                continue;
            }
            self.purposes.push(CodeRow::of(call, purpose));
            if before.is_some() {
                self.set_later.push((call, purpose.clone()));
            }
        }
        for disposition in &after.dispositions {
            if !before.is_some_and(|before| before.dispositions.contains(disposition)) {
                self.dispositions.push(CodeRow::of(call, disposition));
            }
        }
        if before.is_some_and(|before| before.write_up != after.write_up) {
            self.written_up.push((call, (*after.write_up).clone()));
        }
        let known = before.map(RecordingRow::of).transpose()?.flatten();
        let recording = RecordingRow::of(after)?.filter(|row| known.as_ref() != Some(row));
        self.recordings.extend(recording.map(|row| (call, row)));
        Ok(())
    }

    async fn write(&self, tx: &mut Tx) -> Result<()> {
        let rows = self.attempts.iter().map(|(call, row)| row.cells(*call));
        insert(tx, AttemptRow::INTO, &rows.collect::<Vec<_>>()).await?;
        let rows = self.transfers.iter().map(|(call, row)| row.cells(*call));
        insert(tx, TransferRow::INTO, &rows.collect::<Vec<_>>()).await?;
        let rows = self.purposes.iter().map(CodeRow::cells);
        insert(tx, CodeRow::PURPOSES, &rows.collect::<Vec<_>>()).await?;
        let rows = self.dispositions.iter().map(CodeRow::cells);
        insert(tx, CodeRow::DISPOSITIONS, &rows.collect::<Vec<_>>()).await?;
        let rows = self.recordings.iter().map(|(call, row)| row.cells(*call));
        insert(tx, RecordingRow::INTO, &rows.collect::<Vec<_>>()).await?;
        for (call, purpose) in &self.set_later {
            call_rows::set_purpose(tx, *call, purpose.version, &purpose.code).await?;
        }
        for (call, write_up) in &self.written_up {
            call_rows::set_write_up(tx, *call, write_up).await?;
        }
        Ok(())
    }
}

/// Removes every row of a call; its events stay.
pub(super) async fn remove(tx: &mut Tx, call: Uuid) -> Result<()> {
    for statement in [
        "delete from recordings where call_id = $1",
        "delete from purposes where call_id = $1",
        "delete from dispositions where call_id = $1",
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
