//! Whose a voice message is: whoever has taken its task on hears it (R184).

use super::engine::on_readers;
use super::{Result, Store};
use crate::id::CallId;

impl Store {
    /// Whether this person has taken on the message that was left in a call.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn has_taken_message(&self, call: CallId, person: &str) -> Result<bool> {
        let found: Option<String> = on_readers!(&self.engine, pool => {
            sqlx::query_scalar(
                "select tasks.state from task_calls
                 join tasks on tasks.id = task_calls.task_id
                 where task_calls.call_id = $1 and task_calls.kind = 'message'
                   and tasks.state = 'claimed' and tasks.claimed_by = $2
                 limit 1",
            )
            .bind(call.0)
            .bind(person)
            .fetch_optional(pool)
            .await?
        });
        Ok(found.is_some())
    }
}
