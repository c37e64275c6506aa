//! Many rows in one statement. Each statement costs a wake-up of the driver's thread or a round
//! trip to the server, which is more than what the database does for a row.

use serde_json::Value;
use serde_json::value::RawValue;
use sqlx::types::Json;
use sqlx::{Database, Encode, QueryBuilder, Type};
use uuid::Uuid;

use super::Result;
use super::engine::{Tx, in_tx};

/// Rows a statement, at most: 24 columns of them stay below SQLite's 32,766 parameters.
const MOST_ROWS: usize = 512;

/// One value of a row, borrowed from whoever holds it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell<'a> {
    Id(Option<Uuid>),
    Int(Option<i64>),
    Text(Option<&'a str>),
    Flag(bool),
    Document(Option<&'a Value>),
    /// A document that is written out already.
    Written(Option<&'a RawValue>),
}

/// A table and its columns, and what happens to a row whose key is there already.
#[derive(Clone, Copy, Debug)]
pub(super) struct Into {
    /// `table (column, …)`.
    pub(super) table: &'static str,
    /// What follows `on conflict`.
    pub(super) conflict: &'static str,
}

/// Inserts the rows in their order; gives how many were inserted or updated.
///
/// The statements have 512, 256, … 2 or 1 rows, so that there are few texts to prepare.
pub(super) async fn insert<const N: usize>(
    tx: &mut Tx,
    into: Into,
    mut rows: &[[Cell<'_>; N]],
) -> Result<u64> {
    let mut affected = 0;
    while !rows.is_empty() {
        let (now, later) = rows.split_at(statement_size(rows.len()));
        affected += in_tx!(tx, connection => {
            let mut query = build(into, now);
            query.build().execute(connection).await?.rows_affected()
        });
        rows = later;
    }
    Ok(affected)
}

/// The largest power of two that is not above `rows`, nor above the limit.
fn statement_size(rows: usize) -> usize {
    let rows = rows.clamp(1, MOST_ROWS);
    1 << rows.ilog2()
}

fn build<'a, DB, const N: usize>(into: Into, rows: &[[Cell<'a>; N]]) -> QueryBuilder<DB>
where
    DB: Database,
    Option<Uuid>: Encode<'a, DB> + Type<DB>,
    Option<i64>: Encode<'a, DB> + Type<DB>,
    Option<&'a str>: Encode<'a, DB> + Type<DB>,
    bool: Encode<'a, DB> + Type<DB>,
    Option<Json<&'a Value>>: Encode<'a, DB> + Type<DB>,
    Option<Json<&'a RawValue>>: Encode<'a, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new("insert into ");
    query.push(into.table).push(" ");
    query.push_values(rows, |mut row, cells| {
        for cell in cells {
            match *cell {
                Cell::Id(id) => row.push_bind(id),
                Cell::Int(number) => row.push_bind(number),
                Cell::Text(text) => row.push_bind(text),
                Cell::Flag(flag) => row.push_bind(flag),
                Cell::Document(document) => row.push_bind(document.map(Json)),
                Cell::Written(document) => row.push_bind(document.map(Json)),
            };
        }
    });
    query.push(" on conflict ").push(into.conflict);
    query
}

impl From<Uuid> for Cell<'_> {
    fn from(id: Uuid) -> Self {
        Self::Id(Some(id))
    }
}

impl From<Option<Uuid>> for Cell<'_> {
    fn from(id: Option<Uuid>) -> Self {
        Self::Id(id)
    }
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<Option<i64>> for Cell<'_> {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}

impl<'a> From<&'a String> for Cell<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Some(text))
    }
}

impl<'a> From<&'a Option<String>> for Cell<'a> {
    fn from(text: &'a Option<String>) -> Self {
        Self::Text(text.as_deref())
    }
}

impl From<bool> for Cell<'_> {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl<'a> From<Option<&'a RawValue>> for Cell<'a> {
    fn from(document: Option<&'a RawValue>) -> Self {
        Self::Written(document)
    }
}

impl<'a> From<&'a Json<Value>> for Cell<'a> {
    fn from(document: &'a Json<Value>) -> Self {
        Self::Document(Some(&document.0))
    }
}

impl<'a> From<&'a Option<Json<Value>>> for Cell<'a> {
    fn from(document: &'a Option<Json<Value>>) -> Self {
        Self::Document(document.as_ref().map(|document| &document.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_have_few_sizes() {
        assert_eq!(
            [1, 2, 3, 511, 512, 9_999].map(statement_size),
            [1, 2, 2, 256, 512, 512]
        );
    }
}
