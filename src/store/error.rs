//! What can go wrong in the store.

use sqlx::migrate::MigrateError;

use crate::id::CallId;

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
}

impl Error {
    /// Whether the database may come back by itself: its server does not answer, stops, starts,
    /// or has no connection left. A wrong password, or a database that is not there, will not.
    pub fn is_away(&self) -> bool {
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
