//! What a call's record still lacks (R079, R093), and what is known without anybody's writing it down.

use super::{CallDetail, Result, Store};
use crate::call::event::Direction;
use crate::id::CallId;
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

    /// What is known of a call beside what people wrote; nothing is locked.
    pub(super) async fn known_of(&self, call: CallId) -> Result<Known> {
        if self.desk().is_none() {
            return Ok(Known::default());
        }
        let detail = self.call(call).await?;
        self.known(&detail).await
    }

    async fn known(&self, detail: &CallDetail) -> Result<Known> {
        let record = &detail.call.record;
        let other = match record.direction {
            Direction::Out => record.callee,
            Direction::In | Direction::Internal => {
                record.caller.filter(|_| !record.circumstances.withheld)
            }
        };
        let other = other.and_then(|party| detail.call.parties.get(&party));
        let known = self.known_callers(other).await?;
        Ok(Known {
            has_name: !known.is_empty(),
            has_number: other.is_some_and(|party| !party.number.is_empty()),
            has_text: false,
            owes_apology: record.owes_apology(),
        })
    }
}
