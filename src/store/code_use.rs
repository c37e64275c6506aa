//! Whether calls have a code: what they have is not taken out of a line's tree (R029, R085).

use super::desk_rules::TreeKind;
use super::engine::on_readers;
use super::{Result, Store};

impl Store {
    /// Whether some call of a line has this code, or had it as an outcome.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn has_calls_with(&self, line: &str, kind: TreeKind, code: &str) -> Result<bool> {
        let statement = match kind {
            TreeKind::Purpose => {
                "select purpose from calls where purpose = $1 and line = $2 limit 1"
            }
            TreeKind::Outcome => {
                "select code from dispositions where code = $1 and call_id in
                 (select id from calls where line = $2) limit 1"
            }
        };
        let found: Option<String> = on_readers!(&self.engine, pool => {
            sqlx::query_scalar(statement)
                .bind(code)
                .bind(line)
                .fetch_optional(pool)
                .await?
        });
        Ok(found.is_some())
    }
}
