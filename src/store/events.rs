//! The append-only table of events, and the parties they mention.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value};
use sqlx::types::Json;
use uuid::Uuid;

use super::call_rows::int;
use super::engine::{Tx, in_tx};
use super::{Error, Result, Store, projection};
use crate::call::record::CallRecord;
use crate::call::{CallEvent, Entry, EventKind, Party};
use crate::id::{CallId, EventId, PartyId};
use crate::rules::Timestamp;

impl Store {
    /// Stores a batch in one transaction: its events, the parties they mention first, and the
    /// rows of the calls they belong to. An event that is stored already changes nothing.
    ///
    /// # Errors
    ///
    /// If the database fails. Whether anything was stored is then not known; the same batch may
    /// be given again.
    pub async fn record(&self, entries: &[Entry]) -> Result<()> {
        let mut live = self.live.lock().await;
        let mut changed = BTreeMap::<CallId, Change>::new();
        let mut tx = self.engine.begin().await?;
        for entry in entries {
            for party in &entry.parties {
                insert_party(&mut tx, party).await?;
            }
            let stored = StoredEvent::of(&entry.event)?;
            if !stored.insert(&mut tx).await? {
                continue;
            }
            let event = stored.event.as_ref();
            if let Some(change) = changed.get_mut(&event.call) {
                change.after.apply(event);
                continue;
            }
            // What is taken out of the cache comes back only after the commit, so that a failed
            // or abandoned batch leaves nothing wrong behind.
            let before = match live.remove(&event.call) {
                Some(record) => Some(record),
                None => record_before(&mut tx, event).await?,
            };
            changed.insert(event.call, Change::begin(before, event));
        }
        for change in changed.values() {
            projection::write(&mut tx, change.before.as_ref(), &change.after).await?;
        }
        tx.commit().await?;
        let going_on = changed
            .into_iter()
            .filter(|(_, change)| change.after.ended_at.is_none());
        live.extend(going_on.map(|(call, change)| (call, change.after)));
        Ok(())
    }
}

/// A call's record before and after a batch.
struct Change {
    before: Option<CallRecord>,
    after: CallRecord,
}

impl Change {
    fn begin(before: Option<CallRecord>, event: &CallEvent) -> Self {
        let after = match &before {
            Some(record) => {
                let mut record = record.clone();
                record.apply(event);
                record
            }
            None => CallRecord::begin(event),
        };
        Self { before, after }
    }
}

/// The record that the call's events gave before `event`, which is in the table already.
async fn record_before(tx: &mut Tx, event: &CallEvent) -> Result<Option<CallRecord>> {
    let events = events_of(tx, event.call).await?;
    Ok(CallRecord::from_events(
        events.iter().filter(|known| known.id != event.id),
    ))
}

/// Stores one event by itself.
pub(super) async fn append(tx: &mut Tx, event: &CallEvent) -> Result<bool> {
    StoredEvent::of(event)?.insert(tx).await
}

/// The events of a call in the order they were stored.
pub(super) async fn events_of(tx: &mut Tx, call: CallId) -> Result<Vec<CallEvent>> {
    let rows: Vec<EventRow> = in_tx!(tx, connection => {
        sqlx::query_as(SELECT_EVENTS).bind(call.0).fetch_all(connection).await?
    });
    rows.into_iter().map(EventRow::into_event).collect()
}

pub(super) const SELECT_EVENTS: &str = "select id, call_id, at, offset_us, kind, data \
     from call_events where call_id = $1 order by seq";

/// One row of `call_events`.
#[derive(sqlx::FromRow)]
pub(super) struct EventRow {
    id: Uuid,
    call_id: Uuid,
    at: i64,
    offset_us: i64,
    kind: String,
    data: Option<Json<Value>>,
}

impl EventRow {
    pub(super) fn into_event(self) -> Result<CallEvent> {
        let call = CallId(self.call_id);
        let mut tagged = Map::new();
        tagged.insert("kind".to_owned(), Value::String(self.kind));
        if let Some(Json(data)) = self.data {
            tagged.insert("data".to_owned(), data);
        }
        let kind = serde_json::from_value(Value::Object(tagged));
        Ok(CallEvent {
            id: EventId(self.id),
            call,
            at: Timestamp(self.at),
            offset_us: u64::try_from(self.offset_us).unwrap_or(0),
            kind: kind.map_err(|source| Error::Unreadable {
                what: "an event",
                call,
                source,
            })?,
        })
    }
}

/// An event as the table takes it.
struct StoredEvent<'a> {
    event: Cow<'a, CallEvent>,
    kind: String,
    data: Option<Value>,
}

impl<'a> StoredEvent<'a> {
    /// NUL characters, which a peer may send and Postgres cannot store, become U+FFFD.
    fn of(event: &'a CallEvent) -> Result<Self> {
        let mut tagged = serde_json::to_value(&event.kind).map_err(Error::Unwritable)?;
        let mut event = Cow::Borrowed(event);
        if replace_nul(&mut tagged) {
            let kind: EventKind =
                serde_json::from_value(tagged.clone()).map_err(Error::Unwritable)?;
            event.to_mut().kind = kind;
        }
        let kind = match tagged.get("kind") {
            Some(Value::String(kind)) => kind.clone(),
            _ => String::new(),
        };
        let data = tagged.get_mut("data").map(Value::take);
        Ok(Self { event, kind, data })
    }

    /// Whether the event is new.
    async fn insert(&self, tx: &mut Tx) -> Result<bool> {
        let rows = in_tx!(tx, connection => {
            sqlx::query(
                "insert into call_events (id, call_id, at, offset_us, kind, data)
                 values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing",
            )
            .bind(self.event.id.0)
            .bind(self.event.call.0)
            .bind(self.event.at.0)
            .bind(int(self.event.offset_us))
            .bind(&self.kind)
            .bind(self.data.as_ref().map(Json))
            .execute(connection)
            .await?
            .rows_affected()
        });
        Ok(rows > 0)
    }
}

async fn insert_party(tx: &mut Tx, party: &Party) -> Result<()> {
    let clean = |text: &str| text.replace('\0', "\u{fffd}");
    in_tx!(tx, connection => {
        sqlx::query(
            "insert into parties (id, number, e164, name) values ($1, $2, $3, $4)
             on conflict (id) do nothing",
        )
        .bind(party.id.0)
        .bind(clean(&party.number))
        .bind(party.e164.as_deref().map(clean))
        .bind(party.name.as_deref().map(clean))
        .execute(connection)
        .await?;
    });
    Ok(())
}

/// One row of `parties`.
#[derive(sqlx::FromRow)]
pub(super) struct PartyRow {
    id: Uuid,
    number: String,
    e164: Option<String>,
    name: Option<String>,
}

impl From<PartyRow> for Party {
    fn from(row: PartyRow) -> Self {
        Self {
            id: PartyId(row.id),
            number: row.number,
            e164: row.e164,
            name: row.name,
        }
    }
}

/// Whether there was any.
fn replace_nul(value: &mut Value) -> bool {
    match value {
        Value::String(text) if text.contains('\0') => {
            *text = text.replace('\0', "\u{fffd}");
            true
        }
        Value::Array(items) => items
            .iter_mut()
            .fold(false, |any, item| replace_nul(item) | any),
        Value::Object(fields) => {
            let fields = fields.values_mut();
            fields.fold(false, |any, field| replace_nul(field) | any)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
