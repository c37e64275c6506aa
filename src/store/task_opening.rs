//! A lost call opens a task as its end is stored, in the same transaction: no crash comes in
//! between, and storing the end again opens nothing (R185). So does a caller who was not content
//! (R220), and one whom the agent will call back once a visitor is served (R076).

use uuid::Uuid;

use super::engine::{Tx, in_tx};
use super::projection::Change;
use super::task::{Action, Step, TaskKind, TaskNews, TaskState};
use super::tasks::{lock, write_step};
use super::{Result, Store, outbox};
use crate::call::doing::HangUpReason;
use crate::call::event::Outcome;
use crate::call::record::{CallRecord, SYSTEM};
use crate::id::{AgentId, PartyId, TaskId};
use crate::rules::{Timestamp, WebhookKind, national};

/// How often a number's task may slip away between two statements before it is left alone.
const TRIES: usize = 3;

/// Opens what the calls that have just ended ask for.
pub(super) async fn open<'a>(
    tx: &mut Tx,
    changes: impl Iterator<Item = &'a Change>,
    store: &Store,
) -> Result<Vec<TaskNews>> {
    let mut news = Vec::new();
    for change in changes {
        let had_ended = change
            .before
            .as_ref()
            .is_some_and(|it| it.ended_at.is_some());
        let Some(ended_at) = change.after.ended_at.filter(|_| !had_ended) else {
            continue;
        };
        let about = About::of(&change.after, ended_at, store);
        if let Some(about) = about {
            news.extend(about.open(tx).await?);
        }
    }
    Ok(news)
}

/// What a task is about.
struct About<'a> {
    record: &'a CallRecord,
    kind: TaskKind,
    reason: &'static str,
    caller: Option<PartyId>,
    ended_at: Timestamp,
    due_at: Option<Timestamp>,
    /// Where in the recording, of a message.
    place: Option<(u64, u64)>,
    /// Whose it is from the beginning.
    agent: Option<&'a AgentId>,
    /// Other programs hear of it.
    is_told: bool,
    /// Who opens it.
    actor: &'a str,
}

/// Opens a call back that somebody asks for; `None` if there is no number to call. One that the call
/// or its number has already is that.
pub(super) async fn open_by_hand(
    tx: &mut Tx,
    record: &CallRecord,
    due_at: Option<Timestamp>,
    by: &str,
    at: Timestamp,
) -> Result<Option<(TaskId, Option<TaskNews>)>> {
    let about = About {
        record,
        kind: TaskKind::CallBack,
        reason: "asked",
        caller: record.caller.filter(|_| !record.circumstances.withheld),
        ended_at: at,
        due_at,
        place: None,
        agent: None,
        is_told: false,
        actor: by,
    };
    if let Some(known) = about.known(tx).await? {
        return Ok(Some((known, None)));
    }
    let news = about.open(tx).await?;
    Ok(news.map(|news| (news.task, Some(news))))
}

impl<'a> About<'a> {
    fn of(record: &'a CallRecord, ended_at: Timestamp, of_lines: &Store) -> Option<Self> {
        let call_back = Self {
            record,
            kind: TaskKind::CallBack,
            reason: "",
            // Who wants to stay unknown is nobody's to see.
            caller: record.caller.filter(|_| !record.circumstances.withheld),
            ended_at,
            due_at: of_lines.due_on(record.line.as_ref(), ended_at),
            place: None,
            agent: None,
            is_told: of_lines.desk().is_some_and(|desk| desk.has_webhooks),
            actor: SYSTEM,
        };
        if record.outcome == Some(Outcome::Message) {
            let message = record.dialogue.message;
            return Some(Self {
                kind: TaskKind::Message,
                reason: "message",
                place: message.and_then(|it| Some((it.start_ms, it.length_ms?))),
                ..call_back
            });
        }
        let score = record.dialogue.survey.as_ref().and_then(|it| it.score);
        let line = record.line.as_ref();
        let desk = of_lines.desk().unwrap_or_default();
        let rules = line.and_then(|line| desk.lines.get(line));
        let lowest = rules.map_or(0, |rules| rules.follow_up);
        if score.is_some_and(|score| score <= lowest) {
            return Some(Self {
                kind: TaskKind::FollowUp,
                reason: "low_score",
                due_at: None,
                ..call_back
            });
        }
        if record.desk.hang_up_reason == Some(HangUpReason::WalkIn) {
            return Some(Self {
                reason: "walk_in",
                agent: record.answered_by.as_ref(),
                ..call_back
            });
        }
        let reason = record.lost()?.as_str();
        Some(Self {
            reason,
            ..call_back
        })
    }

    async fn open(&self, tx: &mut Tx) -> Result<Option<TaskNews>> {
        if self.known(tx).await?.is_some() {
            return Ok(None);
        }
        let number = match self.caller {
            Some(caller) => number_of(tx, caller).await?,
            None => None,
        };
        // A call back needs a number; a message can be heard without one.
        if self.kind == TaskKind::CallBack && number.is_none() {
            return Ok(None);
        }
        let holder = match self.agent {
            Some(agent) => user_of(tx, agent).await?,
            None => None,
        };
        for _ in 0..TRIES {
            let new = TaskId::mint(self.ended_at, &mut rand::rng());
            let holder = holder.as_deref();
            if self.insert(tx, new, number.as_deref(), holder).await? {
                let news = self.join(tx, new, Action::Opened).await?;
                if let Some(holder) = holder {
                    write_step(tx, new, &self.step(Action::Claimed, holder)).await?;
                }
                return Ok(news);
            }
            if let Some(open) = open_task(tx, number.as_deref()).await? {
                return self.join(tx, open, Action::Added).await;
            }
        }
        tracing::warn!(call.id = %self.record.id, "no task was opened: others open and close the caller's");
        Ok(None)
    }

    /// The task that the call has already.
    async fn known(&self, tx: &mut Tx) -> Result<Option<TaskId>> {
        let known: Option<Uuid> = in_tx!(tx, connection => {
            sqlx::query_scalar("select task_id from task_calls where call_id = $1 and kind = $2")
                .bind(self.record.id.0)
                .bind(self.kind.as_str())
                .fetch_optional(connection)
                .await?
        });
        Ok(known.map(TaskId))
    }

    /// Whether it is new: a number has one call back that is not done, and no more.
    async fn insert(
        &self,
        tx: &mut Tx,
        id: TaskId,
        number: Option<&str>,
        holder: Option<&str>,
    ) -> Result<bool> {
        let state = holder.map_or(TaskState::Open, |_| TaskState::Claimed);
        let inserted = in_tx!(tx, connection => {
            sqlx::query(
                "insert into tasks (id, kind, state, reason, line, party, number, opened_at,
                     due_at, claimed_by, claimed_at, tries)
                 values ($1, $2, $9, $3, $4, $5, $6, $7, $8, $10, $11, 0)
                 on conflict (number) where state <> 'done' and kind = 'call_back' do nothing",
            )
            .bind(id.0)
            .bind(self.kind.as_str())
            .bind(self.reason)
            .bind(self.record.line.as_ref().map(|line| line.0.as_str()))
            .bind(self.caller.map(|caller| caller.0))
            .bind(number)
            .bind(self.ended_at.0)
            .bind(self.due_at.map(|due| due.0))
            .bind(state.as_str())
            .bind(holder)
            .bind(holder.map(|_| self.ended_at.0))
            .execute(connection)
            .await?
            .rows_affected()
        });
        Ok(inserted > 0)
    }

    async fn join(&self, tx: &mut Tx, task: TaskId, action: Action) -> Result<Option<TaskNews>> {
        let row = lock(tx, task).await?;
        let ms = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
        let (start_ms, length_ms) = self.place.unzip();
        in_tx!(tx, connection => {
            sqlx::query(
                "insert into task_calls (call_id, kind, task_id, at, reason, start_ms, length_ms)
                 values ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(self.record.id.0)
            .bind(self.kind.as_str())
            .bind(task.0)
            .bind(self.ended_at.0)
            .bind(self.reason)
            .bind(start_ms.map(ms))
            .bind(length_ms.map(ms))
            .execute(connection)
            .await?;
        });
        let step = self.step(action, self.actor);
        write_step(tx, task, &step).await?;
        if self.is_told && action == Action::Opened {
            let call = Some(self.record.id);
            let data = row.news_data(&step);
            outbox::post(tx, WebhookKind::TaskOpened, call, data, self.ended_at).await?;
        }
        Ok(Some(row.news(action)))
    }

    fn step<'b>(&self, action: Action, actor: &'b str) -> Step<'b> {
        Step::by(actor, action, self.ended_at)
    }
}

/// Who uses this phone, as tasks name people.
async fn user_of(tx: &mut Tx, agent: &AgentId) -> Result<Option<String>> {
    Ok(in_tx!(tx, connection => {
        sqlx::query_scalar(
            "select name from users where extension = $1 and not disabled order by name limit 1",
        )
        .bind(&agent.0)
        .fetch_optional(connection)
        .await?
    }))
}

async fn open_task(tx: &mut Tx, number: Option<&str>) -> Result<Option<TaskId>> {
    let id: Option<Uuid> = in_tx!(tx, connection => {
        sqlx::query_scalar(
            "select id from tasks
             where number = $1 and state <> 'done' and kind = 'call_back'",
        )
        .bind(number)
        .fetch_optional(connection)
        .await?
    });
    Ok(id.map(TaskId))
}

/// What tells a caller apart, whatever way the number was written; `None` if nobody can be called
/// there.
async fn number_of(tx: &mut Tx, caller: PartyId) -> Result<Option<String>> {
    let row: Option<(String, Option<String>)> = in_tx!(tx, connection => {
        sqlx::query_as("select number, e164 from parties where id = $1")
            .bind(caller.0)
            .fetch_optional(connection)
            .await?
    });
    Ok(row.and_then(|(number, e164)| number_key(&number, e164)))
}

/// A number in the one form in which numbers are compared.
pub(super) fn number_key(number: &str, e164: Option<String>) -> Option<String> {
    let key = e164.unwrap_or_else(|| national(number, None));
    let digits = key.strip_prefix('+').unwrap_or(&key);
    let can_be_called = digits.len() >= 3 && digits.bytes().all(|b| b.is_ascii_digit());
    can_be_called.then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_key_and_what_is_none_has_no_key() {
        let key = |number: &str| number_key(number, crate::rules::e164(number, Some("10")));
        assert_eq!(key("13800005678"), key("+86 138-0000-5678"));
        assert_eq!(key("013800005678").as_deref(), Some("+8613800005678"));
        assert_eq!(key("95588").as_deref(), Some("95588"));
        for nobody in ["", "anonymous", "*43", "12", "+"] {
            assert_eq!(key(nobody), None, "{nobody}");
        }
    }
}
