//! What each line asks of those who have answered a call on it, as the store checks it; and what
//! its codes were at other times.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::Value;
use sqlx::types::Json;

use super::engine::{Tx, in_tx, on_readers};
use super::{Error, Result, Store};
use crate::id::LineId;
use crate::rules::{Code, CodeTree, LineRules, Timestamp};

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
            keep(&mut tx, line, TreeKind::Purpose, &rules.purposes, now).await?;
            keep(&mut tx, line, TreeKind::Outcome, &rules.outcomes, now).await?;
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
        let codes: Option<Json<Value>> = on_readers!(&self.engine, pool => {
            sqlx::query_scalar(
                "select codes from code_trees where line = $1 and kind = $2 and since <= $3
                 order by since desc limit 1",
            )
            .bind(&line.0)
            .bind(kind.as_str())
            .bind(at.0)
            .fetch_optional(pool)
            .await?
        });
        let Some(Json(codes)) = codes else {
            return Ok(None);
        };
        let codes: Vec<Code> = serde_json::from_value(codes).map_err(Error::Unwritable)?;
        Ok(CodeTree::new(codes).ok())
    }
}

async fn keep(
    tx: &mut Tx,
    line: &LineId,
    kind: TreeKind,
    tree: &CodeTree,
    now: Timestamp,
) -> Result<()> {
    let version = tree.version();
    let codes = serde_json::to_value(tree).map_err(Error::Unwritable)?;
    in_tx!(tx, connection => {
        let last: Option<String> = sqlx::query_scalar(
            "select version from code_trees where line = $1 and kind = $2
             order by since desc limit 1",
        )
        .bind(&line.0)
        .bind(kind.as_str())
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
        .bind(kind.as_str())
        .bind(now.0)
        .bind(version)
        .bind(Json(codes))
        .execute(connection)
        .await?;
    });
    Ok(())
}
