//! Recordings after their calls: verified (R192), handed out (R191), held (R193), copied, deleted.
//!
//! [`Archive`] is the one door: the service's [`Keeper`] and the command line go through it, so
//! that every look outside is written down first, and nothing that is held is ever deleted. What
//! is known of each file stands in the store (`recording_files`, `recording_holds`, `audit`).

mod audio;
mod copies;
mod copying;
mod delete;
mod error;
mod export;
mod keeper;
mod verify;

use std::path::PathBuf;

pub use copies::{Copies, CopySettings};
pub use error::Error;
pub use export::Asked;
pub use keeper::{Keeper, KeeperSettings};

use crate::store::Store;

/// What every method of the archive gives.
pub type Result<T> = std::result::Result<T, Error>;

/// The recordings that are sealed.
#[derive(Clone, Debug)]
pub struct Archive {
    store: Store,
    folder: PathBuf,
    copies: Option<Copies>,
}

impl Archive {
    /// The recordings below `folder`, which `store` knows of.
    pub const fn new(store: Store, folder: PathBuf) -> Self {
        Self {
            store,
            folder,
            copies: None,
        }
    }

    /// With copies elsewhere.
    #[must_use]
    pub fn with_copies(mut self, copies: Option<Copies>) -> Self {
        self.copies = copies;
        self
    }

    /// Whether recordings are copied elsewhere.
    pub const fn has_copies(&self) -> bool {
        self.copies.is_some()
    }
}
