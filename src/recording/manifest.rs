//! What stands beside a recording for those who are to check it without us: which file, by what
//! hash, whose call, since when, what each channel is, and what is missing.
//! `deploy/docs/recordings.md` explains every key.

use std::borrow::Cow;
use std::path::Path;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::call::conduct::{Conduct, RecordingMark};
use crate::call::event::{RecordingGap, RecordingSummary};
use crate::media::ticks::SAMPLE_RATE;
use crate::rules::Timestamp;

/// Version of the form.
const VERSION: u32 = 1;

#[derive(Debug, Serialize)]
pub(super) struct Manifest<'a> {
    #[serde(rename = "manifest")]
    version: u32,
    software: &'static str,
    /// Our id of the call: the file's name.
    call: String,
    /// Second 0 of the file, RFC 3339, UTC.
    started_at: Option<String>,
    duration_ms: u64,
    recording: FileFacts<'a>,
    format: Format,
    peaks: FileFacts<'a>,
    gaps: &'a [RecordingGap],
    marks: &'a [RecordingMark],
    conduct: Option<&'a Conduct>,
}

#[derive(Debug, Serialize)]
struct FileFacts<'a> {
    path: Cow<'a, str>,
    sha256: Cow<'a, str>,
    size_bytes: u64,
}

#[derive(Debug, Serialize)]
struct Format {
    sample_rate: u32,
    bits: u32,
    frames: u64,
    channels: [&'static str; 2],
}

impl<'a> Manifest<'a> {
    pub(super) fn of(
        recording: &'a RecordingSummary,
        started_at: Option<Timestamp>,
        frames: u64,
        peaks: &[u8],
    ) -> Self {
        let path = Path::new(&recording.path);
        let call = path.file_stem().map(|name| name.to_string_lossy());
        Self {
            version: VERSION,
            software: concat!("thirdring ", env!("CARGO_PKG_VERSION")),
            call: call.unwrap_or_default().into_owned(),
            started_at: started_at.map(|at| at.to_jiff().to_string()),
            duration_ms: recording.duration_ms,
            recording: FileFacts {
                path: recording.path.as_str().into(),
                sha256: recording.sha256.as_str().into(),
                size_bytes: recording.size_bytes,
            },
            format: Format {
                sample_rate: SAMPLE_RATE,
                bits: 16,
                frames,
                channels: ["what the caller said", "what the caller was sent"],
            },
            peaks: FileFacts {
                path: path.with_extension("peaks").display().to_string().into(),
                sha256: hex::encode(Sha256::digest(peaks)).into(),
                size_bytes: peaks.len() as u64,
            },
            gaps: &recording.gaps,
            marks: &recording.marks,
            conduct: recording.conduct.as_deref(),
        }
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        // Strings and numbers under fixed names always have a JSON form.
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }
}
