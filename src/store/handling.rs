//! How a caller's matter is dealt with, as it was said last (R117).

use super::Result;
use super::addition::Addition;
use super::engine::{Tx, in_tx};
use crate::call::record::write_up::Handled;
use crate::id::CallId;
use crate::rules::Handling;

/// What was said of it.
pub(super) struct Handlings {
    pub(super) last: Option<Handled>,
}

impl Handlings {
    pub(super) async fn of(tx: &mut Tx, call: CallId) -> Result<Self> {
        let text: Option<String> = in_tx!(tx, connection => {
            sqlx::query_scalar("select handled from calls where id = $1")
                .bind(call.0)
                .fetch_optional(connection)
                .await?
                .flatten()
        });
        let last = text.and_then(|text| serde_json::from_str(&text).ok());
        Ok(Self { last })
    }

    /// Whether that was said last.
    pub(super) fn is(&self, said: &Handling) -> bool {
        self.last
            .as_ref()
            .is_some_and(|last| last.handling == *said)
    }

    /// It is said now: a new version.
    pub(super) async fn say(
        &mut self,
        addition: &mut Addition<'_>,
        said: &Handling,
        author: &str,
    ) -> Result<()> {
        let version = self.last.as_ref().map_or(0, |last| last.version) + 1;
        addition.handling(version, said, author).await?;
        self.last = Some(Handled {
            version,
            handling: said.clone(),
            author: author.to_owned(),
            at: addition.at(),
        });
        Ok(())
    }
}
