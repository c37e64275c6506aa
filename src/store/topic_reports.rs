//! Written reports to those who answer for the hotline (R110): a topic that callers ring about more often
//! than it may be within a window, or a matter that somebody calls major. A report holds counts and the
//! calls' ids, and nobody's name or number.

use std::time::Duration;

use serde::Serialize;
use tokio::sync::broadcast;
use uuid::Uuid;

use super::audit::{self, AuditEntry};
use super::engine::{Tx, in_tx, on_readers};
use super::{Error, Result, Store, outbox};
use crate::id::{CallId, EventId};
use crate::rules::{Timestamp, WebhookKind};

const LONGEST_REASON: usize = 1_000;
/// Calls that a report lists; it counts all of them.
const MOST_CALLS: i64 = 200;
/// Reports that may wait for a reader.
pub(super) const REPORT_NEWS: usize = 256;

/// When a topic is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicRules {
    /// The topics that are counted, by code, each with its kinds apart.
    pub purposes: Vec<String>,
    /// So many calls are reported.
    pub threshold: u32,
    /// Within so long.
    pub window: Duration,
}

/// Why a report was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportCause {
    /// There were so many calls.
    Count,
    /// Somebody says that it is a major matter.
    Major,
}

impl ReportCause {
    /// The word that rows use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Major => "major",
        }
    }
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TopicReport {
    /// Its own id.
    pub id: EventId,
    /// What it is about: the code of a purpose.
    pub topic: String,
    /// Why it was written.
    pub cause: ReportCause,
    /// When.
    pub at: Timestamp,
    /// Who called it major; `thirdring` where there were so many.
    pub by: String,
    /// In that person's words.
    pub reason: Option<String>,
    /// From when on calls were counted.
    pub from: Timestamp,
    /// How many calls there were.
    pub count: u32,
    /// The last of them.
    pub calls: Vec<CallId>,
}

impl Store {
    /// Writes a report of each topic that so many calls are about, unless there was one within the
    /// window. What only the line supposes a call is about does not count.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn report_topics(&self, rules: &TopicRules, now: Timestamp) -> Result<u32> {
        let from = now.minus(rules.window);
        let mut written = 0;
        for topic in &rules.purposes {
            let calls = self.calls_about(topic, from).await?;
            let count = calls.len();
            if count < usize::try_from(rules.threshold).unwrap_or(usize::MAX) {
                continue;
            }
            let report = TopicReport {
                id: EventId::mint(now, &mut rand::rng()),
                topic: topic.clone(),
                cause: ReportCause::Count,
                at: now,
                by: crate::call::record::SYSTEM.to_owned(),
                reason: None,
                from,
                count: u32::try_from(count).unwrap_or(u32::MAX),
                calls,
            };
            let mut tx = self.engine.begin().await?;
            // Locked against another process that counts at the same moment.
            if was_reported(&mut tx, topic, from).await? {
                continue;
            }
            self.write_report(&mut tx, &report).await?;
            tx.commit().await?;
            written += 1;
            let _ = self.report_news.send(report);
        }
        Ok(written)
    }

    /// Somebody says that a call is about a major matter: a report of its own. A call has one such
    /// report: where it has one already, that is the answer.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownCall`]; [`Error::Unregistrable`] if nobody has said what it is about, or why it
    /// is major; or if the database fails.
    pub async fn mark_major(
        &self,
        call: CallId,
        reason: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<TopicReport> {
        let reason = reason.trim().replace('\0', "");
        if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
            return Err(Error::Unregistrable(
                "why it is major, in at most 1,000 characters",
            ));
        }
        let mut tx = self.engine.begin().await?;
        let purpose: Option<Option<String>> = in_tx!(&mut tx, connection => {
            sqlx::query_scalar("select purpose from calls where id = $1")
                .bind(call.0)
                .fetch_optional(connection)
                .await?
        });
        let purpose = purpose.ok_or(Error::UnknownCall(call))?;
        let topic = purpose.ok_or(Error::Unregistrable("what the call is about, said before"))?;
        let known: Option<ReportRow> = in_tx!(&mut tx, connection => {
            sqlx::query_as("select * from topic_reports where major_call = $1")
                .bind(call.0)
                .fetch_optional(connection)
                .await?
        });
        if let Some(known) = known.and_then(ReportRow::read) {
            return Ok(known);
        }
        let report = TopicReport {
            id: EventId::mint(at, &mut rand::rng()),
            topic,
            cause: ReportCause::Major,
            at,
            by: by.to_owned(),
            reason: Some(reason),
            from: at,
            count: 1,
            calls: vec![call],
        };
        self.write_report(&mut tx, &report).await?;
        tx.commit().await?;
        let _ = self.report_news.send(report.clone());
        Ok(report)
    }

    /// One report.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchRecord`]; or if the database fails.
    pub async fn topic_report(&self, id: EventId) -> Result<TopicReport> {
        let row: Option<ReportRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as("select * from topic_reports where id = $1")
                .bind(id.0)
                .fetch_optional(pool)
                .await?
        });
        let report = row.and_then(ReportRow::read);
        report.ok_or(Error::NoSuchRecord(id.0))
    }

    /// The report that calls the matter of a call major.
    pub(super) async fn major_report(&self, call: CallId) -> Result<Option<TopicReport>> {
        let row: Option<ReportRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as("select * from topic_reports where major_call = $1")
                .bind(call.0)
                .fetch_optional(pool)
                .await?
        });
        Ok(row.and_then(ReportRow::read))
    }

    /// Reports, the newest first; at most `limit`, from before the report `before`.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn topic_reports(
        &self,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<TopicReport>> {
        let rows: Vec<ReportRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select * from topic_reports where id < $1 order by id desc limit $2",
            )
            .bind(before.map_or_else(Uuid::max, |before| before.0))
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await?
        });
        Ok(rows.into_iter().filter_map(ReportRow::read).collect())
    }

    /// Reports that are written from now on.
    pub fn report_news(&self) -> broadcast::Receiver<TopicReport> {
        self.report_news.subscribe()
    }

    /// The calls since then that somebody has said are about it, the last before the others.
    async fn calls_about(&self, topic: &str, from: Timestamp) -> Result<Vec<CallId>> {
        let ids: Vec<Uuid> = on_readers!(&self.engine, pool => {
            sqlx::query_scalar(
                "select id from calls
                 where purpose = $1 and arrived_at >= $2 and exists (select 1 from purposes
                     where purposes.call_id = calls.id and version = calls.purpose_version
                         and author <> 'system')
                 order by arrived_at desc limit $3",
            )
            .bind(topic)
            .bind(from.0)
            .bind(MOST_CALLS)
            .fetch_all(pool)
            .await?
        });
        Ok(ids.into_iter().map(CallId).collect())
    }

    async fn write_report(&self, tx: &mut Tx, report: &TopicReport) -> Result<()> {
        let calls = serde_json::to_string(&report.calls).map_err(Error::Unwritable)?;
        let call = report.calls.first().copied();
        let major = call.filter(|_| report.cause == ReportCause::Major);
        in_tx!(&mut *tx, connection => {
            sqlx::query(
                "insert into topic_reports (id, topic, cause, at, author, reason, counted_from,
                     calls_counted, calls, major_call)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            )
            .bind(report.id.0)
            .bind(&report.topic)
            .bind(report.cause.as_str())
            .bind(report.at.0)
            .bind(&report.by)
            .bind(&report.reason)
            .bind(report.from.0)
            .bind(i64::from(report.count))
            .bind(calls)
            .bind(major.map(|call| call.0))
            .execute(connection)
            .await?;
        });
        let detail = format!("report {}, {}", report.id, report.topic);
        let mut entry = AuditEntry::of_account("report.write", &report.by, detail, report.at);
        entry.call = major;
        audit::write(tx, &entry).await?;
        if self.desk().is_some_and(|desk| desk.has_webhooks) {
            let data = serde_json::json!({
                "report": report.id, "topic": report.topic, "cause": report.cause,
                "count": report.count,
            });
            outbox::post(tx, WebhookKind::ReportWritten, major, data, report.at).await?;
        }
        Ok(())
    }
}

/// Whether the topic was reported since then. Others wait until the transaction is over: SQLite's
/// transactions have the only lock there is.
async fn was_reported(tx: &mut Tx, topic: &str, from: Timestamp) -> Result<bool> {
    if let Tx::Postgres(tx) = tx {
        sqlx::query("lock table topic_reports in share row exclusive mode")
            .execute(&mut **tx)
            .await?;
    }
    Ok(in_tx!(tx, connection => {
        sqlx::query_scalar(
            "select exists (select 1 from topic_reports
             where topic = $1 and cause = 'count' and at > $2)",
        )
        .bind(topic)
        .bind(from.0)
        .fetch_one(connection)
        .await?
    }))
}

#[derive(sqlx::FromRow)]
struct ReportRow {
    id: Uuid,
    topic: String,
    cause: String,
    at: i64,
    author: String,
    reason: Option<String>,
    counted_from: i64,
    calls_counted: i64,
    calls: String,
}

impl ReportRow {
    /// `None` for a cause that a later version of the service has.
    fn read(self) -> Option<TopicReport> {
        let causes = [ReportCause::Count, ReportCause::Major];
        Some(TopicReport {
            id: EventId(self.id),
            topic: self.topic,
            cause: causes.into_iter().find(|it| it.as_str() == self.cause)?,
            at: Timestamp(self.at),
            by: self.author,
            reason: self.reason,
            from: Timestamp(self.counted_from),
            count: u32::try_from(self.calls_counted).unwrap_or(u32::MAX),
            calls: serde_json::from_str(&self.calls).unwrap_or_default(),
        })
    }
}
