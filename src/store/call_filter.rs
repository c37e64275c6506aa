//! Which calls a list is of, and in which order (R081).
//!
//! The condition reads columns of one index only (`calls_listed`), and the rows themselves are read of
//! the page alone: a page of 100,000 calls takes as long as the index does, whatever is asked for.

use serde::{Deserialize, Serialize};

use super::call_rows::word;
use crate::call::event::{Direction, HangupParty, Outcome};
use crate::id::{AgentId, CallId, LineId};
use crate::rules::{Grade, Timestamp, e164};

/// Which calls a list is of; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct CallFilter {
    /// Arrived at this moment or later.
    pub from: Option<Timestamp>,
    /// Arrived before this moment.
    pub to: Option<Timestamp>,
    /// Of this line.
    pub line: Option<LineId>,
    /// Who asked for it.
    pub direction: Option<Direction>,
    /// Ended so.
    pub outcome: Option<Outcome>,
    /// Graded so.
    pub grade: Option<Grade>,
    /// With this code as the purpose that counts.
    pub purpose: Option<String>,
    /// With one of these as the purpose that counts: a code and its kinds.
    pub category: Option<Vec<String>>,
    /// That this agent was rung for, had, or made.
    pub agent: Option<AgentId>,
    /// The same of any of these; of anybody if there are none.
    pub among: Vec<AgentId>,
    /// From this number; what is withheld, or of a caller who wants to stay unknown, is not found.
    pub number: Option<String>,
    /// Passed on, or not.
    pub transferred: Option<bool>,
    /// Going on, or over.
    pub running: Option<bool>,
    /// Whose matter is dealt with so, by the word for it (R117).
    pub handling: Option<String>,
    /// Ended by this side.
    pub hangup_party: Option<HangupParty>,
    /// Of which all of this is so.
    pub flags: Vec<CallFlag>,
    /// With this in the note that counts.
    pub text: Option<String>,
    /// In which order.
    pub order: CallOrder,
    /// The least first.
    pub ascending: bool,
    /// At most so many.
    pub limit: Option<u32>,
    /// Only calls that come after this one in the list: the last one of the page before.
    pub after: Option<CallId>,
}

/// Something that is so of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallFlag {
    /// Answered late (R011).
    Late,
    /// The agent hung up first (R046).
    AgentFirst,
    /// A stage took longer than the line allows (R023).
    StageExceeded,
    /// They talked for longer than the line allows (R052).
    TalkLong,
    /// The caller was passed on more often than the line has it (R119).
    PassedOnOften,
    /// The caller was put through to an emergency contact (R281).
    Emergency,
    /// The caller withholds the number.
    Withheld,
    /// The caller wants to stay unknown (R083).
    Anonymous,
    /// Answered, over, and not closed (R093).
    Unclosed,
}

/// What a list is ordered by; calls that lack it are not in the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOrder {
    /// The arrival.
    #[default]
    ArrivedAt,
    /// How long it rang.
    Ring,
    /// How long the caller waited.
    Queue,
    /// How long they talked.
    Talk,
}

impl CallFlag {
    /// Every flag.
    pub const ALL: [Self; 9] = [
        Self::Late,
        Self::AgentFirst,
        Self::StageExceeded,
        Self::TalkLong,
        Self::PassedOnOften,
        Self::Emergency,
        Self::Withheld,
        Self::Anonymous,
        Self::Unclosed,
    ];

    pub(super) const fn condition(self) -> &'static str {
        match self {
            Self::Late => " and late_answer",
            Self::AgentFirst => " and agent_first",
            Self::StageExceeded => " and (overrun or write_up_long)",
            Self::TalkLong => " and talk_long",
            Self::PassedOnOften => " and passed_on_often",
            Self::Emergency => " and emergency",
            Self::Withheld => " and withheld",
            Self::Anonymous => " and anonymous",
            Self::Unclosed => {
                " and closed_at is null and answered_by is not null and outcome is not null \
                 and line is not null and direction <> 'internal'"
            }
        }
    }
}

impl CallOrder {
    pub(super) const fn column(self) -> &'static str {
        match self {
            Self::ArrivedAt => "arrived_at",
            Self::Ring => "caller_ring_ms",
            Self::Queue => "queue_ms",
            Self::Talk => "talk_ms",
        }
    }
}

impl CallFilter {
    /// What each equal column must say.
    pub(super) fn words(&self) -> impl Iterator<Item = (&'static str, String)> {
        let words = [
            ("line", self.line.as_ref().map(|line| line.0.clone())),
            ("direction", self.direction.as_ref().map(word)),
            ("outcome", self.outcome.as_ref().map(word)),
            ("grade", self.grade.as_ref().map(word)),
            ("purpose", self.purpose.clone()),
            ("handling", self.handling.clone()),
            ("hangup_party", self.hangup_party.as_ref().map(word)),
        ];
        let words = words.into_iter();
        words.filter_map(|(column, word)| Some((column, word?)))
    }

    /// The number as it is kept, in every form that it may have.
    pub(super) fn numbers(&self) -> Option<[String; 2]> {
        let number = self.number.as_deref()?.trim();
        let known = e164(number, None).unwrap_or_else(|| number.to_owned());
        Some([number.to_owned(), known])
    }

    /// What the note must be like.
    pub(super) fn pattern(&self) -> Option<String> {
        let text = self.text.as_deref()?.to_lowercase();
        let mut pattern = String::from("%");
        for character in text.chars() {
            if matches!(character, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(character);
        }
        pattern.push('%');
        Some(pattern)
    }
}

/// Agents as a statement looks for one of them, `,1001,1002,`; `None` of none. No extension has a comma.
pub(super) fn listed(agents: &[AgentId]) -> Option<String> {
    let mut list = String::new();
    for agent in agents {
        list.push(',');
        list.push_str(&agent.0);
    }
    (!list.is_empty()).then(|| list + ",")
}

/// Adds the filter's conditions, the order and the limit.
macro_rules! narrow {
    ($query:ident, $filter:ident) => {
        if let Some(from) = $filter.from {
            $query.push(" and arrived_at >= ").push_bind(from.0);
        }
        if let Some(to) = $filter.to {
            $query.push(" and arrived_at < ").push_bind(to.0);
        }
        for (column, word) in $filter.words() {
            $query.push(" and ").push(column).push(" = ").push_bind(word);
        }
        if let Some(codes) = &$filter.category {
            $query.push(" and purpose in (''");
            for code in codes {
                $query.push(", ").push_bind(code.clone());
            }
            $query.push(")");
        }
        for flag in &$filter.flags {
            $query.push(flag.condition());
        }
        if let Some(agent) = &$filter.agent {
            $query
                .push(" and (answered_by = ")
                .push_bind(agent.0.clone())
                .push(" or exists (select 1 from attempts where call_id = calls.id and agent = ")
                .push_bind(agent.0.clone())
                .push(") or exists (select 1 from transfers where call_id = calls.id and by_agent = ")
                .push_bind(agent.0.clone())
                .push(") or exists (select 1 from transfers where call_id = calls.id and target_agent = ")
                .push_bind(agent.0.clone())
                .push("))");
        }
        if let Some(among) = listed(&$filter.among) {
            $query
                .push(" and (replace(")
                .push_bind(among.clone())
                .push(", ',' || answered_by || ',', '') <> ")
                .push_bind(among.clone())
                .push(" or exists (select 1 from attempts where call_id = calls.id and replace(")
                .push_bind(among.clone())
                .push(", ',' || agent || ',', '') <> ")
                .push_bind(among.clone())
                .push(") or exists (select 1 from transfers where call_id = calls.id and replace(")
                .push_bind(among.clone())
                .push(", ',' || by_agent || ',', '') <> ")
                .push_bind(among.clone())
                .push(") or exists (select 1 from transfers where call_id = calls.id and replace(")
                .push_bind(among.clone())
                .push(", ',' || target_agent || ',', '') <> ")
                .push_bind(among)
                .push("))");
        }
        if let Some([number, known]) = $filter.numbers() {
            $query
                .push(
                    " and not withheld and not anonymous and caller in
                     (select id from parties where number = ",
                )
                .push_bind(number)
                .push(" union select id from parties where e164 = ")
                .push_bind(known)
                .push(")");
        }
        if let Some(transferred) = $filter.transferred {
            $query
                .push(if transferred { " and" } else { " and not" })
                .push(" exists (select 1 from transfers where call_id = calls.id)");
        }
        if let Some(running) = $filter.running {
            $query.push(if running {
                " and outcome is null"
            } else {
                " and outcome is not null"
            });
        }
        if let Some(pattern) = $filter.pattern() {
            $query
                .push(" and id in (select call_id from notes where (lower(text) like ")
                .push_bind(pattern.clone())
                .push(" escape '\\' or lower(cast(fields as text)) like ")
                .push_bind(pattern)
                .push(
                    " escape '\\') and not exists (select 1 from notes later
                     where later.call_id = notes.call_id and later.version > notes.version))",
                );
        }
        let column = $filter.order.column();
        if column != "arrived_at" {
            $query.push(" and ").push(column).push(" is not null");
        }
        if let Some(after) = $filter.after {
            let beyond = if $filter.ascending { ">" } else { "<" };
            $query
                .push(format!(
                    " and ({column}, id) {beyond} (select {column}, id from calls where id = "
                ))
                .push_bind(after.0)
                .push(")");
        }
    };
}
pub(super) use narrow;

/// Adds the order.
macro_rules! ordered {
    ($query:ident, $filter:ident) => {
        let way = if $filter.ascending { "asc" } else { "desc" };
        let column = $filter.order.column();
        $query.push(format!(" order by {column} {way}, id {way}"));
    };
}
pub(super) use ordered;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_looked_for_as_it_is_written() {
        let filter = CallFilter {
            text: Some("100%_A\\".to_owned()),
            ..CallFilter::default()
        };
        assert_eq!(filter.pattern().as_deref(), Some("%100\\%\\_a\\\\%"));
    }

    #[test]
    fn a_number_is_looked_for_in_every_form() {
        let numbers = |number: &str| {
            let number = Some(number.to_owned());
            let filter = CallFilter {
                number,
                ..CallFilter::default()
            };
            filter.numbers().unwrap()
        };
        assert_eq!(numbers(" 138-0000-5678 ")[1], "+8613800005678");
        assert_eq!(numbers("1001"), ["1001", "1001"]);
    }
}
