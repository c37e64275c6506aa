//! The directory as a table.

use super::table::{Names, SEVERAL, Sheet, several, text};
use crate::rules::{DirectoryEntry, EntryKind};
use crate::store::Store;

/// What entries can name: each other.
pub(super) struct EntrySheet {
    names: Names,
}

impl Sheet for EntrySheet {
    type Document = DirectoryEntry;

    const COLUMNS: &'static [&'static str] = &[
        "name",
        "kind",
        "department",
        "function",
        "agent",
        "line",
        "number",
        "mobile",
        "hours",
        "substitute",
        "leader",
        "initials",
        "note",
    ];

    async fn read(store: &Store) -> anyhow::Result<Self> {
        let names = Names::read(store).await?;
        Ok(Self { names })
    }

    fn name(entry: &DirectoryEntry) -> &str {
        &entry.name
    }

    fn cell(&self, entry: &DirectoryEntry, column: &str) -> String {
        let other = |id: Option<uuid::Uuid>| id.map(|id| self.names.shown(id));
        let cell = match column {
            "name" => Some(entry.name.clone()),
            "kind" => Some(word(entry.kind).to_owned()),
            "department" => entry.department.clone(),
            "function" => entry.function.clone(),
            "agent" => entry.agent.clone(),
            "line" => entry.line.clone(),
            "number" => entry.number.clone(),
            "mobile" => entry.mobile.clone(),
            "hours" => Some(entry.hours.join(SEVERAL)),
            "substitute" => other(entry.substitute),
            "leader" => other(entry.leader),
            "initials" => entry.initials.clone(),
            _ => entry.note.clone(),
        };
        cell.unwrap_or_default()
    }

    fn take(&self, entry: &mut DirectoryEntry, column: &str, cell: &str) -> Result<(), String> {
        match column {
            "name" => cell.clone_into(&mut entry.name),
            "kind" => entry.kind = kind(cell)?,
            "department" => entry.department = text(cell),
            "function" => entry.function = text(cell),
            "agent" => entry.agent = text(cell),
            "line" => entry.line = text(cell),
            "number" => entry.number = text(cell),
            "mobile" => entry.mobile = text(cell),
            "hours" => entry.hours = several(cell),
            "substitute" => entry.substitute = self.names.find(cell)?,
            "leader" => entry.leader = self.names.find(cell)?,
            "initials" => entry.initials = text(cell),
            _ => entry.note = text(cell),
        }
        Ok(())
    }
}

const fn word(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Person => "person",
        EntryKind::Department => "department",
        EntryKind::Outside => "outside",
    }
}

fn kind(cell: &str) -> Result<EntryKind, String> {
    match cell {
        "" | "person" => Ok(EntryKind::Person),
        "department" => Ok(EntryKind::Department),
        "outside" => Ok(EntryKind::Outside),
        other => Err(format!(
            "`{other}` is no kind: write person, department or outside"
        )),
    }
}
