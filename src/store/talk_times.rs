//! How long talks were, by what they were about (R053), and what came of calls (R107).

use sqlx::QueryBuilder;

use super::engine::on_readers;
use super::{Result, Store};
use crate::id::LineId;
use crate::rules::Timestamp;

/// Calls of a time.
#[derive(Clone, Debug)]
pub struct TimeSpan {
    /// That arrived then or later.
    pub from: Timestamp,
    /// That arrived before this.
    pub to: Timestamp,
    /// On this line only.
    pub line: Option<LineId>,
}

/// Talks about one thing that began the same tenth of a second.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct TalkSteps {
    /// The code of what they were about; `None` where nobody has said.
    pub purpose: Option<String>,
    /// Whole tenths of a second.
    pub step: i64,
    /// How many talks.
    pub calls: i64,
    /// All of them together, in milliseconds.
    pub sum_ms: i64,
    /// The longest of them, in milliseconds.
    pub longest_ms: i64,
}

/// Calls of which the same came.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CallsOf {
    /// The code of what came of them.
    pub code: String,
    /// How many.
    pub calls: i64,
}

impl Store {
    /// The talks with those who called in, by purpose and length.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn talk_times(&self, span: &TimeSpan) -> Result<Vec<TalkSteps>> {
        Ok(on_readers!(&self.engine, pool => {
            let mut query = QueryBuilder::new(
                "select purpose, talk_ms / 100 as step, count(*) as calls,
                     cast(sum(talk_ms) as bigint) as sum_ms, max(talk_ms) as longest_ms
                 from calls
                 where direction = 'in' and answered_by is not null and talk_ms is not null
                     and arrived_at >= ",
            );
            query
                .push_bind(span.from.0)
                .push(" and arrived_at < ")
                .push_bind(span.to.0);
            if let Some(line) = &span.line {
                query.push(" and line = ").push_bind(line.0.clone());
            }
            query.push(" group by purpose, talk_ms / 100 order by purpose, step");
            query.build_query_as().fetch_all(pool).await?
        }))
    }

    /// What came of calls, as it counts, the most frequent first.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn calls_by_outcome(&self, span: &TimeSpan) -> Result<Vec<CallsOf>> {
        Ok(on_readers!(&self.engine, pool => {
            let mut query = QueryBuilder::new(
                "select said.code as code, count(*) as calls
                 from calls join dispositions said on said.call_id = calls.id
                 where not exists (select 1 from dispositions later
                         where later.call_id = said.call_id and later.version > said.version)
                     and arrived_at >= ",
            );
            query
                .push_bind(span.from.0)
                .push(" and arrived_at < ")
                .push_bind(span.to.0);
            if let Some(line) = &span.line {
                query.push(" and line = ").push_bind(line.0.clone());
            }
            query.push(" group by said.code order by calls desc, code");
            query.build_query_as().fetch_all(pool).await?
        }))
    }
}
