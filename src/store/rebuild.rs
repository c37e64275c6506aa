//! Making the projections again from the events, and saying where they differed.

use std::fmt;

use uuid::Uuid;

use super::engine::{Tx, in_tx, on_readers};
use super::projection::{self, Change, Projection};
use super::{Result, Store, events};
use crate::call::record::CallRecord;
use crate::id::CallId;

/// Calls a transaction; a running service waits no longer than these take.
const CALLS_A_TRANSACTION: i64 = 200;

/// What a rebuild found and put right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RebuildReport {
    /// Calls whose events were read.
    pub calls: u64,
    /// Where the rows were not what the events say.
    pub differences: Vec<Difference>,
}

/// A call whose rows were not what its events say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It had no row.
    Missing(CallId),
    /// A row of it said something else, or was missing, or was one too many.
    Different(CallId),
    /// It had a row but no event.
    Extra(CallId),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(call) => write!(f, "{call}: had no row"),
            Self::Different(call) => write!(f, "{call}: its rows were not what its events say"),
            Self::Extra(call) => write!(f, "{call}: had a row, but no event"),
        }
    }
}

impl Store {
    /// Computes every call's rows from its events and writes those that differ. May run beside a
    /// running service.
    ///
    /// # Errors
    ///
    /// If the database fails or holds an event that this version cannot read.
    pub async fn rebuild(&self) -> Result<RebuildReport> {
        let mut report = RebuildReport::default();
        let mut after = Uuid::nil();
        loop {
            let calls = self.calls_with_events(after).await?;
            let Some(last) = calls.last() else { break };
            after = *last;
            let mut tx = self.engine.begin().await?;
            for call in calls {
                report.calls += 1;
                report
                    .differences
                    .extend(rebuild_call(&mut tx, CallId(call)).await?);
            }
            tx.commit().await?;
        }
        let mut tx = self.engine.begin().await?;
        for call in calls_without_events(&mut tx).await? {
            projection::remove(&mut tx, call).await?;
            report.differences.push(Difference::Extra(CallId(call)));
        }
        tx.commit().await?;
        Ok(report)
    }

    async fn calls_with_events(&self, after: Uuid) -> Result<Vec<Uuid>> {
        Ok(on_readers!(&self.engine, pool => {
            sqlx::query_scalar(
                "select distinct call_id from call_events where call_id > $1
                 order by call_id limit $2",
            )
            .bind(after)
            .bind(CALLS_A_TRANSACTION)
            .fetch_all(pool)
            .await?
        }))
    }
}

async fn rebuild_call(tx: &mut Tx, call: CallId) -> Result<Option<Difference>> {
    // The row is locked before the events are read: a service that records more of this call
    // meanwhile writes its rows after us.
    let stored = Projection::stored(tx, call.0).await?;
    let events = events::events_of(tx, call).await?;
    let Some(record) = CallRecord::from_events(&events) else {
        return Ok(None);
    };
    let difference = match stored {
        Some(stored) if stored == Projection::of(&record)? => return Ok(None),
        Some(_) => Difference::Different(call),
        None => Difference::Missing(call),
    };
    projection::remove(tx, call.0).await?;
    let change = Change {
        before: None,
        after: record,
    };
    projection::write(tx, [&change].into_iter()).await?;
    Ok(Some(difference))
}

async fn calls_without_events(tx: &mut Tx) -> Result<Vec<Uuid>> {
    Ok(in_tx!(tx, connection => {
        sqlx::query_scalar(
            "select id from calls where not exists
                 (select 1 from call_events where call_id = calls.id)",
        )
        .fetch_all(connection)
        .await?
    }))
}
