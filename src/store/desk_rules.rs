//! What each line asks of those who have answered a call on it, as the store checks it; and what
//! its codes were at other times.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::types::Json;

use super::engine::{Tx, in_tx, on_readers};
use super::{Error, Result, Store};
use crate::id::LineId;
use crate::rules::{Code, CodeTree, LineRules, Script, Timestamp};

/// The rules of all lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeskRules {
    /// By line.
    pub lines: BTreeMap<LineId, LineRules>,
    /// Whether other programs are told what happens.
    pub has_webhooks: bool,
}

/// Which of a line's trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TreeKind {
    /// Why callers ring.
    Purpose,
    /// What comes of it.
    Outcome,
}

/// What its agents say is written down beside the trees.
const SCRIPT: &str = "script";

impl TreeKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Purpose => "purpose",
            Self::Outcome => "outcome",
        }
    }
}

impl Store {
    /// This store, and its clones from here on, with what the lines ask for. Without it a store
    /// takes every code, and no call back is due at any time.
    #[must_use]
    pub fn with_desk(mut self, rules: DeskRules) -> Self {
        self.desk = Arc::new(RwLock::new(Some(rules.into())));
        self
    }

    /// Lines ask for this from now on; all clones of this store know it.
    pub fn set_desk(&self, rules: DeskRules) {
        let mut desk = self.desk.write().unwrap_or_else(PoisonError::into_inner);
        *desk = Some(rules.into());
    }

    /// What the lines ask for, if it was told.
    pub fn desk(&self) -> Option<Arc<DeskRules>> {
        let desk = self.desk.read().unwrap_or_else(PoisonError::into_inner);
        desk.clone()
    }

    /// What a line asks for; `None` if this store was not told.
    ///
    /// # Errors
    ///
    /// [`Error::NoLine`] if there is no such line (any more), or the call belongs to none.
    pub(super) fn rules_of(&self, line: Option<&LineId>) -> Result<Option<LineRules>> {
        let Some(desk) = self.desk() else {
            return Ok(None);
        };
        let rules = line.and_then(|line| desk.lines.get(line));
        rules.cloned().map(Some).ok_or(Error::NoLine)
    }

    /// Writes down what the lines' codes are from now on, as far as they are others than before.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn keep_trees(&self, now: Timestamp) -> Result<()> {
        let Some(desk) = self.desk() else {
            return Ok(());
        };
        let mut tx = self.engine.begin().await?;
        for (line, rules) in &desk.lines {
            let trees = [
                (TreeKind::Purpose, &rules.purposes),
                (TreeKind::Outcome, &rules.outcomes),
            ];
            for (kind, tree) in trees {
                keep(&mut tx, line, kind.as_str(), tree.version(), tree, now).await?;
            }
            let script = &rules.script;
            keep(&mut tx, line, SCRIPT, script.version(), script, now).await?;
        }
        tx.commit().await
    }

    /// A line's codes as they were at some time; `None` if they were not known then.
    ///
    /// # Errors
    ///
    /// If the database fails, or holds what is no tree.
    pub async fn tree_at(
        &self,
        line: &LineId,
        kind: TreeKind,
        at: Timestamp,
    ) -> Result<Option<CodeTree>> {
        let codes: Option<Vec<Code>> = self.kept(line, kind.as_str(), at).await?;
        Ok(codes.and_then(|codes| CodeTree::new(codes).ok()))
    }

    /// What a line's agents said at some time; `None` if it was not known then (R030).
    ///
    /// # Errors
    ///
    /// If the database fails, or holds what is no script.
    pub async fn script_at(&self, line: &LineId, at: Timestamp) -> Result<Option<Script>> {
        self.kept(line, SCRIPT, at).await
    }

    /// The last version that was written down by then.
    async fn kept<T: DeserializeOwned>(
        &self,
        line: &LineId,
        kind: &str,
        at: Timestamp,
    ) -> Result<Option<T>> {
        let kept: Option<Json<Value>> = on_readers!(&self.engine, pool => {
            sqlx::query_scalar(
                "select codes from code_trees where line = $1 and kind = $2 and since <= $3
                 order by since desc limit 1",
            )
            .bind(&line.0)
            .bind(kind)
            .bind(at.0)
            .fetch_optional(pool)
            .await?
        });
        let kept = kept.map(|Json(kept)| serde_json::from_value(kept));
        kept.transpose().map_err(Error::Unwritable)
    }
}

async fn keep(
    tx: &mut Tx,
    line: &LineId,
    kind: &str,
    version: String,
    what: &impl Serialize,
    now: Timestamp,
) -> Result<()> {
    let codes = serde_json::to_value(what).map_err(Error::Unwritable)?;
    in_tx!(tx, connection => {
        let last: Option<String> = sqlx::query_scalar(
            "select version from code_trees where line = $1 and kind = $2
             order by since desc limit 1",
        )
        .bind(&line.0)
        .bind(kind)
        .fetch_optional(&mut *connection)
        .await?;
        if last.as_deref() == Some(version.as_str()) {
            return Ok(());
        }
        sqlx::query(
            "insert into code_trees (line, kind, since, version, codes)
             values ($1, $2, $3, $4, $5) on conflict (line, kind, since) do nothing",
        )
        .bind(&line.0)
        .bind(kind)
        .bind(now.0)
        .bind(version)
        .bind(Json(codes))
        .execute(connection)
        .await?;
    });
    Ok(())
}
