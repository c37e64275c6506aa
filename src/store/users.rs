//! Who may use the API.

use serde::Serialize;

use super::engine::{in_tx, on_readers};
use super::{Error, Result, Store};
use crate::id::AgentId;
use crate::rules::{Role, Timestamp};

/// Somebody who may use the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    /// What the person logs in as.
    pub name: String,
    /// The hash of the password; never shown.
    #[serde(skip)]
    pub password: String,
    /// What the person may do.
    pub roles: Vec<Role>,
    /// The agent whose phone is this person's.
    pub extension: Option<AgentId>,
    /// May not log in, and no session or token of theirs counts.
    pub disabled: bool,
    /// Since when there is such a user.
    pub created_at: Timestamp,
    /// When the password was last set.
    pub password_at: Timestamp,
}

/// What is to change of a user; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserChange {
    /// The hash of a new password, and when it was set. It ends all sessions.
    pub password: Option<(String, Timestamp)>,
    /// Other roles.
    pub roles: Option<Vec<Role>>,
    /// Another extension, or none.
    pub extension: Option<Option<AgentId>>,
    /// Disabled, or not any more. A disabled user's sessions end.
    pub disabled: Option<bool>,
}

const COLUMNS: &str = "name, password, roles, extension, disabled, created_at, password_at";

impl Store {
    /// Users, by name.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn users(&self) -> Result<Vec<User>> {
        let sql = format!("select {COLUMNS} from users order by name");
        let rows: Vec<UserRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(pool).await?
        });
        Ok(rows.into_iter().map(User::from).collect())
    }

    /// The user with this name.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn user(&self, name: &str) -> Result<Option<User>> {
        let sql = format!("select {COLUMNS} from users where name = $1");
        let row: Option<UserRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(name).fetch_optional(pool).await?
        });
        Ok(row.map(User::from))
    }

    /// Adds a user.
    ///
    /// # Errors
    ///
    /// [`Error::UserExists`]; or if the database fails.
    pub async fn add_user(&self, user: &User) -> Result<()> {
        let mut tx = self.engine.begin().await?;
        let added = in_tx!(&mut tx, connection => {
            sqlx::query(
                "insert into users
                     (name, password, roles, extension, disabled, created_at, password_at)
                 values ($1, $2, $3, $4, $5, $6, $7) on conflict (name) do nothing",
            )
            .bind(&user.name)
            .bind(&user.password)
            .bind(words(&user.roles))
            .bind(user.extension.as_ref().map(|extension| extension.0.clone()))
            .bind(user.disabled)
            .bind(user.created_at.0)
            .bind(user.password_at.0)
            .execute(connection)
            .await?
            .rows_affected()
        });
        if added == 0 {
            return Err(Error::UserExists(user.name.clone()));
        }
        tx.commit().await
    }

    /// Changes a user. Sessions end whose ground is gone: the password, or the person's standing.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownUser`]; or if the database fails.
    pub async fn change_user(&self, name: &str, change: &UserChange) -> Result<()> {
        let mut tx = self.engine.begin().await?;
        let (password, password_at) = change.password.clone().unzip();
        let changed = in_tx!(&mut tx, connection => {
            sqlx::query(
                "update users set password = coalesce($2, password),
                     password_at = coalesce($3, password_at), roles = coalesce($4, roles),
                     extension = case when $5 then $6 else extension end,
                     disabled = coalesce($7, disabled)
                 where name = $1",
            )
            .bind(name)
            .bind(password)
            .bind(password_at.map(|at| at.0))
            .bind(change.roles.as_deref().map(words))
            .bind(change.extension.is_some())
            .bind(change.extension.clone().flatten().map(|extension| extension.0))
            .bind(change.disabled)
            .execute(connection)
            .await?
            .rows_affected()
        });
        if changed == 0 {
            return Err(Error::UnknownUser(name.to_owned()));
        }
        if change.password.is_some() || change.disabled == Some(true) {
            in_tx!(&mut tx, connection => {
                sqlx::query("delete from sessions where user_name = $1")
                    .bind(name)
                    .execute(connection)
                    .await?;
            });
        }
        tx.commit().await
    }
}

/// Words with a space between, as a row has them.
pub(super) fn words<T: std::fmt::Display>(of: &[T]) -> String {
    let words: Vec<_> = of.iter().map(ToString::to_string).collect();
    words.join(" ")
}

/// What a row says; a word that this version does not know gives nothing.
pub(super) fn known<T: std::str::FromStr>(words: &str) -> Vec<T> {
    words
        .split(' ')
        .filter_map(|word| word.parse().ok())
        .collect()
}

#[derive(sqlx::FromRow)]
pub(super) struct UserRow {
    name: String,
    password: String,
    roles: String,
    extension: Option<String>,
    disabled: bool,
    created_at: i64,
    password_at: i64,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self {
            roles: known(&row.roles),
            name: row.name,
            password: row.password,
            extension: row.extension.map(AgentId),
            disabled: row.disabled,
            created_at: Timestamp(row.created_at),
            password_at: Timestamp(row.password_at),
        }
    }
}
