//! A store whose database may be away when the service starts. Until whoever brings the database
//! up to date has said that it is, nothing else is written there: what an earlier run has left goes
//! before what this one adds, and nobody meets tables that are not there yet.

use super::engine::Engine;
use super::{DeskRules, Result, Store};

/// The right to say when others may write.
#[derive(Debug)]
pub struct Opening {
    store: Store,
    door: Store,
}

impl Store {
    /// A store of the database at `url`, which need not answer: nothing is written, and no question
    /// whether it is there is answered with yes, before [`Opening::open`]. SQLite is opened here.
    ///
    /// # Errors
    ///
    /// If the URL names no database of ours, or one in SQLite that cannot be opened.
    pub async fn connect(url: &str) -> Result<(Self, Opening)> {
        let store = Self::on(Engine::connect(url).await?);
        let door = Self {
            engine: store.engine.closed(),
            ..store.clone()
        };
        Ok((door.clone(), Opening { store, door }))
    }
}

impl Opening {
    /// The same, with what the lines ask for.
    #[must_use]
    pub fn with_desk(mut self, rules: DeskRules) -> Self {
        self.store = self.store.with_desk(rules);
        self
    }

    /// Asks for the database, and brings its tables up to date.
    ///
    /// # Errors
    ///
    /// If it is away, or cannot be migrated; it may be tried again.
    pub async fn prepare(&self) -> Result<()> {
        self.store.engine.prepare().await
    }

    /// The store as it is for whoever brings it up to date.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Whether everybody may write: a database that needs no server is open from the start.
    pub fn is_open(&self) -> bool {
        self.door.is_open()
    }

    /// From now on everybody may write.
    pub fn open(&self) {
        self.door.engine.open_door();
    }
}
