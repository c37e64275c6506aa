//! What is set up while the service runs: every version of every section, and who made it.

use serde_json::Value;
use sqlx::types::Json;

use super::audit::{self, AuditEntry};
use super::engine::{Tx, in_tx, on_readers};
use super::{Error, Result, Store};
use crate::config::setup::{Document, Section};
use crate::rules::{SetupKind, Timestamp};

/// A text of somebody's about a change has at most so many bytes.
const LONGEST_REASON: usize = 1000;

/// One version of a section.
#[derive(Clone, Debug, PartialEq)]
pub struct SetupVersion {
    /// Its place among all versions of all sections.
    pub revision: i64,
    /// Its number among the section's own, from 1.
    pub version: u32,
    /// What it says.
    pub section: Section,
    /// Who made it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// Who changes something, when and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupAuthor {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why; may be empty.
    pub reason: String,
}

impl Store {
    /// The revision of what is set up; 0 while there is nothing.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn setup_revision(&self) -> Result<i64> {
        Ok(on_readers!(&self.engine, pool => {
            sqlx::query_scalar("select coalesce(max(seq), 0) from setup_versions")
                .fetch_one(pool)
                .await?
        }))
    }

    /// The last version of each section up to a revision, those that take one out included; in the
    /// order in which they were made.
    ///
    /// # Errors
    ///
    /// If the database fails, or holds what this version cannot read.
    pub async fn setup_at(&self, revision: i64) -> Result<Vec<SetupVersion>> {
        let rows: Vec<Row> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select seq, kind, name, version, document, author, at, reason from setup_versions
                 where seq in
                     (select max(seq) from setup_versions where seq <= $1 group by kind, name)
                 order by seq",
            )
            .bind(revision)
            .fetch_all(pool)
            .await?
        });
        Ok(rows.into_iter().filter_map(Row::read).collect())
    }

    /// Every version of one section, the latest first.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn setup_versions(&self, kind: SetupKind, name: &str) -> Result<Vec<SetupVersion>> {
        let rows: Vec<Row> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select seq, kind, name, version, document, author, at, reason from setup_versions
                 where kind = $1 and name = $2 order by version desc",
            )
            .bind(kind.as_str())
            .bind(name)
            .fetch_all(pool)
            .await?
        });
        Ok(rows.into_iter().filter_map(Row::read).collect())
    }

    /// Adds a version of a section, and the row of the audit. `base` is the revision that it was
    /// checked against: the whole must still stand there.
    ///
    /// # Errors
    ///
    /// [`Error::SetupMoved`], [`Error::TooLong`]; or if the database fails.
    pub async fn set_up(
        &self,
        base: i64,
        section: &Section,
        author: &SetupAuthor,
    ) -> Result<SetupVersion> {
        let reason = author.reason.replace('\0', "");
        if reason.len() > LONGEST_REASON {
            let (what, most) = ("a reason", LONGEST_REASON);
            return Err(Error::TooLong { what, most });
        }
        let mut tx = self.engine.begin().await?;
        let last = lock(&mut tx).await?;
        if last != base {
            return Err(Error::SetupMoved);
        }
        let (revision, kind) = (last.saturating_add(1), section.kind.as_str());
        let document = section.document.clone().map(Value::Object).map(Json);
        let by = author.by.replace('\0', "");
        let version: i64 = in_tx!(&mut tx, connection => {
            sqlx::query_scalar(
                "insert into setup_versions
                     (seq, kind, name, version, document, author, at, reason)
                 values ($1, $2, $3,
                     (select coalesce(max(version), 0) + 1 from setup_versions
                      where kind = $2 and name = $3),
                     $4, $5, $6, $7)
                 returning version",
            )
            .bind(revision)
            .bind(kind)
            .bind(&section.name)
            .bind(document)
            .bind(&by)
            .bind(author.at.0)
            .bind(&reason)
            .fetch_one(connection)
            .await?
        });
        let action = if section.document.is_some() {
            "setup.put"
        } else {
            "setup.remove"
        };
        let detail = format!("{kind} {}, version {version}", section.name);
        let entry = AuditEntry {
            purpose: reason.clone(),
            ..AuditEntry::of_account(action, &by, detail, author.at)
        };
        audit::write(&mut tx, &entry).await?;
        tx.commit().await?;
        Ok(SetupVersion {
            revision,
            version: u32::try_from(version).unwrap_or(u32::MAX),
            section: section.clone(),
            by,
            at: author.at,
            reason,
        })
    }
}

/// Keeps other writers out until the transaction ends; gives the revision. SQLite's transactions do
/// so from their start.
async fn lock(tx: &mut Tx) -> Result<i64> {
    if let Tx::Postgres(tx) = tx {
        sqlx::query("lock table setup_versions in share row exclusive mode")
            .execute(&mut **tx)
            .await?;
    }
    Ok(in_tx!(tx, connection => {
        sqlx::query_scalar("select coalesce(max(seq), 0) from setup_versions")
            .fetch_one(connection)
            .await?
    }))
}

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    kind: String,
    name: String,
    version: i64,
    document: Option<Json<Document>>,
    author: String,
    at: i64,
    reason: String,
}

impl Row {
    /// `None` for a kind that a later version of the service has.
    fn read(self) -> Option<SetupVersion> {
        Some(SetupVersion {
            revision: self.seq,
            version: u32::try_from(self.version).unwrap_or(u32::MAX),
            section: Section {
                kind: self.kind.parse().ok()?,
                name: self.name,
                document: self.document.map(|Json(document)| document),
            },
            by: self.author,
            at: Timestamp(self.at),
            reason: self.reason,
        })
    }
}
