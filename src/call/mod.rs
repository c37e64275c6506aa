//! One call: the B2BUA of two legs.

pub mod event;
pub mod media;

pub use event::{CallEvent, Entry, EventKind, Party};
