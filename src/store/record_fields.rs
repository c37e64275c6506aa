//! What a call's record still lacks (R079, R093), and what is known without anybody's writing it down.

use super::calls::record_in;
use super::engine::{Tx, in_tx};
use super::events::PartyRow;
use super::task_opening::number_key;
use super::{CallDetail, Result, Store};
use crate::call::Party;
use crate::call::event::Direction;
use crate::call::record::CallRecord;
use crate::id::{CallId, PartyId};
use crate::rules::{Fault, FieldValues, Known};

impl Store {
    /// Everything that keeps a call's record from being closed; nothing, where no line asks for
    /// anything.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownCall`](super::Error::UnknownCall); or if the database fails.
    pub async fn missing(&self, call: CallId) -> Result<Vec<Fault>> {
        let detail = self.call(call).await?;
        let record = &detail.call.record;
        let Some(desk) = self.desk() else {
            return Ok(Vec::new());
        };
        let Some(rules) = record.line.as_ref().and_then(|line| desk.lines.get(line)) else {
            return Ok(Vec::new());
        };
        let note = self.note(call).await?;
        let text = note.as_ref().and_then(|note| note.text.as_deref());
        let known = Known {
            has_text: text.is_some_and(|text| !text.trim().is_empty()),
            ..self.known(&detail).await?
        };
        let fields = note.map_or_else(FieldValues::new, |note| note.fields);
        let said = record
            .purpose()
            .filter(|said| said.author != crate::call::record::SYSTEM);
        let purpose = said.map(|said| said.code.as_str());
        let outcome = record.disposition().map(|said| said.code.as_str());
        Ok(rules.missing(purpose, outcome, &fields, known))
    }

    async fn known(&self, detail: &CallDetail) -> Result<Known> {
        let record = &detail.call.record;
        let other = other_party(record).and_then(|party| detail.call.parties.get(&party));
        let known = self.known_callers(other).await?;
        Ok(known_of(record, other, !known.is_empty()))
    }
}

/// The same, read as part of something larger: who wraps a call up waits for no reader of lists, and
/// decides by what nobody changes in between.
pub(super) async fn known_in(tx: &mut Tx, call: CallId) -> Result<Known> {
    let record = record_in(tx, call).await?;
    let other = match other_party(&record) {
        Some(party) => party_in(tx, party).await?,
        None => None,
    };
    let is_known = match &other {
        Some(party) => is_customer(tx, party).await?,
        None => false,
    };
    Ok(known_of(&record, other.as_ref(), is_known))
}

/// Whoever the agent has spoken with, unless the number was withheld.
fn other_party(record: &CallRecord) -> Option<PartyId> {
    match record.direction {
        Direction::Out => record.callee,
        Direction::In | Direction::Internal => {
            record.caller.filter(|_| !record.circumstances.withheld)
        }
    }
}

fn known_of(record: &CallRecord, other: Option<&Party>, has_name: bool) -> Known {
    Known {
        has_name,
        has_number: other.is_some_and(|party| !party.number.is_empty()),
        has_text: false,
        owes_apology: record.owes_apology(),
        is_handled: record.write_up.handled.is_some(),
    }
}

async fn party_in(tx: &mut Tx, party: PartyId) -> Result<Option<Party>> {
    let row: Option<PartyRow> = in_tx!(tx, connection => {
        sqlx::query_as("select * from parties where id = $1")
            .bind(party.0)
            .fetch_optional(connection)
            .await?
    });
    Ok(row.map(Party::from))
}

async fn is_customer(tx: &mut Tx, party: &Party) -> Result<bool> {
    let Some(key) = number_key(&party.number, party.e164.clone()) else {
        return Ok(false);
    };
    Ok(in_tx!(tx, connection => {
        sqlx::query_scalar("select exists (select 1 from customer_numbers where number = $1)")
            .bind(key)
            .fetch_one(connection)
            .await?
    }))
}
