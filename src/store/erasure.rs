//! Erasing a customer: no table says any more who it was or what was written about the calls. The
//! log stays as it is, since it names nobody.

use uuid::Uuid;

use super::customer::{Erased, key_of};
use super::customers::{audited, lock};
use super::engine::{Tx, in_tx};
use super::{Error, Result, Store};
use crate::id::CustomerId;
use crate::rules::Timestamp;

impl Store {
    /// Erases a customer: name, numbers and versions; the callers of the log with these numbers;
    /// notes about their calls and markers in their recordings, and remarks on their tasks. Recordings are not touched: they have
    /// rules of their own.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownCustomer`]; or if the database fails: then everything is as before.
    pub async fn erase_customer(
        &self,
        id: CustomerId,
        by: &str,
        why: &str,
        at: Timestamp,
    ) -> Result<Erased> {
        let customer = self.customer(id).await?;
        let mut tx = self.engine.begin().await?;
        lock(&mut tx, id).await?.ok_or(Error::UnknownCustomer(id))?;
        audited(&mut tx, "customer.erase", id, by, why, at).await?;
        let mut erased = Erased::default();
        for number in &customer.draft.numbers {
            let key = key_of(&number.number).unwrap_or_default();
            for party in parties(&mut tx, &key, &number.number).await? {
                erased.parties += 1;
                erased.notes += erase_party(&mut tx, party).await?;
            }
        }
        // Who turned out to be this customer had the same name, or one of the numbers.
        for statement in [
            "delete from customer_versions where customer_id = $1 or customer_id in
                 (select id from customers where merged_into = $1)",
            "delete from customer_numbers where customer_id = $1",
            "update other_contacts set text = null, customer_id = null where customer_id = $1
                 or customer_id in (select id from customers where merged_into = $1)",
            "delete from customers where merged_into = $1",
            "delete from customers where id = $1",
        ] {
            in_tx!(&mut tx, connection => {
                sqlx::query(statement).bind(id.0).execute(connection).await?;
            });
        }
        tx.commit().await?;
        Ok(erased)
    }
}

async fn parties(tx: &mut Tx, e164: &str, as_given: &str) -> Result<Vec<Uuid>> {
    Ok(in_tx!(tx, connection => {
        sqlx::query_scalar("select id from parties where e164 = $1 or number in ($1, $2)")
            .bind(e164)
            .bind(as_given)
            .fetch_all(connection)
            .await?
    }))
}

/// How many versions of notes went with the party.
async fn erase_party(tx: &mut Tx, party: Uuid) -> Result<u64> {
    Ok(in_tx!(tx, connection => {
        let notes = sqlx::query(
            "update notes set text = null, fields = null, reason = null
             where (text is not null or fields is not null or reason is not null)
                 and call_id in (select id from calls where caller = $1 or callee = $1)",
        )
        .bind(party)
        .execute(&mut *connection)
        .await?
        .rows_affected();
        for statement in [
            "update markers set text = null
             where text is not null and call_id in (select id from calls where caller = $1 or callee = $1)",
            "update task_log set remark = null
             where task_id in (select id from tasks where party = $1)",
            "update tasks set number = null where party = $1",
            "update messages set from_name = null, number = null, text = null
             where call_id in (select id from calls where caller = $1 or callee = $1)",
            "update webhook_deliveries set body = null
             where call_id in (select id from calls where caller = $1 or callee = $1)",
            "update incident_steps set remark = null where incident_id in (select id from incidents
                 where call_id in (select id from calls where caller = $1 or callee = $1))",
            "update record_relays set remark = null
             where call_id in (select id from calls where caller = $1 or callee = $1)",
            "update topic_reports set reason = null
             where major_call in (select id from calls where caller = $1 or callee = $1)",
            "update incidents set text = null
             where call_id in (select id from calls where caller = $1 or callee = $1)",
            "delete from parties where id = $1",
        ] {
            sqlx::query(statement).bind(party).execute(&mut *connection).await?;
        }
        notes
    }))
}
