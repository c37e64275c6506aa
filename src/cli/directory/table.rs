//! What is kept as a table, and a table as what is kept.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::Context;
use uuid::Uuid;

use crate::cli::customers::decode;
use crate::store::{Document, Error, Registered, Store, Written};

/// What separates several values in one cell.
pub(super) const SEVERAL: &str = "; ";

/// A kind of table.
pub(super) trait Sheet: Sized {
    /// What its lines are.
    type Document: Document + Clone + PartialEq + Default;

    /// The columns behind `id`.
    const COLUMNS: &'static [&'static str];

    /// What lines can name, as it is kept now.
    async fn read(store: &Store) -> anyhow::Result<Self>;

    /// What a line is called.
    fn name(document: &Self::Document) -> &str;

    /// The cell of a column.
    fn cell(&self, document: &Self::Document, column: &str) -> String;

    /// Takes a cell in.
    ///
    /// # Errors
    /// What is wrong with it.
    fn take(&self, document: &mut Self::Document, column: &str, cell: &str) -> Result<(), String>;
}

/// A line of a table, by column.
pub(super) struct Line {
    number: u64,
    cells: BTreeMap<String, String>,
}

/// The table of everything that is kept.
pub(super) fn write<S: Sheet>(
    sheet: &S,
    kept: &[Registered<S::Document>],
) -> anyhow::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(std::iter::once("id").chain(S::COLUMNS.iter().copied()))?;
    for one in kept {
        let cells = S::COLUMNS.iter();
        let cells = cells.map(|column| sheet.cell(&one.document, column));
        writer.write_record(std::iter::once(one.id.to_string()).chain(cells))?;
    }
    let octets = writer.into_inner().context("the table cannot be written")?;
    Ok(String::from_utf8(octets)?)
}

/// The lines of a file.
pub(super) fn read(file: &Path) -> anyhow::Result<Vec<Line>> {
    let shown = file.display();
    let octets = std::fs::read(file).with_context(|| format!("cannot read {shown}"))?;
    let text = decode(&octets).with_context(|| format!("{shown} is not a text"))?;
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let head = reader.headers()?.clone();
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.with_context(|| format!("{shown} cannot be read"))?;
        let cells = head.iter().zip(&record);
        lines.push(Line {
            number: record.position().map_or(0, csv::Position::line),
            cells: cells
                .map(|(column, cell)| (column.to_lowercase(), cell.to_owned()))
                .collect(),
        });
    }
    Ok(lines)
}

/// What became of a table.
#[derive(Debug, Default)]
pub(super) struct Report {
    new: usize,
    changed: usize,
    same: usize,
    refused: Vec<(u64, String)>,
}

impl Report {
    pub(super) fn refused(&self) -> usize {
        self.refused.len()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (line, why) in &self.refused {
            writeln!(f, "line {line}: {why}")?;
        }
        let (new, changed, same) = (self.new, self.changed, self.same);
        write!(f, "{new} new, {changed} changed, {same} as they were")
    }
}

/// Takes a table in, line by line; what does not fit is told.
pub(super) async fn import<S: Sheet>(
    store: &Store,
    lines: &[Line],
    written: &Written<'_>,
    only_check: bool,
) -> anyhow::Result<Report> {
    let mut report = Report::default();
    for line in lines {
        // A line may name what the one before has written down.
        let sheet = S::read(store).await?;
        let kept: Vec<Registered<S::Document>> = store.registered().await?;
        let known = match find::<S>(line, &kept) {
            Ok(known) => known,
            Err(why) => {
                report.refused.push((line.number, why));
                continue;
            }
        };
        let mut document = known.map(|one| one.document.clone()).unwrap_or_default();
        if let Err(why) = take(&sheet, &mut document, line) {
            report.refused.push((line.number, why));
            continue;
        }
        if known.is_some_and(|one| one.document == document) {
            report.same += 1;
            continue;
        }
        let counted = if known.is_some() {
            &mut report.changed
        } else {
            &mut report.new
        };
        let done = match known {
            _ if only_check => document.check().map_err(Error::Unregistrable),
            Some(one) => {
                let (id, base) = (one.id, one.version);
                let changed = store.register_anew(id, base, document, written);
                changed.await.map(drop)
            }
            None => store.register(document, written).await.map(drop),
        };
        match done {
            Ok(()) => *counted += 1,
            Err(Error::Unregistrable(needs)) => {
                report
                    .refused
                    .push((line.number, format!("it needs {needs}")));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(report)
}

/// What a line is about, if it is kept already: by its id, else by its name.
fn find<'k, S: Sheet>(
    line: &Line,
    kept: &'k [Registered<S::Document>],
) -> Result<Option<&'k Registered<S::Document>>, String> {
    let id = line.cells.get("id").filter(|id| !id.is_empty());
    if let Some(id) = id {
        let id: Uuid = id.parse().map_err(|_| format!("`{id}` is no id"))?;
        let known = kept.iter().find(|one| one.id == id);
        return known
            .map(Some)
            .ok_or_else(|| format!("there is nothing of id {id}"));
    }
    let name = line
        .cells
        .get("name")
        .map(String::as_str)
        .unwrap_or_default();
    let mut named = kept.iter().filter(|one| S::name(&one.document) == name);
    match (named.next(), named.next()) {
        (known, None) => Ok(known),
        (_, Some(_)) => Err(format!("`{name}` is there twice: write the id")),
    }
}

fn take<S: Sheet>(sheet: &S, document: &mut S::Document, line: &Line) -> Result<(), String> {
    for (column, cell) in &line.cells {
        if column == "id" {
            continue;
        }
        if !S::COLUMNS.contains(&column.as_str()) {
            let known = S::COLUMNS.join(", ");
            return Err(format!("column `{column}` is not known: write {known}"));
        }
        sheet.take(document, column, cell)?;
    }
    Ok(())
}

/// A cell that may be empty.
pub(super) fn text(cell: &str) -> Option<String> {
    (!cell.is_empty()).then(|| cell.to_owned())
}

/// The values of a cell that has several.
pub(super) fn several(cell: &str) -> Vec<String> {
    let values = cell.split(';').map(str::trim);
    let values = values.filter(|value| !value.is_empty());
    values.map(str::to_owned).collect()
}

/// Entries by name: what cells name them by.
#[derive(Debug, Default)]
pub(super) struct Names {
    ids: BTreeMap<String, Vec<Uuid>>,
    names: BTreeMap<Uuid, String>,
}

impl Names {
    pub(super) async fn read(store: &Store) -> anyhow::Result<Self> {
        let entries: Vec<Registered<crate::rules::DirectoryEntry>> = store.registered().await?;
        let mut names = Self::default();
        for entry in entries {
            let name = entry.document.name;
            names.ids.entry(name.clone()).or_default().push(entry.id);
            names.names.insert(entry.id, name);
        }
        Ok(names)
    }

    /// A name that only one entry has; else the id.
    pub(super) fn shown(&self, id: Uuid) -> String {
        let name = self.names.get(&id);
        let is_one = |name: &&String| self.ids.get(*name).is_some_and(|ids| ids.len() == 1);
        let name = name.filter(is_one);
        name.cloned().unwrap_or_else(|| id.to_string())
    }

    pub(super) fn find(&self, cell: &str) -> Result<Option<Uuid>, String> {
        if cell.is_empty() {
            return Ok(None);
        }
        if let Ok(id) = cell.parse::<Uuid>()
            && self.names.contains_key(&id)
        {
            return Ok(Some(id));
        }
        match self.ids.get(cell).map(Vec::as_slice) {
            Some([id]) => Ok(Some(*id)),
            Some(_) => Err(format!("`{cell}` is there twice: write the id")),
            None => Err(format!("the directory has no `{cell}`")),
        }
    }
}
