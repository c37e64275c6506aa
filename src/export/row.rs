//! One call as a row of the sheet.

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;

use crate::call::event::TransferTarget;
use crate::call::record::CallRecord;
use crate::rules::{Timestamp, identity, mask_number};
use crate::store::{Note, StoredCall};

/// What each row says, in this order.
pub const COLUMNS: [&str; 39] = [
    "id",
    "arrived_at",
    "line",
    "direction",
    "origin",
    "caller",
    "caller_name",
    "dialled",
    "outcome",
    "ring_ms",
    "rings",
    "grade",
    "late",
    "queue_ms",
    "answered_by",
    "talk_ms",
    "hold_ms",
    "transferred_to",
    "transfers",
    "transferred_after_ms",
    "passed_on_often",
    "emergency",
    "hangup_party",
    "agent_first",
    "purpose",
    "result",
    "name",
    "contact",
    "address",
    "request",
    "anonymous",
    "anonymous_reason",
    "note",
    "note_by",
    "stages_exceeded",
    "talk_long",
    "closed_at",
    "closed_by",
    "recorded_ms",
];

/// For whom the sheet is.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Where times are told.
    pub zone: TimeZone,
    /// May see telephone numbers.
    pub sees_numbers: bool,
}

impl Reader {
    pub(super) fn row(&self, call: &StoredCall, note: Option<&Note>) -> Vec<Value> {
        let record = &call.record;
        let hidden = record.circumstances.withheld;
        let caller = call.caller().filter(|_| !hidden);
        let number = caller.map(|caller| self.number(&caller.number, record));
        let name = caller.and_then(|caller| caller.name.clone());
        // Some carriers send the number as the name as well.
        let name = name.map(|name| {
            let is_number = name.chars().filter(char::is_ascii_digit).count() > 5;
            if is_number {
                self.number(&name, record)
            } else {
                name
            }
        });
        let dialled = match record.callee {
            Some(_) => self.number(&record.dialled, record),
            None => record.dialled.clone(),
        };
        let field = |name: &str| {
            let value = note.and_then(|note| note.fields.get(name));
            value.cloned().unwrap_or_default()
        };
        let contact = match field(identity::CONTACT) {
            Value::String(text) => Value::String(self.contact(&text, record)),
            other @ (Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_)) => other,
        };
        let exceeded: Vec<_> = record
            .stages_exceeded()
            .into_iter()
            .map(crate::rules::Stage::as_str)
            .collect();
        let recording = record.recording.as_ref();
        vec![
            record.id.to_string().into(),
            self.time(record.arrived_at).into(),
            record.line.as_ref().map(|line| line.0.clone()).into(),
            word(&record.direction),
            word(&record.origin),
            number.into(),
            name.into(),
            dialled.into(),
            word(&record.outcome),
            record.caller_ring_ms.into(),
            record.rings.into(),
            word(&record.grade),
            record.late_answer.into(),
            record.queue_ms.into(),
            record.answered_by.as_ref().map(|by| by.0.clone()).into(),
            record.talk_ms.into(),
            record.holds.ms.into(),
            self.target(call).into(),
            record.times_passed_on().into(),
            record.passed_on_after_ms().into(),
            record.desk.passed_on_often.into(),
            record.was_emergency().into(),
            word(&record.hangup_party),
            record.agent_first.into(),
            record.purpose().map(|said| said.code.clone()).into(),
            record.disposition().map(|said| said.code.clone()).into(),
            field(identity::NAME),
            contact,
            field(identity::ADDRESS),
            field(identity::REQUEST),
            record.write_up.anonymous.into(),
            field(identity::ANONYMOUS_REASON),
            note.and_then(|note| note.text.clone()).into(),
            note.map(|note| note.author.clone()).into(),
            exceeded.join(" ").into(),
            record.talked_long().into(),
            record.write_up.closed_at.map(|at| self.time(at)).into(),
            record.write_up.closed_by.clone().into(),
            recording.map(|file| file.duration_ms).into(),
        ]
    }

    fn time(&self, at: Timestamp) -> String {
        let local = at.to_jiff().to_zoned(self.zone.clone());
        local.strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
    }

    fn number(&self, number: &str, record: &CallRecord) -> String {
        if self.sees_numbers && !record.write_up.anonymous {
            number.to_owned()
        } else {
            mask_number(number)
        }
    }

    /// How a caller can be reached is a number, for most; not everything is.
    fn contact(&self, contact: &str, record: &CallRecord) -> String {
        let digits = contact.chars().filter(char::is_ascii_digit).count();
        if digits > 5 {
            self.number(contact, record)
        } else {
            contact.to_owned()
        }
    }

    fn target(&self, call: &StoredCall) -> Option<String> {
        Some(match &call.record.transfer()?.target {
            TransferTarget::Agent(agent) => agent.0.clone(),
            TransferTarget::Line(line) => line.0.clone(),
            TransferTarget::Number(party) => {
                let party = call.parties.get(party)?;
                self.number(&party.number, &call.record)
            }
        })
    }
}

/// The word that rows use.
fn word(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
