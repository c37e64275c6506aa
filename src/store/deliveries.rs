//! What other programs are told: up to where the log has been read for them, and each message with
//! what came of it. A message waits here, not in memory, so that it outlives a restart.

use serde::Serialize;
use uuid::Uuid;

use super::engine::{in_tx, on_readers};
use super::events::EventRow;
use super::insert::{Into, insert};
use super::outbox::Told;
use super::{Error, Result, Store};
use crate::call::CallEvent;
use crate::id::{CallId, DeliveryId};
use crate::rules::{Timestamp, WebhookKind};

/// Events of the log that are read at a time, whatever they are.
const EVENTS_A_READ: i64 = 1_000;
/// So far back it is read again: what was numbered before may be stored after.
const AGAIN: i64 = 500;
/// An endpoint for which so many wait gets no more.
const MOST_WAITING: i64 = 50_000;

/// What has been read for other programs and is not told yet.
#[derive(Debug)]
pub struct Untold {
    /// The log is read up to here.
    cursor: i64,
    /// Of the log, each with its number in it.
    pub events: Vec<(i64, CallEvent)>,
    /// What stands nowhere in the log.
    pub outbox: Vec<Told>,
    /// Where the next read begins again.
    pub again_from: i64,
    /// The log has been read further than before.
    pub moves: bool,
}

/// A message that is to go to one endpoint.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// Whose.
    pub endpoint: String,
    /// What it is about.
    pub kind: WebhookKind,
    /// What has made it: an endpoint is told of it once.
    pub event: Uuid,
    /// About which call.
    pub call: Option<CallId>,
    /// What is sent.
    pub body: String,
}

/// A message, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// Its own id.
    pub id: DeliveryId,
    /// To whom.
    pub endpoint: String,
    /// Its type.
    pub kind: String,
    /// About which call.
    pub call: Option<CallId>,
    /// When it was written.
    pub created_at: Timestamp,
    /// How far it is: waiting, delivered, failed.
    pub state: String,
    /// When it is tried next.
    pub due_at: Timestamp,
    /// How often it was tried.
    pub tries: u32,
    /// The status of the last answer.
    pub status: Option<u16>,
    /// Why the last try failed.
    pub error: Option<String>,
    /// When it was delivered or given up.
    pub ended_at: Option<Timestamp>,
    /// What is sent; not in lists.
    #[serde(skip)]
    pub body: Option<String>,
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempted {
    /// The status of the answer.
    pub status: Option<u16>,
    /// Why it failed; `None` if it did not.
    pub error: Option<String>,
    /// When to try again, if it failed and is to be tried again.
    pub again_at: Option<Timestamp>,
}

/// Which messages a list is of.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilter {
    /// To this endpoint.
    pub endpoint: Option<String>,
    /// In this state.
    pub state: Option<String>,
    /// Only what comes after this one in the list: the last one of the page before.
    pub after: Option<(Timestamp, DeliveryId)>,
    /// At most so many.
    pub limit: Option<u32>,
}

impl Untold {
    /// Whether there is nothing to be told in it.
    pub const fn is_empty(&self) -> bool {
        self.events.is_empty() && self.outbox.is_empty()
    }
}

impl Store {
    /// From now on the log is read for other programs; where that was so before, from where it
    /// ended. Gives the number of the last event that is not to be read any more.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn begin_telling(&self) -> Result<i64> {
        let mut tx = self.engine.begin().await?;
        let from: i64 = in_tx!(&mut tx, connection => {
            sqlx::query(
                "insert into webhook_cursor (id, seq)
                 select 1, coalesce(max(seq), 0) from call_events where true
                 on conflict (id) do nothing",
            )
            .execute(&mut *connection)
            .await?;
            sqlx::query_scalar("select seq from webhook_cursor where id = 1")
                .fetch_one(connection)
                .await?
        });
        tx.commit().await?;
        Ok(from)
    }

    /// Nobody is to be told any more: what happens meanwhile is nobody's news later.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn stop_telling(&self) -> Result<()> {
        let mut tx = self.engine.begin().await?;
        in_tx!(&mut tx, connection => {
            sqlx::query("delete from webhook_cursor").execute(&mut *connection).await?;
            sqlx::query("delete from webhook_outbox").execute(connection).await?;
        });
        tx.commit().await
    }

    /// What was not told yet, a bounded part of it, and what came shortly before it, but after
    /// `from`; `None` if there is nothing to read.
    ///
    /// # Errors
    ///
    /// If the database fails or holds an event that this version cannot read.
    pub async fn untold(&self, from: i64) -> Result<Option<Untold>> {
        let (cursor, last): (i64, i64) = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select seq, (select coalesce(max(seq), 0) from call_events)
                 from webhook_cursor where id = 1",
            )
            .fetch_optional(pool)
            .await?
            .unwrap_or((0, 0))
        });
        let upto = last.min(cursor.saturating_add(EVENTS_A_READ));
        let again_from = cursor.saturating_sub(AGAIN).max(from);
        let rows: Vec<NumberedRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select seq, id, call_id, at, offset_us, kind, data from call_events
                 where seq > $1 and seq <= $2
                     and kind in ('arrived', 'answered', 'reached', 'ended', 'recording_sealed',
                         'disposition_set', 'message_ended', 'survey_answered', 'doing')
                 order by seq",
            )
            .bind(again_from)
            .bind(upto)
            .fetch_all(pool)
            .await?
        });
        let events = rows
            .into_iter()
            .map(|row| Ok((row.seq, row.event.into_event()?)));
        let events = events.collect::<Result<Vec<_>>>()?;
        let outbox = self.outbox(EVENTS_A_READ).await?;
        if events.is_empty() && outbox.is_empty() && upto <= cursor {
            return Ok(None);
        }
        Ok(Some(Untold {
            cursor: upto.max(cursor),
            events,
            outbox,
            again_from,
            moves: upto > cursor,
        }))
    }

    /// Writes the messages that have been made of what was read: they wait from now on, each once.
    ///
    /// # Errors
    ///
    /// If the database fails; then it is to be read again.
    pub async fn tell(&self, read: &Untold, new: &[NewDelivery], now: Timestamp) -> Result<()> {
        const INTO: Into = Into {
            table: "webhook_deliveries (id, endpoint, kind, event_id, call_id, body, created_at, \
                    state, due_at, tries, error)",
            conflict: "(endpoint, event_id) do nothing",
        };
        let waiting = self.waiting().await?;
        let full = Some("too many messages wait for this endpoint".to_owned());
        let words: Vec<_> = new
            .iter()
            .map(|new| {
                let known = waiting
                    .iter()
                    .find(|(endpoint, _)| *endpoint == new.endpoint);
                let is_full = known.is_some_and(|(_, count)| *count >= MOST_WAITING);
                let state = if is_full { "failed" } else { "waiting" };
                let error = full.clone().filter(|_| is_full);
                (state.to_owned(), new.kind.as_str().to_owned(), error)
            })
            .collect();
        let rows = new.iter().zip(&words).map(|(new, (state, kind, error))| {
            [
                DeliveryId::mint(now, &mut rand::rng()).0.into(),
                (&new.endpoint).into(),
                kind.into(),
                new.event.into(),
                new.call.map(|call| call.0).into(),
                (&new.body).into(),
                now.0.into(),
                state.into(),
                now.0.into(),
                0_i64.into(),
                error.into(),
            ]
        });
        let rows: Vec<_> = rows.collect();
        let mut tx = self.engine.begin().await?;
        insert(&mut tx, INTO, &rows).await?;
        in_tx!(&mut tx, connection => {
            sqlx::query("update webhook_cursor set seq = $1 where id = 1 and seq < $1")
                .bind(read.cursor)
                .execute(&mut *connection)
                .await?;
            for told in &read.outbox {
                sqlx::query("delete from webhook_outbox where id = $1")
                    .bind(told.id)
                    .execute(&mut *connection)
                    .await?;
            }
        });
        tx.commit().await
    }

    /// The messages that are to be sent to an endpoint now, the oldest first.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn due_deliveries(
        &self,
        endpoint: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Delivery>> {
        let rows: Vec<DeliveryRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select * from webhook_deliveries
                 where endpoint = $1 and due_at <= $2 and state = 'waiting'
                 order by due_at, id limit $3",
            )
            .bind(endpoint)
            .bind(now.0)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await?
        });
        Ok(rows.into_iter().map(Delivery::from).collect())
    }

    /// Writes down what came of a try.
    ///
    /// # Errors
    ///
    /// If the database fails; then the message is sent once more.
    pub async fn attempted(
        &self,
        id: DeliveryId,
        attempted: &Attempted,
        at: Timestamp,
    ) -> Result<()> {
        let state = match (&attempted.error, attempted.again_at) {
            (None, _) => "delivered",
            (Some(_), Some(_)) => "waiting",
            (Some(_), None) => "failed",
        };
        let mut tx = self.engine.begin().await?;
        in_tx!(&mut tx, connection => {
            sqlx::query(
                "update webhook_deliveries set state = $2, tries = tries + 1, status = $3,
                     error = $4, due_at = coalesce($5, due_at), ended_at = $6
                 where id = $1",
            )
            .bind(id.0)
            .bind(state)
            .bind(attempted.status.map(i64::from))
            .bind(&attempted.error)
            .bind(attempted.again_at.map(|again| again.0))
            .bind((state != "waiting").then_some(at.0))
            .execute(connection)
            .await?;
        });
        tx.commit().await
    }

    /// Messages, the newest first.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<Delivery>> {
        let (after, id) = filter.after.unzip();
        let rows: Vec<DeliveryRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select * from webhook_deliveries
                 where ($1 is null or endpoint = $1) and ($2 is null or state = $2)
                     and ($3 is null or (created_at, id) < ($3, $4))
                 order by created_at desc, id desc limit $5",
            )
            .bind(filter.endpoint.as_deref())
            .bind(filter.state.as_deref())
            .bind(after.map(|after: Timestamp| after.0))
            .bind(id.map_or_else(Uuid::nil, |id: DeliveryId| id.0))
            .bind(filter.limit.map_or(i64::MAX, i64::from))
            .fetch_all(pool)
            .await?
        });
        Ok(rows.into_iter().map(Delivery::from).collect())
    }

    /// Sends a message again, with the same id and the same text, as if it had never been tried.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownDelivery`] if there is none, or its text is not kept any more; or if the
    /// database fails.
    pub async fn replay_delivery(&self, id: DeliveryId, at: Timestamp) -> Result<()> {
        let mut tx = self.engine.begin().await?;
        let found = in_tx!(&mut tx, connection => {
            sqlx::query(
                "update webhook_deliveries set state = 'waiting', due_at = $2, tries = 0,
                     ended_at = null
                 where id = $1 and body is not null",
            )
            .bind(id.0)
            .bind(at.0)
            .execute(connection)
            .await?
            .rows_affected()
        });
        tx.commit().await?;
        if found == 0 {
            return Err(Error::UnknownDelivery(id));
        }
        Ok(())
    }

    /// How many messages wait, by endpoint.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn waiting(&self) -> Result<Vec<(String, i64)>> {
        Ok(on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select endpoint, count(*) from webhook_deliveries where state = 'waiting'
                 group by endpoint order by endpoint",
            )
            .fetch_all(pool)
            .await?
        }))
    }

    /// Forgets messages from before `before`, however they ended.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn forget_deliveries(&self, before: Timestamp) -> Result<u64> {
        let mut tx = self.engine.begin().await?;
        let forgotten = in_tx!(&mut tx, connection => {
            sqlx::query("delete from webhook_deliveries where created_at < $1")
                .bind(before.0)
                .execute(connection)
                .await?
                .rows_affected()
        });
        tx.commit().await?;
        Ok(forgotten)
    }
}

#[derive(sqlx::FromRow)]
struct NumberedRow {
    seq: i64,
    #[sqlx(flatten)]
    event: EventRow,
}

#[derive(sqlx::FromRow)]
struct DeliveryRow {
    id: Uuid,
    endpoint: String,
    kind: String,
    call_id: Option<Uuid>,
    body: Option<String>,
    created_at: i64,
    state: String,
    due_at: i64,
    tries: i64,
    status: Option<i64>,
    error: Option<String>,
    ended_at: Option<i64>,
}

impl From<DeliveryRow> for Delivery {
    fn from(row: DeliveryRow) -> Self {
        Self {
            id: DeliveryId(row.id),
            endpoint: row.endpoint,
            kind: row.kind,
            call: row.call_id.map(CallId),
            created_at: Timestamp(row.created_at),
            state: row.state,
            due_at: Timestamp(row.due_at),
            tries: u32::try_from(row.tries).unwrap_or(u32::MAX),
            status: row.status.and_then(|status| u16::try_from(status).ok()),
            error: row.error,
            ended_at: row.ended_at.map(Timestamp),
            body: row.body,
        }
    }
}
