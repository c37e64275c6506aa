//! What can go wrong in the store.

use sqlx::migrate::MigrateError;
use uuid::Uuid;

use crate::id::{CallId, CustomerId, DeliveryId, TaskId};
use crate::rules::Fault;

/// An error of the store, by cause.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The URL has a scheme that is no database of ours.
    #[error(
        "`{0}` names no database: write sqlite:///path/to/calls.db or postgres://user@host/name"
    )]
    UnknownScheme(String),
    /// The URL has our scheme but cannot be read.
    #[error("the database URL `{url}` cannot be read: {why}")]
    BadUrl {
        /// The URL without its password.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The database's file or its folder cannot be made.
    #[error("the database file {path} cannot be opened: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The database cannot be reached or opened.
    #[error("the database {url} cannot be opened: {source}")]
    Open {
        /// The URL without its password.
        url: String,
        /// What the driver says.
        source: sqlx::Error,
    },
    /// The database was away at the start, and what it lacks since is not all there yet.
    #[error("the database has not been brought up to date since the start")]
    NotOpen,
    /// The tables cannot be brought up to date.
    #[error("the tables of {url} cannot be brought up to date: {source}")]
    Migrate {
        /// The URL without its password.
        url: String,
        /// What the driver says.
        source: MigrateError,
    },
    /// A statement failed.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The journal on the local disk cannot be read.
    #[error("the journal: {0}")]
    Journal(#[from] std::io::Error),
    /// Something stored cannot be read by this version.
    #[error("{what} of call {call} cannot be read: {source}")]
    Unreadable {
        /// What: an event, a record.
        what: &'static str,
        /// Whose.
        call: CallId,
        /// Why.
        source: serde_json::Error,
    },
    /// Something cannot be written as JSON.
    #[error("an event cannot be written as JSON: {0}")]
    Unwritable(#[source] serde_json::Error),
    /// There is no such call.
    #[error("there is no call {0}")]
    UnknownCall(CallId),
    /// The call has no recording, or none any more.
    #[error("call {0} has no recording, or none any more")]
    NoRecording(CallId),
    /// Somebody holds the recording: it cannot be deleted (R193).
    #[error("the recording of call {0} is held; `thirdring recordings release` ends a hold")]
    Held(CallId),
    /// What the line does not take, all of it.
    #[error("{}", told(.0))]
    Unfit(Vec<Fault>),
    /// The call belongs to no line that is configured.
    #[error("the call belongs to no line of the configuration")]
    NoLine,
    /// Somebody else has set something up meanwhile.
    #[error("something else has been set up meanwhile")]
    SetupMoved,
    /// A text is too long.
    #[error("{what} has at most {most} bytes")]
    TooLong {
        /// What.
        what: &'static str,
        /// How many bytes it may have.
        most: usize,
    },
    /// There are enough of them.
    #[error("there are at most {most} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        most: u32,
    },
    /// Somebody else has written meanwhile.
    #[error("the note of call {call} has been changed meanwhile: its version is {last}")]
    NoteChanged {
        /// Whose note.
        call: CallId,
        /// The version that counts.
        last: u32,
    },
    /// The record is closed: a change says why.
    #[error("the record of call {0} is closed; say why it is changed")]
    Closed(CallId),
    /// There is nothing by this id.
    #[error("there is no record {0}")]
    NoSuchRecord(Uuid),
    /// There is no such task.
    #[error("there is no task {0}")]
    UnknownTask(TaskId),
    /// The task is not in a state in which that can be done with it.
    #[error("task {task} is {state}{}", by.as_ref().map_or_else(String::new, |by| format!(", by {by}")))]
    TaskState {
        /// Which.
        task: TaskId,
        /// `open`, `claimed` or `done`.
        state: &'static str,
        /// Whose it is, or who did it.
        by: Option<String>,
    },
    /// There is no such customer.
    #[error("there is no customer {0}")]
    UnknownCustomer(CustomerId),
    /// Somebody else has changed the customer meanwhile.
    #[error("customer {customer} has been changed meanwhile: its version is {version}")]
    CustomerChanged {
        /// Which.
        customer: CustomerId,
        /// The version that counts.
        version: u32,
    },
    /// A number belongs to another customer.
    #[error("a number belongs to customer {0} already")]
    NumberTaken(CustomerId),
    /// A customer needs a name and numbers.
    #[error("a customer needs {0}")]
    NoCustomer(&'static str),
    /// There is no such entry or matter, or none any more.
    #[error("there is nothing of id {0}")]
    NotRegistered(Uuid),
    /// Somebody else has changed it meanwhile.
    #[error("{id} has been changed meanwhile: its version is {version}")]
    RegisterChanged {
        /// What.
        id: Uuid,
        /// The version that counts.
        version: u32,
    },
    /// It cannot be written down as it is.
    #[error("it needs {0}")]
    Unregistrable(&'static str),
    /// No program is configured that could be told.
    #[error("no webhook is configured that could be told")]
    NobodyTells,
    /// There is no such delivery, or its text is not kept any more.
    #[error("there is no delivery {0}, or what it said is not kept any more")]
    UnknownDelivery(DeliveryId),
    /// There is such a user already.
    #[error("there is a user `{0}` already")]
    UserExists(String),
    /// There is no such user.
    #[error("there is no user `{0}`")]
    UnknownUser(String),
}

impl Error {
    pub(super) fn if_unfit(faults: Vec<Fault>) -> Result<(), Self> {
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Self::Unfit(faults))
        }
    }
}

fn told(faults: &[Fault]) -> String {
    let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
    faults.join("; ")
}

impl Error {
    /// Whether the database may come back by itself: its server does not answer, stops, starts,
    /// or has no connection left. A wrong password, or a database that is not there, will not.
    pub fn is_away(&self) -> bool {
        if matches!(self, Self::NotOpen) {
            return true;
        }
        if let Self::Open { source, .. } | Self::Database(source) = self {
            return is_away(source);
        }
        if let Self::Migrate { source, .. } = self
            && let MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) =
                source
        {
            return is_away(source);
        }
        false
    }
}

fn is_away(error: &sqlx::Error) -> bool {
    if let sqlx::Error::Database(told) = error {
        let code = told.code().unwrap_or_default();
        // PostgreSQL, appendix A: connection exceptions, too many connections, operator
        // intervention.
        return code.starts_with("08") || code == "53300" || code.starts_with("57P");
    }
    matches!(
        error,
        sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
    )
}
