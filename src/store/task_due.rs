//! Tasks that are late, whose they are to be, and call backs that somebody asks for by hand (R123,
//! R185).

use uuid::Uuid;

use super::engine::{in_tx, on_readers};
use super::task::{Action, Step, TaskState};
use super::tasks::{LONGEST_REMARK, find, write_state, write_step};
use super::{Error, Result, Store, outbox};
use crate::call::record::SYSTEM;
use crate::id::{AgentId, CallId, TaskId};
use crate::rules::{Timestamp, WebhookKind};

/// Tasks that are told of in one go.
const AT_ONCE: i64 = 100;

impl Store {
    /// Says whose a task is to be, or that it is everybody's again. Who had taken it on has it no
    /// more.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTask`]; [`Error::TaskState`] if it is done; or if the database fails.
    pub async fn assign_task(
        &self,
        id: TaskId,
        to: Option<&AgentId>,
        by: &str,
        remark: Option<&str>,
        at: Timestamp,
    ) -> Result<()> {
        let step = Step {
            to: to.map(|agent| agent.0.as_str()),
            remark,
            ..Step::by(by, Action::Assigned, at)
        };
        self.step(id, &step, |row| row.state() != TaskState::Done)
            .await
    }

    /// Tells of the tasks that were to be done before now and are not, each once. Gives how many
    /// they were.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn tell_late(&self, now: Timestamp) -> Result<u64> {
        let ids: Vec<Uuid> = on_readers!(&self.engine, pool => {
            sqlx::query_scalar(
                "select id from tasks
                 where due_at < $1 and state <> 'done' and late_told_at is null
                 order by due_at limit $2",
            )
            .bind(now.0)
            .bind(AT_ONCE)
            .fetch_all(pool)
            .await?
        });
        let mut told = 0;
        for id in ids {
            told += u64::from(self.tell_of_late(TaskId(id), now).await?);
        }
        Ok(told)
    }

    /// Whether there was anything to tell: another process may have been faster.
    async fn tell_of_late(&self, id: TaskId, now: Timestamp) -> Result<bool> {
        let mut tx = self.engine.begin().await?;
        let marked = in_tx!(&mut tx, connection => {
            sqlx::query(
                "update tasks set late_told_at = $2
                 where id = $1 and late_told_at is null and state <> 'done'",
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
        let step = Step::by(SYSTEM, Action::Late, now);
        write_step(&mut tx, id, &step).await?;
        if self.desk().is_some_and(|desk| desk.has_webhooks) {
            let data = row.news_data(&step);
            outbox::post(&mut tx, WebhookKind::TaskLate, None, data, now).await?;
        }
        tx.commit().await?;
        self.tell_of_tasks([row.news(Action::Late)]);
        Ok(true)
    }
}

impl Store {
    /// Somebody is to call a call's caller back: whoever answered first, if nobody else is named
    /// (R123). A number has one such task at a time, and a call asks for it once.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownCall`]; [`Error::Unregistrable`] if nobody knows a number to call; or if the
    /// database fails.
    pub async fn ask_call_back(
        &self,
        call: CallId,
        asked: &CallBack<'_>,
        at: Timestamp,
    ) -> Result<TaskId> {
        if asked.remark.is_some_and(|it| it.len() > LONGEST_REMARK) {
            return Err(Error::TooLong {
                what: "a remark",
                most: LONGEST_REMARK,
            });
        }
        let record = self.call(call).await?.call.record;
        let first_asked = record.answered_by.clone();
        let to = asked.to.cloned().or(first_asked);
        let due_at = asked
            .due_at
            .or_else(|| self.due_on(record.line.as_ref(), at));
        let mut tx = self.engine.begin().await?;
        let opened = super::task_opening::open_by_hand(&mut tx, &record, due_at, asked.by, at);
        let (id, news) = opened
            .await?
            .ok_or(Error::Unregistrable("a number to call back"))?;
        let row = find(&mut tx, id).await?.ok_or(Error::UnknownTask(id))?;
        // What somebody has taken on already stays his.
        let mut told = news;
        if row.state() == TaskState::Open && to.is_some() {
            let step = Step {
                to: to.as_ref().map(|agent| agent.0.as_str()),
                remark: asked.remark,
                ..Step::by(asked.by, Action::Assigned, at)
            };
            let row = row.after(&step);
            write_state(&mut tx, id, &row).await?;
            write_step(&mut tx, id, &step).await?;
            told = Some(row.news(Action::Assigned));
        }
        tx.commit().await?;
        self.tell_of_tasks(told);
        Ok(id)
    }
}

/// What somebody asks for.
#[derive(Clone, Copy, Debug)]
pub struct CallBack<'a> {
    /// Who asks.
    pub by: &'a str,
    /// Who is to call back; `None`: whoever answered first.
    pub to: Option<&'a AgentId>,
    /// By when; `None`: as the line has it.
    pub due_at: Option<Timestamp>,
    /// What it is about.
    pub remark: Option<&'a str>,
}
