//! What came of commands that were sent under an `Idempotency-Key`.

use super::engine::in_tx;
use super::{Result, Store};
use crate::rules::Timestamp;

/// What is known of a command that is to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nothing: it is now being carried out.
    New,
    /// It is being carried out, or nobody knows what came of it.
    Open,
    /// The key stood for something else.
    Other,
    /// It was carried out, with this answer.
    Done {
        /// The status of the answer.
        status: u16,
        /// Its body.
        body: String,
    },
}

impl Store {
    /// Claims a key of a user's for a request, which is given as its hash. Keys from before
    /// `forget` are forgotten.
    ///
    /// # Errors
    ///
    /// If the database fails; then nothing may be carried out.
    pub async fn claim_key(
        &self,
        user: &str,
        key: &str,
        request: &str,
        at: Timestamp,
        forget: Timestamp,
    ) -> Result<Claim> {
        let mut tx = self.engine.begin().await?;
        let claimed = in_tx!(&mut tx, connection => {
            sqlx::query("delete from idempotency where at <= $1")
                .bind(forget.0)
                .execute(&mut *connection)
                .await?;
            sqlx::query(
                "insert into idempotency (user_name, idempotency_key, request, at)
                 values ($1, $2, $3, $4) on conflict (user_name, idempotency_key) do nothing",
            )
            .bind(user)
            .bind(key)
            .bind(request)
            .bind(at.0)
            .execute(connection)
            .await?
            .rows_affected()
        });
        if claimed > 0 {
            tx.commit().await?;
            return Ok(Claim::New);
        }
        let kept: (String, Option<i64>, Option<String>) = in_tx!(&mut tx, connection => {
            sqlx::query_as(
                "select request, status, body from idempotency
                 where user_name = $1 and idempotency_key = $2",
            )
            .bind(user)
            .bind(key)
            .fetch_one(connection)
            .await?
        });
        tx.commit().await?;
        Ok(match kept {
            (known, _, _) if known != request => Claim::Other,
            (_, Some(status), body) => Claim::Done {
                status: u16::try_from(status).unwrap_or(500),
                body: body.unwrap_or_default(),
            },
            (_, None, _) => Claim::Open,
        })
    }

    /// What came of a command.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn keep_answer(&self, user: &str, key: &str, status: u16, body: &str) -> Result<()> {
        let mut tx = self.engine.begin().await?;
        in_tx!(&mut tx, connection => {
            sqlx::query(
                "update idempotency set status = $3, body = $4
                 where user_name = $1 and idempotency_key = $2",
            )
            .bind(user)
            .bind(key)
            .bind(i64::from(status))
            .bind(body)
            .execute(connection)
            .await?;
        });
        tx.commit().await
    }

    /// Nothing was carried out: the key is free again.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn free_key(&self, user: &str, key: &str) -> Result<()> {
        let mut tx = self.engine.begin().await?;
        in_tx!(&mut tx, connection => {
            sqlx::query(
                "delete from idempotency
                 where user_name = $1 and idempotency_key = $2 and status is null",
            )
            .bind(user)
            .bind(key)
            .execute(connection)
            .await?;
        });
        tx.commit().await
    }
}
