//! Tables of calls.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, LineStyle, Table};

use super::view::{NOTHING, View, printable, seconds, word};
use crate::call::event::Ringback;
use crate::call::record::CallRecord;
use crate::id::CallId;
use crate::store::StoredCall;

/// Characters of an id that a table shows: the time it was made and 12 random bits.
const SHORT_ID: usize = 18;

const COLUMNS: [&str; 13] = [
    "time",
    "call",
    "line",
    "caller",
    "purpose",
    "rings",
    "grade",
    "outcome",
    "agent",
    "transfer",
    "hang-up",
    "talk",
    "recording",
];
const RINGS: usize = 5;
const TALK: usize = 11;

/// A row a call, in the order given.
pub(in crate::cli) fn call_table(calls: &[StoredCall], view: &View) -> Table {
    let mut table = plain_table(&COLUMNS);
    table.add_rows(calls.iter().map(|call| row(call, view)));
    for column in [RINGS, TALK] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// An empty table with one rule below its header.
pub(in crate::cli) fn plain_table(columns: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    table.set_header(columns);
    table
}

fn row(call: &StoredCall, view: &View) -> Vec<String> {
    let record = &call.record;
    let transfer = record.transfer();
    vec![
        view.time(record.arrived_at).to_string(),
        short_id(record.id),
        or_nothing(record.line.as_ref().map(|line| printable(&line.0))),
        view.caller(call),
        or_nothing(record.purpose().map(|purpose| printable(&purpose.code))),
        or_nothing(rings(record)),
        or_nothing(record.grade.map(|grade| grade.as_str().to_owned())),
        record
            .outcome
            .as_ref()
            .map_or_else(|| "going on".to_owned(), word),
        or_nothing(record.answered_by.as_ref().map(|agent| printable(&agent.0))),
        or_nothing(transfer.map(|transfer| view.target(call, &transfer.target))),
        or_nothing(record.hangup_party.as_ref().map(word)),
        or_nothing(record.talk_ms.map(seconds)),
        recording(record),
    ]
}

/// `4`, or `~4` where the caller's network plays the tone and the count is an estimate.
pub(super) fn rings(record: &CallRecord) -> Option<String> {
    let estimate = if record.ringback == Some(Ringback::Network) {
        "~"
    } else {
        ""
    };
    record.rings.map(|rings| format!("{estimate}{rings}"))
}

fn recording(record: &CallRecord) -> String {
    match &record.recording {
        Some(recording) if recording.gaps.is_empty() => seconds(recording.duration_ms),
        Some(recording) => format!(
            "{}, {} gaps",
            seconds(recording.duration_ms),
            recording.gaps.len()
        ),
        None if record.recording_failure.is_some() => "failed".to_owned(),
        None => NOTHING.to_owned(),
    }
}

fn short_id(call: CallId) -> String {
    let mut id = call.to_string();
    id.truncate(SHORT_ID);
    id
}

pub(in crate::cli) fn or_nothing(text: Option<String>) -> String {
    text.unwrap_or_else(|| NOTHING.to_owned())
}
