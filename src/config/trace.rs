//! `[trace]`: SIP messages kept for `thirdring trace`.

use std::path::PathBuf;

use bytesize::ByteSize;
use serde::Deserialize;

/// Which SIP messages are kept, and where.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Trace {
    /// The folder, made if it is missing; a relative path starts at the configuration file.
    /// Default `data/trace`.
    pub folder: PathBuf,
    /// What all messages may take on the disk, the oldest being deleted first; `0` keeps none.
    /// Default `512MB`.
    #[serde(deserialize_with = "super::size::size")]
    pub keep: ByteSize,
}

impl Trace {
    /// Less than this keeps no call.
    pub(super) const LEAST: ByteSize = ByteSize::mb(1);

    /// Whether anything is kept.
    pub const fn is_on(&self) -> bool {
        self.keep.as_u64() > 0
    }
}

impl Default for Trace {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("data/trace"),
            keep: ByteSize::mb(512),
        }
    }
}
