//! What people write down about a call, from its first ring on (R065): a version each time, none
//! written over (R090). The log knows version and author; the text stands here, where it can be
//! erased.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use sqlx::QueryBuilder;
use sqlx::types::Json;
use uuid::Uuid;

use super::addition::Addition;
use super::engine::{in_tx, on_readers};
use super::{Error, Result, Store};
use crate::id::CallId;
use crate::rules::{FieldValues, Timestamp};

/// Calls a statement may list.
const CALLS_A_STATEMENT: usize = 500;

/// What somebody has written so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoteDraft {
    /// Who writes.
    pub author: String,
    /// The whole text.
    pub text: String,
    /// The line's form, as far as it is filled in.
    pub fields: FieldValues,
    /// The version that the author had before him, 0 for none: if there is a later one, nothing is
    /// saved. Without it, what was there does not matter.
    pub base: Option<u32>,
}

/// One version of a call's note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// From 1; the highest counts.
    pub version: u32,
    /// When it was saved.
    pub at: Timestamp,
    /// Who wrote it.
    pub author: String,
    /// The text; `None` if it was erased.
    pub text: Option<String>,
    /// What was filled in; empty if it was erased.
    pub fields: FieldValues,
    /// Why it was changed after the record was closed.
    pub reason: Option<String>,
}

impl NoteDraft {
    /// A longer text is not saved, in bytes.
    pub const LONGEST: usize = 20_000;

    /// Whether the note says this already.
    pub(super) fn is(&self, note: &Note) -> bool {
        let text = self.text.replace('\0', "\u{fffd}");
        note.text.as_deref() == Some(&text) && note.fields == self.fields
    }
}

impl Store {
    /// Saves what somebody has written about a call; what is the same as before is no new version.
    /// Gives the version that counts now.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownCall`], [`Error::TooLong`], [`Error::NoteChanged`], [`Error::Unfit`] if a
    /// field does not fit the line's form; [`Error::Closed`] if the record is; or if the database
    /// fails.
    pub async fn save_note(&self, call: CallId, draft: &NoteDraft, at: Timestamp) -> Result<u32> {
        self.supplement_note(call, draft, None, at).await
    }

    /// The same, of a record that may be closed already: then `reason` says why (R093).
    ///
    /// # Errors
    ///
    /// As for [`Self::save_note`].
    pub async fn supplement_note(
        &self,
        call: CallId,
        draft: &NoteDraft,
        reason: Option<&str>,
        at: Timestamp,
    ) -> Result<u32> {
        let mut addition = Addition::begin(self, call, at).await?;
        if addition.is_closed && reason.is_none() {
            return Err(Error::Closed(call));
        }
        if let Some(rules) = self.rules_of(addition.line.as_ref())? {
            Error::if_unfit(rules.field_faults(&draft.fields))?;
        }
        let version = save(&mut addition, call, draft, reason).await?;
        addition.commit().await?;
        Ok(version)
    }

    /// Every version of a call's note, ascending.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn notes(&self, call: CallId) -> Result<Vec<Note>> {
        let rows: Vec<NoteRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(
                "select version, at, author, text, fields, reason from notes where call_id = $1
                 order by version",
            )
            .bind(call.0)
            .fetch_all(pool)
            .await?
        });
        Ok(rows.into_iter().map(Note::from).collect())
    }

    /// The versions that count of these calls' notes.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn last_notes(&self, calls: &[CallId]) -> Result<BTreeMap<CallId, Note>> {
        let mut notes = BTreeMap::new();
        for calls in calls.chunks(CALLS_A_STATEMENT) {
            let rows: Vec<(Uuid, NoteRow)> = on_readers!(&self.engine, pool => {
                let mut query = QueryBuilder::new(
                    "select call_id, version, at, author, text, fields, reason from notes
                     where call_id in (",
                );
                let mut listed = query.separated(", ");
                for call in calls {
                    listed.push_bind(call.0);
                }
                query.push(") order by version");
                let rows: Vec<NoteOfCall> = query.build_query_as().fetch_all(pool).await?;
                rows.into_iter().map(|row| (row.call_id, row.note)).collect()
            });
            // The last version takes the place of those before it.
            let rows = rows.into_iter();
            notes.extend(rows.map(|(call, row)| (CallId(call), Note::from(row))));
        }
        Ok(notes)
    }

    /// The version of a call's note that counts.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn note(&self, call: CallId) -> Result<Option<Note>> {
        let row: Option<NoteRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(LAST).bind(call.0).fetch_optional(pool).await?
        });
        Ok(row.map(Note::from))
    }
}

/// Saves a draft as part of something larger.
pub(super) async fn save(
    addition: &mut Addition<'_>,
    call: CallId,
    draft: &NoteDraft,
    reason: Option<&str>,
) -> Result<u32> {
    if draft.text.len() > NoteDraft::LONGEST {
        return Err(Error::TooLong {
            what: "a note",
            most: NoteDraft::LONGEST,
        });
    }
    let note = last_note(addition, call).await?;
    let last = note.as_ref().map_or(0, |note| note.version);
    if draft.base.is_some_and(|base| base != last) {
        return Err(Error::NoteChanged { call, last });
    }
    if note.is_some_and(|note| draft.is(&note)) {
        return Ok(last);
    }
    let version = last + 1;
    addition
        .note(version, &draft.author, &draft.text, &draft.fields, reason)
        .await?;
    Ok(version)
}

/// The note as it stands, read as part of something larger.
pub(super) async fn last_note(addition: &mut Addition<'_>, call: CallId) -> Result<Option<Note>> {
    let row: Option<NoteRow> = in_tx!(addition.tx(), connection => {
        sqlx::query_as(LAST).bind(call.0).fetch_optional(connection).await?
    });
    Ok(row.map(Note::from))
}

const LAST: &str = "select version, at, author, text, fields, reason from notes where call_id = $1 \
     order by version desc limit 1";

/// A version, and of which call.
#[derive(sqlx::FromRow)]
struct NoteOfCall {
    call_id: Uuid,
    #[sqlx(flatten)]
    note: NoteRow,
}

#[derive(sqlx::FromRow)]
struct NoteRow {
    version: i64,
    at: i64,
    author: String,
    text: Option<String>,
    fields: Option<Json<Value>>,
    reason: Option<String>,
}

impl From<NoteRow> for Note {
    fn from(row: NoteRow) -> Self {
        let fields = match row.fields {
            Some(Json(Value::Object(fields))) => fields,
            Some(_) | None => FieldValues::new(),
        };
        Self {
            version: u32::try_from(row.version).unwrap_or(u32::MAX),
            at: Timestamp(row.at),
            author: row.author,
            text: row.text,
            fields,
            reason: row.reason,
        }
    }
}
