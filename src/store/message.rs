//! Messages for somebody who could not be reached (R183), as they are taken and read.

use serde::Serialize;
use uuid::Uuid;

use super::task_opening::number_key;
use super::{Error, Result};
use crate::id::{AgentId, CallId, TaskId};
use crate::rules::{Timestamp, e164};

const LONGEST_NAME: usize = 100;
const LONGEST_TEXT: usize = 2_000;

/// A message as somebody takes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageDraft {
    /// The agent whom it is for.
    pub for_agent: Option<AgentId>,
    /// The entry of the directory that it is for.
    pub for_entry: Option<Uuid>,
    /// What whoever it is for is called.
    pub for_name: String,
    /// Who leaves it.
    pub from_name: Option<String>,
    /// Where that person can be called.
    pub number: Option<String>,
    /// What it says.
    pub text: Option<String>,
    /// It is not to wait.
    pub urgent: bool,
    /// The caller wanted to leave none.
    pub refused: bool,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Its own id, which is that of its task, too.
    pub id: TaskId,
    /// In which call it was left.
    pub call: Option<CallId>,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// By whom.
    pub taken_by: String,
    /// The agent whom it is for.
    pub for_agent: Option<AgentId>,
    /// The entry of the directory that it is for.
    pub for_entry: Option<Uuid>,
    /// What whoever it is for is called.
    pub for_name: String,
    /// Who left it; `None` if erased.
    pub from_name: Option<String>,
    /// Where that person can be called; `None` if erased.
    pub number: Option<String>,
    /// What it says; `None` if erased.
    pub text: Option<String>,
    /// It is not to wait.
    pub urgent: bool,
    /// The caller wanted to leave none.
    pub refused: bool,
    /// When it was first shown to whoever it is for.
    pub delivered_at: Option<Timestamp>,
    /// When it was read.
    pub read_at: Option<Timestamp>,
    /// By whom.
    pub read_by: Option<String>,
    /// When somebody was told that nobody has read it.
    pub unread_told_at: Option<Timestamp>,
}

/// Which messages a list is of.
#[derive(Clone, Debug, Default)]
pub struct MessageFilter {
    /// For this agent.
    pub for_agent: Option<AgentId>,
    /// For any of these; for anybody, if there are none.
    pub among: Vec<AgentId>,
    /// That nobody has read.
    pub unread: bool,
    /// Left in this call.
    pub call: Option<CallId>,
    /// Only those after this one in the list: the last one of the page before.
    pub after: Option<(Timestamp, TaskId)>,
    /// At most so many.
    pub limit: Option<u32>,
}

impl MessageDraft {
    /// The message without what no table takes, and its number in the form that is compared.
    pub(super) fn checked(&self) -> Result<(Self, Option<String>)> {
        let clean = |text: &String| {
            let text = text.trim().replace('\0', "");
            (!text.is_empty()).then_some(text)
        };
        let draft = Self {
            for_name: clean(&self.for_name).unwrap_or_default(),
            from_name: self.from_name.as_ref().and_then(clean),
            number: self.number.as_ref().and_then(clean),
            text: self.text.as_ref().and_then(clean),
            ..self.clone()
        };
        let fits = |text: Option<&String>, most| text.is_none_or(|it| it.chars().count() <= most);
        let names = [
            Some(&draft.for_name),
            draft.from_name.as_ref(),
            draft.number.as_ref(),
        ];
        let are_short = names.into_iter().all(|name| fits(name, LONGEST_NAME));
        if draft.for_name.is_empty() || !are_short || !fits(draft.text.as_ref(), LONGEST_TEXT) {
            return Err(Error::Unregistrable(
                "names of at most 100 characters and a text of at most 2,000",
            ));
        }
        let number = draft.number.as_ref();
        let key = number.and_then(|number| number_key(number, e164(number, None)));
        if draft.number.is_some() && key.is_none() {
            return Err(Error::Unregistrable("a number that can be called"));
        }
        let says_something = draft.text.is_some() && (key.is_some() || draft.from_name.is_some());
        if !draft.refused && !says_something {
            return Err(Error::Unregistrable(
                "a text, and a name or a number; or that the caller wants to leave none",
            ));
        }
        Ok((draft, key))
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct MessageRow {
    id: Uuid,
    call_id: Option<Uuid>,
    pub(super) taken_at: i64,
    taken_by: String,
    for_agent: Option<String>,
    for_entry: Option<Uuid>,
    for_name: String,
    from_name: Option<String>,
    number: Option<String>,
    text: Option<String>,
    urgency: String,
    refused: i64,
    delivered_at: Option<i64>,
    read_at: Option<i64>,
    read_by: Option<String>,
    unread_told_at: Option<i64>,
}

impl From<MessageRow> for Message {
    fn from(row: MessageRow) -> Self {
        Self {
            id: TaskId(row.id),
            call: row.call_id.map(CallId),
            taken_at: Timestamp(row.taken_at),
            taken_by: row.taken_by,
            for_agent: row.for_agent.map(AgentId),
            for_entry: row.for_entry,
            for_name: row.for_name,
            from_name: row.from_name,
            number: row.number,
            text: row.text,
            urgent: row.urgency == URGENT,
            refused: row.refused != 0,
            delivered_at: row.delivered_at.map(Timestamp),
            read_at: row.read_at.map(Timestamp),
            read_by: row.read_by,
            unread_told_at: row.unread_told_at.map(Timestamp),
        }
    }
}

/// The word that rows use.
pub(super) const URGENT: &str = "urgent";
