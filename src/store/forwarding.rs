//! What callers were told is passed on, and how soon after the call it was (R109): by a transfer in the
//! call, a record sent to a department, a message for somebody, or a task that is to be somebody's.

use serde::Serialize;
use uuid::Uuid;

use super::engine::on_readers;
use super::{Result, Store};
use crate::id::{AgentId, CallId, LineId};
use crate::rules::Timestamp;

/// Outcomes that say so, with their kinds.
const PASSED_ON: &str = "transferred";
/// Calls that are looked through at once.
const AT_ONCE: i64 = 1_000;

/// How a matter was passed on first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Forwarding {
    /// When.
    pub at: Timestamp,
    /// By what: `transfer`, `relay`, `message` or `task`.
    pub by: String,
    /// How long after the end of the call, in milliseconds; 0 while it went on.
    pub after_ms: u64,
}

/// A call of which somebody has said that its matter is passed on, and it was not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unforwarded {
    /// Which.
    pub call: CallId,
    /// Of which line.
    pub line: Option<LineId>,
    /// Who answered it first.
    pub agent: Option<AgentId>,
    /// Since when it is over.
    pub ended_at: Timestamp,
    /// By when it is to be passed on.
    pub due_at: Timestamp,
}

impl Store {
    /// How a call's matter was passed on first; `None` if it was not.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn forwarding(&self, call: CallId) -> Result<Option<Forwarding>> {
        let rows: Vec<(i64, String, Option<i64>)> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select turns.at, turns.how, calls.ended_at from (
                     select call_id, requested_at as at, 'transfer' as how from transfers
                         where call_id = $1 and result = 'answered'
                     union all select call_id, sent_at, 'relay' from record_relays
                         where call_id = $1
                     union all select call_id, taken_at, 'message' from messages
                         where call_id = $1 and refused = 0
                     union all select task_calls.call_id, task_log.at, 'task' from task_log
                         join task_calls on task_calls.task_id = task_log.task_id
                         where task_calls.call_id = $1 and task_log.action = 'assigned'
                 ) turns join calls on calls.id = turns.call_id
                 order by turns.at limit 1",
            )
            .bind(call.0)
            .fetch_all(pool)
            .await?
        });
        Ok(rows.into_iter().next().map(|(at, by, ended)| Forwarding {
            at: Timestamp(at),
            by,
            after_ms: ended.map_or(0, |ended| {
                u64::try_from(at.saturating_sub(ended) / 1000).unwrap_or(0)
            }),
        }))
    }

    /// Calls that ended at `since` or later, whose outcome says that the matter is passed on, and of
    /// which nothing was, of those that one of `among` answered first; the one that ended first before
    /// the others.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn unforwarded(
        &self,
        since: Timestamp,
        among: Option<&[AgentId]>,
    ) -> Result<Vec<Unforwarded>> {
        let codes = self.codes_of_passing_on();
        let rows: Vec<(Uuid, Option<String>, Option<String>, i64)> = on_readers!(&self.engine, pool => {
            let mut query = sqlx::QueryBuilder::new(
                "select calls.id, calls.line, calls.answered_by, calls.ended_at
                 from dispositions said join calls on calls.id = said.call_id
                 where said.at >= ",
            );
            query.push_bind(since.0).push(" and calls.ended_at >= ").push_bind(since.0);
            query.push(" and said.code in (''");
            for code in &codes {
                query.push(", ").push_bind(code.clone());
            }
            query.push(
                ") and not exists (select 1 from dispositions later
                     where later.call_id = said.call_id and later.version > said.version)
                 and not exists (select 1 from transfers
                     where transfers.call_id = calls.id and result = 'answered')
                 and not exists (select 1 from record_relays
                     where record_relays.call_id = calls.id)
                 and not exists (select 1 from messages
                     where messages.call_id = calls.id and refused = 0)
                 and not exists (select 1 from task_calls
                     join task_log on task_log.task_id = task_calls.task_id
                     where task_calls.call_id = calls.id and task_log.action = 'assigned')",
            );
            if let Some(agents) = among {
                query.push(" and calls.answered_by in (''");
                for agent in agents {
                    query.push(", ").push_bind(agent.0.clone());
                }
                query.push(")");
            }
            query.push(" order by calls.ended_at, calls.id limit ").push_bind(AT_ONCE);
            query.build_query_as().fetch_all(pool).await?
        });
        let calls = rows.into_iter().map(|(id, line, agent, ended)| {
            let (line, ended_at) = (line.map(LineId), Timestamp(ended));
            Unforwarded {
                call: CallId(id),
                agent: agent.map(AgentId),
                ended_at,
                due_at: self.forward_due(line.as_ref(), ended_at),
                line,
            }
        });
        Ok(calls.collect())
    }

    fn codes_of_passing_on(&self) -> Vec<String> {
        let desk = self.desk().unwrap_or_default();
        let trees = desk.lines.values().map(|rules| &rules.outcomes);
        let codes = trees.flat_map(|tree| {
            let codes = tree.codes().iter();
            codes.filter(|known| tree.is_a(&known.code, PASSED_ON))
        });
        let mut codes: Vec<_> = codes.map(|known| known.code.clone()).collect();
        codes.push(PASSED_ON.to_owned());
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    fn forward_due(&self, line: Option<&LineId>, ended_at: Timestamp) -> Timestamp {
        let desk = self.desk();
        let rules = line.and_then(|line| desk.as_ref()?.lines.get(line));
        match rules.and_then(|rules| rules.forward_within) {
            Some(within) => self.working_time.due(line, ended_at, within),
            None => self.working_time.end_of_day(line, ended_at),
        }
    }
}
