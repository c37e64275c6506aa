//! The log of calls as a sheet, the electronic 《电话接待记录本》 (R081): one row a call, as
//! comma-separated values (RFC 4180) or as JSON, page by page.
//!
//! A cell that a spreadsheet would take for a formula is marked as text. Numbers are masked unless
//! whoever asks may see them; those of callers who want to stay unknown always are.

mod row;

use serde_json::{Map, Value};

pub use row::{COLUMNS, Reader};

use crate::store::{CallFilter, Result, Store};

/// Calls that are read at once.
const PAGE: u32 = 500;

/// In what form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values, with the columns' names in the first row.
    Csv,
    /// An array of objects.
    Json,
}

/// A sheet that is being written.
#[derive(Debug)]
pub struct Sheet {
    store: Store,
    filter: CallFilter,
    left: Option<u32>,
    format: Format,
    reader: Reader,
    is_begun: bool,
    is_over: bool,
}

impl Sheet {
    /// A sheet of the calls that the filter selects, as many as it says at most, or all.
    pub const fn new(store: Store, filter: CallFilter, format: Format, reader: Reader) -> Self {
        let left = filter.limit;
        Self {
            store,
            filter,
            left,
            format,
            reader,
            is_begun: false,
            is_over: false,
        }
    }

    /// The next piece of it; `None` after the last.
    ///
    /// # Errors
    /// If the database fails or holds what this version cannot read.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        if self.is_over {
            return Ok(None);
        }
        let size = self.left.map_or(PAGE, |left| left.min(PAGE));
        self.filter.limit = Some(size);
        let calls = self.store.calls(&self.filter).await?;
        let ids: Vec<_> = calls.iter().map(|call| call.record.id).collect();
        let notes = self.store.last_notes(&ids).await?;
        let read = u32::try_from(calls.len()).unwrap_or(u32::MAX);
        self.left = self.left.map(|left| left.saturating_sub(read));
        self.filter.after = ids.last().copied().or(self.filter.after);
        self.is_over = read < size || self.left == Some(0);
        let rows = calls.iter().map(|call| {
            let note = notes.get(&call.record.id);
            self.reader.row(call, note)
        });
        let rows: Vec<_> = rows.collect();
        let begins = !std::mem::replace(&mut self.is_begun, true);
        Ok(Some(match self.format {
            Format::Csv => csv(begins, &rows),
            Format::Json => json(begins, self.is_over, &rows),
        }))
    }
}

fn csv(begins: bool, rows: &[Vec<Value>]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    // Writing to memory does not fail.
    if begins {
        let _ = writer.write_record(COLUMNS);
    }
    for row in rows {
        let _ = writer.write_record(row.iter().map(cell));
    }
    let written = writer.into_inner().unwrap_or_default();
    if begins {
        // By this mark spreadsheets know that it is UTF-8.
        return [b"\xef\xbb\xbf".as_slice(), &written].concat();
    }
    written
}

/// A value as a cell says it. What begins like a formula is marked as text.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => {
            format!("'{text}")
        }
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

fn json(begins: bool, ends: bool, rows: &[Vec<Value>]) -> Vec<u8> {
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        let named = COLUMNS.iter().zip(row);
        let object: Map<_, _> = named
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        text.push_str(if begins && index == 0 { "[\n" } else { ",\n" });
        text.push_str(&Value::Object(object).to_string());
    }
    if begins && rows.is_empty() {
        text.push('[');
    }
    if ends {
        text.push_str("\n]\n");
    }
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (value, expected) in [
            (json!("=1+1"), "'=1+1"),
            (json!("+86138"), "'+86138"),
            (json!("@x"), "'@x"),
            (json!("a=1"), "a=1"),
            (json!(-3), "-3"),
            (json!(null), ""),
        ] {
            assert_eq!(cell(&value), expected);
        }
    }

    #[test]
    fn pieces_of_an_array_are_an_array() {
        let row = || vec![Value::from(1); COLUMNS.len()];
        for pieces in [
            vec![json(true, true, &[])],
            vec![json(true, true, &[row(), row()])],
            vec![json(true, false, &[row()]), json(false, true, &[row()])],
            vec![json(true, false, &[row()]), json(false, true, &[])],
        ] {
            let whole = pieces.concat();
            let read: Value = serde_json::from_slice(&whole).unwrap();
            assert!(read.is_array(), "{read}");
        }
    }
}
