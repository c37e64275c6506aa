//! Wrapping a call up: why the caller rang (R029) and what came of it (R085), with what was
//! written down; and the calls that nobody has wrapped up.

use serde::Serialize;
use uuid::Uuid;

use super::addition::Addition;
use super::call_filter::listed;
use super::engine::on_readers;
use super::handling::Handlings;
use super::notes::{NoteDraft, last_note, save};
use super::record_fields::known_in;
use super::{Error, Result, Store};
use crate::call::record::{CodeVersion, is_wrapped_up};
use crate::id::{AgentId, CallId, EventId, LineId};
use crate::rules::{Fault, FieldValues, Handling, Known, Timestamp};

/// What somebody says of a call when it is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrapUp {
    /// Why the caller rang: a code of the line's purposes.
    pub purpose: String,
    /// What came of it: a code of the line's outcomes.
    pub disposition: String,
    /// The note as it is to be; `None` leaves it.
    pub note: Option<String>,
    /// The form; `None` leaves it.
    pub fields: Option<FieldValues>,
    /// How the matter is dealt with (R117); `None` leaves it.
    pub handling: Option<Handling>,
    /// Who says so.
    pub author: String,
    /// Why something is changed that was said before.
    pub reason: Option<String>,
}

/// How far a call is wrapped up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WrappedUp {
    /// Purpose and outcome are said, and nothing is missing.
    pub complete: bool,
    /// The purpose that counts.
    pub purpose: Option<CodeVersion>,
    /// The outcome that counts.
    pub disposition: Option<CodeVersion>,
    /// The version of the note that counts; 0 for none.
    pub note: u32,
    /// How the matter is dealt with.
    pub handling: Option<Handling>,
    /// The record is closed: changes need a reason (R085, R093).
    pub closed: bool,
}

/// A call that somebody still has to wrap up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenWrapUp {
    /// Which call.
    pub call: CallId,
    /// On which line.
    pub line: Option<LineId>,
    /// Who answered it first, and so is responsible (R121).
    pub agent: AgentId,
    /// Since when it is over.
    pub ended_at: Timestamp,
    /// Nobody has said why the caller rang.
    pub lacks_purpose: bool,
    /// Nobody has said what came of it.
    pub lacks_disposition: bool,
}

/// Which open wrap-ups a list is of.
#[derive(Clone, Debug)]
pub struct WrapUpFilter {
    /// Of calls that this agent answered; `None` is everybody.
    pub agent: Option<AgentId>,
    /// Of calls that any of these answered; anybody, if there are none.
    pub among: Vec<AgentId>,
    /// Of calls that ended at this moment or later.
    pub from: Timestamp,
    /// Of calls that ended before this moment: the report of what has been open for too long.
    pub before: Option<Timestamp>,
    /// What comes after this call in the list: the last one of the page before.
    pub after: Option<(Timestamp, CallId)>,
    /// At most so many.
    pub limit: u32,
}

impl Store {
    /// Says what came of a call: a new version; those before it stay readable (R090).
    ///
    /// # Errors
    ///
    /// [`Error::UnknownCall`]; [`Error::Unfit`] if the line has no such outcome; or if the database
    /// fails.
    pub async fn set_disposition(
        &self,
        call: CallId,
        code: &str,
        author: &str,
        reason: Option<&str>,
        at: Timestamp,
    ) -> Result<CodeVersion> {
        let mut addition = Addition::begin(self, call, at).await?;
        if let Some(rules) = self.rules_of(addition.line.as_ref())? {
            Error::if_unfit(rules.outcome_fault(code).into_iter().collect())?;
        }
        let disposition = addition.disposition(code, author, reason).await?;
        addition.commit().await?;
        Ok(disposition)
    }

    /// Says everything at once: all of it, or nothing. What stands already and is the same is no
    /// new version, unless nobody had said it yet.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownCall`]; [`Error::Unfit`] with everything that is wrong or missing by the
    /// line's trees and form; [`Error::TooLong`]; [`Error::Closed`] if the record is closed and no
    /// reason is given for a change; or if the database fails.
    pub async fn wrap_up(&self, call: CallId, says: &WrapUp, at: Timestamp) -> Result<WrappedUp> {
        let mut addition = Addition::begin(self, call, at).await?;
        // The call is ours from here on: nobody says anything of it in between.
        let mut purposes = addition.purposes().await?;
        let mut dispositions = addition.dispositions().await?;
        let mut handled = Handlings::of(addition.tx(), call).await?;
        let last = last_note(&mut addition, call).await?;
        let mut note = last.as_ref().map_or(0, |note| note.version);
        let (text, fields) = last.map_or_else(Default::default, |note| {
            (note.text.unwrap_or_default(), note.fields)
        });
        let stands = |said: &CodeVersion, code: &str| said.is_a_persons() && said.code == *code;
        let is_same = purposes
            .last()
            .is_some_and(|said| stands(said, &says.purpose))
            && dispositions
                .last()
                .is_some_and(|said| stands(said, &says.disposition))
            && says.note.as_ref().is_none_or(|note| *note == text)
            && says.fields.as_ref().is_none_or(|said| *said == fields)
            && says.handling.as_ref().is_none_or(|said| handled.is(said));
        if addition.is_closed && says.reason.is_none() && !is_same {
            return Err(Error::Closed(call));
        }
        let fields = says.fields.as_ref().unwrap_or(&fields);
        let rules = self.rules_of(addition.line.as_ref())?;
        if let Some(rules) = &rules {
            let known = Known {
                has_text: !says.note.as_ref().unwrap_or(&text).trim().is_empty(),
                is_handled: says.handling.is_some() || handled.last.is_some(),
                ..known_in(addition.tx(), call).await?
            };
            Error::if_unfit(rules.faults(&says.purpose, &says.disposition, fields, known))?;
        }
        let new = says.handling.as_ref().filter(|said| !handled.is(said));
        let unfit = new.and_then(|said| said.check(at).err());
        Error::if_unfit(unfit.map(Fault::Handling).into_iter().collect())?;
        let (author, reason) = (says.author.as_str(), says.reason.as_deref());
        let stands = purposes.last();
        if stands.is_none_or(|said| !said.is_a_persons() || said.code != says.purpose) {
            let event = EventId::mint(at, &mut rand::rng());
            let said = addition.purpose(event, &says.purpose, author, reason);
            purposes.push(said.await?);
        }
        let stands = dispositions.last();
        if stands.is_none_or(|said| said.code != says.disposition) {
            let said = addition.disposition(&says.disposition, author, reason);
            dispositions.push(said.await?);
        }
        if says.note.is_some() || says.fields.is_some() {
            let draft = NoteDraft {
                author: author.to_owned(),
                text: says.note.clone().unwrap_or(text),
                fields: fields.clone(),
                base: None,
            };
            note = save(&mut addition, call, &draft, reason).await?;
        }
        if let Some(said) = new {
            handled.say(&mut addition, said, author).await?;
        }
        let is_last = addition.is_over && !addition.is_closed;
        if is_last {
            let limit = rules.and_then(|rules| rules.limits.wrap_up);
            let limit_ms = limit.map(|limit| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX));
            addition.close(author, limit_ms).await?;
        }
        let closed = addition.is_closed || is_last;
        addition.commit().await?;
        Ok(WrappedUp {
            complete: is_wrapped_up(&purposes, &dispositions),
            purpose: purposes.pop(),
            disposition: dispositions.pop(),
            note,
            handling: handled.last.map(|last| last.handling),
            closed,
        })
    }

    /// How far a call is wrapped up.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownCall`]; or if the database fails.
    pub async fn wrapped_up(&self, call: CallId) -> Result<WrappedUp> {
        let record = self.call(call).await?.call.record;
        let note = self.note(call).await?;
        Ok(WrappedUp {
            complete: record.is_wrapped_up(),
            note: note.map_or(0, |note| note.version),
            purpose: record.purposes.last().cloned(),
            disposition: record.dispositions.last().cloned(),
            handling: record.write_up.handled.map(|last| last.handling),
            closed: record.write_up.closed_at.is_some(),
        })
    }

    /// Answered calls that are over and not wrapped up, the one that ended first before the others.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn open_wrap_ups(&self, filter: &WrapUpFilter) -> Result<Vec<OpenWrapUp>> {
        let (after, call) = filter.after.unzip();
        let rows: Vec<OpenRow> = on_readers!(&self.engine, pool => {
            sqlx::query_as(OPEN)
                .bind(filter.from.0)
                .bind(filter.before.map_or(i64::MAX, |before| before.0))
                .bind(filter.agent.as_ref().map(|agent| agent.0.as_str()))
                .bind(after.map_or(i64::MIN, |after: Timestamp| after.0))
                .bind(call.map_or_else(Uuid::nil, |call: CallId| call.0))
                .bind(i64::from(filter.limit))
                .bind(listed(&filter.among))
                .fetch_all(pool)
                .await?
        });
        Ok(rows.into_iter().map(OpenWrapUp::from).collect())
    }
}

/// A call of a line that a person answered, and that lacks something. What `system` said, nobody
/// has said.
const OPEN: &str = "
    select id, line, answered_by, ended_at, lacks_purpose, lacks_disposition from (
        select id, line, answered_by, ended_at,
            not exists (select 1 from purposes
                where purposes.call_id = calls.id and purposes.author <> 'system')
                as lacks_purpose,
            not exists (select 1 from dispositions where dispositions.call_id = calls.id)
                as lacks_disposition
        from calls
        where ended_at >= $1 and ended_at < $2 and answered_by is not null
            and line is not null and direction <> 'internal'
            and ($3 is null or answered_by = $3)
            and ($7 is null or replace($7, ',' || answered_by || ',', '') <> $7)
    ) answered
    where (lacks_purpose or lacks_disposition) and (ended_at, id) > ($4, $5)
    order by ended_at, id limit $6";

#[derive(sqlx::FromRow)]
struct OpenRow {
    id: Uuid,
    line: Option<String>,
    answered_by: String,
    ended_at: i64,
    lacks_purpose: bool,
    lacks_disposition: bool,
}

impl From<OpenRow> for OpenWrapUp {
    fn from(row: OpenRow) -> Self {
        Self {
            call: CallId(row.id),
            line: row.line.map(LineId),
            agent: AgentId(row.answered_by),
            ended_at: Timestamp(row.ended_at),
            lacks_purpose: row.lacks_purpose,
            lacks_disposition: row.lacks_disposition,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::event::{Circumstances, Direction, Origin};
    use crate::call::{CallEvent, Entry, EventKind, Party};
    use crate::id::PartyId;
    use crate::rules::LineRules;
    use crate::store::DeskRules;
    use crate::store::engine::Engine;

    /// The records of running calls are held while it is written down, and what is known of the caller is
    /// read within it: lists that others read must not keep them, and with them the log of all calls, from going on.
    #[tokio::test]
    async fn a_call_is_wrapped_up_while_all_readers_are_busy() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("log.db").display());
        let store = Store::open(&url).await.unwrap();
        let store = store.with_desk(DeskRules {
            lines: [(LineId::from("hotline"), LineRules::default())].into(),
            has_webhooks: false,
        });
        let call = CallId(Uuid::from_u128(1));
        let party = Party {
            id: PartyId(Uuid::from_u128(3)),
            number: "13800005678".to_owned(),
            e164: None,
            name: None,
        };
        let event = CallEvent {
            id: EventId(Uuid::from_u128(2)),
            call,
            at: Timestamp(0),
            offset_us: 0,
            kind: EventKind::Arrived {
                direction: Direction::In,
                origin: Origin::External,
                caller: Some(party.id),
                dialled: "4001234567".to_owned(),
                line: Some(LineId::from("hotline")),
                trunk: None,
                sip_call_id: "1@192.0.2.1".to_owned(),
                callee: None,
                consult_of: None,
                circumstances: Circumstances::default(),
            },
        };
        let parties = vec![party];
        store.record(&[Entry { event, parties }]).await.unwrap();

        let Engine::Sqlite { readers, .. } = &store.engine else {
            panic!("the test is about SQLite");
        };
        let mut busy = Vec::new();
        for _ in 0..readers.options().get_max_connections() {
            busy.push(readers.acquire().await.unwrap());
        }
        let says = WrapUp {
            purpose: "consultation".to_owned(),
            disposition: "resolved".to_owned(),
            note: Some("the printer works again".to_owned()),
            fields: None,
            handling: None,
            author: "1001".to_owned(),
            reason: None,
        };
        let done = store.wrap_up(call, &says, Timestamp(1)).await.unwrap();
        drop(busy);
        assert!(done.complete);
        assert_eq!(done, store.wrapped_up(call).await.unwrap());
    }
}
