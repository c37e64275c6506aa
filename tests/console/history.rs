//! A site that has had many calls: each is a copy of one that was made, a minute before the last.

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};

/// So many people have called.
const PEOPLE: u32 = 1000;
/// An id that nobody else has, as 32 digits and as text.
const DIGITS: &str = "printf('%08x0000700080000000%08x', n, n)";
const TEXT: &str = "printf('%08x-0000-7000-8000-0000%08x', n, n)";

/// Writes so many calls into the database, which has one that is over at least.
pub(crate) async fn write(database: &Path, calls: u32) {
    let options = SqliteConnectOptions::new().filename(database);
    let mut database = options.connect().await.unwrap();
    let numbers =
        "with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n <";
    let people = format!(
        "{numbers} {PEOPLE}) insert into parties (id, number, e164, name) \
         select unhex({DIGITS}), printf('139%08d', n), printf('+86139%08d', n), '王小明' from numbers"
    );
    let columns = columns(&mut database).await;
    let values: Vec<_> = columns.iter().map(|column| value(column)).collect();
    let calls = format!(
        "{numbers} {calls}) insert into calls ({}) select {} from numbers, \
         (select * from calls where ended_at is not null order by arrived_at limit 1)",
        columns.join(", "),
        values.join(", ")
    );
    let mut writing = database.begin().await.unwrap();
    for statement in [people, calls] {
        let statement = sqlx::query(AssertSqlSafe(statement));
        statement.execute(&mut *writing).await.unwrap();
    }
    writing.commit().await.unwrap();
    database.close().await.unwrap();
}

async fn columns(database: &mut SqliteConnection) -> Vec<String> {
    let names = sqlx::query_scalar("select name from pragma_table_info('calls') order by cid");
    names.fetch_all(database).await.unwrap()
}

/// What a column of the copy has.
fn value(column: &str) -> String {
    let earlier = "arrived_at - n * 60000000";
    // There are more calls than people.
    let of_person = |id: &str| id.replace("n, n", &format!("n % {PEOPLE} + 1, n % {PEOPLE} + 1"));
    match column {
        "id" => format!("unhex({DIGITS})"),
        "arrived_at" => earlier.to_owned(),
        "caller" => format!("unhex({})", of_person(DIGITS)),
        "record" => format!(
            "json_set(record, '$.id', {TEXT}, '$.arrived_at', {earlier}, '$.caller', {})",
            of_person(TEXT)
        ),
        other => other.to_owned(),
    }
}
