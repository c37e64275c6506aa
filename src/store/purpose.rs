//! Saying why a caller rang, after the fact: a new version each time, appended by itself.

use super::call_rows::set_purpose;
use super::engine::{Tx, in_tx};
use super::insert::insert;
use super::part_rows::PurposeRow;
use super::{Error, Result, Store, events};
use crate::call::record::PurposeVersion;
use crate::call::{CallEvent, EventKind};
use crate::id::{CallId, EventId};
use crate::rules::Timestamp;

/// A purpose as somebody wants it from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurposeChange {
    /// The id that its event gets.
    pub event: EventId,
    /// Now.
    pub at: Timestamp,
    /// A code of the line's tree.
    pub code: String,
    /// Who says so.
    pub author: String,
    /// Why it is changed.
    pub reason: Option<String>,
}

impl Store {
    /// Adds a version to a call's purposes; the versions before it stay readable (R090).
    ///
    /// May be used from another process than the one that handles the call.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownCall`]; or if the database fails.
    pub async fn set_purpose(&self, call: CallId, change: PurposeChange) -> Result<PurposeVersion> {
        let mut live = self.live.lock().await;
        let mut tx = self.engine.begin().await?;
        let (arrived_at, version) = next_version(&mut tx, call).await?;
        let event = CallEvent {
            id: change.event,
            call,
            at: change.at,
            // Another process does not know the call's monotonic clock. No duration is
            // computed from a purpose, so the wall clock's distance will do.
            offset_us: u64::try_from(change.at.0.saturating_sub(arrived_at)).unwrap_or(0),
            kind: EventKind::PurposeSet {
                version,
                code: change.code.clone(),
                author: change.author.clone(),
                reason: change.reason.clone(),
            },
        };
        let purpose = PurposeVersion {
            version,
            code: change.code,
            author: change.author,
            reason: change.reason,
            at: change.at,
        };
        events::append(&mut tx, &event).await?;
        insert(
            &mut tx,
            PurposeRow::INTO,
            &[PurposeRow::of(call.0, &purpose).cells()],
        )
        .await?;
        set_purpose(&mut tx, call.0, version, &purpose.code).await?;
        let record = live.remove(&call);
        tx.commit().await?;
        if let Some(mut record) = record {
            record.apply(&event);
            live.insert(call, record);
        }
        Ok(purpose)
    }
}

/// When the call arrived and which version is next; the call's row is locked from here on, so
/// that no two authors get one number.
async fn next_version(tx: &mut Tx, call: CallId) -> Result<(i64, u32)> {
    let row: Option<(i64, i64)> = in_tx!(tx, connection => {
        sqlx::query_as(
            "update calls set purpose_version = purpose_version where id = $1
             returning arrived_at, coalesce(purpose_version, 0) + 1",
        )
        .bind(call.0)
        .fetch_optional(connection)
        .await?
    });
    let (arrived_at, version) = row.ok_or(Error::UnknownCall(call))?;
    Ok((arrived_at, u32::try_from(version).unwrap_or(u32::MAX)))
}
