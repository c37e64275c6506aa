//! Whose sessions and tokens count now: asked for everybody at once, however many follow events.

use std::collections::HashMap;

use sqlx::QueryBuilder;
use uuid::Uuid;

use super::engine::{in_tx, on_readers};
use super::users::known;
use super::{Result, Store};
use crate::id::AgentId;
use crate::rules::{Role, Timestamp};

/// Ids that one statement lists.
const IDS_A_STATEMENT: usize = 500;

/// How somebody stands whose session or token counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What the person may do.
    pub roles: Vec<Role>,
    /// The agent whose phone is this person's.
    pub extension: Option<AgentId>,
    /// When the session was last used; `None` of a token.
    pub seen_at: Option<Timestamp>,
}

const STANDINGS: &str = "
    select sessions.id, roles, extension, seen_at
    from sessions join users on users.name = sessions.user_name
    where not disabled and sessions.created_at > $1
    union all
    select api_tokens.id, roles, extension, null
    from api_tokens join users on users.name = api_tokens.user_name
    where not disabled and revoked_at is null and expires_at > $2";

impl Store {
    /// Every session that was begun after `begun`, and every token that counts at `now`, by id.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn standings(
        &self,
        begun: Timestamp,
        now: Timestamp,
    ) -> Result<HashMap<Uuid, Standing>> {
        let rows: Vec<Row> = on_readers!(&self.engine, pool => {
            sqlx::query_as(STANDINGS).bind(begun.0).bind(now.0).fetch_all(pool).await?
        });
        Ok(rows.into_iter().map(Row::into_standing).collect())
    }

    /// These sessions are in use.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn sessions_seen(&self, ids: &[Uuid], at: Timestamp) -> Result<()> {
        let mut tx = self.engine.begin().await?;
        for ids in ids.chunks(IDS_A_STATEMENT) {
            in_tx!(&mut tx, connection => {
                let mut query = QueryBuilder::new("update sessions set seen_at = ");
                query.push_bind(at.0).push(" where id in (");
                let mut listed = query.separated(", ");
                for id in ids {
                    listed.push_bind(*id);
                }
                query.push(")");
                query.build().execute(connection).await?;
            });
        }
        tx.commit().await
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    roles: String,
    extension: Option<String>,
    seen_at: Option<i64>,
}

impl Row {
    fn into_standing(self) -> (Uuid, Standing) {
        let standing = Standing {
            roles: known(&self.roles),
            extension: self.extension.map(AgentId),
            seen_at: self.seen_at.map(Timestamp),
        };
        (self.id, standing)
    }
}
