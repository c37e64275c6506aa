//! Who is logged in. A session's id is a secret of its browser's: what is kept is its hash.

use serde::Serialize;
use uuid::Uuid;

use super::engine::{in_tx, on_readers};
use super::{Result, Store};
use crate::rules::Timestamp;

/// A session as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoredSession {
    /// What it is called; tells nothing of its secret.
    pub id: Uuid,
    /// SHA-256 of what its cookie holds.
    #[serde(skip)]
    pub secret: String,
    /// Whose.
    pub user: String,
    /// What the session's own code keeps in it.
    #[serde(skip)]
    pub data: String,
    /// The address that it was begun from.
    pub source: Option<String>,
    /// The program that it was begun with.
    pub user_agent: Option<String>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
}

const COLUMNS: &str = "id, secret, user_name, data, source, user_agent, created_at, seen_at";

impl Store {
    /// Keeps a session, in the place of what was kept of it.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn keep_session(&self, session: &StoredSession) -> Result<()> {
        let mut tx = self.engine.begin().await?;
        in_tx!(&mut tx, connection => {
            sqlx::query(
                "insert into sessions
                     (id, secret, user_name, data, source, user_agent, created_at, seen_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8)
                 on conflict (secret) do update set data = excluded.data,
                     user_name = excluded.user_name, seen_at = excluded.seen_at",
            )
            .bind(session.id)
            .bind(&session.secret)
            .bind(&session.user)
            .bind(&session.data)
            .bind(&session.source)
            .bind(&session.user_agent)
            .bind(session.created_at.0)
            .bind(session.seen_at.0)
            .execute(connection)
            .await?;
        });
        tx.commit().await
    }

    /// The session with this secret that was begun after `begun` and used after `seen`.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn session(
        &self,
        secret: &str,
        begun: Timestamp,
        seen: Timestamp,
    ) -> Result<Option<StoredSession>> {
        let sql = format!(
            "select {COLUMNS} from sessions where secret = $1 and created_at > $2 and seen_at > $3"
        );
        let row: Option<SessionRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(sqlx::AssertSqlSafe(sql))
                .bind(secret)
                .bind(begun.0)
                .bind(seen.0)
                .fetch_optional(pool)
                .await?
        });
        Ok(row.map(StoredSession::from))
    }

    /// The sessions of a user that were begun after `begun` and used after `seen`, the oldest
    /// first.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn sessions_of(
        &self,
        user: &str,
        begun: Timestamp,
        seen: Timestamp,
    ) -> Result<Vec<StoredSession>> {
        let sql = format!(
            "select {COLUMNS} from sessions
             where user_name = $1 and created_at > $2 and seen_at > $3 order by created_at, id"
        );
        let rows: Vec<SessionRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(sqlx::AssertSqlSafe(sql))
                .bind(user)
                .bind(begun.0)
                .bind(seen.0)
                .fetch_all(pool)
                .await?
        });
        Ok(rows.into_iter().map(StoredSession::from).collect())
    }

    /// The session was used.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn session_seen(&self, secret: &str, at: Timestamp) -> Result<()> {
        let mut tx = self.engine.begin().await?;
        in_tx!(&mut tx, connection => {
            sqlx::query("update sessions set seen_at = $2 where secret = $1")
                .bind(secret)
                .bind(at.0)
                .execute(connection)
                .await?;
        });
        tx.commit().await
    }

    /// Ends the session with this secret.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn end_session(&self, secret: &str) -> Result<()> {
        let mut tx = self.engine.begin().await?;
        in_tx!(&mut tx, connection => {
            sqlx::query("delete from sessions where secret = $1")
                .bind(secret)
                .execute(connection)
                .await?;
        });
        tx.commit().await
    }

    /// Ends a user's session by its id, or all of them; how many there were.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn end_sessions_of(&self, user: &str, id: Option<Uuid>) -> Result<u64> {
        let mut tx = self.engine.begin().await?;
        let ended = in_tx!(&mut tx, connection => {
            sqlx::query("delete from sessions where user_name = $1 and (id = $2 or $3)")
                .bind(user)
                .bind(id)
                .bind(id.is_none())
                .execute(connection)
                .await?
                .rows_affected()
        });
        tx.commit().await?;
        Ok(ended)
    }

    /// Forgets sessions that were begun before `begun` or last used before `seen`.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn forget_sessions(&self, begun: Timestamp, seen: Timestamp) -> Result<u64> {
        let mut tx = self.engine.begin().await?;
        let gone = in_tx!(&mut tx, connection => {
            sqlx::query("delete from sessions where created_at <= $1 or seen_at <= $2")
                .bind(begun.0)
                .bind(seen.0)
                .execute(connection)
                .await?
                .rows_affected()
        });
        tx.commit().await?;
        Ok(gone)
    }
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: Uuid,
    secret: String,
    user_name: String,
    data: String,
    source: Option<String>,
    user_agent: Option<String>,
    created_at: i64,
    seen_at: i64,
}

impl From<SessionRow> for StoredSession {
    fn from(row: SessionRow) -> Self {
        Self {
            id: row.id,
            secret: row.secret,
            user: row.user_name,
            data: row.data,
            source: row.source,
            user_agent: row.user_agent,
            created_at: Timestamp(row.created_at),
            seen_at: Timestamp(row.seen_at),
        }
    }
}
