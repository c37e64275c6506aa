//! What is to be done after a call: a caller to be called back (R185), a message to be heard (R184).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::call::Party;
use crate::id::{AgentId, CallId, LineId, PartyId, TaskId};
use crate::rules::Timestamp;

/// The columns of a [`TaskRow`].
pub(super) const COLUMNS: &str = "tasks.id, tasks.kind, tasks.state, tasks.reason, tasks.line, \
     tasks.party, tasks.opened_at, tasks.due_at, tasks.claimed_by, tasks.claimed_at, tasks.tries, \
     tasks.tried_at, tasks.done_by, tasks.done_at, tasks.result, tasks.assigned_to, \
     (select count(*) from task_calls where task_calls.task_id = tasks.id) as calls";

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$of])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word that rows use.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            fn read(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == word)
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(word: &str) -> Result<Self, String> {
                Self::read(word).ok_or_else(|| {
                    let words: Vec<_> = Self::ALL.iter().map(|known| known.as_str()).collect();
                    format!("write one of {}", words.join(", "))
                })
            }
        }
    };
}

words! {
    /// What is to be done.
    TaskKind {
        /// A caller who reached nobody is to be called back.
        CallBack = "call_back",
        /// A message is to be heard, and the caller called back.
        Message = "message",
        /// A caller was not content: what was wrong is to be found out (R220).
        FollowUp = "follow_up",
        /// Somebody is to be told something, and to call back (R182).
        Relay = "relay",
    }
}
words! {
    /// How far it is.
    TaskState {
        /// Nobody has taken it on.
        Open = "open",
        /// Somebody has.
        Claimed = "claimed",
        /// It is done.
        Done = "done",
    }
}
words! {
    /// What came of it (R171).
    TaskResult {
        /// The caller was spoken to.
        Reached = "reached",
        /// The caller could not be reached, and is not tried again.
        NotReached = "not_reached",
        /// The caller does not want to be called back.
        Refused = "refused",
        /// The number is nobody's, or somebody else's.
        WrongNumber = "wrong_number",
        /// There is nothing to be done any more: the caller has rung again, say.
        Obsolete = "obsolete",
    }
}

words! {
    /// What has happened to a task.
    Action {
        /// It came into being.
        Opened = "opened",
        /// Another call of the same caller came to it.
        Added = "added",
        /// Somebody has taken it on.
        Claimed = "claimed",
        /// It was given back.
        Released = "released",
        /// Somebody has said whose it is to be.
        Assigned = "assigned",
        /// It was to be done by now.
        Late = "late",
        /// Nobody has read the message for too long.
        Unread = "unread",
        /// It was tried in vain.
        Tried = "tried",
        /// It is done.
        Done = "done",
    }
}

/// What somebody does about a task.
#[derive(Clone, Copy)]
pub(super) struct Step<'a> {
    pub(super) action: Action,
    pub(super) actor: &'a str,
    pub(super) at: Timestamp,
    pub(super) result: Option<TaskResult>,
    pub(super) remark: Option<&'a str>,
    /// The agent whose task it is to be.
    pub(super) to: Option<&'a str>,
}

impl<'a> Step<'a> {
    /// A step of which there is no more to say.
    pub(super) const fn by(actor: &'a str, action: Action, at: Timestamp) -> Self {
        Self {
            action,
            actor,
            at,
            result: None,
            remark: None,
            to: None,
        }
    }
}

/// One task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Task {
    /// Its own id.
    pub id: TaskId,
    /// What is to be done.
    pub kind: TaskKind,
    /// How far it is.
    pub state: TaskState,
    /// Why it was opened: the outcome of its first call.
    pub reason: String,
    /// The line that was called.
    pub line: Option<LineId>,
    /// Who called; `None` if erased.
    pub caller: Option<Party>,
    /// How many calls it is about.
    pub calls: u32,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it is to be done.
    pub due_at: Option<Timestamp>,
    /// The agent whose it is to be; `None` is everybody's.
    pub assigned_to: Option<AgentId>,
    /// Who has taken it on.
    pub claimed_by: Option<String>,
    /// Since when.
    pub claimed_at: Option<Timestamp>,
    /// How often it was tried in vain.
    pub tries: u32,
    /// When last.
    pub tried_at: Option<Timestamp>,
    /// Who has done it.
    pub done_by: Option<String>,
    /// When.
    pub done_at: Option<Timestamp>,
    /// What came of it.
    pub result: Option<TaskResult>,
}

/// A call that a task is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskCall {
    /// Which.
    pub call: CallId,
    /// When it ended.
    pub at: Timestamp,
    /// How.
    pub reason: String,
    /// Where in its recording the message begins, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_ms: Option<u64>,
    /// How long the message is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length_ms: Option<u64>,
}

/// What somebody has done about a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskStep {
    /// From 1.
    pub n: u32,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What.
    pub action: Action,
    /// What came of it.
    pub result: Option<TaskResult>,
    /// In that person's words; `None` if erased.
    pub remark: Option<String>,
    /// The agent whose it was to be from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<AgentId>,
}

/// All that is known of one task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskDetail {
    /// The task.
    #[serde(flatten)]
    pub task: Task,
    /// Its calls, the first before the others.
    pub about: Vec<TaskCall>,
    /// What was done about it, in order.
    pub steps: Vec<TaskStep>,
}

/// What people at the desk hear of tasks at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskNews {
    /// Which.
    pub task: TaskId,
    /// What is to be done.
    pub kind: TaskKind,
    /// How far it is now.
    pub state: TaskState,
    /// The line that was called.
    pub line: Option<LineId>,
    /// What has happened.
    pub action: Action,
    /// Who has it now.
    pub claimed_by: Option<String>,
    /// The agent whose it is to be.
    pub assigned_to: Option<AgentId>,
}

/// Which tasks a list is of; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct TaskFilter {
    /// Of this kind.
    pub kind: Option<TaskKind>,
    /// In this state.
    pub state: Option<TaskState>,
    /// Not done yet.
    pub undone: bool,
    /// Of this line.
    pub line: Option<LineId>,
    /// That are to be this agent's.
    pub assigned_to: Option<AgentId>,
    /// To call this number back.
    pub number: Option<String>,
    /// Taken on by this person.
    pub claimed_by: Option<String>,
    /// Due before this moment, and not done.
    pub due_before: Option<Timestamp>,
    /// Only what comes after this one in the list: the last one of the page before.
    pub after: Option<(Timestamp, TaskId)>,
    /// At most so many.
    pub limit: Option<u32>,
}

/// A row of `tasks`.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct TaskRow {
    id: Uuid,
    kind: String,
    pub(super) state: String,
    reason: String,
    line: Option<String>,
    pub(super) party: Option<Uuid>,
    opened_at: i64,
    due_at: Option<i64>,
    pub(super) claimed_by: Option<String>,
    pub(super) claimed_at: Option<i64>,
    pub(super) tries: i64,
    pub(super) tried_at: Option<i64>,
    pub(super) done_by: Option<String>,
    pub(super) done_at: Option<i64>,
    pub(super) result: Option<String>,
    pub(super) assigned_to: Option<String>,
    calls: i64,
}

impl TaskRow {
    /// A word that this version does not know is read as the nearest one that asks for nothing.
    pub(super) fn state(&self) -> TaskState {
        TaskState::read(&self.state).unwrap_or(TaskState::Done)
    }

    fn kind(&self) -> TaskKind {
        TaskKind::read(&self.kind).unwrap_or(TaskKind::CallBack)
    }

    pub(super) fn party(&self) -> Option<PartyId> {
        self.party.map(PartyId)
    }

    /// The row after a step.
    pub(super) fn after(mut self, step: &Step<'_>) -> Self {
        let (by, at) = (step.actor.to_owned(), step.at.0);
        let state = match step.action {
            Action::Opened | Action::Added | Action::Late | Action::Unread => self.state(),
            Action::Assigned => {
                (self.claimed_by, self.claimed_at) = (None, None);
                self.assigned_to = step.to.map(str::to_owned);
                TaskState::Open
            }
            Action::Claimed => {
                (self.claimed_by, self.claimed_at) = (Some(by), Some(at));
                TaskState::Claimed
            }
            Action::Released => {
                (self.claimed_by, self.claimed_at) = (None, None);
                TaskState::Open
            }
            Action::Tried => {
                (self.tries, self.tried_at) = (self.tries.saturating_add(1), Some(at));
                self.state()
            }
            Action::Done => {
                (self.done_by, self.done_at) = (Some(by), Some(at));
                self.result = step.result.map(|result| result.as_str().to_owned());
                TaskState::Done
            }
        };
        state.as_str().clone_into(&mut self.state);
        self
    }

    pub(super) fn news(&self, action: Action) -> TaskNews {
        TaskNews {
            task: TaskId(self.id),
            kind: self.kind(),
            state: self.state(),
            line: self.line.clone().map(LineId),
            action,
            claimed_by: self.claimed_by.clone(),
            assigned_to: self.assigned_to.clone().map(AgentId),
        }
    }

    /// What other programs hear of a step.
    pub(super) fn news_data(&self, step: &Step<'_>) -> serde_json::Value {
        serde_json::json!({
            "task": self.id,
            "kind": self.kind,
            "state": self.state,
            "reason": self.reason,
            "line": self.line,
            "due_at": self.due_at.map(|due| Timestamp(due).to_string()),
            "assigned_to": self.assigned_to,
            "by": step.actor,
            "result": step.result,
        })
    }

    pub(super) fn into_task(self, caller: Option<Party>) -> Task {
        Task {
            id: TaskId(self.id),
            kind: self.kind(),
            state: self.state(),
            caller,
            calls: u32::try_from(self.calls).unwrap_or(u32::MAX),
            opened_at: Timestamp(self.opened_at),
            due_at: self.due_at.map(Timestamp),
            claimed_at: self.claimed_at.map(Timestamp),
            tries: u32::try_from(self.tries).unwrap_or(u32::MAX),
            tried_at: self.tried_at.map(Timestamp),
            done_at: self.done_at.map(Timestamp),
            result: self.result.as_deref().and_then(TaskResult::read),
            reason: self.reason,
            line: self.line.map(LineId),
            claimed_by: self.claimed_by,
            assigned_to: self.assigned_to.map(AgentId),
            done_by: self.done_by,
        }
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct TaskCallRow {
    call_id: Uuid,
    at: i64,
    reason: String,
    start_ms: Option<i64>,
    length_ms: Option<i64>,
}

impl From<TaskCallRow> for TaskCall {
    fn from(row: TaskCallRow) -> Self {
        let ms = |ms: Option<i64>| ms.and_then(|ms| u64::try_from(ms).ok());
        Self {
            call: CallId(row.call_id),
            at: Timestamp(row.at),
            reason: row.reason,
            start_ms: ms(row.start_ms),
            length_ms: ms(row.length_ms),
        }
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct TaskStepRow {
    n: i64,
    at: i64,
    actor: String,
    action: String,
    result: Option<String>,
    remark: Option<String>,
    assigned_to: Option<String>,
}

impl From<TaskStepRow> for TaskStep {
    fn from(row: TaskStepRow) -> Self {
        Self {
            n: u32::try_from(row.n).unwrap_or(u32::MAX),
            at: Timestamp(row.at),
            actor: row.actor,
            action: Action::read(&row.action).unwrap_or(Action::Added),
            result: row.result.as_deref().and_then(TaskResult::read),
            remark: row.remark,
            assigned_to: row.assigned_to.map(AgentId),
        }
    }
}
