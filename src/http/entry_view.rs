//! An entry of the directory as whoever looks for somebody is shown it: who it is, whether they can
//! be reached, and whether this caller may be passed on to them.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Api;
use super::presence::{Presence, Whereabouts};
use super::state::LineInfo;
use crate::id::LineId;
use crate::rules::{DirectoryEntry, EntryKind, mask_number};
use crate::store::Registered;

/// Somebody who can be reached.
#[derive(Serialize, ToSchema)]
#[schema(as = DirectoryEntry)]
pub(super) struct EntryView {
    /// The entry; absent for an agent or a line of whom nothing more is written down.
    id: Option<Uuid>,
    /// Which version this is.
    version: Option<u32>,
    /// What it is called.
    name: String,
    /// `person`, `department` or `outside`.
    #[schema(value_type = String)]
    kind: EntryKind,
    /// The department it belongs to.
    department: Option<String>,
    /// What it is there for.
    function: Option<String>,
    /// The agent whose phone it is, by extension.
    agent: Option<String>,
    /// The line whose agents answer for it.
    line: Option<String>,
    /// The number, as somebody dials it.
    number: Option<String>,
    /// The number on the move; masked but for those who keep the directory.
    mobile: Option<String>,
    /// When somebody is there; empty is always.
    hours: Vec<String>,
    /// The entry that stands in for it.
    substitute: Option<Uuid>,
    /// The entry of whoever leads its group.
    leader: Option<Uuid>,
    /// The first letters of the name, where they are unusual.
    initials: Option<String>,
    /// What else is good to know.
    note: Option<String>,
    /// Whether they can be reached now.
    presence: Presence,
    /// Whether the caller may be passed on there, by the line's policy; absent where no call was
    /// named.
    can_be_target: Option<bool>,
}

/// Whom entries are shown to.
#[derive(Clone, Copy)]
pub(super) struct Showing<'a> {
    pub(super) api: &'a Api,
    pub(super) whereabouts: &'a Whereabouts<'a>,
    /// Whoever looks keeps the directory.
    pub(super) is_keeper: bool,
    /// The line of the call that somebody is looked for in.
    pub(super) line: Option<&'a LineId>,
}

impl Showing<'_> {
    pub(super) fn registered(&self, entry: &Registered<DirectoryEntry>) -> EntryView {
        EntryView {
            id: Some(entry.id),
            version: Some(entry.version),
            ..self.entry(&entry.document)
        }
    }

    pub(super) fn entry(&self, entry: &DirectoryEntry) -> EntryView {
        let shown = |mobile: &String| {
            if self.is_keeper {
                mobile.clone()
            } else {
                mask_number(mobile)
            }
        };
        EntryView {
            id: None,
            version: None,
            name: entry.name.clone(),
            kind: entry.kind,
            department: entry.department.clone(),
            function: entry.function.clone(),
            agent: entry.agent.clone(),
            line: entry.line.clone(),
            number: entry.number.clone(),
            mobile: entry.mobile.as_ref().map(shown),
            hours: entry.hours.clone(),
            substitute: entry.substitute,
            leader: entry.leader,
            initials: entry.initials.clone(),
            note: entry.note.clone(),
            presence: self.whereabouts.presence(entry),
            can_be_target: self.line.map(|line| {
                let site = self.api.site();
                let info = site.lines.get(line);
                info.is_some_and(|info| may_go_to(info, entry))
            }),
        }
    }
}

impl EntryView {
    pub(super) const fn presence(&self) -> Presence {
        self.presence
    }
}

/// Whether a line's callers may be passed on there, as the core will decide it: an agent of ours, a
/// line's agents, or an outside number.
fn may_go_to(line: &LineInfo, entry: &DirectoryEntry) -> bool {
    if entry.agent.is_some() || entry.line.is_some() {
        return line.passes_to_agents;
    }
    let number = entry.number.as_ref().or(entry.mobile.as_ref());
    number.is_some_and(|number| {
        let mut prefixes = line.passes_to.iter();
        prefixes.any(|prefix| number.starts_with(prefix.as_str()))
    })
}
