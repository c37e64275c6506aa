//! Who has called before: the calls of a customer, or of a number that is no customer's (R223).

use sqlx::QueryBuilder;

use super::calls::{RecordRow, SELECT, StoredCall};
use super::engine::on_readers;
use super::task_opening::number_key;
use super::{Result, Store};
use crate::call::Party;
use crate::id::{CallId, CustomerId};

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

impl Store {
    /// Calls that came from there, the newest first; at most `limit`, from before the call `before`.
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
            let mut query = QueryBuilder::new("with numbers as (");
            match whose {
                Whose::Customer(id) => {
                    query
                        .push("select number from customer_numbers where customer_id = ")
                        .push_bind(id.0);
                }
                Whose::Number(number) => {
                    query
                        .push("select cast(")
                        .push_bind(number.clone())
                        .push(" as text) as number");
                }
            }
            query.push(") ").push(SELECT).push(
                " where caller in (
                     select id from parties where e164 in (select number from numbers)
                     union select id from parties where number in (select number from numbers))",
            );
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
