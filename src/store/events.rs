//! The append-only table of events, and the parties they mention.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::value::RawValue;
use serde_json::{Map, Value};
use sqlx::QueryBuilder;
use sqlx::types::Json;
use uuid::Uuid;

use super::call_rows::int;
use super::engine::{Tx, in_tx};
use super::insert::{Cell, Into, insert};
use super::projection::{self, Change};
use super::{Error, Result, Store, TaskNews, task_opening};
use crate::call::record::CallRecord;
use crate::call::{CallEvent, Entry, Party};
use crate::id::{CallId, EventId, PartyId};
use crate::rules::Timestamp;

/// A NUL character in JSON; the same letters after a reverse solidus are none.
const NUL: &str = "\\u0000";
/// Ids a statement may list; SQLite takes 32,766 parameters.
const CALLS_A_STATEMENT: usize = 512;

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
        let stored = entries.iter().map(|entry| StoredEvent::of(&entry.event));
        let stored = stored.collect::<Result<Vec<_>>>()?;
        // What is taken out of the cache comes back only after the commit, so that a failed or
        // abandoned batch leaves nothing wrong behind.
        let known: HashMap<_, _> = entries
            .iter()
            .filter_map(|entry| live.remove_entry(&entry.event.call))
            .collect();
        let (changed, tasks) = match self.record_new(entries, &stored, &known).await? {
            Some(changed) => changed,
            None => self.record_again(entries, &stored, &known).await?,
        };
        self.tell_of_tasks(tasks);
        let going_on = changed
            .into_iter()
            .filter(|(_, change)| change.after.ended_at.is_none());
        live.extend(going_on.map(|(call, change)| (call, change.after)));
        Ok(())
    }

    /// Stores a batch of which no event is stored yet; `None`, with nothing done, if one is.
    async fn record_new(
        &self,
        entries: &[Entry],
        stored: &[StoredEvent<'_>],
        known: &HashMap<CallId, CallRecord>,
    ) -> Result<Option<(Changes, Vec<TaskNews>)>> {
        let mut tx = self.engine.begin().await?;
        let mut changed = Changes::new();
        let begun = calls_begun(&mut tx, entries, known).await?;
        for StoredEvent { event, .. } in stored {
            if let Some(change) = changed.get_mut(&event.call) {
                change.after.apply(event);
                continue;
            }
            let before = match known.get(&event.call) {
                Some(record) => Some(record.clone()),
                None if !begun.contains(&event.call.0) => None,
                None => CallRecord::from_events(&events_of(&mut tx, event.call).await?),
            };
            changed.insert(event.call, begin(before, event));
        }
        insert_parties(&mut tx, entries).await?;
        let rows: Vec<_> = stored.iter().map(StoredEvent::cells).collect();
        if insert(&mut tx, StoredEvent::INTO, &rows).await? < rows.len() as u64 {
            tx.rollback().await?;
            return Ok(None);
        }
        projection::write(&mut tx, changed.values()).await?;
        let tasks = task_opening::open(&mut tx, changed.values(), self).await?;
        tx.commit().await?;
        Ok(Some((changed, tasks)))
    }

    /// Stores a batch event by event, because some are stored already: the answer to an earlier
    /// try was lost.
    async fn record_again(
        &self,
        entries: &[Entry],
        stored: &[StoredEvent<'_>],
        known: &HashMap<CallId, CallRecord>,
    ) -> Result<(Changes, Vec<TaskNews>)> {
        let mut tx = self.engine.begin().await?;
        let mut changed = Changes::new();
        insert_parties(&mut tx, entries).await?;
        for event in stored {
            if insert(&mut tx, StoredEvent::INTO, &[event.cells()]).await? == 0 {
                continue;
            }
            let event = event.event.as_ref();
            if let Some(change) = changed.get_mut(&event.call) {
                change.after.apply(event);
                continue;
            }
            let before = match known.get(&event.call) {
                Some(record) => Some(record.clone()),
                None => record_before(&mut tx, event).await?,
            };
            changed.insert(event.call, begin(before, event));
        }
        projection::write(&mut tx, changed.values()).await?;
        let tasks = task_opening::open(&mut tx, changed.values(), self).await?;
        tx.commit().await?;
        Ok((changed, tasks))
    }
}

/// The calls of a batch, each before and after it.
type Changes = BTreeMap<CallId, Change>;

fn begin(before: Option<CallRecord>, event: &CallEvent) -> Change {
    let after = match &before {
        Some(record) => {
            let mut record = record.clone();
            record.apply(event);
            record
        }
        None => CallRecord::begin(event),
    };
    Change { before, after }
}

/// The calls of a batch, beside those that are known, that have events already.
async fn calls_begun(
    tx: &mut Tx,
    entries: &[Entry],
    known: &HashMap<CallId, CallRecord>,
) -> Result<BTreeSet<Uuid>> {
    let calls = entries.iter().map(|entry| entry.event.call);
    let unknown: BTreeSet<Uuid> = calls
        .filter(|call| !known.contains_key(call))
        .map(|call| call.0)
        .collect();
    let mut begun = BTreeSet::new();
    if unknown.is_empty() {
        return Ok(begun);
    }
    let mut unknown: Vec<_> = unknown.into_iter().collect();
    // One more of the same makes no difference, and leaves few texts to prepare.
    unknown.resize(unknown.len().next_power_of_two(), Uuid::nil());
    for calls in unknown.chunks(CALLS_A_STATEMENT) {
        let found: Vec<Uuid> = in_tx!(tx, connection => {
            let mut query =
                QueryBuilder::new("select distinct call_id from call_events where call_id in (");
            let mut listed = query.separated(", ");
            for call in calls {
                listed.push_bind(*call);
            }
            query.push(")");
            query.build_query_scalar().fetch_all(connection).await?
        });
        begun.extend(found);
    }
    Ok(begun)
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
    let event = StoredEvent::of(event)?;
    Ok(insert(tx, StoredEvent::INTO, &[event.cells()]).await? > 0)
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
    data: Option<Box<RawValue>>,
}

/// How serde writes the kind of an event.
#[derive(serde::Deserialize)]
struct Tagged {
    kind: String,
    data: Option<Box<RawValue>>,
}

impl<'a> StoredEvent<'a> {
    /// NUL characters, which a peer may send and Postgres cannot store, become U+FFFD.
    fn of(event: &'a CallEvent) -> Result<Self> {
        let mut tagged = serde_json::to_string(&event.kind).map_err(Error::Unwritable)?;
        let mut event = Cow::Borrowed(event);
        if tagged.contains(NUL) {
            let mut value = serde_json::from_str(&tagged).map_err(Error::Unwritable)?;
            if replace_nul(&mut value) {
                tagged = value.to_string();
                event.to_mut().kind = serde_json::from_value(value).map_err(Error::Unwritable)?;
            }
        }
        let Tagged { kind, data } = serde_json::from_str(&tagged).map_err(Error::Unwritable)?;
        Ok(Self { event, kind, data })
    }

    const INTO: Into = Into {
        table: "call_events (id, call_id, at, offset_us, kind, data)",
        conflict: "(id) do nothing",
    };

    fn cells(&self) -> [Cell<'_>; 6] {
        [
            self.event.id.0.into(),
            self.event.call.0.into(),
            self.event.at.0.into(),
            int(self.event.offset_us).into(),
            (&self.kind).into(),
            self.data.as_deref().into(),
        ]
    }
}

async fn insert_parties(tx: &mut Tx, entries: &[Entry]) -> Result<()> {
    const INTO: Into = Into {
        table: "parties (id, number, e164, name)",
        conflict: "(id) do nothing",
    };
    let parties = entries.iter().flat_map(|entry| &entry.parties);
    let rows: Vec<_> = parties.map(PartyRow::of).collect();
    let rows: Vec<_> = rows.iter().map(PartyRow::cells).collect();
    insert(tx, INTO, &rows).await?;
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

impl PartyRow {
    /// NUL becomes U+FFFD, as in events.
    fn of(party: &Party) -> Self {
        let clean = |text: &str| text.replace('\0', "\u{fffd}");
        Self {
            id: party.id.0,
            number: clean(&party.number),
            e164: party.e164.as_deref().map(clean),
            name: party.name.as_deref().map(clean),
        }
    }

    fn cells(&self) -> [Cell<'_>; 4] {
        [
            self.id.into(),
            (&self.number).into(),
            (&self.e164).into(),
            (&self.name).into(),
        ]
    }
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
