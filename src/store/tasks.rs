//! Tasks: who takes one on, tries it, and what comes of it. Each step is kept.

use std::collections::BTreeMap;

use super::engine::{Tx, in_tx, on_readers};
use super::task::{
    Action, COLUMNS, Step, Task, TaskCallRow, TaskDetail, TaskFilter, TaskKind, TaskNews,
    TaskResult, TaskRow, TaskState, TaskStepRow,
};
use super::{Error, Result, Store, outbox};
use crate::call::Party;
use crate::id::{PartyId, TaskId};
use crate::rules::{Timestamp, WebhookKind};

/// A longer remark is not kept, in bytes.
pub(super) const LONGEST_REMARK: usize = 2_000;

impl Store {
    /// Tasks, the one opened first before the others.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn tasks(&self, filter: &TaskFilter) -> Result<Vec<Task>> {
        let sql = format!(
            "select {COLUMNS} from tasks
             where ($1 is null or kind = $1) and ($2 is null or state = $2)
                 and (state <> 'done' or not $3) and ($4 is null or line = $4)
                 and ($5 is null or claimed_by = $5) and (opened_at, id) > ($6, $7)
                 and ($8 is null or (due_at < $8 and state <> 'done'))
                 and ($10 is null or number = $10) and ($11 is null or assigned_to = $11)
             order by opened_at, id limit $9"
        );
        let (after, task) = filter.after.unzip();
        let rows: Vec<TaskRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(sqlx::AssertSqlSafe(sql))
                .bind(filter.kind.map(TaskKind::as_str))
                .bind(filter.state.map(TaskState::as_str))
                .bind(filter.undone)
                .bind(filter.line.as_ref().map(|line| line.0.as_str()))
                .bind(filter.claimed_by.as_deref())
                .bind(after.map_or(i64::MIN, |after: Timestamp| after.0))
                .bind(task.map_or_else(uuid::Uuid::nil, |task: TaskId| task.0))
                .bind(filter.due_before.map(|due| due.0))
                .bind(filter.limit.map_or(i64::MAX, i64::from))
                .bind(filter.number.as_deref())
                .bind(filter.assigned_to.as_ref().map(|agent| agent.0.as_str()))
                .fetch_all(pool)
                .await?
        });
        self.with_callers(rows).await
    }

    /// One task with its calls and what was done about it.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTask`]; or if the database fails.
    pub async fn task(&self, id: TaskId) -> Result<TaskDetail> {
        let sql = format!("select {COLUMNS} from tasks where id = $1");
        let row: Option<TaskRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(sqlx::AssertSqlSafe(sql))
                .bind(id.0)
                .fetch_optional(pool)
                .await?
        });
        let task = self.with_callers(row.into_iter().collect()).await?.pop();
        let calls: Vec<TaskCallRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select call_id, at, reason, start_ms, length_ms from task_calls
                 where task_id = $1 order by at, call_id",
            )
            .bind(id.0)
            .fetch_all(pool)
            .await?
        });
        let steps: Vec<TaskStepRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select n, at, actor, action, result, remark, assigned_to from task_log
                 where task_id = $1 order by n",
            )
            .bind(id.0)
            .fetch_all(pool)
            .await?
        });
        Ok(TaskDetail {
            task: task.ok_or(Error::UnknownTask(id))?,
            about: calls.into_iter().map(Into::into).collect(),
            steps: steps.into_iter().map(Into::into).collect(),
        })
    }

    /// Somebody takes a task on that nobody has.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTask`]; [`Error::TaskState`] if somebody has it, or it is done; or if the
    /// database fails.
    pub async fn claim_task(&self, id: TaskId, by: &str, at: Timestamp) -> Result<()> {
        let step = Step::by(by, Action::Claimed, at);
        self.step(id, &step, |row| row.state() == TaskState::Open)
            .await
    }

    /// A task that somebody has taken on is given back.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTask`]; [`Error::TaskState`] if nobody has it; or if the database fails.
    pub async fn release_task(&self, id: TaskId, by: &str, at: Timestamp) -> Result<()> {
        let step = Step::by(by, Action::Released, at);
        self.step(id, &step, |row| row.state() == TaskState::Claimed)
            .await
    }

    /// It was tried, and is to be tried again.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTask`]; [`Error::TaskState`] if somebody else has it, or it is done;
    /// [`Error::TooLong`]; or if the database fails.
    pub async fn try_task(
        &self,
        id: TaskId,
        by: &str,
        remark: Option<&str>,
        at: Timestamp,
    ) -> Result<()> {
        let step = Step {
            result: Some(TaskResult::NotReached),
            remark,
            ..Step::by(by, Action::Tried, at)
        };
        self.step(id, &step, |row| is_free_for(row, by)).await
    }

    /// It is done.
    ///
    /// # Errors
    ///
    /// As with [`Self::try_task`].
    pub async fn finish_task(
        &self,
        id: TaskId,
        by: &str,
        result: TaskResult,
        remark: Option<&str>,
        at: Timestamp,
    ) -> Result<()> {
        let step = Step {
            result: Some(result),
            remark,
            ..Step::by(by, Action::Done, at)
        };
        self.step(id, &step, |row| is_free_for(row, by)).await
    }

    /// How many tasks of each kind are not done, and how many of them are late.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn undone_tasks(&self, now: Timestamp) -> Result<Vec<(TaskKind, u64, u64)>> {
        let rows: Vec<(String, i64, i64)> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select kind, count(*), count(case when due_at < $1 then 1 end)
                 from tasks where state <> 'done' group by kind",
            )
            .bind(now.0)
            .fetch_all(pool)
            .await?
        });
        let count = |kind: TaskKind| {
            let row = rows.iter().find(|(known, _, _)| known == kind.as_str());
            let (undone, late) = row.map_or((0, 0), |(_, undone, late)| (*undone, *late));
            let count = |count| u64::try_from(count).unwrap_or(0);
            (kind, count(undone), count(late))
        };
        Ok(TaskKind::ALL.iter().copied().map(count).collect())
    }

    /// What happens to tasks from now on. A reader who falls too far behind misses the oldest of it.
    pub fn task_news(&self) -> tokio::sync::broadcast::Receiver<TaskNews> {
        self.task_news.subscribe()
    }

    pub(super) fn tell_of_tasks(&self, news: impl IntoIterator<Item = TaskNews>) {
        for news in news {
            // Nobody need be listening.
            let _ = self.task_news.send(news);
        }
    }

    pub(super) async fn step(
        &self,
        id: TaskId,
        step: &Step<'_>,
        is_possible: impl Fn(&TaskRow) -> bool,
    ) -> Result<()> {
        if step.remark.is_some_and(|it| it.len() > LONGEST_REMARK) {
            return Err(Error::TooLong {
                what: "a remark",
                most: LONGEST_REMARK,
            });
        }
        let mut tx = self.engine.begin().await?;
        let row = find(&mut tx, id).await?.ok_or(Error::UnknownTask(id))?;
        if !is_possible(&row) {
            return Err(Error::TaskState {
                task: id,
                state: row.state().as_str(),
                by: row.done_by.or(row.claimed_by),
            });
        }
        let row = row.after(step);
        write_state(&mut tx, id, &row).await?;
        write_step(&mut tx, id, step).await?;
        self.post_step(&mut tx, &row, step).await?;
        tx.commit().await?;
        self.tell_of_tasks([row.news(step.action)]);
        Ok(())
    }

    /// Other programs hear that it is done.
    async fn post_step(&self, tx: &mut Tx, row: &TaskRow, step: &Step<'_>) -> Result<()> {
        let is_told = self.desk().is_some_and(|desk| desk.has_webhooks);
        if !is_told || step.action != Action::Done {
            return Ok(());
        }
        let data = row.news_data(step);
        outbox::post(tx, WebhookKind::TaskDone, None, data, step.at).await
    }

    async fn with_callers(&self, rows: Vec<TaskRow>) -> Result<Vec<Task>> {
        let callers: Vec<_> = rows.iter().filter_map(|row| row.party).collect();
        let callers: BTreeMap<PartyId, Party> = self.parties(&callers).await?;
        let tasks = rows.into_iter().map(|row| {
            let caller = row.party().and_then(|party| callers.get(&party).cloned());
            row.into_task(caller)
        });
        Ok(tasks.collect())
    }
}

fn is_free_for(row: &TaskRow, by: &str) -> bool {
    match row.state() {
        TaskState::Open => true,
        TaskState::Claimed => row.claimed_by.as_deref() == Some(by),
        TaskState::Done => false,
    }
}

/// Brings the task's row to where the step has led.
pub(super) async fn write_state(tx: &mut Tx, id: TaskId, row: &TaskRow) -> Result<()> {
    in_tx!(tx, connection => {
        sqlx::query(
            "update tasks set state = $2, claimed_by = $3, claimed_at = $4, tries = $5,
                 tried_at = $6, done_by = $7, done_at = $8, result = $9,
                 number = case when $2 = 'done' then null else number end, assigned_to = $10
             where id = $1",
        )
        .bind(id.0)
        .bind(&row.state)
        .bind(&row.claimed_by)
        .bind(row.claimed_at)
        .bind(row.tries)
        .bind(row.tried_at)
        .bind(&row.done_by)
        .bind(row.done_at)
        .bind(&row.result)
        .bind(&row.assigned_to)
        .execute(connection)
        .await?;
    });
    Ok(())
}

/// The task, whose row is locked until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, id: TaskId) -> Result<TaskRow> {
    find(tx, id).await?.ok_or(Error::UnknownTask(id))
}

pub(super) async fn find(tx: &mut Tx, id: TaskId) -> Result<Option<TaskRow>> {
    let sql = format!("select {COLUMNS} from tasks where id = $1");
    Ok(in_tx!(tx, connection => {
        sqlx::query("update tasks set tries = tries where id = $1")
            .bind(id.0)
            .execute(&mut *connection)
            .await?;
        sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(id.0)
            .fetch_optional(connection)
            .await?
    }))
}

/// Keeps what was done. The task's row must be locked.
pub(super) async fn write_step(tx: &mut Tx, id: TaskId, step: &Step<'_>) -> Result<()> {
    let remark = step.remark.map(|remark| remark.replace('\0', "\u{fffd}"));
    in_tx!(tx, connection => {
        sqlx::query(
            "insert into task_log (task_id, n, at, actor, action, result, remark, assigned_to)
             select $1, coalesce(max(n), 0) + 1, $2, $3, $4, $5, $6, $7
             from task_log where task_id = $1",
        )
        .bind(id.0)
        .bind(step.at.0)
        .bind(step.actor)
        .bind(step.action.as_str())
        .bind(step.result.map(TaskResult::as_str))
        .bind(remark)
        .bind(step.to)
        .execute(connection)
        .await?;
    });
    Ok(())
}
