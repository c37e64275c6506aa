//! Tables as spreadsheets write them: comma-separated values (RFC 4180), in UTF-8 or GB18030.

use std::borrow::Cow;

/// A row, and the line of the file that it begins on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) line: usize,
    pub(super) cells: Vec<String>,
}

/// The text of a file: UTF-8, else GB18030, as spreadsheets in China write it.
pub(in crate::cli) fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(Cow::Borrowed(text));
    }
    encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes)
}

/// The rows of a text that are not empty.
///
/// # Errors
/// The line on which a quoted cell begins that does not end.
pub(super) fn rows(text: &str) -> Result<Vec<Row>, usize> {
    let mut reader = Reader::default();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if reader.is_quoted && characters.peek() == Some(&'"') => {
                characters.next();
                reader.cell.push('"');
            }
            '"' if reader.is_quoted => reader.is_quoted = false,
            '"' if reader.cell.trim().is_empty() => reader.open_quote(),
            '\n' if reader.is_quoted => {
                reader.cell.push('\n');
                reader.line += 1;
            }
            '\n' => reader.end_row(),
            ',' if !reader.is_quoted => reader.end_cell(),
            '\r' if !reader.is_quoted => {}
            other => reader.cell.push(other),
        }
    }
    if reader.is_quoted {
        return Err(reader.quoted_on);
    }
    reader.end_row();
    Ok(reader.rows)
}

struct Reader {
    line: usize,
    begun_on: usize,
    quoted_on: usize,
    is_quoted: bool,
    cell: String,
    cells: Vec<String>,
    rows: Vec<Row>,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            line: 1,
            begun_on: 1,
            quoted_on: 1,
            is_quoted: false,
            cell: String::new(),
            cells: Vec::new(),
            rows: Vec::new(),
        }
    }
}

impl Reader {
    fn open_quote(&mut self) {
        self.cell.clear();
        self.is_quoted = true;
        self.quoted_on = self.line;
    }

    fn end_cell(&mut self) {
        let cell = std::mem::take(&mut self.cell);
        self.cells.push(cell.trim().to_owned());
    }

    fn end_row(&mut self) {
        self.end_cell();
        let cells = std::mem::take(&mut self.cells);
        if cells.iter().any(|cell| !cell.is_empty()) {
            self.rows.push(Row {
                line: self.begun_on,
                cells,
            });
        }
        self.line += 1;
        self.begun_on = self.line;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<(usize, Vec<String>)> {
        let rows = rows(text).unwrap().into_iter();
        rows.map(|row| (row.line, row.cells)).collect()
    }

    /// RFC 4180 §2: quotes around commas, line breaks and doubled quotes.
    #[test]
    fn cells_are_read_as_spreadsheets_write_them() {
        let text = "name,number\r\n\"Li, \"\"Lao\"\"\",1\r\n\r\n\"two\nlines\",2\r\nlast, 3 ";
        let cells = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        assert_eq!(
            read(text),
            [
                (1, cells(["name", "number"])),
                (2, cells(["Li, \"Lao\"", "1"])),
                (4, cells(["two\nlines", "2"])),
                (6, cells(["last", "3"])),
            ]
        );
        assert_eq!(rows("a\n\"b\nc"), Err(2));
        assert!(read("").is_empty());
    }

    #[test]
    fn chinese_files_are_read_in_either_encoding() {
        let text = "姓名,电话";
        let mut utf8 = b"\xef\xbb\xbf".to_vec();
        utf8.extend(text.as_bytes());
        assert_eq!(decode(&utf8).unwrap(), text);
        let (gb18030, _, _) = encoding_rs::GB18030.encode(text);
        assert_eq!(decode(&gb18030).unwrap(), text);
        assert_eq!(decode(b"\xff\xff"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_and_nothing_panics(
            cells in prop::collection::vec("[a-z,\"\n 0-9]{0,8}", 1..5),
            noise in ".{0,60}",
        ) {
            let quoted = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
            let text = quoted.collect::<Vec<_>>().join(",");
            let wanted: Vec<_> = cells.iter().map(|cell| cell.trim().to_owned()).collect();
            let read = rows(&text).unwrap();
            if wanted.iter().all(String::is_empty) {
                prop_assert!(read.is_empty());
            } else {
                prop_assert_eq!(&read[0].cells, &wanted);
            }
            let _ = rows(&noise);
        }
    }
}
