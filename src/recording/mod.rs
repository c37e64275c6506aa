//! A call's recording: one stereo WAV, left what the caller said, right exactly what the caller
//! was sent, both on one time line.
//!
//! [`Timeline`] is pure: packets in, frames of two samples out. [`RecordingFile`] writes them,
//! [`Finished`] is sealed under its final name, and [`repair`] takes care of what a crash left
//! behind. Threads and queues are the shell's (`net::recorder`).

mod anchor;
mod channel;
mod error;
mod file;
mod misfits;
mod prompts;
pub mod repair;
mod resample;
mod timeline;
mod waiting;
mod wav;

pub use error::Error;
pub use file::{Finished, RecordingFile};
pub use prompts::{LoadedPrompt, PromptError, PromptLibrary};
pub use timeline::{Stereo, Timeline, TimelineReport};
pub use wav::{Audio, level_dbfs, read_audio};
