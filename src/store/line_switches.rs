//! The turns of lines' emergency switches (R279), and the task that writes them down.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::engine::{in_tx, on_readers};
use super::{Result, Store};
use crate::call::command::{Answer, Done, Refused};
use crate::id::LineId;
use crate::rules::Timestamp;
use crate::switch::{Diversion, LineSwitch};

/// Turns that may wait for the task: people make them.
const QUEUE: usize = 1024;
/// The pause after a failure.
const PAUSE: Duration = Duration::from_secs(2);

impl Store {
    /// The last turn of each line's switch.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn line_switches(&self) -> Result<Vec<LineSwitch>> {
        let rows: Vec<Row> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select line, kind, target, switched_by, switched_at, reason from line_switches
                 where seq in (select max(seq) from line_switches group by line) order by line",
            )
            .fetch_all(pool)
            .await?
        });
        Ok(rows.into_iter().map(LineSwitch::from).collect())
    }

    /// Every turn of a line's switch, the latest first.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn line_switch_history(&self, line: &LineId, limit: u32) -> Result<Vec<LineSwitch>> {
        let rows: Vec<Row> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select line, kind, target, switched_by, switched_at, reason from line_switches
                 where line = $1 order by seq desc limit $2",
            )
            .bind(&line.0)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await?
        });
        Ok(rows.into_iter().map(LineSwitch::from).collect())
    }

    /// Writes a turn down.
    ///
    /// # Errors
    ///
    /// If the database fails; then nothing has changed.
    pub async fn keep_line_switch(&self, turn: &LineSwitch) -> Result<()> {
        let (kind, target) = match &turn.to {
            None => (None, None),
            Some(Diversion::Announcement(file)) => (Some("announcement"), Some(file)),
            Some(Diversion::Number(number)) => (Some("number"), Some(number)),
        };
        let mut tx = self.engine.begin().await?;
        in_tx!(&mut tx, connection => {
            sqlx::query(
                "insert into line_switches (line, kind, target, switched_by, switched_at, reason)
                 values ($1, $2, $3, $4, $5, $6)",
            )
            .bind(&turn.line.0)
            .bind(kind)
            .bind(target)
            .bind(turn.by.replace('\0', ""))
            .bind(turn.at.0)
            .bind(turn.reason.as_deref().map(|reason| reason.replace('\0', "")))
            .execute(connection)
            .await?;
        });
        tx.commit().await
    }
}

/// The task that writes turns down, in order.
#[derive(Debug)]
pub struct LineSwitchWriter {
    task: JoinHandle<()>,
}

impl LineSwitchWriter {
    /// Starts the task; it ends when every sender is gone and all is written.
    ///
    /// With each turn comes who is answered when it is durable, or when it is clear that this will
    /// take a while: somebody waits there in an emergency.
    pub fn start(store: Store) -> (Self, mpsc::Sender<(LineSwitch, oneshot::Sender<Answer>)>) {
        let (sender, mut turns) = mpsc::channel::<(LineSwitch, oneshot::Sender<Answer>)>(QUEUE);
        let task = tokio::spawn(async move {
            while let Some((turn, asked)) = turns.recv().await {
                let mut asked = Some(asked);
                let mut answer = |answer: Answer| {
                    // Whoever has gone away meanwhile needs no answer.
                    asked.take().map(|asked| asked.send(answer))
                };
                while let Err(error) = store.keep_line_switch(&turn).await {
                    tracing::error!(%error, line = %turn.line, "a line's switch is not written down yet");
                    answer(Err(Refused::NotKept));
                    tokio::time::sleep(PAUSE).await;
                }
                answer(Ok(Done::Accepted));
            }
        });
        (Self { task }, sender)
    }

    /// Waits until the last turns are written; they are given up after `within`.
    pub async fn finish(mut self, within: Duration) {
        if tokio::time::timeout(within, &mut self.task).await.is_err() {
            self.task.abort();
            tracing::error!("turns of lines' switches were not written down");
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    line: String,
    kind: Option<String>,
    target: Option<String>,
    switched_by: String,
    switched_at: i64,
    reason: Option<String>,
}

impl From<Row> for LineSwitch {
    fn from(row: Row) -> Self {
        let to = row.kind.zip(row.target).map(|(kind, target)| {
            if kind == "number" {
                Diversion::Number(target)
            } else {
                Diversion::Announcement(target)
            }
        });
        Self {
            line: LineId(row.line),
            to,
            by: row.switched_by,
            at: Timestamp(row.switched_at),
            reason: row.reason,
        }
    }
}
