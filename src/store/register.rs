//! What the house keeps by name: who can be reached, and who answers for what (R105, R113). Each
//! change is a version of its own, with author, time and reason.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::audit::{self, AuditEntry};
use super::engine::{Tx, in_tx, on_readers};
use super::{Error, Result, Store};
use crate::id::EventId;
use crate::rules::{DirectoryEntry, Matter, Timestamp};

/// What can be kept.
pub trait Document: Serialize + DeserializeOwned {
    /// The word that rows use.
    const KIND: &'static str;

    /// Whether it can be kept.
    ///
    /// # Errors
    ///
    /// What it needs.
    fn check(&self) -> std::result::Result<(), &'static str>;
}

impl Document for DirectoryEntry {
    const KIND: &'static str = "entry";

    fn check(&self) -> std::result::Result<(), &'static str> {
        Self::check(self)
    }
}

impl Document for Matter {
    const KIND: &'static str = "matter";

    fn check(&self) -> std::result::Result<(), &'static str> {
        Self::check(self)
    }
}

/// Something that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Registered<T> {
    /// Its own id.
    pub id: Uuid,
    /// Which version this is, from 1.
    pub version: u32,
    /// When it was written.
    pub changed_at: Timestamp,
    /// What it says.
    pub document: T,
}

/// One version of something that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegisterVersion<T> {
    /// From 1.
    pub version: u32,
    /// When it was written.
    pub at: Timestamp,
    /// By whom.
    pub author: String,
    /// Why.
    pub reason: Option<String>,
    /// What it said; `None`: it was removed.
    pub document: Option<T>,
}

/// Who writes, when, and why.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// Who.
    pub by: &'a str,
    /// Why.
    pub why: Option<&'a str>,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// Everything of a kind, in the order in which it was first written down.
    ///
    /// # Errors
    ///
    /// If the database fails, or holds what this version cannot read.
    pub async fn registered<T: Document>(&self) -> Result<Vec<Registered<T>>> {
        let rows: Vec<Row> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select id, version, changed_at, data from register
                 where kind = $1 and data is not null order by id",
            )
            .bind(T::KIND)
            .fetch_all(pool)
            .await?
        });
        let rows = rows.into_iter().map(Row::read);
        Ok(rows
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .flatten()
            .collect())
    }

    /// One of them.
    ///
    /// # Errors
    ///
    /// [`Error::NotRegistered`] if there is none, or none any more; or if the database fails.
    pub async fn registered_one<T: Document>(&self, id: Uuid) -> Result<Registered<T>> {
        let row: Option<Row> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select id, version, changed_at, data from register where id = $1 and kind = $2",
            )
            .bind(id)
            .bind(T::KIND)
            .fetch_optional(pool)
            .await?
        });
        let found = row.map(Row::read).transpose()?.flatten();
        found.ok_or(Error::NotRegistered(id))
    }

    /// Every version of one of them, ascending; none if there is no such thing.
    ///
    /// # Errors
    ///
    /// If the database fails, or holds what this version cannot read.
    pub async fn register_versions<T: Document>(
        &self,
        id: Uuid,
    ) -> Result<Vec<RegisterVersion<T>>> {
        let rows: Vec<VersionRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select v.version, v.at, v.author, v.reason, v.data
                 from register_versions v join register r on r.id = v.id
                 where v.id = $1 and r.kind = $2 order by v.version",
            )
            .bind(id)
            .bind(T::KIND)
            .fetch_all(pool)
            .await?
        });
        let versions = rows.into_iter().map(|row| {
            Ok(RegisterVersion {
                version: u32::try_from(row.version).unwrap_or(u32::MAX),
                at: Timestamp(row.at),
                author: row.author,
                reason: row.reason,
                document: read(row.data)?,
            })
        });
        versions.collect()
    }

    /// Writes something down.
    ///
    /// # Errors
    ///
    /// [`Error::Unregistrable`]; or if the database fails.
    pub async fn register<T: Document>(
        &self,
        document: T,
        written: &Written<'_>,
    ) -> Result<Registered<T>> {
        document.check().map_err(Error::Unregistrable)?;
        let data = serde_json::to_value(&document).map_err(Error::Unwritable)?;
        // In the order in which they are written down, as our other ids.
        let id = EventId::mint(written.at, &mut rand::rng()).0;
        let mut tx = self.engine.begin().await?;
        in_tx!(&mut tx, connection => {
            sqlx::query(
                "insert into register (id, kind, version, changed_at, data)
                 values ($1, $2, 1, $3, $4)",
            )
            .bind(id)
            .bind(T::KIND)
            .bind(written.at.0)
            .bind(Json(&data))
            .execute(connection)
            .await?;
        });
        keep(&mut tx, id, 1, Some(&data), written).await?;
        audited::<T>(&mut tx, "add", id, written).await?;
        tx.commit().await?;
        Ok(Registered {
            id,
            version: 1,
            changed_at: written.at,
            document,
        })
    }

    /// Writes something down anew; `base` is the version that was changed.
    ///
    /// # Errors
    ///
    /// [`Error::NotRegistered`], [`Error::RegisterChanged`], [`Error::Unregistrable`]; or if the
    /// database fails.
    pub async fn register_anew<T: Document>(
        &self,
        id: Uuid,
        base: u32,
        document: T,
        written: &Written<'_>,
    ) -> Result<Registered<T>> {
        document.check().map_err(Error::Unregistrable)?;
        let data = serde_json::to_value(&document).map_err(Error::Unwritable)?;
        let version = self.write::<T>(id, base, Some(&data), written).await?;
        Ok(Registered {
            id,
            version,
            changed_at: written.at,
            document,
        })
    }

    /// Removes something; its versions stay.
    ///
    /// # Errors
    ///
    /// [`Error::NotRegistered`], [`Error::RegisterChanged`]; or if the database fails.
    pub async fn unregister<T: Document>(
        &self,
        id: Uuid,
        base: u32,
        written: &Written<'_>,
    ) -> Result<()> {
        self.write::<T>(id, base, None, written).await.map(drop)
    }

    async fn write<T: Document>(
        &self,
        id: Uuid,
        base: u32,
        data: Option<&Value>,
        written: &Written<'_>,
    ) -> Result<u32> {
        let mut tx = self.engine.begin().await?;
        let version: Option<i64> = in_tx!(&mut tx, connection => {
            sqlx::query_scalar(
                "update register set version = version
                 where id = $1 and kind = $2 and data is not null returning version",
            )
            .bind(id)
            .bind(T::KIND)
            .fetch_optional(connection)
            .await?
        });
        let version = version.ok_or(Error::NotRegistered(id))?;
        let version = u32::try_from(version).unwrap_or(u32::MAX);
        if version != base {
            return Err(Error::RegisterChanged { id, version });
        }
        let version = version.saturating_add(1);
        in_tx!(&mut tx, connection => {
            sqlx::query(
                "update register set version = $2, changed_at = $3, data = $4 where id = $1",
            )
            .bind(id)
            .bind(i64::from(version))
            .bind(written.at.0)
            .bind(data.map(Json))
            .execute(connection)
            .await?;
        });
        keep(&mut tx, id, version, data, written).await?;
        let what = if data.is_some() { "change" } else { "remove" };
        audited::<T>(&mut tx, what, id, written).await?;
        tx.commit().await?;
        Ok(version)
    }
}

async fn keep(
    tx: &mut Tx,
    id: Uuid,
    version: u32,
    data: Option<&Value>,
    written: &Written<'_>,
) -> Result<()> {
    in_tx!(tx, connection => {
        sqlx::query(
            "insert into register_versions (id, version, at, author, reason, data)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id)
        .bind(i64::from(version))
        .bind(written.at.0)
        .bind(written.by)
        .bind(written.why)
        .bind(data.map(Json))
        .execute(connection)
        .await?;
    });
    Ok(())
}

async fn audited<T: Document>(
    tx: &mut Tx,
    what: &str,
    id: Uuid,
    written: &Written<'_>,
) -> Result<()> {
    let action = format!("{}.{what}", T::KIND);
    let mut entry = AuditEntry::of_account(&action, written.by, id.to_string(), written.at);
    written
        .why
        .unwrap_or_default()
        .clone_into(&mut entry.purpose);
    audit::write(tx, &entry).await
}

fn read<T: Document>(data: Option<Json<Value>>) -> Result<Option<T>> {
    let document = data.map(|Json(data)| serde_json::from_value(data));
    document.transpose().map_err(Error::Unwritable)
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    version: i64,
    changed_at: i64,
    data: Option<Json<Value>>,
}

impl Row {
    fn read<T: Document>(self) -> Result<Option<Registered<T>>> {
        let document = read(self.data)?;
        Ok(document.map(|document| Registered {
            id: self.id,
            version: u32::try_from(self.version).unwrap_or(u32::MAX),
            changed_at: Timestamp(self.changed_at),
            document,
        }))
    }
}

#[derive(sqlx::FromRow)]
struct VersionRow {
    version: i64,
    at: i64,
    author: String,
    reason: Option<String>,
    data: Option<Json<Value>>,
}
