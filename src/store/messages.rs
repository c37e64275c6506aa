//! Messages for colleagues (R182, R183, R184): each is a task of whoever it is for, is told to other
//! programs, and is an alarm when nobody has read it for too long.

use uuid::Uuid;

use super::audit::{self, AuditEntry};
use super::call_filter::listed;
use super::engine::{Tx, in_tx, on_readers};
use super::message::{Message, MessageDraft, MessageFilter, MessageRow, URGENT};
use super::task::{Action, Step, TaskKind};
use super::tasks::{find, lock, write_step};
use super::{Error, Result, Store, outbox};
use crate::call::record::SYSTEM;
use crate::id::{AgentId, CallId, LineId, PartyId, TaskId};
use crate::rules::{Timestamp, WebhookKind};

/// Messages that are told of in one go.
const AT_ONCE: i64 = 100;

impl Store {
    /// Takes a message in a call, or that its caller wants to leave none. What is taken is a task of
    /// whoever it is for.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownCall`], [`Error::Unregistrable`]; or if the database fails.
    pub async fn take_message(
        &self,
        call: CallId,
        draft: &MessageDraft,
        by: &str,
        at: Timestamp,
    ) -> Result<Message> {
        let (draft, key) = draft.checked()?;
        let record = self.call(call).await?.call.record;
        let id = TaskId::mint(at, &mut rand::rng());
        let mut tx = self.engine.begin().await?;
        insert(&mut tx, id, call, &draft, by, at).await?;
        let mut news = None;
        if !draft.refused {
            let relay = Relay {
                id,
                call,
                line: record.line.as_ref(),
                caller: record.caller.filter(|_| !record.circumstances.withheld),
                number: key.as_deref(),
                for_agent: draft.for_agent.as_ref(),
                due_at: self.due_on(record.line.as_ref(), at),
            };
            relay.open(&mut tx, by, at).await?;
            let row = lock(&mut tx, id).await?;
            if self.desk().is_some_and(|desk| desk.has_webhooks) {
                let data = serde_json::json!({
                    "task": id,
                    "for_agent": draft.for_agent,
                    "for_entry": draft.for_entry,
                    "urgent": draft.urgent,
                    "by": by,
                });
                let kind = WebhookKind::MessageTaken;
                outbox::post(&mut tx, kind, Some(call), data, at).await?;
            }
            news = Some(row.news(Action::Opened));
        }
        tx.commit().await?;
        self.tell_of_tasks(news);
        self.message(id).await
    }

    /// One message.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTask`]; or if the database fails.
    pub async fn message(&self, id: TaskId) -> Result<Message> {
        let row: Option<MessageRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as("select * from messages where id = $1")
                .bind(id.0)
                .fetch_optional(pool)
                .await?
        });
        row.map(Message::from).ok_or(Error::UnknownTask(id))
    }

    /// Messages, the one taken first before the others.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn messages(&self, filter: &MessageFilter) -> Result<Vec<Message>> {
        let (after, last) = filter.after.unzip();
        let rows: Vec<MessageRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select * from messages
                 where ($1 is null or for_agent = $1) and ($2 is null or call_id = $2)
                     and (not $3 or (read_at is null and refused = 0))
                     and (taken_at, id) > ($4, $5)
                     and ($7 is null or replace($7, ',' || for_agent || ',', '') <> $7)
                 order by taken_at, id limit $6",
            )
            .bind(filter.for_agent.as_ref().map(|agent| agent.0.as_str()))
            .bind(filter.call.map(|call| call.0))
            .bind(filter.unread)
            .bind(after.map_or(i64::MIN, |after: Timestamp| after.0))
            .bind(last.map_or_else(Uuid::nil, |last: TaskId| last.0))
            .bind(filter.limit.map_or(i64::MAX, i64::from))
            .bind(listed(&filter.among))
            .fetch_all(pool)
            .await?
        });
        Ok(rows.into_iter().map(Message::from).collect())
    }

    /// These messages have been shown to whoever they are for.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn delivered(&self, messages: &[TaskId], at: Timestamp) -> Result<()> {
        if messages.is_empty() {
            return Ok(());
        }
        let mut tx = self.engine.begin().await?;
        for message in messages {
            in_tx!(&mut tx, connection => {
                sqlx::query(
                    "update messages set delivered_at = $2
                     where id = $1 and delivered_at is null",
                )
                .bind(message.0)
                .bind(at.0)
                .execute(connection)
                .await?;
            });
        }
        tx.commit().await
    }

    /// Somebody whom it is for reads a message; who reads it again changes nothing. The number that
    /// it names is shown with it, so that the audit has a row of it.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTask`]; or if the database fails.
    pub async fn read_message(
        &self,
        id: TaskId,
        by: &str,
        is_for_reader: bool,
        at: Timestamp,
    ) -> Result<Message> {
        let known = self.message(id).await?;
        let mut tx = self.engine.begin().await?;
        let mut entry = AuditEntry::of_account("message.read", by, format!("message {id}"), at);
        entry.call = known.call;
        audit::write(&mut tx, &entry).await?;
        if is_for_reader {
            in_tx!(&mut tx, connection => {
                sqlx::query(
                    "update messages set read_at = $2, read_by = $3,
                         delivered_at = coalesce(delivered_at, $2)
                     where id = $1 and read_at is null",
                )
                .bind(id.0)
                .bind(at.0)
                .bind(by)
                .execute(connection)
                .await?;
            });
        }
        tx.commit().await?;
        self.message(id).await
    }

    /// Tells of the messages that were taken before `taken_before` and that nobody has read, each
    /// once (R184). Gives how many they were.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn tell_unread(&self, taken_before: Timestamp, now: Timestamp) -> Result<u64> {
        let ids: Vec<Uuid> = on_readers!(&self.engine, pool => {
            sqlx::query_scalar(
                "select id from messages
                 where read_at is null and refused = 0 and unread_told_at is null
                     and taken_at < $1 and exists
                         (select 1 from tasks where tasks.id = messages.id and state <> 'done')
                 order by taken_at limit $2",
            )
            .bind(taken_before.0)
            .bind(AT_ONCE)
            .fetch_all(pool)
            .await?
        });
        let mut told = 0;
        for id in ids {
            told += u64::from(self.tell_of_unread(TaskId(id), now).await?);
        }
        Ok(told)
    }

    /// Whether there was anything to tell: another process may have been faster.
    async fn tell_of_unread(&self, id: TaskId, now: Timestamp) -> Result<bool> {
        let mut tx = self.engine.begin().await?;
        let marked = in_tx!(&mut tx, connection => {
            sqlx::query(
                "update messages set unread_told_at = $2
                 where id = $1 and unread_told_at is null and read_at is null",
            )
            .bind(id.0)
            .bind(now.0)
            .execute(connection)
            .await?
            .rows_affected()
        });
        let Some(row) = find(&mut tx, id).await?.filter(|_| marked > 0) else {
            return Ok(false);
        };
        let step = Step::by(SYSTEM, Action::Unread, now);
        write_step(&mut tx, id, &step).await?;
        if self.desk().is_some_and(|desk| desk.has_webhooks) {
            let data = row.news_data(&step);
            outbox::post(&mut tx, WebhookKind::MessageUnread, None, data, now).await?;
        }
        tx.commit().await?;
        self.tell_of_tasks([row.news(Action::Unread)]);
        Ok(true)
    }

    /// How many messages that were taken before this nobody has read.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn unread_messages(&self, taken_before: Timestamp) -> Result<u64> {
        let count: i64 = on_readers!(&self.engine, pool => {
            sqlx::query_scalar(
                "select count(*) from messages
                 where read_at is null and refused = 0 and taken_at < $1 and exists
                     (select 1 from tasks where tasks.id = messages.id and state <> 'done')",
            )
            .bind(taken_before.0)
            .fetch_one(pool)
            .await?
        });
        Ok(u64::try_from(count).unwrap_or(0))
    }
}

async fn insert(
    tx: &mut Tx,
    id: TaskId,
    call: CallId,
    draft: &MessageDraft,
    by: &str,
    at: Timestamp,
) -> Result<()> {
    in_tx!(tx, connection => {
        sqlx::query(
            "insert into messages (id, call_id, taken_at, taken_by, for_agent, for_entry, for_name,
                 from_name, number, text, urgency, refused)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(id.0)
        .bind(call.0)
        .bind(at.0)
        .bind(by)
        .bind(draft.for_agent.as_ref().map(|agent| agent.0.as_str()))
        .bind(draft.for_entry)
        .bind(&draft.for_name)
        .bind(&draft.from_name)
        .bind(&draft.number)
        .bind(&draft.text)
        .bind(if draft.urgent { URGENT } else { "normal" })
        .bind(i64::from(draft.refused))
        .execute(connection)
        .await?;
    });
    Ok(())
}

/// The task that a message is.
struct Relay<'a> {
    id: TaskId,
    call: CallId,
    line: Option<&'a LineId>,
    caller: Option<PartyId>,
    number: Option<&'a str>,
    for_agent: Option<&'a AgentId>,
    due_at: Option<Timestamp>,
}

impl Relay<'_> {
    async fn open(&self, tx: &mut Tx, by: &str, at: Timestamp) -> Result<()> {
        let kind = TaskKind::Relay.as_str();
        in_tx!(tx, connection => {
            sqlx::query(
                "insert into tasks (id, kind, state, reason, line, party, number, opened_at,
                     due_at, tries, assigned_to)
                 values ($1, $2, 'open', $2, $3, $4, $5, $6, $7, 0, $8)",
            )
            .bind(self.id.0)
            .bind(kind)
            .bind(self.line.map(|line| line.0.as_str()))
            .bind(self.caller.map(|caller| caller.0))
            .bind(self.number)
            .bind(at.0)
            .bind(self.due_at.map(|due| due.0))
            .bind(self.for_agent.map(|agent| agent.0.as_str()))
            .execute(&mut *connection)
            .await?;
            // A call is about one message at most; the others name it themselves.
            sqlx::query(
                "insert into task_calls (call_id, kind, task_id, at, reason)
                 values ($1, $2, $3, $4, $2) on conflict (call_id, kind) do nothing",
            )
            .bind(self.call.0)
            .bind(kind)
            .bind(self.id.0)
            .bind(at.0)
            .execute(connection)
            .await?;
        });
        write_step(tx, self.id, &Step::by(by, Action::Opened, at)).await
    }
}
