//! Tokens of programs that work for a user.

use serde::Serialize;
use uuid::Uuid;

use super::engine::{in_tx, on_readers};
use super::users::{known, words};
use super::{Result, Store};
use crate::rules::{Scope, Timestamp};

/// A token as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoredToken {
    /// What it is called; tells nothing of its secret.
    pub id: Uuid,
    /// SHA-256 of the token.
    #[serde(skip)]
    pub secret: String,
    /// For whom it works.
    pub user: String,
    /// What it is for, in its owner's words.
    pub label: String,
    /// What it may do of what the user may.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it does not count any more.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute.
    pub used_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

const COLUMNS: &str =
    "id, secret, user_name, label, scopes, created_at, expires_at, used_at, revoked_at";

impl Store {
    /// Keeps a new token.
    ///
    /// # Errors
    ///
    /// If the database fails; there must be such a user.
    pub async fn add_token(&self, token: &StoredToken) -> Result<()> {
        let mut tx = self.engine.begin().await?;
        in_tx!(&mut tx, connection => {
            sqlx::query(
                "insert into api_tokens
                     (id, secret, user_name, label, scopes, created_at, expires_at)
                 values ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(token.id)
            .bind(&token.secret)
            .bind(&token.user)
            .bind(&token.label)
            .bind(words(&token.scopes))
            .bind(token.created_at.0)
            .bind(token.expires_at.0)
            .execute(connection)
            .await?;
        });
        tx.commit().await
    }

    /// The token with this secret that counts at `now`.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn token(&self, secret: &str, now: Timestamp) -> Result<Option<StoredToken>> {
        let sql = format!(
            "select {COLUMNS} from api_tokens
             where secret = $1 and expires_at > $2 and revoked_at is null"
        );
        let row: Option<TokenRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(sqlx::AssertSqlSafe(sql))
                .bind(secret)
                .bind(now.0)
                .fetch_optional(pool)
                .await?
        });
        Ok(row.map(StoredToken::from))
    }

    /// The tokens of a user, or all, the oldest first; those that do not count any more as well.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn tokens_of(&self, user: Option<&str>) -> Result<Vec<StoredToken>> {
        let sql = format!(
            "select {COLUMNS} from api_tokens where user_name = $1 or $2 order by created_at, id"
        );
        let rows: Vec<TokenRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(sqlx::AssertSqlSafe(sql))
                .bind(user)
                .bind(user.is_none())
                .fetch_all(pool)
                .await?
        });
        Ok(rows.into_iter().map(StoredToken::from).collect())
    }

    /// The token was used.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn token_used(&self, id: Uuid, at: Timestamp) -> Result<()> {
        let mut tx = self.engine.begin().await?;
        in_tx!(&mut tx, connection => {
            sqlx::query("update api_tokens set used_at = $2 where id = $1")
                .bind(id)
                .bind(at.0)
                .execute(connection)
                .await?;
        });
        tx.commit().await
    }

    /// Takes a token back: a user's, or anybody's. Whether there was one to take back.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn revoke_token(&self, id: Uuid, user: Option<&str>, at: Timestamp) -> Result<bool> {
        let mut tx = self.engine.begin().await?;
        let revoked = in_tx!(&mut tx, connection => {
            sqlx::query(
                "update api_tokens set revoked_at = $2
                 where id = $1 and revoked_at is null and (user_name = $3 or $4)",
            )
            .bind(id)
            .bind(at.0)
            .bind(user)
            .bind(user.is_none())
            .execute(connection)
            .await?
            .rows_affected()
        });
        tx.commit().await?;
        Ok(revoked > 0)
    }
}

#[derive(sqlx::FromRow)]
struct TokenRow {
    id: Uuid,
    secret: String,
    user_name: String,
    label: String,
    scopes: String,
    created_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl From<TokenRow> for StoredToken {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id,
            secret: row.secret,
            user: row.user_name,
            label: row.label,
            scopes: known(&row.scopes),
            created_at: Timestamp(row.created_at),
            expires_at: Timestamp(row.expires_at),
            used_at: row.used_at.map(Timestamp),
            revoked_at: row.revoked_at.map(Timestamp),
        }
    }
}
