//! Places in a call's recording that somebody should listen to. They are only ever added: one that is
//! taken back stays, with who took it back; the text of each can be erased with its caller.

use serde::Serialize;
use uuid::Uuid;

use super::engine::{in_tx, on_readers};
use super::{Error, Result, Store};
use crate::id::{CallId, EventId};
use crate::rules::Timestamp;

/// A place in a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Marker {
    /// Its own id.
    pub id: EventId,
    /// In which call's recording.
    pub call: CallId,
    /// Where, in milliseconds of the recording.
    pub at_ms: u64,
    /// What there is to hear; `None` if it was erased.
    pub text: Option<String>,
    /// Who says so.
    pub author: String,
    /// Since when.
    pub set_at: Timestamp,
    /// Who took it back, and when.
    pub removed: Option<(String, Timestamp)>,
}

impl Marker {
    /// A longer text is not kept, in bytes.
    pub const LONGEST: usize = 4_000;
    /// Markers of a call that stand, at most.
    pub const MOST: u32 = 500;
}

const COLUMNS: &str = "id, call_id, at_ms, text, author, set_at, removed_by, removed_at";

impl Store {
    /// Sets a marker.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownCall`], [`Error::TooLong`] if the text is too long or the call has too many;
    /// or if the database fails.
    pub async fn set_marker(&self, marker: &Marker) -> Result<()> {
        let text = marker.text.as_deref().unwrap_or_default();
        if text.len() > Marker::LONGEST {
            return Err(too_long(Marker::LONGEST));
        }
        let mut tx = self.engine.begin().await?;
        let (known, standing): (i64, i64) = in_tx!(&mut tx, connection => {
            sqlx::query_as(
                "select (select count(*) from calls where id = $1),
                     (select count(*) from markers where call_id = $1 and removed_at is null)",
            )
            .bind(marker.call.0)
            .fetch_one(connection)
            .await?
        });
        if known == 0 {
            return Err(Error::UnknownCall(marker.call));
        }
        if standing >= i64::from(Marker::MOST) {
            return Err(Error::TooMany {
                what: "markers of a call",
                most: Marker::MOST,
            });
        }
        in_tx!(&mut tx, connection => {
            sqlx::query(
                "insert into markers (id, call_id, at_ms, text, author, set_at)
                 values ($1, $2, $3, $4, $5, $6)",
            )
            .bind(marker.id.0)
            .bind(marker.call.0)
            .bind(i64::try_from(marker.at_ms).unwrap_or(i64::MAX))
            .bind(text.replace('\0', "\u{fffd}"))
            .bind(&marker.author)
            .bind(marker.set_at.0)
            .execute(connection)
            .await?;
        });
        tx.commit().await
    }

    /// Takes a marker back; whether there was one to take back.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn remove_marker(&self, id: EventId, by: &str, at: Timestamp) -> Result<bool> {
        let mut tx = self.engine.begin().await?;
        let rows = in_tx!(&mut tx, connection => {
            sqlx::query(
                "update markers set removed_by = $2, removed_at = $3
                 where id = $1 and removed_at is null",
            )
            .bind(id.0)
            .bind(by)
            .bind(at.0)
            .execute(connection)
            .await?
            .rows_affected()
        });
        tx.commit().await?;
        Ok(rows > 0)
    }

    /// The markers of a call, in the order of the recording; those that were taken back as well.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn markers(&self, call: CallId) -> Result<Vec<Marker>> {
        let sql = format!("select {COLUMNS} from markers where call_id = $1 order by at_ms, id");
        let rows: Vec<MarkerRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(call.0).fetch_all(pool).await?
        });
        Ok(rows.into_iter().map(Marker::from).collect())
    }
}

const fn too_long(most: usize) -> Error {
    Error::TooLong {
        what: "a marker",
        most,
    }
}

#[derive(sqlx::FromRow)]
struct MarkerRow {
    id: Uuid,
    call_id: Uuid,
    at_ms: i64,
    text: Option<String>,
    author: String,
    set_at: i64,
    removed_by: Option<String>,
    removed_at: Option<i64>,
}

impl From<MarkerRow> for Marker {
    fn from(row: MarkerRow) -> Self {
        Self {
            id: EventId(row.id),
            call: CallId(row.call_id),
            at_ms: u64::try_from(row.at_ms).unwrap_or(0),
            text: row.text,
            author: row.author,
            set_at: Timestamp(row.set_at),
            removed: row.removed_by.zip(row.removed_at.map(Timestamp)),
        }
    }
}
