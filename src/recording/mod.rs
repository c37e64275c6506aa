//! A call's recording: one stereo WAV, left what the caller said, right exactly what the caller
//! was sent, both on one time line.
//!
//! [`Timeline`] is pure: packets in, frames of two samples out. [`RecordingFile`] writes them, the
//! [`Journal`] keeps what the disk does not hold yet, a [`SpoolFile`] what it refuses;
//! [`Finished`] is sealed under its final name, and [`repair`] takes care of what a crash left
//! behind. Threads and queues are the shell's (`net::recorder`).

mod analysis;
mod anchor;
mod channel;
mod conceal;
mod error;
mod file;
pub mod finals;
mod journal;
mod level;
mod manifest;
mod misfits;
mod pause;
mod peaks;
mod prompts;
pub mod repair;
mod resample;
mod seal;
mod speech;
pub mod spool;
mod timeline;
mod waiting;
mod wav;

pub use error::Error;
pub use file::RecordingFile;
pub use journal::{CommitJob, Journal, JournalSettings, SettleJob};
pub use prompts::{LoadedPrompt, PromptError, PromptLibrary};
pub use seal::{Finished, Particulars, SealRules, sidecars};
pub use spool::SpoolFile;
pub use timeline::{Stereo, Timeline, TimelineReport};
pub use wav::{Audio, level_dbfs, read_audio};
