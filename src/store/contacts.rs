//! Who has called or was called before: the calls of a customer, or of a number that is no
//! customer's (R223).

use sqlx::QueryBuilder;

use super::calls::{RecordRow, SELECT, StoredCall};
use super::engine::on_readers;
use super::task_opening::number_key;
use super::{Result, Store};
use crate::call::Party;
use crate::call::record::CallRecord;
use crate::id::{CallId, CustomerId};
use crate::rules::Timestamp;

/// Whose calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// This customer's, by any of the numbers.
    Customer(CustomerId),
    /// Those of whoever has this number.
    Number(String),
}

impl Whose {
    /// Whoever this caller is; `None` if it is no number.
    pub fn of(caller: &Party) -> Option<Self> {
        number_key(&caller.number, caller.e164.clone()).map(Self::Number)
    }
}

/// How often somebody has called for something.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CalledFor {
    /// The code of why; `None` where nobody has said.
    pub purpose: Option<String>,
    /// How often.
    pub calls: i64,
}

/// Adds the numbers whose calls are meant, as a table of that name.
macro_rules! numbers_of {
    ($query:ident, $whose:ident) => {
        $query.push("with numbers as (");
        match $whose {
            Whose::Customer(id) => {
                $query
                    .push("select number from customer_numbers where customer_id = ")
                    .push_bind(id.0);
            }
            Whose::Number(number) => {
                $query
                    .push("select cast(")
                    .push_bind(number.clone())
                    .push(" as text) as number");
            }
        }
        $query.push(") ");
    };
}

/// Calls that came from one of those numbers.
const FROM_NUMBERS: &str = " where caller in (
    select id from parties where e164 in (select number from numbers)
    union select id from parties where number in (select number from numbers))";

/// Calls that came from one of those numbers, or went to one.
const FROM_OR_TO_NUMBERS: &str = " where (caller in (
    select id from parties where e164 in (select number from numbers)
    union select id from parties where number in (select number from numbers))
    or callee in (
    select id from parties where e164 in (select number from numbers)
    union select id from parties where number in (select number from numbers)))";

impl Store {
    /// How often whoever it is had called since then when `before` came, and what for, the most frequent
    /// first (R072). A call that withheld the number does not count.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn called_for(
        &self,
        whose: &Whose,
        since: Timestamp,
        before: &CallRecord,
    ) -> Result<Vec<CalledFor>> {
        Ok(on_readers!(&self.engine, pool => {
            let mut query = QueryBuilder::new("");
            numbers_of!(query, whose);
            query
                .push("select purpose, count(*) as calls from calls")
                .push(FROM_NUMBERS)
                .push(" and direction = 'in' and not withheld and arrived_at >= ")
                .push_bind(since.0)
                .push(" and (arrived_at, id) < (")
                .push_bind(before.arrived_at.0)
                .push(", ")
                .push_bind(before.id.0)
                .push(")");
            query.push(" group by purpose order by calls desc, purpose");
            query.build_query_as().fetch_all(pool).await?
        }))
    }

    /// Calls that came from there or went there, the newest first; at most `limit`, from before the
    /// call `before`.
    /// Who withheld the number is not found by it.
    ///
    /// # Errors
    ///
    /// If the database fails, or holds what this version cannot read.
    pub async fn contacts(
        &self,
        whose: &Whose,
        before: Option<CallId>,
        limit: u32,
    ) -> Result<Vec<StoredCall>> {
        let rows: Vec<RecordRow> = on_readers!(&self.engine, pool => {
            let mut query = QueryBuilder::new("");
            numbers_of!(query, whose);
            query.push(SELECT).push(FROM_OR_TO_NUMBERS);
            if let Some(before) = before {
                query
                    .push(" and (arrived_at, id) < (select arrived_at, id from calls where id = ")
                    .push_bind(before.0)
                    .push(")");
            }
            query
                .push(" order by arrived_at desc, id desc limit ")
                .push_bind(i64::from(limit));
            query.build_query_as().fetch_all(pool).await?
        });
        let mut calls = self.with_people(rows).await?;
        calls.retain(|call| !call.record.circumstances.withheld);
        Ok(calls)
    }
}
