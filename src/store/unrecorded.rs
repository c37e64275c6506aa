//! Which of many calls have a row that knows of no recording.

use std::collections::BTreeMap;

use sqlx::QueryBuilder;
use uuid::Uuid;

use super::engine::on_readers;
use super::{Result, Store};
use crate::id::CallId;

/// Ids a statement may list; SQLite takes 32,766 parameters.
const IDS_A_STATEMENT: usize = 500;

impl Store {
    /// Those of these calls that have a row, each with whether that knows of a sealed recording.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn have_recordings(&self, calls: &[CallId]) -> Result<BTreeMap<CallId, bool>> {
        let mut known = BTreeMap::new();
        for calls in calls.chunks(IDS_A_STATEMENT) {
            let rows: Vec<(Uuid, Option<String>)> = on_readers!(&self.engine, pool => {
                let mut query = QueryBuilder::new(
                    "select calls.id, recordings.path from calls
                     left join recordings on recordings.call_id = calls.id where calls.id in (",
                );
                let mut listed = query.separated(", ");
                for call in calls {
                    listed.push_bind(call.0);
                }
                query.push(")");
                query.build_query_as().fetch_all(pool).await?
            });
            let rows = rows.into_iter();
            known.extend(rows.map(|(call, path)| (CallId(call), path.is_some())));
        }
        Ok(known)
    }
}
